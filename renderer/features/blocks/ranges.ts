/** A range of bytes somebody pointed at. */
export interface Range {
  readonly offset: bigint;
  readonly length: bigint;
}

const compare = (a: Range, b: Range): number => (a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0);

/** The index of the first range that begins at `offset` or later. */
function firstFrom(sorted: readonly Range[], offset: bigint): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.offset ?? 0n) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds ranges to sorted ones; what begins where another does takes its place. */
export function addRanges<T extends Range>(sorted: readonly T[], more: readonly T[]): readonly T[] {
  const [first] = more;
  if (first === undefined) return sorted;
  const last = sorted[sorted.length - 1];
  const ordered = more.every((one, at) => at === 0 || (more[at - 1]?.offset ?? 0n) < one.offset);
  if (ordered && (last === undefined || last.offset < first.offset)) return [...sorted, ...more];
  const all = new Map([...sorted, ...more].map((one) => [one.offset, one] as const));
  return [...all.values()].sort(compare);
}

/** Those of sorted ranges that reach into `from` up to `to`; of those that begin before, it looks back over what touches. */
export function rangesIn<T extends Range>(sorted: readonly T[], from: bigint, to: bigint): readonly T[] {
  let start = firstFrom(sorted, from);
  const end = firstFrom(sorted, to);
  for (let before = sorted[start - 1]; before !== undefined && before.offset + before.length > from;) {
    start -= 1;
    before = sorted[start - 1];
  }
  return sorted.slice(start, end);
}

/** The next of sorted ranges after an offset, or the one before it; round the ends. */
export function nextRange<T extends Range>(sorted: readonly T[], offset: bigint, step: 1 | -1): T | undefined {
  return step === 1
    ? (sorted[firstFrom(sorted, offset + 1n)] ?? sorted[0])
    : (sorted[firstFrom(sorted, offset) - 1] ?? sorted[sorted.length - 1]);
}
