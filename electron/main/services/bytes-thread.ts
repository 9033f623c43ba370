import { Worker } from 'node:worker_threads';
import type { BlockSource, CopyForm, DiskMap } from '../../../core/disk/index.ts';
import { CancelledError } from '../../../core/errors/index.ts';
import type { ByteWork, Difference, PieceSum } from '../../../core/initiator/index.ts';
import type { SumName } from '../../../core/node/index.ts';
import type { ByteCall, ByteCalls, FromBytes, ToBytes } from '../bytes/calls.ts';
import { ownBytes } from './own-bytes.ts';

/** In the bundle the thread's file lies beside the program's, else it is the source itself. */
const script = new URL(import.meta.url.endsWith('.ts') ? '../bytes/thread.ts' : './bytes-thread.js', import.meta.url);

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A thread for one job that looks at every byte, so that the loop with the sessions on it stays free; closing ends it at once. */
export class BytesThread implements ByteWork {
  readonly #worker = new Worker(script);
  readonly #waiting = new Map<number, Waiting>();
  #source: BlockSource | undefined;
  #signal: AbortSignal | undefined;
  #lastId = 0;
  #end: Error | undefined;

  constructor() {
    this.#worker.on('message', (message: FromBytes) => this.#receive(message));
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new CancelledError('CANCELLED', 'The work was called off.')));
  }

  /** Runs some work with a thread of its own. */
  static async with<T>(work: (thread: BytesThread) => Promise<T>): Promise<T> {
    const thread = new BytesThread();
    try {
      return await work(thread);
    } finally {
      await thread.close();
    }
  }

  startSum(names: readonly SumName[]): PieceSum {
    let before: Promise<void> = this.#call('begin', names);
    // Its failure is met with the next piece or the sum.
    before.catch(() => undefined);
    return {
      // One piece is summed while the next is read.
      update: async (bytes) => {
        await before;
        const own = ownBytes(bytes);
        before = this.#call('update', own, [own.buffer]);
        before.catch(() => undefined);
      },
      digest: async () => {
        await before;
        return this.#call('digest', undefined);
      },
    };
  }

  differences(a: Uint8Array, b: Uint8Array, base: bigint): Promise<readonly Difference[]> {
    const [one, two] = [ownBytes(a), ownBytes(b)];
    return this.#call('differences', { a: one, b: two, base }, [one.buffer, two.buffer]);
  }

  copyAs(form: CopyForm, bytes: Uint8Array, address: bigint): Promise<string> {
    return this.#call('copyAs', { form, bytes, address });
  }

  /** Reads structures from a source that stays here. */
  examine(source: BlockSource, signal?: AbortSignal): Promise<DiskMap> {
    this.#source = source;
    this.#signal = signal;
    const { blockSize, blocks } = source;
    return this.#call('examine', { blockSize, blocks });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #call<N extends ByteCall>(
    name: N,
    input: Parameters<ByteCalls[N]>[0],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Awaited<ReturnType<ByteCalls[N]>>> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        return;
      }
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, { resolve: resolve as (value: unknown) => void, reject });
      this.#send({ kind: 'call', id: this.#lastId, name, input }, transfer);
    });
  }

  #send(message: ToBytes, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, [...transfer]);
  }

  #receive(message: FromBytes): void {
    if (message.kind === 'want') {
      void this.#give(message.id, message.lba, message.count);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.message));
  }

  async #give(id: number, lba: bigint, count: number): Promise<void> {
    try {
      const signal = this.#signal;
      const bytes = await this.#source?.read(lba, count, signal === undefined ? {} : { signal });
      if (bytes === undefined) throw new Error('There is no source.');
      const own = ownBytes(bytes);
      this.#send({ kind: 'blocks', id, bytes: own }, [own.buffer]);
    } catch (error) {
      // What was called off ends the whole; anything else is one place that could not be read.
      if (error instanceof CancelledError) this.#fail(error);
      this.#send({ kind: 'no-blocks', id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const each of this.#waiting.values()) each.reject(error);
    this.#waiting.clear();
  }
}
