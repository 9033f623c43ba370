import type { BlockSource } from '../disk/index.ts';
import { UsageError } from '../errors/index.ts';
import { createChecksums } from '../node/index.ts';
import { chunkBlocksOf, readAround, readPieces, type ThinSource } from './image-source.ts';

/** A run of bytes that differ, by address on the first of the two. */
export interface Difference {
  readonly offset: bigint;
  readonly length: bigint;
  /** Unreadable on one side: nobody can say whether they differ. */
  readonly unknown: boolean;
}

/** What is compared, and who is told. */
export interface CompareOptions {
  readonly firstLba: bigint;
  readonly blocks: bigint;
  /** The block of the second that stands beside the first's first. */
  readonly otherFirstLba: bigint;
  readonly limit: number;
  readonly onDifferences: (found: readonly Difference[]) => void;
  readonly onProgress?: (doneBlocks: bigint, blocks: bigint) => void;
  readonly signal?: AbortSignal;
}

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Bytes whose runs are at most this far apart are one difference, so that one changed record is one line. */
const GAP = 16;

/** The runs of bytes that differ between two equally long pieces. */
export function differences(a: Uint8Array, b: Uint8Array, base: bigint): Difference[] {
  const found: { offset: bigint; length: bigint; unknown: boolean }[] = [];
  let start = -1;
  let last = -1;
  const close = (): void => {
    if (start !== -1) found.push({ offset: base + BigInt(start), length: BigInt(last - start + 1), unknown: false });
  };
  for (let at = 0; at < a.length; at += 1) {
    if (a[at] === b[at]) continue;
    if (start === -1 || at - last > GAP) {
      close();
      start = at;
    }
    last = at;
  }
  close();
  return found;
}

/** Compares two ranges of blocks; false where the limit ended it. */
export async function compareSources(a: BlockSource, b: BlockSource, options: CompareOptions): Promise<boolean> {
  const { firstLba, blocks, otherFirstLba, signal } = options;
  if (a.blockSize !== b.blockSize)
    throw new UsageError(
      'BAD_ARGUMENT',
      `One has blocks of ${String(a.blockSize)} bytes, the other of ${String(b.blockSize)}.`,
    );
  if (otherFirstLba + blocks > b.blocks)
    throw new UsageError(
      'OUT_OF_RANGE',
      `The other has ${String(b.blocks)} blocks; ${String(otherFirstLba + blocks)} are needed.`,
      {
        hint: 'Compare a shorter range.',
      },
    );
  const chunk = BigInt(chunkBlocksOf(a.blockSize));
  const block = BigInt(a.blockSize);
  let left = options.limit;
  for (let at = 0n; at < blocks; at += chunk) {
    const count = Number(blocks - at < chunk ? blocks - at : chunk);
    const [one, two] = await Promise.all([
      readAround(a, firstLba + at, count, signal),
      readAround(b, otherFirstLba + at, count, signal),
    ]);
    if (one.bytes === null || two.bytes === null) continue;
    const unreadable = new Set([
      ...one.bad.map(({ lba }) => lba),
      ...two.bad.map(({ lba }) => lba - otherFirstLba + firstLba),
    ]);
    for (const lba of unreadable) {
      const from = Number(lba - firstLba - at) * a.blockSize;
      one.bytes.fill(0, from, from + a.blockSize);
      two.bytes.fill(0, from, from + a.blockSize);
    }
    const found = [
      ...differences(one.bytes, two.bytes, (firstLba + at) * block),
      ...[...unreadable].map((lba): Difference => ({ offset: lba * block, length: block, unknown: true })),
    ].sort((x, y) => (x.offset < y.offset ? -1 : 1));
    const taken = found.slice(0, left);
    if (taken.length > 0) options.onDifferences(taken);
    left -= taken.length;
    if (left <= 0) return false;
    options.onProgress?.(at + BigInt(count), blocks);
    await breathe();
  }
  return true;
}

/** The sums of a byte range; unreadable blocks make it fail, since a sum over made-up bytes would lie. */
export async function sumSource(
  source: ThinSource,
  range: { readonly offset: bigint; readonly length: bigint },
  options: { readonly signal?: AbortSignal; readonly onProgress?: (done: bigint, total: bigint) => void } = {},
): Promise<{ readonly md5: string; readonly sha1: string; readonly sha256: string }> {
  const block = BigInt(source.blockSize);
  const end = range.offset + range.length;
  const first = range.offset / block;
  const sums = createChecksums();
  // Without its map of runs, so that a sum is over bytes that were sent.
  const plain: BlockSource = {
    blockSize: source.blockSize,
    blocks: source.blocks,
    read: (...given) => source.read(...given),
  };
  for await (const piece of readPieces(
    plain,
    { lba: first, blocks: (end + block - 1n) / block - first },
    options.signal,
  )) {
    const refused = piece.bad[0];
    if (refused !== undefined) throw refused.error;
    if (piece.bytes === null) continue;
    const start = piece.lba * block;
    const from = range.offset > start ? Number(range.offset - start) : 0;
    const stop = end < start + BigInt(piece.bytes.length) ? Number(end - start) : piece.bytes.length;
    sums.update(piece.bytes.subarray(from, stop));
    options.onProgress?.(start + BigInt(stop) - range.offset, range.length);
    await breathe();
  }
  return sums.digest();
}
