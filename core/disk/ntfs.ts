import { fieldNodes, le, raw, text } from './fields.ts';
import { listOf, tooLarge, words, type Finder } from './finder.ts';
import { readVolume, type Volume } from './source.ts';
import { structure, type DiskStructure } from './structure.ts';
import { hasText, le16, le64, sizeText } from './values.ts';

const SECTOR = 512;

const FIELDS = [
  raw('jump', 'Jump', 0, 3),
  text('name', 'Name', 3, 8),
  le('sectorSize', 'Sector size', 11, 2, { as: 'bytes' }),
  le('sectorsPerCluster', 'Sectors per cluster', 13, 1),
  le('media', 'Media', 21, 1, { as: 'hex' }),
  le('sectorsPerTrack', 'Sectors per track', 24, 2),
  le('heads', 'Heads', 26, 2),
  le('hidden', 'Hidden sectors', 28, 4),
  le('sectors', 'Sectors', 40, 8),
  le('mft', 'Master file table at cluster', 48, 8),
  le('mftMirror', 'Its mirror at cluster', 56, 8),
  le('recordSize', 'File record size', 64, 1, {
    as: 'signed',
    meaning: 'Clusters; a negative number -n stands for 2^n bytes.',
  }),
  le('indexSize', 'Index record size', 68, 1, {
    as: 'signed',
    meaning: 'Clusters; a negative number -n stands for 2^n bytes.',
  }),
  le('serial', 'Volume serial', 72, 8, { as: 'hex' }),
  le('checksum', 'Checksum', 80, 4, { as: 'hex' }),
  le('signature', 'Signature', 510, 2, { as: 'hex' }),
];
const RECORD = [
  text('magic', 'Magic number', 0, 4),
  le('fixupOffset', 'Update sequence at', 4, 2),
  le('fixupCount', 'Update sequence length', 6, 2),
  le('logSequence', 'Log sequence number', 8, 8),
  le('sequence', 'Sequence number', 16, 2),
  le('links', 'Hard links', 18, 2),
  le('attributes', 'First attribute at', 20, 2),
  le('flags', 'Flags', 22, 2, { flags: { 0: 'in use', 1: 'directory' } }),
  le('used', 'Bytes used', 24, 4),
  le('allocated', 'Bytes allocated', 28, 4),
];

async function recordAt(volume: Volume, label: string, at: bigint): Promise<DiskStructure[]> {
  const bytes = await readVolume(volume, at, 48);
  if (bytes === null) return [];
  const sound = hasText(bytes, 0, 'FILE');
  return [
    structure('ntfs-record', label, volume.offset + at, 48, {
      detail: sound ? 'first file record' : 'damaged',
      fields: fieldNodes(bytes, RECORD),
      problems: sound ? [] : ['It does not begin with FILE.'],
    }),
  ];
}

/** The boot sector of NTFS, its copy in the last sector, and the first record of the master file table. */
export const findNtfs: Finder = async (volume) => {
  const bytes = await readVolume(volume, 0, SECTOR);
  if (bytes === null || !hasText(bytes, 3, 'NTFS    ')) return null;
  const sector = le16(bytes, 11);
  const code = bytes[13] ?? 0;
  const perCluster = code > 0x80 ? 2 ** (256 - code) : code;
  const cluster = BigInt(sector * perCluster);
  // The last sector of the volume holds a copy of the boot sector and is not counted.
  const size = (le64(bytes, 40) + 1n) * BigInt(sector);
  const sane = sector >= 256 && sector <= 4096 && perCluster > 0;
  const children: DiskStructure[] = [];
  if (sane) {
    children.push(...(await recordAt(volume, 'Master file table', le64(bytes, 48) * cluster)));
    children.push(...(await recordAt(volume, 'Mirror of the master file table', le64(bytes, 56) * cluster)));
    const copyAt = size - BigInt(sector);
    const copy = await readVolume(volume, copyAt, SECTOR);
    if (copy !== null && hasText(copy, 3, 'NTFS    '))
      children.push(
        structure('ntfs-copy', 'Copy of the boot sector', volume.offset + copyAt, SECTOR, {
          fields: fieldNodes(copy, FIELDS),
        }),
      );
  }
  return structure('ntfs', 'NTFS boot sector', volume.offset, SECTOR, {
    detail: words(sizeText(size), `clusters of ${String(cluster)} bytes`),
    fields: fieldNodes(bytes, FIELDS),
    problems: [
      ...(sane
        ? []
        : [`Sectors of ${String(sector)} bytes, ${String(perCluster)} to a cluster, are beyond what the format has.`]),
      ...listOf(tooLarge(size - BigInt(sector), volume)),
    ],
    children,
  });
};
