import { runCase, type HostileCase } from './case.ts';
import { HOSTILE_CASES } from './cases/index.ts';

/** Cases under way at once; each has a port and a session of its own. */
const AT_ONCE = 6;
const MOST_MIB = 16;
const MiB = 1024 * 1024;

const filter = process.argv[2] ?? '';
const cases = HOSTILE_CASES.filter((each) => `${each.group}: ${each.name}`.includes(filter));
const failures: string[] = [];
const slowest: { name: string; ms: number }[] = [];

process.on('unhandledRejection', (reason) => {
  failures.push(`unhandled rejection: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
});
process.on('uncaughtException', (error) => {
  failures.push(`uncaught exception: ${error.stack ?? error.message}`);
});

/** Memory that is in use and not just waiting to be collected. */
function inUse(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function worker(waiting: HostileCase[]): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const name = `${next.group}: ${next.name}`;
    const outcome = await runCase(next);
    slowest.push({ name, ms: outcome.ms });
    if (!outcome.passed) failures.push(`${name}: ${outcome.why}`);
  }
}

const started = performance.now();
const waiting = [...cases];
await Promise.all(Array.from({ length: AT_ONCE }, () => worker(waiting)));
const overMiB = await measureMemory();
if (overMiB > MOST_MIB)
  failures.push(`memory: ${overMiB.toFixed(1)} MiB over the start, at most ${String(MOST_MIB)} are allowed`);

/** Runs the cases that do not spend their time waiting once more, one by one, and finds the most memory any of them took. */
async function measureMemory(): Promise<number> {
  const quick = new Set(slowest.filter((each) => each.ms < 300).map((each) => each.name));
  let most = 0;
  for (const each of cases) {
    if (!quick.has(`${each.group}: ${each.name}`)) continue;
    const base = inUse();
    let peak = base;
    const watch = setInterval(() => {
      const { heapUsed, external } = process.memoryUsage();
      // Garbage is taken out only where there seems to be too much, as that stops the clock.
      if (heapUsed + external - base > MOST_MIB * MiB) peak = Math.max(peak, inUse());
    }, 5);
    await runCase(each);
    clearInterval(watch);
    most = Math.max(most, peak - base, inUse() - base);
  }
  return most / MiB;
}
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
slowest.sort((a, b) => b.ms - a.ms);
const [slow] = slowest;
process.stdout.write(
  `slowest ${((slow?.ms ?? 0) / 1000).toFixed(1)} s (${slow?.name ?? ''}), memory ${overMiB.toFixed(1)} MiB over the start, ${((performance.now() - started) / 1000).toFixed(1)} s\n` +
    `cases ${String(cases.length)}, passed ${String(Math.max(0, cases.length - failures.length))}, failed ${String(failures.length)}\n`,
);
process.exit(failures.length === 0 ? 0 : 1);
