/** What a search is asked for: every place, or the one after or before the cursor. */
export type Direction = 'all' | 'next' | 'previous';

/** Where a search looks. */
export interface SearchSpan {
  readonly direction: Direction;
  readonly first: bigint;
  /** Not searched any more. */
  readonly end: bigint;
  /** Whether it goes on round the end, after nothing was left in its direction. */
  readonly wrapped: boolean;
}

interface Asked {
  readonly direction: Direction;
  readonly wrapped: boolean;
  /** The first and the last byte that may be searched. */
  readonly low: bigint;
  readonly high: bigint;
  readonly cursor: bigint;
  /** Whether the cursor stands on a place that was found, which is not to be found again. */
  readonly onHit: boolean;
}

/** What lies across the cursor belongs to the part before it, so a search from the beginning looks this far past it. */
const ACROSS = 65_536n;
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** The bytes that a search goes through. */
export function spanOf({ direction, wrapped, low, high, cursor, onHit }: Asked): SearchSpan {
  const whole = { direction, wrapped, first: low, end: high + 1n };
  if (direction === 'next')
    return wrapped
      ? { ...whole, end: least(high + 1n, cursor + ACROSS) }
      : { ...whole, first: most(low, onHit ? cursor + 1n : cursor) };
  if (direction === 'previous')
    return wrapped ? { ...whole, first: most(low, cursor) } : { ...whole, end: least(high + 1n, cursor) };
  return whole;
}

/** Where a search looks, in words. */
export function spanWords({ direction, first, end, wrapped }: SearchSpan, blockSize: number): string {
  const block = (at: bigint): string => String(at / BigInt(blockSize));
  if (direction === 'next') return wrapped ? 'from the beginning' : `from block ${block(first)} on`;
  if (direction === 'previous') return wrapped ? 'back from the end' : `back from block ${block(end)}`;
  return '';
}
