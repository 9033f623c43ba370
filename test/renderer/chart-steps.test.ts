import { expect, it } from 'vitest';
import { BYTE_STEPS, WHOLE_STEPS } from '../../renderer/components/chart-steps.ts';
import { formatBytes } from '../../renderer/lib/format.ts';

it('counts in whole numbers, and bytes in round numbers of their unit', () => {
  expect(WHOLE_STEPS.slice(0, 7)).toEqual([1, 2, 5, 10, 20, 50, 100]);
  for (const step of BYTE_STEPS) {
    expect(Number.isInteger(step)).toBe(true);
    expect(formatBytes(BigInt(step))).toMatch(/^(1|2|4|8|16|32|64|128|256|512) (B|[KMGTPE]iB)$/);
  }
});
