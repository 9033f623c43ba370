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
  readonly log: string;
}

/** Runs a suite or test of iscsi-test-cu, such as ALL.Read10, against a LUN whose data it may destroy; a second URL is a second path to it. */
export async function runSuite(
  name: string,
  urls: readonly string[],
  options: { readonly timeoutMs: number; readonly flags?: readonly string[] },
): Promise<SuiteRun> {
  // Line buffered, so that the log of a suite that hangs still says which test it was.
  const flags = ['-d', '-v', '-g', ...(options.flags ?? []), '-t', name];
  const args = ['-oL', requireTool('iscsi-test-cu'), ...flags, ...urls];
  const result = await run('stdbuf', args, { timeoutMs: options.timeoutMs });
  const log = result.stdout + result.stderr;
  return { outcomes: parseTestCuLog(log), timedOut: result.timedOut, log };
}
