import { performance } from 'node:perf_hooks';
import { inflateRawSync } from 'node:zlib';

/** Milliseconds on a clock that only goes forward. */
export function steadyNow(): number {
  return performance.now();
}

/** Ends after `ms`; an idle process does not wait for it. */
export async function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** Unpacks raw deflate. */
export function inflateRaw(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(inflateRawSync(bytes));
}
