import { afterAll, beforeAll, expect, it } from 'vitest';
import { alignColumns } from '../../../core/cli/table.ts';
import { cli, serveDisk, type Served } from './support.ts';

const LONG_NAME = `iqn.2026-01.test:${'very-long-'.repeat(18)}end`;

let served: Served;
let blocks: string[][];
beforeAll(async () => {
  served = await serveDisk('--target-name', LONG_NAME);
  const { code, out } = await cli(['info', served.url, '--initiator-name', 'iqn.2026-01.test:h']);
  expect(code).toBe(0);
  blocks = out.split('\n\n').map((block) => block.trimEnd().split('\n'));
});
afterAll(() => served.stop());

it('a column is as wide as its longest cell, and nothing trails a line', () => {
  expect(
    alignColumns([
      ['a', 'bcd', 'e'],
      ['fghi', '', ''],
    ]),
  ).toEqual(['a     bcd  e', 'fghi']);
});

it('the table of the negotiation lines up beside a name of any length', () => {
  const [head = '', ...rows] = blocks[2] ?? [];
  const starts = [...head.matchAll(/\S+/gu)].map(({ index }) => index);
  expect(starts).toHaveLength(6);
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows)
    for (const start of starts)
      expect(`  ${row}`.slice(start, start + 3), `column ${String(start)} of ${row}`).toMatch(/^ {2}\S$/u);
  expect(Math.max(...rows.map(({ length }) => length))).toBeLessThan(120);
});

it('long names stand whole above it, on lines of their own; short ones in the table', () => {
  expect(blocks[1]).toContainEqual(expect.stringMatching(`^TargetName +${LONG_NAME}, declared by initiator$`));
  expect(blocks[2]).toContainEqual(
    expect.stringMatching(/^InitiatorName +iqn\.2026-01\.test:h +iqn\.2026-01\.test:h /u),
  );
});

it('every text of a block begins in one column', () => {
  for (const block of blocks.slice(0, 2)) {
    const starts = block.map((line) => line.search(/(?<= {2})\S/u));
    expect(new Set(starts).size, block.join('\n')).toBe(1);
  }
});
