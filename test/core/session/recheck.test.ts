import { describe, expect, it } from 'vitest';
import { afterRecheck } from '../../../core/session/index.ts';
import { checkCondition, pattern, UNIT, twinOf, type Unit } from '../../hostile/peers/raw-unit.ts';
import { RawTarget, type RawConnection } from '../../hostile/peers/raw-target.ts';
import { cdb, isRight, rawSim, rememberUnit, submitRead, submitWrite } from '../../support/raw-sim.ts';
import type { SessionSim } from '../../support/session-sim.ts';

/** As large as the first, under another name, with other bytes. */
const TWIN = twinOf(UNIT);
const LUNS_CHANGED = '3f0e';
const WRITE_10 = 0x2a;

/** Fixed sense data of a unit attention (SPC-4 4.5.3), with its length before it. */
const attention = (code: string): Buffer =>
  Buffer.from(`0012 70000600 0000000a 00000000 ${code}0000 0000`.replaceAll(' ', ''), 'hex');

interface Rig {
  readonly sim: SessionSim;
  readonly target: RawTarget;
  /** How many writes reached the target after the first. */
  readonly writes: () => number;
}

/** A session whose target meets the first write with a unit attention. */
async function rig(code: string, unit: Unit, attempts = 0): Promise<Rig> {
  const target = new RawTarget();
  const sim = rawSim(target, { keepaliveIntervalMs: 0, maxReconnectAttempts: attempts, reconnectBackoffMs: 20 });
  expect(await sim.login()).toBeUndefined();
  rememberUnit(sim);
  let writes = 0;
  target.onWrite((connection, request) => {
    writes += 1;
    if (writes > 1) return false;
    target.options.unit = unit;
    checkCondition(connection, request, 6, Number.parseInt(code.slice(0, 2), 16), Number.parseInt(code.slice(2), 16));
    return true;
  });
  return { sim, target, writes: () => writes - 1 };
}

const block = new Uint8Array(512).fill(0xa5);

/** Writes a block, and writes it again when the target met it with a unit attention, as SAM-5 5.3 has it. */
async function writeTwice({ sim }: Rig) {
  const first = submitWrite(sim, 4, block);
  await sim.run(1000, () => first.state === 'done');
  expect([first.error, first.status]).toEqual([undefined, 2]);
  const second = submitWrite(sim, 4, block);
  const read = submitRead(sim, 9, 2);
  const question = sim.submit({ cdb: cdb('12 00 00 00 60 00'), dataIn: new Uint8Array(96), idempotent: true });
  await sim.run(1000, () => [second, read, question].every(({ state }) => state === 'done'));
  return { second, read, question };
}

describe('a unit attention that may mean another unit', () => {
  it.each(['2800', '2a09', '3f03', '3f05', LUNS_CHANGED])(
    'keeps blocks (%s) from a unit that is another, and lets questions through',
    async (code) => {
      const there = await rig(code, TWIN);
      const { second, read, question } = await writeTwice(there);
      expect(second.error).toMatchObject({
        code: 'TASK_IDENTITY_CHANGED',
        message: /serial number is not what it was/u,
      });
      expect(read.error?.code).toBe('TASK_IDENTITY_CHANGED');
      expect([question.error, question.status, question.received]).toEqual([undefined, 0, 96]);
      expect(there.writes()).toBe(0);
      expect(there.sim.machine.core.state).toBe('full');
    },
  );

  it('lets everything go on where the unit is the same', async () => {
    const there = await rig(LUNS_CHANGED, UNIT);
    const { second, read } = await writeTwice(there);
    expect([second.error, second.status, there.writes()]).toEqual([undefined, 0, 1]);
    expect(isRight(read, 9)).toBe(true);
  });

  it('asks nothing after one that only tells of a reset', async () => {
    const there = await rig('2900', UNIT);
    const before = there.target.received.length;
    const { second } = await writeTwice(there);
    expect(second.status).toBe(0);
    // Two writes, a read and the caller's own question.
    expect(there.target.received.slice(before).filter(({ opcode }) => opcode === 0x01)).toHaveLength(4);
  });

  it('is heeded in an asynchronous message too', async () => {
    const target = new RawTarget();
    const sim = rawSim(target, { keepaliveIntervalMs: 0 });
    expect(await sim.login()).toBeUndefined();
    rememberUnit(sim);
    target.options.unit = TWIN;
    const connection = target.connections[0] as RawConnection;
    connection.send({ opcode: 0x32, flags: 0x80, itt: 0xffffffff, data: attention(LUNS_CHANGED) });
    await sim.run(100, () => sim.machine.core.rechecks.size > 0);
    const write = submitWrite(sim, 4, block);
    await sim.run(1000, () => write.state === 'done');
    expect(write.error?.code).toBe('TASK_IDENTITY_CHANGED');
    expect(target.received.some(({ bhs }) => bhs[0] === 0x01 && bhs[32] === WRITE_10)).toBe(false);
  });

  it('takes a unit that does not say who it is for another', async () => {
    const there = await rig(LUNS_CHANGED, UNIT);
    there.target.on(0x01, () => true, 0x12);
    const first = submitWrite(there.sim, 4, block);
    await there.sim.run(1000, () => first.state === 'done');
    const second = submitWrite(there.sim, 4, block);
    await there.sim.run(60_000, () => second.state === 'done');
    expect(second.error?.code).toBe('TASK_IDENTITY_CHANGED');
    expect(there.writes()).toBe(0);
  });

  it.each([
    [6, 'TASK_IDENTITY_CHANGED', 2],
    [0, 'CONNECTION_LOST', 1],
  ])('leaves the question to the next login where the connection is lost meanwhile (%i attempts)', async (...row) => {
    const [attempts, code, logins] = row;
    const there = await rig(LUNS_CHANGED, TWIN, attempts);
    there.target.on(0x01, (connection) => connection.index === 0, 0x12);
    const first = submitWrite(there.sim, 4, block);
    await there.sim.run(1000, () => first.state === 'done');
    const second = submitWrite(there.sim, 4, block);
    let told = false;
    afterRecheck(there.sim.machine.core, 0, 0, () => {
      told = true;
    });
    expect(told).toBe(false);
    there.target.connections[0]?.reset();
    await there.sim.run(60_000, () => second.state === 'done');
    expect([second.error?.code, told, there.writes()]).toEqual([code, true, 0]);
    expect(there.target.logins).toBe(logins);
  });

  it('gives the data of a unit under question to nobody before it is known', async () => {
    const there = await rig(LUNS_CHANGED, TWIN);
    const first = submitWrite(there.sim, 4, block);
    const behind = submitRead(there.sim, 9, 1);
    await there.sim.run(1000, () => first.state === 'done' && behind.state === 'done');
    // What was on its way already came from the other unit; who waits is told.
    expect(Buffer.compare(behind.dataIn as Uint8Array, pattern(TWIN, 9, 1))).toBe(0);
    let known: unknown;
    afterRecheck(there.sim.machine.core, 0, 0, () => {
      known = there.sim.machine.core.units.get(0, 0)?.changed;
    });
    await there.sim.run(1000, () => known !== undefined);
    expect(known).toMatch(/serial number/u);
  });
});
