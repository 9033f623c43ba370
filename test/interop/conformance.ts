import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packageVersion } from '../support/real/tools.ts';
import { addTallies, emptyTally, tallySuites, type Tally, type TestOutcome } from '../support/real/test-cu-log.ts';
import { runConformance } from './conformance-run.ts';
import { columns, contestants, variants, type Column } from './conformance-targets.ts';

const baselineFile = fileURLToPath(new URL('../fixtures/conformance-baseline.json', import.meta.url));

const usage = `npm run conformance -- [--only ours|tgt|istgt] [--suites A,B] [--live] [--record] [--jobs N] [--limit SECONDS] [--verbose]

Runs libiscsi's iscsi-test-cu against our target, a fresh one for each suite, and prints its families beside tgt and istgt.
  --live     runs tgt and istgt now as well; otherwise their columns come from the recorded baseline, and say so
  --record   runs tgt and istgt now and writes the baseline; ours is not run
  --only     runs and prints one column
  --verbose  prints each failed, hung and skipped test of every column run now
Exits 0 only when our target fails and hangs in nothing.
`;

interface BaselineColumn {
  readonly version: string;
  readonly seconds: number;
  readonly outcomes: readonly TestOutcome[];
}

interface Baseline {
  readonly recorded: string;
  readonly libiscsi: string;
  readonly limitSeconds: number;
  readonly targets: Partial<Record<Column, BaselineColumn>>;
}

interface Shown {
  readonly column: Column;
  readonly source: string;
  readonly fresh: boolean;
  readonly outcomes: readonly TestOutcome[];
}

const print = (line = ''): void => void process.stdout.write(`${line}\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    process.exit(130);
  });

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    suites: { type: 'string' },
    live: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '4' },
    limit: { type: 'string', default: '40' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const limitSeconds = positive('--limit', values.limit);
const jobs = positive('--jobs', values.jobs);
const suites = values.suites?.split(',');
if (values.only !== undefined && !columns.some((column) => column === values.only)) {
  process.stderr.write(`--only is one of ${columns.join(', ')}\n`);
  process.exit(2);
}

process.exit(values.record ? await record() : await compare());

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  process.stderr.write(`${name} is a whole number above 0\n`);
  process.exit(2);
}

async function measure(column: Column): Promise<BaselineColumn> {
  const contestant = contestants[column];
  const version = await contestant.version();
  const started = performance.now();
  const outcomes = await runConformance(contestant, {
    jobs,
    limitMs: limitSeconds * 1000,
    ...(suites === undefined ? {} : { suites }),
    onSuite: (suite, found, seconds) => {
      if (process.stderr.isTTY || values.verbose)
        process.stderr.write(
          `${column} ${suite} ${counts(addTallies(tallySuites(found).values()))} ${seconds.toFixed(1)} s\n`,
        );
    },
  });
  return { version, seconds: Math.round((performance.now() - started) / 1000), outcomes };
}

/** Measures tgt and istgt and writes what they do, for runs that have no time to ask them again. */
async function record(): Promise<number> {
  const targets: Partial<Record<Column, BaselineColumn>> = {};
  for (const column of ['tgt', 'istgt'] as const) {
    const result = await measure(column);
    targets[column] = result;
    print(
      `${column} ${result.version}: ${counts(addTallies(tallySuites(result.outcomes).values()))}, ${result.seconds} s`,
    );
  }
  const baseline: Baseline = {
    recorded: new Date().toISOString().slice(0, 10),
    libiscsi: await packageVersion('libiscsi-bin'),
    limitSeconds,
    targets,
  };
  // One outcome a line, so that a change of one reads as one.
  const text = JSON.stringify(baseline, undefined, 1).replace(
    /\{\s+("suite"[^{}]*?)\s+\}/g,
    (_all, body: string) => `{ ${body.replace(/\s*\n\s*/g, ' ')} }`,
  );
  await writeFile(baselineFile, `${text}\n`);
  return 0;
}

async function compare(): Promise<number> {
  const shown: Shown[] = [];
  let baseline: Baseline | undefined;
  for (const column of columns) {
    if (values.only !== undefined && values.only !== column) continue;
    if (column === 'ours' || values.live || values.only === column) {
      const { version, seconds, outcomes } = await measure(column);
      shown.push({ column, source: `${column} (${version}): run now, ${seconds} s`, fresh: true, outcomes });
    } else {
      baseline ??= JSON.parse(await readFile(baselineFile, 'utf8')) as Baseline;
      const kept = baseline.targets[column];
      if (kept === undefined) continue;
      const outcomes = kept.outcomes.filter(({ suite }) => suites?.includes(suite) ?? true);
      const source = `${column} (${kept.version}): recorded ${baseline.recorded}, not run now (--live runs it)`;
      shown.push({ column, source, fresh: false, outcomes });
    }
  }
  print(
    `iscsi-test-cu of libiscsi-bin ${await packageVersion('libiscsi-bin')}, family ALL, a fresh target for each suite`,
  );
  for (const { source } of shown) print(`  ${source}`);
  print();
  printTable(shown);
  for (const { column, fresh, outcomes } of shown)
    if (fresh) printDetails(column, outcomes, column === 'ours' || values.verbose);
  const ours = shown.find(({ column }) => column === 'ours');
  if (ours === undefined) return 0;
  const again = await runVariants();
  const all = [...ours.outcomes, ...again];
  const bad = all.filter(({ verdict }) => verdict === 'fail' || verdict === 'hang').length;
  const open = ours.outcomes.filter(
    ({ suite, test, verdict }) =>
      verdict === 'skip' &&
      !again.some((other) => other.suite === suite && other.test === test && other.verdict === 'pass'),
  );
  const why = new Map(again.map(({ suite, test, reason }) => [`${suite}.${test}`, reason]));
  print();
  print(`ours: ${bad} failed or hung, ${open.length} skipped on every unit it was tried on`);
  for (const { suite, test, reason } of open) print(`  ${suite}.${test}: ${why.get(`${suite}.${test}`) ?? reason}`);
  return bad === 0 && ours.outcomes.length > 0 ? 0 : 1;
}

/** Runs what the base unit made iscsi-test-cu skip on units that have what those tests need. */
async function runVariants(): Promise<TestOutcome[]> {
  const found: TestOutcome[] = [];
  for (const variant of variants) {
    const wanted = variant.suites.filter((suite) => suites?.includes(suite) ?? true);
    if (wanted.length === 0) continue;
    const run = await runConformance(variant, { jobs, limitMs: limitSeconds * 1000, suites: wanted });
    const outcomes = run.map((outcome): TestOutcome => {
      const reason = variant.except.get(`${outcome.suite}.${outcome.test}`);
      return reason === undefined ? outcome : { ...outcome, verdict: 'skip', reason };
    });
    found.push(...outcomes);
    print();
    print(`ours again, ${variant.unit}: ${counts(addTallies(tallySuites(outcomes).values()))}`);
    for (const { suite, test, verdict, reason } of outcomes)
      if (verdict !== 'pass') print(`  ${verdict} ${suite}.${test}: ${reason}`);
  }
  return found;
}

function printTable(shown: readonly Shown[]): void {
  const tallies = shown.map(({ outcomes }) => tallySuites(outcomes));
  const names = [...new Set(tallies.flatMap((tally) => [...tally.keys()]))];
  const width = Math.max(6, ...names.map((name) => name.length));
  const head = 'pass fail skip hang';
  print(`${''.padEnd(width)}  ${shown.map(({ column }) => column.padEnd(head.length)).join('   ')}`.trimEnd());
  print(`${'family'.padEnd(width)}  ${shown.map(() => head).join('   ')}`);
  for (const name of names)
    print(
      `${name.padEnd(width)}  ${tallies.map((tally) => cells(tally.get(name) ?? emptyTally())).join('   ')}`.trimEnd(),
    );
  print(`${'TOTAL'.padEnd(width)}  ${tallies.map((tally) => cells(addTallies(tally.values()))).join('   ')}`.trimEnd());
}

function printDetails(column: Column, outcomes: readonly TestOutcome[], withSkips: boolean): void {
  for (const verdict of ['fail', 'hang', 'skip'] as const) {
    const found = outcomes.filter((outcome) => outcome.verdict === verdict);
    if (found.length === 0 || (verdict === 'skip' && !withSkips)) continue;
    print();
    print(`${column}, ${verdict}:`);
    for (const { suite, test, reason } of found) print(`  ${suite}.${test}: ${reason}`);
  }
}

function cells({ pass, fail, skip, hang }: Tally): string {
  return [pass, fail, skip, hang].map((count) => (count === 0 ? '.' : String(count)).padStart(4)).join(' ');
}

function counts({ pass, fail, skip, hang }: Tally): string {
  return `${pass} pass, ${fail} fail, ${skip} skip, ${hang} hang`;
}
