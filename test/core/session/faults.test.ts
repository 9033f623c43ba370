import { describe, expect, it } from 'vitest';
import { CancelledError, LunascopeError } from '../../../core/errors/index.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import { isRight, rawSim, rememberUnit, submitRead, submitWrite } from '../../support/raw-sim.ts';
import { seeded, SIM_OPTIONS, type SessionSim } from '../../support/session-sim.ts';

/** Runs a login, a read, a write and a logout; returns how each task ended. */
async function conversation(sim: SessionSim, target: RawTarget): Promise<{ ok: boolean; codes: string[] }> {
  const failure = await sim.login();
  if (failure !== undefined) return { ok: false, codes: [failure.code] };
  rememberUnit(sim);
  const read = submitRead(sim, 5, 4);
  const data = pattern(UNIT, 9, 3);
  const write = submitWrite(sim, 9, data);
  await sim.run(120_000, () => read.state === 'done' && write.state === 'done');
  const codes = [read.error?.code ?? 'none', write.error?.code ?? 'none'];
  if (read.error === undefined && !isRight(read, 5)) codes.push('WRONG DATA');
  if (write.error === undefined && !target.written.some((each) => Buffer.compare(each.data, data) === 0))
    codes.push('WRONG WRITE');
  let left = false;
  sim.machine.logout(1000, () => {
    left = true;
  });
  await sim.run(10_000, () => left);
  return { ok: read.error === undefined && write.error === undefined, codes };
}

function bytesOf(): Promise<number> {
  const target = new RawTarget({ segment: 512 });
  const sim = rawSim(target);
  let total = 0;
  sim.link = {
    cut: (bytes) => {
      total += bytes.length;
      return [bytes];
    },
  };
  return conversation(sim, target).then(() => total);
}

describe('a conversation', () => {
  it('is the same however its bytes are cut in two', async () => {
    const total = await bytesOf();
    for (let at = 1; at < total; at += 1) {
      const target = new RawTarget({ segment: 512 });
      const sim = rawSim(target);
      let seen = 0;
      sim.link = {
        cut: (bytes) => {
          const cut = at - seen;
          seen += bytes.length;
          return cut > 0 && cut < bytes.length ? [bytes.subarray(0, cut), bytes.subarray(cut)] : [bytes];
        },
      };
      expect((await conversation(sim, target)).ok, `cut at ${String(at)}`).toBe(true);
    }
  }, 60_000);

  it('is the same a byte at a time, with digests, over slow wires', async () => {
    for (const digests of [false, true]) {
      const target = new RawTarget({ segment: 512 });
      const offers = {
        ...SIM_OPTIONS.offers,
        ...(digests ? { headerDigest: ['CRC32C'], dataDigest: ['CRC32C'] } : {}),
      } as never;
      const sim = rawSim(target, { offers });
      const random = seeded(7);
      sim.link = {
        cut: (bytes) => Array.from(bytes, (byte) => Uint8Array.of(byte)),
        delay: () => random() * 2,
      };
      expect(await conversation(sim, target)).toEqual({ ok: true, codes: ['none', 'none'] });
    }
  });

  it('ends with a typed error, or right, when the connection goes at the n-th byte, for every n', async () => {
    const total = await bytesOf();
    const ends = new Set<string>();
    for (let at = 0; at < total; at += 1) {
      const target = new RawTarget({ segment: 512 });
      const sim = rawSim(target, { maxReconnectAttempts: 3 });
      let seen = 0;
      sim.link = {
        cut: (bytes) => {
          const room = at - seen;
          seen += bytes.length;
          if (room >= bytes.length || target.connections.length > 1) return [bytes];
          const [connection] = target.connections;
          if (connection?.closed === false) queueMicrotask(() => connection.reset());
          return room > 0 ? [bytes.subarray(0, room)] : [];
        },
      };
      const { codes } = await conversation(sim, target);
      for (const code of codes) ends.add(code);
      expect(sim.machine.core.tasks.size).toBe(0);
      expect(sim.machine.core.controls.size).toBe(0);
      expect(target.written.length).toBeLessThanOrEqual(1);
    }
    expect([...ends].sort()).toEqual(['CONNECTION_LOST', 'TASK_UNKNOWN_OUTCOME', 'none']);
  }, 60_000);

  it('brings no wrong data and no other exception when bytes are damaged', async () => {
    const total = await bytesOf();
    const random = seeded(11);
    for (let round = 0; round < 1500; round += 1) {
      const at = Math.floor(random() * total);
      const flip = 1 + Math.floor(random() * 255);
      const target = new RawTarget({ segment: 512 });
      const offers = { ...SIM_OPTIONS.offers, headerDigest: ['CRC32C'], dataDigest: ['CRC32C'] } as never;
      const sim = rawSim(
        target,
        { offers, commandTimeoutMs: 500, keepaliveIntervalMs: 0, logoutTimeoutMs: 200 },
        round + 1,
      );
      let seen = 0;
      sim.link = {
        cut: (bytes) => {
          const place = at - seen;
          seen += bytes.length;
          if (place >= 0 && place < bytes.length) bytes[place] = (bytes[place] ?? 0) ^ flip;
          return [bytes];
        },
      };
      const { codes } = await conversation(sim, target);
      expect(codes).not.toContain('WRONG DATA');
    }
  }, 60_000);

  it('of random bytes in full feature phase ends in a ProtocolError or at a deadline, and in nothing else', async () => {
    const random = seeded(23);
    const opcodes = [0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x31, 0x32, 0x3f];
    for (let round = 0; round < 2000; round += 1) {
      const target = new RawTarget();
      const sim = rawSim(target, { commandTimeoutMs: 100, abortTimeoutMs: 50, keepaliveIntervalMs: 0 });
      expect(await sim.login()).toBeUndefined();
      target.rules.push(() => true);
      const read = submitRead(sim, 1, 2);
      const write = submitWrite(sim, 1, new Uint8Array(1024));
      await sim.run(1);
      const bytes = Uint8Array.from({ length: 48 + Math.floor(random() * 200) }, () => Math.floor(random() * 256));
      bytes[0] = opcodes[Math.floor(random() * opcodes.length)] ?? 0;
      bytes.set([0, 0, 0, bytes.length - 48 - ((bytes.length - 48) % 4)], 4);
      if (random() < 0.7) bytes.set([0, 0, 0, random() < 0.5 ? 0 : 1], 16);
      if (random() < 0.5) bytes.set([0, 0, 0, 3], 24);
      target.connections[0]?.raw(bytes);
      await sim.run(1000, () => read.state === 'done' && write.state === 'done');
      expect(read.state).toBe('done');
      expect(write.state).toBe('done');
      expect(
        read.error === undefined ? isRight(read, 1) || read.status !== 0 : read.error instanceof LunascopeError,
      ).toBe(true);
    }
  }, 60_000);
});

describe('calling off', () => {
  it('sends ABORT TASK for what was sent, and goes on', async () => {
    const target = new RawTarget();
    const sim = rawSim(target);
    await sim.login();
    target.onRead(() => target.received.filter((each) => each.opcode === 0x01).length < 2);
    const task = submitRead(sim, 1, 1);
    await sim.run(1);
    sim.machine.abort(task, new CancelledError('CANCELLED', 'Called off.'));
    await sim.run(10);
    expect(task.error?.code).toBe('CANCELLED');
    const tmf = target.received.find((each) => each.opcode === 0x02);
    expect([tmf?.flags, tmf?.ttt, tmf?.bhs.readUInt32BE(32)]).toEqual([0x81, task.itt, task.cmdSn]);
    const after = submitRead(sim, 2, 1);
    await sim.run(10, () => after.state === 'done');
    expect(isRight(after, 2)).toBe(true);
  });

  it('drops the connection when the target does not answer ABORT TASK, after its deadline', async () => {
    const target = new RawTarget();
    const sim = rawSim(target, { keepaliveIntervalMs: 0 });
    await sim.login();
    target.rules.push(() => true);
    const task = submitRead(sim, 1, 1);
    await sim.run(1);
    const from = sim.clock;
    sim.machine.abort(task, new CancelledError('CANCELLED', 'Called off.'));
    await sim.run(60_000, () => task.state === 'done');
    expect(task.error?.code).toBe('CANCELLED');
    expect(sim.clock - from).toBe(SIM_OPTIONS.abortTimeoutMs);
    expect(sim.machine.core.state).toBe('closed');
    expect(target.received.filter((each) => each.opcode === 0x02)).toHaveLength(1);
  });

  it('takes a status that was under way for what it is, and drops late data', async () => {
    const target = new RawTarget();
    const sim = rawSim(target);
    await sim.login();
    target.on(0x02, () => true);
    const held: (() => void)[] = [];
    target.onRead((connection, request) => {
      held.push(() => {
        connection.answer(request);
      });
      return target.received.every((each) => each.opcode !== 0x02);
    });
    const task = submitRead(sim, 1, 1);
    await sim.run(1);
    sim.machine.abort(task, new CancelledError('CANCELLED', 'Called off.'));
    await sim.run(1);
    held[0]?.();
    await sim.run(10);
    expect(task.error?.code).toBe('CANCELLED');
    expect(Buffer.compare(task.dataIn ?? new Uint8Array(0), new Uint8Array(512))).toBe(0);
    expect(sim.machine.core.state).toBe('full');
  });

  it('ends what waits for the window without a word', async () => {
    const target = new RawTarget({ window: 1 });
    const sim = rawSim(target);
    await sim.login();
    target.onRead(() => true);
    submitRead(sim, 1, 1);
    const waiting = submitRead(sim, 2, 1);
    sim.machine.abort(waiting, new CancelledError('CANCELLED', 'Called off.'));
    expect(waiting.error?.code).toBe('CANCELLED');
    await sim.run(10);
    expect(target.received.filter((each) => each.opcode === 0x02)).toEqual([]);
  });
});

describe('the keepalive', () => {
  it('pings after silence, and gives a silent connection up', async () => {
    const target = new RawTarget();
    const sim = rawSim(target);
    await sim.login();
    await sim.run(12_000);
    expect(target.received.filter((each) => each.opcode === 0x00).length).toBeGreaterThanOrEqual(2);
    expect(sim.events.some((event) => event.kind === 'ping')).toBe(true);
    target.rules.push(() => true);
    const from = sim.clock;
    await sim.run(60_000, () => sim.machine.core.state === 'closed');
    expect(sim.machine.core.closeReason?.code).toBe('TIMEOUT_KEEPALIVE');
    expect(sim.clock - from).toBeLessThanOrEqual(10_000);
  });

  it('forgets the deadline of the login once it is over', async () => {
    const target = new RawTarget();
    const sim = rawSim(target, { keepaliveIntervalMs: 0 });
    await sim.login();
    await sim.run(100_000);
    expect(sim.machine.core.state).toBe('full');
    expect(sim.machine.deadline).toBe(Infinity);
  });
});
