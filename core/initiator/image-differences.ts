/** A run of bytes that differ, by address on the first of the two. */
export interface Difference {
  readonly offset: bigint;
  readonly length: bigint;
  /** Unreadable on one side, now or when a copy was made: nobody can say whether they differ. */
  readonly unknown: boolean;
}

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
