import { UsageError } from '../../errors/index.ts';
import type { BlockStore } from './block-store.ts';
import { checkGeometry, type Geometry } from './geometry.ts';

const MOST_BYTES = 2 ** 32;

/** A store of one flat piece of memory: the fastest there is, every block backed. */
export class MemoryStore implements BlockStore {
  readonly blockSize: number;
  readonly blocks: bigint;
  readonly writable: boolean;
  readonly thin = false;
  readonly #bytes: Uint8Array;

  constructor(geometry: Geometry & { readonly writable?: boolean; readonly bytes?: Uint8Array }) {
    const { blockSize, blocks } = checkGeometry(geometry);
    this.blockSize = blockSize;
    this.blocks = blocks;
    this.writable = geometry.writable ?? true;
    const size = blocks * BigInt(blockSize);
    if (size > BigInt(MOST_BYTES))
      throw new UsageError(
        'OUT_OF_RANGE',
        `A memory store holds at most ${String(MOST_BYTES)} bytes; use a sparse one for ${String(size)}.`,
      );
    if (geometry.bytes !== undefined && geometry.bytes.length !== Number(size))
      throw new UsageError(
        'BAD_ARGUMENT',
        `The bytes given (${String(geometry.bytes.length)}) are not ${String(blocks)} blocks of ${String(blockSize)}.`,
      );
    this.#bytes = geometry.bytes ?? new Uint8Array(Number(size));
  }

  read(lba: bigint, into: Uint8Array): undefined {
    const at = Number(lba) * this.blockSize;
    into.set(this.#bytes.subarray(at, at + into.length));
  }

  write(lba: bigint, from: Uint8Array): undefined {
    this.#bytes.set(from, Number(lba) * this.blockSize);
  }

  flush(): undefined {
    return undefined;
  }
}
