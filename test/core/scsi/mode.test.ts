import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../core/bytes/index.ts';
import { UsageError } from '../../../core/errors/index.ts';
import {
  buildModeSelect,
  decodeModeParameters,
  encodeModePage,
  encodeModeParameters,
  findModePage,
  MODE_PAGES,
  modePageName,
  payloadFieldTree,
  buildCdb,
  type ModePageId,
  type ModePageSpec,
} from '../../../core/scsi/index.ts';
import { bitsOf, hex, layoutArbitrary } from './arbitrary.ts';

const DEVICE_OF = { any: 0, block: 0, tape: 1, optical: 5, changer: 8 } as const;
const PAGES = Object.entries(MODE_PAGES) as readonly (readonly [ModePageId, ModePageSpec])[];
const HEADER = ['spf', 'pageCode', 'subpageCode', 'pageLength'];

const CACHING = '88 12 04 00 ffff 0000 ffff ffff 00 00 0000 00000000';

describe('mode parameters, by hand from SPC-4 7.5', () => {
  it('reads the six-byte form', () => {
    const found = decodeModeParameters(hex(`1f 00 90 08 00100000 00 000200 ${CACHING}`), 6);
    expect(found).toMatchObject({
      dataLength: 31,
      deviceSpecific: 0x90,
      writeProtected: true,
      dpoFua: true,
      blockDescriptors: [{ blocks: 0x100000n, blockSize: 512 }],
      warnings: [],
    });
    expect(found.pages).toHaveLength(1);
    expect(found.pages[0]).toMatchObject({
      pageCode: 8,
      id: 'caching',
      name: 'Caching',
      savable: true,
      offset: 12,
      fields: { wce: true, rcd: false, maximumPrefetch: 0xffff },
    });
  });

  it('reads the ten-byte form with long descriptors and subpages', () => {
    const extension = `4a 01 001c 01 02 fc ${'00'.repeat(25)}`;
    const found = decodeModeParameters(
      hex(`0036 00 00 01 00 0010 0000000200000000 00000000 00001000 ${extension}`),
      10,
    );
    expect(found).toMatchObject({
      longLba: true,
      blockDescriptors: [{ blocks: 2n ** 33n, blockSize: 4096 }],
      warnings: [],
    });
    expect(found.pages[0]).toMatchObject({
      pageCode: 0x0a,
      subpageCode: 1,
      id: 'controlExtension',
      fields: { ialuae: true, initialPriority: 2, maximumSenseLength: 252 },
    });
  });

  it('reads general block descriptors of tapes', () => {
    const found = decodeModeParameters(hex('0b 00 10 08 44 000000 00 000400'), 6, 1);
    expect(found.blockDescriptors).toEqual([{ blocks: 0n, blockSize: 1024, density: 0x44 }]);
  });

  it('reads a MODE SELECT list, whose data length is zero', () => {
    const found = decodeModeParameters(hex(`00 00 00 00 ${CACHING}`), 6);
    expect(found.pages.map((page) => page.name)).toEqual(['Caching']);
    expect(found.warnings).toEqual([]);
  });

  it('reads pages that are shorter or longer than the tables', () => {
    const short = decodeModeParameters(hex('0f 00 00 00 1a 0a 00 03 00000001 00000002'), 6);
    expect(short.pages[0]).toMatchObject({
      id: 'powerCondition',
      fields: { idleA: true, standbyZ: true, idleATimer: 1, standbyZTimer: 2 },
    });
    expect(short.pages[0]?.fields).not.toHaveProperty('idleBTimer');
    const unknown = decodeModeParameters(hex('0b 00 00 00 2f 06 010203040506'), 6);
    expect(unknown.pages[0]).toMatchObject({ name: 'Vendor specific page 0x2f', fields: {} });
    expect(unknown.pages[0]).not.toHaveProperty('id');
  });

  it('notes what the lengths promise and the data lacks', () => {
    expect(decodeModeParameters(hex('ff 00'), 6).warnings).toEqual([
      'The mode parameter header(6) has 4 bytes; 2 are there.',
      'The mode data should have 255 bytes; 1 are there.',
    ]);
    expect(decodeModeParameters(hex('03 00 00 ff'), 6).warnings).toEqual([
      'The block descriptors should have 255 bytes; 0 are there.',
    ]);
    expect(decodeModeParameters(hex('05 00 00 00 88 12'), 6).warnings).toEqual([
      'The Caching page should have 20 bytes; 2 are there.',
    ]);
    expect(decodeModeParameters(hex('04 00 00 00 88'), 6).warnings).toEqual([
      'The last mode page ends inside its header.',
    ]);
    expect(decodeModeParameters(new Uint8Array(0), 10)).toMatchObject({ pages: [], mediumType: 0 });
  });

  it('does not read past a data length that is too small', () => {
    const found = decodeModeParameters(hex(`03 00 00 00 ${CACHING}`), 6);
    expect(found.pages).toEqual([]);
  });
});

describe.each(PAGES)('mode page %s', (id, spec) => {
  const deviceType = DEVICE_OF[spec.family];

  it('has fields that lie inside the page and share no bit', () => {
    const bits = spec.layout.fields.flatMap(bitsOf);
    expect(new Set(bits).size).toBe(bits.length);
    expect(Math.max(...bits)).toBeLessThan(spec.layout.size * 8);
  });

  it('comes back as it was built', () => {
    fc.assert(
      fc.property(layoutArbitrary(spec.layout, HEADER), fc.constantFrom(6 as const, 10 as const), (fields, form) => {
        const page = encodeModePage(id, fields);
        expect(page).toHaveLength(spec.layout.size);
        const found = decodeModeParameters(encodeModeParameters({ form, pages: [page], deviceType }), form, deviceType);
        expect(found.warnings).toEqual([]);
        expect(found.pages[0]).toMatchObject({ id, pageCode: spec.pageCode, subpageCode: spec.subpageCode, fields });
      }),
      { numRuns: 30 },
    );
  });

  it('is found by its code on its kind of unit', () => {
    expect(findModePage(spec.pageCode, spec.subpageCode, deviceType)?.id).toBe(id);
    expect(modePageName(spec.pageCode, spec.subpageCode, deviceType)).toBe(spec.layout.label);
  });
});

describe('building mode parameters', () => {
  it('writes the bytes SPC-5 shows', () => {
    const pages = [encodeModePage('caching', { ps: true, wce: true })];
    const blockDescriptors = [{ blocks: 0x100000n, blockSize: 512 }];
    expect(toHex(encodeModeParameters({ form: 6, writeProtected: true, dpoFua: true, blockDescriptors, pages }))).toBe(
      toHex(hex(`1f 00 90 08 00100000 00 000200 88 12 04 ${'00'.repeat(17)}`)),
    );
    expect(toHex(encodeModeParameters({ form: 10, forSelect: true, pages: [] }))).toBe('0000000000000000');
    expect(
      toHex(encodeModeParameters({ form: 10, longLba: true, blockDescriptors, mediumType: 1, deviceSpecific: 2 })),
    ).toBe(toHex(hex('0016 01 02 01 00 0010 0000000000100000 00000000 00000200')));
  });

  it('writes a count that does not fit as the standard says', () => {
    const blockDescriptors = [{ blocks: 1n << 40n, blockSize: 512 }];
    expect(
      decodeModeParameters(encodeModeParameters({ form: 6, blockDescriptors }), 6).blockDescriptors[0]?.blocks,
    ).toBe(0xffffffffn);
    expect(
      decodeModeParameters(encodeModeParameters({ form: 6, blockDescriptors, deviceType: 5 }), 6, 5).blockDescriptors[0]
        ?.blocks,
    ).toBe(0n);
  });

  it('sets PF in MODE SELECT', () => {
    expect(toHex(buildModeSelect(6, new Uint8Array(24)))).toBe('151000001800');
    expect(toHex(buildModeSelect(10, new Uint8Array(300), { save: true }))).toBe(
      '5511000000000001 2c00'.replace(' ', ''),
    );
    expect(() => buildModeSelect(6, new Uint8Array(256))).toThrow(UsageError);
  });

  it('refuses what does not fit', () => {
    expect(() => encodeModeParameters({ form: 6, longLba: true })).toThrow('ten-byte form');
    expect(() => encodeModeParameters({ form: 6, pages: [new Uint8Array(300)] })).toThrow(UsageError);
    expect(() => encodeModePage('control', { tst: 8 })).toThrow(UsageError);
  });
});

it('names pages without a table', () => {
  expect(modePageName(0x11, 0)).toBe('Medium partition');
  expect(modePageName(0x21, 0)).toBe('Vendor specific page 0x21');
  expect(modePageName(0x17, 0)).toBe('Page 0x17');
  expect(modePageName(0x19, 2)).toBe('Page 0x19/0x02');
  expect(modePageName(0x05, 0, 5)).toBe('Write parameters');
  expect(modePageName(0x05, 0, 0)).toBe('Flexible disk');
});

it('shows pages as trees, without fields a short page lacks', () => {
  const bytes = hex('19 00 00 08 00100000 00 000200 1a 0a 00 03 00000001 00000002 2f 00');
  const tree = payloadFieldTree(buildCdb('modeSense6', { allocationLength: 255 }), 'in', bytes);
  expect(tree.malformed).toBeUndefined();
  const pages = tree.children?.filter((node) => node.name === 'modePage') ?? [];
  expect(pages.map((node) => [node.label, node.offset, node.length])).toEqual([
    ['Power condition', 12, 12],
    ['Vendor specific page 0x2f', 24, 2],
  ]);
  expect(pages[0]?.children?.every((node) => node.malformed === undefined)).toBe(true);
  expect(tree.children?.find((node) => node.name === 'blockDescriptor')?.text).toBe('1048576 blocks of 512 bytes');
});
