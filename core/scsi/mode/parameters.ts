import { decodeLayout, decodePartial, flag, layout, u64, uint, type LayoutInput } from '../../bytes/index.ts';
import { UsageError } from '../../errors/index.ts';
import { buildCdb } from '../cdb/build.ts';
import { deviceAccess } from '../device-types.ts';
import { encodeStruct, joinBytes, promised, recordOffsets, type Warnings } from '../payload.ts';
import { PAGE_0_HEADER, SUBPAGE_HEADER } from './page-table.ts';
import { decodeModePage, findModePage, modePageName } from './pages.ts';

const deviceSpecific = (at: number) =>
  [
    uint('deviceSpecific', 'Device specific parameter', at, 1),
    flag('writeProtected', 'WP', at, 7, { meaning: 'Disks: the medium is write protected.' }),
    flag('dpoFua', 'DPOFUA', at, 4, { meaning: 'Disks: DPO and FUA are supported.' }),
  ] as const;

/** Mode parameter header of the six-byte commands (SPC-4 7.5.5). */
export const MODE_HEADER_6 = layout('modeHeader6', 'Mode parameter header(6)', 4, 'SPC-4 7.5.5', [
  uint('dataLength', 'Mode data length', 0, 1),
  uint('mediumType', 'Medium type', 1, 1),
  ...deviceSpecific(2),
  uint('blockDescriptorLength', 'Block descriptor length', 3, 1),
]);

/** Mode parameter header of the ten-byte commands (SPC-4 7.5.5). */
export const MODE_HEADER_10 = layout('modeHeader10', 'Mode parameter header(10)', 8, 'SPC-4 7.5.5', [
  uint('dataLength', 'Mode data length', 0, 2),
  uint('mediumType', 'Medium type', 2, 1),
  ...deviceSpecific(3),
  flag('longLba', 'LONGLBA', 4, 0, { meaning: 'Block descriptors have 16 bytes.' }),
  uint('blockDescriptorLength', 'Block descriptor length', 6, 2),
]);

/** Short block descriptor of direct access units (SBC-4 short LBA block descriptor). */
export const SHORT_DESCRIPTOR = layout(
  'blockDescriptor',
  'Short LBA mode parameter block descriptor',
  8,
  'SBC-4 short LBA block descriptor',
  [uint('blocks', 'Number of logical blocks', 0, 4), uint('blockSize', 'Logical block length', 5, 3)],
);

/** General block descriptor, for units of other kinds (SPC-4 7.5.6). */
export const GENERAL_DESCRIPTOR = layout(
  'blockDescriptor',
  'General mode parameter block descriptor',
  8,
  'SPC-4 7.5.6',
  [
    uint('density', 'Density code', 0, 1),
    uint('blocks', 'Number of blocks', 1, 3),
    uint('blockSize', 'Block length', 5, 3),
  ],
);

/** Long block descriptor (SBC-4 long LBA block descriptor). */
export const LONG_DESCRIPTOR = layout(
  'blockDescriptor',
  'Long LBA mode parameter block descriptor',
  16,
  'SBC-4 long LBA block descriptor',
  [u64('blocks', 'Number of logical blocks', 0), uint('blockSize', 'Logical block length', 12, 4)],
);

/** A block descriptor of any of the three forms. */
export interface BlockDescriptor {
  readonly blocks: bigint;
  readonly blockSize: number;
  readonly density?: number;
}

/** One mode page as it came. */
export interface ModePage {
  readonly pageCode: number;
  readonly subpageCode: number;
  readonly name: string;
  /** The name of the page in the tables. */
  readonly id?: string;
  readonly savable: boolean;
  /** The whole page, header included. */
  readonly bytes: Uint8Array;
  readonly fields: Readonly<Record<string, number | bigint | boolean | string | Uint8Array>>;
  /** Where the page starts in the parameter data. */
  readonly offset: number;
}

/** Mode parameter data as MODE SENSE returns and MODE SELECT sends it. */
export interface ModeParameters {
  readonly dataLength?: number;
  readonly mediumType: number;
  readonly deviceSpecific: number;
  /** For disks: whether the medium is write protected. */
  readonly writeProtected: boolean;
  readonly dpoFua: boolean;
  readonly longLba: boolean;
  readonly blockDescriptors: readonly BlockDescriptor[];
  readonly pages: readonly ModePage[];
  readonly warnings: readonly string[];
}

/** The layout block descriptors have. */
export function descriptorLayout(longLba: boolean, deviceType: number) {
  if (longLba) return LONG_DESCRIPTOR;
  return deviceAccess(deviceType) === 'block' ? SHORT_DESCRIPTOR : GENERAL_DESCRIPTOR;
}

function decodeDescriptors(
  bytes: Uint8Array,
  longLba: boolean,
  deviceType: number,
  warnings: Warnings,
): BlockDescriptor[] {
  const table = descriptorLayout(longLba, deviceType);
  return recordOffsets(bytes, table.size, 'The block descriptors', warnings).map((at) => {
    const {
      blocks = 0,
      blockSize = 0,
      density,
    } = decodePartial(table, bytes, at) as { blocks?: number | bigint; blockSize?: number; density?: number };
    return { blocks: BigInt(blocks), blockSize, ...(density === undefined ? {} : { density }) };
  });
}

function decodePages(bytes: Uint8Array, base: number, deviceType: number, warnings: Warnings): ModePage[] {
  const pages: ModePage[] = [];
  let at = 0;
  while (at < bytes.length) {
    const isSubpage = ((bytes[at] ?? 0) & 0x40) !== 0;
    const header = decodeLayout(isSubpage ? SUBPAGE_HEADER : PAGE_0_HEADER, bytes, at);
    if (header === undefined) {
      warnings.push('The last mode page ends inside its header.');
      break;
    }
    const headerSize = isSubpage ? SUBPAGE_HEADER.size : PAGE_0_HEADER.size;
    const subpageCode = 'subpageCode' in header ? header.subpageCode : 0;
    const { pageCode, pageLength, ps } = header;
    const name = modePageName(pageCode, subpageCode, deviceType);
    const page = promised(bytes, at, headerSize + pageLength, `The ${name} page`, warnings);
    const spec = findModePage(pageCode, subpageCode, deviceType);
    const fields = spec === undefined ? {} : decodeModePage(spec, page);
    pages.push({
      pageCode,
      subpageCode,
      name,
      ...(spec === undefined ? {} : { id: spec.id }),
      savable: ps,
      bytes: page,
      fields,
      offset: base + at,
    });
    at += page.length;
  }
  return pages;
}

/** Reads mode parameter data of the six- or ten-byte commands, however short; MODE SELECT's zero data length is understood. */
export function decodeModeParameters(bytes: Uint8Array, form: 6 | 10, deviceType = 0): ModeParameters {
  const warnings: Warnings = [];
  const table = form === 6 ? MODE_HEADER_6 : MODE_HEADER_10;
  const header = decodePartial(table, bytes) as Partial<{
    dataLength: number;
    mediumType: number;
    deviceSpecific: number;
    longLba: boolean;
    blockDescriptorLength: number;
  }>;
  if (bytes.length < table.size)
    warnings.push(
      `The ${table.label.toLowerCase()} has ${String(table.size)} bytes; ${String(bytes.length)} are there.`,
    );
  const lengthSize = form === 6 ? 1 : 2;
  const {
    dataLength,
    mediumType = 0,
    deviceSpecific: specific = 0,
    longLba = false,
    blockDescriptorLength = 0,
  } = header;
  const said =
    dataLength === undefined || dataLength === 0
      ? bytes.length
      : lengthSize + promised(bytes, lengthSize, dataLength, 'The mode data', warnings).length;
  const data = bytes.subarray(0, Math.max(said, Math.min(table.size, bytes.length)));
  const descriptors = promised(data, table.size, blockDescriptorLength, 'The block descriptors', warnings);
  const pagesAt = table.size + descriptors.length;
  return {
    ...(dataLength === undefined ? {} : { dataLength }),
    mediumType,
    deviceSpecific: specific,
    writeProtected: (specific & 0x80) !== 0,
    dpoFua: (specific & 0x10) !== 0,
    longLba,
    blockDescriptors: decodeDescriptors(descriptors, longLba, deviceType, warnings),
    pages: decodePages(data.subarray(Math.min(pagesAt, data.length)), pagesAt, deviceType, warnings),
    warnings,
  };
}

/** What `encodeModeParameters` takes. */
export interface ModeParametersInput {
  readonly form: 6 | 10;
  /** For MODE SELECT the data length stays zero, as SPC wants it. */
  readonly forSelect?: boolean;
  readonly mediumType?: number;
  readonly deviceSpecific?: number;
  readonly writeProtected?: boolean;
  readonly dpoFua?: boolean;
  readonly longLba?: boolean;
  readonly blockDescriptors?: readonly BlockDescriptor[];
  readonly pages?: readonly Uint8Array[];
  /** Whose block descriptors they are; a disk unless told otherwise. */
  readonly deviceType?: number;
}

function encodeDescriptor(input: BlockDescriptor, longLba: boolean, deviceType: number): Uint8Array {
  const { blocks, blockSize, density } = input;
  if (longLba) return encodeStruct(LONG_DESCRIPTOR, { blocks, blockSize });
  // A count that does not fit is written as all ones (SBC-4 short LBA block descriptor).
  if (deviceAccess(deviceType) === 'block')
    return encodeStruct(SHORT_DESCRIPTOR, { blocks: blocks > 0xffffffffn ? 0xffffffff : Number(blocks), blockSize });
  return encodeStruct(GENERAL_DESCRIPTOR, {
    blocks: blocks > 0xffffffn ? 0 : Number(blocks),
    blockSize,
    density: density ?? 0,
  });
}

/** Builds mode parameter data: header, block descriptors, pages (SPC-4 7.5.4). */
export function encodeModeParameters(input: ModeParametersInput): Uint8Array {
  const { form, blockDescriptors = [], pages = [], longLba = false, deviceType = 0 } = input;
  if (form === 6 && longLba) throw new UsageError('BAD_ARGUMENT', 'Long block descriptors need the ten-byte form.');
  const descriptors = joinBytes(
    blockDescriptors.map((descriptor) => encodeDescriptor(descriptor, longLba, deviceType)),
  );
  const body = joinBytes([descriptors, ...pages]);
  const lengthSize = form === 6 ? 1 : 2;
  const table = form === 6 ? MODE_HEADER_6 : MODE_HEADER_10;
  const header: LayoutInput<typeof MODE_HEADER_10> = {
    dataLength: input.forSelect === true ? 0 : table.size - lengthSize + body.length,
    mediumType: input.mediumType ?? 0,
    deviceSpecific: input.deviceSpecific ?? 0,
    ...(input.writeProtected === undefined ? {} : { writeProtected: input.writeProtected }),
    ...(input.dpoFua === undefined ? {} : { dpoFua: input.dpoFua }),
    blockDescriptorLength: descriptors.length,
    ...(form === 6 ? {} : { longLba }),
  };
  return joinBytes([encodeStruct<typeof MODE_HEADER_6 | typeof MODE_HEADER_10>(table, header), body]);
}

/** MODE SELECT for this parameter list, with PF set as standard pages need it (SPC-4 6.12). */
export function buildModeSelect(
  form: 6 | 10,
  parameterList: Uint8Array,
  options: { readonly save?: boolean } = {},
): Uint8Array {
  const fields = { pf: true, sp: options.save ?? false, parameterListLength: parameterList.length };
  return form === 6 ? buildCdb('modeSelect6', fields) : buildCdb('modeSelect10', fields);
}
