import {
  bits,
  decodeLayout,
  flag,
  layout,
  readU16,
  readU32,
  uint,
  type FieldNode,
  type LayoutInput,
  type LayoutValue,
} from '../bytes/index.ts';
import {
  encodeStruct,
  entryTree,
  hexByte,
  joinBytes,
  payloadTree,
  promised,
  rawNodes,
  recordOffsets,
  type Warnings,
} from './payload.ts';

/** The head of READ TOC/PMA/ATIP data (MMC-6 READ TOC/PMA/ATIP). */
export const TOC_HEADER = layout('toc', 'Table of contents', 4, 'MMC-6 READ TOC/PMA/ATIP', [
  uint('dataLength', 'Data length', 0, 2),
  uint('first', 'First track or session', 2, 1),
  uint('last', 'Last track or session', 3, 1),
]);

const CONTROL = {
  0: 'Audio',
  1: 'Audio with pre-emphasis',
  2: 'Audio, copy permitted',
  4: 'Data',
  5: 'Data, incremental',
  6: 'Data, copy permitted',
};

/** A track of the formatted table of contents, and of multi-session information. */
export const TOC_TRACK = layout('track', 'Track', 8, 'MMC-6 READ TOC/PMA/ATIP', [
  bits('adr', 'ADR', 1, [7, 4]),
  bits('control', 'CONTROL', 1, [3, 0], { values: CONTROL }),
  uint('track', 'Track number', 2, 1, { values: { 0xaa: 'Lead-out' } }),
  uint('start', 'Track start address', 4, 4),
]);

/** An entry of the raw table of contents. */
export const RAW_TOC_ENTRY = layout('rawTocEntry', 'Q sub-channel entry', 11, 'MMC-6 READ TOC/PMA/ATIP', [
  uint('session', 'Session number', 0, 1),
  bits('adr', 'ADR', 1, [7, 4]),
  bits('control', 'CONTROL', 1, [3, 0], { values: CONTROL }),
  uint('tno', 'TNO', 2, 1),
  uint('point', 'POINT', 3, 1),
  uint('minute', 'Minute', 4, 1),
  uint('second', 'Second', 5, 1),
  uint('frame', 'Frame', 6, 1),
  uint('pMinute', 'PMIN', 8, 1),
  uint('pSecond', 'PSEC', 9, 1),
  uint('pFrame', 'PFRAME', 10, 1),
]);

/** The head of GET CONFIGURATION data (MMC-6 GET CONFIGURATION). */
export const CONFIGURATION_HEADER = layout('configuration', 'Drive configuration', 8, 'MMC-6 GET CONFIGURATION', [
  uint('dataLength', 'Data length', 0, 4),
  uint('profile', 'Current profile', 6, 2),
]);

/** The head of a feature descriptor. */
export const FEATURE = layout('feature', 'Feature descriptor', 4, 'MMC-6 GET CONFIGURATION', [
  uint('code', 'Feature code', 0, 2),
  bits('version', 'Version', 2, [5, 2]),
  flag('persistent', 'Persistent', 2, 1),
  flag('current', 'Current', 2, 0),
  uint('additionalLength', 'Additional length', 3, 1),
]);

/** Profiles of an optical drive (MMC-6, profile list). */
export const PROFILES: Readonly<Record<number, string>> = {
  0x0000: 'No medium, or none known',
  0x0002: 'Removable disk',
  0x0008: 'CD-ROM',
  0x0009: 'CD-R',
  0x000a: 'CD-RW',
  0x0010: 'DVD-ROM',
  0x0011: 'DVD-R sequential',
  0x0012: 'DVD-RAM',
  0x0013: 'DVD-RW restricted overwrite',
  0x0014: 'DVD-RW sequential',
  0x0015: 'DVD-R dual layer sequential',
  0x0016: 'DVD-R dual layer jump',
  0x0017: 'DVD-RW dual layer',
  0x001a: 'DVD+RW',
  0x001b: 'DVD+R',
  0x002a: 'DVD+RW dual layer',
  0x002b: 'DVD+R dual layer',
  0x0040: 'BD-ROM',
  0x0041: 'BD-R sequential',
  0x0042: 'BD-R random',
  0x0043: 'BD-RE',
  0x0050: 'HD DVD-ROM',
  0x0051: 'HD DVD-R',
  0x0052: 'HD DVD-RAM',
};

/** Features of an optical drive, by code. */
export const FEATURES: Readonly<Record<number, string>> = {
  0x0000: 'Profile list',
  0x0001: 'Core',
  0x0002: 'Morphing',
  0x0003: 'Removable medium',
  0x0004: 'Write protect',
  0x0010: 'Random readable',
  0x001d: 'Multi-read',
  0x001e: 'CD read',
  0x001f: 'DVD read',
  0x0020: 'Random writable',
  0x0021: 'Incremental streaming writable',
  0x0023: 'Formattable',
  0x0024: 'Hardware defect management',
  0x0025: 'Write once',
  0x0026: 'Restricted overwrite',
  0x002a: 'DVD+RW',
  0x002b: 'DVD+R',
  0x002d: 'CD track at once',
  0x002e: 'CD mastering',
  0x002f: 'DVD-R/-RW write',
  0x0040: 'BD read',
  0x0041: 'BD write',
  0x0100: 'Power management',
  0x0103: 'CD audio external play',
  0x0105: 'Timeout',
  0x0106: 'DVD CSS',
  0x0107: 'Real time streaming',
  0x0108: 'Drive serial number',
  0x010d: 'AACS',
};

/** The tracks or sessions of formats 0 and 1. */
export interface Toc {
  readonly first?: number;
  readonly last?: number;
  readonly tracks: readonly (LayoutValue<typeof TOC_TRACK> & {
    readonly isData: boolean;
    readonly isLeadOut: boolean;
  })[];
  readonly warnings: readonly string[];
}

/** The entries of format 2. */
export interface RawToc {
  readonly first?: number;
  readonly last?: number;
  readonly entries: readonly LayoutValue<typeof RAW_TOC_ENTRY>[];
  readonly warnings: readonly string[];
}

function openToc(
  bytes: Uint8Array,
  warnings: Warnings,
): { readonly first?: number; readonly last?: number; readonly list: Uint8Array } {
  const header = decodeLayout(TOC_HEADER, bytes);
  if (header === undefined) {
    warnings.push(`A table of contents has at least 4 bytes; ${String(bytes.length)} are there.`);
    return { list: new Uint8Array(0) };
  }
  // The length counts from its own end: two bytes of header come before the list.
  const list = promised(bytes, 2, header.dataLength, 'The table of contents', warnings).subarray(2);
  return { first: header.first, last: header.last, list };
}

/** Reads formats 0 (tracks) and 1 (sessions) of READ TOC/PMA/ATIP, however short. */
export function decodeToc(bytes: Uint8Array): Toc {
  const warnings: Warnings = [];
  const { list, ...range } = openToc(bytes, warnings);
  const tracks = recordOffsets(list, TOC_TRACK.size, 'The list of tracks', warnings)
    .map((at) => decodeLayout(TOC_TRACK, list, at))
    .filter((track): track is LayoutValue<typeof TOC_TRACK> => track !== undefined)
    .map((track) => ({ ...track, isData: (track.control & 4) !== 0, isLeadOut: track.track === 0xaa }));
  return { ...range, tracks, warnings };
}

/** Reads format 2 (raw TOC) of READ TOC/PMA/ATIP, however short. */
export function decodeRawToc(bytes: Uint8Array): RawToc {
  const warnings: Warnings = [];
  const { list, ...range } = openToc(bytes, warnings);
  const entries = recordOffsets(list, RAW_TOC_ENTRY.size, 'The raw table of contents', warnings)
    .map((at) => decodeLayout(RAW_TOC_ENTRY, list, at))
    .filter((entry): entry is LayoutValue<typeof RAW_TOC_ENTRY> => entry !== undefined);
  return { ...range, entries, warnings };
}

/** Builds formats 0 and 1 of READ TOC/PMA/ATIP. */
export function encodeToc(first: number, last: number, tracks: readonly LayoutInput<typeof TOC_TRACK>[]): Uint8Array {
  const body = joinBytes(tracks.map((track) => encodeStruct(TOC_TRACK, track)));
  return joinBytes([encodeStruct(TOC_HEADER, { dataLength: body.length + 2, first, last }), body]);
}

/** Builds format 2 of READ TOC/PMA/ATIP. */
export function encodeRawToc(
  first: number,
  last: number,
  entries: readonly LayoutInput<typeof RAW_TOC_ENTRY>[],
): Uint8Array {
  const body = joinBytes(entries.map((entry) => encodeStruct(RAW_TOC_ENTRY, entry)));
  return joinBytes([encodeStruct(TOC_HEADER, { dataLength: body.length + 2, first, last }), body]);
}

/** One feature of a drive. */
export interface Feature extends LayoutValue<typeof FEATURE> {
  readonly name: string;
  readonly data: Uint8Array;
}

/** What an optical drive can do, and with which medium. */
export interface Configuration {
  readonly profile?: number;
  readonly profileName?: string;
  readonly features: readonly Feature[];
  readonly warnings: readonly string[];
}

function featureSpans(bytes: Uint8Array, warnings: Warnings): { readonly at: number; readonly data: Uint8Array }[] {
  if (bytes.length < CONFIGURATION_HEADER.size) {
    warnings.push(`GET CONFIGURATION data has at least 8 bytes; ${String(bytes.length)} are there.`);
    return [];
  }
  const end = 4 + promised(bytes, 4, readU32(bytes, 0), 'The list of features', warnings).length;
  const spans: { at: number; data: Uint8Array }[] = [];
  let at = CONFIGURATION_HEADER.size;
  while (at + FEATURE.size <= end) {
    const data = promised(bytes.subarray(0, end), at + FEATURE.size, bytes[at + 3] ?? 0, 'A feature', warnings);
    spans.push({ at, data });
    at += FEATURE.size + data.length;
  }
  if (at < end) warnings.push(`${String(end - at)} bytes follow the last feature.`);
  return spans;
}

/** Reads GET CONFIGURATION data, however short. */
export function decodeConfiguration(bytes: Uint8Array): Configuration {
  const warnings: Warnings = [];
  const features: Feature[] = [];
  for (const { at, data } of featureSpans(bytes, warnings)) {
    const fields = decodeLayout(FEATURE, bytes, at);
    if (fields !== undefined)
      features.push({ ...fields, name: FEATURES[fields.code] ?? `Feature ${hexByte(fields.code)}`, data });
  }
  if (bytes.length < 8) return { features, warnings };
  const profile = readU16(bytes, 6);
  return { profile, profileName: PROFILES[profile] ?? `Profile ${hexByte(profile)}`, features, warnings };
}

/** Builds GET CONFIGURATION data. */
export function encodeConfiguration(
  profile: number,
  features: readonly (Omit<LayoutInput<typeof FEATURE>, 'additionalLength'> & { readonly data: Uint8Array })[],
): Uint8Array {
  const body = joinBytes(
    features.flatMap(({ data, ...fields }) => [
      encodeStruct(FEATURE, { ...fields, additionalLength: data.length }),
      data,
    ]),
  );
  return joinBytes([encodeStruct(CONFIGURATION_HEADER, { dataLength: body.length + 4, profile }), body]);
}

/** The field tree of READ TOC/PMA/ATIP data in this format. */
export function tocFieldTree(bytes: Uint8Array, format: number): FieldNode {
  const warnings: Warnings = [];
  const { list } = openToc(bytes, warnings);
  if (format > 2) return payloadTree(TOC_HEADER, bytes, rawNodes('bytes', 'Data', list, 4), { warnings });
  const table = format === 2 ? RAW_TOC_ENTRY : TOC_TRACK;
  const entries = recordOffsets(list, table.size, 'The table of contents', warnings).map((at) => {
    const number = list[at + (format === 2 ? 3 : 2)] ?? 0;
    const text = format === 2 ? `Point ${hexByte(number)}` : number === 0xaa ? 'Lead-out' : `Track ${String(number)}`;
    return entryTree(table, bytes, 4 + at, text);
  });
  return payloadTree(TOC_HEADER, bytes, entries, { warnings });
}

/** The field tree of GET CONFIGURATION data. */
export function configurationFieldTree(bytes: Uint8Array): FieldNode {
  const decoded = decodeConfiguration(bytes);
  const features = featureSpans(bytes, []).map(({ at, data }, i) => {
    const inner = rawNodes('data', 'Feature data', data, at + FEATURE.size);
    return {
      ...entryTree(FEATURE, bytes, at, decoded.features[i]?.name ?? '', inner),
      length: FEATURE.size + data.length,
    };
  });
  return payloadTree(CONFIGURATION_HEADER, bytes, features, {
    text: decoded.profileName ?? 'Drive configuration',
    warnings: decoded.warnings,
  });
}
