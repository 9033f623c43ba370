import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { lacks } from './lib/abilities.mjs';
import { at } from './lib/paths.mjs';
import { displayPrefix } from './lib/display.mjs';
import { findElectron } from './lib/electron.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { run, which } from './lib/run.mjs';
import { ensureBuilt } from './lib/sources.mjs';
import { obstacle, steps } from './lib/steps.mjs';
import { describeSystem, ensureSystemPackages, howToGet } from './lib/system.mjs';
import { add, reasonsIn, tallyOf } from './lib/tally.mjs';

const inCi = process.env.CI === 'true';
const started = Date.now();
const print = (line = '') => process.stdout.write(`${line}\n`);
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

await ensureSystemPackages();
await ensureInstalled();
let electron = await findElectron();
if (electron.build === null && electron.packages !== undefined) {
  await ensureSystemPackages(electron.packages);
  electron = await findElectron();
}
await ensureBuilt();
mkdirSync(at('test-results'), { recursive: true });
// Lint's cache holds a file for good until it changes itself, whatever became of the types it uses.
rmSync(at('node_modules', '.cache', 'eslint'), { recursive: true, force: true });

const { build } = electron;
print(
  build === null
    ? `${describeSystem()}, no Electron. ${electron.reason}${electron.remedy ? ` Try: ${electron.remedy}` : ''}`
    : `${describeSystem()}, Electron ${build.version}${build.fallback ? ', the fallback build' : ''}.`,
);
print();

const { scripts } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
let total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

const machine = {
  platform: process.platform,
  has: (name) => which(name) !== undefined,
  howToGet,
  lacks,
  canShowWindows: displayPrefix() !== undefined,
  noElectron: build === null ? electron.reason : null,
};

async function perform(step) {
  const since = Date.now();
  const why = obstacle(step, machine);
  if (why !== null && !inCi) {
    total = add(total, { passed: 0, failed: 0, skipped: 1 });
    print(`skip  ${step.name}: ${why}`);
    return;
  }
  const chunks = [];
  const code =
    why === null
      ? await run('npm', ['run', '--silent', step.script], {
          onOutput: (chunk) => chunks.push(chunk),
          env: { FORCE_COLOR: '0', NO_COLOR: '1' },
        })
      : 1;
  const output = why === null ? Buffer.concat(chunks).toString('utf8') : `Nothing may be skipped here: ${why}.\n`;
  const log = at('test-results', `${step.script.replaceAll(':', '-')}.log`);
  writeFileSync(log, output);
  const tally = tallyOf(code, output, step.counts ?? false);
  total = add(total, tally);
  const bad = code !== 0 || tally.failed > 0 || (inCi && tally.skipped > 0);
  const counted = step.counts ? `: ${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped` : '';
  print(`${bad ? 'FAIL ' : 'ok   '} ${step.name}${counted} (${seconds(since)})`);
  for (const line of new Set(output.match(/^At the second try: .+$/gm))) print(`      ${line}`);
  if (!bad) return;
  if (tally.failed === 0) total = add(total, { passed: 0, failed: 1, skipped: 0 });
  for (const line of reasonsIn(output)) print(`      ${line}`);
  failures.push(step);
  print(`      The whole output: ${log}`);
  print(`      To repeat it:     npm run ${step.script}`);
  if (step.repair) print(`      To repair it:     ${step.repair}`);
}

const wanted = steps.filter(({ script }) => scripts[script] !== undefined);
while (wanted.length > 0) {
  const { group } = wanted[0];
  const together = wanted.findIndex((step) => step.group !== group);
  const left = wanted.splice(0, group === undefined ? 1 : together < 0 ? wanted.length : together);
  const lane = async () => {
    for (let step = left.shift(); step !== undefined; step = left.shift()) await perform(step);
  };
  await Promise.all([lane(), lane()]);
}

print();
for (const step of failures) print(`Failed: ${step.name}. Repeat it with: npm run ${step.script}`);
print(`Everything took ${seconds(started)}; pictures and logs are in test-results/.`);
print(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
