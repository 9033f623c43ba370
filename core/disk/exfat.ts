import { checksumProblem } from './checksums.ts';
import { fieldNodes, le, raw, text } from './fields.ts';
import { listOf, tooLarge, words, type Finder } from './finder.ts';
import { readVolume } from './source.ts';
import { structure } from './structure.ts';
import { hasText, le32, le64, sizeText } from './values.ts';

const SECTOR = 512;
const CHECKED_SECTORS = 11;
/** Flags and use in per cent change without a new checksum. */
const UNCHECKED = new Set([106, 107, 112]);

const FIELDS = [
  raw('jump', 'Jump', 0, 3),
  text('name', 'Name', 3, 8),
  le('partitionOffset', 'Sectors before the partition', 64, 8),
  le('sectors', 'Sectors', 72, 8),
  le('fatOffset', 'Allocation table at sector', 80, 4),
  le('fatLength', 'Sectors of the allocation table', 84, 4),
  le('heapOffset', 'Clusters begin at sector', 88, 4),
  le('clusters', 'Clusters', 92, 4),
  le('rootCluster', 'Root directory cluster', 96, 4),
  le('serial', 'Volume serial', 100, 4, { as: 'hex' }),
  le('revision', 'Revision', 104, 2, { values: { 256: '1.00' } }),
  le('flags', 'Flags', 106, 2, {
    flags: { 0: 'second table active', 1: 'dirty', 2: 'media failure', 3: 'clear to zero' },
  }),
  le('sectorShift', 'Sector size exponent', 108, 1),
  le('clusterShift', 'Sectors per cluster, exponent', 109, 1),
  le('fats', 'Allocation tables', 110, 1),
  le('drive', 'Drive number', 111, 1, { as: 'hex' }),
  le('percent', 'In use, per cent', 112, 1),
  le('signature', 'Signature', 510, 2, { as: 'hex' }),
];

/** The checksum of a boot region (exFAT specification 3.4). */
function bootChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    if (UNCHECKED.has(i)) continue;
    sum = (((sum & 1) === 0 ? 0 : 0x80000000) + (sum >>> 1) + (bytes[i] ?? 0)) >>> 0;
  }
  return sum;
}

/** The boot sector of exFAT, and the checksum of its boot region. */
export const findExfat: Finder = async (volume) => {
  const bytes = await readVolume(volume, 0, SECTOR);
  if (bytes === null || !hasText(bytes, 3, 'EXFAT   ')) return null;
  const shift = bytes[108] ?? 0;
  const sane = shift >= 9 && shift <= 12;
  const sector = sane ? 2 ** shift : SECTOR;
  const region = sane ? await readVolume(volume, 0, sector * (CHECKED_SECTORS + 1)) : null;
  const wrong =
    region === null
      ? undefined
      : checksumProblem(
          'boot region',
          le32(region, sector * CHECKED_SECTORS),
          bootChecksum(region.subarray(0, sector * CHECKED_SECTORS)),
        );
  const size = le64(bytes, 72) * BigInt(sector);
  return structure('exfat', 'exFAT boot sector', volume.offset, SECTOR, {
    detail: words(sizeText(size), wrong === undefined ? 'checksum correct' : 'damaged'),
    fields: fieldNodes(bytes, FIELDS),
    problems: [
      ...(sane ? [] : [`A sector size exponent of ${String(shift)} is beyond what the format has.`]),
      ...listOf(wrong),
      ...listOf(tooLarge(size, volume)),
    ],
    children: sane
      ? [
          structure(
            'exfat-table',
            'Allocation table',
            volume.offset + BigInt(le32(bytes, 80)) * BigInt(sector),
            BigInt(le32(bytes, 84)) * BigInt(sector),
          ),
          structure('exfat-checksum', 'Boot region checksum', volume.offset + BigInt(sector * CHECKED_SECTORS), sector),
        ]
      : [],
  });
};
