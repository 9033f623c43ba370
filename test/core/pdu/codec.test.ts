import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, type Field } from '../../../core/bytes/index.ts';
import { ProtocolError, UsageError } from '../../../core/errors/index.ts';
import {
  buildPdu,
  dataSegmentLength,
  decodeBhs,
  framePdu,
  isInitiatorOpcode,
  layoutOf,
  OPCODES,
  opcodeName,
  PDU_LAYOUTS,
  pduKind,
  wireLength,
  type PduKind,
} from '../../../core/pdu/index.ts';
import { fromHex } from '../../support/bytes.ts';

function valueFor(field: Field): fc.Arbitrary<unknown> {
  const span = field.bits === undefined ? 2 ** (field.size * 8) : 2 ** (field.bits[0] - field.bits[1] + 1);
  switch (field.kind) {
    case 'flag':
      return fc.boolean();
    case 'u64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 'bytes':
      return fc.uint8Array({ minLength: field.size, maxLength: field.size });
    case 'ascii':
      return fc.constant('');
    default:
      return fc.integer({ min: 0, max: span - 1 });
  }
}

const FILLED_IN = ['opcode', 'dataSegmentLength', 'totalAhsLength'];

describe.each(Object.keys(PDU_LAYOUTS) as PduKind[])('%s', (kind) => {
  const fields: readonly Field[] = PDU_LAYOUTS[kind].fields;
  const input = fc.record(
    Object.fromEntries(
      fields.filter((field) => !FILLED_IN.includes(field.name)).map((field) => [field.name, valueFor(field)]),
    ),
  );

  it('decodes to what was encoded', () => {
    fc.assert(
      fc.property(input, (values) => {
        expect(decodeBhs(kind, buildPdu(kind, values).bhs)).toEqual({
          ...values,
          opcode: OPCODES[kind],
          dataSegmentLength: 0,
          totalAhsLength: 0,
        });
      }),
      { numRuns: 40 },
    );
  });

  it('encodes to the bytes it was decoded from, as far as they have a meaning', () => {
    /** The bits that belong to a field. */
    const meant = new Uint8Array(48);
    for (const { offset, size, bits } of fields) {
      const [high, low] = bits ?? [size * 8 - 1, 0];
      for (let bit = low; bit <= high; bit += 1) {
        const at = offset + size - 1 - (bit >> 3);
        meant[at] = (meant[at] ?? 0) | (1 << (bit & 7));
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 48, maxLength: 48 }), (bytes) => {
        bytes[0] = ((bytes[0] ?? 0) & 0x40) | OPCODES[kind];
        const { opcode: _opcode, dataSegmentLength: _data, totalAhsLength: _ahs, ...values } = decodeBhs(kind, bytes);
        const expected = bytes.map((byte, at) => byte & (meant[at] ?? 0));
        // What follows is counted anew, and nothing does here.
        expected.fill(0, 4, 8);
        expect(buildPdu(kind, values).bhs).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('has fields that lie within the header and do not overlap', () => {
    const owner = new Map<string, string>();
    for (const field of fields) {
      const [high, low] = field.bits ?? [field.size * 8 - 1, 0];
      for (let bit = low; bit <= high; bit += 1) {
        const at = `${String(field.offset + field.size - 1 - Math.floor(bit / 8))}.${String(bit % 8)}`;
        expect(owner.get(at), `${field.name} at ${at}`).toBeUndefined();
        owner.set(at, field.name);
      }
      expect(field.offset + field.size).toBeLessThanOrEqual(48);
      expect(field.clause ?? PDU_LAYOUTS[kind].clause).toMatch(/^RFC 7143/u);
    }
  });

  it('is found by its opcode', () => {
    expect(pduKind(OPCODES[kind])).toBe(kind);
    expect(layoutOf(OPCODES[kind] | 0x40)).toBe(PDU_LAYOUTS[kind]);
    expect(opcodeName(OPCODES[kind])).not.toMatch(/^Opcode/u);
  });
});

describe('framing a PDU', () => {
  const nop = buildPdu('nopOut', { itt: 1 }, Uint8Array.of(1, 2, 3, 4, 5));

  it('pads the data to whole words', () => {
    expect(framePdu(nop).subarray(48)).toEqual(fromHex('01020304 05000000'));
    expect(dataSegmentLength(nop.bhs)).toBe(5);
    expect(wireLength(nop)).toBe(56);
  });

  it.each(['little', 'big'] as const)('adds digests in %s order', (order) => {
    const whole = framePdu(nop, { header: crc32c, data: crc32c, order });
    const view = new DataView(whole.buffer);
    expect(whole.length).toBe(wireLength(nop, { header: crc32c, data: crc32c, order }));
    expect(view.getUint32(48, order === 'little')).toBe(crc32c(whole.subarray(0, 48)));
    expect(view.getUint32(60, order === 'little')).toBe(crc32c(whole.subarray(52, 60)));
  });

  it('puts no data digest where there is no data', () => {
    expect(framePdu(buildPdu('nopOut', {}), { header: crc32c, data: crc32c, order: 'little' }).length).toBe(52);
  });

  it('carries additional headers under the header digest', () => {
    const pdu = buildPdu('scsiCommand', {}, undefined, fromHex('00050200 00001000'));
    const whole = framePdu(pdu, { header: crc32c, order: 'little' });
    expect(whole[4]).toBe(2);
    expect(whole.length).toBe(60);
    expect(new DataView(whole.buffer).getUint32(56, true)).toBe(crc32c(whole.subarray(0, 56)));
  });

  it('refuses what no header can announce', () => {
    expect(() => buildPdu('nopOut', {}, new Uint8Array(0x1000000))).toThrow(UsageError);
    expect(() => buildPdu('nopOut', {}, undefined, new Uint8Array(3))).toThrow(UsageError);
    expect(() => buildPdu('nopOut', {}, undefined, new Uint8Array(1024))).toThrow(UsageError);
    expect(() => decodeBhs('nopIn', new Uint8Array(47))).toThrow(ProtocolError);
  });

  it('names opcodes nobody defined', () => {
    expect(opcodeName(0x1f)).toBe('Opcode 0x1f');
    expect(pduKind(0x1f)).toBeUndefined();
    expect(layoutOf(0x1f)).toBeUndefined();
    expect(isInitiatorOpcode(0x10)).toBe(true);
    expect(isInitiatorOpcode(0x31)).toBe(false);
  });
});
