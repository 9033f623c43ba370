import { createMatcher, LONGEST_PATTERN, type Match, type Pattern } from '../disk/index.ts';
import { readPieces, type Piece, type ThinSource } from './image-source.ts';
import { breathe } from './image-work.ts';

/** Where and how to look. */
export interface SearchOptions {
  /** First byte looked at, and the byte after the last. */
  readonly from: bigint;
  readonly to: bigint;
  readonly backward?: boolean;
  /** Stop after this many. */
  readonly limit: number;
  readonly onHits: (hits: readonly Match[]) => void;
  readonly onProgress?: (doneBytes: bigint, totalBytes: bigint) => void;
  readonly signal?: AbortSignal;
  /** Where matching is done; here, where it is left out. */
  readonly matcher?: AsyncMatcher;
}

/** What is looked through at a time, so that others get their turn. */
const SLICE = 1024 * 1024;

/** A matcher that may live elsewhere, such as in a thread; pieces are given away, and pieces and answers keep their order. */
export interface AsyncMatcher {
  push(offset: bigint, bytes: Uint8Array): Promise<readonly Match[]>;
  flush(): Promise<readonly Match[]>;
}

/** The matcher of a pattern, here; it lets others run between pieces. */
function localMatcher(pattern: Pattern): AsyncMatcher {
  const matcher = createMatcher(pattern);
  return {
    push: async (offset, bytes) => {
      const found: Match[] = [];
      for (let at = 0; at < bytes.length; at += SLICE) {
        await breathe();
        found.push(...matcher.push(offset + BigInt(at), bytes.subarray(at, at + SLICE)));
      }
      return found;
    },
    flush: () => Promise.resolve(matcher.flush()),
  };
}

/** What came of it. */
export interface SearchResult {
  readonly hits: number;
  /** Whether the limit ended the search. */
  readonly cut: boolean;
  /** Bytes that were not read because the unit does not map them and says they are zero. */
  readonly skippedBytes: bigint;
  readonly badBlocks: readonly bigint[];
}

const BACKWARD_WINDOW = 16n * 1024n * 1024n;
const OVERLAP = BigInt(LONGEST_PATTERN);

/** Finds a pattern; hits come as they are found, in the direction of the search. */
export async function searchSource(
  source: ThinSource,
  pattern: Pattern,
  options: SearchOptions,
): Promise<SearchResult> {
  const state = { hits: 0, skippedBytes: 0n, badBlocks: [] as bigint[] };
  const total = options.to - options.from;
  const give = (found: readonly Match[]): boolean => {
    const room = options.limit - state.hits;
    const taken = found.slice(0, room);
    if (taken.length > 0) options.onHits(taken);
    state.hits += taken.length;
    return state.hits < options.limit;
  };
  if (options.backward !== true) {
    const cut = !(await scan(source, pattern, options.from, options.to, state, options, give, (at) =>
      options.onProgress?.(at - options.from, total),
    ));
    return { ...state, cut };
  }
  // Windows are walked from the end; a hit belongs to the window it begins in.
  for (let end = options.to; end > options.from;) {
    const start = end - BACKWARD_WINDOW > options.from ? end - BACKWARD_WINDOW : options.from;
    const reach = end + OVERLAP < options.to ? end + OVERLAP : options.to;
    const found: Match[] = [];
    const windowEnd = end;
    await scan(source, pattern, start, reach, state, options, (some) => {
      found.push(...some.filter(({ offset }) => offset < windowEnd));
      return true;
    });
    if (!give(found.reverse())) return { ...state, cut: true };
    end = start;
    options.onProgress?.(options.to - end, total);
  }
  return { ...state, cut: false };
}

async function scan(
  source: ThinSource,
  pattern: Pattern,
  from: bigint,
  to: bigint,
  state: { skippedBytes: bigint; badBlocks: bigint[] },
  options: SearchOptions,
  give: (found: readonly Match[]) => boolean,
  progress?: (at: bigint) => void,
): Promise<boolean> {
  const block = BigInt(source.blockSize);
  const matcher = options.matcher ?? localMatcher(pattern);
  const lba = from / block;
  const range = { lba, blocks: (to + block - 1n) / block - lba };
  const inside = (found: readonly Match[]): Match[] =>
    found.filter(({ offset, length }) => offset >= from && offset + BigInt(length) <= to);
  for await (const piece of readPieces(source, range, options.signal)) {
    const start = piece.lba * block;
    if (piece.bytes === null) {
      const edge = edgeBytes(piece, block);
      state.skippedBytes += piece.blocks * block;
      // What begins or ends in the zeros is found; what lies in nothing but unmapped zeros is no find.
      const end = start + piece.blocks * block;
      const real = (found: readonly Match[]): Match[] =>
        found.filter(({ offset, length }) => offset < start || offset + BigInt(length) > end);
      if (!give(inside(real(await matcher.push(start, new Uint8Array(edge)))))) return false;
      if (!give(inside(real(await matcher.flush())))) return false;
      await matcher.push(end - BigInt(edge), new Uint8Array(edge));
    } else {
      const bad = new Set(piece.bad.map((each) => each.lba));
      state.badBlocks.push(...bad);
      const found = inside(await matcher.push(start, piece.bytes)).filter((match) => !touches(match, bad, block));
      if (!give(found)) return false;
    }
    progress?.(start + piece.blocks * block);
  }
  return give(inside(await matcher.flush()));
}

/** How much of a run of zeros a match that reaches into it can lean on. */
function edgeBytes(piece: Piece, block: bigint): number {
  const length = piece.blocks * block;
  return Number(length < OVERLAP ? length : OVERLAP);
}

/** Whether a match leans on bytes that the device never sent. */
function touches(match: Match, bad: ReadonlySet<bigint>, block: bigint): boolean {
  if (bad.size === 0) return false;
  for (let lba = match.offset / block; lba * block < match.offset + BigInt(match.length); lba += 1n)
    if (bad.has(lba)) return true;
  return false;
}
