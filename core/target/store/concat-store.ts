import { UsageError } from '../../errors/index.ts';
import type { BlockStore, Extent } from './block-store.ts';

/** Stores of one block size, one behind the other: a disk put together from a head, partitions and a tail. */
export class ConcatStore implements BlockStore {
  readonly blockSize: number;
  readonly blocks: bigint;
  readonly writable: boolean;
  readonly thin: boolean;
  readonly #parts: readonly { readonly start: bigint; readonly end: bigint; readonly store: BlockStore }[];

  constructor(stores: readonly BlockStore[]) {
    const [first] = stores;
    if (first === undefined)
      throw new UsageError('BAD_ARGUMENT', 'A disk put together from stores needs at least one.');
    if (stores.some((store) => store.blockSize !== first.blockSize))
      throw new UsageError('BAD_ARGUMENT', 'Stores put together must have the same block size.');
    let start = 0n;
    this.#parts = stores.map((store) => ({ start, end: (start += store.blocks), store }));
    this.blockSize = first.blockSize;
    this.blocks = start;
    this.writable = stores.every((store) => store.writable);
    this.thin = stores.every((store) => store.thin);
  }

  read(lba: bigint, into: Uint8Array): Promise<void> | undefined {
    return this.#each(lba, BigInt(into.length / this.blockSize), (store, at, count, done) =>
      store.read(at, into.subarray(Number(done) * this.blockSize, Number(done + count) * this.blockSize)),
    );
  }

  write(lba: bigint, from: Uint8Array): Promise<void> | undefined {
    return this.#each(lba, BigInt(from.length / this.blockSize), (store, at, count, done) =>
      store.write(at, from.subarray(Number(done) * this.blockSize, Number(done + count) * this.blockSize)),
    );
  }

  flush(): Promise<void> | undefined {
    return together(this.#parts.map(({ store }) => store.flush()));
  }

  unmap(lba: bigint, count: bigint): Promise<void> | undefined {
    return this.#each(lba, count, (store, at, blocks) => store.unmap?.(at, blocks));
  }

  status(lba: bigint): Extent | Promise<Extent> {
    const part = this.#parts.find(({ end }) => lba < end);
    return part?.store.status?.(lba - part.start) ?? { status: 'mapped', blocks: (part?.end ?? this.blocks) - lba };
  }

  async close(): Promise<void> {
    for (const { store } of this.#parts) await store.close?.();
  }

  #each(
    lba: bigint,
    count: bigint,
    visit: (store: BlockStore, at: bigint, count: bigint, done: bigint) => Promise<void> | undefined,
  ): Promise<void> | undefined {
    const last = lba + count;
    const pending: (Promise<void> | undefined)[] = [];
    for (const { start, end, store } of this.#parts) {
      const from = start > lba ? start : lba;
      const to = end < last ? end : last;
      if (from < to) pending.push(visit(store, from - start, to - from, from - lba));
    }
    return together(pending);
  }
}

function together(calls: readonly (Promise<void> | undefined)[]): Promise<void> | undefined {
  const pending = calls.filter((call) => call !== undefined);
  return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined);
}
