import { describe, expect, it } from 'vitest';
import { CancelledError, type LunascopeError } from '../../../core/errors/index.ts';
import type { Task } from '../../../core/session/index.ts';
import { isRight, submitRead, write10 } from '../../support/raw-sim.ts';
import type { SessionSim } from '../../support/session-sim.ts';
import { LOGOUT, opened, readOn, holdOn, logouts } from './several-connections.ts';

const ABORT = 0x02;

function writeOn(sim: SessionSim, connection: number): Task {
  return sim.submit({ cdb: write10(9, 1), dataOut: new Uint8Array(512), whole: true, connection });
}

interface Left {
  code: string | undefined;
  response: number | undefined;
  count: number;
}

function leave(sim: SessionSim, cid: number, timeoutMs = 1000, reason: 1 | 2 = 1): Left {
  const left: Left = { code: undefined, response: undefined, count: 0 };
  sim.machine.logoutConnection(cid, reason, timeoutMs, (answer, error) => {
    left.code = error?.code;
    left.response = answer?.response;
    left.count += 1;
  });
  return left;
}

describe('a connection that is logged out of a session', () => {
  it('first comes to rest: what it has is finished, and new commands go elsewhere', async () => {
    const { sim, target } = await opened(2);
    const letGo = holdOn(target, 1);
    const running = [readOn(sim, 1), writeOn(sim, 1)];
    await sim.run(1);
    const left = leave(sim, 1);
    const others = Array.from({ length: 4 }, (_, i) => submitRead(sim, i, 1));
    await sim.run(100);
    expect(others.map((task, i) => isRight(task, i))).toEqual([true, true, true, true]);
    expect([left.count, logouts(target).length]).toEqual([0, 0]);
    letGo();
    await sim.run(100, () => left.count > 0);
    expect(running.map((task) => [task.error, task.status])).toEqual([
      [undefined, 0],
      [undefined, 0],
    ]);
    expect(left).toEqual({ code: undefined, response: 0, count: 1 });
    expect([...sim.machine.core.connections.keys()]).toEqual([0]);
    expect(sim.machine.core.state).toBe('full');
  });

  it('is not waited for beyond half the time: reads move, a write taken is unknown, one not taken is sent again', async () => {
    const { sim, target } = await opened(2);
    const data = Uint8Array.from({ length: 512 }, (_, i) => i & 0xff);
    holdOn(target, 1);
    const read = readOn(sim, 1);
    const write = writeOn(sim, 1);
    const untaken = sim.submit({ cdb: write10(30, 1), dataOut: data, whole: true, connection: 1 });
    await sim.run(1);
    // The target says it has taken two of the three.
    target.expCmdSn = untaken.cmdSn;
    const left = leave(sim, 1);
    const from = sim.clock;
    await sim.run(2000, () => left.count > 0);
    expect(sim.clock - from).toBe(500);
    await sim.run(50, () => untaken.state === 'done');
    expect(isRight(read, 5)).toBe(true);
    expect(write.error?.code).toBe('TASK_UNKNOWN_OUTCOME');
    expect([untaken.error, untaken.connection]).toEqual([undefined, 0]);
    expect(target.written.map(({ lba }) => lba)).toEqual([30]);
  });

  it('fills the number of a command that was called off and never taken, so that the session does not stall', async () => {
    const { sim, target } = await opened(2);
    holdOn(target, 1);
    target.on(ABORT, () => true);
    const untaken = writeOn(sim, 1);
    await sim.run(1);
    target.expCmdSn = untaken.cmdSn;
    sim.machine.abort(untaken, new CancelledError('CANCELLED', 'Called off.'));
    const left = leave(sim, 1, 800);
    await sim.run(1000, () => left.count > 0);
    expect(untaken.error?.code).toBe('CANCELLED');
    await sim.run(10);
    const nop = target.received.find((each) => each.opcode === 0x00 && !each.immediate);
    expect(nop?.cmdSn).toBe(untaken.cmdSn);
    const after = submitRead(sim, 1, 1);
    await sim.run(10, () => after.state === 'done');
    expect(isRight(after, 1)).toBe(true);
  });

  it('that does not answer is dropped when the time is over, and comes back', async () => {
    const { sim, target } = await opened(2);
    target.on(LOGOUT, (_connection, request) => request.bhs.readUInt16BE(20) === 1 && logouts(target).length === 1);
    const left = leave(sim, 1, 500);
    const again = leave(sim, 1, 500);
    expect(again.code).toBe('BAD_ARGUMENT');
    await sim.run(1000, () => left.count > 0);
    expect(left.code).toBe('TIMEOUT_LOGOUT');
    await sim.run(2000, () => sim.machine.core.connections.get(1)?.phase === 'full');
    expect(sim.machine.core.connections.get(1)?.phase).toBe('full');
  });

  it('stays, and takes commands again, where the target will not let it go', async () => {
    const { sim, target } = await opened(2);
    target.on(LOGOUT, (connection, request) => {
      connection.send({ opcode: 0x26, itt: request.itt, byte2: 3 });
      return true;
    });
    const left = leave(sim, 1);
    await sim.run(100, () => left.count > 0);
    expect(left.response).toBe(3);
    // Phase and connection as they were.
    const task = readOn(sim, 1);
    await sim.run(100, () => task.state === 'done');
    expect(isRight(task, 5)).toBe(true);
  });

  it('that breaks while it comes to rest is not logged out, and that is said', async () => {
    const { sim, target } = await opened(2);
    holdOn(target, 1);
    readOn(sim, 1);
    await sim.run(1);
    const left = leave(sim, 1);
    target.connections[1]?.reset();
    await sim.run(10);
    expect(left).toEqual({ code: 'CONNECTION_LOST', response: undefined, count: 1 });
    const { sim: other, target: second } = await opened(2);
    holdOn(second, 1);
    readOn(other, 1);
    await other.run(1);
    const closed = leave(other, 1);
    other.machine.close(new CancelledError('SESSION_CLOSED', 'Closed.'));
    expect(closed).toEqual({ code: 'SESSION_CLOSED', response: undefined, count: 1 });
  });

  it('sends nothing new once its logout is out: what is called off then ends with it', async () => {
    const { sim, target } = await opened(1, { keepaliveIntervalMs: 100, keepaliveTimeoutMs: 100 });
    holdOn(target, 0);
    target.on(LOGOUT, () => true);
    const read = readOn(sim, 0);
    await sim.run(1);
    const left = leave(sim, 0, 1000);
    let pinged = '';
    sim.machine.ping(new Uint8Array(0), 100, (_trip, error) => {
      pinged = error?.code ?? 'ok';
    });
    sim.machine.confirmStatus();
    const waiting = submitRead(sim, 1, 1);
    expect([pinged, waiting.state]).toEqual(['BAD_ARGUMENT', 'queued']);
    await sim.run(300);
    sim.machine.abort(read, new CancelledError('CANCELLED', 'Called off.'));
    expect(read.state).toBe('aborting');
    await sim.run(1000, () => left.count > 0);
    expect(target.received.map((each) => each.opcode)).toEqual([0x01, LOGOUT]);
    expect([left.code, read.error?.code]).toEqual(['TIMEOUT_LOGOUT', 'CANCELLED']);
    // The session comes back for what still waits.
    await sim.run(1000, () => waiting.state === 'done');
    expect(isRight(waiting, 1)).toBe(true);
  });

  it('may be the only one: then the session ends with it', async () => {
    const { sim } = await opened(1);
    const left = leave(sim, 0);
    await sim.run(100, () => left.count > 0);
    expect([left.response, sim.machine.core.state]).toEqual([0, 'closed']);
  });

  it('is removed over another where it is gone already', async () => {
    const { sim, target } = await opened(2);
    const left = leave(sim, 3, 500, 2);
    await sim.run(100, () => left.count > 0);
    expect(logouts(target).map((each) => [each.flags, each.bhs.readUInt16BE(20)])).toEqual([[0x82, 3]]);
    expect([...sim.machine.core.connections.keys()]).toEqual([0, 1]);
  });
});

describe('a target that asks to be left', () => {
  it('by one of several connections has it come to rest first, and back afterwards', async () => {
    const { sim, target } = await opened(2);
    const letGo = holdOn(target, 1);
    const write = writeOn(sim, 1);
    await sim.run(1);
    target.connections[1]?.send({ opcode: 0x32, word36: 0x01000000, word40: 0x00000004 });
    await sim.run(500);
    expect(logouts(target)).toEqual([]);
    letGo();
    await sim.run(3000, () => sim.machine.core.connections.get(1)?.phase === 'full' && target.connections.length === 3);
    expect([write.error, write.status]).toEqual([undefined, 0]);
    expect(logouts(target)[0]?.flags).toBe(0x81);
    expect(target.connections).toHaveLength(3);
    expect(sim.machine.core.generation).toBe(1);
  });

  it('while it is being left gets no second logout', async () => {
    const { sim, target } = await opened(1);
    holdOn(target, 0);
    readOn(sim, 0);
    await sim.run(1);
    let ended = 0;
    sim.machine.logout(400, () => {
      ended += 1;
    });
    target.connections[0]?.send({ opcode: 0x32, word36: 0x01000000, word40: 0x00000004 });
    await sim.run(1000, () => ended > 0);
    expect(logouts(target)).toHaveLength(1);
    expect([ended, sim.machine.core.state]).toEqual([1, 'closed']);
  });
});

describe('a session that is logged out', () => {
  it('aborts what is not done at half its time, and says its farewell after that', async () => {
    const { sim, target } = await opened(1);
    target.onRead(() => true);
    const task = submitRead(sim, 1, 1);
    await sim.run(1);
    const from = sim.clock;
    let ended = 0;
    sim.machine.logout(1000, () => {
      ended += 1;
    });
    await sim.run(5000, () => ended > 0);
    expect(task.error?.code).toBe('TIMEOUT_COMMAND');
    expect(target.received.map((each) => each.opcode)).toEqual([0x01, ABORT, LOGOUT]);
    expect(sim.clock - from).toBe(500);
  });

  it('does not wait for what cannot even be aborted, and sends nothing after the logout', async () => {
    const { sim, target } = await opened(1, { commandTimeoutMs: 900 });
    target.onRead(() => true);
    target.on(ABORT, () => true);
    target.on(LOGOUT, () => true);
    const task = submitRead(sim, 1, 1);
    await sim.run(1);
    const from = sim.clock;
    const errors: (LunascopeError | undefined)[] = [];
    sim.machine.logout(1000, (_answer, error) => {
      errors.push(error);
    });
    await sim.run(800);
    sim.machine.abort(task, new CancelledError('CANCELLED', 'Called off.'));
    await sim.run(5000, () => errors.length > 0);
    expect(errors.map((error) => error?.code)).toEqual(['TIMEOUT_LOGOUT']);
    expect(sim.clock - from).toBe(1000);
    expect(target.received.map((each) => each.opcode)).toEqual([0x01, ABORT, LOGOUT]);
    expect(task.error?.code).toBe('TIMEOUT_COMMAND');
    expect(sim.machine.core.state).toBe('closed');
  });

  it('ends at once where it has no connection to say so on', async () => {
    const { sim, target } = await opened(1);
    target.onRead(() => true);
    submitRead(sim, 1, 1);
    await sim.run(1);
    let ended = 0;
    sim.machine.logout(1000, () => {
      ended += 1;
    });
    target.connections[0]?.reset();
    await sim.run(10);
    expect([ended, sim.machine.core.state]).toEqual([1, 'closed']);
  });
});
