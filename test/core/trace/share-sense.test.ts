import { describe, expect, it } from 'vitest';
import { shareSense } from '../../../core/trace/export/share-sense.ts';

const shared = (...bytes: readonly number[]): number[] => [...shareSense(Uint8Array.from(bytes))];

describe('sense data that is safe to share', () => {
  it('keeps of fixed format the codes, and the information where it is valid', () => {
    expect(shared(0, 20, 0xf0, 9, 0x23, 1, 2, 3, 4, 12, 5, 6, 7, 8, 0x11, 1, 0x77, 0xc0, 9, 9, 0x53, 0x53)).toEqual([
      0, 20, 0xf0, 0, 0x23, 1, 2, 3, 4, 12, 0, 0, 0, 0, 0x11, 1, 0, 0, 0, 0, 0, 0,
    ]);
    expect(shared(0, 18, 0x70, 0, 5, 1, 2, 3, 4, 10, 0, 0, 0, 0, 0x24, 0, 0, 0, 0, 0).slice(5, 9)).toEqual([
      0, 0, 0, 0,
    ]);
  });

  it('keeps of descriptor format the codes, what descriptors there are, and a valid information', () => {
    const head = [0x72, 3, 0x11, 0, 0x80, 5, 5];
    const information = [0, 10, 0x80, 9, 0, 0, 0, 0, 1, 2, 3, 4];
    const vendor = [0x80, 2, 0x53, 0x45];
    expect(shared(0, 24, ...head, 16, ...information, ...vendor)).toEqual([
      ...[0, 24, 0x72, 3, 0x11, 0, 0, 0, 0, 16],
      ...[0, 10, 0x80, 0, 0, 0, 0, 0, 1, 2, 3, 4],
      ...[0x80, 2, 0, 0],
    ]);
    expect(shared(0, 20, ...head, 12, 0, 10, 0, ...information.slice(3)).slice(12)).toEqual(new Array(10).fill(0));
  });

  it('keeps nothing of other formats, and bears what is cut short', () => {
    expect(shared(0, 3, 0x7f, 0x41, 0x42)).toEqual([0, 3, 0x7f, 0, 0]);
    for (let length = 0; length < 30; length += 1)
      for (const code of [0xf0, 0x72]) {
        const bytes = [0, 28, code, ...new Array<number>(30).fill(0)].slice(0, length);
        expect(shared(...bytes)).toEqual(bytes);
      }
  });
});
