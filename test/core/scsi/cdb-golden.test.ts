import { describe, expect, it } from 'vitest';
import { toHex } from '../../../core/bytes/index.ts';
import {
  buildBlockAccess,
  buildCdb,
  buildFromSpec,
  COMMANDS,
  decodeCdb,
  describeCdb,
} from '../../../core/scsi/index.ts';
import { hex } from './arbitrary.ts';

/** Written by hand from the CDB tables of SPC-5 and SBC-4. */
const GOLDEN: readonly (readonly [string, Uint8Array, string])[] = [
  ['testUnitReady', buildCdb('testUnitReady', {}), '00 00 00 00 00 00'],
  ['requestSense', buildCdb('requestSense', { desc: true, allocationLength: 252 }), '03 01 00 00 fc 00'],
  ['inquiry', buildCdb('inquiry', { allocationLength: 96 }), '12 00 00 00 60 00'],
  ['inquiry evpd', buildCdb('inquiry', { evpd: true, pageCode: 0x83, allocationLength: 0x1234 }), '12 01 83 12 34 00'],
  [
    'modeSense6',
    buildCdb('modeSense6', { dbd: true, pageControl: 2, pageCode: 8, allocationLength: 255 }),
    '1a 08 88 00 ff 00',
  ],
  [
    'modeSense10',
    buildCdb('modeSense10', { llbaa: true, pageCode: 0x3f, subpageCode: 0xff, allocationLength: 0x200 }),
    '5a 10 3f ff 00 00 00 02 00 00',
  ],
  ['modeSelect6', buildCdb('modeSelect6', { pf: true, sp: true, parameterListLength: 24 }), '15 11 00 00 18 00'],
  ['modeSelect10', buildCdb('modeSelect10', { pf: true, parameterListLength: 28 }), '55 10 00 00 00 00 00 00 1c 00'],
  ['startStopUnit', buildCdb('startStopUnit', { immed: true, start: true, loej: true }), '1b 01 00 00 03 00'],
  ['readCapacity10', buildCdb('readCapacity10', {}), '25 00 00 00 00 00 00 00 00 00'],
  [
    'readCapacity16',
    buildCdb('readCapacity16', { allocationLength: 32 }),
    '9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00',
  ],
  [
    'reportLuns',
    buildCdb('reportLuns', { selectReport: 2, allocationLength: 0x1000 }),
    'a0 00 02 00 00 00 00 00 10 00 00 00',
  ],
  ['read6', buildCdb('read6', { lba: 0x123456, blocks: 8 }), '08 12 34 56 08 00'],
  ['read10', buildCdb('read10', { lba: 0x01020304n, blocks: 0x0506, fua: true }), '28 08 01 02 03 04 00 05 06 00'],
  ['read12', buildCdb('read12', { lba: 1, blocks: 0x01020304, dpo: true }), 'a8 10 00 00 00 01 01 02 03 04 00 00'],
  [
    'read16',
    buildCdb('read16', { lba: 0x0102030405060708n, blocks: 0x090a0b0c, rdProtect: 1, groupNumber: 0x3f }),
    '88 20 01 02 03 04 05 06 07 08 09 0a 0b 0c 3f 00',
  ],
  ['write6', buildCdb('write6', { lba: 1, blocks: 1 }), '0a 00 00 01 01 00'],
  ['write10', buildCdb('write10', { lba: 2, blocks: 3, groupNumber: 31 }), '2a 00 00 00 00 02 1f 00 03 00'],
  ['write16', buildCdb('write16', { lba: 2, blocks: 3, fua: true }), '8a 08 00 00 00 00 00 00 00 02 00 00 00 03 00 00'],
  ['verify10', buildCdb('verify10', { lba: 4, blocks: 5, bytChk: 1 }), '2f 02 00 00 00 04 00 00 05 00'],
  [
    'synchronizeCache10',
    buildCdb('synchronizeCache10', { lba: 0, blocks: 0, immed: true }),
    '35 02 00 00 00 00 00 00 00 00',
  ],
  [
    'synchronizeCache16',
    buildCdb('synchronizeCache16', { lba: 0, blocks: 0 }),
    '91 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00',
  ],
  ['unmap', buildCdb('unmap', { parameterListLength: 24 }), '42 00 00 00 00 00 00 00 18 00'],
  [
    'writeSame16',
    buildCdb('writeSame16', { lba: 8, blocks: 16, unmap: true, ndob: true }),
    '93 09 00 00 00 00 00 00 00 08 00 00 00 10 00 00',
  ],
  [
    'compareAndWrite',
    buildCdb('compareAndWrite', { lba: 7, blocks: 1 }),
    '89 00 00 00 00 00 00 00 00 07 00 00 00 01 00 00',
  ],
  [
    'getLbaStatus',
    buildCdb('getLbaStatus', { lba: 1, allocationLength: 24 }),
    '9e 12 00 00 00 00 00 00 00 01 00 00 00 18 00 00',
  ],
  ['prInReadKeys', buildCdb('prInReadKeys', { allocationLength: 0x100 }), '5e 00 00 00 00 00 00 01 00 00'],
  ['prOutReserve', buildCdb('prOutReserve', { type: 5, parameterListLength: 24 }), '5f 01 05 00 00 00 00 00 18 00'],
  [
    'reportTargetPortGroups',
    buildCdb('reportTargetPortGroups', { parameterDataFormat: 1, allocationLength: 64 }),
    'a3 2a 00 00 00 00 00 00 00 40 00 00',
  ],
  [
    'reportSupportedOperationCodes',
    buildCdb('reportSupportedOperationCodes', {
      rctd: true,
      reportingOptions: 2,
      requestedOperationCode: 0x9e,
      requestedServiceAction: 0x10,
      allocationLength: 512,
    }),
    'a3 0c 82 9e 00 10 00 00 02 00 00 00',
  ],
  [
    'logSense',
    buildCdb('logSense', { pageControl: 1, pageCode: 0x0d, allocationLength: 64 }),
    '4d 00 4d 00 00 00 00 00 40 00',
  ],
  [
    'readTocPmaAtip',
    buildCdb('readTocPmaAtip', { msf: true, format: 0, track: 1, allocationLength: 804 }),
    '43 02 00 00 00 00 01 03 24 00',
  ],
  [
    'read32',
    buildCdb('read32', {
      lba: 0x11223344556677n,
      blocks: 9,
      expectedReferenceTag: 0xaabbccdd,
      applicationTagMask: 0xffff,
    }),
    '7f 00 00 00 00 00 00 18 00 09 00 00 00 11 22 33 44 55 66 77 aa bb cc dd 00 00 ff ff 00 00 00 09',
  ],
];

describe('CDB builders against bytes written by hand', () => {
  it.each(GOLDEN)('%s', (_name, built, wanted) => {
    expect(toHex(built)).toBe(toHex(hex(wanted)));
  });
});

describe('CDB decoding of bytes written by hand', () => {
  it('reads the fields with a role', () => {
    const read = decodeCdb(hex('28 08 01 02 03 04 00 05 06 00 00 00 00 00 00 00'));
    expect(read).toMatchObject({ known: true, lba: 0x01020304n, blocks: 0x0506, warnings: [] });
    expect(read.known && read.fields['fua']).toBe(true);
    expect(describeCdb(read)).toBe('READ(10), LBA 16909060, 1286 blocks');
  });

  it('reads what disks were once asked for', () => {
    const write = decodeCdb(hex('53 2d 00 00 10 00 05 00 08 00'));
    expect(write).toMatchObject({ known: true, lba: 0x1000n, blocks: 8, warnings: [] });
    expect(write.known && write.fields).toMatchObject({
      wrProtect: 1,
      dpo: false,
      fua: true,
      disableWrite: true,
      xorInfo: true,
    });
    expect(describeCdb(decodeCdb(hex('36 02 00 00 10 00 00 00 08 00')))).toBe(
      'LOCK UNLOCK CACHE(10), LBA 4096, 8 blocks',
    );
  });

  it('reads a length of zero in READ(6) as 256 blocks', () => {
    expect(decodeCdb(hex('08 00 00 10 00 00'))).toMatchObject({ lba: 16n, blocks: 256 });
  });

  it('tells apart what tape, changer and optical units mean by one opcode', () => {
    const names = [0, 1, 5, 8].map((type) => {
      const decoded = decodeCdb(hex('a5 00 00 01 00 02 00 03 00 00 00 00'), type);
      return decoded.known ? decoded.command.id : '';
    });
    expect(names).toEqual(['moveMedium', 'moveMedium', 'moveMedium', 'moveMedium']);
    const first = [0, 1].map((type) => {
      const decoded = decodeCdb(hex('01 00 00 00 00 00'), type);
      return decoded.known ? decoded.command.name : '';
    });
    expect(first).toEqual(['REZERO UNIT', 'REWIND']);
  });

  it('says why a CDB is unknown', () => {
    expect(decodeCdb(hex('c1 00 00 00 00 00'))).toMatchObject({
      known: false,
      reason: 'opcode',
      name: 'Vendor command 0xc1',
    });
    expect(decodeCdb(hex('9e 1f 00 00'))).toMatchObject({
      known: false,
      reason: 'serviceAction',
      serviceAction: 0x1f,
      length: 16,
    });
    expect(decodeCdb(new Uint8Array(0))).toMatchObject({ known: false, reason: 'empty' });
  });
});

describe('block access', () => {
  it('takes READ(10) where it fits and READ(16) where it must', () => {
    expect(toHex(buildBlockAccess(false, 0xffffffffn, 0xffff))).toBe('2800ffffffff00ffff00');
    expect(toHex(buildBlockAccess(true, 0x100000000n, 1, { fua: true }))).toBe('8a080000000100000000000000010000');
    expect(buildBlockAccess(false, 0n, 0x10000)).toHaveLength(16);
  });
});

describe('refused arguments', () => {
  it.each([
    [() => buildCdb('read10', { lba: 2n ** 32n, blocks: 1 }), 'OUT_OF_RANGE'],
    [() => buildCdb('read10', { lba: -1, blocks: 1 }), 'OUT_OF_RANGE'],
    [() => buildCdb('read10', { lba: 1.5, blocks: 1 }), 'BAD_ARGUMENT'],
    [() => buildFromSpec(COMMANDS.read10, { blocks: 1 }), 'BAD_ARGUMENT'],
    [() => buildFromSpec(COMMANDS.read10, { lba: 1, blocks: 1, banana: 1 }), 'BAD_ARGUMENT'],
    [() => buildFromSpec(COMMANDS.read10, { lba: 1, blocks: 1, fua: 1 }), 'BAD_ARGUMENT'],
    [() => buildFromSpec(COMMANDS.read10, { lba: 1, blocks: 1, opcode: 0x2a }), 'BAD_ARGUMENT'],
    [() => buildFromSpec(COMMANDS.ataPassThrough12, { registers: new Uint8Array(3) }), 'BAD_ARGUMENT'],
    [() => buildBlockAccess(false, -1n, 1), 'OUT_OF_RANGE'],
    [() => buildBlockAccess(false, 0n, 2 ** 32), 'OUT_OF_RANGE'],
  ])('%#', (call, code) => {
    expect(call).toThrow(expect.objectContaining({ name: 'UsageError', code }) as Error);
  });
});
