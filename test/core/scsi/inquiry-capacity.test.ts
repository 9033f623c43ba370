import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../core/bytes/index.ts';
import { UsageError } from '../../../core/errors/index.ts';
import {
  decodeCapacity10,
  decodeCapacity16,
  decodeInquiry,
  decodeTimestamp,
  deviceAccess,
  deviceTypeLongName,
  deviceTypeName,
  DEVICE_TYPES,
  encodeCapacity10,
  encodeCapacity16,
  encodeInquiry,
  encodeTimestamp,
  isBlockReadable,
  needsCapacity16,
  versionDescriptorName,
} from '../../../core/scsi/index.ts';
import { hex, layoutArbitrary } from './arbitrary.ts';
import { STANDARD_INQUIRY } from '../../../core/scsi/inquiry/standard.ts';
import { CAPACITY_16 } from '../../../core/scsi/capacity.ts';

const VENDOR = '4c554e4120202020'; // LUNA
const PRODUCT = '53434f5045204449534b202020202020'; // SCOPE DISK

describe('standard INQUIRY data, by hand from SPC-4 6.6.2', () => {
  it('reads every field of 96 bytes', () => {
    const bytes = hex(
      `00 80 07 32 5b 19 50 02 ${VENDOR} ${PRODUCT} 30303031 ${'00'.repeat(22)} 0460 0600 0960 0000 ${'00'.repeat(30)}`,
    );
    expect(bytes).toHaveLength(96);
    expect(decodeInquiry(bytes)).toMatchObject({
      qualifier: 0,
      deviceType: 0,
      deviceTypeName: 'disk',
      deviceTypeLongName: 'Direct access block device',
      removable: true,
      version: 7,
      normAca: true,
      hiSup: true,
      responseFormat: 2,
      tpgs: 1,
      thirdPartyCopy: true,
      protect: true,
      encServ: true,
      multiPort: true,
      commandQueue: true,
      vendor: 'LUNA',
      product: 'SCOPE DISK',
      revision: '0001',
      versionDescriptors: [
        { code: 0x0460, name: 'SPC-4 (no version claimed)' },
        { code: 0x0600, name: 'SBC-4 (no version claimed)' },
        { code: 0x0960, name: 'iSCSI (no version claimed)' },
      ],
      warnings: [],
    });
  });

  it('reads five bytes as five bytes', () => {
    const found = decodeInquiry(hex('05 80 05 02 1f'));
    expect(found).toMatchObject({ deviceType: 5, deviceTypeName: 'cd/dvd', removable: true });
    expect(found.vendor).toBeUndefined();
    expect(found.warnings).toEqual([
      'Standard INQUIRY data has at least 36 bytes; 5 are there.',
      'The INQUIRY data behind its fifth byte should have 31 bytes; 0 are there.',
    ]);
    expect(decodeInquiry(new Uint8Array(0))).toMatchObject({ deviceTypeName: 'no dev' });
  });

  it('stops where the additional length says, whatever lies behind', () => {
    const bytes = hex(`00 00 05 02 03 00 00 02 ${VENDOR} ${PRODUCT} 30303031`);
    expect(decodeInquiry(bytes)).toMatchObject({ commandQueue: true });
    expect(decodeInquiry(bytes).vendor).toBeUndefined();
  });

  it('replaces bytes that are no ASCII', () => {
    expect(decodeInquiry(hex(`00 00 05 02 1f 00 00 02 41ff4220 00202020 ${PRODUCT} 30303031`)).vendor).toBe('A\ufffdB');
  });

  it('comes back as it was built', () => {
    const arbitrary = fc.record({
      fields: layoutArbitrary(STANDARD_INQUIRY, ['additionalLength']),
      vendorSpecific: fc.uint8Array({ minLength: 20, maxLength: 20 }),
      versionDescriptors: fc.array(fc.integer({ min: 1, max: 0xffff }), { maxLength: 8 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ fields, vendorSpecific, versionDescriptors }) => {
        const bytes = encodeInquiry({ ...fields, vendorSpecific, versionDescriptors });
        const found = decodeInquiry(bytes);
        expect(found).toMatchObject({ ...fields, warnings: [] });
        expect(found.versionDescriptors.map((descriptor) => descriptor.code)).toEqual(versionDescriptors);
        expect(bytes.slice(36, 56)).toEqual(vendorSpecific);
      }),
    );
  });

  it('refuses what does not fit', () => {
    expect(() => encodeInquiry({ vendor: 'NINE BYTES' })).toThrow(UsageError);
    expect(() => encodeInquiry({ versionDescriptors: [1, 2, 3, 4, 5, 6, 7, 8, 9] })).toThrow('room for 8');
    expect(() => encodeInquiry({ versionDescriptors: [0x10000] })).toThrow('16-bit');
    expect(() => encodeInquiry({ vendorSpecific: new Uint8Array(3) })).toThrow(UsageError);
    expect(versionDescriptorName(0xfff0)).toBe('Standard 0xfff0');
  });
});

describe('device types', () => {
  it('have the names lsscsi prints', () => {
    const names = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 30, 31].map(deviceTypeName);
    expect(names.join(' ')).toBe(
      'disk tape printer process worm cd/dvd scanner optical mediumx comms storage enclosu sim dsk opti rd bridge osd adi sec man zbc wlun no dev',
    );
    expect(deviceTypeName(0x1b)).toBe('unknown');
    expect(deviceTypeLongName(0x1b)).toBe('Unassigned device type 0x1b');
  });

  it('never let tape and changer units be read blindly', () => {
    const readable = [...DEVICE_TYPES.keys()].filter(isBlockReadable);
    expect(readable).toEqual([0x00, 0x04, 0x05, 0x07, 0x0e, 0x14, 0x15]);
    expect([1, 8, 0x1b].map(deviceAccess)).toEqual(['sequential', 'changer', 'other']);
  });
});

describe('capacity, by hand from SBC-4', () => {
  it('reads READ CAPACITY(10)', () => {
    const found = decodeCapacity10(hex('000fffff 00000200'));
    expect(found).toMatchObject({
      source: 10,
      lastLba: 0xfffffn,
      blocks: 0x100000n,
      blockSize: 512,
      totalBytes: 2n ** 29n,
      physicalBlockSize: 512,
    });
    expect(decodeCapacity10(hex('000fffff 000002'))).toBeUndefined();
    expect(decodeCapacity10(hex('00000000 00000000'))?.warnings).toEqual(['The block length is zero.']);
  });

  it('asks READ CAPACITY(16) where (10) is full', () => {
    const full = decodeCapacity10(hex('ffffffff 00000200'));
    const fits = decodeCapacity10(hex('fffffffe 00000200'));
    const long = decodeCapacity16(hex('00000000ffffffff 00000200 00000000'));
    expect([full, fits, long].map((answer) => answer !== undefined && needsCapacity16(answer))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('reads READ CAPACITY(16)', () => {
    const found = decodeCapacity16(hex(`0000000200000000 00000200 05 03 c001 ${'00'.repeat(16)}`));
    expect(found).toMatchObject({
      source: 16,
      lastLba: 2n ** 33n,
      physicalBlockSize: 4096,
      protectionType: 2,
      protectionEnabled: true,
      thin: true,
      unmappedReadsZero: true,
      lowestAlignedLba: 1,
      warnings: [],
    });
  });

  it('takes twelve bytes, and says that more are missing', () => {
    const found = decodeCapacity16(hex('00000000000000ff 00001000'));
    expect(found).toMatchObject({ blocks: 256n, blockSize: 4096, physicalBlockSize: 4096 });
    expect(found?.thin).toBeUndefined();
    expect(found?.warnings).toHaveLength(1);
    expect(decodeCapacity16(hex('00000000000000ff 000010'))).toBeUndefined();
    expect(decodeCapacity16(hex(`00000000000000ff 00000000 ${'00'.repeat(20)}`))?.warnings).toEqual([
      'The block length is zero.',
    ]);
  });

  it('comes back as it was built', () => {
    expect(toHex(encodeCapacity10(0x1234n, 512))).toBe('0000123400000200');
    expect(toHex(encodeCapacity10(1n << 40n, 512))).toBe('ffffffff00000200');
    fc.assert(
      fc.property(layoutArbitrary(CAPACITY_16), (fields) => {
        expect(decodeCapacity16(encodeCapacity16(fields))).toMatchObject(fields);
      }),
    );
  });
});

describe('timestamps', () => {
  it('count milliseconds', () => {
    expect(toHex(encodeTimestamp(0x010203040506, 2))).toBe('000a02000102030405060000');
    expect(decodeTimestamp(hex('000a 02 00 010203040506 0000'))).toEqual({
      origin: 2,
      milliseconds: 0x010203040506,
      warnings: [],
    });
    expect(decodeTimestamp(hex('000a'))).toEqual({ warnings: ['REPORT TIMESTAMP data has 12 bytes; 2 are there.'] });
  });
});
