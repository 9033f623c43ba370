import {
  bits,
  buildFieldTree,
  decodePartial,
  flag,
  layout,
  u64,
  uint,
  type FieldNode,
  type LayoutInput,
  type LayoutValue,
} from '../bytes/index.ts';
import { encodeStruct, groupNode } from './payload.ts';

/** READ CAPACITY(10) parameter data (SBC-4 READ CAPACITY(10)). */
export const CAPACITY_10 = layout('capacity10', 'READ CAPACITY(10) data', 8, 'SBC-4 READ CAPACITY(10)', [
  uint('lastLba', 'Returned logical block address', 0, 4, {
    meaning: 'The last block; ffffffffh where READ CAPACITY(16) has to be asked.',
  }),
  uint('blockSize', 'Logical block length in bytes', 4, 4),
]);

/** READ CAPACITY(16) parameter data (SBC-4 READ CAPACITY(16)). */
export const CAPACITY_16 = layout('capacity16', 'READ CAPACITY(16) data', 32, 'SBC-4 READ CAPACITY(16)', [
  u64('lastLba', 'Returned logical block address', 0),
  uint('blockSize', 'Logical block length in bytes', 8, 4),
  bits('protectionType', 'P_TYPE', 12, [3, 1], { meaning: 'Protection type less one, where PROT_EN is set.' }),
  flag('protectionEnabled', 'PROT_EN', 12, 0),
  bits('protectionIntervalsExponent', 'P_I_EXPONENT', 13, [7, 4]),
  bits('physicalBlockExponent', 'Logical blocks per physical block exponent', 13, [3, 0], {
    meaning: 'Two to this power blocks make a physical one.',
  }),
  flag('thin', 'LBPME', 14, 7, { meaning: 'Logical block provisioning management: the unit is thin.' }),
  flag('unmappedReadsZero', 'LBPRZ', 14, 6, { meaning: 'Unmapped blocks read as zeros.' }),
  bits('lowestAlignedLba', 'Lowest aligned logical block address', 14, [13, 0], { size: 2 }),
]);

/** The size of a unit and how its blocks lie. */
export interface Capacity extends Partial<Omit<LayoutValue<typeof CAPACITY_16>, 'lastLba' | 'blockSize'>> {
  readonly source: 10 | 16;
  readonly lastLba: bigint;
  readonly blockSize: number;
  readonly blocks: bigint;
  readonly totalBytes: bigint;
  /** Bytes of a physical block; the logical size where only READ CAPACITY(10) was answered. */
  readonly physicalBlockSize: number;
  readonly warnings: readonly string[];
}

function capacity(source: 10 | 16, lastLba: bigint, blockSize: number, exponent: number): Omit<Capacity, 'warnings'> {
  const blocks = lastLba + 1n;
  return {
    source,
    lastLba,
    blockSize,
    blocks,
    totalBytes: blocks * BigInt(blockSize),
    physicalBlockSize: blockSize * 2 ** exponent,
  };
}

/** Reads READ CAPACITY(10) data; undefined where its eight bytes are not all there. */
export function decodeCapacity10(bytes: Uint8Array): Capacity | undefined {
  const { lastLba, blockSize } = decodePartial(CAPACITY_10, bytes);
  if (lastLba === undefined || blockSize === undefined) return undefined;
  const warnings = blockSize === 0 ? ['The block length is zero.'] : [];
  return { ...capacity(10, BigInt(lastLba), blockSize, 0), warnings };
}

/** Reads READ CAPACITY(16) data; undefined where not even address and block length are there. */
export function decodeCapacity16(bytes: Uint8Array): Capacity | undefined {
  const { lastLba, blockSize, ...rest } = decodePartial(CAPACITY_16, bytes);
  if (lastLba === undefined || blockSize === undefined) return undefined;
  const warnings = blockSize === 0 ? ['The block length is zero.'] : [];
  if (bytes.length < 16) warnings.push(`READ CAPACITY(16) data has 32 bytes; ${String(bytes.length)} are there.`);
  return { ...capacity(16, lastLba, blockSize, rest.physicalBlockExponent ?? 0), ...rest, warnings };
}

/** Whether READ CAPACITY(10) could not name the last block, so that READ CAPACITY(16) has to be asked (SBC-4 READ CAPACITY(10)). */
export function needsCapacity16(answer: Capacity): boolean {
  return answer.source === 10 && answer.lastLba === 0xffffffffn;
}

/** Builds READ CAPACITY(10) data; a last block beyond 32 bits is written as ffffffffh. */
export function encodeCapacity10(lastLba: bigint, blockSize: number): Uint8Array {
  return encodeStruct(CAPACITY_10, { lastLba: lastLba > 0xffffffffn ? 0xffffffff : Number(lastLba), blockSize });
}

/** Builds READ CAPACITY(16) data. */
export function encodeCapacity16(input: LayoutInput<typeof CAPACITY_16>): Uint8Array {
  return encodeStruct(CAPACITY_16, input);
}

/** The field tree of READ CAPACITY data of either length. */
export function capacityFieldTree(bytes: Uint8Array, source: 10 | 16): FieldNode {
  const decoded = source === 10 ? decodeCapacity10(bytes) : decodeCapacity16(bytes);
  const tree = buildFieldTree(source === 10 ? CAPACITY_10 : CAPACITY_16, bytes);
  const text =
    decoded === undefined ? tree.label : `${String(decoded.blocks)} blocks of ${String(decoded.blockSize)} bytes`;
  return groupNode(tree.name, tree.label, 0, bytes.length, tree.children ?? [], text);
}
