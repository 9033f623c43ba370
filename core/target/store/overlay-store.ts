import type { BlockStore, Extent } from './block-store.ts';
import { SparseStore } from './sparse-store.ts';

const PAGE_BYTES = 4096;
/** The page of all who own every block of it; no bit of it can change any more. */
const FULL = new Uint8Array(PAGE_BYTES).fill(0xff);

/**
 * A copy-on-write overlay: reads come from `base` until a block is written or unmapped here; the base never changes.
 * Which blocks are ours is kept as one bit each, in pages made on demand.
 */
export class OverlayStore implements BlockStore {
  readonly blockSize: number;
  readonly blocks: bigint;
  readonly writable = true;
  readonly thin = true;
  readonly #base: BlockStore;
  readonly #own: SparseStore;
  readonly #owned = new Map<bigint, Uint8Array>();

  constructor(base: BlockStore, options: { readonly limitBytes?: number } = {}) {
    this.#base = base;
    this.blockSize = base.blockSize;
    this.blocks = base.blocks;
    this.#own = new SparseStore({ blockSize: base.blockSize, blocks: base.blocks, ...options });
  }

  /** Forgets everything written: the base shines through again. */
  reset(): void {
    this.#own.unmap(0n, this.blocks);
    this.#owned.clear();
  }

  read(lba: bigint, into: Uint8Array): Promise<void> | undefined {
    const count = into.length / this.blockSize;
    const pending: Promise<void>[] = [];
    for (let first = 0; first < count;) {
      const ours = this.#isOwned(lba + BigInt(first));
      let end = first + 1;
      while (end < count && this.#isOwned(lba + BigInt(end)) === ours) end += 1;
      const piece = into.subarray(first * this.blockSize, end * this.blockSize);
      const done = (ours ? this.#own : this.#base).read(lba + BigInt(first), piece);
      if (done !== undefined) pending.push(done);
      first = end;
    }
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined);
  }

  write(lba: bigint, from: Uint8Array): undefined {
    this.#own.write(lba, from);
    this.#mark(lba, BigInt(from.length / this.blockSize));
  }

  unmap(lba: bigint, count: bigint): undefined {
    this.#own.unmap(lba, count);
    this.#mark(lba, count);
  }

  flush(): undefined {
    return undefined;
  }

  status(lba: bigint): Extent | Promise<Extent> {
    const ours = this.#isOwned(lba);
    let run = 1n;
    while (run < 4096n && lba + run < this.blocks && this.#isOwned(lba + run) === ours) run += 1n;
    const cut = (extent: Extent): Extent => ({
      status: extent.status,
      blocks: extent.blocks < run ? extent.blocks : run,
    });
    if (ours) return cut(this.#own.status(lba));
    if (this.#base.status === undefined) return { status: 'mapped', blocks: run };
    const below = this.#base.status(lba);
    return below instanceof Promise ? below.then(cut) : cut(below);
  }

  async close(): Promise<void> {
    await this.#base.close?.();
  }

  #isOwned(lba: bigint): boolean {
    const page = this.#owned.get(lba >> 15n);
    if (page === undefined) return false;
    const bit = Number(lba & 0x7fffn);
    return (((page[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1;
  }

  #mark(lba: bigint, count: bigint): void {
    for (let next = lba, end = lba + count; next < end;) {
      const key = next >> 15n;
      const stop = (key + 1n) << 15n < end ? (key + 1n) << 15n : end;
      const first = Number(next & 0x7fffn);
      if (first === 0 && stop - next === 0x8000n) this.#owned.set(key, FULL);
      else {
        const page = this.#owned.get(key) ?? new Uint8Array(PAGE_BYTES);
        this.#owned.set(key, page);
        for (let bit = first, last = first + Number(stop - next); bit < last; bit += 1)
          page[bit >> 3] = (page[bit >> 3] ?? 0) | (1 << (bit & 7));
      }
      next = stop;
    }
  }
}
