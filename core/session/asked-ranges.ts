/** The bytes of a write that were sent, where its target may ask for them in any order: ranges that do not touch, ascending. */
export class AskedRanges {
  readonly #ranges: { from: number; to: number }[] = [];

  /** Begins with the first `sent` bytes, which went unasked. */
  constructor(sent: number) {
    if (sent > 0) this.#ranges.push({ from: 0, to: sent });
  }

  /** How many bytes there are, each counted once. */
  get bytes(): number {
    return this.#ranges.reduce((sum, each) => sum + each.to - each.from, 0);
  }

  /** Whether any byte of a range is there already. */
  meets(from: number, to: number): boolean {
    return this.#ranges.some((each) => each.from < to && from < each.to);
  }

  /** Adds a range; what is there already stays as it is. */
  add(from: number, to: number): void {
    const ranges = this.#ranges;
    let first = ranges.findIndex((each) => each.to >= from);
    if (first < 0) first = ranges.length;
    let after = first;
    while (after < ranges.length && (ranges[after]?.from ?? 0) <= to) after += 1;
    const merged = ranges.splice(first, after - first);
    ranges.splice(first, 0, {
      from: Math.min(from, ...merged.map((each) => each.from)),
      to: Math.max(to, ...merged.map((each) => each.to)),
    });
  }
}
