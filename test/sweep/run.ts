import { SWEEPS, sweepPair, type Sweep } from '../support/pair-sweep.ts';

/** Usage: node test/sweep/run.ts [SWEEP[,SWEEP...]|all] [STEP] [FROM]: the whole conversation with a fault at every byte. */
const [, , names = 'all', step = '1', from = '0'] = process.argv;
const wanted = names === 'all' ? SWEEPS : (names.split(',') as Sweep[]);
let failed = 0;
for (const sweep of wanted) {
  if (!SWEEPS.includes(sweep)) throw new Error(`There is no sweep ${sweep}; there are ${SWEEPS.join(', ')}.`);
  const began = performance.now();
  const { runs, findings, ends } = await sweepPair(sweep, Number(step), Number(from));
  failed += findings.length;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(`${sweep}: ${String(runs)} runs, ${String(findings.length)} failed, ${seconds} s\n`);
  for (const [end, count] of [...ends].sort()) process.stdout.write(`  ${end} x${String(count)}\n`);
  for (const { fault, problems } of findings)
    process.stdout.write(`  FAILED ${fault.kind} ${fault.way} ${String(fault.at)}: ${problems.join('; ')}\n`);
}
process.exitCode = failed === 0 ? 0 : 1;
