import { logIn, on, withSession, type Env, type HostileCase } from '../case.ts';
import type { RawConnection, RawTarget } from '../peers/raw-target.ts';
import type { Request } from '../peers/wire.ts';
import { atEveryStage } from '../stages.ts';

const ping = (env: Env): Promise<string> =>
  withSession(env, async (session) => {
    await session.protocol.ping(Uint8Array.of(1, 2, 3), { timeoutMs: 500 });
    return 'data';
  });

const tmf = (env: Env): Promise<string> =>
  withSession(env, async (session) => {
    const result = await session.tasks.lunReset(0);
    return result.complete ? 'data' : result.name;
  });

function saying(what: (connection: RawConnection) => void): (target: RawTarget) => void {
  return (target) => {
    let said = false;
    target.onRead((connection) => {
      if (!said) what(connection);
      said = true;
      return false;
    });
  };
}

const async = (event: number, more: object = {}): ((target: RawTarget) => void) =>
  saying((connection) => connection.send({ opcode: 0x32, word36: event * 0x1000000, word40: 1, ...more }));

const nops: HostileCase[] = [
  {
    group: 'NOP',
    name: 'an echo that never comes',
    peer: on(0x00, () => undefined),
    use: ping,
    expect: ['TIMEOUT_KEEPALIVE'],
  },
  {
    group: 'NOP',
    name: 'an echo for another ping',
    peer: on(0x00, (c) => c.send({ opcode: 0x20, itt: 0x80007777 })),
    use: ping,
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  {
    group: 'NOP',
    name: 'other data than was sent',
    peer: on(0x00, (c, r) => c.send({ opcode: 0x20, itt: r.itt, data: Buffer.from('x') })),
    use: ping,
    expect: ['data'],
  },
  {
    group: 'NOP',
    name: 'ten thousand pings from the target',
    peer: saying((c) => {
      for (let i = 0; i < 10_000; i += 1) c.send({ opcode: 0x20, ttt: i }, false);
    }),
    expect: ['data'],
    limitMs: 8000,
  },
  {
    group: 'NOP',
    name: 'a ping with a window that goes backwards',
    peer: saying((c) => c.send({ opcode: 0x20, ttt: 5, expCmdSn: 0, maxCmdSn: 0 }, false)),
    expect: ['data'],
  },
  {
    group: 'NOP',
    name: 'a window far ahead',
    peer: saying((c) =>
      c.send(
        { opcode: 0x20, ttt: 5, expCmdSn: c.target.expCmdSn, maxCmdSn: (c.target.expCmdSn + 0x7ffffff0) >>> 0 },
        false,
      ),
    ),
    expect: ['data'],
  },
];

const windows: HostileCase[] = [
  {
    group: 'window',
    name: 'closed for good after the login',
    peer: (target) => {
      target.on(0x03, (connection, request) => {
        connection.login(request, { expCmdSn: request.cmdSn, maxCmdSn: (request.cmdSn - 1) >>> 0 });
        return true;
      });
    },
    expect: ['TIMEOUT_COMMAND'],
  },
  { group: 'window', name: 'of one command', raw: { window: 1 }, expect: ['data'] },
  {
    group: 'window',
    name: 'MaxCmdSN below ExpCmdSN by more than one',
    peer: saying((c) => c.send({ opcode: 0x20, ttt: 9, expCmdSn: 1000, maxCmdSn: 5 }, false)),
    expect: ['data'],
  },
  {
    group: 'window',
    name: 'ExpCmdSN that was never sent',
    peer: saying((c) => c.send({ opcode: 0x20, ttt: 9, expCmdSn: 0x70000000, maxCmdSn: 0x70000010 }, false)),
    expect: ['data', 'TIMEOUT_COMMAND', 'PROTOCOL_SEQUENCE'],
  },
];

const asyncs: HostileCase[] = [
  {
    group: 'async',
    name: 'a SCSI event with sense longer than its data',
    peer: async(0, { data: Buffer.from([0xff, 0xff, 1]) }),
    expect: ['data'],
  },
  {
    group: 'async',
    name: 'logout wanted, no reconnecting',
    peer: async(1),
    expect: ['CONNECTION_CLOSED', 'SESSION_CLOSED', 'data'],
  },
  {
    group: 'async',
    name: 'logout wanted, then back',
    peer: async(1),
    options: { maxReconnectAttempts: 3 },
    expect: ['data'],
    limitMs: 5000,
  },
  { group: 'async', name: 'drops this connection', peer: async(2, { word40: 0 }), expect: ['CONNECTION_CLOSED'] },
  {
    group: 'async',
    name: 'drops this connection, then back',
    peer: async(2, { word40: 0 }),
    options: { maxReconnectAttempts: 3 },
    expect: ['data'],
  },
  { group: 'async', name: 'drops every connection', peer: async(3, { word40: 0 }), expect: ['CONNECTION_CLOSED'] },
  {
    group: 'async',
    name: 'drops a connection that is not there',
    peer: async(2, { word36: 0x02000063, word40: 0 }),
    expect: ['data'],
  },
  { group: 'async', name: 'wants to negotiate', peer: async(4), expect: ['data'] },
  { group: 'async', name: 'ends the tasks of a LUN', peer: async(5), expect: ['TASK_ABORTED', 'PROTOCOL_UNEXPECTED'] },
  { group: 'async', name: 'an event that does not exist', peer: async(77), expect: ['data'] },
  {
    group: 'async',
    name: 'a vendor event with 4,000 bytes',
    peer: async(255, { data: Buffer.alloc(4000) }),
    expect: ['data'],
  },
];

const tmfs: HostileCase[] = [
  { group: 'TMF', name: 'no answer', peer: on(0x02, () => undefined), use: tmf, expect: ['TIMEOUT_COMMAND'] },
  {
    group: 'TMF',
    name: 'an answer for another request',
    peer: on(0x02, (c) => c.send({ opcode: 0x22, itt: 0x80001234 })),
    use: tmf,
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  {
    group: 'TMF',
    name: 'an answer that does not exist',
    peer: on(0x02, (c, r) => c.send({ opcode: 0x22, itt: r.itt, byte2: 0x99 })),
    use: tmf,
    expect: ['response 153'],
  },
  {
    group: 'TMF',
    name: 'rejected',
    peer: on(0x02, (c, r) => c.send({ opcode: 0x3f, byte2: 0x05, data: r.bhs })),
    use: tmf,
    expect: ['TASK_REJECTED'],
  },
  {
    group: 'TMF',
    name: 'no answer to ABORT TASK',
    peer: (target) => {
      target.on(0x02, () => true);
      target.onRead(() => true);
    },
    expect: ['TIMEOUT_COMMAND'],
  },
  {
    group: 'TMF',
    name: 'ABORT TASK refused',
    peer: (target) => {
      target.on(0x02, (c, r) => {
        c.send({ opcode: 0x22, itt: r.itt, byte2: 5 });
        return true;
      });
      target.onRead(() => true);
    },
    expect: ['TIMEOUT_COMMAND'],
  },
  {
    group: 'TMF',
    name: 'data after ABORT TASK was done',
    peer: (target) => {
      let read: Request | undefined;
      target.onRead((_c, r) => {
        read = r;
        return true;
      });
      target.on(0x02, (c, r) => {
        c.send({ opcode: 0x22, itt: r.itt });
        if (read !== undefined) c.send({ opcode: 0x25, itt: read.itt, statSn: 0, data: Buffer.alloc(512) }, false);
        return true;
      });
    },
    expect: ['TIMEOUT_COMMAND'],
  },
];

const rejects: HostileCase[] = [
  {
    group: 'Reject',
    name: 'with no header inside',
    peer: saying((c) => c.send({ opcode: 0x3f, byte2: 4 })),
    expect: ['data'],
  },
  {
    group: 'Reject',
    name: 'with half a header inside',
    peer: saying((c) => c.send({ opcode: 0x3f, byte2: 4, data: Buffer.alloc(20) })),
    expect: ['data'],
  },
  {
    group: 'Reject',
    name: 'of something never sent',
    peer: saying((c) => c.send({ opcode: 0x3f, byte2: 9, data: Buffer.alloc(48, 0x55) })),
    expect: ['data'],
  },
  {
    group: 'Reject',
    name: 'a reason that does not exist',
    peer: saying((c) => c.send({ opcode: 0x3f, byte2: 0xee, data: Buffer.alloc(48) })),
    expect: ['data', 'TASK_REJECTED'],
  },
];

const logouts: HostileCase[] = [
  { group: 'logout', name: 'no answer', peer: on(0x06, () => undefined), use: logIn, expect: ['data'], limitMs: 1500 },
  {
    group: 'logout',
    name: 'closed without an answer',
    peer: on(0x06, (c) => {
      c.end();
    }),
    use: logIn,
    expect: ['data'],
  },
  {
    group: 'logout',
    name: 'refused',
    peer: on(0x06, (c, r) => c.send({ opcode: 0x26, itt: r.itt, byte2: 3 })),
    use: logIn,
    expect: ['data'],
  },
  {
    group: 'logout',
    name: 'answered without being asked',
    peer: saying((c) => c.send({ opcode: 0x26, itt: 0x80000000 })),
    expect: ['PROTOCOL_UNEXPECTED'],
  },
  {
    group: 'logout',
    name: 'words after it',
    peer: on(0x06, (c, r) => {
      c.send({ opcode: 0x26, itt: r.itt });
      c.raw(Buffer.alloc(512, 0xaa));
    }),
    use: logIn,
    expect: ['data'],
  },
];

const isSaid = ({ name }: HostileCase): boolean => name !== 'closed for good after the login';

export const controlCases: readonly HostileCase[] = [
  ...atEveryStage(nops),
  ...windows.filter((each) => !isSaid(each)),
  ...atEveryStage(windows.filter(isSaid)),
  ...atEveryStage(asyncs),
  ...tmfs,
  ...atEveryStage(rejects),
  ...atEveryStage(logouts),
];
