import {
  bits,
  decodePartial,
  flag,
  layout,
  readAscii,
  readU16,
  readU64,
  toHex,
  uint,
  type FieldNode,
} from '../../bytes/index.ts';
import { UsageError } from '../../errors/index.ts';
import {
  encodeStruct,
  entryTree,
  hexByte,
  joinBytes,
  promised,
  rawNodes,
  shiftTree,
  type Warnings,
} from '../payload.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';

/** Protocol identifiers (SPC-4 7.6.1). */
export const PROTOCOLS: Readonly<Record<number, string>> = {
  0: 'Fibre Channel',
  1: 'Parallel SCSI',
  2: 'SSA',
  3: 'IEEE 1394',
  4: 'SRP',
  5: 'iSCSI',
  6: 'SAS',
  7: 'ADT',
  8: 'ATA',
  9: 'USB attached SCSI',
  10: 'SCSI over PCIe',
  11: 'PCIe',
  15: 'No protocol',
};

/** What a designator names. */
export const ASSOCIATIONS: Readonly<Record<number, string>> = {
  0: 'Logical unit',
  1: 'Target port',
  2: 'Target device',
};

/** Designator types (SPC-5 device identification VPD page). */
export const DESIGNATOR_TYPES: Readonly<Record<number, string>> = {
  0: 'Vendor specific',
  1: 'T10 vendor ID',
  2: 'EUI-64',
  3: 'NAA',
  4: 'Relative target port',
  5: 'Target port group',
  6: 'Logical unit group',
  7: 'MD5 logical unit',
  8: 'SCSI name string',
  9: 'Protocol specific port',
  10: 'UUID',
};

/** The four bytes before a designator. */
export const DESIGNATOR_HEADER = layout(
  'designator',
  'Designation descriptor',
  4,
  'SPC-5 device identification VPD page',
  [
    bits('protocol', 'Protocol identifier', 0, [7, 4], { values: PROTOCOLS, meaning: 'Counts where PIV is set.' }),
    bits('codeSet', 'Code set', 0, [3, 0], { values: { 1: 'Binary', 2: 'ASCII', 3: 'UTF-8' } }),
    flag('piv', 'PIV', 1, 7, { meaning: 'The protocol identifier counts.' }),
    bits('association', 'Association', 1, [5, 4], { values: ASSOCIATIONS }),
    bits('type', 'Designator type', 1, [3, 0], { values: DESIGNATOR_TYPES }),
    uint('length', 'Designator length', 3, 1),
  ],
);

/** The parts of an NAA designator. */
export interface NaaParts {
  readonly naa: number;
  readonly companyId?: number;
  readonly vendorSpecific?: bigint;
  readonly extension?: bigint;
}

/** A name of a unit, a port or a device. */
export interface Designator {
  readonly type: number;
  readonly typeName: string;
  readonly codeSet: number;
  readonly association: number;
  readonly associationName: string;
  readonly protocol?: number;
  readonly protocolName?: string;
  readonly bytes: Uint8Array;
  /** The name as people write it: `naa.6...`, `eui.0...`, `iqn...`. */
  readonly text: string;
  readonly naa?: NaaParts;
  /** Relative port, port group or unit group number. */
  readonly number?: number;
}

/** Takes an NAA designator apart (SPC-5 NAA designator format). */
export function naaParts(bytes: Uint8Array): NaaParts | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  const naa = first >> 4;
  if (bytes.length < 8) return { naa };
  const word = readU64(bytes, 0);
  if (naa === 2)
    return {
      naa,
      companyId: Number((word >> 24n) & 0xffffffn),
      vendorSpecific: (((word >> 48n) & 0xfffn) << 24n) | (word & 0xffffffn),
    };
  if (naa === 3) return { naa, vendorSpecific: word & 0xfffffffffffffffn };
  if (naa !== 5 && naa !== 6) return { naa };
  const parts = { naa, companyId: Number((word >> 36n) & 0xffffffn), vendorSpecific: word & 0xfffffffffn };
  return naa === 6 && bytes.length >= 16 ? { ...parts, extension: readU64(bytes, 8) } : parts;
}

function designatorText(type: number, codeSet: number, bytes: Uint8Array): string {
  switch (type) {
    case 1: {
      const vendor = readAscii(bytes.subarray(0, 8));
      const rest = bytes.subarray(8);
      return `${vendor} ${codeSet === 1 ? toHex(rest) : readAscii(rest)}`.trim();
    }
    case 2:
      return `eui.${toHex(bytes)}`;
    case 3:
      return `naa.${toHex(bytes)}`;
    case 4:
    case 5:
    case 6:
      return bytes.length >= 4 ? String(readU16(bytes, 2)) : toHex(bytes);
    case 8:
      return decodeUtf8(bytes);
    case 10: {
      const hex = toHex(bytes.subarray(2, 18));
      if (hex.length < 32) return hex;
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    }
    default:
      return codeSet === 2 || codeSet === 3 ? decodeUtf8(bytes) : toHex(bytes);
  }
}

/** Reads one designation descriptor whose header is whole; its designator may be cut. */
function decodeDesignator(bytes: Uint8Array): Designator {
  const { protocol = 0, codeSet = 0, piv = false, association = 0, type = 0 } = decodePartial(DESIGNATOR_HEADER, bytes);
  const body = bytes.subarray(4);
  const naa = type === 3 ? naaParts(body) : undefined;
  return {
    type,
    typeName: DESIGNATOR_TYPES[type] ?? `Designator type ${hexByte(type)}`,
    codeSet,
    association,
    associationName: ASSOCIATIONS[association] ?? 'Reserved',
    ...(piv ? { protocol, protocolName: PROTOCOLS[protocol] ?? `Protocol ${hexByte(protocol)}` } : {}),
    bytes: body,
    text: designatorText(type, codeSet, body),
    ...(naa === undefined ? {} : { naa }),
    ...(type >= 4 && type <= 6 && body.length >= 4 ? { number: readU16(body, 2) } : {}),
  };
}

/** Where each descriptor of a list lies, cut to what is there. */
function designatorSpans(bytes: Uint8Array, warnings: Warnings): { readonly at: number; readonly bytes: Uint8Array }[] {
  const spans: { at: number; bytes: Uint8Array }[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const span = promised(bytes, at, 4 + (bytes[at + 3] ?? 0), 'A designation descriptor', warnings);
    spans.push({ at, bytes: span });
    at += span.length;
  }
  if (at < bytes.length) warnings.push(`${String(bytes.length - at)} bytes follow the last designation descriptor.`);
  return spans;
}

/** Reads a list of designation descriptors. */
export function decodeDesignators(bytes: Uint8Array, warnings: Warnings): Designator[] {
  return designatorSpans(bytes, warnings).map((span) => decodeDesignator(span.bytes));
}

/** The trees of a list of designation descriptors that starts at `offset`. */
export function designatorTrees(bytes: Uint8Array, offset: number): FieldNode[] {
  return designatorSpans(bytes, []).map((span) => {
    const found = decodeDesignator(span.bytes);
    const text = `${found.associationName}, ${found.typeName}: ${found.text}`;
    const body: FieldNode[] = rawNodes('bytes', found.typeName, found.bytes, 4).map((node) => ({
      ...node,
      text: found.text,
    }));
    const tree = entryTree(DESIGNATOR_HEADER, span.bytes, 0, text, body);
    // It counts for ports and devices alone.
    const counts = found.protocol !== undefined && (found.association === 1 || found.association === 2);
    const children = (tree.children ?? []).filter(({ name }) => name !== 'protocol' || counts);
    return shiftTree({ ...tree, children, length: span.bytes.length }, offset + span.at);
  });
}

/** What `encodeDesignator` takes. */
export interface DesignatorInput {
  readonly type: number;
  readonly codeSet: number;
  readonly association?: number;
  readonly protocol?: number;
  readonly bytes: Uint8Array;
}

/** Builds one designation descriptor (SPC-5 device identification VPD page). */
export function encodeDesignator(input: DesignatorInput): Uint8Array {
  if (input.bytes.length > 255)
    throw new UsageError(
      'OUT_OF_RANGE',
      `A designator has at most 255 bytes; ${String(input.bytes.length)} were given.`,
    );
  const head = encodeStruct(DESIGNATOR_HEADER, {
    codeSet: input.codeSet,
    association: input.association ?? 0,
    type: input.type,
    length: input.bytes.length,
    ...(input.protocol === undefined ? {} : { piv: true, protocol: input.protocol }),
  });
  return joinBytes([head, input.bytes]);
}

/** T10 vendor ID designator: eight characters of vendor, then the rest. */
export function t10Designator(vendor: string, rest: string): DesignatorInput {
  return { type: 1, codeSet: 2, bytes: encodeUtf8(vendor.padEnd(8, ' ').slice(0, 8) + rest) };
}

/** NAA designator of a logical unit from its 8 or 16 bytes. */
export function naaDesignator(bytes: Uint8Array): DesignatorInput {
  if (bytes.length !== 8 && bytes.length !== 16)
    throw new UsageError('BAD_ARGUMENT', `An NAA designator has 8 or 16 bytes, not ${String(bytes.length)}.`);
  return { type: 3, codeSet: 1, bytes };
}

/** SCSI name string designator, NUL-terminated and padded to four bytes. */
export function scsiNameDesignator(name: string, association: 0 | 1 | 2, protocol?: number): DesignatorInput {
  const text = encodeUtf8(name);
  const bytes = new Uint8Array((text.length + 4) & ~3);
  bytes.set(text);
  return { type: 8, codeSet: 3, association, bytes, ...(protocol === undefined ? {} : { protocol }) };
}

/** Relative target port (4), target port group (5) or logical unit group (6) designator. */
export function numberDesignator(type: 4 | 5 | 6, number: number, protocol?: number): DesignatorInput {
  if (!Number.isInteger(number) || number < 0 || number > 0xffff)
    throw new UsageError('OUT_OF_RANGE', `Port and group numbers go from 0 to 65535; ${String(number)} does not.`);
  const bytes = Uint8Array.of(0, 0, number >> 8, number & 0xff);
  return { type, codeSet: 1, association: type === 6 ? 0 : 1, bytes, ...(protocol === undefined ? {} : { protocol }) };
}
