import { createHash } from 'node:crypto';
import { logIn, type HostileCase } from '../case.ts';
import type { RawConnection, RawTarget } from '../peers/raw-target.ts';
import { keys, readKeys, type Answer, type Request } from '../peers/wire.ts';

const group = 'login';

function stage(request: Request): number {
  return (request.flags >> 2) & 3;
}

/** Answers operational keys with these instead of the right ones. */
function answering(extra: Record<string, string>): (target: RawTarget) => void {
  return (target) => {
    target.on(0x03, (connection, request) => {
      if (stage(request) !== 1) return false;
      connection.login(request, {}, extra);
      return true;
    });
  };
}

function first(
  answer: (connection: RawConnection, request: Request) => Partial<Answer>,
  at = 0,
): (target: RawTarget) => void {
  return (target) => {
    target.on(0x03, (connection, request) => {
      if (stage(request) !== at) return false;
      connection.login(request, answer(connection, request));
      return true;
    });
  };
}

function refused(status: number): (target: RawTarget) => void {
  return first(() => ({ flags: 0, word36: status * 65536, byte2: 0, data: Buffer.alloc(0) }));
}

const KEYS: Record<string, Record<string, string>> = {
  'a burst of "banana"': { MaxBurstLength: 'banana' },
  'a burst of -1': { MaxBurstLength: '-1' },
  'a burst of 1e9': { MaxBurstLength: '1e9' },
  'a burst above its range': { MaxBurstLength: '16777216' },
  'a burst below its range': { MaxBurstLength: '511' },
  'a larger burst than was offered': { MaxBurstLength: '16000000' },
  'a burst with blanks': { MaxBurstLength: ' 4096' },
  'an empty burst': { MaxBurstLength: '' },
  'a burst in hex beyond 64 bits': { MaxBurstLength: `0x${'f'.repeat(40)}` },
  'a first burst of NaN': { FirstBurstLength: 'NaN' },
  'a segment length of 0': { MaxRecvDataSegmentLength: '0' },
  'a segment length of 511': { MaxRecvDataSegmentLength: '511' },
  'InitialR2T=Maybe': { InitialR2T: 'Maybe' },
  'ImmediateData=yes': { ImmediateData: 'yes' },
  'a digest nobody offered': { HeaderDigest: 'CRC64' },
  'CRC32C where None was offered': { DataDigest: 'CRC32C' },
  'error recovery level 3': { ErrorRecoveryLevel: '3' },
  'more connections than offered': { MaxConnections: '70000' },
  'MaxOutstandingR2T=0': { MaxOutstandingR2T: '0' },
  'DataPDUInOrder=1': { DataPDUInOrder: '1' },
};

const keyCases = Object.entries(KEYS).map(([name, extra]): HostileCase => ({
  group,
  name: `answers ${name}`,
  peer: answering(extra),
  use: logIn,
  expect: ['LOGIN_NEGOTIATION'],
}));

const STATUSES: Record<number, string[]> = {
  0x0200: ['LOGIN_REFUSED'],
  0x0201: ['AUTH_REFUSED'],
  0x0202: ['LOGIN_REFUSED'],
  0x0203: ['LOGIN_REFUSED'],
  0x0204: ['LOGIN_REFUSED'],
  0x0205: ['LOGIN_REFUSED'],
  0x0206: ['LOGIN_REFUSED'],
  0x0207: ['LOGIN_REFUSED'],
  0x020a: ['LOGIN_REFUSED'],
  0x0300: ['LOGIN_REFUSED'],
  0x0301: ['LOGIN_REFUSED'],
  0x0302: ['LOGIN_REFUSED'],
  0x0499: ['LOGIN_REFUSED'],
  0xffff: ['LOGIN_REFUSED'],
};

const statusCases = Object.entries(STATUSES).map(([status, expect]): HostileCase => ({
  group,
  name: `refuses with ${Number(status).toString(16).padStart(4, '0')}`,
  peer: refused(Number(status)),
  use: logIn,
  expect,
}));

/** A text of login keys in place of the right one, in the stage given. */
function text(data: string | Buffer, at = 1, more: Partial<Answer> = {}): (target: RawTarget) => void {
  return first(() => ({ data: Buffer.from(data), ...more }), at);
}

export const loginCases: readonly HostileCase[] = [
  ...keyCases,
  ...statusCases,
  {
    group,
    name: 'text that is not UTF-8',
    peer: text(Buffer.from([0x41, 0x3d, 0xc3, 0x28, 0])),
    use: logIn,
    expect: ['PROTOCOL_MALFORMED'],
  },
  {
    group,
    name: 'text without an equals sign',
    peer: text('MaxBurstLength\0'),
    use: logIn,
    expect: ['PROTOCOL_MALFORMED'],
  },
  { group, name: 'text without a key', peer: text('=4096\0'), use: logIn, expect: ['PROTOCOL_MALFORMED'] },
  {
    group,
    name: 'a key of 4,000 characters',
    peer: text(`${'K'.repeat(4000)}=1\0`),
    use: logIn,
    expect: ['PROTOCOL_MALFORMED'],
  },
  {
    group,
    name: 'the same key twice',
    peer: text('InitialR2T=Yes\0InitialR2T=No\0'),
    use: logIn,
    expect: ['LOGIN_NEGOTIATION'],
  },
  {
    group,
    name: 'a key called __proto__',
    peer: answering({ __proto__x: '1', constructor: 'x' }),
    use: logIn,
    expect: ['data', 'LOGIN_NEGOTIATION'],
  },
  {
    group,
    name: '__proto__=x',
    peer: text('__proto__=x\0'),
    use: logIn,
    expect: ['LOGIN_NEGOTIATION', 'PROTOCOL_MALFORMED', 'data'],
  },
  {
    group,
    name: 'two thousand keys',
    peer: text(Array.from({ length: 800 }, (_, i) => `X-k${String(i)}=1\0`).join('')),
    use: logIn,
    expect: ['LOGIN_NEGOTIATION', 'PROTOCOL_TOO_LARGE'],
  },
  {
    group,
    name: 'text that never ends (C bit)',
    peer: first(() => ({ flags: 0x44, data: Buffer.alloc(4096, 'A=b\0') }), 1),
    use: logIn,
    expect: ['PROTOCOL_TOO_LARGE', 'LOGIN_NEGOTIATION', 'LOGIN_TIMEOUT'],
  },
  {
    group,
    name: 'T and C together',
    peer: first(() => ({ flags: 0xc7 }), 1),
    use: logIn,
    expect: ['PROTOCOL_UNEXPECTED', 'PROTOCOL_MALFORMED'],
  },
  {
    group,
    name: 'jumps to full feature phase from security',
    peer: first(() => ({ flags: 0x83 })),
    use: logIn,
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  {
    group,
    name: 'goes on to the reserved stage',
    peer: first(() => ({ flags: 0x82 })),
    use: logIn,
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  {
    group,
    name: 'goes back to the security stage',
    peer: first(() => ({ flags: 0x81 }), 1),
    use: logIn,
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  {
    group,
    name: 'never lets the stage end',
    peer: first(() => ({ flags: 0x00, data: Buffer.alloc(0) })),
    use: logIn,
    expect: ['LOGIN_NEGOTIATION'],
  },
  {
    group,
    name: 'a version that does not exist',
    peer: first(() => ({ byte3: 9 })),
    use: logIn,
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  {
    group,
    name: 'another task tag',
    peer: first(() => ({ itt: 0x1234 })),
    use: logIn,
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  {
    group,
    name: 'another ISID',
    peer: first(() => ({ lun: Buffer.from('0102030405060000', 'hex') })),
    use: logIn,
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  {
    group,
    name: 'a redirect to nowhere',
    peer: first(() => ({ flags: 0, word36: 0x01010000, byte2: 0, data: Buffer.alloc(0) })),
    use: logIn,
    expect: ['LOGIN_REDIRECT'],
  },
  {
    group,
    name: 'a redirect to a word',
    peer: first(() => ({ flags: 0, word36: 0x01020000, byte2: 0, data: keys({ TargetAddress: '[:::banana' }) })),
    use: logIn,
    expect: ['LOGIN_REDIRECT'],
  },
  {
    group,
    name: 'redirects to itself for ever',
    peer: () => undefined,
    use: (env) => {
      env.target.on(0x03, (connection, request) => {
        const data = keys({ TargetAddress: `127.0.0.1:${String(env.port)},1` });
        connection.login(request, { flags: 0, word36: 0x01010000, byte2: 0, data });
        return true;
      });
      return logIn(env);
    },
    expect: ['LOGIN_REDIRECT'],
  },
  {
    group,
    name: 'a SCSI Response in the middle of the login',
    peer: (target) => {
      target.on(0x03, (connection) => {
        connection.send({ opcode: 0x21, itt: 0 });
        return true;
      });
    },
    use: logIn,
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  {
    group,
    name: 'a Reject of the login',
    peer: (target) => {
      target.on(0x03, (connection, request) => {
        connection.send({ opcode: 0x3f, byte2: 0x04, data: request.bhs });
        return true;
      });
    },
    use: logIn,
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  {
    group,
    name: 'answers every login twice',
    peer: (target) => {
      target.on(0x03, (connection, request) => {
        connection.login(request);
        connection.login(request);
        return true;
      });
    },
    use: logIn,
    expect: ['PROTOCOL_UNEXPECTED', 'LOGIN_NEGOTIATION'],
  },
  {
    group,
    name: 'stays silent in the operational stage',
    peer: (target) => {
      target.on(0x03, (_connection, request) => stage(request) === 1);
    },
    use: logIn,
    expect: ['LOGIN_TIMEOUT'],
  },
  {
    group,
    name: 'leaves the deadline of the login behind once it is over',
    peer: (target) => {
      let reads = 0;
      target.onRead((connection, request) => {
        reads += 1;
        if (reads !== 2) return false;
        setTimeout(() => {
          connection.answer(request);
        }, 900);
        return true;
      });
    },
    options: { loginTimeoutMs: 500, connectTimeoutMs: 300, commandTimeoutMs: 3000 },
    expect: ['data'],
  },
];

/** A CHAP exchange in which `lie` changes what a right target would send. */
function chap(
  lie: (step: 'algorithm' | 'challenge' | 'proof', answers: Record<string, string>, seen: Map<string, string>) => void,
) {
  return (target: RawTarget): void => {
    let step = 0;
    target.on(0x03, (connection, request) => {
      if (stage(request) !== 0) return false;
      const seen = readKeys(request.data);
      if (seen.has('AuthMethod')) step = 0;
      step += 1;
      const answers: Record<string, string> = {};
      if (step === 1) Object.assign(answers, { AuthMethod: 'CHAP', TargetPortalGroupTag: '1' });
      else if (step === 2) {
        Object.assign(answers, { CHAP_A: '5', CHAP_I: '7', CHAP_C: `0x${'a5'.repeat(16)}` });
        lie('challenge', answers, seen);
      } else {
        const challenge = Buffer.from((seen.get('CHAP_C') ?? '0x').slice(2), 'hex');
        const id = Number(seen.get('CHAP_I') ?? '0');
        const hash = createHash('md5')
          .update(Buffer.concat([Buffer.from([id]), Buffer.from('targetsecret'), challenge]))
          .digest('hex');
        if (seen.has('CHAP_C')) Object.assign(answers, { CHAP_N: 'target', CHAP_R: `0x${hash}` });
        lie('proof', answers, seen);
      }
      connection.login(request, { flags: step === 3 ? 0x81 : 0, data: keys(answers) });
      return true;
    });
  };
}

const MUTUAL = { chap: { user: 'me', secret: 'initiatorsecret', mutual: { user: 'target', secret: 'targetsecret' } } };
const AUTH = ['AUTH_TARGET_UNPROVEN', 'AUTH_CHALLENGE', 'AUTH_METHOD', 'LOGIN_NEGOTIATION'];

function chapCase(name: string, lie: Parameters<typeof chap>[0], expect = AUTH): HostileCase {
  return { group: 'chap', name, peer: chap(lie), options: MUTUAL, use: logIn, expect };
}

export const chapCases: readonly HostileCase[] = [
  chapCase('a right one, for comparison', () => undefined, ['data']),
  chapCase('proves itself with the wrong secret', (step, answers) => {
    if (step === 'proof') answers['CHAP_R'] = `0x${'00'.repeat(16)}`;
  }),
  chapCase('does not prove itself', (step, answers) => {
    if (step === 'proof') for (const key of Object.keys(answers)) Reflect.deleteProperty(answers, key);
  }),
  chapCase('gives another name', (step, answers) => {
    if (step === 'proof') answers['CHAP_N'] = 'mallory';
  }),
  chapCase('sends our own proof back', (step, answers, seen) => {
    if (step === 'proof') answers['CHAP_R'] = seen.get('CHAP_R') ?? '';
  }),
  chapCase('a proof that is cut', (step, answers) => {
    if (step === 'proof') answers['CHAP_R'] = (answers['CHAP_R'] ?? '').slice(0, 10);
  }),
  chapCase('a proof in no encoding at all', (step, answers) => {
    if (step === 'proof') answers['CHAP_R'] = 'zz-top';
  }),
  chapCase('a challenge of nothing', (step, answers) => {
    if (step === 'challenge') answers['CHAP_C'] = '0x';
  }),
  chapCase('a challenge of 4,000 bytes', (step, answers) => {
    if (step === 'challenge') answers['CHAP_C'] = `0x${'a5'.repeat(3500)}`;
  }),
  chapCase(
    'an odd number of hex digits',
    (step, answers) => {
      if (step === 'challenge') answers['CHAP_C'] = '0xabc';
    },
    [...AUTH, 'data', 'AUTH_REFUSED'],
  ),
  chapCase('an algorithm nobody offered', (step, answers) => {
    if (step === 'challenge') answers['CHAP_A'] = '99';
  }),
  chapCase('an identifier of 256', (step, answers) => {
    if (step === 'challenge') answers['CHAP_I'] = '256';
  }),
  chapCase('an identifier in words', (step, answers) => {
    if (step === 'challenge') answers['CHAP_I'] = 'seven';
  }),
  chapCase('no challenge', (step, answers) => {
    if (step === 'challenge') Reflect.deleteProperty(answers, 'CHAP_C');
  }),
  {
    group: 'chap',
    name: 'lets everyone in where proof was asked for',
    options: MUTUAL,
    use: logIn,
    expect: ['AUTH_METHOD', 'LOGIN_NEGOTIATION', 'AUTH_TARGET_UNPROVEN', 'PROTOCOL_UNEXPECTED'],
  },
];
