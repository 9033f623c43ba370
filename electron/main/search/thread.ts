import { parentPort, workerData } from 'node:worker_threads';
import { createMatcher, type Match, type Pattern } from '../../../core/disk/index.ts';

/** What the thread is asked: to take the next piece, or to end a run of pieces. */
export type SearchCall = { readonly offset: bigint; readonly bytes: Uint8Array } | { readonly flush: true };
/** What it answers, in the order it was asked. */
export interface SearchAnswer {
  readonly found: readonly Match[];
}

const port = parentPort;
if (port === null) throw new Error('This file runs as a thread.');
const toLetters = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
const matcher = createMatcher(workerData as Pattern, toLetters);
port.on('message', (call: SearchCall) => {
  const found = 'flush' in call ? matcher.flush() : matcher.push(call.offset, call.bytes);
  port.postMessage({ found } satisfies SearchAnswer);
});
