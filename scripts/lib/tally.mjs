/** Adds two tallies. */
export const add = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** What a step's own words say: a plain closing line, or what vitest prints; null when it counts nothing. */
export function readTally(output) {
  const text = output.replaceAll(/\u001b\[[0-9;]*m/g, '');
  const plain = [...text.matchAll(/^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1);
  if (plain !== undefined) {
    return { passed: Number(plain[1]), failed: Number(plain[2]), skipped: Number(plain[3] ?? 0) };
  }
  const line = [...text.matchAll(/^\s*Tests\s+(.+)$/gm)].at(-1)?.[1];
  if (line === undefined) return null;
  const count = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') + count('todo') };
}

/** A step's result: what it counted, held to its exit code. */
export function tallyOf(code, output, counts) {
  const one = code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
  if (!counts) return one;
  const read = readTally(output);
  if (read === null) return { passed: 0, failed: 1, skipped: 0 };
  // A suite that ended badly failed, whatever it counted; one that ran nothing did not pass.
  if ((code !== 0 || read.passed === 0) && read.failed === 0) return { ...read, failed: 1 };
  return read;
}

/** What of the output of a step that failed tells why: from where vitest names what failed, or else its end. */
export function reasonsIn(output, most = 80) {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const named = lines.findIndex((line) => /^⎯+ (?:Failed (?:Tests|Suites) \d+|Unhandled Errors) ⎯+$/.test(line));
  return named < 0 ? lines.slice(-most) : lines.slice(named, named + most);
}
