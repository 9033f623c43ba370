import { describe, expect, it } from 'vitest';
import type { Task } from '../../../core/session/index.ts';
import { Pair, type PairOptions } from '../../support/pair-sim.ts';
import { read10, write10 } from '../../support/raw-sim.ts';

const READ_AT = 3;
const OP = { command: 0x01, tmf: 0x02, dataOut: 0x05, logout: 0x06, snack: 0x10 } as const;
const BACK = { response: 0x21, dataIn: 0x25, r2t: 0x31, nopIn: 0x20, reject: 0x3f } as const;
const TASK_REASSIGN = 8;

interface Work {
  readonly read: Task;
  readonly write: Task;
  readonly data: Uint8Array;
  readonly isRight: () => boolean;
}

function work(pair: Pair, connections: { readonly read?: number; readonly write?: number } = {}, blocks = 5): Work {
  const expected = pair.bytes.slice(READ_AT * 512, (READ_AT + blocks) * 512);
  const dataIn = new Uint8Array(blocks * 512);
  const data = Uint8Array.from({ length: blocks * 512 }, (_, i) => (i * 5 + 3) & 0xff);
  const read = pair.sim.submit({
    cdb: read10(READ_AT, blocks),
    dataIn,
    whole: true,
    idempotent: true,
    ...(connections.read === undefined ? {} : { connection: connections.read }),
  });
  const write = pair.sim.submit({
    cdb: write10(20, blocks),
    dataOut: data,
    whole: true,
    ...(connections.write === undefined ? {} : { connection: connections.write }),
  });
  const isRight = (): boolean =>
    read.error === undefined &&
    write.error === undefined &&
    Buffer.compare(dataIn, expected) === 0 &&
    Buffer.compare(pair.bytes.subarray(20 * 512, (20 + blocks) * 512), data) === 0;
  return { read, write, data, isRight };
}

async function opened(options: PairOptions, connections = 1): Promise<Pair> {
  const pair = new Pair(options);
  expect(await pair.sim.login()).toBeUndefined();
  await pair.rememberUnit();
  for (let id = 1; id < connections; id += 1) {
    let joined: unknown;
    pair.sim.machine.addConnection(undefined, (number, error) => {
      joined = error ?? number;
    });
    await pair.sim.run(1000, () => joined !== undefined);
    expect(joined).toBe(id);
  }
  pair.pdus.length = 0;
  pair.carriedOut.length = 0;
  return pair;
}

async function done(pair: Pair, { read, write }: Work, ms = 30_000): Promise<void> {
  await pair.sim.run(ms, () => read.state === 'done' && write.state === 'done');
}

function sent(pair: Pair, opcode: number): Uint8Array[] {
  return pair.pdus.filter((pdu) => pdu.out && pdu.opcode === opcode).map((pdu) => pdu.header);
}

function word(header: Uint8Array | undefined, at: number): number {
  return new DataView((header ?? new Uint8Array(48)).buffer).getUint32(at);
}

/** A filter that swallows the n-th PDU of an opcode from the target, once it is armed. */
function swallow(opcode: number, nth: number): { readonly filter: NonNullable<PairOptions['filter']>; armed: boolean } {
  let seen = 0;
  const state: { readonly filter: NonNullable<PairOptions['filter']>; armed: boolean } = {
    armed: false,
    filter: (way, pdu) => {
      if (!state.armed || way !== 'in' || ((pdu[0] ?? 0) & 0x3f) !== opcode) return true;
      seen += 1;
      return seen !== nth + 1;
    },
  };
  return state;
}

describe.each([1, 2] as const)('with the embedded target at error recovery level %i', (level) => {
  it.each([0, 1, 2, 3])('Data-In %i that was lost is asked for and sent again', async (nth) => {
    const loss = swallow(BACK.dataIn, nth);
    const pair = await opened({ level, filter: loss.filter });
    loss.armed = true;
    const job = work(pair);
    await done(pair, job);
    expect(job.isRight()).toBe(true);
    const [snack] = sent(pair, OP.snack).filter((header) => ((header[1] ?? 0) & 0x0f) === 0);
    expect([word(snack, 16), word(snack, 40), word(snack, 44)]).toEqual([job.read.itt, nth, 0]);
    expect(pair.sim.machine.core.generation).toBe(1);
    expect(pair.lines).toHaveLength(1);
  });

  it('the last Data-In, which brings the status, is asked for as a status', async () => {
    const loss = swallow(BACK.dataIn, 4);
    const pair = await opened({ level, filter: loss.filter });
    loss.armed = true;
    const job = work(pair);
    await done(pair, job);
    expect(job.isRight()).toBe(true);
    expect(sent(pair, OP.snack).map((header) => (header[1] ?? 0) & 0x0f)).toContain(1);
    expect(pair.lines).toHaveLength(1);
  });

  it.each([0, 1])('R2T %i that was lost is asked for and sent again', async (nth) => {
    const loss = swallow(BACK.r2t, nth);
    const pair = await opened({ level, filter: loss.filter });
    loss.armed = true;
    const job = work(pair);
    await done(pair, job);
    expect(job.isRight()).toBe(true);
    const snacks = sent(pair, OP.snack).filter((header) => word(header, 16) === job.write.itt);
    expect(snacks.map((header) => word(header, 40))).toEqual([nth]);
    expect(pair.carriedOut.filter(({ opcode }) => opcode === 0x2a)).toHaveLength(1);
  });

  it('a status that was lost is asked for and sent again', async () => {
    const loss = swallow(BACK.response, 0);
    const pair = await opened({ level, filter: loss.filter });
    loss.armed = true;
    const job = work(pair);
    await done(pair, job);
    expect(job.isRight()).toBe(true);
    const [snack] = sent(pair, OP.snack).filter((header) => ((header[1] ?? 0) & 0x0f) === 1);
    expect(word(snack, 16)).toBe(0xffffffff);
    expect(pair.carriedOut.filter(({ opcode }) => opcode === 0x2a)).toHaveLength(1);
  });

  it('data is acknowledged as it is asked to be, so that the target keeps none of it', async () => {
    const pair = await opened({ level });
    const job = work(pair, {}, 8);
    await done(pair, job);
    expect(job.isRight()).toBe(true);
    const acknowledged = sent(pair, OP.snack).filter((header) => ((header[1] ?? 0) & 0x0f) === 2);
    // Bursts of 1024 bytes in segments of 512: after Data-In 1, 3 and 5; the last comes with its status.
    expect(acknowledged.map((header) => word(header, 40))).toEqual([2, 4, 6]);
    pair.sim.machine.confirmStatus();
    await pair.sim.run(5);
    expect(pair.lines[0]?.target.replay.bytes).toBe(0);
    expect(pair.lines[0]?.target.retained).toEqual([]);
  });

  it('a command that was lost is sent again under its number, and what came after it is held until then', async () => {
    let armed = false;
    const pair = await opened({
      level,
      filter: (way, pdu) => {
        const hit = armed && way === 'out' && ((pdu[0] ?? 0) & 0x3f) === OP.command && pdu[32] === 0x28;
        if (hit) armed = false;
        return !hit;
      },
    });
    armed = true;
    const job = work(pair);
    await done(pair, job);
    expect(job.isRight()).toBe(true);
    const reads = sent(pair, OP.command).filter((header) => header[32] === 0x28);
    expect(reads.map((header) => word(header, 24))).toEqual([job.read.cmdSn, job.read.cmdSn]);
    expect(pair.carriedOut.map(({ opcode }) => opcode).sort()).toEqual([0x28, 0x2a]);
  });

  it('an R-Data SNACK is not taken by the embedded target, and this session sends none', async () => {
    const pair = await opened({ level });
    const { core } = pair.sim.machine;
    const connection = core.connections.get(0);
    const snack = new Uint8Array(48);
    snack.set([0x10, 0x83], 0);
    snack.fill(0xff, 20, 24);
    new DataView(snack.buffer).setUint32(28, connection?.expStatSn ?? 0);
    connection?.sendPdu({ bhs: snack });
    await pair.sim.run(5);
    expect(pair.pdus.filter(({ opcode }) => opcode === BACK.reject).map(({ header }) => header[2])).toEqual([0x03]);
    expect(core.state).toBe('full');
  });
});

describe('with the embedded target at error recovery level 2, a connection that breaks', () => {
  it('is replaced, wherever in a read and a write it breaks: their tasks are reassigned and done once', async () => {
    const plain = await opened({ level: 2 });
    const from = [plain.lines[0]?.out.sent ?? 0, plain.lines[0]?.in.sent ?? 0] as const;
    await done(plain, work(plain));
    const to = [plain.lines[0]?.out.sent ?? 0, plain.lines[0]?.in.sent ?? 0] as const;
    let reassigned = 0;
    let replaced = 0;
    for (const [index, way] of (['out', 'in'] as const).entries())
      for (let at = from[index] ?? 0; at < (to[index] ?? 0); at += 19) {
        const pair = await opened({ level: 2, fault: { kind: 'cut', way, at } });
        const job = work(pair);
        await done(pair, job);
        expect([job.read.error?.code, job.write.error?.code, job.isRight()], `${way} ${String(at)}`).toEqual([
          undefined,
          undefined,
          true,
        ]);
        expect(pair.carriedOut.filter(({ opcode }) => opcode === 0x2a)).toHaveLength(1);
        expect(pair.sim.machine.core.generation).toBe(1);
        if (pair.lines.length > 1) replaced += 1;
        if (sent(pair, OP.tmf).some((header) => ((header[1] ?? 0) & 0x7f) === TASK_REASSIGN)) reassigned += 1;
      }
    expect(replaced).toBeGreaterThan(40);
    expect(reassigned).toBeGreaterThan(40);
  });
});

describe.each([0, 1, 2] as const)(
  'with the embedded target over two connections at error recovery level %i',
  (level) => {
    it('one that breaks, wherever it does, does not end the session: reads are right, writes done once or unknown', async () => {
      const plain = await opened({ level }, 2);
      const from = [plain.lines[1]?.out.sent ?? 0, plain.lines[1]?.in.sent ?? 0] as const;
      await done(plain, work(plain, { read: 1, write: 1 }));
      const to = [plain.lines[1]?.out.sent ?? 0, plain.lines[1]?.in.sent ?? 0] as const;
      const ends = new Set<string>();
      for (const [index, way] of (['out', 'in'] as const).entries())
        for (let at = from[index] ?? 0; at < (to[index] ?? 0); at += 41) {
          const pair = await opened({ level, fault: { kind: 'cut', way, at, connection: 1 } }, 2);
          const other = work(pair, { read: 0, write: 0 }, 2);
          const job = work(pair, { read: 1, write: 1 });
          await done(pair, job);
          await done(pair, other);
          const where = `${way} ${String(at)}`;
          expect([other.read.error, other.write.error, job.read.error], where).toEqual([
            undefined,
            undefined,
            undefined,
          ]);
          ends.add(job.write.error?.code ?? 'ok');
          if (job.write.error === undefined) expect(job.isRight(), where).toBe(true);
          expect(pair.carriedOut.filter(({ opcode }) => opcode === 0x2a).length, where).toBeLessThanOrEqual(2);
          expect(pair.sim.machine.core.generation, where).toBe(1);
          await pair.sim.run(5000, () => pair.sim.machine.core.connections.size === 2);
          const after = work(pair);
          await done(pair, after);
          expect(after.isRight(), where).toBe(true);
        }
      expect([...ends].sort()).toEqual(level === 2 ? ['ok'] : ['TASK_UNKNOWN_OUTCOME', 'ok']);
    });

    it('commands that overtake each other are carried out in their order, with their data', async () => {
      const pair = await opened({ level, fault: { kind: 'delay', way: 'out', at: 1500, ms: 300 } }, 2);
      // The first connection's way out is filled up to where it is held.
      while ((pair.lines[0]?.out.sent ?? 0) < 1500) {
        pair.sim.machine.ping(new Uint8Array(16), 5000, () => undefined, 0);
        await pair.sim.run(1);
      }
      const first = pair.sim.submit({ cdb: read10(1, 1), dataIn: new Uint8Array(512), connection: 0 });
      const job = work(pair, { read: 1, write: 1 });
      await pair.sim.run(100);
      expect([first.state, job.read.state, job.write.state]).toEqual(['sent', 'sent', 'sent']);
      await done(pair, job);
      expect(first.error).toBeUndefined();
      expect(job.write.error).toBeUndefined();
      expect(job.write.sense).toBeUndefined();
      expect(job.isRight()).toBe(true);
    });
  },
);
