import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serialAdd, serialDistance, serialLess, serialLessOrEqual } from '../../../core/bytes/index.ts';

const u32 = fc.integer({ min: 0, max: 0xffffffff });

describe('serial numbers (RFC 1982)', () => {
  it('order across the wrap', () => {
    expect(serialLess(0xffffffff, 0)).toBe(true);
    expect(serialLess(0, 0xffffffff)).toBe(false);
    expect(serialLess(5, 5)).toBe(false);
    expect(serialLessOrEqual(5, 5)).toBe(true);
    expect(serialLessOrEqual(0xfffffff0, 0x10)).toBe(true);
  });

  it('are neither before nor behind at exactly half the circle', () => {
    expect(serialLess(0, 0x80000000)).toBe(false);
    expect(serialLess(0x80000000, 0)).toBe(false);
  });

  it('add and measure distances consistently', () => {
    fc.assert(
      fc.property(u32, fc.integer({ min: -0x7fffffff, max: 0x7fffffff }), (a, n) => {
        const b = serialAdd(a, n);
        expect(serialDistance(a, b)).toBe(n);
        expect(serialLess(a, b)).toBe(n > 0);
        expect(serialLessOrEqual(a, b)).toBe(n >= 0);
      }),
    );
  });
});
