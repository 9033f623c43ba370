import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError, UsageError } from '../../../core/errors/index.ts';
import { decodeText, encodeText, quote, splitText, TextAssembler } from '../../../core/pdu/index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('text keys (RFC 7143 6.1)', () => {
  it('are written with a NUL behind each', () => {
    expect(
      encodeText([
        { key: 'SendTargets', value: 'All' },
        { key: 'X-a.b', value: '' },
      ]),
    ).toEqual(bytes('SendTargets=All\0X-a.b=\0'));
  });

  it('are read in order, with what stands behind the first =', () => {
    expect(decodeText(bytes('A=1\0B=x=y\0\0C=\0'))).toEqual([
      { key: 'A', value: '1' },
      { key: 'B', value: 'x=y' },
      { key: 'C', value: '' },
    ]);
    expect(decodeText(new Uint8Array(0))).toEqual([]);
    expect(decodeText(bytes('__proto__=1\0'))).toEqual([{ key: '__proto__', value: '1' }]);
  });

  it('that are malformed are quoted in the error', () => {
    expect(() => decodeText(bytes('no equals sign\0'))).toThrow(/"no equals sign"/u);
    expect(() => decodeText(bytes('=value\0'))).toThrow(ProtocolError);
    expect(() => decodeText(bytes('A=without a NUL'))).toThrow(/without its NUL/u);
    expect(() => decodeText(bytes(`${'K'.repeat(64)}=1\0`))).toThrow(/64 characters/u);
    expect(() => decodeText(Uint8Array.of(0x41, 0x3d, 0xff, 0x00))).toThrow(/UTF-8/u);
  });

  it('that cannot be sent are refused', () => {
    expect(() => encodeText([{ key: '', value: '' }])).toThrow(UsageError);
    expect(() => encodeText([{ key: 'A b', value: '' }])).toThrow(UsageError);
    expect(() => encodeText([{ key: 'A', value: 'x\0y' }])).toThrow(/NUL/u);
  });

  it('go over several segments and come back whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string().map((value) => ({ key: 'Key', value: value.replaceAll('\0', '') }))),
        fc.integer({ min: 1, max: 20 }),
        (pairs, size) => {
          const assembler = new TextAssembler();
          const segments = splitText(encodeText(pairs), size);
          for (const segment of segments) assembler.add(segment);
          expect(segments.every((segment) => segment.length <= size)).toBe(true);
          expect(assembler.take()).toEqual(pairs);
          expect(assembler.length).toBe(0);
        },
      ),
    );
  });

  it('stop at their limit', () => {
    const assembler = new TextAssembler(10);
    assembler.add(bytes('12345'));
    expect(() => {
      assembler.add(bytes('678901'));
    }).toThrow(/more than 10 bytes/u);
  });

  it('keep nothing of PDUs without text, of which there may be no end', () => {
    const assembler = new TextAssembler(10);
    const empty = new Uint8Array(0);
    empty.slice = () => {
      throw new Error('It was kept.');
    };
    assembler.add(bytes('a=1'));
    assembler.add(empty);
    assembler.add(bytes('2\0'));
    expect(assembler.take()).toEqual([{ key: 'a', value: '12' }]);
  });

  it('are shown without control characters, and cut', () => {
    expect(quote('a\u001bb')).toBe('"a\\u001bb"');
    expect(quote('x'.repeat(100))).toBe(`"${'x'.repeat(64)}…"`);
  });
});
