import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { LunascopeError, TransportError, UsageError, type ErrorCode } from '../../../core/errors/index.ts';
import type { WireError } from '../../contract/errors.ts';
import type { FilterState } from '../../contract/trace.ts';
import type { CallName, FromThread, ThreadStart, ThreadState, TraceCalls } from '../trace/calls.ts';

/** In the bundle the thread's file lies beside the program's, else it is the source itself. */
const script = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../trace/thread.ts' : './trace-thread.js', import.meta.url),
);
const CLOSE_MS = 2000;

/** An error of the thread, again an error here. */
class ThreadError extends LunascopeError {
  override readonly code: ErrorCode;

  constructor({ name, code, message, hint, retryable, details }: WireError) {
    super(message, { ...(hint === null ? {} : { hint }), retryable, details });
    this.name = name;
    this.code = code as ErrorCode;
  }
}

const CORE_ERROR = new Set(['BAD_REQUEST', 'FORBIDDEN', 'INTERNAL']);

/** An error the thread met by its own fault is one that is logged; the rest are for people. */
function rebuild(error: WireError): Error {
  return CORE_ERROR.has(error.code) ? new Error(error.message) : new ThreadError(error);
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((done: number, total: number) => void) | undefined;
}

/** How a call may be followed. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** A thread that reads one trace and answers questions about it, so that the main loop stays free. */
export class TraceThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #filters = new Map<string, (state: FilterState) => void>();
  readonly #onState: (state: ThreadState) => void;
  #lastId = 0;
  #gone = false;
  readonly #exited: Promise<void>;

  constructor(start: ThreadStart, onState: (state: ThreadState) => void, onDeath: (error: Error) => void) {
    this.#onState = onState;
    // A pipe is read by a socket, which closes it; Node, keeping account of what was opened by number, would close that
    // number once more as the thread ends, and by then it may be a socket or file of the program.
    this.#worker = new Worker(script, { workerData: start, trackUnmanagedFds: false });
    this.#worker.on('message', (message: FromThread) => this.#receive(message));
    this.#worker.on('error', (error: Error) => this.#die(error, onDeath));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        if (code !== 0) this.#die(new Error(`The thread of a trace ended with ${code}.`), onDeath);
        this.#gone = true;
        resolve();
      });
    });
  }

  /** Asks the thread. */
  call<N extends CallName>(
    name: N,
    input: Parameters<TraceCalls[N]>[0],
    options: CallOptions = {},
  ): Promise<Awaited<ReturnType<TraceCalls[N]>>> {
    if (this.#gone) {
      return Promise.reject(new UsageError('BAD_ARGUMENT', 'This trace is closed.', { hint: 'Open it again.' }));
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const { signal, onProgress } = options;
    const cancel = (): void => this.#worker.postMessage({ kind: 'cancel', id });
    signal?.addEventListener('abort', cancel, { once: true });
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      this.#worker.postMessage({ kind: 'call', id, name, input });
    });
    return answer.finally(() => signal?.removeEventListener('abort', cancel)) as Promise<
      Awaited<ReturnType<TraceCalls[N]>>
    >;
  }

  /** Runs a filter under a name of its own until the function it gives is called. */
  filter(view: string, expression: string, watcher: (state: FilterState) => void): () => void {
    this.#filters.set(view, watcher);
    this.call('filter', { view, expression }).catch(() => undefined);
    return () => {
      this.#filters.delete(view);
      if (!this.#gone) this.call('endFilter', { view }).catch(() => undefined);
    };
  }

  /** Lets the trace go; what it kept on disk is deleted. */
  async close(): Promise<void> {
    if (this.#gone) return;
    this.call('close', undefined).catch(() => undefined);
    this.#gone = true;
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #receive(message: FromThread): void {
    switch (message.kind) {
      case 'state':
        this.#onState(message.state);
        return;
      case 'filter':
        this.#filters.get(message.view)?.(message.state);
        return;
      case 'progress':
        this.#waiting.get(message.id)?.onProgress?.(message.done, message.total);
        return;
      case 'answer':
      case 'failed': {
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (message.kind === 'answer') waiting?.resolve(message.value);
        else waiting?.reject(rebuild(message.error));
      }
    }
  }

  #die(error: Error, onDeath: (error: Error) => void): void {
    if (this.#gone) return;
    this.#gone = true;
    const told = new TransportError('IO_FAILED', 'Reading the trace has failed.', {
      hint: 'Open it again; if that fails too, the file may be damaged.',
      cause: error,
    });
    for (const { reject } of this.#waiting.values()) reject(told);
    this.#waiting.clear();
    onDeath(told);
  }
}
