import { expect, it } from 'vitest';
import type { SearchStep } from '../../core/trace/index.ts';
import { inSlices } from '../../electron/main/trace/slices.ts';

function* work(steps: number, stepMs: number): Generator<SearchStep, string, undefined> {
  for (let done = 1; done <= steps; done += 1) {
    const until = performance.now() + stepMs;
    while (performance.now() < until);
    yield { done, total: steps };
  }
  return 'found';
}

it('lets others have a turn between slices, and tells how far it is', async () => {
  const told: number[] = [];
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const found = await inSlices(work(60, 5), new AbortController().signal, (done) => told.push(done));
  clearInterval(timer);
  expect(found).toBe('found');
  expect(turns).toBeGreaterThan(5);
  expect(told.length).toBeGreaterThan(0);
  expect(told).toEqual([...told].sort((a, b) => a - b));
});

it('ends soon after it is called off', async () => {
  const controller = new AbortController();
  const search = inSlices(work(100_000, 1), controller.signal, () => undefined);
  setTimeout(() => controller.abort(), 20);
  await expect(search).rejects.toMatchObject({ code: 'CANCELLED' });
});
