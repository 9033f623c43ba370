import { Worker } from 'node:worker_threads';
import type { Match, Pattern } from '../../../core/disk/index.ts';
import type { AsyncMatcher } from '../../../core/initiator/index.ts';
import { CancelledError } from '../../../core/errors/index.ts';
import type { SearchAnswer, SearchCall } from '../search/thread.ts';
import { ownBytes } from './own-bytes.ts';

/** In the bundle the thread's file lies beside the program's, else it is the source itself. */
const script = new URL(import.meta.url.endsWith('.ts') ? '../search/thread.ts' : './search-thread.js', import.meta.url);

interface Waiting {
  readonly resolve: (found: readonly Match[]) => void;
  readonly reject: (error: Error) => void;
}

/** A matcher in a thread of its own, so that no expression, however it runs away, holds up the program; closing ends it at once. */
export class SearchThread implements AsyncMatcher {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #end: Error | undefined;

  constructor(pattern: Pattern, signal: AbortSignal) {
    this.#worker = new Worker(script, { workerData: pattern });
    this.#worker.on('message', ({ found }: SearchAnswer) => this.#waiting.shift()?.resolve(found));
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new CancelledError('CANCELLED', 'The search was called off.')));
    signal.addEventListener('abort', () => void this.close(), { once: true });
  }

  push(offset: bigint, bytes: Uint8Array): Promise<readonly Match[]> {
    const own = ownBytes(bytes);
    return this.#ask({ offset, bytes: own }, [own.buffer]);
  }

  flush(): Promise<readonly Match[]> {
    return this.#ask({ flush: true }, []);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(call: SearchCall, transfer: readonly ArrayBuffer[]): Promise<readonly Match[]> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(call, [...transfer]);
    });
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const each of this.#waiting.splice(0)) each.reject(error);
  }
}
