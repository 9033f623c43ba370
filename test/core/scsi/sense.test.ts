import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../core/bytes/index.ts';
import { ScsiError } from '../../../core/errors/index.ts';
import {
  decodeSense,
  encodeSense,
  parseSense,
  SENSE_KEY,
  senseFieldTree,
  type Sense,
  type SenseInput,
  type SenseKeySpecific,
} from '../../../core/scsi/index.ts';
import { hex } from './arbitrary.ts';

function sense(text: string): Sense {
  const found = decodeSense(hex(text));
  if (found === undefined) throw new Error('no sense');
  return found;
}

const specificArbitrary = (key: number): fc.Arbitrary<SenseKeySpecific> => {
  const byte = fc.nat(0xffff);
  const bit = fc.option(fc.nat(7), { nil: undefined });
  const pointer = fc.tuple(byte, bit).map(([at, b]) => (b === undefined ? { byte: at } : { byte: at, bit: b }));
  switch (key) {
    case SENSE_KEY.ILLEGAL_REQUEST:
      return fc.tuple(fc.boolean(), pointer).map(([inCdb, p]) => ({ kind: 'field', inCdb, ...p }));
    case SENSE_KEY.COPY_ABORTED:
      return fc.tuple(fc.boolean(), pointer).map(([inDescriptor, p]) => ({ kind: 'segment', inDescriptor, ...p }));
    case SENSE_KEY.RECOVERED_ERROR:
    case SENSE_KEY.MEDIUM_ERROR:
    case SENSE_KEY.HARDWARE_ERROR:
      return fc.nat(0xffff).map((retries) => ({ kind: 'retries', retries }));
    case SENSE_KEY.NO_SENSE:
    case SENSE_KEY.NOT_READY:
      return fc.nat(0xffff).map((progress) => ({ kind: 'progress', progress }));
    case SENSE_KEY.UNIT_ATTENTION:
      return fc.boolean().map((overflow) => ({ kind: 'overflow', overflow }));
    default:
      return fc.constant({ kind: 'other', bytes: hex('80aabb') });
  }
};

const inputArbitrary = fc
  .tuple(fc.nat(15), fc.constantFrom('fixed' as const, 'descriptor' as const))
  .chain(([key, format]) =>
    fc.record(
      {
        key: fc.constant(key),
        format: fc.constant(format),
        asc: fc.nat(255),
        ascq: fc.nat(255),
        deferred: fc.boolean(),
        information: fc.bigInt({ min: 0n, max: format === 'fixed' ? 0xffffffffn : (1n << 64n) - 1n }),
        commandSpecific: fc.bigInt({ min: 0n, max: format === 'fixed' ? 0xffffffffn : (1n << 64n) - 1n }),
        fieldReplaceableUnit: fc.integer({ min: 1, max: 255 }),
        specific: specificArbitrary(key),
        filemark: fc.boolean(),
        eom: fc.boolean(),
        ili: fc.boolean(),
      },
      { requiredKeys: ['key', 'asc', 'ascq', 'format'] },
    ),
  );

describe('fixed format, by hand from SPC-4 4.5.3', () => {
  it('reads key, codes, information and retries', () => {
    const found = sense('f0 00 03 00 00 12 34 0a 00 00 00 05 11 00 09 80 00 07');
    expect(found).toMatchObject({
      format: 'fixed',
      deferred: false,
      key: 3,
      keyName: 'Medium error',
      asc: 0x11,
      ascq: 0,
      description: 'Unrecovered read error',
      information: 0x1234n,
      commandSpecific: 5n,
      fieldReplaceableUnit: 9,
      specific: { kind: 'retries', retries: 7 },
      warnings: [],
    });
  });

  it('leaves out an information field that is not valid', () => {
    expect(sense('70 00 03 00 00 12 34 0a 00 00 00 00 11 00 00 00 00 00').information).toBeUndefined();
  });

  it('reads field pointers, progress, segment pointers and overflow', () => {
    const at = (key: string, sks: string) => sense(`70 00 ${key} 00000000 0a 00000000 2400 00 ${sks}`).specific;
    expect(at('05', 'cb0002')).toEqual({ kind: 'field', inCdb: true, byte: 2, bit: 3 });
    expect(at('05', '800010')).toEqual({ kind: 'field', inCdb: false, byte: 16 });
    expect(at('02', '808000')).toEqual({ kind: 'progress', progress: 0x8000 });
    expect(at('0a', 'a00009')).toEqual({ kind: 'segment', inDescriptor: true, byte: 9 });
    expect(at('0a', '890009')).toEqual({ kind: 'segment', inDescriptor: false, byte: 9, bit: 1 });
    expect(at('06', '810000')).toEqual({ kind: 'overflow', overflow: true });
    expect(at('0b', '810203')).toEqual({ kind: 'other', bytes: hex('810203') });
    expect(at('05', '4b0002')).toBeUndefined();
  });

  it('reads the stream bits and deferred errors', () => {
    expect(sense('71 00 f0 00000000 0a 00000000 0001 00 000000')).toMatchObject({
      deferred: true,
      filemark: true,
      eom: true,
      ili: true,
      sdatOverflow: true,
      key: 0,
    });
  });

  it('reads what a target without additional bytes sends', () => {
    expect(sense('70 00 05 00 00 00 00 00')).toMatchObject({ key: 5, asc: 0, ascq: 0, warnings: [] });
    expect(sense('70 00 05')).toMatchObject({ key: 5, asc: 0 });
    expect(sense('70 00 05').warnings).toHaveLength(1);
    expect(sense('70 00 05 00000000 ff 00000000 2400').warnings).toEqual([
      'The additional sense bytes should have 255 bytes; 6 are there.',
    ]);
  });

  it('does not read codes the additional length leaves out', () => {
    expect(sense('70 00 05 00000000 04 00000000 2400 00 cb0002')).toMatchObject({ asc: 0, ascq: 0 });
  });
});

describe('descriptor format, by hand from SPC-4 4.5.2', () => {
  it('reads every descriptor', () => {
    const found = sense(
      '72 02 04 04 00 00 00 2c 000a800000001234 56789abc 010a000000000000 00000007 0206000080800000 03020004 05020020 040200e0',
    );
    expect(found).toMatchObject({
      format: 'descriptor',
      key: 2,
      asc: 4,
      ascq: 4,
      information: 0x123456789abcn,
      commandSpecific: 7n,
      specific: { kind: 'progress', progress: 0x8000 },
      fieldReplaceableUnit: 4,
      ili: true,
      filemark: true,
      eom: true,
      warnings: [],
    });
    expect(found.descriptors.map((descriptor) => descriptor.type)).toEqual([0, 1, 2, 3, 5, 4]);
  });

  it('reads ATA registers and forwarded sense', () => {
    const ata = sense('72 01 00 1d 00 00 00 0e 090c 00 00 00 ff 00 00 00 00 00 00 40 50');
    expect(ata.descriptors[0]?.fields).toMatchObject({ count: 255, device: 0x40, status: 0x50 });
    const forwarded = sense('72 0a 0d 01 00 00 00 0c 0c0a 00 02 72 05 24 00 00 00 00 00');
    expect(forwarded.descriptors[0]?.forwarded).toMatchObject({ key: 5, asc: 0x24 });
  });

  it('follows forwarded sense only so far', () => {
    let inner = hex('72 05 24 00 00 00 00 00');
    for (let i = 0; i < 8; i += 1) {
      const outer = new Uint8Array(8 + 4 + inner.length);
      outer.set([0x72, 0x0a, 0, 0, 0, 0, 0, 4 + inner.length, 0x0c, 2 + inner.length, 0, 2]);
      outer.set(inner, 12);
      inner = outer;
    }
    let depth = 0;
    for (let at = decodeSense(inner); at?.descriptors[0]?.forwarded !== undefined; at = at.descriptors[0].forwarded)
      depth += 1;
    expect(depth).toBe(3);
    expect(
      JSON.stringify(senseFieldTree(inner), (_k, v: unknown) => (typeof v === 'bigint' ? String(v) : v)),
    ).toContain('forwardedSense');
  });

  it('notes descriptors that are cut or unknown', () => {
    expect(sense('72 05 24 00 00 00 00 03 000a80').warnings).toHaveLength(1);
    expect(sense('72 05 24 00 00 00 00 05 8002ffff 00').warnings).toEqual([
      'A single byte follows the last sense data descriptor.',
    ]);
    expect(sense('72 05 24 00 00 00 00 04 8002ffff').descriptors[0]?.name).toBe('Vendor specific descriptor 0x80');
    expect(sense('72 05 24 00 00 00 00 04 7002ffff').descriptors[0]?.name).toBe('Unknown descriptor 0x70');
    expect(sense('72 05').warnings).not.toEqual([]);
  });
});

describe('sense nobody can read', () => {
  it('is absent where there are no bytes', () => {
    expect(decodeSense(new Uint8Array(0))).toBeUndefined();
    expect(parseSense(new Uint8Array(0))).toBeUndefined();
    expect(senseFieldTree(new Uint8Array(0)).text).toBe('No sense data');
  });

  it('is an error for the strict reader, a warning for the other', () => {
    expect(sense('7f 00 05').format).toBe('unknown');
    expect(sense('7f 00 05').warnings).toHaveLength(1);
    expect(() => parseSense(hex('00 00 05'))).toThrow(ScsiError);
    expect(parseSense(hex('70 00 05 00 00 00 00 00'))?.key).toBe(5);
  });
});

describe('building sense data', () => {
  it('gives back what was built, in both formats', () => {
    fc.assert(
      fc.property(inputArbitrary, (input) => {
        const built = encodeSense(input);
        const { format, ...wanted } = input;
        expect(decodeSense(built)).toMatchObject({ ...wanted, format, warnings: [] });
        expect(senseFieldTree(built).malformed).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('writes the bytes SPC-5 shows', () => {
    const field = { kind: 'field', inCdb: true, byte: 2, bit: 3 } as const;
    expect(toHex(encodeSense({ key: 5, asc: 0x24, ascq: 0, specific: field }))).toBe(
      '700005000000000a00000000240000cb0002',
    );
    expect(toHex(encodeSense({ key: 5, asc: 0x24, ascq: 0, specific: field, format: 'descriptor' }))).toBe(
      '720524000000000802060000cb000200',
    );
  });

  it('does not claim an information field that four bytes cannot hold', () => {
    const found = decodeSense(
      encodeSense({ key: 3, asc: 0x11, ascq: 0, information: 1n << 40n, commandSpecific: 1n << 40n }),
    );
    expect(found?.information).toBeUndefined();
    expect(found?.commandSpecific).toBe(0n);
  });

  it.each<SenseInput>([
    { key: 16, asc: 0, ascq: 0 },
    { key: 0, asc: 256, ascq: 0 },
    { key: 0, asc: 0, ascq: 0, information: -1n },
    { key: 0, asc: 0, ascq: 0, information: 1n << 64n, format: 'descriptor' },
    { key: 0xb, asc: 0, ascq: 0, specific: { kind: 'other', bytes: new Uint8Array(2) } },
    { key: 5, asc: 0, ascq: 0, specific: { kind: 'field', inCdb: true, byte: 70000 } },
  ])('refuses input %#', (input) => {
    expect(() => encodeSense(input)).toThrow(expect.objectContaining({ name: 'UsageError' }) as Error);
  });
});
