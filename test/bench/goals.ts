/** What a measure should be: at least or at most so much. */
type Goal = readonly [side: '>=' | '<=', wanted: number];

/** Prints measures beside their goals, and remembers which were missed. */
export class Goals {
  #missed = 0;

  /** Goals missed so far. */
  get missed(): number {
    return this.#missed;
  }

  /**
   * Prints the median of some rounds. A goal counts as missed where three quarters of the rounds miss it: what other
   * work on the machine takes from a round or two is noise, what is missing in nearly all of them is not.
   */
  report(what: string, rounds: readonly number[], unit: string, goal?: Goal, peer = ''): void {
    const value = median(rounds);
    const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
    const wanted = goal === undefined ? '' : `goal ${goal[0]} ${goal[1]} ${unit}`;
    const verdict = goal === undefined ? '' : this.#judge(rounds, goal);
    const ours = `${value.toFixed(digits)} ${unit}`;
    process.stdout.write(
      `${what.padEnd(66)} ${ours.padStart(13)}  ${wanted.padEnd(18)} ${verdict.padEnd(12)} ${peer}\n`,
    );
  }

  /** Says what could not be measured; it counts as missed. */
  fail(what: string, why: string): void {
    this.#missed += 1;
    process.stdout.write(`${what.padEnd(66)} ${'failed'.padStart(13)}  ${why}\n`);
  }

  #judge(rounds: readonly number[], [side, wanted]: Goal): string {
    const misses = (value: number): boolean => !(side === '>=' ? value >= wanted : value <= wanted);
    const bad = rounds.filter(misses).length;
    if (bad >= rounds.length * 0.75) {
      this.#missed += 1;
      return 'MISSED';
    }
    return misses(median(rounds)) ? 'within noise' : '';
  }
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** CPU time each of some rounds took of this thread, in ms: what others do on the machine does not count. */
export function time(rounds: number, run: () => void): number[] {
  const times: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const from = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(from);
    times.push((user + system) / 1000);
  }
  return times;
}
