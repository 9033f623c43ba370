import { run, runOk } from './child.ts';
import { parseTestCuLog, type TestOutcome } from './test-cu-log.ts';
import { requireTool } from './tools.ts';

/** The suites of a family such as ALL, SCSI, iSCSI or LINUX, in the order iscsi-test-cu runs them, with their tests. */
export async function listSuites(family = 'ALL'): Promise<Map<string, string[]>> {
  const suites = new Map<string, string[]>();
  for (const line of (await runOk(requireTool('iscsi-test-cu'), ['--list'])).split('\n')) {
    const [group, suite, test] = line.trim().split('.');
    if (group !== family || suite === undefined) continue;
    const tests = suites.get(suite) ?? [];
    if (test !== undefined) tests.push(test);
    suites.set(suite, tests);
  }
  return suites;
}

export interface SuiteRun {
  readonly outcomes: readonly TestOutcome[];
  readonly timedOut: boolean;
  readonly seconds: number;
  readonly log: string;
}

/** Runs suites of iscsi-test-cu, such as ALL.Read10, against a LUN whose data it may destroy. */
export async function runSuite(
  name: string,
  url: string,
  options: { readonly timeoutMs: number; readonly secondUrl?: string; readonly tests?: readonly string[] },
): Promise<SuiteRun> {
  const started = performance.now();
  const urls = options.secondUrl === undefined ? [url] : [url, options.secondUrl];
  // Line buffered, so that the log of a suite that hangs still says which test it was.
  const args = ['-oL', requireTool('iscsi-test-cu'), '-d', '-v', '-g', '-t', name, ...urls];
  const result = await run('stdbuf', args, { timeoutMs: options.timeoutMs });
  const log = result.stdout + result.stderr;
  const seen = parseTestCuLog(log);
  const suite = name.split('.')[1] ?? name;
  const names = new Set(seen.map(({ test }) => test));
  // Tests behind one that hung never ran: they count as hung too, not as absent.
  const missing = (options.tests ?? []).filter((test) => !names.has(test));
  const reason = seen.length === 0 ? lastLine(log) : 'never reached';
  const outcomes = [...seen, ...missing.map((test) => ({ suite, test, verdict: 'hang' as const, reason }))];
  return { outcomes, timedOut: result.timedOut, seconds: (performance.now() - started) / 1000, log };
}

function lastLine(log: string): string {
  return log.trimEnd().split('\n').at(-1) ?? '';
}
