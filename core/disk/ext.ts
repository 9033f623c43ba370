import { crc32c } from '../bytes/index.ts';
import { checksumProblem } from './checksums.ts';
import { fieldNodes, le, markField, raw, text, uuid } from './fields.ts';
import { listOf, tooLarge, words, type Finder } from './finder.ts';
import { readVolume } from './source.ts';
import { structure } from './structure.ts';
import { le16, le32, sizeText, textOf } from './values.ts';

const AT = 1024;
const SIZE = 1024;
const HAS_JOURNAL = 0x4;
const JOURNAL_DEVICE = 0x8;
const INCOMPAT_64BIT = 0x80;
const METADATA_CHECKSUM = 0x400;
/** What ext3 knows: file types, recovery, meta block groups; sparse superblocks, large files, B-tree directories. */
const EXT3_INCOMPAT = 0x2 | 0x4 | 0x10;
const EXT3_RO_COMPAT = 0x1 | 0x2 | 0x4;

const COMPAT = {
  0: 'dir_prealloc',
  1: 'imagic_inodes',
  2: 'has_journal',
  3: 'ext_attr',
  4: 'resize_inode',
  5: 'dir_index',
  9: 'sparse_super2',
  10: 'fast_commit',
  11: 'stable_inodes',
  12: 'orphan_file',
};
const INCOMPAT = {
  0: 'compression',
  1: 'filetype',
  2: 'needs_recovery',
  3: 'journal_dev',
  4: 'meta_bg',
  6: 'extent',
  7: '64bit',
  8: 'mmp',
  9: 'flex_bg',
  10: 'ea_inode',
  12: 'dirdata',
  13: 'metadata_csum_seed',
  14: 'large_dir',
  15: 'inline_data',
  16: 'encrypt',
  17: 'casefold',
};
const RO_COMPAT = {
  0: 'sparse_super',
  1: 'large_file',
  2: 'btree_dir',
  3: 'huge_file',
  4: 'uninit_bg',
  5: 'dir_nlink',
  6: 'extra_isize',
  8: 'quota',
  9: 'bigalloc',
  10: 'metadata_csum',
  11: 'replica',
  12: 'read-only',
  13: 'project',
  15: 'verity',
  16: 'orphan_present',
};

const FIELDS = [
  le('inodes', 'Inodes', 0, 4),
  le('blocksLow', 'Blocks (low half)', 4, 4),
  le('reservedLow', 'Reserved blocks (low half)', 8, 4),
  le('freeLow', 'Free blocks (low half)', 12, 4),
  le('freeInodes', 'Free inodes', 16, 4),
  le('firstBlock', 'First data block', 20, 4),
  le('logBlockSize', 'Block size', 24, 4, {
    values: { 0: '1024 bytes', 1: '2048 bytes', 2: '4096 bytes', 6: '65536 bytes' },
  }),
  le('logClusterSize', 'Cluster size exponent', 28, 4),
  le('blocksPerGroup', 'Blocks per group', 32, 4),
  le('clustersPerGroup', 'Clusters per group', 36, 4),
  le('inodesPerGroup', 'Inodes per group', 40, 4),
  le('mounted', 'Last mounted', 44, 4, { as: 'time' }),
  le('written', 'Last written', 48, 4, { as: 'time' }),
  le('mounts', 'Mounts since the last check', 52, 2),
  le('maxMounts', 'Mounts before a check', 54, 2, { as: 'signed' }),
  le('magic', 'Magic number', 56, 2, { as: 'hex' }),
  le('state', 'State', 58, 2, { flags: { 0: 'clean', 1: 'has errors', 2: 'orphans being recovered' } }),
  le('onError', 'On errors', 60, 2, { values: { 1: 'continue', 2: 'go read-only', 3: 'panic' } }),
  le('minorRevision', 'Minor revision', 62, 2),
  le('checked', 'Last checked', 64, 4, { as: 'time' }),
  le('checkInterval', 'Check interval in seconds', 68, 4),
  le('creator', 'Creator', 72, 4, { values: { 0: 'Linux', 1: 'Hurd', 2: 'Masix', 3: 'FreeBSD', 4: 'Lites' } }),
  le('revision', 'Revision', 76, 4),
  le('reservedUser', 'User of reserved blocks', 80, 2),
  le('reservedGroup', 'Group of reserved blocks', 82, 2),
  le('firstInode', 'First inode for files', 84, 4),
  le('inodeSize', 'Inode size', 88, 2, { as: 'bytes' }),
  le('blockGroup', 'Block group of this superblock', 90, 2),
  le('compat', 'Compatible features', 92, 4, { flags: COMPAT }),
  le('incompat', 'Incompatible features', 96, 4, { flags: INCOMPAT }),
  le('roCompat', 'Read-only compatible features', 100, 4, { flags: RO_COMPAT }),
  uuid('uuid', 'UUID', 104),
  text('label', 'Volume name', 120, 16),
  text('mountPoint', 'Last mounted on', 136, 64),
  le('reservedGdt', 'Reserved group descriptor blocks', 206, 2),
  uuid('journalUuid', 'Journal UUID', 208),
  le('journalInode', 'Journal inode', 224, 4),
  le('journalDevice', 'Journal device', 228, 4, { as: 'hex' }),
  le('orphan', 'First orphan inode', 232, 4),
  raw('hashSeed', 'Directory hash seed', 236, 16),
  le('hashVersion', 'Directory hash', 252, 1, { values: { 0: 'legacy', 1: 'half MD4', 2: 'TEA', 6: 'SipHash' } }),
  le('descriptorSize', 'Group descriptor size', 254, 2, { as: 'bytes' }),
  le('created', 'Created', 264, 4, { as: 'time' }),
  le('blocksHigh', 'Blocks (high half)', 336, 4),
  le('freeHigh', 'Free blocks (high half)', 344, 4),
  le('logGroupsPerFlex', 'Groups per flexible group, exponent', 372, 1),
  le('checksumType', 'Checksum', 373, 1, { values: { 1: 'CRC32C' } }),
  le('kbytesWritten', 'KiB written in its life', 376, 8),
  le('checksum', 'Superblock checksum', 1020, 4, { as: 'hex' }),
];

/** The superblock of ext2, ext3 and ext4. */
export const findExt: Finder = async (volume) => {
  const bytes = await readVolume(volume, AT, SIZE);
  if (bytes === null || le16(bytes, 56) !== 0xef53) return null;
  const [compat, incompat, roCompat] = [le32(bytes, 92), le32(bytes, 96), le32(bytes, 100)];
  const beyondExt3 = (incompat & ~EXT3_INCOMPAT) !== 0 || (roCompat & ~EXT3_RO_COMPAT) !== 0;
  const kind =
    (incompat & JOURNAL_DEVICE) !== 0 ? 'jbd' : beyondExt3 ? 'ext4' : (compat & HAS_JOURNAL) !== 0 ? 'ext3' : 'ext2';
  const exponent = le32(bytes, 24);
  const problems: string[] = [];
  const high = (incompat & INCOMPAT_64BIT) === 0 ? 0n : BigInt(le32(bytes, 336)) << 32n;
  const blocks = high | BigInt(le32(bytes, 4));
  const size = exponent > 6 ? undefined : blocks << BigInt(10 + exponent);
  if (size === undefined) problems.push(`A block size exponent of ${String(exponent)} is beyond what the format has.`);
  else problems.push(...listOf(tooLarge(size, volume)));
  // The format keeps the sum without its last inversion.
  const wrong =
    (roCompat & METADATA_CHECKSUM) === 0
      ? undefined
      : checksumProblem('superblock', le32(bytes, 1020), ~crc32c(bytes.subarray(0, 1020)) >>> 0);
  problems.push(...listOf(wrong));
  const label = textOf(bytes.subarray(120, 136));
  return structure(kind, `${kind === 'jbd' ? 'ext journal' : kind} superblock`, volume.offset + BigInt(AT), SIZE, {
    detail: words(label === '' ? '' : `"${label}"`, size === undefined ? '' : sizeText(size)),
    fields: markField(fieldNodes(bytes, FIELDS), 'checksum', wrong),
    problems,
  });
};
