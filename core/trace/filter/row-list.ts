const FIRST = 1024;

/** Some rows of a table, by their place among those chosen. */
export interface RowChoice {
  readonly length: number;
  at(index: number): number;
}

/** A growing list of row numbers, four bytes each. */
export class RowList {
  #rows = new Uint32Array(FIRST);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(row: number): void {
    if (this.#length === this.#rows.length) {
      const more = new Uint32Array(this.#rows.length * 2);
      more.set(this.#rows);
      this.#rows = more;
    }
    this.#rows[this.#length] = row;
    this.#length += 1;
  }

  /** Forgets what comes after the first `length` rows. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** How many of the first rows, which have to ascend, lie below `row`. */
  countBelow(row: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#rows[middle] as number) < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  at(index: number): number {
    return this.#rows[index] as number;
  }

  /** Where a row stands; -1 where it does not. */
  indexOf(row: number): number {
    return this.#rows.subarray(0, this.#length).indexOf(row);
  }

  /** A copy as plain numbers. */
  toArray(): number[] {
    return Array.from(this.#rows.subarray(0, this.#length));
  }
}
