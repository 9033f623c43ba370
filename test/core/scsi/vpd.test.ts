import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, type Layout } from '../../../core/bytes/index.ts';
import { UsageError } from '../../../core/errors/index.ts';
import {
  decodeVpd,
  encodeIscsiTransportId,
  encodeVpd,
  naaDesignator,
  numberDesignator,
  scsiNameDesignator,
  t10Designator,
  vpdPageName,
  type VpdContent,
  type VpdInput,
  type VpdPage,
} from '../../../core/scsi/index.ts';
import { designatorTrees, naaParts } from '../../../core/scsi/vpd/designators.ts';
import { FIXED_PAGES, PROVISIONING } from '../../../core/scsi/vpd/layouts.ts';
import { hex, layoutArbitrary } from './arbitrary.ts';

function page(text: string): VpdPage {
  const found = decodeVpd(hex(text));
  if (found === undefined) throw new Error('no page');
  return found;
}

function content<K extends VpdContent['kind']>(text: string, kind: K): Extract<VpdContent, { kind: K }> {
  const found = page(text).content;
  if (found.kind !== kind) throw new Error(found.kind);
  return found as Extract<VpdContent, { kind: K }>;
}

const HEAD = ['qualifier', 'deviceType', 'pageCode', 'pageLength'];
const zeros = (count: number): string => '00'.repeat(count);

describe('VPD pages, by hand from SPC-5 vital product data and SBC-4 VPD pages', () => {
  it('00: supported pages', () => {
    expect(content('00 00 0003 00 83 b0', 'supportedPages').pages).toEqual([0, 0x83, 0xb0]);
  });

  it('80: serial number', () => {
    expect(content('00 80 0008 20204c5330303031', 'unitSerialNumber').serial).toBe('LS0001');
  });

  it('83: every kind of designator', () => {
    const { designators } = content(
      `00 83 009d
       02 01 000b 4c554e4120202020616263
       01 03 0010 600140050102030405060708090a0b0c
       01 03 0008 2001400501020304
       01 03 0008 5001400501020304
       01 02 0008 0102030405060708
       53 98 0010 69716e2e323032362d30312e782c7400
       51 94 0004 00000001
       51 95 0004 00000002
       01 06 0004 00000003
       01 07 0004 aabbccdd
       01 0a 0012 1000 00112233445566778899aabbccddeeff
       01 00 0002 beef
       02 20 0002 4142`,
      'deviceIdentification',
    );
    expect(designators.map((d) => [d.associationName, d.typeName, d.text])).toEqual([
      ['Logical unit', 'T10 vendor ID', 'LUNA abc'],
      ['Logical unit', 'NAA', 'naa.600140050102030405060708090a0b0c'],
      ['Logical unit', 'NAA', 'naa.2001400501020304'],
      ['Logical unit', 'NAA', 'naa.5001400501020304'],
      ['Logical unit', 'EUI-64', 'eui.0102030405060708'],
      ['Target port', 'SCSI name string', 'iqn.2026-01.x,t'],
      ['Target port', 'Relative target port', '1'],
      ['Target port', 'Target port group', '2'],
      ['Logical unit', 'Logical unit group', '3'],
      ['Logical unit', 'MD5 logical unit', 'aabbccdd'],
      ['Logical unit', 'UUID', '00112233-4455-6677-8899-aabbccddeeff'],
      ['Logical unit', 'Vendor specific', 'beef'],
      ['Target device', 'Vendor specific', 'AB'],
    ]);
    expect(designators[1]?.naa).toEqual({
      naa: 6,
      companyId: 0x001400,
      vendorSpecific: 0x501020304n,
      extension: 0x05060708090a0b0cn,
    });
    expect(designators[5]).toMatchObject({ protocol: 5, protocolName: 'iSCSI' });
    expect(designators[6]?.number).toBe(1);
    expect(designators[0]?.protocol).toBeUndefined();
  });

  it('83: the protocol identifier only where PIV says that it counts, for ports and devices', () => {
    const names = (header: string): readonly string[] => {
      const [tree] = designatorTrees(hex(`${header} 00 04 00000001`), 0);
      return (tree?.children ?? []).map(({ name }) => name);
    };
    expect(names('51 94')).toContain('protocol');
    expect(names('01 14')).not.toContain('protocol');
    expect(names('51 83')).not.toContain('protocol');
  });

  it('83: T10 designators in binary, reserved associations, short numbers', () => {
    const { designators } = content(
      '00 83 0018 01 01 000a 4c554e4120202020 beef 01 34 0002 0001 01 0f 0000',
      'deviceIdentification',
    );
    expect(designators.map((d) => [d.associationName, d.text])).toEqual([
      ['Logical unit', 'LUNA beef'],
      ['Reserved', '0001'],
      ['Logical unit', ''],
    ]);
    expect(designators[1]?.number).toBeUndefined();
    expect(designators[2]?.typeName).toBe('Designator type 0x0f');
    expect(content('00 83 0004 f1 80 0000', 'deviceIdentification').designators[0]?.protocolName).toBe('No protocol');
    expect(content('00 83 0004 d1 80 0000', 'deviceIdentification').designators[0]?.protocolName).toBe('Protocol 0x0d');
  });

  it('83: NAA formats', () => {
    expect(naaParts(hex('2001400501020304'))).toEqual({ naa: 2, companyId: 0x400501, vendorSpecific: 0x001020304n });
    expect(naaParts(hex('3123456789abcdef'))).toEqual({ naa: 3, vendorSpecific: 0x123456789abcdefn });
    expect(naaParts(hex('5001400501020304'))).toEqual({ naa: 5, companyId: 0x001400, vendorSpecific: 0x501020304n });
    expect(naaParts(hex('6001400501020304'))?.extension).toBeUndefined();
    expect(naaParts(hex('7001400501020304'))).toEqual({ naa: 7 });
    expect(naaParts(hex('50'))).toEqual({ naa: 5 });
    expect(naaParts(new Uint8Array(0))).toBeUndefined();
  });

  it('85: management addresses', () => {
    const { addresses } = content('00 85 000c 21 00 0008 687474703a2f2f00', 'managementAddresses');
    expect(addresses).toEqual([{ association: 1, serviceType: 1, length: 8, address: 'http://' }]);
    expect(page('00 85 0006 21 00 0000 0000').warnings).toHaveLength(1);
  });

  it('86: extended INQUIRY data', () => {
    expect(content(`00 86 003c 6d 25 01 01 1b 00 0007 80 fc ${zeros(50)}`, 'extendedInquiry').fields).toMatchObject({
      activateMicrocode: 1,
      supportedProtection: 5,
      guardCheck: true,
      applicationCheck: false,
      headOfQueue: true,
      volatileCache: true,
      luiClear: true,
      referrals: true,
      historySnapshotRelease: true,
      selfTestMinutes: 7,
      powerOnActivation: true,
      maximumSenseLength: 252,
    });
  });

  it('87: mode page policy', () => {
    const { policies } = content('00 87 0008 08 00 80 00 3f ff 03 00', 'modePagePolicy');
    expect(policies).toEqual([
      { pageCode: 8, subpageCode: 0, mlus: true, policy: 0 },
      { pageCode: 0x3f, subpageCode: 0xff, mlus: false, policy: 3 },
    ]);
  });

  it('88: SCSI ports', () => {
    const { ports } = content(
      `00 88 0034 0000 0001 0000 0000 0000 000c 53980008 69716e2e78000000
       0000 0002 0000 0014 45000010 ${zeros(16)} 0000 0000`,
      'scsiPorts',
    );
    expect(ports.map((port) => port.relativePort)).toEqual([1, 2]);
    expect(ports[0]?.designators[0]?.text).toBe('iqn.x');
    expect(ports[1]?.transportId).toHaveLength(20);
  });

  it('88: ports that end too soon', () => {
    expect(page('00 88 0008 0000 0001 0000 0000').warnings).toEqual([
      'The target port descriptors of a port are missing.',
    ]);
    expect(page('00 88 000e 0000 0001 0000 0000 0000 0000 0000').warnings).toEqual(['2 bytes follow the last port.']);
  });

  it('b0: block limits', () => {
    const text = `00 b0 003c 01 ff 0008 00002000 00000080 00000005 00000064 00000100 00000010 80000003 0000000123456789
                  00000009 0000000a 0000000b 0000000c 0000000d`;
    expect(content(text, 'blockLimits').fields).toMatchObject({
      wsnz: true,
      maximumCompareAndWrite: 255,
      optimalGranularity: 8,
      maximumTransfer: 8192,
      optimalTransfer: 128,
      maximumPrefetch: 5,
      maximumUnmapBlocks: 100,
      maximumUnmapDescriptors: 256,
      optimalUnmapGranularity: 16,
      unmapAlignmentValid: true,
      unmapAlignment: 3,
      maximumWriteSame: 0x123456789n,
      maximumAtomic: 9,
      maximumAtomicBoundary: 13,
    });
  });

  it('b0: the short page of SBC-2 leaves the rest open', () => {
    const { fields } = content('00 b0 000c 00 00 0008 00002000 00000080', 'blockLimits');
    expect(fields.optimalTransfer).toBe(128);
    expect(fields.maximumUnmapBlocks).toBeUndefined();
  });

  it('b1, b2, b3, b5, b6, 89', () => {
    expect(
      content(`00 b1 003c 0001 00 63 1f 000000 0000004d ${zeros(48)}`, 'blockCharacteristics').fields,
    ).toMatchObject({
      rotationRate: 1,
      wabereq: 1,
      wacereq: 2,
      formFactor: 3,
      zoned: 1,
      rbwz: true,
      depopulationTime: 77,
    });
    expect(content('00 b2 0010 03 e7 22 09 01030008 5001400501020304', 'provisioning')).toMatchObject({
      fields: {
        thresholdExponent: 3,
        unmap: true,
        writeSame16: true,
        writeSame10: true,
        readsZero: 1,
        anchor: true,
        groupPresent: true,
        minimumPercentage: 4,
        provisioningType: 2,
      },
      group: [{ text: 'naa.5001400501020304' }],
    });
    expect(content('00 b2 0008 00 00 02 00 00000000', 'provisioning').group).toEqual([]);
    expect(content('00 b3 000c 00000000 00000005 00000006', 'referrals').fields).toMatchObject({
      segmentSize: 5,
      segmentMultiplier: 6,
    });
    expect(content('00 b5 000c 00 01 02 0a 00000005 00000006', 'blockCharacteristicsExtension').fields).toMatchObject({
      utilizationType: 1,
      utilizationB: 5,
    });
    expect(
      content(`14 b6 003c 01 000000 00000001 00000002 00000003 ${zeros(44)}`, 'zonedCharacteristics').fields,
    ).toMatchObject({ urswrz: true, maximumOpen: 3 });
    expect(content(`00 89 0238 00000000 5341542020202020 ${zeros(40)} ec`, 'ataInformation').fields).toMatchObject({
      satVendor: 'SAT',
      commandCode: 0xec,
    });
  });

  it('reads the pages from b0 on as the device type means them', () => {
    expect(content('01 b0 0002 01 00', 'sequentialCapabilities').fields).toMatchObject({ worm: true });
    expect(page('01 b1 0002 3030').content.kind).toBe('other');
    expect(page('01 b2 0004 00000000').content.kind).toBe('other');
    expect(page('08 b2 0004 00000000').content.kind).toBe('other');
    expect(page('08 b0 0004 00000000').content.kind).toBe('other');
    expect(page('08 86 0004 00000000').content.kind).toBe('extendedInquiry');
  });

  it('names pages', () => {
    expect(['c0', '9a', '83'].map((code) => vpdPageName(parseInt(code, 16)))).toEqual([
      'Vendor specific page 0xc0',
      'Page 0x9a',
      'Device identification',
    ]);
    expect(content('7f c0 0002 beef', 'other').bytes).toEqual(hex('beef'));
    expect(page('7f c0 0002 beef')).toMatchObject({ qualifier: 3, deviceType: 0x1f, pageLength: 2 });
  });

  it('says what is missing', () => {
    expect(decodeVpd(hex('00 83 00'))).toBeUndefined();
    expect(page('00 83 ffff 01 03 0008 5001').warnings).toEqual([
      'The Device identification page should have 65535 bytes; 6 are there.',
      'A designation descriptor should have 12 bytes; 6 are there.',
    ]);
    expect(page('00 83 0002 0103').warnings).toEqual(['2 bytes follow the last designation descriptor.']);
  });
});

describe('building VPD pages', () => {
  const back = (input: VpdInput) => {
    const found = decodeVpd(encodeVpd(input, { deviceType: input.kind === 'sequentialCapabilities' ? 1 : 0 }));
    expect(found?.warnings).toEqual([]);
    return found?.content;
  };

  it.each(Object.entries(FIXED_PAGES))('%s comes back as it was built', (kind, table) => {
    fc.assert(
      fc.property(layoutArbitrary(table as Layout, HEAD), (fields) => {
        expect(back({ kind, fields } as unknown as VpdInput)).toMatchObject({ kind, fields });
      }),
      { numRuns: 50 },
    );
  });

  it('provisioning comes back, with and without a group', () => {
    fc.assert(
      fc.property(layoutArbitrary(PROVISIONING, [...HEAD, 'groupPresent']), fc.boolean(), (fields, grouped) => {
        const group = naaDesignator(hex('5001400501020304'));
        const found = back(grouped ? { kind: 'provisioning', fields, group } : { kind: 'provisioning', fields });
        expect(found).toMatchObject({ fields: { ...fields, groupPresent: grouped } });
        if (found?.kind !== 'provisioning') throw new Error(found?.kind);
        expect(found.group).toHaveLength(grouped ? 1 : 0);
      }),
      { numRuns: 50 },
    );
  });

  it('designators come back', () => {
    const designator = fc.record({
      type: fc.nat(15),
      codeSet: fc.nat(15),
      association: fc.nat(3),
      protocol: fc.nat(15),
      bytes: fc.uint8Array({ maxLength: 255 }),
    });
    fc.assert(
      fc.property(fc.array(designator, { maxLength: 6 }), (designators) => {
        expect(back({ kind: 'deviceIdentification', designators })).toMatchObject({ designators });
      }),
    );
  });

  it('lists come back', () => {
    expect(back({ kind: 'supportedPages', pages: [0xb0, 0, 0x83, 0] })).toEqual({
      kind: 'supportedPages',
      pages: [0, 0x83, 0xb0],
    });
    expect(back({ kind: 'unitSerialNumber', serial: 'LS 1' })).toEqual({ kind: 'unitSerialNumber', serial: 'LS 1' });
    const policies = [{ pageCode: 8, subpageCode: 1, mlus: true, policy: 3 }];
    expect(back({ kind: 'modePagePolicy', policies })).toEqual({ kind: 'modePagePolicy', policies });
    const addresses = [{ association: 2, serviceType: 7, address: 'https://[::1]/é' }];
    expect(back({ kind: 'managementAddresses', addresses })).toMatchObject({ addresses });
    const transportId = encodeIscsiTransportId('iqn.i');
    const ports = [
      { relativePort: 1, designators: [numberDesignator(5, 2, 5)] },
      { relativePort: 2, transportId, designators: [] },
    ];
    expect(back({ kind: 'scsiPorts', ports })).toMatchObject({
      ports: [{ relativePort: 1, designators: [{ number: 2 }] }, { transportId }],
    });
    expect(back({ kind: 'other', pageCode: 0xc1, bytes: hex('0102') })).toEqual({ kind: 'other', bytes: hex('0102') });
  });

  it('writes the bytes SPC-5 shows', () => {
    expect(toHex(encodeVpd({ kind: 'unitSerialNumber', serial: 'AB' }, { deviceType: 5 }))).toBe('058000024142');
    expect(toHex(scsiNameDesignator('iqn.x', 1, 5).bytes)).toBe('69716e2e78000000');
    expect(toHex(scsiNameDesignator('iqn.abcd', 0).bytes)).toBe('69716e2e6162636400000000');
    expect(toHex(t10Designator('LUNA', 'x').bytes)).toBe('4c554e412020202078');
    expect(numberDesignator(6, 1).association).toBe(0);
  });

  it('refuses what does not fit', () => {
    expect(() => naaDesignator(new Uint8Array(9))).toThrow(UsageError);
    expect(() => numberDesignator(4, 65536)).toThrow(UsageError);
    expect(() => encodeVpd({ kind: 'unitSerialNumber', serial: 'é' })).toThrow(UsageError);
    expect(() => encodeVpd({ kind: 'other', pageCode: 0xc0, bytes: new Uint8Array(65536) })).toThrow(UsageError);
    expect(() =>
      encodeVpd({ kind: 'deviceIdentification', designators: [{ type: 0, codeSet: 1, bytes: new Uint8Array(256) }] }),
    ).toThrow(UsageError);
    expect(() => encodeVpd({ kind: 'blockLimits', fields: { maximumTransfer: -1 } })).toThrow(UsageError);
  });
});
