import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../core/errors/index.ts';
import { Task } from '../../../core/session/index.ts';
import { RawTarget, type RawConnection, type RawOptions } from '../../hostile/peers/raw-target.ts';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import { isRight, rawSim, read10, rememberUnit, submitRead, write10 } from '../../support/raw-sim.ts';
import { SIM_OPTIONS, type SessionSim } from '../../support/session-sim.ts';

interface Opened {
  readonly sim: SessionSim;
  readonly target: RawTarget;
  readonly connection: RawConnection;
  readonly reading: boolean[];
}

async function opened(options: RawOptions = {}, session: object = {}, offers: object = {}): Promise<Opened> {
  const target = new RawTarget({ segment: 512, ...options });
  const sim = rawSim(target, { keepaliveIntervalMs: 0, ...session, offers: { ...SIM_OPTIONS.offers, ...offers } });
  const reading: boolean[] = [];
  sim.setReading = (_connection?: number, on?: boolean): void => {
    reading.push(on === true);
  };
  expect(await sim.login()).toBeUndefined();
  rememberUnit(sim);
  const [connection] = target.connections;
  if (connection === undefined) throw new Error('There is no connection.');
  return { sim, target, connection, reading };
}

interface Stream {
  readonly task: Task;
  readonly got: Uint8Array[];
  /** Segments there is room for. */
  room: number;
}

function streamIn(sim: SessionSim, blocks: number, room: number, more: object = {}): Stream {
  const got: Uint8Array[] = [];
  const stream = { got, room } as { got: Uint8Array[]; room: number; task: Task };
  stream.task = sim.submit({
    cdb: read10(4, blocks),
    expectedIn: blocks * 512,
    consumer: {
      push: (segment) => {
        got.push(segment);
        stream.room -= 1;
        return stream.room > 0;
      },
    },
    noProgressMs: 1000,
    ...more,
  });
  return stream;
}

interface Source {
  readonly task: Task;
  /** Bytes that are there. */
  ready: number;
}

function streamOut(sim: SessionSim, data: Uint8Array, ready: number): Source {
  let at = 0;
  const source = { ready } as { ready: number; task: Task };
  source.task = sim.submit({
    cdb: write10(4, data.length / 512),
    expectedOut: data.length,
    source: {
      pull: (into) => {
        if (at + into.length > source.ready) return false;
        into.set(data.subarray(at, at + into.length));
        at += into.length;
        return true;
      },
    },
    noProgressMs: 1000,
  });
  return source;
}

describe('data that comes as a stream', () => {
  it('stops the reading of its connection while there is no room, which no deadline counts', async () => {
    const { sim, target, connection, reading } = await opened(
      {},
      { keepaliveIntervalMs: 400, keepaliveTimeoutMs: 300 },
    );
    let more: () => void = () => undefined;
    target.onRead((each, request) => {
      const data = pattern(UNIT, 4, 2);
      each.send({ opcode: 0x25, flags: 0, itt: request.itt, data: data.subarray(0, 512) }, false);
      more = () => {
        each.send({ opcode: 0x25, flags: 0x81, itt: request.itt, word36: 1, word40: 512, data: data.subarray(512) });
      };
      return true;
    });
    target.on(0x00, (_each, request) => request.itt !== 0xffffffff && reading.at(-1) === false);
    const stream = streamIn(sim, 2, 1);
    await sim.run(10);
    expect(reading).toEqual([false]);
    expect(sim.machine.core.connections.get(0)?.paused).toBe(true);
    // Far beyond the time without progress, and beyond any keepalive.
    await sim.run(20_000);
    expect([stream.task.state, sim.machine.core.state]).toEqual(['sent', 'full']);
    stream.room = 5;
    sim.machine.resumeDataIn(stream.task);
    expect(reading).toEqual([false, true]);
    await sim.run(900);
    expect(stream.task.state).toBe('sent');
    more();
    await sim.run(10, () => stream.task.state === 'done');
    expect(stream.task.error).toBeUndefined();
    expect(Buffer.concat(stream.got)).toEqual(pattern(UNIT, 4, 2));
    expect(connection.closed).toBe(false);
  });

  it('counts its time without progress from when it was read again', async () => {
    const { sim, target } = await opened();
    target.onRead((each, request) => {
      each.send({ opcode: 0x25, flags: 0, itt: request.itt, data: pattern(UNIT, 4, 1) }, false);
      return true;
    });
    const stream = streamIn(sim, 2, 1);
    const patient = sim.submit({ cdb: read10(1, 1), dataIn: new Uint8Array(512), timeoutMs: 60_000 });
    await sim.run(5000);
    const from = sim.clock;
    sim.machine.resumeDataIn(stream.task);
    await sim.run(5000, () => stream.task.state === 'done');
    expect(stream.task.error?.code).toBe('TIMEOUT_NO_PROGRESS');
    expect(sim.clock - from).toBe(1000);
    expect(patient.state).toBe('sent');
  });

  it("goes on being read once it is called off, and is then nobody's", async () => {
    const { sim, target, reading } = await opened();
    const stream = streamIn(sim, 4, 1);
    let held: (() => void) | undefined;
    target.on(0x02, (each, request) => {
      held = () => {
        each.answer(request);
      };
      return true;
    });
    await sim.run(10);
    expect(stream.task.state).toBe('done');
    const second = streamIn(sim, 4, 1);
    target.onRead((each, request) => {
      each.send({ opcode: 0x25, flags: 0, itt: request.itt, data: pattern(UNIT, 4, 1) }, false);
      return true;
    });
    const third = streamIn(sim, 4, 1);
    await sim.run(10);
    reading.length = 0;
    sim.machine.abort(third.task, new CancelledError('CANCELLED', 'Called off.'));
    expect(reading).toEqual([true]);
    held?.();
    await sim.run(3000, () => third.task.state === 'done');
    expect([third.task.error?.code, third.got.length]).toEqual(['CANCELLED', 1]);
    expect(second.task.state).toBe('done');
    // A task that never went anywhere has nothing to go on with.
    const waiting = new Task({ lunHigh: 0, lunLow: 0, cdb: new Uint8Array(6) }, () => undefined);
    reading.length = 0;
    sim.machine.resumeDataIn(waiting);
    expect(reading).toEqual([]);
  });
});

describe('data that is sent as a stream', () => {
  it('waits for its source: what was asked for meanwhile is served in its order', async () => {
    const { sim, target } = await opened({}, {}, { initialR2T: false, firstBurstLength: 1024, maxBurstLength: 1024 });
    target.burst = 1024;
    const data = pattern(UNIT, 4, 6);
    const written = Buffer.alloc(data.length);
    target.on(0x05, (each, request) => {
      request.data.copy(written, request.bhs.readUInt32BE(40));
      target.dataOut.push(request);
      if (target.dataOut.length === 3) each.send({ opcode: 0x21, itt: request.itt });
      return true;
    });
    target.onWrite((each, request) => {
      // Two bursts are asked for while not even the unsolicited one has come.
      for (const at of [1024, 2048])
        each.send({ opcode: 0x31, itt: request.itt, ttt: at, word36: at / 1024 - 1, word40: at, word44: 1024 }, false);
      return true;
    });
    const source = streamOut(sim, data, 512);
    await sim.run(10);
    expect(target.received.filter((each) => each.opcode === 0x05)).toHaveLength(0);
    for (const ready of [1024, 2048, 2560, 3072]) {
      source.ready = ready;
      sim.machine.resumeDataOut(source.task);
      await sim.run(10);
    }
    await sim.run(10, () => source.task.state === 'done');
    expect(source.task.error).toBeUndefined();
    const sent = target.dataOut.map((each) => [each.ttt, each.bhs.readUInt32BE(40), each.data.length]);
    expect(sent).toEqual([
      [0xffffffff, 0, 1024],
      [1024, 1024, 1024],
      [2048, 2048, 1024],
    ]);
    expect(written).toEqual(data);
    // There is nothing to go on with any more.
    sim.machine.resumeDataOut(source.task);
  });

  it.each([true, false])('goes with the command where it may and is there: %s', async (isThere) => {
    const { sim, target } = await opened({}, {}, { immediateData: true, firstBurstLength: 512 });
    const data = pattern(UNIT, 4, 2);
    const source = streamOut(sim, data, isThere ? data.length : 0);
    await sim.run(5);
    const command = target.received.find((each) => each.opcode === 0x01);
    expect(command?.data.length).toBe(isThere ? 512 : 0);
    source.ready = data.length;
    sim.machine.resumeDataOut(source.task);
    await sim.run(10, () => source.task.state === 'done');
    expect(source.task.error).toBeUndefined();
    expect(target.written).toEqual([{ lba: 4, data }]);
  });

  it('is not asked for more often at once than was agreed', async () => {
    const { sim, target } = await opened({ keys: { MaxOutstandingR2T: '2' } });
    target.onWrite((each, request) => {
      for (const sn of [0, 1, 2])
        each.send({ opcode: 0x31, itt: request.itt, ttt: 9 + sn, word36: sn, word40: sn * 512, word44: 512 }, false);
      return true;
    });
    const source = streamOut(sim, pattern(UNIT, 4, 3), 0);
    await sim.run(10, () => source.task.state === 'done');
    expect(sim.machine.core.closeReason?.message).toMatch(/MaxOutstandingR2T=2/u);
    expect(source.task.error?.code).toBe('TASK_UNKNOWN_OUTCOME');
  });

  it('cannot be asked for out of its order, whatever was agreed', async () => {
    const { sim, target } = await opened({ keys: { DataSequenceInOrder: 'No' } }, {}, { dataSequenceInOrder: false });
    target.onWrite((each, request) => {
      each.send({ opcode: 0x31, itt: request.itt, ttt: 9, word40: 512, word44: 512 }, false);
      return true;
    });
    const source = streamOut(sim, pattern(UNIT, 4, 2), 1024);
    await sim.run(10, () => source.task.state === 'done');
    expect(sim.machine.core.closeReason?.message).toMatch(/out of order for data that is streamed/u);
  });

  it('ends with its connection, whose loss leaves what became of it unknown', async () => {
    const { sim, target } = await opened(
      {},
      { maxReconnectAttempts: 3, reconnectBackoffMs: 10 },
      { errorRecoveryLevel: 2, defaultTime2Retain: 20 },
    );
    let writes = 0;
    target.onWrite((_each, request) => {
      writes += 1;
      // The second does not count as taken.
      if (writes === 2) target.expCmdSn = request.cmdSn;
      return true;
    });
    const source = streamOut(sim, pattern(UNIT, 4, 2), 0);
    const untaken = streamOut(sim, pattern(UNIT, 4, 2), 0);
    await sim.run(1);
    target.connections[0]?.reset();
    await sim.run(2000);
    expect(source.task.error?.code).toBe('TASK_UNKNOWN_OUTCOME');
    // One that was never taken has done nothing.
    expect(untaken.task.error?.code).toBe('CONNECTION_LOST');
    const after = submitRead(sim, 1, 1);
    await sim.run(100, () => after.state === 'done');
    expect(isRight(after, 1)).toBe(true);
  });
});
