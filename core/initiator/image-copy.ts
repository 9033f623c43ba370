import type { BlockSource } from '../disk/index.ts';
import { UsageError } from '../errors/index.ts';
import { ImageJournal, journalPath, type OpenImageFile } from '../node/index.ts';
import { readAround, type WholePiece } from './image-source.ts';

/** Blocks in a row. */
export interface BlockRun {
  readonly lba: bigint;
  readonly blocks: bigint;
}

/** A copy of blocks some of which nobody has read: their places in the copy hold filling. */
export interface CopySource extends BlockSource {
  /** In order, and apart from each other. */
  readonly unread: readonly BlockRun[];
}

/** Sorts runs and joins those that touch. */
export function joinRuns(runs: readonly BlockRun[]): BlockRun[] {
  const out: BlockRun[] = [];
  for (const run of [...runs].sort((a, b) => (a.lba < b.lba ? -1 : a.lba > b.lba ? 1 : 0))) {
    const last = out.at(-1);
    const end = run.lba + run.blocks;
    if (last === undefined || run.lba > last.lba + last.blocks) out.push(run);
    else if (end > last.lba + last.blocks) out[out.length - 1] = { lba: last.lba, blocks: end - last.lba };
  }
  return out;
}

/** The parts of joined runs that lie in a range. */
export function runsWithin(runs: readonly BlockRun[], lba: bigint, blocks: bigint): BlockRun[] {
  const stop = lba + blocks;
  let low = 0;
  for (let high = runs.length; low < high;) {
    const middle = (low + high) >>> 1;
    const run = runs[middle];
    if (run !== undefined && run.lba + run.blocks <= lba) low = middle + 1;
    else high = middle;
  }
  const out: BlockRun[] = [];
  for (let run = runs[low]; run !== undefined && run.lba < stop; run = runs[low]) {
    const from = run.lba > lba ? run.lba : lba;
    const to = run.lba + run.blocks < stop ? run.lba + run.blocks : stop;
    out.push({ lba: from, blocks: to - from });
    low += 1;
  }
  return out;
}

/** A copy of which some blocks are not known. */
export function withUnread<T extends BlockSource>(source: T, unread: readonly BlockRun[]): T & CopySource {
  return { ...source, unread: joinRuns(unread) };
}

/** The blocks of a range that a copy does not know; none where the source is no copy. */
export function unreadOf(source: BlockSource | CopySource, lba: bigint, blocks: bigint): BlockRun[] {
  return 'unread' in source ? runsWithin(source.unread, lba, blocks) : [];
}

/** Reads blocks as `readAround` does; what a copy does not know is zeros that were never looked at. */
export async function readKnown(
  source: BlockSource | CopySource,
  lba: bigint,
  count: number,
  signal?: AbortSignal,
): Promise<WholePiece> {
  const unread = unreadOf(source, lba, BigInt(count));
  if (unread.length === 0) return readAround(source, lba, count, signal);
  const bytes = new Uint8Array(count * source.blockSize);
  const bad: WholePiece['bad'][number][] = [];
  let at = lba;
  for (const gap of [...unread, { lba: lba + BigInt(count), blocks: 0n }]) {
    if (gap.lba > at) {
      const piece = await readAround(source, at, Number(gap.lba - at), signal);
      bytes.set(piece.bytes, Number(at - lba) * source.blockSize);
      bad.push(...piece.bad);
    }
    at = gap.lba + gap.blocks;
  }
  return { lba, blocks: BigInt(count), bytes, bad };
}

/** What an image is of, and which of its blocks, counted from its first, are not in it yet or were unreadable. */
export interface ImageContent {
  readonly blockSize: number;
  /** The block of the unit that its first block is. */
  readonly firstLba: bigint;
  readonly unread: readonly BlockRun[];
}

/** Reads the journal of an image that is not whole; undefined where there is none. */
export async function readUnfinished(path: string, openFile: OpenImageFile): Promise<ImageContent | undefined> {
  const found = await ImageJournal.look(path, openFile);
  if (found === undefined) return undefined;
  if (found === null)
    throw new UsageError('BAD_ARGUMENT', `${journalPath(path)} does not say what is in the image.`, {
      hint: 'Finish the image first, or move that file away if it belongs to another.',
    });
  const { plan, entries } = found;
  const first = BigInt(plan.firstLba);
  const blocks = BigInt(plan.blocks);
  const chunk = BigInt(plan.chunkBlocks);
  const unread: BlockRun[] = [];
  const saved: BlockRun[] = [];
  // The latest line of a chunk is the one that holds.
  const bad = new Map<number, readonly string[]>();
  for (const entry of entries) {
    const count = entry.kind === 'zero' ? entry.count : 1;
    if (!Number.isSafeInteger(entry.index) || !Number.isSafeInteger(count)) continue;
    saved.push({ lba: BigInt(entry.index) * chunk, blocks: BigInt(count) * chunk });
    if (entry.kind === 'data') bad.set(entry.index, entry.bad);
  }
  let at = 0n;
  for (const run of [...joinRuns(saved), { lba: blocks, blocks: 0n }]) {
    const stop = run.lba < blocks ? run.lba : blocks;
    if (stop > at) unread.push({ lba: at, blocks: stop - at });
    at = run.lba + run.blocks;
  }
  for (const lbas of bad.values()) for (const lba of lbas) unread.push({ lba: BigInt(lba) - first, blocks: 1n });
  return { blockSize: plan.blockSize, firstLba: first, unread: joinRuns(unread) };
}
