import { expect, it } from 'vitest';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { rawSim, isRight, read10, rememberUnit } from '../../support/raw-sim.ts';
import type { SessionSim } from '../../support/session-sim.ts';
import type { Task } from '../../../core/session/index.ts';

/** A read whose memory is taken when its data comes, with what it was given so far. */
function lateRead(sim: SessionSim, lba: number, blocks: number): { task: Task; taken: Uint8Array[] } {
  const taken: Uint8Array[] = [];
  const takeDataIn = (): Uint8Array => {
    const memory = new Uint8Array(blocks * 512);
    taken.push(memory);
    return memory;
  };
  const request = { cdb: read10(lba, blocks), takeDataIn, expectedIn: blocks * 512, whole: true, idempotent: true };
  return { task: sim.submit(request), taken };
}

it('takes no memory while it waits, and once for all of its data', async () => {
  const target = new RawTarget({ segment: 512 });
  let silent = true;
  target.onRead(() => silent);
  const sim = rawSim(target, { keepaliveIntervalMs: 0 });
  expect(await sim.login()).toBeUndefined();
  const waiting = lateRead(sim, 3, 4);
  await sim.run(5);
  expect([waiting.task.state, waiting.taken.length]).toEqual(['sent', 0]);
  silent = false;
  const read = lateRead(sim, 9, 4);
  await sim.run(50, () => read.task.state === 'done');
  expect(isRight(read.task, 9)).toBe(true);
  expect(read.taken).toEqual([read.task.dataIn]);
  expect(waiting.taken).toEqual([]);
});

it('keeps its memory when it is sent again', async () => {
  const target = new RawTarget({ segment: 512 });
  target.onRead((connection, request) => {
    if (target.logins > 1) return false;
    connection.send(
      { opcode: 0x25, flags: 0, itt: request.itt, ttt: 0xffffffff, data: new Uint8Array(512).fill(0xee) },
      false,
    );
    connection.reset();
    return true;
  });
  const sim = rawSim(target, { maxReconnectAttempts: 5 });
  expect(await sim.login()).toBeUndefined();
  rememberUnit(sim);
  const { task, taken } = lateRead(sim, 7, 2);
  await sim.run(60_000, () => task.state === 'done');
  expect(isRight(task, 7)).toBe(true);
  expect([task.retries, taken.length]).toEqual([1, 1]);
});

it.each([
  ['is too short', (): Uint8Array => new Uint8Array(511), 'BAD_ARGUMENT'],
  [
    'cannot be had',
    (): Uint8Array => {
      throw new RangeError('Array buffer allocation failed');
    },
    'LIMIT_REACHED',
  ],
])('ends with an error of its own where the memory %s, and the session goes on', async (_name, takeDataIn, code) => {
  const sim = rawSim(new RawTarget({ segment: 256 }), { keepaliveIntervalMs: 0 });
  expect(await sim.login()).toBeUndefined();
  const task = sim.submit({ cdb: read10(3, 1), takeDataIn, expectedIn: 512, whole: true, idempotent: true });
  await sim.run(50, () => task.state === 'done');
  expect([task.error?.code, task.dataIn]).toEqual([code, undefined]);
  const after = lateRead(sim, 4, 1);
  await sim.run(50, () => after.task.state === 'done');
  expect(isRight(after.task, 4)).toBe(true);
});

it('is refused where no length is expected', async () => {
  const sim = rawSim(new RawTarget());
  expect(await sim.login()).toBeUndefined();
  const task = sim.submit({ cdb: read10(3, 1), takeDataIn: () => new Uint8Array(512) });
  expect([task.state, task.error?.code]).toEqual(['done', 'BAD_ARGUMENT']);
});

it('is asked anew when a finished task is submitted once more', async () => {
  const sim = rawSim(new RawTarget());
  expect(await sim.login()).toBeUndefined();
  const { task, taken } = lateRead(sim, 3, 1);
  await sim.run(50, () => task.state === 'done');
  task.reset();
  sim.machine.submit(task);
  await sim.run(50, () => task.state === 'done');
  expect(isRight(task, 3)).toBe(true);
  expect([taken.length, task.dataIn === taken[1]]).toEqual([2, true]);
});
