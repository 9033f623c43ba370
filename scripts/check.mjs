import { ensureInstalled } from './lib/install.mjs';
import { run } from './lib/run.mjs';
import { steps } from './lib/steps.mjs';

/** The fast inner loop, two at a time, what takes longest first. Unit tests that take seconds are left to npm test. */
const queue = ['check:lint', 'test:quick', 'check:types', 'check:types:old', 'check:imports'];

await ensureInstalled();
const started = Date.now();
const failed = [];
const print = (text) => process.stdout.write(text);

async function perform(script) {
  const chunks = [];
  const since = Date.now();
  const code = await run('npm', ['run', '--silent', script], { onOutput: (chunk) => chunks.push(chunk) });
  print(`${code === 0 ? 'ok  ' : 'FAIL'} ${script} (${((Date.now() - since) / 1000).toFixed(1)} s)\n`);
  if (code === 0) return;
  print(Buffer.concat(chunks));
  failed.push(script);
}

async function work() {
  for (let script = queue.shift(); script !== undefined; script = queue.shift()) await perform(script);
}

await Promise.all([work(), work()]);
print(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
for (const script of failed) {
  print(`Repeat it with: npm run ${script}\n`);
  const repair = steps.find((step) => step.script === script)?.repair;
  if (repair !== undefined) print(`Repair it with: ${repair}\n`);
}
process.exitCode = failed.length === 0 ? 0 : 1;
