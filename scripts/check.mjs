import { run } from './lib/run.mjs';

/** The fast inner loop: what fails most often first, two at a time. Unit tests that take seconds are left to npm test. */
const lanes = [['check:types', 'check:types:old', 'check:imports', 'test:quick'], ['check:lint']];

const started = Date.now();
const failed = [];

async function walk(lane) {
  for (const script of lane) {
    const chunks = [];
    const since = Date.now();
    const code = await run('npm', ['run', '--silent', script], { onOutput: (chunk) => chunks.push(chunk) });
    process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${script} (${((Date.now() - since) / 1000).toFixed(1)} s)\n`);
    if (code === 0) continue;
    process.stdout.write(Buffer.concat(chunks));
    failed.push(script);
  }
}

await Promise.all(lanes.map(walk));
process.stdout.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
for (const script of failed) process.stdout.write(`Repeat it with: npm run ${script}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
