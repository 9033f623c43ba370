import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError } from '../../../core/errors/index.ts';
import type { SearchStep } from '../../../core/trace/index.ts';

const SLICE_MS = 12;
const TELL_MS = 100;

/** Does long work a slice at a time, so that what else is asked of the thread is answered in between. */
export async function inSlices<T>(
  work: Generator<SearchStep, T, undefined>,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<T> {
  let yieldedAt = performance.now();
  let toldAt = yieldedAt;
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    const now = performance.now();
    if (now - toldAt > TELL_MS) {
      toldAt = now;
      onProgress(step.value.done, step.value.total);
    }
    if (now - yieldedAt < SLICE_MS) continue;
    await nextTurn();
    if (signal.aborted) throw new CancelledError('CANCELLED', 'The search was called off.');
    yieldedAt = performance.now();
  }
}
