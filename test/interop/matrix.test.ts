import { describe, expect, it } from 'vitest';
import { ToolMissing } from '../support/real/tools.ts';
import { countCells, NotHere, printMatrix, runMatrix, type Cell } from './matrix.ts';

describe('the matrix', () => {
  it('counts a cell that throws as failed, one that cannot be as nothing, and goes on', async () => {
    const seen: Cell[] = [];
    let stopped = '';
    const cells = await runMatrix(
      [
        { name: 'reads', check: (san: string) => Promise.resolve(`from ${san}`) },
        { name: 'fails', check: () => Promise.reject(new Error('no')) },
        { name: 'absent', check: () => Promise.reject(new NotHere('has none')) },
        { name: 'lacks', check: () => Promise.reject(new ToolMissing('qemu-io')) },
        { name: 'late', timeoutMs: 5, check: () => new Promise(() => undefined) },
      ],
      [{ name: 'one', start: () => Promise.resolve('san'), stop: (san) => Promise.resolve(void (stopped = san)) }],
      (cell) => seen.push(cell),
    );
    expect(seen).toEqual(cells);
    expect(cells.map(({ result }) => result)).toEqual(['passed', 'failed', 'absent', 'skipped', 'failed']);
    expect(cells[0]!.detail).toBe('from san');
    expect(cells[4]!.detail).toContain('not done after 5 ms');
    expect(stopped).toBe('san');
    expect(countCells(cells)).toBe('1 passed, 2 failed, 1 skipped');
    expect(printMatrix(cells).split('\n')).toEqual([
      '        one',
      'reads   passed',
      'fails   FAILED',
      'absent  - (1)',
      'lacks   skipped (2)',
      'late    FAILED',
      '(1) has none',
      '(2) qemu-io is not installed: apt-get install qemu-utils',
    ]);
  });

  it('fails every cell of a target that does not start', async () => {
    const cells = await runMatrix(
      [{ name: 'reads', check: () => Promise.resolve(undefined) }],
      [{ name: 'one', start: () => Promise.reject(new Error('no tgtd')), stop: () => Promise.resolve() }],
      () => undefined,
    );
    expect(cells).toMatchObject([{ result: 'failed' }]);
  });
});
