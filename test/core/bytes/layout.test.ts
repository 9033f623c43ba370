import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ascii,
  bits,
  buildFieldTree,
  decodeLayout,
  decodePartial,
  encodeInto,
  encodeLayout,
  flag,
  layout,
  raw,
  readAscii,
  u64,
  uint,
} from '../../../core/bytes/index.ts';

const SAMPLE = layout('sample', 'Sample', 24, 'Clause 1', [
  flag('top', 'Top', 0, 7, { values: { 0: 'low', 1: 'high' } }),
  bits('kind', 'Kind', 0, [6, 4], { values: { 5: 'five' }, meaning: 'which kind' }),
  bits('wide', 'Wide', 1, [20, 4], { size: 3 }),
  uint('small', 'Small', 4, 1, { values: { 7: 'seven' } }),
  uint('triple', 'Triple', 5, 3),
  u64('address', 'Address', 8, { clause: 'Clause 2' }),
  ascii('name', 'Name', 16, 6),
  raw('tail', 'Tail', 22, 2),
]);

const value = fc.record({
  top: fc.boolean(),
  kind: fc.integer({ min: 0, max: 7 }),
  wide: fc.integer({ min: 0, max: 0x1ffff }),
  small: fc.integer({ min: 0, max: 255 }),
  triple: fc.integer({ min: 0, max: 0xffffff }),
  address: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  name: fc.constantFrom('', 'a', 'abc', 'a b c'),
  tail: fc.uint8Array({ minLength: 2, maxLength: 2 }),
});

describe('a layout', () => {
  it('writes each field where it lies', () => {
    const bytes = encodeLayout(SAMPLE, {
      top: true,
      kind: 5,
      wide: 0x1ffff,
      small: 7,
      triple: 0x010203,
      address: 0x0102030405060708n,
      name: 'AB',
      tail: Uint8Array.of(0xee, 0xff),
    });
    expect([...bytes]).toEqual([
      0xd0, 0x1f, 0xff, 0xf0, 7, 1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 0x41, 0x42, 0x20, 0x20, 0x20, 0x20, 0xee, 0xff,
    ]);
  });

  it('decodes what it encoded, at any base', () => {
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: 5 }), (input, base) => {
        const bytes = encodeInto(SAMPLE, input, new Uint8Array(32), base);
        expect(decodeLayout(SAMPLE, bytes, base)).toEqual(input);
      }),
    );
  });

  it('keeps the bits around a field when it writes one', () => {
    const bytes = new Uint8Array(24).fill(0xff);
    encodeInto(SAMPLE, { kind: 0 }, bytes);
    expect(bytes[0]).toBe(0x8f);
  });

  it.each([
    ['a value too wide for its bits', { kind: 8 }, /Kind cannot be 8/u],
    ['a fraction', { kind: 1.5 }, /whole number/u],
    ['a byte above 255', { small: 256 }, /below 256/u],
    ['a negative number', { small: -1 }, /below 256/u],
    ['an address above 64 bits', { address: 2n ** 64n }, /2\^64/u],
    ['an address that is no bigint', { address: 5 as unknown as bigint }, /bigint/u],
    ['a name too long', { name: 'too long' }, /6 printable/u],
    ['a name that is not ASCII', { name: '\u00e9' }, /printable/u],
    ['bytes of another length', { tail: new Uint8Array(3) }, /3 bytes; it takes exactly 2/u],
    ['text for bytes', { tail: 'x' as unknown as Uint8Array }, /exactly 2/u],
  ])('refuses %s', (_name, input, message) => {
    expect(() => encodeLayout(SAMPLE, input)).toThrow(message);
  });

  it('refuses to write past the end', () => {
    expect(() => encodeInto(SAMPLE, {}, new Uint8Array(24), 1)).toThrow(/needs 24 bytes; 23 are left/u);
  });

  it('reads whole or not at all, or the fields that are there', () => {
    const bytes = encodeLayout(SAMPLE, { small: 9, name: 'AB' });
    for (let length = 0; length < 24; length += 1) {
      expect(decodeLayout(SAMPLE, bytes.subarray(0, length))).toBeUndefined();
      const partial = decodePartial(SAMPLE, bytes.subarray(0, length));
      expect('small' in partial).toBe(length >= 5);
      expect('tail' in partial).toBe(false);
    }
    expect(decodePartial(SAMPLE, bytes).name).toBe('AB');
  });

  it('shows a tree with names, words and what is missing', () => {
    const bytes = encodeLayout(SAMPLE, { top: true, kind: 5, small: 7, triple: 300, name: 'AB' });
    const tree = buildFieldTree(SAMPLE, bytes.subarray(0, 22));
    const text = Object.fromEntries((tree.children ?? []).map((node) => [node.name, node.text]));
    expect(text).toEqual({
      top: 'high',
      kind: 'five (0x05)',
      wide: '0',
      small: 'seven (0x07)',
      triple: '300 (0x00012c)',
      address: '0',
      name: 'AB',
      tail: 'missing',
    });
    expect(tree.children?.find((node) => node.name === 'tail')?.malformed).toMatch(/ends before/u);
    expect(tree.children?.find((node) => node.name === 'address')?.clause).toBe('Clause 2');
    expect(tree.children?.find((node) => node.name === 'kind')).toMatchObject({
      meaning: 'which kind',
      bits: [6, 4],
      clause: 'Clause 1',
    });
    expect(buildFieldTree(SAMPLE, bytes).children?.at(-1)?.text).toBe('00 00');
    expect(
      buildFieldTree(layout('f', 'F', 1, 'c', [flag('on', 'On', 0, 0)]), Uint8Array.of(1)).children?.[0]?.text,
    ).toBe('set');
    expect(
      buildFieldTree(layout('f', 'F', 1, 'c', [flag('on', 'On', 0, 0)]), Uint8Array.of(0)).children?.[0]?.text,
    ).toBe('not set');
  });

  it('reads padded text and marks what is not printable', () => {
    expect(readAscii(Uint8Array.of(0x41, 0x00, 0x42, 0x20, 0x00))).toBe('A\ufffdB');
    expect(readAscii(new Uint8Array(4))).toBe('');
  });
});
