import type { Socket } from 'node:net';
import { discoverTargets, logIn, writeBlocks, type HostileCase } from '../case.ts';
import { atEveryStage } from '../stages.ts';

const group = 'transport';

function says(bytes: string | Uint8Array): (socket: Socket) => void {
  return (socket) => {
    socket.write(bytes);
    socket.on('data', () => undefined);
  };
}

const BANNERS: Record<string, string> = {
  'an SSH server': 'SSH-2.0-OpenSSH_9.6\r\n',
  'an HTTP server': 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n',
  'an SMTP server': '220 mail.example.net ESMTP ready and waiting for you\r\n',
  'a TLS server': '\x15\x03\x01\x00\x02\x02\x46',
  zeros: '\0'.repeat(4096),
  ones: '\xff'.repeat(4096),
};

const banners: HostileCase[] = Object.entries(BANNERS).map(([what, bytes]) => ({
  group,
  name: `${what} answers`,
  socket: says(Buffer.from(bytes, 'latin1')),
  expect: ['PROTOCOL_UNEXPECTED', 'PROTOCOL_TOO_LARGE', 'LOGIN_TIMEOUT'],
  use: logIn,
}));

const garbage: HostileCase[] = Array.from({ length: 12 }, (_, seed) => ({
  group,
  name: `random bytes, seed ${String(seed)}`,
  socket: (socket) => {
    const bytes = Buffer.alloc(8192);
    let state = seed * 7919 + 1;
    for (let i = 0; i < bytes.length; i += 1) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      bytes[i] = state >>> 16;
    }
    // A likely opcode, so that the rest is looked at too.
    bytes[0] = seed % 3 === 0 ? 0x23 : (bytes[0] ?? 0);
    socket.write(bytes);
  },
  use: logIn,
  expect: [
    'PROTOCOL_UNEXPECTED',
    'PROTOCOL_TOO_LARGE',
    'PROTOCOL_MALFORMED',
    'LOGIN_NEGOTIATION',
    'LOGIN_REFUSED',
    'LOGIN_TIMEOUT',
    'AUTH_REFUSED',
    'LOGIN_REDIRECT',
  ],
}));

const badHeaders: readonly HostileCase[] = [
  {
    group,
    name: 'a header that claims 16 MiB of data',
    peer: (target) => {
      target.onRead((connection, request) => {
        connection.send({ opcode: 0x25, itt: request.itt, claim: 0xffffff, data: Buffer.alloc(64) });
        return true;
      });
    },
    expect: ['PROTOCOL_TOO_LARGE'],
  },
  {
    group,
    name: 'a header with 1,020 bytes of additional headers',
    peer: (target) => {
      target.onRead((connection, request) => {
        connection.send({ opcode: 0x21, itt: request.itt, ahsWords: 255 });
        return true;
      });
    },
    expect: ['PROTOCOL_DATA', 'PROTOCOL_MALFORMED', 'PROTOCOL_UNEXPECTED'],
  },
  ...[0x00, 0x01, 0x05, 0x10, 0x1c, 0x27, 0x30, 0x33, 0x3e].map((opcode): HostileCase => ({
    group,
    name: `opcode ${opcode.toString(16)} from the target`,
    peer: (target) => {
      target.onRead((connection, request) => {
        connection.send({ opcode, itt: request.itt });
        return true;
      });
    },
    expect: ['PROTOCOL_UNEXPECTED'],
  })),
];

export const transportCases: readonly HostileCase[] = [
  ...banners,
  ...garbage,
  {
    group,
    name: 'accepts and says nothing',
    socket: (socket) => void socket.resume(),
    use: logIn,
    expect: ['LOGIN_TIMEOUT'],
  },
  {
    group,
    name: 'accepts and does not read',
    socket: (socket) => void socket.pause(),
    use: logIn,
    expect: ['LOGIN_TIMEOUT'],
  },
  {
    group,
    name: 'closes at once',
    socket: (socket) => void socket.end(),
    use: logIn,
    expect: ['CONNECTION_CLOSED', 'CONNECTION_LOST'],
  },
  {
    group,
    name: 'resets at once',
    socket: (socket) => void socket.resetAndDestroy(),
    use: logIn,
    expect: ['CONNECTION_LOST', 'CONNECTION_CLOSED', 'CONNECT_REFUSED'],
  },
  {
    group,
    name: 'closes in the middle of a header',
    socket: (socket) => {
      socket.once('data', () => socket.end(Buffer.from('2381', 'hex')));
    },
    use: logIn,
    expect: ['CONNECTION_CLOSED', 'CONNECTION_LOST'],
  },
  {
    group,
    name: 'sends a login answer one byte a millisecond, for ever',
    socket: (socket) => {
      const timer = setInterval(() => socket.write(Buffer.from([0x23])), 1);
      socket.on('close', () => {
        clearInterval(timer);
      });
      socket.on('data', () => undefined);
    },
    use: logIn,
    expect: ['LOGIN_TIMEOUT', 'PROTOCOL_TOO_LARGE', 'PROTOCOL_UNEXPECTED'],
  },
  {
    group,
    name: 'sends everything one byte at a time, and is right',
    peer: (target) => {
      target.onAccept = (connection) => {
        const send = connection.pipe.send.bind(connection.pipe);
        connection.pipe.send = (bytes) => {
          for (const byte of bytes) send(Uint8Array.of(byte));
        };
      };
    },
    options: { commandTimeoutMs: 5000 },
    limitMs: 10_000,
    expect: ['data'],
  },
  {
    group,
    name: 'stops in the middle of Data-In',
    peer: (target) => {
      target.onRead((connection, request) => {
        const bytes = Buffer.alloc(48 + 512);
        bytes.set([0x25, 0x80, 0, 0, 0, 0, 0x10, 0]);
        bytes.writeUInt32BE(request.itt, 16);
        bytes.writeUInt32BE(0xffffffff, 20);
        connection.raw(bytes);
        return true;
      });
    },
    expect: ['TIMEOUT_COMMAND'],
  },
  {
    group,
    name: 'stops reading for good in the middle of a write',
    peer: (target) => {
      target.on(0x05, () => true);
    },
    options: { immediateData: false, initialR2T: true },
    use: writeBlocks,
    expect: ['TIMEOUT_COMMAND', 'TASK_UNKNOWN_OUTCOME'],
  },
  {
    group,
    name: 'half-closes after the login',
    peer: (target) => {
      target.on(0x01, (connection) => {
        connection.end();
        return true;
      });
    },
    expect: ['CONNECTION_CLOSED', 'CONNECTION_LOST'],
  },
  {
    group,
    name: 'vanishes: every answer stops, the connection stays',
    peer: (target) => {
      target.onRead((connection) => {
        connection.closed = true;
        return true;
      });
    },
    options: { keepaliveIntervalMs: 200, keepaliveTimeoutMs: 200 },
    expect: ['TIMEOUT_KEEPALIVE', 'TIMEOUT_COMMAND'],
  },
  {
    group,
    name: 'a portal that speaks after it closed',
    socket: (socket) => {
      socket.end('late');
    },
    use: logIn,
    expect: ['CONNECTION_CLOSED', 'CONNECTION_LOST', 'PROTOCOL_UNEXPECTED'],
  },
  {
    group,
    name: 'discovery of a portal that says nothing',
    socket: (socket) => void socket.resume(),
    use: discoverTargets(),
    expect: ['LOGIN_TIMEOUT'],
  },
  ...atEveryStage(badHeaders),
];
