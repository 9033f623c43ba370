import { listSuites, runSuite, type SuiteRun } from '../support/real/test-cu.ts';
import type { TestOutcome } from '../support/real/test-cu-log.ts';
import type { Contestant } from './conformance-targets.ts';

export interface ConformanceOptions {
  /** Suites to run; all of the family by default. */
  readonly suites?: readonly string[];
  readonly jobs: number;
  /** A suite that has not ended by then is killed: the test it stood in hung. */
  readonly limitMs: number;
  readonly onSuite?: (suite: string, outcomes: readonly TestOutcome[], seconds: number) => void;
}

/** Runs iscsi-test-cu against one target, a fresh one for each suite, several suites side by side. */
export async function runConformance(contestant: Contestant, options: ConformanceOptions): Promise<TestOutcome[]> {
  const all = await listSuites('ALL');
  const wanted = options.suites ?? [...all.keys()];
  const unknown = wanted.filter((suite) => !all.has(suite));
  if (unknown.length > 0) throw new Error(`iscsi-test-cu has no suite ${unknown.join(', ')}`);
  const results = new Map<string, readonly TestOutcome[]>();
  const queue = [...wanted];
  const worker = async (): Promise<void> => {
    for (let suite = queue.shift(); suite !== undefined; suite = queue.shift()) {
      const started = performance.now();
      const outcomes = await runWholeSuite(contestant, suite, all.get(suite) ?? [], options.limitMs);
      results.set(suite, outcomes);
      options.onSuite?.(suite, outcomes, (performance.now() - started) / 1000);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, wanted.length) }, worker));
  return wanted.flatMap((suite) => results.get(suite) ?? []);
}

/** Runs a suite; the tests behind one that hung never ran, so each of them gets a target and a run of its own. */
async function runWholeSuite(
  contestant: Contestant,
  suite: string,
  tests: readonly string[],
  timeoutMs: number,
): Promise<TestOutcome[]> {
  const whole = await runFresh(contestant, `ALL.${suite}`, timeoutMs);
  const found = new Map(whole.outcomes.map((outcome) => [outcome.test, outcome]));
  for (const test of tests) {
    if (found.has(test)) continue;
    const single = await runFresh(contestant, `ALL.${suite}.${test}`, timeoutMs);
    const reason = single.log.trimEnd().split('\n').at(-1) ?? '';
    found.set(test, single.outcomes[0] ?? { suite, test, verdict: 'hang', reason });
  }
  return tests.flatMap((test) => found.get(test) ?? []);
}

async function runFresh(contestant: Contestant, name: string, timeoutMs: number): Promise<SuiteRun> {
  const target = await contestant.start();
  try {
    const { url, secondUrl, flags } = target;
    return await runSuite(name, [url, ...(secondUrl === undefined ? [] : [secondUrl])], {
      timeoutMs,
      flags: flags ?? [],
    });
  } finally {
    await target.stop();
  }
}
