/** How one test of iscsi-test-cu ended; 'hang' is a test without a verdict, because it never came back or crashed. */
export type Verdict = 'pass' | 'fail' | 'skip' | 'hang';

export interface TestOutcome {
  readonly suite: string;
  readonly test: string;
  readonly verdict: Verdict;
  /** The first line that says why, for all but a pass. */
  readonly reason: string;
}

/** Counts of one family. */
export type Tally = Record<Verdict, number>;

/**
 * Reads the verbose log of iscsi-test-cu. CUnit calls a skipped test passed, so the markers inside a test's own
 * output decide: FAILED as the verdict is a fail, [SKIPPED] anywhere in it a skip.
 */
export function parseTestCuLog(log: string): TestOutcome[] {
  const outcomes: TestOutcome[] = [];
  for (const part of log.split(/^Suite: /m).slice(1)) {
    const suite = firstLine(part).trim();
    const body = part.split(/^Run Summary:/m)[0] ?? '';
    for (const block of body.split(/^\s*Test: /m).slice(1)) {
      const test = (firstLine(block).split(' ...')[0] ?? '').trim();
      outcomes.push({ suite, test, ...judge(block) });
    }
  }
  return outcomes;
}

/** Adds outcomes up by suite, in the order in which the suites came. */
export function tallySuites(outcomes: readonly TestOutcome[]): Map<string, Tally> {
  const suites = new Map<string, Tally>();
  for (const { suite, verdict } of outcomes) {
    const tally = suites.get(suite) ?? emptyTally();
    tally[verdict]++;
    suites.set(suite, tally);
  }
  return suites;
}

export function emptyTally(): Tally {
  return { pass: 0, fail: 0, skip: 0, hang: 0 };
}

export function addTallies(tallies: Iterable<Tally>): Tally {
  const sum = emptyTally();
  for (const tally of tallies) {
    sum.pass += tally.pass;
    sum.fail += tally.fail;
    sum.skip += tally.skip;
    sum.hang += tally.hang;
  }
  return sum;
}

function judge(block: string): { verdict: Verdict; reason: string } {
  if (/(?:^|\.\.\.|\s)FAILED$/m.test(block)) {
    const said = /\[FAILED\]\s*(.*)/.exec(block)?.[1] ?? /^\s*\d+\.\s*(.*)$/m.exec(block)?.[1] ?? '';
    return { verdict: 'fail', reason: said.trim() };
  }
  const skipped = /\[SKIPPED\]\s*(.*)/.exec(block);
  // A test that printed a skip and then never ended still hung.
  const ended = /(?:^|\.\.\.|\s)passed\b/m.test(block);
  if (!ended) return { verdict: 'hang', reason: 'no verdict: the test never came back, or crashed' };
  if (skipped) return { verdict: 'skip', reason: (skipped[1] ?? '').trim() };
  return { verdict: 'pass', reason: '' };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
