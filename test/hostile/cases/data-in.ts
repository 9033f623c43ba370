import type { HostileCase } from '../case.ts';
import type { RawConnection, RawTarget } from '../peers/raw-target.ts';
import { pattern, rangeOf } from '../peers/raw-unit.ts';
import type { Request } from '../peers/wire.ts';

type Fault = (connection: RawConnection, request: Request) => void;

/** One Data-In of a read: a piece of what was asked for. */
function piece(
  connection: RawConnection,
  request: Request,
  sn: number,
  from: number,
  length: number,
  more: object = {},
): void {
  const { lba, blocks } = rangeOf(request);
  const data = pattern(connection.target.unit, lba, blocks + 8).subarray(from, from + length);
  connection.send(
    { opcode: 0x25, flags: 0, itt: request.itt, statSn: 0, word36: sn, word40: from, data, ...more },
    false,
  );
}

/** The status, in a SCSI Response. */
function status(connection: RawConnection, request: Request, more: object = {}): void {
  connection.send({ opcode: 0x21, itt: request.itt, ...more });
}

/** A whole read in four pieces of 1,024 bytes. */
function whole(connection: RawConnection, request: Request): void {
  for (let i = 0; i < 4; i += 1) piece(connection, request, i, i * 1024, 1024);
}

const FAULTS: Record<string, { fault: Fault; expect: string[] }> = {
  'reordered Data-In': {
    fault: (c, r) => {
      piece(c, r, 1, 1024, 1024);
      piece(c, r, 0, 0, 1024);
    },
    expect: ['PROTOCOL_DATA', 'PROTOCOL_SEQUENCE'],
  },
  'offsets reordered, numbers right': {
    fault: (c, r) => {
      piece(c, r, 0, 1024, 1024);
      piece(c, r, 1, 0, 1024);
    },
    expect: ['PROTOCOL_DATA'],
  },
  'a hole': {
    fault: (c, r) => {
      piece(c, r, 0, 0, 1024);
      piece(c, r, 1, 2048, 2048);
      status(c, r);
    },
    expect: ['PROTOCOL_DATA'],
  },
  'an overlap': {
    fault: (c, r) => {
      piece(c, r, 0, 0, 2048);
      piece(c, r, 1, 1024, 1024);
      piece(c, r, 2, 3072, 1024);
      status(c, r);
    },
    expect: ['PROTOCOL_DATA'],
  },
  'the same piece twice': {
    fault: (c, r) => {
      piece(c, r, 0, 0, 1024);
      piece(c, r, 0, 0, 1024);
    },
    expect: ['PROTOCOL_DATA', 'PROTOCOL_SEQUENCE'],
  },
  'a Data-In number left out': {
    fault: (c, r) => {
      piece(c, r, 0, 0, 1024);
      piece(c, r, 2, 1024, 1024);
    },
    expect: ['PROTOCOL_SEQUENCE'],
  },
  'more data than asked for': {
    fault: (c, r) => {
      whole(c, r);
      piece(c, r, 4, 4096, 1024);
    },
    expect: ['PROTOCOL_DATA'],
  },
  'data past the end of the transfer': {
    fault: (c, r) => {
      piece(c, r, 0, 0, 1024, { word40: 0xfffffff0 });
    },
    expect: ['PROTOCOL_DATA'],
  },
  'short with GOOD and no residual': {
    fault: (c, r) => {
      piece(c, r, 0, 0, 1024);
      status(c, r);
    },
    expect: ['PROTOCOL_DATA'],
  },
  'nothing with GOOD': {
    fault: (c, r) => {
      status(c, r);
    },
    expect: ['PROTOCOL_DATA'],
  },
  'short with GOOD and a right residual': {
    fault: (c, r) => {
      piece(c, r, 0, 0, 1024);
      status(c, r, { flags: 0x82, word44: 3072 });
    },
    expect: ['SCSI_SHORT_DATA'],
  },
  'whole with a residual that says otherwise': {
    fault: (c, r) => {
      whole(c, r);
      status(c, r, { flags: 0x82, word44: 512 });
    },
    expect: ['PROTOCOL_DATA', 'SCSI_SHORT_DATA'],
  },
  'whole with an overflow': {
    fault: (c, r) => {
      whole(c, r);
      status(c, r, { flags: 0x84, word44: 512 });
    },
    expect: ['PROTOCOL_DATA'],
  },
  'a residual larger than the transfer': {
    fault: (c, r) => {
      whole(c, r);
      status(c, r, { flags: 0x82, word44: 0xffffffff });
    },
    expect: ['PROTOCOL_DATA'],
  },
  'overflow and underflow at once': {
    fault: (c, r) => {
      whole(c, r);
      status(c, r, { flags: 0x86, word44: 512 });
    },
    expect: ['PROTOCOL_MALFORMED'],
  },
  'status with a Data-In that is not the last': {
    fault: (c, r) => {
      piece(c, r, 0, 0, 1024, { flags: 0x01, statSn: c.statSn });
    },
    expect: ['PROTOCOL_MALFORMED', 'PROTOCOL_DATA'],
  },
  'a status for nobody': {
    fault: (c, r) => {
      whole(c, r);
      status(c, r, { itt: 0x7ffe0123 });
    },
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  'data for nobody': {
    fault: (c, r) => {
      piece(c, { ...r, itt: 0x7ffe0123 }, 0, 0, 1024);
    },
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  'two statuses for one command': {
    fault: (c, r) => {
      whole(c, r);
      status(c, r);
      status(c, r);
    },
    expect: ['PROTOCOL_UNEXPECTED', 'data'],
  },
  'a status number left out': {
    fault: (c, r) => {
      whole(c, r);
      c.statSn += 1;
      status(c, r);
    },
    expect: ['PROTOCOL_SEQUENCE'],
  },
  'a status number used twice': {
    fault: (c, r) => {
      whole(c, r);
      c.statSn -= 1;
      status(c, r);
    },
    expect: ['PROTOCOL_SEQUENCE'],
  },
  'a status that never comes': {
    fault: (c, r) => {
      whole(c, r);
    },
    expect: ['TIMEOUT_COMMAND'],
  },
  'data with CHECK CONDITION': {
    fault: (c, r) => {
      whole(c, r);
      const sense = Buffer.alloc(20);
      sense.set([0, 18, 0x70, 0, 3, 0, 0, 0, 0, 10]);
      sense[14] = 0x11;
      status(c, r, { byte3: 2, data: sense });
    },
    expect: ['SCSI_CHECK_CONDITION'],
  },
  'CHECK CONDITION with no sense at all': {
    fault: (c, r) => {
      status(c, r, { byte3: 2 });
    },
    expect: ['SCSI_CHECK_CONDITION'],
  },
  'sense data longer than its PDU': {
    fault: (c, r) => {
      status(c, r, { byte3: 2, data: Buffer.from([0xff, 0xff, 0x70, 0]) });
    },
    expect: ['PROTOCOL_MALFORMED'],
  },
  'a target failure with GOOD': {
    fault: (c, r) => {
      whole(c, r);
      status(c, r, { byte2: 1 });
    },
    expect: ['SCSI_STATUS'],
  },
  'a status that does not exist': {
    fault: (c, r) => {
      status(c, r, { byte3: 0x77 });
    },
    expect: ['SCSI_STATUS'],
  },
  'RESERVATION CONFLICT': {
    fault: (c, r) => {
      status(c, r, { byte3: 0x18 });
    },
    expect: ['SCSI_RESERVATION_CONFLICT'],
  },
  'BUSY for ever': {
    fault: (c, r) => {
      status(c, r, { byte3: 0x08 });
    },
    expect: ['SCSI_BUSY', 'TIMEOUT_COMMAND'],
  },
  'a login response': {
    fault: (c, r) => {
      c.send({ opcode: 0x23, flags: 0x87, itt: r.itt });
    },
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  'the command comes back as a Reject': {
    fault: (c, r) => {
      c.send({ opcode: 0x3f, byte2: 0x05, data: r.bhs });
    },
    expect: ['TASK_REJECTED'],
  },
};

/** Applies a fault to the n-th read of a connection that has come back the given number of times. */
function applied(fault: Fault, from: number, reconnect: boolean): (target: RawTarget) => void {
  return (target) => {
    let reads = 0;
    target.onRead((connection, request) => {
      reads += 1;
      if (reconnect && target.logins === 1) {
        connection.reset();
        return true;
      }
      if (reads < from) return false;
      fault(connection, request);
      return true;
    });
  };
}

/** Each fault at the first read, in the middle of several, and after the session came back. */
export const dataInCases: readonly HostileCase[] = Object.entries(FAULTS).flatMap(([name, { fault, expect }]) => [
  { group: 'Data-In', name: `${name}, first read`, peer: applied(fault, 1, false), expect },
  { group: 'Data-In', name: `${name}, third read`, peer: applied(fault, 3, false), expect },
  {
    group: 'Data-In',
    name: `${name}, after a reconnect`,
    peer: applied(fault, 2, true),
    options: { maxReconnectAttempts: 3 },
    expect,
  },
]);
