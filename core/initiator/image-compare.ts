import type { BlockSource } from '../disk/index.ts';
import { UsageError } from '../errors/index.ts';
import { chunkBlocksOf, readAround, readPieces, type ThinSource } from './image-source.ts';
import type { Difference } from './image-differences.ts';
import { workHere, type ByteWork } from './image-work.ts';

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
  /** Where bytes are compared; here, where it is left out. */
  readonly work?: ByteWork;
}

/** Compares two ranges of blocks; false where the limit ended it. */
export async function compareSources(a: BlockSource, b: BlockSource, options: CompareOptions): Promise<boolean> {
  const { firstLba, blocks, otherFirstLba, signal, work = workHere } = options;
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
    const unreadable = new Set([
      ...one.bad.map(({ lba }) => lba),
      ...two.bad.map(({ lba }) => lba - otherFirstLba + firstLba),
    ]);
    for (const lba of unreadable) {
      const from = Number(lba - firstLba - at) * a.blockSize;
      one.bytes.fill(0, from, from + a.blockSize);
      two.bytes.fill(0, from, from + a.blockSize);
    }
    // Most pieces are alike, which is seen faster than they could be given away.
    const differing =
      Buffer.compare(one.bytes, two.bytes) === 0
        ? []
        : await work.differences(one.bytes, two.bytes, (firstLba + at) * block);
    const found = [
      ...differing,
      ...[...unreadable].map((lba): Difference => ({ offset: lba * block, length: block, unknown: true })),
    ].sort((x, y) => (x.offset < y.offset ? -1 : 1));
    const taken = found.slice(0, left);
    if (taken.length > 0) options.onDifferences(taken);
    left -= taken.length;
    if (left <= 0) return false;
    options.onProgress?.(at + BigInt(count), blocks);
  }
  return true;
}

/** The sums of a byte range; unreadable blocks make it fail, since a sum over made-up bytes would lie. */
export async function sumSource(
  source: ThinSource,
  range: { readonly offset: bigint; readonly length: bigint },
  options: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: bigint, total: bigint) => void;
    readonly work?: ByteWork;
  } = {},
): Promise<{ readonly md5: string; readonly sha1: string; readonly sha256: string }> {
  const block = BigInt(source.blockSize);
  const end = range.offset + range.length;
  const first = range.offset / block;
  const sums = (options.work ?? workHere).startSum(['md5', 'sha1', 'sha256']);
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
    await sums.update(piece.bytes.subarray(from, stop));
    options.onProgress?.(start + BigInt(stop) - range.offset, range.length);
  }
  return sums.digest();
}
