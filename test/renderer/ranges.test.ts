import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRanges, nextRange, rangesIn } from '../../renderer/features/blocks/ranges.ts';

const offsets = fc.uniqueArray(fc.bigInt({ min: 0n, max: 300n }), { maxLength: 40 });
/** Hits of one search: all of one length, and possibly over one another. */
const hits = fc.tuple(offsets, fc.bigInt({ min: 1n, max: 40n }));
const made = ([places, length]: [bigint[], bigint]) => places.map((offset) => ({ offset, length }));

describe('ranges in order', () => {
  it('are in order however they came, each place once', () => {
    fc.assert(
      fc.property(hits, fc.integer({ min: 0, max: 40 }), (some, cut) => {
        const all = made(some);
        const joined = addRanges(addRanges([], all.slice(0, cut)), all.slice(cut));
        const again = addRanges(joined, all.slice(0, 3));
        const expected = [...all].sort((a, b) => (a.offset < b.offset ? -1 : 1));
        expect(joined).toEqual(expected);
        expect(again).toEqual(expected);
      }),
    );
  });

  it('give exactly those that reach into a view', () => {
    fc.assert(
      fc.property(hits, fc.bigInt({ min: 0n, max: 320n }), fc.bigInt({ min: 1n, max: 60n }), (some, from, size) => {
        const sorted = addRanges([], made(some));
        const expected = sorted.filter(({ offset, length }) => offset < from + size && offset + length > from);
        expect(rangesIn(sorted, from, from + size)).toEqual(expected);
      }),
    );
  });

  it('are stepped through in both directions, round the ends', () => {
    fc.assert(
      fc.property(hits, fc.bigInt({ min: 0n, max: 320n }), (some, at) => {
        const sorted = addRanges([], made(some));
        expect(nextRange(sorted, at, 1)).toBe(sorted.find(({ offset }) => offset > at) ?? sorted[0]);
        expect(nextRange(sorted, at, -1)).toBe(sorted.filter(({ offset }) => offset < at).at(-1) ?? sorted.at(-1));
      }),
    );
  });

  it('cost a view next to nothing, however many there are', () => {
    const many = Array.from({ length: 100_000 }, (_, at) => ({ offset: BigInt(at) * 512n, length: 4n }));
    const started = performance.now();
    for (let frame = 0; frame < 1000; frame += 1) rangesIn(many, BigInt(frame) * 1000n, BigInt(frame) * 1000n + 800n);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
