import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/rfc7143-coverage.md', root), 'utf8');
const [musts = '', cases = ''] = page.split("## Cases of UNH-IOL's");

/** The cells of every row of a page's tables, without their heads. */
function rowsOf(text: string, head: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith(`| ${head}`) && !line.startsWith('| --'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

const count = (rows: string[][], column: number, status: string): number =>
  rows.filter((row) => row[column] === status).length;

/** Files a cell names; those that follow one in a folder are in the same folder. */
function filesIn(cell: string, base: string): string[] {
  let folder = '';
  return [...cell.matchAll(/[\w/.-]+\.ts\b/gu)].map(([name]) => {
    const cut = name.lastIndexOf('/');
    if (cut >= 0) folder = name.slice(0, cut + 1);
    return `${base}/${cut >= 0 ? name : `${folder}${name}`}`;
  });
}

describe('the page on RFC 7143', () => {
  const mustRows = rowsOf(musts, 'Clause');
  const caseRows = rowsOf(cases, 'Area');

  it('counts its rows', () => {
    expect(musts).toContain(
      `**${String(mustRows.length)} rows: ${String(count(mustRows, 2, 'done'))} done, ${String(count(mustRows, 2, 'done, scripted'))} done, scripted, ` +
        `${String(count(mustRows, 2, 'part'))} part, ${String(count(mustRows, 2, 'not done'))} not done.**`,
    );
    const [done, scripted, part] = ['done', 'scripted', 'part'].map((status) => count(caseRows, 2, status));
    expect(cases).toContain(
      `**${String(caseRows.length)} cases: ${String(done)} done, ${String(scripted)} scripted, ${String(part)} in part.**`,
    );
    expect((done ?? 0) + (scripted ?? 0) + (part ?? 0)).toBe(caseRows.length);
  });

  it('names code and tests that are there', () => {
    const named = [
      ...mustRows.flatMap((row) => [...filesIn(row[3] ?? '', 'core'), ...filesIn(row[4] ?? '', 'test')]),
      ...caseRows.flatMap((row) => filesIn(row[3] ?? '', 'test')),
    ];
    expect(named.length).toBeGreaterThan(100);
    expect([...new Set(named)].filter((name) => !existsSync(new URL(name, root)))).toEqual([]);
    for (const row of [...mustRows, ...caseRows])
      if (row[2]?.startsWith('done') === true || row[2] === 'scripted') expect(row.at(-1), row.join()).not.toBe('');
  });
});
