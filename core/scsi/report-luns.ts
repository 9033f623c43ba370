import { buildFieldTree, layout, readU32, uint, type FieldNode } from '../bytes/index.ts';
import { UsageError } from '../errors/index.ts';
import { decodeLun, formatLun, type DecodedLun } from './lun.ts';
import { encodeStruct, groupNode, joinBytes, promised, recordOffsets, type Warnings } from './payload.ts';

/** The header of REPORT LUNS parameter data (SPC-4 6.33). */
export const LUN_LIST_HEADER = layout('lunList', 'REPORT LUNS data', 8, 'SPC-5 REPORT LUNS', [
  uint('lunListLength', 'LUN list length', 0, 4, {
    meaning: 'Bytes of the whole list, even where the answer was cut.',
  }),
]);

/** The LUNs of a target as REPORT LUNS lists them. */
export interface LunList {
  readonly luns: readonly DecodedLun[];
  /** Bytes the whole list has; more than `luns` covers where the allocation length was too small. */
  readonly listLength?: number;
  /** The allocation length that takes the whole list, where this answer was cut. */
  readonly needed?: number;
  readonly warnings: readonly string[];
}

/** Reads REPORT LUNS data, however short. */
export function decodeLunList(bytes: Uint8Array): LunList {
  const warnings: Warnings = [];
  if (bytes.length < 8)
    return { luns: [], warnings: [`REPORT LUNS data has at least 8 bytes; ${String(bytes.length)} are there.`] };
  const listLength = readU32(bytes, 0);
  const list = promised(bytes, 8, listLength, 'The LUN list', warnings);
  const luns = recordOffsets(list, 8, 'The LUN list', warnings).map((at) => decodeLun(list.subarray(at, at + 8)));
  return { luns, listLength, ...(list.length < listLength ? { needed: 8 + listLength } : {}), warnings };
}

/** Builds REPORT LUNS data from LUNs of eight bytes each. */
export function encodeLunList(luns: readonly Uint8Array[]): Uint8Array {
  for (const lun of luns)
    if (lun.length !== 8) throw new UsageError('BAD_ARGUMENT', `A LUN has 8 bytes, not ${String(lun.length)}.`);
  return joinBytes([encodeStruct(LUN_LIST_HEADER, { lunListLength: luns.length * 8 }), ...luns]);
}

/** The field tree of REPORT LUNS data. */
export function lunListFieldTree(bytes: Uint8Array): FieldNode {
  const { luns, warnings } = decodeLunList(bytes);
  const nodes = luns.map((_, i): FieldNode => {
    const at = 8 + i * 8;
    const lun = bytes.subarray(at, at + 8);
    return { name: 'lun', label: 'LUN', offset: at, length: 8, value: lun, text: formatLun(lun), clause: 'SAM-5 4.7' };
  });
  const text = `${String(luns.length)} LUN${luns.length === 1 ? '' : 's'}`;
  const children = [...(buildFieldTree(LUN_LIST_HEADER, bytes).children ?? []), ...nodes];
  return groupNode(
    'lunList',
    'REPORT LUNS data',
    0,
    bytes.length,
    children,
    text,
    warnings.length === 0 ? undefined : warnings.join(' '),
  );
}
