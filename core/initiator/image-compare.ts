import type { BlockSource } from '../disk/index.ts';
import { UsageError } from '../errors/index.ts';
import { joinRuns, readKnown, unreadOf, type BlockRun } from './image-copy.ts';
import type { Difference } from './image-differences.ts';
import { chunkBlocksOf, readPieces, type ThinSource } from './image-source.ts';
import { breathe, workHere, type ByteWork } from './image-work.ts';

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

/** Compares two ranges of blocks; what either side does not know is told apart. False where the limit ended it. */
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
  // What is not known at the end of a chunk may go on in the next.
  let held: Difference | undefined;
  const give = (found: readonly Difference[]): boolean => {
    const taken = found.slice(0, left);
    if (taken.length > 0) options.onDifferences(taken);
    left -= taken.length;
    return left > 0;
  };
  try {
    for (let at = 0n; at < blocks; at += chunk) {
      const count = Number(blocks - at < chunk ? blocks - at : chunk);
      const found = await compareChunk(a, b, { lba: firstLba + at, otherLba: otherFirstLba + at, count, work, signal });
      if (held !== undefined) found.unshift(held);
      held = undefined;
      joinUnknown(found);
      const last = found.at(-1);
      const end = (firstLba + at + BigInt(count)) * block;
      if (last?.unknown === true && last.offset + last.length === end) held = found.pop();
      if (!give(found)) return false;
      options.onProgress?.(at + BigInt(count), blocks);
    }
  } finally {
    if (held !== undefined) give([held]);
  }
  return true;
}

interface ChunkPlace {
  readonly lba: bigint;
  readonly otherLba: bigint;
  readonly count: number;
  readonly work: ByteWork;
  readonly signal: AbortSignal | undefined;
}

/** What differs in one chunk, and what is not known of it, in order. */
async function compareChunk(
  a: BlockSource,
  b: BlockSource,
  { lba, otherLba, count, work, signal }: ChunkPlace,
): Promise<Difference[]> {
  const block = BigInt(a.blockSize);
  const here = (run: BlockRun): BlockRun => ({ ...run, lba: run.lba - otherLba + lba });
  const unread = [...unreadOf(a, lba, BigInt(count)), ...unreadOf(b, otherLba, BigInt(count)).map(here)];
  const isAll = joinRuns(unread)[0]?.blocks === BigInt(count);
  const pieces = isAll
    ? undefined
    : await Promise.all([readKnown(a, lba, count, signal), readKnown(b, otherLba, count, signal)]);
  if (pieces === undefined) await breathe();
  const [one, two] = pieces ?? [];
  const unknown = joinRuns([
    ...unread,
    ...(one?.bad ?? []).map((bad) => ({ lba: bad.lba, blocks: 1n })),
    ...(two?.bad ?? []).map((bad) => here({ lba: bad.lba, blocks: 1n })),
  ]);
  const out = unknown.map((run): Difference => ({
    offset: run.lba * block,
    length: run.blocks * block,
    unknown: true,
  }));
  if (one === undefined || two === undefined) return out;
  for (const run of unknown) {
    const from = Number(run.lba - lba) * a.blockSize;
    const to = from + Number(run.blocks) * a.blockSize;
    one.bytes.fill(0, from, to);
    two.bytes.fill(0, from, to);
  }
  // Most pieces are alike, which is seen faster than they could be given away.
  if (Buffer.compare(one.bytes, two.bytes) !== 0)
    out.push(...(await work.differences(one.bytes, two.bytes, lba * block)));
  return out.sort((x, y) => (x.offset < y.offset ? -1 : 1));
}

/** Makes one of the first two where they are one stretch that is not known. */
function joinUnknown(found: Difference[]): void {
  const [first, second] = found;
  if (first?.unknown !== true || second?.unknown !== true || first.offset + first.length !== second.offset) return;
  found.splice(0, 2, { ...first, length: first.length + second.length });
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
