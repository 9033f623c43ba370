import { crc32c } from '../bytes/index.ts';
import { checksumProblem } from './checksums.ts';
import { fieldNodes, le, markField, raw, text, uuid } from './fields.ts';
import { listOf, words, type Finder } from './finder.ts';
import { readVolume } from './source.ts';
import { structure } from './structure.ts';
import { hasText, le16, le32, le64, sizeText, textOf } from './values.ts';

const AT = 65536;
const SIZE = 4096;
const SHOWN = 571;
const CRC32C = 0;

const FIELDS = [
  raw('checksum', 'Checksum', 0, 32),
  uuid('uuid', 'Filesystem UUID', 32),
  le('address', 'Address of this block', 48, 8),
  le('flags', 'Flags', 56, 8, { as: 'hex' }),
  text('magic', 'Magic number', 64, 8),
  le('generation', 'Generation', 72, 8),
  le('root', 'Root tree at', 80, 8),
  le('chunkRoot', 'Chunk tree at', 88, 8),
  le('logRoot', 'Log tree at', 96, 8),
  le('totalBytes', 'Bytes in all', 112, 8),
  le('usedBytes', 'Bytes used', 120, 8),
  le('rootDirectory', 'Root directory object', 128, 8),
  le('devices', 'Devices', 136, 8),
  le('sectorSize', 'Sector size', 144, 4, { as: 'bytes' }),
  le('nodeSize', 'Node size', 148, 4, { as: 'bytes' }),
  le('leafSize', 'Leaf size', 152, 4, { as: 'bytes' }),
  le('stripeSize', 'Stripe size', 156, 4, { as: 'bytes' }),
  le('systemChunks', 'Length of the system chunk array', 160, 4, { as: 'bytes' }),
  le('chunkGeneration', 'Generation of the chunk tree', 164, 8),
  le('compat', 'Compatible features', 172, 8, { as: 'hex' }),
  le('roCompat', 'Read-only compatible features', 180, 8, {
    flags: { 0: 'free space tree', 1: 'free space tree valid', 2: 'verity', 3: 'block group tree' },
  }),
  le('incompat', 'Incompatible features', 188, 8, {
    flags: {
      0: 'mixed back references',
      1: 'default subvolume',
      2: 'mixed groups',
      3: 'LZO',
      4: 'Zstandard',
      5: 'big metadata',
      6: 'extended inode references',
      7: 'RAID 5/6',
      8: 'skinny metadata',
      9: 'no holes',
      10: 'metadata UUID',
      11: 'RAID 1 over 3 or 4',
      12: 'zoned',
    },
  }),
  le('checksumType', 'Checksum kind', 196, 2, { values: { 0: 'CRC32C', 1: 'xxHash64', 2: 'SHA-256', 3: 'BLAKE2b' } }),
  le('rootLevel', 'Level of the root tree', 198, 1),
  le('deviceId', 'This device: number', 201, 8),
  le('deviceBytes', 'This device: bytes', 209, 8),
  le('deviceUsed', 'This device: bytes used', 217, 8),
  uuid('deviceUuid', 'This device: UUID', 267),
  text('label', 'Label', 299, 256),
  le('cacheGeneration', 'Cache generation', 555, 8),
  le('uuidTreeGeneration', 'Generation of the UUID tree', 563, 8),
];

/** The first superblock of Btrfs, at 64 KiB. */
export const findBtrfs: Finder = async (volume) => {
  const bytes = await readVolume(volume, AT, SIZE);
  if (bytes === null || !hasText(bytes, 64, '_BHRfS_M')) return null;
  const wrong =
    le16(bytes, 196) === CRC32C ? checksumProblem('superblock', le32(bytes, 0), crc32c(bytes.subarray(32))) : undefined;
  const label = textOf(bytes.subarray(299, 555));
  const devices = le64(bytes, 136);
  const own = le64(bytes, 209);
  return structure('btrfs', 'Btrfs superblock', volume.offset + BigInt(AT), SHOWN, {
    detail: words(
      label === '' ? '' : `"${label}"`,
      sizeText(le64(bytes, 112)),
      devices > 1n ? `${String(devices)} devices` : '',
    ),
    fields: markField(fieldNodes(bytes, FIELDS), 'checksum', wrong),
    problems: [
      ...listOf(wrong),
      ...(own > volume.length
        ? [`It says this device has ${String(own)} bytes; it has ${String(volume.length)}.`]
        : []),
    ],
  });
};
