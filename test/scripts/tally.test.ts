import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const { readTally, reasonsIn, tallyOf } = (await import(join(import.meta.dirname, '../../scripts/lib/tally.mjs'))) as {
  readTally: (output: string) => Tally | null;
  reasonsIn: (output: string, most?: number) => string[];
  tallyOf: (code: number, output: string, counts: boolean) => Tally;
};

describe('counting what a suite says', () => {
  it("reads vitest's closing line, colours and all", () => {
    expect(
      readTally('\u001b[2m      Tests \u001b[22m \u001b[31m1 failed\u001b[39m | 4 passed | 2 skipped (7)\n'),
    ).toEqual({
      passed: 4,
      failed: 1,
      skipped: 2,
    });
  });

  it('prefers a plain closing line, and takes the last', () => {
    expect(readTally('1 passed, 0 failed\nTests  9 passed (9)\n12 passed, 3 failed, 1 skipped\n')).toEqual({
      passed: 12,
      failed: 3,
      skipped: 1,
    });
  });

  it('calls a suite that printed no count failed', () => {
    expect(tallyOf(0, 'all well\n', true)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('calls a suite that ran nothing failed', () => {
    expect(tallyOf(0, 'Tests  3 skipped (3)\n', true)).toEqual({ passed: 0, failed: 1, skipped: 3 });
  });

  it('does not believe a good count from a bad exit', () => {
    expect(tallyOf(1, 'Tests  3 passed (3)\n', true)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  it('counts a step without tests as one', () => {
    expect(tallyOf(0, '', false)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(tallyOf(2, '', false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('telling why a step failed', () => {
  it('begins where vitest names what failed', () => {
    const list = Array.from({ length: 200 }, (_, at) => `   ✓ test ${at}`);
    const named = ['⎯⎯⎯ Failed Tests 1 ⎯⎯⎯', ' FAIL  |core| a.test.ts > fails', 'AssertionError: expected 1 to be 2'];
    const output = [...list, '', named[0], '', ...named.slice(1), ...list].join('\n');
    expect(reasonsIn(output, 10)).toEqual([...named, ...list.slice(0, 7)]);
    expect(reasonsIn([...list, '⎯⎯ Unhandled Errors ⎯⎯', 'Error: late'].join('\n'))).toHaveLength(2);
  });

  it('takes the end where nothing is named', () => {
    expect(reasonsIn('one\ntwo\n\nthree\n', 2)).toEqual(['two', 'three']);
  });
});
