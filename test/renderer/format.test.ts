import { expect, it } from 'vitest';
import { formatBytes, formatCount, formatCountOf } from '../../renderer/lib/format.ts';

it('writes one of a thing as one, and groups large numbers', () => {
  expect([0n, 1n, 2n].map((count) => formatCountOf(count, 'byte'))).toEqual(['0 bytes', '1 byte', '2 bytes']);
  expect(formatCountOf(131_072n, 'block')).toBe('131\u202f072 blocks');
  expect(formatCount(1_000_000_000_000_000_000_000n)).toBe('1' + '\u202f000'.repeat(7));
});

it('writes bytes in the largest unit that leaves a number from one on, exactly where it can', () => {
  expect([0n, 1023n, 1024n, 1536n, 1n << 63n].map(formatBytes)).toEqual(['0 B', '1023 B', '1 KiB', '1.5 KiB', '8 EiB']);
});
