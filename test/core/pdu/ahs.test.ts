import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError, UsageError } from '../../../core/errors/index.ts';
import { decodeAhs, encodeAhs, joinCdb, splitCdb } from '../../../core/pdu/index.ts';
import { fromHex } from '../../support/bytes.ts';

describe('additional headers (RFC 7143 11.2.2)', () => {
  it('carry the rest of a long CDB, padded', () => {
    const cdb = Uint8Array.from({ length: 18 }, (_, i) => i);
    const { head, extended } = splitCdb(cdb);
    expect(head).toEqual(cdb.subarray(0, 16));
    const bytes = encodeAhs(extended === undefined ? [] : [extended]);
    expect(bytes).toEqual(fromHex('00030100 10110000'));
    expect(joinCdb(head, decodeAhs(bytes))).toEqual(cdb);
  });

  it('carry the read length of a bidirectional command', () => {
    const bytes = encodeAhs([{ type: 'bidirectionalReadLength', length: 0x01020304 }]);
    expect(bytes).toEqual(fromHex('00050200 01020304'));
    expect(decodeAhs(bytes)).toEqual([{ type: 'bidirectionalReadLength', length: 0x01020304 }]);
  });

  it('of unknown kinds are kept, several in a row', () => {
    const headers = [
      { type: 'unknown', code: 0x3f, content: Uint8Array.of(1) },
      { type: 'unknown', code: 2, content: Uint8Array.of(0, 1, 2) },
      { type: 'bidirectionalReadLength', length: 5 },
    ] as const;
    expect(decodeAhs(encodeAhs(headers))).toEqual(headers);
  });

  it('come back as they were, as objects and as bytes, whatever there is in a row', () => {
    const header = fc.oneof(
      fc.record({
        type: fc.constant('extendedCdb' as const),
        cdbTail: fc.uint8Array({ minLength: 1, maxLength: 244 }),
      }),
      fc.record({ type: fc.constant('bidirectionalReadLength' as const), length: fc.nat(0xffffffff) }),
      fc.record({
        type: fc.constant('unknown' as const),
        code: fc.integer({ min: 3, max: 255 }),
        content: fc.uint8Array({ minLength: 1, maxLength: 40 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(header, { maxLength: 4 }), (headers) => {
        const bytes = encodeAhs(headers);
        expect(bytes.length % 4).toBe(0);
        expect(decodeAhs(bytes)).toEqual(headers);
        expect(encodeAhs(decodeAhs(bytes))).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it('leave short CDBs alone', () => {
    expect(splitCdb(Uint8Array.of(0)).extended).toBeUndefined();
    expect(joinCdb(new Uint8Array(16), []).length).toBe(16);
    expect(() => splitCdb(new Uint8Array(0))).toThrow(UsageError);
    expect(() => splitCdb(new Uint8Array(261))).toThrow(UsageError);
  });

  it('are never read past their end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          for (const header of decodeAhs(bytes)) expect(header.type).toBeTruthy();
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
    for (const hex of ['0000', '00000100', '00050200 0000', 'ffff0100'])
      expect(() => decodeAhs(fromHex(hex)), hex).toThrow(ProtocolError);
  });
});
