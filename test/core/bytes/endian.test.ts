import { expect, it } from 'vitest';
import {
  padded,
  readU16,
  readU24,
  readU32,
  readU64,
  writeU16,
  writeU24,
  writeU32,
  writeU64,
} from '../../../core/bytes/index.ts';

it('reads and writes most significant byte first', () => {
  const bytes = new Uint8Array(17);
  writeU16(bytes, 0, 0xfffe);
  writeU24(bytes, 2, 0xfdfcfb);
  writeU32(bytes, 5, 0xfaf9f8f7);
  writeU64(bytes, 9, 0xf6f5f4f3f2f1f0efn);
  expect([...bytes]).toEqual(Array.from({ length: 17 }, (_, i) => 0xff - i));
  expect(readU16(bytes, 0)).toBe(0xfffe);
  expect(readU24(bytes, 2)).toBe(0xfdfcfb);
  expect(readU32(bytes, 5)).toBe(0xfaf9f8f7);
  expect(readU64(bytes, 9)).toBe(0xf6f5f4f3f2f1f0efn);
});

it('takes bytes past the end as zero', () => {
  const one = Uint8Array.of(1);
  expect(readU16(one, 0)).toBe(0x100);
  expect(readU24(one, 0)).toBe(0x10000);
  expect(readU32(one, 0)).toBe(0x1000000);
  expect(readU32(one, 1)).toBe(0);
  expect(readU16(one, 5)).toBe(0);
  expect(readU24(one, 5)).toBe(0);
});

it.each([
  [0, 0],
  [1, 4],
  [2, 4],
  [3, 4],
  [4, 4],
  [5, 8],
])('pads %i bytes to %i', (length, whole) => {
  expect(padded(length)).toBe(whole);
});
