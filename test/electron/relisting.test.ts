import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Relisting } from '../../electron/main/services/relisting.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('lists once for many hints, soon after the first', async () => {
  const list = vi.fn(() => Promise.resolve(true));
  const relisting = new Relisting(list);
  for (let at = 0; at < 256; at += 1) relisting.hint();
  expect(list).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(150);
  expect(list).toHaveBeenCalledOnce();
  relisting.hint();
  await vi.advanceTimersByTimeAsync(150);
  expect(list).toHaveBeenCalledTimes(2);
});

it('lists once more after a hint that came meanwhile, and ever more seldom where each listing brings one', async () => {
  let count = 0;
  const relisting: Relisting = new Relisting(() => {
    count += 1;
    relisting.hint();
    return Promise.resolve(true);
  });
  relisting.hint();
  await vi.advanceTimersByTimeAsync(1200);
  expect(count).toBe(2);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(count).toBeLessThan(80);
  expect(count).toBeGreaterThan(50);
  relisting.close();
  const before = count;
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(count).toBe(before);
});

it('remembers a hint that nothing could be asked after', async () => {
  let isUp = false;
  const relisting = new Relisting(() => Promise.resolve(isUp));
  relisting.hint();
  await vi.advanceTimersByTimeAsync(150);
  expect(relisting.owed).toBe(true);
  isUp = true;
  relisting.hint();
  await vi.advanceTimersByTimeAsync(150);
  expect(relisting.owed).toBe(false);
});
