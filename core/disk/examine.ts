import { findBtrfs } from './btrfs.ts';
import { findExfat } from './exfat.ts';
import { findExt } from './ext.ts';
import { findFat } from './fat.ts';
import type { Finder } from './finder.ts';
import { readGpt } from './gpt.ts';
import { findIso9660 } from './iso9660.ts';
import { findLuks } from './luks.ts';
import { findLvm } from './lvm.ts';
import { readMbr, type PartitionExtent } from './mbr.ts';
import { findMdraid } from './mdraid.ts';
import { findNtfs } from './ntfs.ts';
import { findVmfs, findZfs } from './signatures.ts';
import { RangeReader, type BlockSource, type Volume } from './source.ts';
import { structure, type DiskStructure } from './structure.ts';
import { findSwap } from './swap.ts';
import { sizeText } from './values.ts';
import { findXfs } from './xfs.ts';

const FINDERS: readonly Finder[] = [
  findLuks,
  findLvm,
  findMdraid,
  findFat,
  findExfat,
  findNtfs,
  findExt,
  findXfs,
  findBtrfs,
  findIso9660,
  findSwap,
  findZfs,
  findVmfs,
];
const MOST_PARTITIONS = 256;

/** What a disk holds, as far as its first and last bytes and its tables tell. */
export interface DiskMap {
  readonly structures: readonly DiskStructure[];
  /** What is wrong with the disk as a whole, and what could not be read. */
  readonly problems: readonly string[];
}

async function examineVolume(volume: Volume): Promise<DiskStructure[]> {
  const found: DiskStructure[] = [];
  for (const find of FINDERS) {
    const one = await find(volume);
    if (one !== null) found.push(one);
  }
  return found;
}

/** Reads partition tables and superblocks; whatever the bytes say, it ends, and only a cancelled read makes it throw. */
export async function examineDisk(source: BlockSource, signal?: AbortSignal): Promise<DiskMap> {
  const reader = new RangeReader(source, signal);
  const whole = await examineVolume({ reader, offset: 0n, length: reader.size });
  // A boot sector of FAT ends like an MBR does, and its code may look like a table.
  const isFat = whole.some(({ kind }) => kind.startsWith('fat'));
  const mbr = isFat ? null : await readMbr(reader);
  const gpt = await readGpt(reader);
  const problems = [...(gpt?.problems ?? [])];
  if (mbr?.protective === true && gpt === null) problems.push('The protective MBR announces a GPT, but there is none.');
  const named = [...(gpt?.partitions ?? []), ...(gpt === null ? (mbr?.partitions ?? []) : [])];
  if (named.length > MOST_PARTITIONS)
    problems.push(`Only the first ${String(MOST_PARTITIONS)} partitions were looked into.`);
  const partitions: DiskStructure[] = [];
  for (const partition of named.slice(0, MOST_PARTITIONS)) partitions.push(await examinePartition(reader, partition));
  problems.push(...overlaps(named));
  return {
    structures: [...(mbr?.structures ?? []), ...(gpt?.structures ?? []), ...partitions, ...whole],
    problems: [...problems, ...reader.remarks],
  };
}

async function examinePartition(reader: RangeReader, partition: PartitionExtent): Promise<DiskStructure> {
  const { number, label, offset, length } = partition;
  const within = offset + length <= reader.size;
  const children = within ? await examineVolume({ reader, offset, length }) : [];
  return structure('partition', `Partition ${String(number)}`, offset, length, {
    detail: `${label}, ${sizeText(length)}`,
    problems: within ? [] : ['It reaches past the end of the disk.'],
    children,
  });
}

function overlaps(partitions: readonly PartitionExtent[]): string[] {
  const sorted = [...partitions].sort((a, b) => (a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0));
  const problems: string[] = [];
  const endOf = ({ offset, length }: PartitionExtent): bigint => offset + length;
  let furthest: PartitionExtent | undefined;
  for (const partition of sorted) {
    if (furthest !== undefined && endOf(furthest) > partition.offset)
      problems.push(`Partitions ${String(furthest.number)} and ${String(partition.number)} overlap.`);
    if (furthest === undefined || endOf(partition) > endOf(furthest)) furthest = partition;
  }
  return problems;
}
