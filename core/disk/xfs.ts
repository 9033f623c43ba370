import { crc32c, readU16, readU32, readU64 } from '../bytes/index.ts';
import { checksumProblem, without } from './checksums.ts';
import { be, fieldNodes, le, markField, text, uuid } from './fields.ts';
import { listOf, tooLarge, words, type Finder } from './finder.ts';
import { readVolume } from './source.ts';
import { structure } from './structure.ts';
import { hasText, le32, sizeText, textOf } from './values.ts';

const SHORTEST = 512;
const LARGEST_SECTOR = 32768;

const FIELDS = [
  text('magic', 'Magic number', 0, 4),
  be('blockSize', 'Block size', 4, 4, { as: 'bytes' }),
  be('dataBlocks', 'Data blocks', 8, 8),
  be('realtimeBlocks', 'Realtime blocks', 16, 8),
  be('realtimeExtents', 'Realtime extents', 24, 8),
  uuid('uuid', 'UUID', 32),
  be('logStart', 'First block of the log', 48, 8),
  be('rootInode', 'Root inode', 56, 8),
  be('realtimeBitmap', 'Realtime bitmap inode', 64, 8),
  be('realtimeSummary', 'Realtime summary inode', 72, 8),
  be('extentSize', 'Realtime extent size in blocks', 80, 4),
  be('agBlocks', 'Blocks per allocation group', 84, 4),
  be('agCount', 'Allocation groups', 88, 4),
  be('bitmapBlocks', 'Realtime bitmap blocks', 92, 4),
  be('logBlocks', 'Log blocks', 96, 4),
  be('version', 'Version', 100, 2, {
    as: 'hex',
    meaning: 'The low four bits are the version; the others are features.',
  }),
  be('sectorSize', 'Sector size', 102, 2, { as: 'bytes' }),
  be('inodeSize', 'Inode size', 104, 2, { as: 'bytes' }),
  be('inodesPerBlock', 'Inodes per block', 106, 2),
  text('label', 'Label', 108, 12),
  be('blockLog', 'Block size exponent', 120, 1),
  be('sectorLog', 'Sector size exponent', 121, 1),
  be('inodeLog', 'Inode size exponent', 122, 1),
  be('inProgress', 'Being made', 126, 1, { values: { 0: 'no', 1: 'yes' } }),
  be('inodePercent', 'Most space for inodes, per cent', 127, 1),
  be('inodeCount', 'Inodes', 128, 8),
  be('freeInodes', 'Free inodes', 136, 8),
  be('freeBlocks', 'Free data blocks', 144, 8),
  be('quotaFlags', 'Quota flags', 176, 2, { as: 'hex' }),
  be('stripeUnit', 'Stripe unit in blocks', 184, 4),
  be('stripeWidth', 'Stripe width in blocks', 188, 4),
  be('logSectorSize', 'Log sector size', 194, 2),
  be('features2', 'Further features', 200, 4, { as: 'hex' }),
];
const FIELDS_V5 = [
  be('compat', 'Compatible features', 208, 4, { as: 'hex' }),
  be('roCompat', 'Read-only compatible features', 212, 4, {
    flags: { 0: 'free inode B-tree', 1: 'reverse mapping', 2: 'reference counts', 3: 'inode B-tree counts' },
  }),
  be('incompat', 'Incompatible features', 216, 4, {
    flags: {
      0: 'file types',
      1: 'sparse inodes',
      2: 'metadata UUID',
      3: 'big timestamps',
      4: 'needs repair',
      5: 'large extent counts',
    },
  }),
  be('logIncompat', 'Incompatible log features', 220, 4, { as: 'hex' }),
  le('checksum', 'CRC32C', 224, 4, { as: 'hex' }),
  be('lastSequence', 'Last log sequence number', 240, 8, { as: 'hex' }),
  uuid('metaUuid', 'Metadata UUID', 248),
];

/** The superblock of XFS, in the first sector. */
export const findXfs: Finder = async (volume) => {
  const start = await readVolume(volume, 0, SHORTEST);
  if (start === null || !hasText(start, 0, 'XFSB')) return null;
  const sector = readU16(start, 102);
  const sane = sector >= SHORTEST && sector <= LARGEST_SECTOR && (sector & (sector - 1)) === 0;
  const bytes = (sane ? await readVolume(volume, 0, sector) : null) ?? start;
  const size = BigInt(readU32(bytes, 4)) * readU64(bytes, 8);
  const isV5 = (readU16(bytes, 100) & 0xf) === 5;
  const wrong =
    isV5 && sane ? checksumProblem('superblock', le32(bytes, 224), crc32c(without(bytes, 224, 4))) : undefined;
  const label = textOf(bytes.subarray(108, 120));
  return structure('xfs', 'XFS superblock', volume.offset, SHORTEST, {
    detail: words(label === '' ? '' : `"${label}"`, sizeText(size)),
    fields: markField(fieldNodes(bytes, isV5 ? [...FIELDS, ...FIELDS_V5] : FIELDS), 'checksum', wrong),
    problems: [
      ...(sane ? [] : [`A sector size of ${String(sector)} bytes is beyond what the format has.`]),
      ...listOf(wrong),
      ...listOf(tooLarge(size, volume)),
    ],
  });
};
