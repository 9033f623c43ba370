import { StoreError, type BlockStore, type Extent } from './block-store.ts';
import { checkGeometry, type Geometry } from './geometry.ts';

const CHUNK_BYTES = 65536;

/** What a sparse store is told besides its size. */
export interface SparseOptions extends Geometry {
  readonly writable?: boolean;
  /** Whether it says of itself that it is thin; true unless told otherwise. */
  readonly thin?: boolean;
  /** Most bytes taken from memory; writes past it fail with SPACE ALLOCATION FAILED. Default 1 GiB. */
  readonly limitBytes?: number;
}

/** A thin store of any size: memory is taken in chunks of 64 KiB as blocks are written, and given back by unmap. */
export class SparseStore implements BlockStore {
  readonly blockSize: number;
  readonly blocks: bigint;
  readonly writable: boolean;
  readonly thin: boolean;
  readonly #chunkBlocks: bigint;
  readonly #chunks = new Map<bigint, { readonly bytes: Uint8Array; readonly mapped: Uint8Array; count: number }>();
  readonly #mostChunks: number;

  constructor(options: SparseOptions) {
    const { blockSize, blocks } = checkGeometry(options);
    this.blockSize = blockSize;
    this.blocks = blocks;
    this.writable = options.writable ?? true;
    this.thin = options.thin ?? true;
    this.#chunkBlocks = BigInt(CHUNK_BYTES / blockSize);
    this.#mostChunks = Math.max(1, Math.floor((options.limitBytes ?? 2 ** 30) / CHUNK_BYTES));
  }

  /** Bytes of memory its chunks take now. */
  get usedBytes(): number {
    return this.#chunks.size * CHUNK_BYTES;
  }

  read(lba: bigint, into: Uint8Array): undefined {
    this.#eachChunk(lba, BigInt(into.length / this.blockSize), (key, first, count, at) => {
      const piece = into.subarray(at, at + count * this.blockSize);
      const chunk = this.#chunks.get(key);
      if (chunk === undefined) piece.fill(0);
      else piece.set(chunk.bytes.subarray(first * this.blockSize, (first + count) * this.blockSize));
    });
  }

  write(lba: bigint, from: Uint8Array): undefined {
    this.#eachChunk(lba, BigInt(from.length / this.blockSize), (key, first, count, at) => {
      let chunk = this.#chunks.get(key);
      if (chunk === undefined) {
        if (this.#chunks.size >= this.#mostChunks)
          throw new StoreError(
            { kind: 'spaceExhausted' },
            `The sparse store has used its ${String(this.#mostChunks * CHUNK_BYTES)} bytes.`,
          );
        chunk = { bytes: new Uint8Array(CHUNK_BYTES), mapped: new Uint8Array(Number(this.#chunkBlocks)), count: 0 };
        this.#chunks.set(key, chunk);
      }
      chunk.bytes.set(from.subarray(at, at + count * this.blockSize), first * this.blockSize);
      for (let i = first; i < first + count; i += 1) if (chunk.mapped[i] === 0) chunk.count += 1;
      chunk.mapped.fill(1, first, first + count);
    });
  }

  unmap(lba: bigint, count: bigint): undefined {
    const last = lba + count;
    const firstKey = lba / this.#chunkBlocks;
    const lastKey = (last - 1n) / this.#chunkBlocks;
    // A huge range is walked over the chunks there are, a small one over the chunks it names.
    if (lastKey - firstKey > BigInt(this.#chunks.size))
      for (const key of [...this.#chunks.keys()]) {
        const start = key * this.#chunkBlocks;
        const from = start > lba ? start : lba;
        const end = start + this.#chunkBlocks < last ? start + this.#chunkBlocks : last;
        if (from < end) this.#drop(key, Number(from - start), Number(end - from));
      }
    else this.#eachChunk(lba, count, (key, first, blocks) => this.#drop(key, first, blocks));
  }

  flush(): undefined {
    return undefined;
  }

  status(lba: bigint): Extent {
    const key = lba / this.#chunkBlocks;
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) {
      let next = this.blocks;
      for (const other of this.#chunks.keys()) {
        const start = other * this.#chunkBlocks;
        if (start > lba && start < next) next = start;
      }
      return { status: 'deallocated', blocks: next - lba };
    }
    const first = Number(lba % this.#chunkBlocks);
    const wanted = chunk.mapped[first] ?? 0;
    let end = first;
    while (end < chunk.mapped.length && chunk.mapped[end] === wanted) end += 1;
    return { status: wanted === 1 ? 'mapped' : 'deallocated', blocks: BigInt(end - first) };
  }

  #drop(key: bigint, first: number, count: number): void {
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) return;
    for (let i = first; i < first + count; i += 1) if (chunk.mapped[i] === 1) chunk.count -= 1;
    chunk.mapped.fill(0, first, first + count);
    chunk.bytes.fill(0, first * this.blockSize, (first + count) * this.blockSize);
    if (chunk.count === 0) this.#chunks.delete(key);
  }

  #eachChunk(
    lba: bigint,
    count: bigint,
    visit: (key: bigint, first: number, blocks: number, at: number) => void,
  ): void {
    let at = 0;
    for (let left = count, next = lba; left > 0n;) {
      const first = next % this.#chunkBlocks;
      const room = this.#chunkBlocks - first;
      const blocks = room < left ? room : left;
      visit(next / this.#chunkBlocks, Number(first), Number(blocks), at);
      at += Number(blocks) * this.blockSize;
      next += blocks;
      left -= blocks;
    }
  }
}
