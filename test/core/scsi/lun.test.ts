import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../core/bytes/index.ts';
import { UsageError } from '../../../core/errors/index.ts';
import {
  decodeLun,
  decodeLunList,
  encodeLun,
  encodeLunList,
  formatLun,
  lunBytes,
  lunFromNumber,
} from '../../../core/scsi/index.ts';
import { hex } from './arbitrary.ts';

describe('LUN forms of SAM-5 4.7, written by hand', () => {
  it.each([
    ['0000000000000000', { method: 'peripheral', number: 0, bus: 0 }, '0'],
    ['0007000000000000', { method: 'peripheral', number: 7, bus: 0 }, '7'],
    ['0512000000000000', { method: 'peripheral', bus: 5, target: 18 }, 'bus 5, target 18 (0x0512000000000000)'],
    [
      '0512000300000000',
      { method: 'peripheral', lowerLevels: [3] },
      'bus 5, target 18, lower levels 0003 (0x0512000300000000)',
    ],
    [
      '0001000300000000',
      { method: 'peripheral', number: 1, lowerLevels: [3] },
      '1, lower levels 0003 (0x0001000300000000)',
    ],
    ['412c000000000000', { method: 'flat', number: 300 }, '300'],
    ['412c000000070000', { method: 'flat', lowerLevels: [0, 7] }, '300, lower levels 0000 0007 (0x412c000000070000)'],
    [
      '8543000000000000',
      { method: 'logical-unit', number: 3, bus: 2, target: 5 },
      'bus 2, target 5, unit 3 (0x8543000000000000)',
    ],
    [
      'c101000000000000',
      { method: 'well-known', number: 1, wellKnown: 'REPORT LUNS' },
      'well-known REPORT LUNS (0xc101000000000000)',
    ],
    ['c1ee000000000000', { method: 'well-known', number: 0xee }, 'well-known well-known unit 238 (0xc1ee000000000000)'],
    ['d201117000000000', { method: 'extended-flat', number: 70000 }, '70000'],
    ['e200400000000000', { method: 'long-extended-flat', number: 2 ** 30 }, '1073741824'],
    ['ffffffffffffffff', { method: 'not-specified' }, 'not specified (0xffffffffffffffff)'],
    ['c500000000000000', { method: 'extended-unknown' }, 'unknown extended form (0xc500000000000000)'],
    ['f2123456789abcde', { method: 'extended-unknown' }, 'unknown extended form (0xf2123456789abcde)'],
  ])('%s', (text, parts, shown) => {
    expect(decodeLun(hex(text))).toMatchObject({ ...parts, hex: text });
    expect(decodeLun(BigInt(`0x${text}`))).toEqual(decodeLun(hex(text)));
    expect(formatLun(hex(text))).toBe(shown);
  });
});

describe('LUNs by number', () => {
  it.each([
    [0, '0000000000000000'],
    [255, '00ff000000000000'],
    [256, '4100000000000000'],
    [16383, '7fff000000000000'],
    [16384, 'd200400000000000'],
    [0xffffff, 'd2ffffff00000000'],
    [0x1000000, 'e200010000000000'],
    [2 ** 40 - 1, 'e2ffffffffff0000'],
  ])('%d', (number, text) => {
    expect(toHex(lunFromNumber(number))).toBe(text);
  });

  it('come back as the same number', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(70000), fc.integer({ min: 0, max: 2 ** 40 - 1 })), (number) => {
        expect(decodeLun(lunFromNumber(number)).number).toBe(number);
        expect(formatLun(lunFromNumber(number))).toBe(String(number));
      }),
    );
  });

  it.each([-1, 1.5, NaN, 2 ** 40])('refuses %d', (number) => {
    expect(() => lunFromNumber(number)).toThrow(UsageError);
  });
});

describe('LUN parts', () => {
  it.each([
    [{ method: 'peripheral', number: 3 } as const, '0003000000000000'],
    [{ method: 'peripheral', number: 3, bus: 63 } as const, '3f03000000000000'],
    [{ method: 'logical-unit', number: 31, bus: 7, target: 63 } as const, 'bfff000000000000'],
    [{ method: 'well-known', number: 4 } as const, 'c104000000000000'],
    [{ method: 'not-specified' } as const, 'ffffffffffffffff'],
  ])('%j', (parts, text) => {
    expect(toHex(encodeLun(parts))).toBe(text);
  });

  it.each([
    { method: 'peripheral', number: 256 } as const,
    { method: 'peripheral', number: 0, bus: 64 } as const,
    { method: 'flat', number: 16384 } as const,
    { method: 'logical-unit', number: 32, bus: 0, target: 0 } as const,
    { method: 'extended-flat', number: -1 } as const,
  ])('refuses %j', (parts) => {
    expect(() => encodeLun(parts)).toThrow(UsageError);
  });

  it('refuses LUNs of another size', () => {
    expect(() => lunBytes(new Uint8Array(7))).toThrow('8 bytes, not 7');
    expect(() => lunBytes(1n << 64n)).toThrow(UsageError);
    expect(() => encodeLunList([new Uint8Array(2)])).toThrow(UsageError);
  });

  it('hands out bytes of its own', () => {
    const mine = new Uint8Array(8);
    lunBytes(mine)[0] = 1;
    expect(mine[0]).toBe(0);
  });
});

describe('REPORT LUNS data', () => {
  it('lists what is there', () => {
    const list = decodeLunList(hex('00000010 00000000 0001000000000000 412c000000000000'));
    expect(list.luns.map((lun) => lun.number)).toEqual([1, 300]);
    expect(list).toMatchObject({ listLength: 16, warnings: [] });
    expect(list.needed).toBeUndefined();
  });

  it('says how much more there is', () => {
    const list = decodeLunList(hex('00000018 00000000 0001000000000000 412c000000'));
    expect(list.luns).toHaveLength(1);
    expect(list.needed).toBe(32);
    expect(list.warnings).toEqual([
      'The LUN list should have 24 bytes; 13 are there.',
      'The LUN list ends with 5 bytes that are no whole entry of 8.',
    ]);
    expect(decodeLunList(hex('0000')).warnings).toHaveLength(1);
  });

  it('comes back as it was built', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 8, maxLength: 8 })), (luns) => {
        const { luns: found, warnings } = decodeLunList(encodeLunList(luns));
        expect(found.map((lun) => lun.hex)).toEqual(luns.map((lun) => toHex(lun)));
        expect(warnings).toEqual([]);
      }),
    );
  });
});
