import { checksumProblem } from './checksums.ts';
import { fieldNodes, le, markField, raw, text, uuid, type DiskField } from './fields.ts';
import { listOf, words, type Finder } from './finder.ts';
import { readVolume, type Volume } from './source.ts';
import { structure, type DiskStructure } from './structure.ts';
import { le16, le32, le64, sizeText, textOf } from './values.ts';

const MAGIC = 0xa92b4efc;
const SECTOR = 512n;
const LEVELS = {
  0: 'RAID 0',
  1: 'RAID 1',
  4: 'RAID 4',
  5: 'RAID 5',
  6: 'RAID 6',
  10: 'RAID 10',
  4294967295: 'linear',
  4294967292: 'multipath',
};
const MOST_ROLES = 1920;

const FIELDS: readonly DiskField[] = [
  le('magic', 'Magic number', 0, 4, { as: 'hex' }),
  le('major', 'Major version', 4, 4),
  le('features', 'Features', 8, 4, {
    flags: {
      0: 'bitmap',
      1: 'recovery offset',
      2: 'reshaping',
      3: 'bad blocks',
      4: 'replacement',
      5: 'reshaping backwards',
      8: 'clustered',
      9: 'journal',
      10: 'PPL',
    },
  }),
  uuid('set', 'Array UUID', 16),
  text('name', 'Array name', 32, 32),
  le('created', 'Created', 64, 5, { as: 'time' }),
  le('level', 'Level', 72, 4, { values: LEVELS }),
  le('layout', 'Layout', 76, 4),
  le('size', 'Used of each device', 80, 8, { as: 'sectors' }),
  le('chunk', 'Chunk', 88, 4, { as: 'sectors' }),
  le('disks', 'Devices in the array', 92, 4),
  le('bitmap', 'Bitmap, sectors from here', 96, 4, { as: 'signed' }),
  le('dataOffset', 'Data begins at sector', 128, 8),
  le('dataSize', 'Sectors of data', 136, 8),
  le('superOffset', 'This superblock at sector', 144, 8),
  le('recovery', 'Recovered up to sector', 152, 8),
  le('device', 'Number of this device', 160, 4),
  le('corrected', 'Read errors corrected', 164, 4),
  uuid('deviceUuid', 'Device UUID', 168),
  le('updated', 'Updated', 192, 5, { as: 'time' }),
  le('events', 'Events', 200, 8),
  le('resync', 'Synchronised up to sector', 208, 8, { as: 'hex' }),
  le('checksum', 'Checksum', 216, 4, { as: 'hex' }),
  le('roles', 'Roles that follow', 220, 4),
];
const FIELDS_090: readonly DiskField[] = [
  le('magic', 'Magic number', 0, 4, { as: 'hex' }),
  le('major', 'Major version', 4, 4),
  le('minor', 'Minor version', 8, 4),
  le('patch', 'Patch version', 12, 4),
  le('set0', 'Array UUID, first word', 20, 4, { as: 'hex' }),
  le('created', 'Created', 24, 4, { as: 'time' }),
  le('level', 'Level', 28, 4, { values: LEVELS }),
  le('size', 'Used of each device in KiB', 32, 4),
  le('devices', 'Devices known', 36, 4),
  le('disks', 'Devices in the array', 40, 4),
  le('number', 'Number of the array', 44, 4),
  raw('set123', 'Array UUID, further words', 52, 12),
  le('updated', 'Updated', 128, 4, { as: 'time' }),
  le('state', 'State', 132, 4, { flags: { 0: 'clean', 1: 'errors', 8: 'bitmap' } }),
  le('active', 'Active devices', 136, 4),
  le('working', 'Working devices', 140, 4),
  le('failed', 'Failed devices', 144, 4),
  le('spare', 'Spare devices', 148, 4),
  le('checksum', 'Checksum', 152, 4, { as: 'hex' }),
  le('events', 'Events', 156, 8),
  le('layout', 'Layout', 256, 4),
  le('chunk', 'Chunk', 260, 4, { as: 'bytes' }),
  raw('thisDevice', 'This device', 3968, 20),
];

/** The sum of 32-bit words with the carry folded in once, the checksum's own word taken as zero. */
function sumOf(bytes: Uint8Array, own: number): number {
  let sum = 0n;
  for (let at = 0; at < bytes.length; at += 4) {
    if (at === own) continue;
    sum += BigInt(at + 4 <= bytes.length ? le32(bytes, at) : le16(bytes, at));
  }
  return Number(((sum & 0xffffffffn) + (sum >> 32n)) & 0xffffffffn);
}

async function version1(volume: Volume, minor: number, at: bigint): Promise<DiskStructure | null> {
  const head = await readVolume(volume, at, 256);
  if (head === null || le32(head, 0) !== MAGIC || le32(head, 4) !== 1) return null;
  if (le64(head, 144) * SECTOR !== at) return null;
  const roles = le32(head, 220);
  const bytes = roles > MOST_ROLES ? null : await readVolume(volume, at, 256 + roles * 2);
  const wrong =
    bytes === null
      ? `It says that ${String(roles)} roles follow.`
      : checksumProblem('superblock', le32(head, 216), sumOf(bytes, 216));
  const level = (LEVELS as Readonly<Record<number, string>>)[le32(head, 72)] ?? 'unknown level';
  const name = textOf(head.subarray(32, 64));
  const [dataAt, dataSectors] = [le64(head, 128), le64(head, 136)];
  const outside = (dataAt + dataSectors) * SECTOR > volume.length;
  return structure(
    'mdraid',
    `Linux RAID superblock 1.${String(minor)}`,
    volume.offset + at,
    256 + (bytes === null ? 0 : roles * 2),
    {
      detail: words(`"${name}"`, level, `${String(le32(head, 92))} devices`),
      fields: markField(fieldNodes(head, FIELDS), 'checksum', wrong),
      problems: [...listOf(wrong), ...(outside ? ['Its data is said to reach past the end of the device.'] : [])],
      children: outside
        ? []
        : [
            structure('mdraid-data', 'Data of the array', volume.offset + dataAt * SECTOR, dataSectors * SECTOR, {
              detail: sizeText(dataSectors * SECTOR),
            }),
          ],
    },
  );
}

async function version090(volume: Volume): Promise<DiskStructure | null> {
  const at = (volume.length & ~0xffffn) - 0x10000n;
  const bytes = await readVolume(volume, at, 4096);
  if (bytes === null || le32(bytes, 0) !== MAGIC || le32(bytes, 4) !== 0 || le32(bytes, 8) !== 90) return null;
  const wrong = checksumProblem('superblock', le32(bytes, 152), sumOf(bytes, 152));
  const level = (LEVELS as Readonly<Record<number, string>>)[le32(bytes, 28)] ?? 'unknown level';
  return structure('mdraid', 'Linux RAID superblock 0.90', volume.offset + at, 4096, {
    detail: words(level, `${String(le32(bytes, 40))} devices`),
    fields: markField(fieldNodes(bytes, FIELDS_090), 'checksum', wrong),
    problems: listOf(wrong),
  });
}

/** The superblock of a Linux software RAID, versions 0.90, 1.0, 1.1 and 1.2, each at its own place. */
export const findMdraid: Finder = async (volume) => {
  const sectors = volume.length / SECTOR;
  return (
    (await version1(volume, 1, 0n)) ??
    (await version1(volume, 2, 4096n)) ??
    (sectors > 16n ? await version1(volume, 0, ((sectors - 16n) & ~7n) * SECTOR) : null) ??
    (await version090(volume))
  );
};
