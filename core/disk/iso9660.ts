import { fieldNodes, le, raw, text, type DiskField } from './fields.ts';
import { listOf, tooLarge, words, type Finder } from './finder.ts';
import { readVolume } from './source.ts';
import { structure, type DiskStructure } from './structure.ts';
import { hasText, le16, le32, sizeText, textOf } from './values.ts';

const FIRST = 16;
const SECTOR = 2048;
const MOST_DESCRIPTORS = 32;
const TERMINATOR = 255;

const KINDS: Readonly<Record<number, string>> = {
  0: 'Boot record',
  1: 'Primary volume descriptor',
  2: 'Supplementary volume descriptor',
  3: 'Volume partition descriptor',
  255: 'End of volume descriptors',
};
const HEAD: readonly DiskField[] = [
  le('type', 'Type', 0, 1, { values: KINDS }),
  text('identifier', 'Identifier', 1, 5),
  le('version', 'Version', 6, 1),
];
const BOOT: readonly DiskField[] = [
  text('system', 'Boot system', 7, 32),
  text('boot', 'Boot identifier', 39, 32),
  le('catalog', 'Boot catalogue at sector', 71, 4),
];
const VOLUME: readonly DiskField[] = [
  text('system', 'System', 8, 32),
  text('volume', 'Volume', 40, 32),
  le('space', 'Sectors', 80, 4, { meaning: 'Stored in both byte orders; this is the little-endian one.' }),
  raw('escapes', 'Escape sequences', 88, 32),
  le('setSize', 'Volumes in the set', 120, 2),
  le('sequence', 'Number of this volume', 124, 2),
  le('blockSize', 'Block size', 128, 2, { as: 'bytes' }),
  le('pathTableSize', 'Path table size', 132, 4, { as: 'bytes' }),
  le('pathTable', 'Path table at sector', 140, 4),
  raw('root', 'Root directory record', 156, 34),
  text('set', 'Volume set', 190, 128),
  text('publisher', 'Publisher', 318, 128),
  text('preparer', 'Prepared by', 446, 128),
  text('application', 'Application', 574, 128),
  text('created', 'Created', 813, 17),
  text('modified', 'Modified', 830, 17),
  text('expires', 'Expires', 847, 17),
  text('effective', 'Effective', 864, 17),
];

/** The volume descriptors of ISO 9660 (ECMA-119 clause 8), up to their end. */
export const findIso9660: Finder = async (volume) => {
  const found: DiskStructure[] = [];
  const problems: string[] = [];
  let label = '';
  let size = 0n;
  for (let index = 0; ; index += 1) {
    const at = (FIRST + index) * SECTOR;
    const bytes = await readVolume(volume, at, SECTOR);
    if (bytes === null || !hasText(bytes, 1, 'CD001')) {
      if (index === 0) return null;
      problems.push('The volume descriptors have no end.');
      break;
    }
    if (index >= MOST_DESCRIPTORS) {
      problems.push(`Only the first ${String(MOST_DESCRIPTORS)} volume descriptors are shown.`);
      break;
    }
    const type = bytes[0] ?? 0;
    const isVolume = type === 1 || type === 2;
    const isJoliet = type === 2 && bytes[88] === 0x25 && bytes[89] === 0x2f;
    const name = isVolume ? textOf(bytes.subarray(40, 72), isJoliet ? 'utf-16be' : 'utf-8') : '';
    if (type === 1) {
      label = name;
      size = BigInt(le32(bytes, 80)) * BigInt(le16(bytes, 128));
    }
    found.push(
      structure(
        'iso9660-descriptor',
        isJoliet ? 'Joliet volume descriptor' : (KINDS[type] ?? 'Volume descriptor'),
        volume.offset + BigInt(at),
        SECTOR,
        {
          detail: name === '' ? '' : `"${name}"`,
          fields: fieldNodes(bytes, [...HEAD, ...(isVolume ? VOLUME : type === 0 ? BOOT : [])]),
        },
      ),
    );
    if (type === TERMINATOR) break;
  }
  return structure('iso9660', 'ISO 9660', volume.offset + BigInt(FIRST * SECTOR), found.length * SECTOR, {
    detail: words(label === '' ? '' : `"${label}"`, size === 0n ? '' : sizeText(size)),
    problems: [...problems, ...listOf(tooLarge(size, volume))],
    children: found,
  });
};
