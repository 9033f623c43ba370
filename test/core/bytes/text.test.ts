import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseBase64,
  parseDecimal,
  parseHexBytes,
  parseHexNumber,
  toBase64,
  toHex,
} from '../../../core/bytes/index.ts';

describe('base64 (RFC 4648)', () => {
  it.each([
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('writes and reads the vector %s', (plain, encoded) => {
    const bytes = new TextEncoder().encode(plain);
    expect(toBase64(bytes)).toBe(encoded);
    expect(parseBase64(encoded)).toEqual(bytes);
  });

  it.each(['', 'Z', 'Zg', 'Zg=', 'Zg===', 'Z===', 'Zm9v\n', 'Zm 9v', 'Zm-v', '=Zg=', 'Zh==', 'Zm9='])(
    'refuses %j',
    (text) => {
      expect(parseBase64(text)).toBeUndefined();
    },
  );

  it('comes back from any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 99 }), (bytes) => {
        expect(parseBase64(toBase64(bytes))).toEqual(bytes);
        expect(parseHexBytes(toHex(bytes))).toEqual(bytes);
      }),
    );
  });
});

describe('numbers', () => {
  it.each(['', '-1', '+1', ' 1', '1 ', '01', '1e3', '1.0', '0x10', '1_0', '１', '100000000000000000000000'])(
    'are not read from %j',
    (text) => {
      expect(parseDecimal(text)).toBeUndefined();
    },
  );

  it.each(['', '0x', '0X', '1f', '0x1g', '0x 1', '-0x1', '0x12345678901234567'])(
    'in hex are not read from %j',
    (text) => {
      expect(parseHexNumber(text)).toBeUndefined();
    },
  );

  it('are read exactly', () => {
    expect(parseDecimal('0')).toBe(0n);
    expect(parseDecimal('18446744073709551615')).toBe(18446744073709551615n);
    expect(parseHexNumber('0xFFffFFffFFffFFff')).toBe(18446744073709551615n);
    expect(parseHexBytes('abc')).toEqual(Uint8Array.of(0x0a, 0xbc));
    expect(parseHexBytes('zz')).toBeUndefined();
    expect(toHex(Uint8Array.of(1, 255), ' ')).toBe('01 ff');
  });
});
