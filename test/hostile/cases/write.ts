import { writeBlocks, type HostileCase } from '../case.ts';
import type { RawConnection, RawTarget } from '../peers/raw-target.ts';
import type { Request } from '../peers/wire.ts';
import { atEveryStage } from '../stages.ts';

const group = 'R2T';
const UNKNOWN = ['PROTOCOL_DATA', 'TASK_UNKNOWN_OUTCOME'];

function r2t(
  connection: RawConnection,
  request: Request,
  sn: number,
  offset: number,
  length: number,
  more: object = {},
): void {
  connection.send(
    { opcode: 0x31, itt: request.itt, ttt: 0x200 + sn, word36: sn, word40: offset, word44: length, ...more },
    false,
  );
}

function onWrite(fault: (connection: RawConnection, request: Request) => void): (target: RawTarget) => void {
  return (target) => {
    target.onWrite((connection, request) => {
      fault(connection, request);
      return true;
    });
  };
}

function write(
  name: string,
  fault: (connection: RawConnection, request: Request) => void,
  expect = UNKNOWN,
): HostileCase {
  return {
    group,
    name,
    peer: onWrite(fault),
    use: writeBlocks,
    expect,
    options: { immediateData: false, initialR2T: true },
  };
}

const faults: readonly HostileCase[] = [
  write('past the end of the transfer', (c, r) => {
    r2t(c, r, 0, 2048, 4096);
  }),
  write('at an offset of 4 GiB', (c, r) => {
    r2t(c, r, 0, 0xfffff000, 4096);
  }),
  write('for no bytes', (c, r) => {
    r2t(c, r, 0, 0, 0);
  }),
  write('for more than MaxBurstLength', (c, r) => {
    r2t(c, r, 0, 0, 0xffffff);
  }),
  write('with the reserved transfer tag', (c, r) => {
    r2t(c, r, 0, 0, 4096, { ttt: 0xffffffff });
  }),
  write('with data of its own', (c, r) => {
    r2t(c, r, 0, 0, 4096, { data: Buffer.alloc(64) });
  }),
  write('numbered from 5', (c, r) => {
    r2t(c, r, 5, 0, 4096);
  }),
  write('out of order', (c, r) => {
    r2t(c, r, 0, 2048, 1024);
  }),
  write('for the same bytes for ever', (c, r) => {
    for (let i = 0; i < 2000; i += 1) r2t(c, r, i, 0, 512);
  }),
  write(
    'for a task that is not there',
    (c, r) => {
      r2t(c, { ...r, itt: 0x7ffe0001 }, 0, 0, 512);
    },
    ['PROTOCOL_UNEXPECTED', 'TASK_UNKNOWN_OUTCOME'],
  ),
  {
    group,
    name: 'for a read',
    peer: (target) => {
      target.onRead((connection, request) => {
        r2t(connection, request, 0, 0, 512);
        return true;
      });
    },
    expect: ['PROTOCOL_DATA'],
  },
  write('never comes', () => undefined, ['TIMEOUT_COMMAND']),
  write(
    'comes a byte at a time, for ever',
    (c, r) => {
      r2t(c, r, 0, 0, 1);
      c.target.on(0x05, (connection, request) => {
        const offset = request.bhs.readUInt32BE(40) % 4095;
        r2t(connection, request, connection.target.received.length, offset, 1);
        return true;
      });
    },
    [...UNKNOWN, 'TIMEOUT_COMMAND', 'PROTOCOL_SEQUENCE'],
  ),
  write(
    'GOOD before any data was asked for',
    (c, r) => {
      c.send({ opcode: 0x21, itt: r.itt });
    },
    ['PROTOCOL_DATA', 'SCSI_SHORT_DATA'],
  ),
  write(
    'GOOD with a residual after half the data',
    (c, r) => {
      r2t(c, r, 0, 0, 2048);
      c.send({ opcode: 0x21, flags: 0x82, itt: r.itt, word44: 2048 });
    },
    ['SCSI_SHORT_DATA'],
  ),
  write(
    'closes in the middle of the data',
    (c, r) => {
      r2t(c, r, 0, 0, 4096);
      c.target.on(0x05, (connection) => {
        connection.reset();
        return true;
      });
    },
    ['TASK_UNKNOWN_OUTCOME'],
  ),
  write('Data-In for a write', (c, r) => {
    c.send({ opcode: 0x25, flags: 0x80, itt: r.itt, statSn: 0, data: Buffer.alloc(512) }, false);
  }),
  {
    group,
    name: 'a Reject of Data-Out, then CHECK CONDITION',
    peer: (target) => {
      target.on(0x05, (connection, request) => {
        connection.send({ opcode: 0x3f, byte2: 0x02, data: request.bhs });
        const sense = Buffer.alloc(20);
        sense.set([0, 18, 0x70, 0, 0x0b, 0, 0, 0, 0, 10]);
        sense[14] = 0x47;
        sense[15] = 0x05;
        connection.send({ opcode: 0x21, itt: request.itt, byte3: 2, data: sense });
        return true;
      });
    },
    use: writeBlocks,
    options: { immediateData: false, initialR2T: true },
    expect: ['SCSI_CHECK_CONDITION'],
  },
];

export const writeCases: readonly HostileCase[] = [
  ...atEveryStage(faults),
  {
    group,
    name: 'none at all: the write is right',
    use: writeBlocks,
    expect: ['data'],
  },
  {
    group,
    name: 'a write whose status is lost, then a reconnect: not sent again',
    peer: (target) => {
      target.onWrite((connection) => {
        connection.reset();
        return true;
      });
    },
    use: async (env) => {
      const ended = await writeBlocks(env).catch((error: unknown) => error);
      const sent = env.target.received.filter((each) => each.opcode === 0x01 && each.cdb[0] === 0x2a).length;
      if (sent !== 1) return `SENT ${String(sent)} TIMES`;
      if (typeof ended === 'string') return ended;
      throw ended;
    },
    options: { maxReconnectAttempts: 3 },
    expect: ['TASK_UNKNOWN_OUTCOME'],
  },
];
