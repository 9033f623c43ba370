import type { BlockSource } from '../disk/index.ts';
import { LunascopeError, ScsiError } from '../errors/index.ts';
import type { OpenImageFile } from '../node/index.ts';
import { decodeLbaStatus } from '../scsi/index.ts';
import type { Disk } from './disk.ts';
import type { Session } from './session.ts';

/** A run of blocks that are alike. */
export interface Run {
  readonly lba: bigint;
  readonly blocks: bigint;
  /** True where the device does not map the blocks and says that such blocks read as zero. */
  readonly zero: boolean;
}

/** Blocks to read, which may know where nothing is. */
export interface ThinSource extends BlockSource {
  /** The run that begins at `lba`, at most `blocks` long. */
  readonly run?: (lba: bigint, blocks: bigint, signal?: AbortSignal) => Promise<Run>;
}

const MAPPED = 0;
const ASK_AGAIN_AFTER = 1n << 20n;
const NO_SUCH_COMMAND = /ILLEGAL REQUEST/iu;
const UNREADABLE_KEYS = new Set([0x3, 0x4, 0xb]);

/** The sense key of a SCSI error, from either format. */
function senseKey(sense: Uint8Array): number {
  const descriptor = ((sense[0] ?? 0) & 0x7f) >= 0x72;
  return (descriptor ? (sense[1] ?? 0) : (sense[2] ?? 0)) & 0x0f;
}

/** Whether an error says that the medium could not be read, rather than that the device could not be asked. */
export function isUnreadable(error: unknown): boolean {
  return (
    error instanceof ScsiError && error.code === 'SCSI_CHECK_CONDITION' && UNREADABLE_KEYS.has(senseKey(error.sense))
  );
}

/** A disk as a source; unmapped blocks are called zero only where the unit is thin and LBPRZ is set (SBC-4 READ CAPACITY(16)). */
export function diskSource(session: Session, disk: Disk): ThinSource {
  const base: BlockSource = {
    blockSize: disk.blockSize,
    blocks: disk.blocks,
    read: (lba, count, options) => disk.read(lba, count, options),
  };
  if (disk.capacity.thin !== true || disk.capacity.unmappedReadsZero !== true) return base;
  let refused = false;
  return {
    ...base,
    run: async (lba, blocks, signal) => {
      const all: Run = { lba, blocks, zero: false };
      if (refused) return all;
      try {
        const bytes = await session.scsi.getLbaStatus(disk.lun, lba, signal === undefined ? {} : { signal });
        // The question went to whatever is there now; its answer counts only where that is this disk.
        disk.checkUnit();
        return runOf(decodeLbaStatus(bytes).ranges, lba, blocks);
      } catch (error) {
        if (!(error instanceof LunascopeError) || !(error instanceof ScsiError)) throw error;
        // A unit that does not know the command is read as a whole; any other refusal only for a while.
        refused = senseKey(error.sense) === 0x5 || NO_SUCH_COMMAND.test(error.message);
        return refused ? all : { ...all, blocks: blocks < ASK_AGAIN_AFTER ? blocks : ASK_AGAIN_AFTER };
      }
    },
  };
}

interface Descriptor {
  readonly lba: bigint;
  readonly blocks: number;
  readonly state: number;
}

function runOf(ranges: readonly Descriptor[], lba: bigint, blocks: bigint): Run {
  const end = lba + blocks;
  let at = lba;
  let zero: boolean | undefined;
  for (const range of ranges) {
    const stop = range.lba + BigInt(range.blocks);
    if (range.lba > at || stop <= at) break;
    const isZero = range.state !== MAPPED;
    if (zero !== undefined && isZero !== zero) break;
    zero = isZero;
    at = stop < end ? stop : end;
    if (at === end) break;
  }
  // Nothing that covers the address was told, so the blocks are read.
  if (zero === undefined) return { lba, blocks: blocks < ASK_AGAIN_AFTER ? blocks : ASK_AGAIN_AFTER, zero: false };
  return { lba, blocks: at - lba, zero };
}

/** A raw image file as a source; a last piece shorter than a block is not read. */
export async function fileSource(
  path: string,
  blockSize: number,
  openFile: OpenImageFile,
): Promise<BlockSource & { close(): Promise<void> }> {
  const file = await openFile(path, 'read');
  const size = await file.size();
  return {
    blockSize,
    blocks: size / BigInt(blockSize),
    read: async (lba, count) => {
      const into = new Uint8Array(count * blockSize);
      await file.readAt(lba * BigInt(blockSize), into);
      return into;
    },
    close: () => file.close(),
  };
}

/** A block that could not be read, with why. */
export interface UnreadableBlock {
  readonly lba: bigint;
  readonly error: unknown;
}

/** What became of a stretch of blocks. */
export interface Piece {
  readonly lba: bigint;
  readonly blocks: bigint;
  /** The bytes, the caller's own; null for a run of zeros that was not read. Unreadable blocks are zeros here, and listed. */
  readonly bytes: Uint8Array | null;
  readonly bad: readonly UnreadableBlock[];
}

/** A stretch that was read. */
export interface WholePiece extends Piece {
  readonly bytes: Uint8Array;
}

/** Reads blocks; those the medium refuses are narrowed down one by one, and everything else fails as it came. */
export async function readAround(
  source: BlockSource,
  lba: bigint,
  count: number,
  signal?: AbortSignal,
): Promise<WholePiece> {
  const options = signal === undefined ? {} : { signal };
  const read = async (from: number, length: number): Promise<Uint8Array | UnreadableBlock> => {
    try {
      return await source.read(lba + BigInt(from), length, options);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      return { lba: lba + BigInt(from), error };
    }
  };
  const whole = await read(0, count);
  if (whole instanceof Uint8Array) return { lba, blocks: BigInt(count), bytes: whole, bad: [] };
  const bytes = new Uint8Array(count * source.blockSize);
  const bad: UnreadableBlock[] = [];
  const part = async (from: number, length: number): Promise<void> => {
    const got = await read(from, length);
    if (got instanceof Uint8Array) bytes.set(got, from * source.blockSize);
    else if (length === 1) bad.push(got);
    else await halves(from, length);
  };
  const halves = async (from: number, length: number): Promise<void> => {
    const half = Math.floor(length / 2);
    await part(from, half);
    await part(from + half, length - half);
  };
  if (count === 1) bad.push(whole);
  else await halves(0, count);
  return { lba, blocks: BigInt(count), bytes, bad };
}

const CHUNK_BYTES = 4 * 1024 * 1024;
const AHEAD = 2;

/** How many blocks a long read takes at a time. */
export function chunkBlocksOf(blockSize: number): number {
  return Math.max(1, Math.floor(CHUNK_BYTES / blockSize));
}

/** The pieces of a range in order, read ahead of their use; runs of zeros come as one piece, unread. */
export async function* readPieces(
  source: ThinSource,
  range: { readonly lba: bigint; readonly blocks: bigint },
  signal?: AbortSignal,
): AsyncGenerator<Piece> {
  const chunk = BigInt(chunkBlocksOf(source.blockSize));
  const end = range.lba + range.blocks;
  const ahead: Promise<Piece>[] = [];
  let at = range.lba;
  let run: Run | null = null;
  const next = async (): Promise<(() => Promise<Piece>) | null> => {
    if (at >= end) return null;
    if (run === null || at >= run.lba + run.blocks)
      run =
        source.run === undefined ? { lba: at, blocks: end - at, zero: false } : await source.run(at, end - at, signal);
    const stop = run.lba + run.blocks < end ? run.lba + run.blocks : end;
    const lba = at;
    if (run.zero) {
      at = stop;
      return () => Promise.resolve({ lba, blocks: stop - lba, bytes: null, bad: [] });
    }
    const count = stop - at < chunk ? stop - at : chunk;
    at += count;
    return () => readAround(source, lba, Number(count), signal);
  };
  try {
    for (;;) {
      while (ahead.length < AHEAD) {
        const start = await next();
        if (start === null) break;
        const piece = start();
        // Its failure is met when its turn comes.
        piece.catch(() => undefined);
        ahead.push(piece);
      }
      const first = ahead.shift();
      if (first === undefined) return;
      yield await first;
    }
  } finally {
    await Promise.allSettled(ahead);
  }
}
