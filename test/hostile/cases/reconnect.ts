import { readBlocks, writeBlocks, type HostileCase } from '../case.ts';
import type { RawOptions, RawTarget } from '../peers/raw-target.ts';
import { UNIT, type Unit } from '../peers/raw-unit.ts';

const group = 'reconnect';
const RETURNING = { maxReconnectAttempts: 3 } as const;

/** Resets the connection at the second read of the first login. */
function dropping(target: RawTarget): void {
  let reads = 0;
  target.onRead((connection) => {
    reads += 1;
    if (target.logins > 1 || reads < 2) return false;
    connection.reset();
    return true;
  });
}

/** Another unit stands behind the LUN from the second login on. */
function swapped(name: string, other: Unit, expect: string[]): HostileCase {
  const raw: RawOptions = { unit: UNIT };
  return {
    group,
    name,
    raw,
    options: RETURNING,
    use: (env) => {
      env.target.options.unit = UNIT;
      dropping(env.target);
      env.target.on(0x03, () => {
        if (env.target.logins >= 1) env.target.options.unit = other;
        return false;
      });
      return readBlocks(env);
    },
    expect,
  };
}

/** Each login but the first ends like this. */
function again(
  name: string,
  rule: (target: RawTarget) => void,
  expect: string[],
  more: Partial<HostileCase> = {},
): HostileCase {
  return {
    group,
    name,
    peer: (target) => {
      dropping(target);
      rule(target);
    },
    options: RETURNING,
    expect,
    ...more,
  };
}

const LOST = ['CONNECTION_LOST', 'TIMEOUT_COMMAND', 'CONNECTION_CLOSED'];

export const reconnectCases: readonly HostileCase[] = [
  again('and all is well', () => undefined, ['data']),
  swapped('another disk', { ...UNIT, serial: 'RAW-9999', naa: '5000c500deadbeef', seed: 3 }, ['TASK_IDENTITY_CHANGED']),
  swapped('a twin: same serial number, other name', { ...UNIT, naa: '5000c50012345679', seed: 3 }, [
    'TASK_IDENTITY_CHANGED',
  ]),
  swapped('a twin: same name, other serial number', { ...UNIT, serial: 'RAW-0002', seed: 3 }, [
    'TASK_IDENTITY_CHANGED',
  ]),
  swapped('a smaller disk', { ...UNIT, blocks: 1000, seed: 3 }, ['TASK_IDENTITY_CHANGED']),
  swapped('a larger disk', { ...UNIT, blocks: 100_000, seed: 3 }, ['TASK_IDENTITY_CHANGED']),
  swapped('other blocks', { ...UNIT, blockSize: 4096, seed: 3 }, ['TASK_IDENTITY_CHANGED']),
  again(
    'the login is refused',
    (target) => {
      target.on(0x03, (connection, request) => {
        if (target.logins < 1) return false;
        connection.login(request, { flags: 0, word36: 0x03010000, byte2: 0, data: Buffer.alloc(0) });
        return true;
      });
    },
    LOST,
  ),
  again(
    'authentication is refused',
    (target) => {
      target.on(0x03, (connection, request) => {
        if (target.logins < 1) return false;
        connection.login(request, { flags: 0, word36: 0x02010000, byte2: 0, data: Buffer.alloc(0) });
        return true;
      });
    },
    ['AUTH_REFUSED', ...LOST],
  ),
  again(
    'the portal says nothing any more',
    (target) => {
      target.on(0x03, () => target.logins >= 1);
    },
    LOST,
  ),
  again(
    'the connection is closed at once, every time',
    (target) => {
      target.onAccept = (connection) => {
        if (target.logins >= 1) connection.end();
      };
    },
    LOST,
  ),
  again(
    'banners in place of a login',
    (target) => {
      target.on(0x03, (connection) => {
        if (target.logins < 1) return false;
        connection.raw(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'.repeat(8)));
        return true;
      });
    },
    ['PROTOCOL_UNEXPECTED', ...LOST],
  ),
  again(
    'a stale status number',
    (target) => {
      target.on(0x01, (connection) => {
        if (target.logins > 1) connection.statSn = 1;
        return false;
      });
    },
    ['PROTOCOL_SEQUENCE', 'TASK_IDENTITY_CHANGED', ...LOST],
  ),
  again(
    'a window that stays closed',
    (target) => {
      target.on(0x03, (connection, request) => {
        if (target.logins < 1) return false;
        connection.login(request, { expCmdSn: request.cmdSn, maxCmdSn: (request.cmdSn - 1) >>> 0 });
        return true;
      });
    },
    ['TIMEOUT_COMMAND', 'TASK_IDENTITY_CHANGED', ...LOST],
    { limitMs: 6000 },
  ),
  again(
    'the unit is gone',
    (target) => {
      target.on(0x01, (connection, request) => {
        if (target.logins < 2) return false;
        connection.send({ opcode: 0x21, itt: request.itt, byte3: 2 });
        return true;
      });
    },
    ['TASK_IDENTITY_CHANGED', ...LOST],
  ),
  again(
    'the unit says nothing about itself',
    (target) => {
      target.on(0x01, () => target.logins >= 2);
    },
    ['TASK_IDENTITY_CHANGED', ...LOST],
    { limitMs: 6000 },
  ),
  again(
    'the identity is cut short',
    (target) => {
      target.on(0x01, (connection, request) => {
        if (target.logins < 2 || request.cdb[0] !== 0x12) return false;
        connection.send({ opcode: 0x21, flags: 0x82, itt: request.itt, word44: request.bhs.readUInt32BE(20) });
        return true;
      });
    },
    ['TASK_IDENTITY_CHANGED', ...LOST],
  ),
  again(
    'a unit attention first',
    (target) => {
      let told = 0;
      target.on(0x01, (connection, request) => {
        if (target.logins < 2 || told >= 2) return false;
        told += 1;
        const sense = Buffer.alloc(20);
        sense.set([0, 18, 0x70, 0, 0x06, 0, 0, 0, 0, 10]);
        sense[14] = 0x29;
        connection.send({ opcode: 0x21, itt: request.itt, byte3: 2, data: sense });
        return true;
      });
    },
    ['data'],
  ),
  again(
    'unit attentions for ever',
    (target) => {
      target.on(0x01, (connection, request) => {
        if (target.logins < 2) return false;
        const sense = Buffer.alloc(20);
        sense.set([0, 18, 0x70, 0, 0x06, 0, 0, 0, 0, 10]);
        sense[14] = 0x29;
        connection.send({ opcode: 0x21, itt: request.itt, byte3: 2, data: sense });
        return true;
      });
    },
    ['TASK_IDENTITY_CHANGED', ...LOST],
  ),
  again(
    'a handle of zero',
    (target) => {
      target.on(0x03, () => {
        if (target.logins >= 1) target.tsih = 0;
        return false;
      });
    },
    ['data'],
  ),
  {
    group,
    name: 'a write asked for while away goes to the same unit',
    peer: dropping,
    options: RETURNING,
    use: async (env) => ((await readBlocks(env)) === 'data' ? writeBlocks(env) : 'WRONG DATA'),
    expect: ['data'],
  },
  {
    group,
    name: 'connections that end after every read',
    peer: (target) => {
      let reads = 0;
      target.onRead((connection, request) => {
        reads += 1;
        if (reads % 2 === 0) return false;
        connection.answer(request);
        connection.end();
        return true;
      });
    },
    options: RETURNING,
    expect: ['data', ...LOST],
  },
];
