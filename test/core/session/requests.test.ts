import { describe, expect, it } from 'vitest';
import { CancelledError, UsageError, type LunascopeError } from '../../../core/errors/index.ts';
import { RawTarget, type RawConnection, type RawOptions } from '../../hostile/peers/raw-target.ts';
import { encode, keys } from '../../hostile/peers/wire.ts';
import { isRight, rawSim, rememberUnit, submitRead, submitWrite } from '../../support/raw-sim.ts';
import { SIM_OPTIONS, type SessionSim } from '../../support/session-sim.ts';

const NO_TAG = 0xffffffff;

interface Opened {
  readonly sim: SessionSim;
  readonly target: RawTarget;
  readonly connection: RawConnection;
}

async function opened(options: RawOptions = {}, session: object = {}): Promise<Opened> {
  const target = new RawTarget(options);
  const sim = rawSim(target, session);
  expect(await sim.login()).toBeUndefined();
  const [connection] = target.connections;
  if (connection === undefined) throw new Error('There is no connection.');
  return { sim, target, connection };
}

function levelOne(more: object = {}): object {
  return {
    offers: { ...SIM_OPTIONS.offers, errorRecoveryLevel: 1 },
    keepaliveIntervalMs: 0,
    snackTimeoutMs: 500,
    ...more,
  };
}

/** Where a request ends. */
class End<T> {
  value: T | undefined;
  error: LunascopeError | undefined;
  count = 0;

  readonly done = (value: T | undefined, error: LunascopeError | undefined): void => {
    this.value = value;
    this.error = error;
    this.count += 1;
  };
}

describe('a ping', () => {
  it('carries no more than the target takes', async () => {
    const { sim } = await opened();
    const end = new End<number>();
    sim.machine.ping(new Uint8Array(8193), 100, end.done);
    expect([end.error?.code, end.count]).toEqual(['OUT_OF_RANGE', 1]);
  });

  it('whose answer brings other data is told of, and counts', async () => {
    const { sim, target } = await opened();
    target.on(0x00, (connection, request) => {
      connection.send({ opcode: 0x20, itt: request.itt, data: Uint8Array.of(1, 2, 4) });
      return true;
    });
    const end = new End<number>();
    sim.machine.ping(Uint8Array.of(1, 2, 3), 100, end.done);
    await sim.run(10, () => end.count > 0);
    expect(end.value).toBe(0);
    expect(sim.events.filter((event) => event.kind === 'warning').map((event) => event.text)).toEqual([
      'The target answered a ping with other data than was sent.',
    ]);
  });

  it('of a person that comes to nothing leaves the connection alone, even while a keepalive is under way', async () => {
    const { sim, target } = await opened({}, { keepaliveIntervalMs: 1000, keepaliveTimeoutMs: 1000 });
    const held: (() => void)[] = [];
    target.on(0x00, (connection, request) => {
      held.push(() => {
        connection.answer(request);
      });
      return true;
    });
    await sim.run(1100);
    expect(held).toHaveLength(1);
    const end = new End<number>();
    sim.machine.ping(Uint8Array.of(1), 200, end.done);
    await sim.run(500, () => end.count > 0);
    expect(end.error?.code).toBe('TIMEOUT_KEEPALIVE');
    expect(sim.machine.core.state).toBe('full');
    held[0]?.();
    await sim.run(900);
    expect(sim.machine.core.state).toBe('full');
  });

  it('cannot be sent on a connection that is not there', async () => {
    const { sim } = await opened();
    const end = new End<number>();
    sim.machine.ping(new Uint8Array(0), 100, end.done, 7);
    expect(end.error?.code).toBe('BAD_ARGUMENT');
    sim.machine.manageTasks({ function: 5, connection: 7 }, end.done);
    expect([end.error?.code, end.count]).toEqual(['BAD_ARGUMENT', 2]);
  });
});

describe('word from the target that answers nothing', () => {
  it('only moves the window', async () => {
    const { sim, target, connection } = await opened();
    target.received.length = 0;
    connection.send({ opcode: 0x20, maxCmdSn: target.expCmdSn + 50 }, false);
    await sim.run(5);
    expect(sim.machine.core.window.maxCmdSn).toBe(target.expCmdSn + 50);
    expect(target.received).toEqual([]);
  });

  it('is confirmed on every connection when that is asked for', async () => {
    const { sim, target } = await opened({}, { offers: { ...SIM_OPTIONS.offers, maxConnections: 2 } });
    let joined = false;
    sim.machine.addConnection(undefined, () => {
      joined = true;
    });
    await sim.run(100, () => joined);
    target.received.length = 0;
    sim.machine.confirmStatus();
    await sim.run(1);
    expect(target.received.map((each) => [each.opcode, each.immediate, each.itt, each.ttt])).toEqual([
      [0x00, true, NO_TAG, NO_TAG],
      [0x00, true, NO_TAG, NO_TAG],
    ]);
  });

  it('with damaged data is done without at error recovery level 1', async () => {
    const { sim, connection, target } = await opened(
      {},
      levelOne({ offers: { ...SIM_OPTIONS.offers, errorRecoveryLevel: 1, dataDigest: ['CRC32C'] } }),
    );
    const numbers = { statSn: connection.statSn, expCmdSn: target.expCmdSn, maxCmdSn: target.expCmdSn + 9 };
    const pdu = encode({ opcode: 0x20, data: Uint8Array.of(1, 2, 3, 4), ...numbers }, connection.digests);
    pdu[50] = 0xff;
    target.received.length = 0;
    connection.raw(pdu);
    await sim.run(5000);
    expect(target.received).toEqual([]);
    expect(sim.machine.core.state).toBe('full');
  });
});

describe('an answer in full feature phase', () => {
  it.each([
    ['that is final and goes on', { flags: 0xc0, ttt: NO_TAG }, 'PROTOCOL_MALFORMED'],
    ['that is not final and gives no tag to go on with', { flags: 0x00, ttt: NO_TAG }, 'PROTOCOL_MALFORMED'],
  ] as const)('to text %s ends the connection', async (_what, fields, code) => {
    const { sim, target } = await opened();
    target.on(0x04, (connection, request) => {
      connection.send({ opcode: 0x24, itt: request.itt, data: keys({ TargetName: 'iqn.a:b' }), ...fields });
      return true;
    });
    const end = new End<unknown>();
    sim.machine.text([{ key: 'SendTargets', value: '' }], 1000, end.done);
    await sim.run(2000, () => end.count > 0);
    expect(end.error?.code).toBe(code);
    expect(sim.machine.core.state).toBe('closed');
  });

  it('that never ends is not waited for beyond its deadline, however much of it comes', async () => {
    const { sim, target } = await opened();
    sim.link = { delay: () => 10 };
    target.on(0x04, (connection, request) => {
      connection.send({ opcode: 0x24, flags: 0, ttt: 5, itt: request.itt });
      return true;
    });
    const end = new End<unknown>();
    const from = sim.clock;
    sim.machine.text([{ key: 'SendTargets', value: '' }], 1000, end.done);
    await sim.run(5000, () => end.count > 0);
    expect(end.error?.code).toBe('TIMEOUT_COMMAND');
    expect(sim.clock - from).toBe(1000);
  });

  it('of endless rounds is given up at once where the target is fast', async () => {
    const { sim, target } = await opened();
    target.on(0x04, (connection, request) => {
      connection.send({ opcode: 0x24, flags: 0, ttt: 5, itt: request.itt });
      return true;
    });
    const end = new End<unknown>();
    sim.machine.text([{ key: 'SendTargets', value: '' }], 1000, end.done);
    for (const control of sim.machine.core.controls.values()) if (control.kind === 'text') control.rounds = 99_000;
    await sim.run(500, () => end.count > 0);
    expect(end.error?.code).toBe('PROTOCOL_TOO_LARGE');
  });

  it('to a request of its kind that nobody sent ends the connection', async () => {
    for (const opcode of [0x20, 0x22, 0x24, 0x26]) {
      const { sim, connection } = await opened();
      connection.send({ opcode, itt: 0x80000777 });
      await sim.run(5);
      expect(sim.machine.core.closeReason?.code).toBe('PROTOCOL_UNEXPECTED');
    }
  });
});

describe('a task management function', () => {
  it('that has no number in RFC 7143 is sent as it is, and named so when it is late', async () => {
    const { sim, target } = await opened();
    target.on(0x02, () => true);
    const end = new End<number>();
    sim.machine.manageTasks({ function: 99, timeoutMs: 300 }, end.done);
    await sim.run(1000, () => end.count > 0);
    expect(target.received.at(-1)?.flags).toBe(0x80 | 99);
    expect(end.error?.message).toBe('The target has not answered task management for 0.3 s.');
  });

  it('that is rejected ends with that', async () => {
    const { sim, target } = await opened();
    target.on(0x02, (connection, request) => {
      connection.send({ opcode: 0x3f, byte2: 0x05, data: request.bhs });
      return true;
    });
    const end = new End<number>();
    sim.machine.manageTasks({ function: 5, lun: 0n }, end.done);
    await sim.run(10, () => end.count > 0);
    expect(end.error?.code).toBe('TASK_REJECTED');
    expect(sim.machine.core.state).toBe('full');
  });
});

describe('a Reject', () => {
  it('of a command ends it, and a NOP-Out fills the number that was not taken', async () => {
    const { sim, target } = await opened();
    target.onRead((connection, request) => {
      target.expCmdSn = request.cmdSn;
      connection.send({ opcode: 0x3f, byte2: 0x09, data: request.bhs });
      return true;
    });
    const task = submitRead(sim, 1, 1);
    await sim.run(10, () => task.state === 'done');
    await sim.run(10);
    expect(task.error?.code).toBe('TASK_REJECTED');
    const nop = target.received.at(-1);
    expect([nop?.opcode, nop?.immediate, nop?.cmdSn]).toEqual([0x00, false, task.cmdSn]);
    const after = sim.submit({ cdb: new Uint8Array(6) });
    await sim.run(10, () => after.state === 'done');
    expect(after.error).toBeUndefined();
  });

  it('of a command of another connection is not believed', async () => {
    const { sim, target, connection } = await opened({}, { offers: { ...SIM_OPTIONS.offers, maxConnections: 2 } });
    let joined = false;
    sim.machine.addConnection(undefined, () => {
      joined = true;
    });
    await sim.run(100, () => joined);
    target.onRead(() => true);
    const task = sim.submit({
      cdb: Uint8Array.of(0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0),
      dataIn: new Uint8Array(512),
      connection: 1,
    });
    await sim.run(5);
    connection.send({ opcode: 0x3f, byte2: 0x05, data: target.received.at(-1)?.bhs ?? new Uint8Array(48) });
    await sim.run(5);
    expect(task.state).toBe('sent');
    expect(sim.events.some((event) => event.kind === 'warning' && event.text.includes('rejected'))).toBe(true);
  });

  it('of a SNACK for statuses ends the connection at once: they will not come', async () => {
    const { sim, target, connection } = await opened({}, levelOne({ maxReconnectAttempts: 3, reconnectBackoffMs: 10 }));
    rememberUnit(sim);
    target.on(0x10, (each, request) => {
      each.send({ opcode: 0x3f, byte2: 0x03, data: request.bhs });
      return true;
    });
    const task = submitRead(sim, 4, 1);
    // The status this one used is lost, and the next shows that it was.
    connection.statSn += 1;
    const from = sim.clock;
    await sim.run(20_000, () => task.state === 'done');
    expect(isRight(task, 4)).toBe(true);
    expect(sim.clock - from).toBeLessThan(500);
    expect(target.logins).toBe(2);
  });

  it('of an acknowledgement of data is only told of', async () => {
    const { sim, target, connection } = await opened({}, levelOne());
    const header = new Uint8Array(48).fill(0xff, 16, 24);
    header.set([0x10, 0x82]);
    connection.send({ opcode: 0x3f, byte2: 0x08, data: header });
    await sim.run(5);
    expect(sim.machine.core.state).toBe('full');
    const task = submitRead(sim, 4, 1);
    await sim.run(5, () => task.state === 'done');
    expect(isRight(task, 4)).toBe(true);
    expect(target.logins).toBe(1);
  });
});

describe('what a target says by an asynchronous message', () => {
  it('that it ended all tasks of a LUN ends them, and is confirmed with the LUN', async () => {
    const { sim, target, connection } = await opened({}, { offers: { ...SIM_OPTIONS.offers, maxConnections: 2 } });
    let joined = false;
    sim.machine.addConnection(undefined, () => {
      joined = true;
    });
    await sim.run(100, () => joined);
    target.on(0x01, () => true);
    const size = { cdb: Uint8Array.of(0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0), dataIn: new Uint8Array(512) };
    const [here, there, elsewhere] = [
      sim.submit({ ...size, connection: 0 }),
      sim.submit({ ...size, connection: 1 }),
      sim.submit({ ...size, connection: 0, lunHigh: 0x20000 }),
    ];
    await sim.run(5);
    target.received.length = 0;
    connection.send({ opcode: 0x32, byte2: 0, lun: Buffer.alloc(8), itt: NO_TAG, word36: 0x05000000 });
    await sim.run(1);
    // What may be half in its buffer on another connection is over once ABORT TASK says so there.
    expect([here.error?.code, elsewhere.state]).toEqual(['TASK_ABORTED', 'sent']);
    expect(['aborting', 'done']).toContain(there.state);
    await sim.run(10, () => there.state === 'done');
    expect(there.error?.code).toBe('TASK_ABORTED');
    const [nop, tmf] = target.received;
    expect([nop?.opcode, nop?.itt, nop?.ttt, nop?.expStatSn]).toEqual([0x00, NO_TAG, NO_TAG, connection.statSn]);
    expect([tmf?.opcode, tmf?.ttt]).toEqual([0x02, there.itt]);
  });
});

describe('a request that cannot be', () => {
  it('is refused before anything is sent', async () => {
    const { sim, target } = await opened({}, { queueLimit: 4 });
    target.received.length = 0;
    const refused = [
      sim.submit({ cdb: new Uint8Array(0) }),
      sim.submit({ cdb: new Uint8Array(261) }),
      sim.submit({ cdb: new Uint8Array(6), expectedIn: 2 ** 32 }),
      sim.submit({ cdb: new Uint8Array(6), dataIn: new Uint8Array(10), expectedIn: 11 }),
      sim.submit({ cdb: new Uint8Array(6), dataOut: new Uint8Array(10), expectedOut: 11 }),
      sim.submit({ cdb: new Uint8Array(6), connection: 3 }),
    ];
    expect(refused.map((task) => task.error?.code)).toEqual([
      'BAD_ARGUMENT',
      'BAD_ARGUMENT',
      'OUT_OF_RANGE',
      'BAD_ARGUMENT',
      'BAD_ARGUMENT',
      'BAD_ARGUMENT',
    ]);
    const task = submitWrite(sim, 1, new Uint8Array(512));
    expect(target.received).toEqual([]);
    // One that is under way is not touched by a second attempt.
    expect(() => {
      sim.machine.submit(task);
    }).toThrow(UsageError);
    await sim.run(10, () => task.state === 'done');
    expect(task.error).toBeUndefined();
  });

  it('is refused once the session is over, with why it ended', async () => {
    const { sim } = await opened();
    sim.machine.close(new CancelledError('SESSION_CLOSED', 'Closed by hand.'));
    const task = submitRead(sim, 1, 1);
    expect(task.error?.message).toBe('Closed by hand.');
    const end = new End<unknown>();
    sim.machine.text([], 100, end.done);
    sim.machine.manageTasks({ function: 5 }, end.done);
    sim.machine.ping(new Uint8Array(0), 100, end.done);
    sim.machine.addConnection(undefined, end.done);
    sim.machine.logoutConnection(0, 1, 100, end.done);
    sim.machine.start(end.done);
    expect([end.count, end.error?.code]).toEqual([6, 'SESSION_CLOSED']);
    sim.machine.logout(100, end.done);
    expect([end.count, end.error]).toEqual([7, undefined]);
  });
});
