import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TraceFile } from '../../core/node/index.ts';
import { findProblems } from '../../core/trace/index.ts';

const folder = join(import.meta.dirname, '..', '..', 'assets', 'captures');

/** The rows of the page that describes the samples. */
const rows = readFileSync(join(folder, 'README.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| [\w-]+\.pcapng \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, file = '', pdus = '', , rules = '']) => ({ file, pdus: Number(pdus), rules: rules.split(', ') }));

describe('the sample captures', () => {
  it('are all described', () => {
    const files = readdirSync(folder).filter((name) => name !== 'README.md');
    expect(rows.map(({ file }) => file).sort()).toEqual(files.sort());
  });

  it.each(rows)('$file shows what its page says', async ({ file, pdus, rules }) => {
    const opened = new TraceFile();
    await opened.read(join(folder, file));
    const found = findProblems(opened.trace).map(({ rule }) => rule);
    expect(opened.failure).toBeUndefined();
    expect(opened.trace.length).toBe(pdus);
    opened.close();
    expect(found.sort()).toEqual([...rules].sort());
  });
});
