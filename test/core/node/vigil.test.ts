import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { Vigil } from '../../../core/node/vigil.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** How often a vigil looked before it slept, `answersAfterMs` after something was sent. */
async function looks(answerAfterMs: number, bulk: boolean, outstanding: (look: number) => boolean): Promise<number> {
  let count = 0;
  const vigil = new Vigil(() => {
    count += 1;
    return outstanding(count);
  });
  const now = performance.now();
  vigil.sent(now - answerAfterMs);
  if (bulk) vigil.heard(now - 0.01, true);
  vigil.heard(now, false);
  let before = -1;
  while (count !== before) {
    before = count;
    await turn();
    await turn();
  }
  return count;
}

test('a quick answer keeps the loop awake until the next answer is overdue', async () => {
  const began = performance.now();
  const count = await looks(0.05, false, () => true);
  expect(count).toBeGreaterThan(0);
  expect(performance.now() - began).toBeGreaterThanOrEqual(0.2);
});

test('the loop sleeps as soon as nothing is outstanding', async () => {
  expect(await looks(0.05, false, (look) => look < 2)).toBeLessThanOrEqual(2);
  expect(await looks(0.05, false, () => false)).toBe(1);
});

test('a slow answer, and one amid a bulk transfer, let the loop sleep', async () => {
  expect(await looks(0.5, false, () => true)).toBe(0);
  expect(await looks(0.05, true, () => true)).toBe(0);
});
