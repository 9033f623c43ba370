import { checksumProblem, crc32, without } from './checksums.ts';
import { fieldNodes, guid, le, markField, text, utf16 } from './fields.ts';
import type { PartitionExtent, PartitionTable } from './mbr.ts';
import { GPT_TYPES } from './partition-types.ts';
import type { RangeReader } from './source.ts';
import { structure, type DiskStructure } from './structure.ts';
import { guidText, hasText, isZero, le32, le64, sizeText, textOf } from './values.ts';

const SMALLEST_HEADER = 92;
const SMALLEST_ENTRY = 128;
const LARGEST_ENTRY = 4096;
const MOST_ENTRIES = 1024;
const MOST_TABLE_BYTES = 4 * 1024 * 1024;

const HEADER = [
  text('signature', 'Signature', 0, 8),
  le('revision', 'Revision', 8, 4, { values: { 65536: '1.0' } }),
  le('headerSize', 'Header size', 12, 4, { as: 'bytes' }),
  le('headerCrc', 'Header CRC-32', 16, 4, { as: 'hex', meaning: 'Over the header, this field taken as zero.' }),
  le('reserved', 'Reserved', 20, 4, { as: 'hex' }),
  le('myLba', 'This header lies at', 24, 8),
  le('alternateLba', 'The other header lies at', 32, 8),
  le('firstUsable', 'First block for partitions', 40, 8),
  le('lastUsable', 'Last block for partitions', 48, 8),
  guid('diskGuid', 'Disk GUID', 56),
  le('entriesLba', 'The entries begin at', 72, 8),
  le('entryCount', 'Entries', 80, 4),
  le('entrySize', 'Size of an entry', 84, 4, { as: 'bytes' }),
  le('entriesCrc', 'Entries CRC-32', 88, 4, { as: 'hex', meaning: 'Over all entries, used or not.' }),
];

const ENTRY = [
  guid('type', 'Type', 0, { values: GPT_TYPES }),
  guid('unique', 'Partition GUID', 16),
  le('first', 'First block', 32, 8),
  le('last', 'Last block', 40, 8),
  le('attributes', 'Attributes', 48, 8, {
    flags: {
      0: 'required',
      1: 'no block I/O',
      2: 'legacy BIOS bootable',
      60: 'read-only',
      62: 'hidden',
      63: 'no drive letter',
    },
  }),
  utf16('name', 'Name', 56, 72),
];

interface Copy {
  readonly structures: readonly DiskStructure[];
  readonly partitions: readonly PartitionExtent[];
  readonly alternate: bigint;
  readonly identity: string;
  readonly sound: boolean;
}

interface Header {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly my: bigint;
  readonly entriesLba: bigint;
  readonly count: number;
  readonly entrySize: number;
  readonly entriesCrc: number;
}

function headerProblems(header: Header, lba: bigint, blocks: bigint): { crc: string | undefined; other: string[] } {
  const { bytes, size, my, entriesLba, count, entrySize } = header;
  const other: string[] = [];
  if (size < SMALLEST_HEADER || size > bytes.length)
    other.push(`The header says it has ${String(size)} bytes; a block has ${String(bytes.length)}.`);
  const crc =
    other.length > 0
      ? undefined
      : checksumProblem('header', le32(bytes, 16), crc32(without(bytes.subarray(0, size), 16, 4)));
  if (my !== lba) other.push(`The header at block ${String(lba)} says it lies at block ${String(my)}.`);
  if (entrySize < SMALLEST_ENTRY || entrySize > LARGEST_ENTRY || entrySize % 8 !== 0)
    other.push(`Entries of ${String(entrySize)} bytes cannot be read.`);
  if (count * entrySize > MOST_TABLE_BYTES)
    other.push(`A table of ${String(count)} entries is larger than what is read; its checksum was not computed.`);
  if (entriesLba >= blocks) other.push(`The entries are said to begin at block ${String(entriesLba)}, past the end.`);
  return { crc, other };
}

/** Reads one copy of the table: a header, its entries, both checksums. */
async function readCopy(reader: RangeReader, lba: bigint, which: 'primary' | 'backup'): Promise<Copy | null> {
  const block = BigInt(reader.blockSize);
  const blocks = reader.size / block;
  const bytes = await reader.read(lba * block, reader.blockSize);
  if (bytes === null || !hasText(bytes, 0, 'EFI PART')) return null;
  const header: Header = {
    bytes,
    size: le32(bytes, 12),
    my: le64(bytes, 24),
    entriesLba: le64(bytes, 72),
    count: le32(bytes, 80),
    entrySize: le32(bytes, 84),
    entriesCrc: le32(bytes, 88),
  };
  const { crc, other } = headerProblems(header, lba, blocks);
  const table = other.length === 0 || crc !== undefined ? await readEntries(reader, header, which) : null;
  const problems = [...(crc === undefined ? [] : [crc]), ...other, ...(table?.headerProblems ?? [])];
  let fields = fieldNodes(bytes, HEADER);
  fields = markField(fields, 'headerCrc', crc);
  fields = markField(fields, 'entriesCrc', table?.headerProblems[0]);
  const sound = problems.length === 0 && table !== null;
  const own = structure(
    `gpt-header`,
    `GPT header (${which})`,
    lba * block,
    Math.min(Math.max(header.size, SMALLEST_HEADER), bytes.length),
    {
      detail: sound ? 'both checksums correct' : 'damaged',
      fields,
      problems,
    },
  );
  return {
    structures: [own, ...(table === null ? [] : [table.structure])],
    partitions: table?.partitions ?? [],
    alternate: le64(bytes, 32),
    identity: `${guidText(bytes.subarray(56))} ${String(header.count)} ${String(header.entriesCrc)}`,
    sound,
  };
}

async function readEntries(
  reader: RangeReader,
  header: Header,
  which: string,
): Promise<{ structure: DiskStructure; partitions: PartitionExtent[]; headerProblems: string[] } | null> {
  const { count, entrySize, entriesLba } = header;
  const length = count * entrySize;
  if (entrySize < SMALLEST_ENTRY || entrySize > LARGEST_ENTRY || length === 0 || length > MOST_TABLE_BYTES) return null;
  const block = BigInt(reader.blockSize);
  const at = entriesLba * block;
  const bytes = await reader.read(at, length);
  if (bytes === null) return null;
  const crc = checksumProblem('entries', header.entriesCrc, crc32(bytes));
  const entries: DiskStructure[] = [];
  const partitions: PartitionExtent[] = [];
  const problems: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const entry = bytes.subarray(index * entrySize, (index + 1) * entrySize);
    if (isZero(entry.subarray(0, 16))) continue;
    if (entries.length >= MOST_ENTRIES) {
      problems.push(`Only the first ${String(MOST_ENTRIES)} used entries are shown.`);
      break;
    }
    const first = le64(entry, 32);
    const last = le64(entry, 40);
    const wrong: string[] = [];
    if (last < first) wrong.push(`It ends at block ${String(last)}, before it begins at ${String(first)}.`);
    if ((last + 1n) * block > reader.size) wrong.push(`It ends at block ${String(last)}, past the end of the disk.`);
    const name = textOf(entry.subarray(56, 128), 'utf-16le');
    const type = GPT_TYPES[guidText(entry)] ?? 'Unknown type';
    entries.push(
      structure('gpt-entry', `Entry ${String(index + 1)}`, at + BigInt(index * entrySize), entrySize, {
        detail: [name, type].filter((part) => part !== '').join(', '),
        fields: fieldNodes(entry, ENTRY),
        problems: wrong,
      }),
    );
    if (wrong.length === 0)
      partitions.push({
        number: index + 1,
        label: name === '' ? type : `${name}, ${type}`,
        offset: first * block,
        length: (last - first + 1n) * block,
      });
  }
  const table = structure('gpt-entries', `GPT entries (${which})`, at, length, {
    detail: `${String(entries.length)} of ${String(count)} used, ${sizeText(BigInt(length))}`,
    problems: [...(crc === undefined ? [] : [crc]), ...problems],
    children: entries,
  });
  return { structure: table, partitions, headerProblems: crc === undefined ? [] : [crc] };
}

/** Reads both copies of a GPT (UEFI 5.3); partitions come from the first sound one. */
export async function readGpt(reader: RangeReader): Promise<PartitionTable | null> {
  const block = BigInt(reader.blockSize);
  const last = reader.size / block - 1n;
  if (last < 2n) return null;
  const primary = await readCopy(reader, 1n, 'primary');
  const named = primary?.alternate ?? last;
  const wanted = named > 1n && named <= last ? named : last;
  const backup =
    (await readCopy(reader, wanted, 'backup')) ?? (wanted === last ? null : await readCopy(reader, last, 'backup'));
  if (primary === null && backup === null) return null;
  const problems: string[] = [];
  if (primary === null) problems.push('The primary GPT header is missing; the backup was used.');
  if (backup === null) problems.push(`There is no backup GPT header at block ${String(wanted)}.`);
  if (primary !== null && backup !== null && primary.sound && backup.sound && primary.identity !== backup.identity)
    problems.push('The primary and the backup GPT differ.');
  if (primary !== null && wanted !== last)
    problems.push(
      `The backup GPT lies at block ${String(wanted)}, not in the last block ${String(last)}; the disk has grown or been cut.`,
    );
  const chosen = [primary, backup].find((copy) => copy?.sound === true) ?? primary ?? backup;
  return {
    structures: [...(primary?.structures ?? []), ...(backup?.structures ?? [])],
    partitions: chosen?.partitions ?? [],
    problems,
    protective: false,
  };
}
