import { readdirSync, statSync } from 'node:fs';
import { at, bin } from './lib/paths.mjs';
import { runWithDisplay } from './lib/display.mjs';
import { ensureElectron } from './lib/electron.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { say, which } from './lib/run.mjs';
import { ensureBuilt } from './lib/sources.mjs';
import { add, tallyOf } from './lib/tally.mjs';

/** Walks that measure frames have the machine to themselves. */
const ALONE = ['sectors-scroll.test.ts', 'trace-large.test.ts'];
const LANES = 2;

await ensureInstalled();
await ensureBuilt();
const electron = await ensureElectron();
const chromium = which('chromium') ?? which('chromium-browser') ?? which('google-chrome');
say(
  `e2e on Electron ${electron.version}${electron.fallback ? ' (fallback build)' : ''} and ${chromium ?? 'no Chromium'}.`,
);
const env = {
  LUNASCOPE_E2E_ELECTRON: electron.executable,
  ...(chromium ? { LUNASCOPE_E2E_CHROMIUM: chromium } : {}),
};
const vitest = (args, options = {}) =>
  runWithDisplay(bin('vitest'), ['run', '--project', 'e2e', ...args], { env, ...options });

/** Walks mostly wait, so two go side by side, each file with a display of its own; the long ones begin. */
async function runAll() {
  const size = (name) => statSync(at('test', 'e2e', name)).size;
  const files = readdirSync(at('test', 'e2e')).filter((name) => name.endsWith('.test.ts'));
  const shared = files.filter((name) => !ALONE.includes(name)).sort((a, b) => size(b) - size(a));
  let total = { passed: 0, failed: 0, skipped: 0 };
  const failing = [];
  const retried = [];
  const take = async (name) => {
    const chunks = [];
    const reporters = ['--reporter=verbose', `--reporter=${at('scripts', 'lib', 'second-try.mjs')}`];
    const code = await vitest([...reporters, `test/e2e/${name}`], { onOutput: (chunk) => chunks.push(chunk) });
    const output = Buffer.concat(chunks).toString('utf8');
    process.stdout.write(output);
    retried.push(...(output.match(/^At the second try: .+$/gm) ?? []));
    const tally = tallyOf(code, output, true);
    total = add(total, tally);
    if (tally.failed > 0) failing.push(output);
  };
  const lane = async () => {
    for (let name = shared.shift(); name !== undefined; name = shared.shift()) await take(name);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  for (const name of files.filter((each) => ALONE.includes(each))) await take(name);
  // What failed is read at the end of a log.
  for (const output of failing) process.stdout.write(`\n${output}`);
  for (const line of retried) process.stdout.write(`${line}\n`);
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 ? 0 : 1;
}

const wanted = process.argv.slice(2);
process.exitCode = await (wanted.length > 0 ? vitest(wanted) : runAll());
