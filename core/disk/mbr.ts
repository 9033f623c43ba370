import type { FieldNode } from '../bytes/index.ts';
import { fieldNodes, le, raw } from './fields.ts';
import { MBR_TYPES } from './partition-types.ts';
import type { RangeReader } from './source.ts';
import { structure, type DiskStructure } from './structure.ts';
import { hasText, le16, le32, sizeText } from './values.ts';

const TABLE = 446;
const ENTRY = 16;
const RECORD = 512;
const MOST_LOGICAL = 128;
const EXTENDED = new Set([0x05, 0x0f, 0x85]);
const PROTECTIVE = 0xee;

/** A partition as a table names it, in bytes of the disk. */
export interface PartitionExtent {
  readonly number: number;
  readonly label: string;
  readonly offset: bigint;
  readonly length: bigint;
}

/** What a table of partitions gives: its own structures, and the stretches it names. */
export interface PartitionTable {
  readonly structures: readonly DiskStructure[];
  readonly partitions: readonly PartitionExtent[];
  readonly problems: readonly string[];
  /** Whether the table says that a GPT is the real one. */
  readonly protective: boolean;
}

interface Entry {
  readonly status: number;
  readonly type: number;
  readonly start: bigint;
  readonly count: bigint;
}

const entryAt = (bytes: Uint8Array, index: number): Entry => {
  const at = TABLE + index * ENTRY;
  return {
    status: bytes[at] ?? 0,
    type: bytes[at + 4] ?? 0,
    start: BigInt(le32(bytes, at + 8)),
    count: BigInt(le32(bytes, at + 12)),
  };
};

function entryNode(bytes: Uint8Array, index: number): FieldNode {
  const at = TABLE + index * ENTRY;
  const { type, start, count } = entryAt(bytes, index);
  const name = MBR_TYPES[type] ?? 'Unknown type';
  return {
    name: `entry${String(index + 1)}`,
    label: `Entry ${String(index + 1)}`,
    offset: at,
    length: ENTRY,
    text: type === 0 ? 'empty' : `${name}, first block ${String(start)}, ${String(count)} blocks`,
    children: fieldNodes(bytes, [
      le('status', 'Status', at, 1, { values: { 0: 'not active', 128: 'active' } }),
      raw('chsFirst', 'First CHS address', at + 1, 3),
      le('type', 'Type', at + 4, 1, { values: MBR_TYPES }),
      raw('chsLast', 'Last CHS address', at + 5, 3),
      le('start', 'First block', at + 8, 4),
      le('count', 'Blocks', at + 12, 4),
    ]),
  };
}

const recordFields = (bytes: Uint8Array): FieldNode[] => [
  ...fieldNodes(bytes, [raw('code', 'Boot code', 0, 440), le('diskId', 'Disk signature', 440, 4, { as: 'hex' })]),
  ...[0, 1, 2, 3].map((index) => entryNode(bytes, index)),
  ...fieldNodes(bytes, [le('signature', 'Signature', 510, 2, { as: 'hex', meaning: '0xaa55 marks a boot record.' })]),
];

/** Whether a block is a boot record with a believable table, and not the boot sector of a FAT or NTFS filesystem. */
export function isMbr(bytes: Uint8Array): boolean {
  if (bytes.length < RECORD || le16(bytes, 510) !== 0xaa55) return false;
  const entries = [0, 1, 2, 3].map((index) => entryAt(bytes, index));
  if (entries.some(({ status }) => status !== 0 && status !== 0x80)) return false;
  if (hasText(bytes, 3, 'NTFS    ') || hasText(bytes, 3, 'EXFAT   ')) return false;
  return entries.some(({ type, count }) => type !== 0 && count > 0n);
}

function outside(label: string, start: bigint, count: bigint, blocks: bigint): string | undefined {
  if (start + count <= blocks) return undefined;
  return `${label} ends at block ${String(start + count - 1n)}; the disk ends at ${String(blocks - 1n)}.`;
}

/** Reads the boot record and, through its extended partition, the chain of further ones; a chain that loops is cut. */
export async function readMbr(reader: RangeReader): Promise<PartitionTable | null> {
  const bytes = await reader.read(0n, Math.max(RECORD, reader.blockSize));
  if (bytes === null || !isMbr(bytes)) return null;
  const block = BigInt(reader.blockSize);
  const blocks = reader.size / block;
  const partitions: PartitionExtent[] = [];
  const problems: string[] = [];
  const logical: DiskStructure[] = [];
  let protective = false;
  for (let index = 0; index < 4; index += 1) {
    const { type, start, count } = entryAt(bytes, index);
    if (type === 0 || count === 0n) continue;
    const label = `Partition ${String(index + 1)}`;
    if (type === PROTECTIVE) {
      protective = true;
      continue;
    }
    const problem = outside(label, start, count, blocks);
    if (problem !== undefined) problems.push(problem);
    if (EXTENDED.has(type)) {
      const chain = await readChain(reader, start, count, 5 + logical.length);
      logical.push(...chain.structures);
      partitions.push(...chain.partitions);
      problems.push(...chain.problems);
    } else
      partitions.push({
        number: index + 1,
        label: MBR_TYPES[type] ?? 'Unknown type',
        offset: start * block,
        length: count * block,
      });
  }
  partitions.sort((a, b) => a.number - b.number);
  const label = protective ? 'Protective MBR' : 'MBR';
  const record = structure(protective ? 'protective-mbr' : 'mbr', label, 0n, RECORD, {
    detail: protective ? 'a GPT follows' : `${String(partitions.length)} partitions`,
    fields: recordFields(bytes),
    problems,
    children: logical,
  });
  return { structures: [record], partitions, problems, protective };
}

async function readChain(
  reader: RangeReader,
  base: bigint,
  span: bigint,
  firstNumber: number,
): Promise<Omit<PartitionTable, 'protective'>> {
  const block = BigInt(reader.blockSize);
  const blocks = reader.size / block;
  const structures: DiskStructure[] = [];
  const partitions: PartitionExtent[] = [];
  const problems: string[] = [];
  const seen = new Set<bigint>();
  let at: bigint | null = base;
  while (at !== null) {
    if (seen.has(at)) {
      problems.push(`The chain of extended boot records comes back to block ${String(at)}.`);
      break;
    }
    if (seen.size >= MOST_LOGICAL) {
      problems.push(
        `The chain of extended boot records is longer than ${String(MOST_LOGICAL)}; the rest was left out.`,
      );
      break;
    }
    seen.add(at);
    const bytes: Uint8Array | null = await reader.read(at * block, Math.max(RECORD, reader.blockSize));
    if (bytes === null || le16(bytes, 510) !== 0xaa55) {
      problems.push(`There is no extended boot record at block ${String(at)}.`);
      break;
    }
    const own = entryAt(bytes, 0);
    const next = entryAt(bytes, 1);
    const number = firstNumber + partitions.length;
    if (own.type !== 0 && own.count > 0n) {
      const start = at + own.start;
      const problem = outside(`Partition ${String(number)}`, start, own.count, blocks);
      if (problem !== undefined) problems.push(problem);
      partitions.push({
        number,
        label: MBR_TYPES[own.type] ?? 'Unknown type',
        offset: start * block,
        length: own.count * block,
      });
    }
    structures.push(
      structure('ebr', 'Extended boot record', at * block, RECORD, {
        detail: own.count > 0n ? `partition ${String(number)}, ${sizeText(own.count * block)}` : 'empty',
        fields: recordFields(bytes),
      }),
    );
    // Only the first link counts from the start of the extended partition, and none may leave it.
    at = EXTENDED.has(next.type) && next.count > 0n ? base + next.start : null;
    if (at !== null && at >= base + span) {
      problems.push(`An extended boot record is said to lie at block ${String(at)}, outside the extended partition.`);
      break;
    }
  }
  return { structures, partitions, problems };
}
