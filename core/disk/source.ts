import { CancelledError } from '../errors/index.ts';

/** What structures are read from: whole blocks by address; a disk, an image, or an overlay of staged edits. */
export interface BlockSource {
  readonly blockSize: number;
  readonly blocks: bigint;
  /** Exactly `count` blocks, or a rejection. */
  read(lba: bigint, count: number, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
}

const CHUNK_BYTES = 64 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;

/** Reads bytes by byte address, in few and bounded reads; what cannot be read is null and a remark, never an exception. */
export class RangeReader {
  readonly size: bigint;
  readonly blockSize: number;
  /** Why something could not be read, in words. */
  readonly remarks: string[] = [];
  readonly #source: BlockSource;
  readonly #signal: AbortSignal | undefined;
  readonly #chunks = new Map<bigint, Uint8Array | null>();
  #left = MOST_BYTES;

  constructor(source: BlockSource, signal?: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
    this.blockSize = source.blockSize;
    this.size = source.blocks * BigInt(source.blockSize);
  }

  /** `length` bytes from `offset` on; null past the end, where the device refuses, or when the allowance is used up. */
  async read(offset: bigint, length: number): Promise<Uint8Array | null> {
    if (offset < 0n || length < 0 || length > MOST_BYTES || offset + BigInt(length) > this.size) return null;
    const out = new Uint8Array(length);
    const chunkBytes = BigInt(Math.max(CHUNK_BYTES, this.blockSize));
    const end = offset + BigInt(length);
    for (let chunk = offset / chunkBytes; chunk * chunkBytes < end; chunk += 1n) {
      const base = chunk * chunkBytes;
      const from = base > offset ? base : offset;
      const to = base + chunkBytes < end ? base + chunkBytes : end;
      const bytes = await this.#bytesOf(chunk, base, from, to);
      if (bytes === null) return null;
      out.set(bytes, Number(from - offset));
    }
    return out;
  }

  async #bytesOf(chunk: bigint, base: bigint, from: bigint, to: bigint): Promise<Uint8Array | null> {
    let whole = this.#chunks.get(chunk);
    if (whole === undefined) {
      const size = BigInt(Math.max(CHUNK_BYTES, this.blockSize));
      const end = base + size < this.size ? base + size : this.size;
      whole = await this.#fetch(base, end, false);
      this.#chunks.set(chunk, whole);
    }
    if (whole !== null) return whole.subarray(Number(from - base), Number(to - base));
    // One bad block must not hide its neighbours, so only the blocks that are wanted are tried again.
    const block = BigInt(this.blockSize);
    const first = (from / block) * block;
    const last = ((to + block - 1n) / block) * block;
    const exact = await this.#fetch(first, last, true);
    return exact === null ? null : exact.subarray(Number(from - first), Number(to - first));
  }

  async #fetch(from: bigint, to: bigint, final: boolean): Promise<Uint8Array | null> {
    const block = BigInt(this.blockSize);
    const length = Number(to - from);
    if (length > this.#left) {
      if (!this.remarks.includes(TOO_MUCH)) this.remarks.push(TOO_MUCH);
      return null;
    }
    this.#left -= length;
    try {
      const signal = this.#signal;
      const bytes = await this.#source.read(
        from / block,
        Number((to - from) / block),
        signal === undefined ? {} : { signal },
      );
      return bytes.length === length ? bytes : null;
    } catch (error) {
      if (this.#signal?.aborted === true || error instanceof CancelledError) throw error;
      if (final)
        this.remarks.push(
          `Bytes from ${String(from)} on could not be read: ${error instanceof Error ? error.message : String(error)}`,
        );
      return null;
    }
  }
}

const TOO_MUCH = `More than ${String(MOST_BYTES)} bytes would have to be read for the structures; the rest was left out.`;

/** A stretch of the disk that is looked at on its own: the whole disk or a partition. */
export interface Volume {
  readonly reader: RangeReader;
  /** Byte address on the disk. */
  readonly offset: bigint;
  readonly length: bigint;
}

/** Bytes of a volume, or null outside it or where they cannot be read. */
export function readVolume(volume: Volume, at: bigint | number, length: number): Promise<Uint8Array | null> {
  const from = BigInt(at);
  if (from < 0n || from + BigInt(length) > volume.length) return Promise.resolve(null);
  return volume.reader.read(volume.offset + from, length);
}
