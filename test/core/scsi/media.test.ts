import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../core/bytes/index.ts';
import { UsageError } from '../../../core/errors/index.ts';
import {
  decodeConfiguration,
  decodeElementStatus,
  decodeLogPage,
  decodePosition,
  decodeRawToc,
  decodeTapeBlockLimits,
  decodeToc,
  encodeConfiguration,
  encodeLogPage,
  encodePosition,
  encodeRawToc,
  encodeSupportedLogPages,
  encodeTapeBlockLimits,
  encodeToc,
  logPageName,
  positionForm,
  type LogPage,
} from '../../../core/scsi/index.ts';
import { FEATURE, RAW_TOC_ENTRY, TOC_TRACK } from '../../../core/scsi/optical.ts';
import { POSITION_EXTENDED, POSITION_LONG, POSITION_SHORT, TAPE_BLOCK_LIMITS } from '../../../core/scsi/tape.ts';
import { hex, layoutArbitrary } from './arbitrary.ts';

function log(text: string): LogPage {
  const found = decodeLogPage(hex(text));
  if (found === undefined) throw new Error('no page');
  return found;
}

const texts = (page: LogPage) => page.parameters.map((parameter) => `${parameter.name}: ${parameter.text}`);

describe('log pages, by hand from SPC-4 7.3 and SBC-4 log parameters', () => {
  it('00: the pages there are, with and without subpages', () => {
    expect(log('00 00 0003 00 02 2f').supported.map((entry) => entry.name)).toEqual([
      'Supported log pages',
      'Write error counters',
      'Informational exceptions',
    ]);
    expect(log('40 ff 0004 00 00 0d 01')).toMatchObject({
      pageName: 'Supported log pages and subpages',
      supported: [{ pageCode: 0 }, { pageCode: 0x0d, subpageCode: 1, name: 'Log page 0x0d/0x01' }],
    });
    expect(log('40 ff 0003 00 00 0d').warnings).toHaveLength(1);
    expect(logPageName(0x3e)).toBe('Log page 0x3e');
  });

  it('02: counters of any width', () => {
    const page = log('02 00 001a 0003 03 04 00000005 0006 03 02 0009 8000 03 02 beef 0005 03 00');
    expect(page.parameters.map((parameter) => parameter.count)).toEqual([5n, 9n, 0xbeefn, undefined]);
    expect(texts(page)).toEqual([
      'Errors corrected: 5',
      'Uncorrected errors: 9',
      'Parameter 0x8000: 48879',
      'Bytes processed: 0 bytes',
    ]);
    expect(page.warnings).toEqual(['The write error counters page should have 26 bytes; 24 are there.']);
  });

  it('0c, 0d, 0e', () => {
    expect(texts(log('0c 00 000c 0001 03 08 00000100 01 000000'))).toEqual([
      'Available LBA mapping resources: 256 threshold sets',
    ]);
    expect(texts(log('0c 00 0004 0001 03 00'))).toEqual(['Available LBA mapping resources: no threshold sets']);
    expect(texts(log('0d 00 0010 0000 03 02 0023 0001 03 02 00ff 0001 03 00'))).toEqual([
      'Temperature: 35 °C',
      'Reference temperature: not known',
      'Reference temperature: not known',
    ]);
    expect(texts(log('0e 00 0012 0001 43 06 323032363031 0004 03 04 00000064'))).toEqual([
      'Date of manufacture: 202601',
      'Accumulated start-stop cycles: 100',
    ]);
  });

  it('10, 15, 19, 2f', () => {
    expect(log('10 00 0014 0001 03 10 24 03 0009 0000000000000005 03 11 00 00').parameters[0]).toMatchObject({
      name: 'Self-test 1',
      text: 'Unrecovered read error',
      fields: { selfTestCode: 1, result: 4, number: 3, powerOnHours: 9, firstFailure: 5n },
    });
    expect(log('15 00 0010 0000 03 0c 0000003c 00 01 0002 8000 0003').parameters[0]).toMatchObject({
      name: 'Background scan status',
      fields: { powerOnMinutes: 60, status: 1, scans: 2 },
    });
    expect(
      log(`15 00 0018 0001 03 14 0000003c 03 11 00 00 00000000 0000000000001234`).parameters[0]?.fields,
    ).toMatchObject({ lba: 0x1234n, asc: 0x11 });
    expect(log(`19 00 0044 0001 03 40 ${'0000000000000007'.repeat(8)}`).parameters[0]?.fields).toMatchObject({
      readCommands: 7n,
      weightedIntervals: 7n,
    });
    expect(log('19 00 000c 0002 03 08 0000000000000001').parameters[0]).toMatchObject({ name: 'Idle time', count: 1n });
    expect(log('2f 00 0008 0000 03 04 5d 00 21 00').parameters[0]?.text).toBe('Failure prediction threshold exceeded');
    expect(log('2f 00 0008 0000 03 04 00 00 21 00').parameters[0]?.text).toBe('4 bytes');
    expect(log('10 00 0004 0030 03 00').parameters[0]?.name).toBe('Self-test 48');
  });

  it('note what is cut', () => {
    expect(decodeLogPage(hex('02 00 00'))).toBeUndefined();
    expect(log('02 00 0006 0003 03 04 0000').warnings).toEqual([
      'Log parameter 0x03 should have 4 bytes; 2 are there.',
    ]);
    expect(log('02 00 0002 0003').warnings).toEqual(['2 bytes follow the last log parameter.']);
  });

  it('come back as they were built', () => {
    const parameter = fc.record({
      code: fc.nat(0xffff),
      control: fc.nat(255),
      value: fc.uint8Array({ maxLength: 255 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 0x3f }),
        fc.nat(0xfe),
        fc.array(parameter, { maxLength: 5 }),
        (pageCode, subpageCode, parameters) => {
          const found = decodeLogPage(encodeLogPage(pageCode, parameters, subpageCode));
          expect(found).toMatchObject({ pageCode, subpageCode, parameters, warnings: [] });
        },
      ),
    );
    expect(toHex(encodeSupportedLogPages([0x2f, 0, 2, 2]))).toBe('0000000300022f');
    expect(toHex(encodeLogPage(0x0d, [{ code: 0, value: hex('0023') }]))).toBe(
      '0d00000600000302 0023'.replace(' ', ''),
    );
    expect(() => encodeLogPage(2, [{ code: 0, value: new Uint8Array(256) }])).toThrow(UsageError);
  });
});

describe('READ TOC, by hand from MMC-6', () => {
  it('lists tracks', () => {
    const bytes = hex('0012 01 01 00 14 01 00 00000000 00 14 aa 00 00001000');
    expect(decodeToc(bytes)).toMatchObject({
      first: 1,
      last: 1,
      tracks: [
        { track: 1, adr: 1, control: 4, isData: true, isLeadOut: false, start: 0 },
        { track: 0xaa, isLeadOut: true, start: 4096 },
      ],
      warnings: [],
    });
    expect(decodeToc(hex('0012 01')).warnings).toHaveLength(1);
    expect(decodeToc(hex('0012 01 01 00 14')).warnings).toHaveLength(2);
  });

  it('lists raw entries', () => {
    expect(decodeRawToc(hex('000d 01 01 01 14 00 a0 00 00 00 00 01 00 00'))).toMatchObject({
      first: 1,
      entries: [{ session: 1, point: 0xa0, pMinute: 1 }],
      warnings: [],
    });
    expect(decodeRawToc(new Uint8Array(0)).entries).toEqual([]);
  });

  it('comes back as it was built', () => {
    fc.assert(
      fc.property(fc.array(layoutArbitrary(TOC_TRACK)), fc.array(layoutArbitrary(RAW_TOC_ENTRY)), (tracks, entries) => {
        expect(decodeToc(encodeToc(1, 2, tracks))).toMatchObject({ first: 1, last: 2, tracks, warnings: [] });
        expect(decodeRawToc(encodeRawToc(1, 2, entries))).toMatchObject({ first: 1, last: 2, entries, warnings: [] });
      }),
    );
  });
});

describe('GET CONFIGURATION, by hand from MMC-6', () => {
  it('lists features', () => {
    const found = decodeConfiguration(hex('00000014 0000 0010 0000 03 04 0010 01 00 ff00 01 04 deadbeef'));
    expect(found).toMatchObject({
      profile: 0x10,
      profileName: 'DVD-ROM',
      features: [
        { code: 0, name: 'Profile list', persistent: true, current: true },
        { code: 0xff00, name: 'Feature 0xff00', data: hex('deadbeef') },
      ],
      warnings: [],
    });
    expect(decodeConfiguration(hex('00000004 0000 1234')).profileName).toBe('Profile 0x1234');
    expect(decodeConfiguration(hex('0000')).profile).toBeUndefined();
    expect(decodeConfiguration(hex('00000006 0000 0010 0000')).warnings).toEqual(['2 bytes follow the last feature.']);
  });

  it('comes back as it was built', () => {
    const feature = fc
      .tuple(layoutArbitrary(FEATURE, ['additionalLength']), fc.uint8Array({ maxLength: 255 }))
      .map(([fields, data]) => ({ ...fields, data }));
    fc.assert(
      fc.property(fc.nat(0xffff), fc.array(feature, { maxLength: 5 }), (profile, features) => {
        expect(decodeConfiguration(encodeConfiguration(profile, features))).toMatchObject({
          profile,
          features,
          warnings: [],
        });
      }),
    );
  });
});

describe('tape, by hand from SSC-5', () => {
  it('reads positions in three forms', () => {
    expect(decodePosition(hex('b1 02 0000 00000005 00000006 00 000007 00000008'), 'short')).toMatchObject({
      bop: true,
      locu: true,
      bycu: true,
      bpew: true,
      partition: 2,
      firstObject: 5,
      lastObject: 6,
      objectsInBuffer: 7,
      bytesInBuffer: 8,
      warnings: [],
    });
    expect(
      decodePosition(hex('40 000000 00000001 0000000000000005 0000000000000006 0000000000000000'), 'long'),
    ).toMatchObject({ eop: true, partition: 1, objectNumber: 5n, fileId: 6n });
    expect(decodePosition(hex('00'), 'extended').warnings).toHaveLength(1);
    expect([0, 1, 6, 8].map(positionForm)).toEqual(['short', 'short', 'long', 'extended']);
  });

  it('reads block limits', () => {
    expect(decodeTapeBlockLimits(hex('03 100000 0004'))).toEqual({
      granularity: 3,
      maximum: 0x100000,
      minimum: 4,
      warnings: [],
    });
    expect(decodeTapeBlockLimits(hex('03')).warnings).toHaveLength(1);
  });

  it('comes back as it was built', () => {
    fc.assert(
      fc.property(
        layoutArbitrary(POSITION_SHORT),
        layoutArbitrary(POSITION_LONG),
        layoutArbitrary(POSITION_EXTENDED, ['additionalLength']),
        layoutArbitrary(TAPE_BLOCK_LIMITS),
        (short, long, extended, limits) => {
          expect(decodePosition(encodePosition('short', short), 'short')).toMatchObject(short);
          expect(decodePosition(encodePosition('long', long), 'long')).toMatchObject(long);
          expect(decodePosition(encodePosition('extended', extended), 'extended')).toMatchObject({
            ...extended,
            additionalLength: 28,
          });
          expect(decodeTapeBlockLimits(encodeTapeBlockLimits(limits))).toMatchObject(limits);
        },
      ),
    );
  });
});

describe('changer, by hand from SMC-3', () => {
  const tag = (text: string): string => toHex(new TextEncoder().encode(text.padEnd(32, ' ')));
  const element = (address: string, flags: string, volume: string): string =>
    `${address} ${flags} 00 00 00 000000 80 0005 ${tag(volume)} 00000000`;

  it('lists elements with their volumes', () => {
    const page = `02 80 0030 00 000060 ${element('0001', '09', 'VOL001')} ${element('0002', '08', '')}`;
    const found = decodeElementStatus(hex(`0001 0002 00 000068 ${page}`));
    expect(found.warnings).toEqual([]);
    expect(found.elements).toMatchObject([
      { address: 1, full: true, access: true, typeName: 'Storage', volume: 'VOL001', sourceValid: true, source: 5 },
      { address: 2, full: false, volume: '' },
    ]);
  });

  it('reads elements without volume tags, of types nobody knows', () => {
    const found = decodeElementStatus(hex('0001 0001 00 000014 09 00 000c 00 00000c 0001 01 00 0000 000000 00 0000'));
    expect(found.elements[0]).toMatchObject({ typeName: 'Element type 9', full: true });
    expect(found.elements[0]?.volume).toBeUndefined();
  });

  it('notes what is cut or impossible', () => {
    expect(decodeElementStatus(hex('00')).warnings).toHaveLength(1);
    expect(decodeElementStatus(hex('0001 0001 00 00000c 02 00 0000 00 000004 00000000')).warnings).toEqual([
      'A page of elements says that its elements have no bytes.',
    ]);
    expect(decodeElementStatus(hex('0001 0001 00 000002 0200')).warnings).toEqual([
      '2 bytes follow the last page of elements.',
    ]);
  });
});
