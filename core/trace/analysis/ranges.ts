/** Ranges of a buffer, in the order in which they were named. */
export class Ranges {
  readonly #ranges: [from: number, to: number][] = [];

  /** Adds a range; one that begins within the last or at its end lengthens that. */
  add(offset: number, length: number): void {
    const last = this.#ranges[this.#ranges.length - 1];
    if (last === undefined || offset < last[0] || offset > last[1]) this.#ranges.push([offset, offset + length]);
    else last[1] = Math.max(last[1], offset + length);
  }

  /** How many of the first `limit` bytes lie in any of them. */
  covered(limit: number): number {
    let [bytes, end] = [0, 0];
    for (const [from, to] of [...this.#ranges].sort(([a], [b]) => a - b)) {
      bytes += Math.max(0, Math.min(to, limit) - Math.max(from, end));
      end = Math.max(end, to);
    }
    return bytes;
  }
}
