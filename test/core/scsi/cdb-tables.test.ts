import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readField, toHex, type FieldNode } from '../../../core/bytes/index.ts';
import {
  buildBlockAccess,
  buildCdb,
  buildFromSpec,
  cdbFieldTree,
  cdbLengthOf,
  cdbUsage,
  COMMAND_LIST,
  COMMANDS,
  decodeCdb,
  decodeCdbAs,
  describeCdb,
  expectedTransfer,
  fieldAt,
  readBlockAccess,
  type CommandSpec,
  type DecodedCdb,
} from '../../../core/scsi/index.ts';
import { bitsOf, hex, layoutArbitrary } from './arbitrary.ts';

const DEVICE_OF = { any: 0, block: 0, tape: 1, optical: 5, changer: 8 } as const;

function known(cdb: Uint8Array, deviceType = 0): DecodedCdb {
  const decoded = decodeCdb(cdb, deviceType);
  if (!decoded.known) throw new Error(decoded.name);
  return decoded;
}

const FIXED = ['opcode', 'additionalCdbLength'];
const inputOf = (spec: CommandSpec) =>
  layoutArbitrary(spec.layout, spec.serviceAction === undefined ? FIXED : [...FIXED, 'serviceAction']);

describe.each(COMMAND_LIST.map((spec) => [spec.id, spec] as const))('%s', (_id, spec) => {
  it('has fields that lie inside the CDB and share no bit', () => {
    const bits = spec.layout.fields.flatMap(bitsOf);
    expect(new Set(bits).size).toBe(bits.length);
    expect(Math.min(...bits)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...bits)).toBeLessThan(spec.layout.size * 8);
  });

  it('has the length its operation code says', () => {
    const length = cdbLengthOf(spec.opcode);
    expect(spec.layout.size).toBe(length ?? 32);
  });

  it('gives back what was built', () => {
    fc.assert(
      fc.property(inputOf(spec), (input) => {
        const cdb = buildFromSpec(spec, input);
        const padded = new Uint8Array(Math.max(16, cdb.length));
        padded.set(cdb);
        const decoded = known(padded, DEVICE_OF[spec.family]);
        expect(decoded.command.id).toBe(spec.id);
        expect(decoded.fields).toMatchObject(input);
        expect(decoded.warnings).toEqual([]);
        expect(toHex(buildFromSpec(spec, decoded.fields))).toBe(toHex(cdb));
      }),
      { numRuns: 30 },
    );
  });

  it('marks in its usage data exactly the bits of its fields', () => {
    const usage = cdbUsage(spec);
    const marked = spec.layout.fields.filter((field) => field.name !== 'opcode' && field.name !== 'serviceAction');
    for (const field of marked) {
      const [high, low] = field.bits ?? [field.size * 8 - 1, 0];
      const value = readField(usage, field);
      if (field.kind === 'flag') expect(value).toBe(true);
      else if (typeof value === 'number') expect(value).toBe(2 ** (high - low + 1) - 1);
      else if (typeof value === 'bigint') expect(value).toBe((1n << 64n) - 1n);
      else expect(value).toEqual(new Uint8Array(field.size).fill(0xff));
    }
    expect(usage[0]).toBe(spec.opcode);
    expect(known(usage, DEVICE_OF[spec.family]).command.id).toBe(spec.id);
  });

  it('survives being cut at every length', () => {
    const cdb = buildFromSpec(spec, Object.fromEntries(spec.needs.map((name) => [name, 1])));
    for (let length = 0; length <= cdb.length; length += 1) {
      const cut = cdb.subarray(0, length);
      const decoded = decodeCdb(cut, DEVICE_OF[spec.family]);
      const tree = cdbFieldTree(cut, DEVICE_OF[spec.family]);
      expect(describeCdb(decoded)).not.toBe('');
      if (decoded.known) expect(decoded.warnings).toHaveLength(length < decoded.command.layout.size ? 1 : 0);
      for (const node of tree.children ?? [])
        expect(node.malformed !== undefined || node.offset + node.length <= length).toBe(true);
    }
  });
});

it('reads random bytes without complaint', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 0, max: 31 }), (bytes, deviceType) => {
      const decoded = decodeCdb(bytes, deviceType);
      expect(describeCdb(decoded)).not.toBe('');
      expect(cdbFieldTree(bytes, deviceType).text).toBe(describeCdb(decoded));
      if (decoded.known) expect(expectedTransfer(decoded, 512).bytes ?? 0).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 2000 },
  );
});

it('names no two commands alike and gives no kind of unit two meanings for one code', () => {
  expect(new Set(COMMAND_LIST.map((spec) => spec.id)).size).toBe(COMMAND_LIST.length);
  const codes = COMMAND_LIST.map((spec) => `${spec.family} ${String(spec.opcode)} ${String(spec.serviceAction)}`);
  expect(new Set(codes).size).toBe(codes.length);
  expect(COMMAND_LIST.length).toBeGreaterThan(130);
});

describe('the fast path of reads and writes', () => {
  it('agrees with the tables on random CDBs', () => {
    const opcodes = [0x08, 0x0a, 0x28, 0x2a, 0xa8, 0xaa, 0x88, 0x8a];
    fc.assert(
      fc.property(fc.constantFrom(...opcodes), fc.uint8Array({ minLength: 15, maxLength: 15 }), (opcode, rest) => {
        const cdb = Uint8Array.of(opcode, ...rest);
        const table = known(cdb);
        const { rdProtect, wrProtect, fua, dpo } = table.fields;
        expect(readBlockAccess(cdb)).toEqual({
          write: table.command.direction === 'out',
          lba: table.lba,
          blocks: table.blocks,
          fua: fua ?? false,
          dpo: dpo ?? false,
          protect: rdProtect ?? wrProtect ?? 0,
        });
      }),
    );
  });

  it('builds what the tables build', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.bigInt({ min: 0n, max: 2n ** 40n }),
        fc.nat(0xffffff),
        (write, fua, lba, blocks) => {
          const short = lba < 2n ** 32n && blocks < 65536;
          const read = short ? buildCdb('read10', { lba, blocks, fua }) : buildCdb('read16', { lba, blocks, fua });
          const wrote = short ? buildCdb('write10', { lba, blocks, fua }) : buildCdb('write16', { lba, blocks, fua });
          expect(toHex(buildBlockAccess(write, lba, blocks, { fua }))).toBe(toHex(write ? wrote : read));
          expect(buildBlockAccess(write, lba, blocks, { force16: true })).toHaveLength(16);
        },
      ),
    );
  });

  it('leaves short and other CDBs to the tables', () => {
    for (const cdb of ['', '28', '08 00 00 00 00', 'a8 00 00 00 00 00 00 00 00 00 00', '88 00 00', '12 00 00 00 60 00'])
      expect(readBlockAccess(hex(cdb))).toBeUndefined();
  });
});

describe('expected transfers', () => {
  const size = (cdb: Uint8Array, deviceType = 0) => expectedTransfer(known(cdb, deviceType), 512);

  it.each([
    ['test unit ready', buildCdb('testUnitReady', {}), { direction: 'none', bytes: 0 }],
    ['read', buildCdb('read10', { lba: 0, blocks: 8 }), { direction: 'in', bytes: 4096 }],
    ['read of 256', buildCdb('read6', { lba: 0, blocks: 0 }), { direction: 'in', bytes: 131072 }],
    ['compare and write', buildCdb('compareAndWrite', { lba: 0, blocks: 2 }), { direction: 'out', bytes: 2048 }],
    ['write same', buildCdb('writeSame10', { lba: 0, blocks: 99 }), { direction: 'out', bytes: 512 }],
    [
      'write same without data',
      buildCdb('writeSame16', { lba: 0, blocks: 9, ndob: true }),
      { direction: 'none', bytes: 0 },
    ],
    ['verify', buildCdb('verify10', { lba: 0, blocks: 4 }), { direction: 'none', bytes: 0 }],
    ['verify with data', buildCdb('verify10', { lba: 0, blocks: 4, bytChk: 1 }), { direction: 'out', bytes: 2048 }],
    ['verify with one block', buildCdb('verify16', { lba: 0, blocks: 4, bytChk: 3 }), { direction: 'out', bytes: 512 }],
    ['verify of nothing', buildCdb('verify16', { lba: 0, blocks: 0, bytChk: 3 }), { direction: 'out', bytes: 0 }],
    ['inquiry', buildCdb('inquiry', { allocationLength: 96 }), { direction: 'in', bytes: 96 }],
    ['unmap', buildCdb('unmap', { parameterListLength: 24 }), { direction: 'out', bytes: 24 }],
    ['read capacity', buildCdb('readCapacity10', {}), { direction: 'in', bytes: 8 }],
    ['read long', buildCdb('readLong10', { lba: 0, transferLength: 520 }), { direction: 'in', bytes: 520 }],
    [
      'security in 512',
      buildCdb('securityProtocolIn', { inc512: true, allocationLength: 2 }),
      { direction: 'in', bytes: 1024 },
    ],
    ['format', buildCdb('formatUnit', {}), { direction: 'none', bytes: 0 }],
    ['format with data', buildCdb('formatUnit', { fmtData: true }), { direction: 'out' }],
    ['pass-through', buildCdb('ataPassThrough12', {}), { direction: 'none' }],
    ['reassign', buildCdb('reassignBlocks', {}), { direction: 'out' }],
  ] as const)('%s', (_name, cdb, wanted) => {
    expect(size(cdb)).toEqual(wanted);
  });

  it('knows what a tape moves', () => {
    expect(size(hex('05 00 00 00 00 00'), 1)).toEqual({ direction: 'in', bytes: 6 });
    expect(size(hex('08 01 00 00 10 00'), 1)).toEqual({ direction: 'in' });
  });
});

describe('one opcode, several kinds of unit', () => {
  const id = (text: string, deviceType: number) => known(hex(text), deviceType).command.id;

  it.each([
    ['08 00 00 00 01 00', 0, 'read6'],
    ['08 00 00 00 01 00', 1, 'tapeRead6'],
    ['34 00 00 00 00 00 00 00 00 00', 0, 'preFetch10'],
    ['34 00 00 00 00 00 00 00 00 00', 1, 'readPosition'],
    ['1b 00 00 00 01 00', 5, 'startStopUnit'],
    ['1b 00 00 00 01 00', 1, 'loadUnload'],
    ['1b 00 00 00 01 00', 8, 'openCloseImportExportElement'],
    ['2b 00 00 00 00 00 00 00 00 00', 8, 'positionToElement'],
    ['a3 0a 00 00 00 00 00 00 00 20 00 00', 5, 'reportTargetPortGroups'],
    ['a3 00 00 00 00 00 00 00 00 20 00 00', 5, 'sendKey'],
    ['a4 00 00 00 00 00 00 00 00 20 00 00', 5, 'reportKey'],
    ['12 00 00 00 60 00', 0x0d, 'inquiry'],
    ['53 00 00 00 00 08 00 00 01 00', 0, 'xdWriteRead10'],
    ['53 00 00 00 00 08 00 00 01 00', 5, 'reserveTrack'],
    ['52 00 00 00 00 08 00 00 01 00', 0, 'xdRead10'],
    ['52 00 00 00 00 08 00 00 01 00', 5, 'readTrackInformation'],
    ['92 00 00 00 00 00 00 00 00 08 00 00 00 01 00 00', 0, 'lockUnlockCache16'],
    ['92 00 00 00 00 00 00 00 00 08 00 00 00 01 00 00', 1, 'locate16'],
    ['b8 00 00 00 00 00 00 00 10 00 00 00', 0x0d, 'readElementStatus'],
  ] as const)('%s on a unit of type %d is %s', (text, deviceType, wanted) => {
    expect(id(text, deviceType)).toBe(wanted);
  });
});

it('finds the field behind a field pointer', () => {
  const { fields } = COMMANDS.read10.layout;
  expect(fieldAt(fields, 0)?.name).toBe('opcode');
  expect(fieldAt(fields, 1, 3)?.name).toBe('fua');
  expect(fieldAt(fields, 1, 6)?.name).toBe('rdProtect');
  expect(fieldAt(fields, 3)?.name).toBe('lba');
  expect(fieldAt(fields, 1)?.name).toBe('rdProtect');
  expect(fieldAt(fields, 6, 7)).toBeUndefined();
  expect(fieldAt(fields, 40)).toBeUndefined();
  expect(fieldAt(COMMANDS.read6.layout.fields, 1, 4)?.name).toBe('lba');
  expect(fieldAt(COMMANDS.read6.layout.fields, 1, 5)).toBeUndefined();
});

it('decodes one command by type, and nothing else', () => {
  const cdb = buildCdb('readCapacity16', { allocationLength: 32 });
  expect(decodeCdbAs('readCapacity16', cdb)?.allocationLength).toBe(32);
  expect(decodeCdbAs('getLbaStatus', cdb)).toBeUndefined();
  expect(decodeCdbAs('read10', cdb)).toBeUndefined();
  expect(decodeCdbAs('readCapacity16', cdb.subarray(0, 12))).toBeUndefined();
});

it('shows the fields of a CDB with their bytes', () => {
  const tree = cdbFieldTree(hex('12 01 83 00 ff 00'));
  const child = (name: string): FieldNode | undefined => tree.children?.find((node) => node.name === name);
  expect(tree).toMatchObject({ label: 'INQUIRY', text: 'INQUIRY, page 0x83', length: 6 });
  expect(child('evpd')).toMatchObject({ offset: 1, length: 1, bits: [0, 0], value: true });
  expect(child('allocationLength')).toMatchObject({ offset: 3, length: 2, value: 255 });
  expect(cdbFieldTree(hex('ff 01')).children).toHaveLength(1);
  expect(cdbFieldTree(new Uint8Array(0)).text).toBe('Empty CDB');
  expect(describeCdb(decodeCdb(hex('1a 00 0a 01 ff 00')))).toBe('MODE SENSE(6), page 0x0a/0x01');
  expect(describeCdb(decodeCdb(hex('28 00 00 00 00 00 00 00 01 00')))).toBe('READ(10), LBA 0, 1 block');
  expect(describeCdb(decodeCdb(hex('2e ff')))).toBe('WRITE AND VERIFY(10)');
  expect(describeCdb(decodeCdb(hex('7f 00 00')))).toBe('Unknown command 0x7f');
});
