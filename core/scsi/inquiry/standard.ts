import {
  ascii,
  bits,
  decodePartial,
  flag,
  layout,
  raw,
  readU16,
  uint,
  writeU16,
  type LayoutInput,
  type LayoutValue,
} from '../../bytes/index.ts';
import { UsageError } from '../../errors/index.ts';
import { DEVICE_TYPE_NAMES, deviceTypeLongName, deviceTypeName, PERIPHERAL_QUALIFIERS } from '../device-types.ts';
import { encodeStruct, promised, type Warnings } from '../payload.ts';
import { VERSION_DESCRIPTORS } from './version-descriptors.ts';

/** SPC levels the version byte of INQUIRY data claims. */
export const INQUIRY_VERSIONS: Readonly<Record<number, string>> = {
  0x00: 'None claimed',
  0x01: 'SCSI-1',
  0x02: 'SCSI-2',
  0x03: 'SPC',
  0x04: 'SPC-2',
  0x05: 'SPC-3',
  0x06: 'SPC-4',
  0x07: 'SPC-5',
  0x08: 'SPC-6',
};

/** Standard INQUIRY data without its vendor specific parts (SPC-4 6.6.2). */
export const STANDARD_INQUIRY = layout('inquiry', 'Standard INQUIRY data', 58, 'SPC-4 6.6.2', [
  bits('qualifier', 'Peripheral qualifier', 0, [7, 5], { values: PERIPHERAL_QUALIFIERS }),
  bits('deviceType', 'Peripheral device type', 0, [4, 0], { values: DEVICE_TYPE_NAMES }),
  flag('removable', 'RMB', 1, 7, { meaning: 'The medium can be removed.' }),
  flag('conglomerate', 'LU_CONG', 1, 6),
  uint('version', 'Version', 2, 1, { values: INQUIRY_VERSIONS }),
  flag('normAca', 'NORMACA', 3, 5),
  flag('hiSup', 'HISUP', 3, 4, { meaning: 'LUNs follow the hierarchical addressing model.' }),
  bits('responseFormat', 'Response data format', 3, [3, 0], { values: { 1: 'SCSI-1', 2: 'SPC' } }),
  uint('additionalLength', 'Additional length', 4, 1),
  flag('sccs', 'SCCS', 5, 7),
  flag('acc', 'ACC', 5, 6),
  bits('tpgs', 'TPGS', 5, [5, 4], { values: { 0: 'None', 1: 'Implicit', 2: 'Explicit', 3: 'Implicit and explicit' } }),
  flag('thirdPartyCopy', '3PC', 5, 3),
  flag('protect', 'PROTECT', 5, 0, { meaning: 'Protection information is supported.' }),
  flag('encServ', 'ENCSERV', 6, 6),
  flag('multiPort', 'MULTIP', 6, 4),
  flag('commandQueue', 'CMDQUE', 7, 1),
  ascii('vendor', 'T10 vendor identification', 8, 8),
  ascii('product', 'Product identification', 16, 16),
  ascii('revision', 'Product revision level', 32, 4),
]);

/** Vendor bytes 36 to 55 and the eight version descriptors behind them. */
export const INQUIRY_TAIL = layout('inquiryTail', 'Vendor specific data', 56, 'SPC-4 6.6.2', [
  raw('vendorSpecific', 'Vendor specific', 36, 20),
]);

const FIRST_DESCRIPTOR = 58;
const MOST_DESCRIPTORS = 8;

/** A standard the unit claims to follow. */
export interface VersionDescriptor {
  readonly code: number;
  readonly name: string;
}

/** Standard INQUIRY data; what the bytes do not reach is absent. */
export interface Inquiry extends Partial<LayoutValue<typeof STANDARD_INQUIRY>> {
  /** As lsscsi prints the device type. */
  readonly deviceTypeName: string;
  readonly deviceTypeLongName: string;
  readonly versionDescriptors: readonly VersionDescriptor[];
  readonly warnings: readonly string[];
}

/** The name of a version descriptor. */
export function versionDescriptorName(code: number): string {
  return VERSION_DESCRIPTORS[code] ?? `Standard 0x${code.toString(16).padStart(4, '0')}`;
}

/** Reads standard INQUIRY data, however short. */
export function decodeInquiry(bytes: Uint8Array): Inquiry {
  const warnings: Warnings = [];
  if (bytes.length < 36)
    warnings.push(`Standard INQUIRY data has at least 36 bytes; ${String(bytes.length)} are there.`);
  const claimed =
    bytes.length < 5
      ? bytes.length
      : 5 + promised(bytes, 5, bytes[4] ?? 0, 'The INQUIRY data behind its fifth byte', warnings).length;
  const data = bytes.subarray(0, claimed);
  const fields = decodePartial(STANDARD_INQUIRY, data);
  const versionDescriptors: VersionDescriptor[] = [];
  for (let i = 0; i < MOST_DESCRIPTORS; i += 1) {
    const at = FIRST_DESCRIPTOR + i * 2;
    const code = at + 2 <= data.length ? readU16(data, at) : 0;
    if (code !== 0) versionDescriptors.push({ code, name: versionDescriptorName(code) });
  }
  const deviceType = fields.deviceType ?? 0x1f;
  return {
    ...fields,
    deviceTypeName: deviceTypeName(deviceType),
    deviceTypeLongName: deviceTypeLongName(deviceType),
    versionDescriptors,
    warnings,
  };
}

/** What a target says of itself; version, format and length are filled in unless given. */
export type InquiryInput = LayoutInput<typeof STANDARD_INQUIRY> & {
  readonly vendorSpecific?: Uint8Array;
  readonly versionDescriptors?: readonly number[];
};

/** Builds standard INQUIRY data of 96 bytes (SPC-4 6.6.2). */
export function encodeInquiry(input: InquiryInput): Uint8Array {
  const { vendorSpecific, versionDescriptors = [], ...fields } = input;
  if (versionDescriptors.length > MOST_DESCRIPTORS)
    throw new UsageError(
      'OUT_OF_RANGE',
      `INQUIRY data has room for ${String(MOST_DESCRIPTORS)} version descriptors; ${String(versionDescriptors.length)} were given.`,
    );
  const bytes = encodeStruct(
    STANDARD_INQUIRY,
    { version: 0x07, responseFormat: 2, additionalLength: 91, vendor: '', product: '', revision: '', ...fields },
    96,
  );
  if (vendorSpecific !== undefined) bytes.set(encodeStruct(INQUIRY_TAIL, { vendorSpecific }).subarray(36), 36);
  versionDescriptors.forEach((code, i) => {
    if (!Number.isInteger(code) || code < 0 || code > 0xffff)
      throw new UsageError('OUT_OF_RANGE', `A version descriptor is a 16-bit number; ${String(code)} is not.`);
    writeU16(bytes, FIRST_DESCRIPTOR + i * 2, code);
  });
  return bytes;
}
