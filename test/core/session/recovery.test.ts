import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../core/session/backoff.ts';
import { UNIT, type Unit } from '../../hostile/peers/raw-unit.ts';
import { RawTarget, type RawOptions } from '../../hostile/peers/raw-target.ts';
import { isRight, rawSim, rememberUnit, submitRead, submitWrite } from '../../support/raw-sim.ts';
import type { SessionSim } from '../../support/session-sim.ts';

const RETURNING = { maxReconnectAttempts: 5 };

async function opened(
  options: RawOptions = {},
  session = {},
): Promise<{ sim: SessionSim; target: RawTarget; options: RawOptions }> {
  const target = new RawTarget(options);
  const sim = rawSim(target, { ...RETURNING, ...session });
  expect(await sim.login()).toBeUndefined();
  rememberUnit(sim, options.unit);
  return { sim, target, options };
}

function states(sim: SessionSim): string[] {
  return sim.events.flatMap((event) => (event.kind === 'state' ? [event.to] : []));
}

describe('a session that loses its only connection', () => {
  it('logs in again under the same ISID without a handle, and reads once more', async () => {
    const { sim, target } = await opened();
    target.onRead((connection) => {
      if (target.logins > 1) return false;
      connection.reset();
      return true;
    });
    const task = submitRead(sim, 10, 4);
    const lostAt = sim.clock;
    await sim.run(60_000, () => task.state === 'done');
    expect(isRight(task, 10)).toBe(true);
    expect(task.retries).toBe(1);
    expect(sim.clock - lostAt).toBeGreaterThanOrEqual(1000);
    expect(sim.clock - lostAt).toBeLessThan(1500);
    expect(states(sim)).toEqual(['connecting', 'login', 'full', 'recovering', 'full']);
    expect(sim.machine.core.generation).toBe(2);
    const logins = target.received.filter((each) => each.opcode === 0x03);
    expect(new Set(logins.map((each) => each.bhs.subarray(8, 14).toString('hex')))).toEqual(new Set(['800000010001']));
    expect(logins.filter((each) => each.bhs.readUInt16BE(14) !== 0)).toEqual([]);
  });

  it('asks who the units are before it sends anything else', async () => {
    const { sim, target } = await opened();
    submitRead(sim, 0, 1);
    await sim.run(10);
    target.connections[0]?.reset();
    const task = submitRead(sim, 3, 1);
    await sim.run(10);
    const late = submitRead(sim, 4, 1);
    target.received.length = 0;
    await sim.run(60_000, () => task.state === 'done' && late.state === 'done');
    expect(isRight(task, 3) && isRight(late, 4)).toBe(true);
    const commands = target.received.filter((each) => each.opcode === 0x01).map((each) => each.cdb[0]);
    expect(commands.slice(0, 4)).toEqual([0x12, 0x12, 0x12, 0x25]);
    expect(commands.slice(4)).toEqual([0x28, 0x28]);
  });

  const others: Record<string, Unit> = {
    'another serial number': { ...UNIT, serial: 'RAW-0002', seed: 1 },
    'another NAA name': { ...UNIT, naa: '5000c50012345679', seed: 1 },
    'another capacity': { ...UNIT, blocks: 32768, seed: 1 },
    'another block size': { ...UNIT, blockSize: 4096, seed: 1 },
  };
  it.each(Object.entries(others))('sends nothing to a unit with %s', async (_name, other) => {
    const { sim, target, options } = await opened();
    target.onRead((connection) => {
      if (target.logins > 1) return false;
      connection.reset();
      options.unit = other;
      return true;
    });
    const reading = submitRead(sim, 10, 4);
    await sim.run(60_000, () => reading.state === 'done');
    expect(reading.error?.code).toBe('TASK_IDENTITY_CHANGED');
    await sim.run(100);
    expect(target.received.filter((each) => each.opcode === 0x01 && each.cdb[0] === 0x28)).toHaveLength(1);
    expect(sim.machine.core.state).toBe('full');
  });

  it('never sends a write again whose status was not seen', async () => {
    const { sim, target } = await opened();
    target.on(0x05, (connection) => {
      connection.reset();
      return true;
    });
    const writing = submitWrite(sim, 5, new Uint8Array(1024).fill(9));
    await sim.run(60_000, () => writing.state === 'done');
    expect(writing.error?.code).toBe('TASK_UNKNOWN_OUTCOME');
    await sim.run(30_000, () => sim.machine.core.state === 'full');
    await sim.run(1000);
    expect(target.received.filter((each) => each.opcode === 0x01 && each.cdb[0] === 0x2a)).toHaveLength(1);
  });

  it('sends a write that had not been sent yet, once the unit is known to be the same', async () => {
    const { sim, target } = await opened({ window: 1 });
    target.on(
      0x01,
      (connection) => {
        if (target.logins > 1) return false;
        connection.reset();
        return true;
      },
      0x28,
    );
    const reading = submitRead(sim, 1, 1);
    const writing = submitWrite(sim, 7, new Uint8Array(512).fill(7));
    await sim.run(60_000, () => reading.state === 'done' && writing.state === 'done');
    expect(isRight(reading, 1)).toBe(true);
    expect(writing.error).toBeUndefined();
    expect(target.written.map((each) => each.lba)).toEqual([7]);
  });

  it('reads again only once', async () => {
    const { sim, target } = await opened();
    target.onRead((connection) => {
      connection.reset();
      return true;
    });
    const task = submitRead(sim, 10, 4);
    await sim.run(60_000, () => task.state === 'done');
    expect(task.error?.code).toBe('CONNECTION_LOST');
    expect(target.received.filter((each) => each.opcode === 0x01 && each.cdb[0] === 0x28)).toHaveLength(2);
  });

  it('does not repeat a read after the target broke the protocol', async () => {
    const { sim, target } = await opened();
    target.onRead((connection, request) => {
      connection.send({ opcode: 0x25, flags: 0x81, itt: request.itt, word40: 512, data: Buffer.alloc(512) });
      return true;
    });
    const task = submitRead(sim, 10, 4);
    await sim.run(60_000, () => task.state === 'done');
    expect(task.error?.code).toBe('PROTOCOL_DATA');
    await sim.run(5000);
    expect(sim.machine.core.state).toBe('full');
  });

  it('gives up after the attempts it was given, and says why', async () => {
    const { sim, target } = await opened();
    const reading = submitRead(sim, 1, 1);
    await sim.run(5);
    expect(isRight(reading, 1)).toBe(true);
    sim.accept = () => 'refuse';
    target.connections[0]?.reset();
    const waiting = submitRead(sim, 2, 1);
    await sim.run(120_000, () => sim.machine.core.state === 'closed');
    expect(sim.opened).toHaveLength(1 + 5);
    expect(waiting.error?.code).toBe('CONNECTION_LOST');
    expect(waiting.error?.message).toContain('Refused');
    expect(submitRead(sim, 3, 1).error?.code).toBe('CONNECTION_LOST');
  });

  it('keeps to the deadline of a command while it is away', async () => {
    const { sim, target } = await opened({}, { maxReconnectAttempts: 100, commandTimeoutMs: 4000 });
    sim.accept = () => 'silence';
    target.connections[0]?.reset();
    await sim.run(10);
    const from = sim.clock;
    const waiting = submitRead(sim, 2, 1);
    await sim.run(60_000, () => waiting.state === 'done');
    expect(waiting.error?.code).toBe('TIMEOUT_COMMAND');
    expect(sim.clock - from).toBe(4000);
  });

  it('refuses what it could not check while it is away', async () => {
    const { sim, target } = await opened();
    target.connections[0]?.reset();
    await sim.run(10);
    const other = sim.submit({ lunHigh: 0x00010000, cdb: new Uint8Array(6) });
    expect(other.error).toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
  });

  it('pauses longer and longer, and never more than 30 s', async () => {
    const { sim, target } = await opened({}, { maxReconnectAttempts: 9 });
    target.onAccept = (connection) => {
      connection.end();
    };
    target.connections[0]?.reset();
    await sim.run(400_000, () => sim.machine.core.state === 'closed');
    const times = sim.opened.slice(1).map((each) => each.at);
    const pauses = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(pauses).toHaveLength(8);
    pauses.forEach((pause, i) => {
      const plain = Math.min(30_000, 1000 * 2 ** (i + 1));
      expect(pause).toBeGreaterThanOrEqual(Math.min(plain, 30_000));
      expect(pause).toBeLessThanOrEqual(Math.min(plain * 1.25, 30_000) + 11);
    });
  });

  it.each(['refuse', 'silence'] as const)(
    'is back within 2 s of the end of an outage, however long it was (%s)',
    async (answer) => {
      for (const awayMs of [5000, 20_000, 60_000, 200_000, 201_300, 202_600]) {
        const { sim, target } = await opened({}, { maxReconnectAttempts: 20, connectTimeoutMs: 10_000 });
        const { accept } = sim;
        sim.accept = () => answer;
        target.connections[0]?.reset();
        await sim.run(awayMs);
        sim.accept = accept;
        const returned = sim.clock;
        await sim.run(60_000, () => sim.machine.core.state === 'full');
        // Here a connect that was under way when the network returned is lost; a kernel repeats its SYN after a second.
        expect(sim.clock - returned).toBeLessThan(answer === 'refuse' ? 2000 : 2300);
        const tries = sim.opened.slice(1).map((each) => each.at);
        const gaps = tries.slice(1).map((at, i) => at - (tries[i] ?? 0));
        expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
        expect(sim.events.filter((event) => event.kind === 'step' && event.step === 'retry').length).toBeLessThan(21);
      }
    },
  );

  it('does not count it as an attempt when it looks for the host in between', async () => {
    const { sim, target } = await opened({}, { maxReconnectAttempts: 6, connectTimeoutMs: 1 });
    sim.accept = () => 'silence';
    target.connections[0]?.reset();
    const lostAt = sim.clock;
    await sim.run(600_000, () => sim.machine.core.state === 'closed');
    // 1 + 2 + 4 + 8 + 16 + 30 s of pauses, each longer by up to a quarter, and the sixth failure is the last.
    expect(sim.clock - lostAt).toBeGreaterThanOrEqual(61_000);
    expect(sim.clock - lostAt).toBeLessThan(77_000);
    expect(sim.opened.length).toBeGreaterThan(30);
    expect(sim.opened.length).toBeLessThan(80);
    const said = sim.events.flatMap((event) => (event.kind === 'step' ? [event.step] : []));
    expect(said.filter((step) => step === 'retry')).toHaveLength(6);
    expect(said.filter((step) => step === 'connect')).toHaveLength(7);
  });

  it('lets others log in while it only looks for its host', async () => {
    const { sim, target } = await opened({}, { connectTimeoutMs: 1 });
    sim.accept = () => 'silence';
    target.connections[0]?.reset();
    await sim.run(12_000);
    const waits: number[] = [];
    let open = 0;
    sim.acquireLogin = () => {
      open += 1;
      waits.push(sim.clock);
      return () => {
        open -= 1;
      };
    };
    await sim.run(60_000);
    expect(waits.length).toBeGreaterThan(1);
    expect(open).toBe(1);
    const before = waits.length;
    await sim.run(60_000);
    expect(waits).toHaveLength(before);
  });

  it('waits as long as the target asked at login', async () => {
    const target = new RawTarget({ keys: { DefaultTime2Wait: '3' } });
    const sim = rawSim(target, RETURNING);
    expect(await sim.login()).toBeUndefined();
    target.connections[0]?.reset();
    const lostAt = sim.clock;
    await sim.run(60_000, () => sim.machine.core.generation === 2);
    expect(sim.clock - lostAt).toBeGreaterThanOrEqual(3000);
  });

  it('comes back to a unit that needs a moment, and tells it from one that is gone', async () => {
    const { sim, target } = await opened({}, { commandTimeoutMs: 120_000 });
    let absent = 2;
    target.onAccept = () => {
      absent -= 1;
    };
    target.on(0x01, (connection, request) => {
      if (absent < 0 || target.logins < 2) return false;
      connection.send({ opcode: 0x21, itt: request.itt, byte3: 0x02 });
      return true;
    });
    target.connections[0]?.reset();
    await sim.run(1);
    const task = submitRead(sim, 9, 1);
    await sim.run(30_000, () => task.state === 'done');
    expect(isRight(task, 9)).toBe(true);
    absent = 1000;
    target.connections.at(-1)?.reset();
    await sim.run(1);
    const late = submitRead(sim, 9, 1);
    await sim.run(120_000, () => late.state === 'done');
    expect(late.error?.code).toBe('TASK_IDENTITY_CHANGED');
  });

  it('ends at once when it is closed while away', async () => {
    const { sim, target } = await opened();
    target.connections[0]?.reset();
    await sim.run(10);
    const waiting = submitRead(sim, 2, 1);
    let answered = false;
    sim.machine.logout(1000, () => {
      answered = true;
    });
    expect(answered).toBe(true);
    expect(waiting.error?.code).toBe('SESSION_CLOSED');
    const before = sim.opened.length;
    await sim.run(60_000);
    expect(sim.opened).toHaveLength(before);
  });

  it('stops asking when its credentials are refused', async () => {
    const { sim, target } = await opened({}, { maxReconnectAttempts: 50 });
    target.on(0x03, (connection, request) => {
      connection.login(request, { word36: 0x02010000, flags: 0, byte2: 0 });
      return true;
    });
    target.connections[0]?.reset();
    await sim.run(600_000, () => sim.machine.core.state === 'closed');
    expect(sim.opened.length).toBeLessThanOrEqual(4);
    expect(sim.machine.core.closeReason?.code).toBe('AUTH_REFUSED');
  });

  it('gives up on a target that takes every login and nothing more', async () => {
    const { sim, target } = await opened();
    target.on(0x01, (connection) => {
      connection.reset();
      return true;
    });
    target.connections[0]?.reset();
    await sim.run(600_000, () => sim.machine.core.state === 'closed');
    expect(sim.opened).toHaveLength(6);
  });
});

describe('asynchronous messages that end connections', () => {
  it('log out and come back when the target asks for it', async () => {
    const { sim, target } = await opened();
    const reading = submitRead(sim, 1, 1);
    await sim.run(5);
    expect(isRight(reading, 1)).toBe(true);
    target.connections[0]?.send({ opcode: 0x32, byte3: 0, word36: 0x01000000, word40: 10 });
    await sim.run(60_000, () => sim.machine.core.generation === 2 && sim.machine.core.state === 'full');
    const logout = target.received.find((each) => each.opcode === 0x06);
    expect((logout?.flags ?? 0) & 0x7f).toBe(0);
    const after = submitRead(sim, 8, 1);
    await sim.run(5000, () => after.state === 'done');
    expect(isRight(after, 8)).toBe(true);
  });

  it('stay away as long as the target says when it drops everything', async () => {
    const { sim, target } = await opened();
    const reading = submitRead(sim, 1, 1);
    await sim.run(5);
    expect(reading.state).toBe('done');
    // Event 3, Parameter1 0, Parameter2 (Time2Wait) 4.
    target.connections[0]?.send({ opcode: 0x32, word36: 0x03000000, word40: 0x00040000 });
    const at = sim.clock;
    await sim.run(60_000, () => sim.machine.core.generation === 2);
    expect(sim.clock - at).toBeGreaterThanOrEqual(4000);
    expect(sim.clock - at).toBeLessThan(5500);
  });
});

describe('the pauses between attempts', () => {
  it('start over after a minute of peace', () => {
    const backoff = new Backoff(1000, () => 0);
    for (let i = 0; i < 4; i += 1) backoff.failed(i, false);
    expect(backoff.delay()).toBe(16_000);
    backoff.succeeded(100_000);
    backoff.lost(130_000);
    expect(backoff.delay()).toBe(16_000);
    backoff.succeeded(140_000);
    backoff.lost(200_000);
    expect(backoff.delay()).toBe(1000);
  });

  it('stay short while a host refuses, for ten seconds', () => {
    const backoff = new Backoff(1000, () => 0.5);
    backoff.lost(0);
    backoff.failed(1000, true);
    backoff.failed(9000, true);
    expect(backoff.delay()).toBe(1125);
    backoff.failed(10_000, true);
    expect(backoff.delay()).toBe(2250);
  });
});
