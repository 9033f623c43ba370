import {
  bits,
  decodeLayout,
  flag,
  layout,
  readU16,
  readU32,
  u64,
  uint,
  type FieldNode,
  type Layout,
  type LayoutInput,
  type LayoutValue,
} from '../bytes/index.ts';
import { UsageError } from '../errors/index.ts';
import { encodeStruct, entryTree, joinBytes, payloadTree, promised, recordOffsets, type Warnings } from './payload.ts';

/** The head of an UNMAP parameter list (SBC-4 UNMAP). */
export const UNMAP_HEADER = layout('unmapList', 'UNMAP parameter list', 8, 'SBC-4 UNMAP', [
  uint('dataLength', 'UNMAP data length', 0, 2),
  uint('descriptorsLength', 'UNMAP block descriptor data length', 2, 2),
]);

/** One range to unmap. */
export const UNMAP_RANGE = layout('unmapRange', 'UNMAP block descriptor', 16, 'SBC-4 UNMAP', [
  u64('lba', 'UNMAP logical block address', 0),
  uint('blocks', 'Number of logical blocks', 8, 4),
]);

/** Provisioning states of blocks (SBC-4 GET LBA STATUS). */
export const PROVISIONING_STATES: Readonly<Record<number, string>> = {
  0: 'Mapped, or not known',
  1: 'Deallocated',
  2: 'Anchored',
  3: 'Mapped',
  4: 'Unknown',
};

/** The head of GET LBA STATUS data. */
export const LBA_STATUS_HEADER = layout('lbaStatus', 'LBA status', 8, 'SBC-4 GET LBA STATUS', [
  uint('dataLength', 'Parameter data length', 0, 4),
  bits('completion', 'Completion condition', 7, [3, 1]),
  flag('rtp', 'RTP', 7, 0),
]);

/** One range of blocks in the same state. */
export const LBA_STATUS_RANGE = layout('lbaStatusRange', 'LBA status descriptor', 16, 'SBC-4 GET LBA STATUS', [
  u64('lba', 'LBA status logical block address', 0),
  uint('blocks', 'Number of logical blocks', 8, 4),
  bits('state', 'Provisioning status', 12, [3, 0], { values: PROVISIONING_STATES }),
  uint('additionalStatus', 'Additional status', 13, 1),
]);

/** A range of blocks. */
export interface BlockRange {
  readonly lba: bigint;
  readonly blocks: number;
}

/** The ranges of an UNMAP parameter list. */
export interface UnmapList {
  readonly ranges: readonly BlockRange[];
  readonly dataLength?: number;
  readonly descriptorsLength?: number;
  readonly warnings: readonly string[];
}

/** The states GET LBA STATUS reports. */
export interface LbaStatus {
  readonly ranges: readonly (LayoutValue<typeof LBA_STATUS_RANGE> & { readonly stateName: string })[];
  readonly warnings: readonly string[];
}

function whole<L extends Layout>(table: L, bytes: Uint8Array, offsets: readonly number[]): LayoutValue<L>[] {
  return offsets
    .map((at) => decodeLayout(table, bytes, at))
    .filter((value): value is LayoutValue<L> => value !== undefined);
}

/** Reads an UNMAP parameter list, however short. */
export function decodeUnmapList(bytes: Uint8Array): UnmapList {
  if (bytes.length < UNMAP_HEADER.size)
    return {
      ranges: [],
      warnings: [`An UNMAP parameter list has at least 8 bytes; ${String(bytes.length)} are there.`],
    };
  const warnings: Warnings = [];
  const dataLength = readU16(bytes, 0);
  const descriptorsLength = readU16(bytes, 2);
  promised(bytes, 2, dataLength, 'The UNMAP data', warnings);
  const list = promised(bytes, UNMAP_HEADER.size, descriptorsLength, 'The list of ranges', warnings);
  const ranges = whole(UNMAP_RANGE, list, recordOffsets(list, UNMAP_RANGE.size, 'The list of ranges', warnings));
  return { ranges, dataLength, descriptorsLength, warnings };
}

/** Builds an UNMAP parameter list. */
export function encodeUnmapList(ranges: readonly BlockRange[]): Uint8Array {
  const most = Math.floor((0xffff - 6) / UNMAP_RANGE.size);
  if (ranges.length > most)
    throw new UsageError(
      'OUT_OF_RANGE',
      `An UNMAP command takes at most ${String(most)} ranges; ${String(ranges.length)} were given.`,
    );
  const body = joinBytes(ranges.map((range) => encodeStruct(UNMAP_RANGE, range)));
  return joinBytes([encodeStruct(UNMAP_HEADER, { dataLength: body.length + 6, descriptorsLength: body.length }), body]);
}

/** Reads GET LBA STATUS data, however short. */
export function decodeLbaStatus(bytes: Uint8Array): LbaStatus {
  if (bytes.length < LBA_STATUS_HEADER.size)
    return { ranges: [], warnings: [`GET LBA STATUS data has at least 8 bytes; ${String(bytes.length)} are there.`] };
  const warnings: Warnings = [];
  // The length counts from its own end: four bytes of header come before the list.
  const list = promised(bytes, 4, readU32(bytes, 0), 'The list of ranges', warnings).subarray(4);
  const ranges = whole(
    LBA_STATUS_RANGE,
    list,
    recordOffsets(list, LBA_STATUS_RANGE.size, 'The list of ranges', warnings),
  );
  return {
    ranges: ranges.map((range) => ({
      ...range,
      stateName: PROVISIONING_STATES[range.state] ?? `State ${String(range.state)}`,
    })),
    warnings,
  };
}

/** Builds GET LBA STATUS data. */
export function encodeLbaStatus(ranges: readonly LayoutInput<typeof LBA_STATUS_RANGE>[]): Uint8Array {
  const body = joinBytes(ranges.map((range) => encodeStruct(LBA_STATUS_RANGE, range)));
  return joinBytes([encodeStruct(LBA_STATUS_HEADER, { dataLength: body.length + 4 }), body]);
}

/** The field tree of an UNMAP parameter list. */
export function unmapFieldTree(bytes: Uint8Array): FieldNode {
  const { ranges, warnings } = decodeUnmapList(bytes);
  const nodes = ranges.map((range, i) =>
    entryTree(UNMAP_RANGE, bytes, 8 + i * 16, `LBA ${String(range.lba)}, ${String(range.blocks)} blocks`),
  );
  return payloadTree(UNMAP_HEADER, bytes, nodes, { warnings });
}

/** The field tree of GET LBA STATUS data. */
export function lbaStatusFieldTree(bytes: Uint8Array): FieldNode {
  const { ranges, warnings } = decodeLbaStatus(bytes);
  const nodes = ranges.map((range, i) =>
    entryTree(
      LBA_STATUS_RANGE,
      bytes,
      8 + i * 16,
      `LBA ${String(range.lba)}, ${String(range.blocks)} blocks: ${range.stateName}`,
    ),
  );
  return payloadTree(LBA_STATUS_HEADER, bytes, nodes, { warnings });
}
