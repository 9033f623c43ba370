import { readU32 } from '../bytes/index.ts';
import { inflateRaw } from '../node/platform.ts';
import type { BlockStore } from '../target/index.ts';

/** A small filesystem as it lies in the program: runs of blocks that are not zero, deflated, in base64. */
export interface PackedImage {
  readonly bytes: number;
  /** Words were replaced by their differences before packing. */
  readonly differences: boolean;
  readonly packed: readonly string[];
}

const RUN = 512;

/** Writes a packed image into a store from a byte offset on; both must fall on the store's blocks. */
export function unpackImage(image: PackedImage, store: BlockStore, offsetBytes: number): void {
  const runs = inflateRaw(Buffer.from(image.packed.join(''), 'base64'));
  if (image.differences) {
    const words = new DataView(runs.buffer, runs.byteOffset, runs.byteLength);
    for (let at = 2; at + 1 < runs.length; at += 2)
      words.setUint16(at, words.getUint16(at, true) + words.getUint16(at - 2, true), true);
  }
  const { blockSize } = store;
  const piece = new Uint8Array(blockSize);
  for (let at = 0; at < runs.length;) {
    const start = readU32(runs, at) * RUN + offsetBytes;
    const length = readU32(runs, at + 4) * RUN;
    at += 8;
    // A run may begin or end within a larger block: what is there already stays.
    for (let done = 0; done < length;) {
      const within = (start + done) % blockSize;
      const count = Math.min(blockSize - within, length - done);
      const lba = BigInt((start + done - within) / blockSize);
      if (count < blockSize) void store.read(lba, piece);
      piece.set(runs.subarray(at + done, at + done + count), within);
      void store.write(lba, piece);
      done += count;
    }
    at += length;
  }
}
