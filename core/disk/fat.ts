import { fieldNodes, le, raw, text, type DiskField } from './fields.ts';
import { listOf, tooLarge, words, type Finder } from './finder.ts';
import { readVolume, type Volume } from './source.ts';
import { structure, type DiskStructure } from './structure.ts';
import { le16, le32, sizeText, textOf } from './values.ts';

const SECTOR = 512;
const FAT12_CLUSTERS = 4085;
const FAT16_CLUSTERS = 65525;

const BPB: readonly DiskField[] = [
  raw('jump', 'Jump', 0, 3),
  text('oem', 'Made by', 3, 8),
  le('sectorSize', 'Sector size', 11, 2, { as: 'bytes' }),
  le('sectorsPerCluster', 'Sectors per cluster', 13, 1),
  le('reserved', 'Reserved sectors', 14, 2),
  le('fats', 'Allocation tables', 16, 1),
  le('rootEntries', 'Root directory entries', 17, 2),
  le('sectors16', 'Sectors (16 bits)', 19, 2),
  le('media', 'Media', 21, 1, { as: 'hex' }),
  le('fatSize16', 'Sectors per table (16 bits)', 22, 2),
  le('sectorsPerTrack', 'Sectors per track', 24, 2),
  le('heads', 'Heads', 26, 2),
  le('hidden', 'Hidden sectors', 28, 4),
  le('sectors32', 'Sectors (32 bits)', 32, 4),
];
const OLD: readonly DiskField[] = [
  le('drive', 'Drive number', 36, 1, { as: 'hex' }),
  le('extended', 'Extended signature', 38, 1, { as: 'hex' }),
  le('serial', 'Volume serial', 39, 4, { as: 'hex' }),
  text('label', 'Volume label', 43, 11),
  text('type', 'Type text', 54, 8),
];
const NEW: readonly DiskField[] = [
  le('fatSize32', 'Sectors per table', 36, 4),
  le('mirroring', 'Table flags', 40, 2, { as: 'hex' }),
  le('version', 'Version', 42, 2),
  le('rootCluster', 'Root directory cluster', 44, 4),
  le('infoSector', 'Information sector', 48, 2),
  le('backupSector', 'Backup boot sector', 50, 2),
  le('drive', 'Drive number', 64, 1, { as: 'hex' }),
  le('extended', 'Extended signature', 66, 1, { as: 'hex' }),
  le('serial', 'Volume serial', 67, 4, { as: 'hex' }),
  text('label', 'Volume label', 71, 11),
  text('type', 'Type text', 82, 8),
];
const SIGNATURE = le('signature', 'Signature', 510, 2, { as: 'hex' });
const INFO: readonly DiskField[] = [
  text('lead', 'First signature', 0, 4),
  text('structure', 'Second signature', 484, 4),
  le('free', 'Free clusters', 488, 4),
  le('next', 'Next free cluster', 492, 4),
  le('trail', 'Last signature', 508, 4, { as: 'hex' }),
];

interface Geometry {
  readonly sector: number;
  readonly perCluster: number;
  readonly reserved: number;
  readonly fats: number;
  readonly sectors: number;
  readonly fatSectors: number;
  readonly clusters: number;
}

/** The geometry of a FAT boot sector; undefined where the numbers make none (Microsoft's FAT specification, 3.1 and 3.5). */
function geometryOf(bytes: Uint8Array): Geometry | undefined {
  const sector = le16(bytes, 11);
  const perCluster = bytes[13] ?? 0;
  const reserved = le16(bytes, 14);
  const fats = bytes[16] ?? 0;
  const media = bytes[21] ?? 0;
  const sectors = le16(bytes, 19) === 0 ? le32(bytes, 32) : le16(bytes, 19);
  const fatSectors = le16(bytes, 22) === 0 ? le32(bytes, 36) : le16(bytes, 22);
  const powers = [sector, perCluster].every((value) => value > 0 && (value & (value - 1)) === 0);
  if (!powers || sector < 512 || sector > 4096 || reserved === 0 || fats === 0 || fats > 4) return undefined;
  if (media !== 0xf0 && media < 0xf8) return undefined;
  if (sectors === 0 || fatSectors === 0) return undefined;
  const rootSectors = Math.ceil((le16(bytes, 17) * 32) / sector);
  const dataSectors = sectors - (reserved + fats * fatSectors + rootSectors);
  if (dataSectors <= 0) return undefined;
  return { sector, perCluster, reserved, fats, sectors, fatSectors, clusters: Math.floor(dataSectors / perCluster) };
}

async function informationOf(volume: Volume, bytes: Uint8Array, sector: number): Promise<DiskStructure[]> {
  const at = le16(bytes, 48) * sector;
  if (at === 0) return [];
  const info = await readVolume(volume, at, SECTOR);
  if (info === null) return [];
  const sound = le32(info, 0) === 0x41615252 && le32(info, 484) === 0x61417272 && le32(info, 508) === 0xaa550000;
  return [
    structure('fat-info', 'FAT information sector', volume.offset + BigInt(at), SECTOR, {
      detail: sound ? `${String(le32(info, 488))} clusters free` : 'damaged',
      fields: fieldNodes(info, INFO),
      problems: sound ? [] : ['The signatures of the information sector are wrong.'],
    }),
  ];
}

/** The boot sector of FAT12, FAT16 and FAT32; the kind follows from the count of clusters alone. */
export const findFat: Finder = async (volume) => {
  const bytes = await readVolume(volume, 0, SECTOR);
  if (bytes === null || le16(bytes, 510) !== 0xaa55) return null;
  if (bytes[0] !== 0xeb && bytes[0] !== 0xe9) return null;
  const geometry = geometryOf(bytes);
  if (geometry === undefined) return null;
  const isNew = le16(bytes, 22) === 0;
  const kind = isNew
    ? 'FAT32'
    : geometry.clusters < FAT12_CLUSTERS
      ? 'FAT12'
      : geometry.clusters < FAT16_CLUSTERS
        ? 'FAT16'
        : 'FAT32';
  const at = BigInt(geometry.sector);
  const tables = Array.from({ length: geometry.fats }, (_, index) =>
    structure(
      'fat-table',
      `Allocation table ${String(index + 1)}`,
      volume.offset + BigInt(geometry.reserved + index * geometry.fatSectors) * at,
      BigInt(geometry.fatSectors) * at,
      { detail: `${String(geometry.fatSectors)} sectors` },
    ),
  );
  const label = textOf(bytes.subarray(isNew ? 71 : 43, isNew ? 82 : 54));
  const size = BigInt(geometry.sectors) * at;
  return structure(kind.toLowerCase(), `${kind} boot sector`, volume.offset, SECTOR, {
    detail: words(label === '' || label === 'NO NAME' ? '' : `"${label}"`, sizeText(size)),
    fields: fieldNodes(bytes, [...BPB, ...(isNew ? NEW : OLD), SIGNATURE]),
    problems: listOf(tooLarge(size, volume)),
    children: [...(isNew ? await informationOf(volume, bytes, geometry.sector) : []), ...tables],
  });
};
