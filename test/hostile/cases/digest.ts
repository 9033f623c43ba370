import type { HostileCase } from '../case.ts';
import type { RawTarget } from '../peers/raw-target.ts';
import { crc32c } from '../peers/wire.ts';

function damaged(header: boolean, where: 'digest' | 'bytes', login = 1): (target: RawTarget) => void {
  return (target) => {
    target.onRead((connection) => {
      if (target.logins !== login) return false;
      const send = connection.pipe.send.bind(connection.pipe);
      connection.pipe.send = (bytes) => {
        const copy = Buffer.from(bytes);
        const at = header ? (where === 'digest' ? 48 : 30) : where === 'digest' ? copy.length - 1 : 60;
        copy[at] = (copy[at] ?? 0) ^ 0x40;
        connection.pipe.send = send;
        send(copy);
      };
      return false;
    });
  };
}

const DIGESTS = { headerDigest: ['CRC32C'], dataDigest: ['CRC32C'] } as const;
const digests: HostileCase[] = [
  { group: 'digest', name: 'right ones', options: DIGESTS, expect: ['data'] },
  {
    group: 'digest',
    name: 'a wrong header digest',
    peer: damaged(true, 'digest'),
    options: DIGESTS,
    expect: ['PROTOCOL_DIGEST'],
  },
  {
    group: 'digest',
    name: 'a damaged header',
    peer: damaged(true, 'bytes'),
    options: DIGESTS,
    expect: ['PROTOCOL_DIGEST'],
  },
  {
    group: 'digest',
    name: 'a wrong data digest',
    peer: damaged(false, 'digest'),
    options: DIGESTS,
    expect: ['PROTOCOL_DIGEST'],
  },
  {
    group: 'digest',
    name: 'damaged data',
    peer: damaged(false, 'bytes'),
    options: DIGESTS,
    expect: ['PROTOCOL_DIGEST'],
  },
  {
    group: 'digest',
    name: 'damaged data, read again after a reconnect',
    peer: damaged(false, 'bytes'),
    options: { ...DIGESTS, maxReconnectAttempts: 3 },
    expect: ['data'],
  },
  {
    group: 'digest',
    name: 'a damaged header, read again after a reconnect',
    peer: damaged(true, 'bytes'),
    options: { ...DIGESTS, maxReconnectAttempts: 3 },
    expect: ['data'],
  },
  {
    group: 'digest',
    name: 'digests agreed to and left out',
    options: DIGESTS,
    peer: (target) => {
      target.onRead((connection) => {
        connection.digests.header = false;
        connection.digests.data = false;
        return false;
      });
    },
    expect: ['PROTOCOL_DIGEST', 'PROTOCOL_UNEXPECTED', 'PROTOCOL_TOO_LARGE', 'TIMEOUT_COMMAND'],
  },
  {
    group: 'digest',
    name: `the checksum of "123456789" is e3069283 (${crc32c(Buffer.from('123456789')).toString(16)})`,
    use: () => Promise.resolve(crc32c(Buffer.from('123456789')) === 0xe3069283 ? 'data' : 'WRONG'),
    expect: ['data'],
  },
];

const DAMAGE: Record<string, [header: boolean, where: 'digest' | 'bytes']> = {
  'a wrong header digest': [true, 'digest'],
  'a damaged header': [true, 'bytes'],
  'a wrong data digest': [false, 'digest'],
  'damaged data': [false, 'bytes'],
};
/** The same damage to the connection that came back. */
const damagedAgain = Object.entries(DAMAGE).map(([name, [header, where]]): HostileCase => ({
  group: 'digest',
  name: `${name}, after a reconnect`,
  peer: (target) => {
    target.onRead((connection) => {
      if (target.logins > 1) return false;
      connection.reset();
      return true;
    });
    damaged(header, where, 2)(target);
  },
  options: { ...DIGESTS, maxReconnectAttempts: 3 },
  expect: ['PROTOCOL_DIGEST'],
}));

/** Checksums and bytes that are wrong. */
export const digestCases: readonly HostileCase[] = [...digests, ...damagedAgain];
