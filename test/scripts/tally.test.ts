import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const { readTally, tallyOf } = (await import(join(import.meta.dirname, '../../scripts/lib/tally.mjs'))) as {
  readTally: (output: string) => Tally | null;
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
