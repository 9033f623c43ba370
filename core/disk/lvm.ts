import { checksumProblem, plainCrc32 } from './checksums.ts';
import { fieldNodes, le, markField, raw, text, type DiskField } from './fields.ts';
import { listOf, tooLarge, words, type Finder } from './finder.ts';
import { readVolume, type Volume } from './source.ts';
import { structure, type DiskStructure } from './structure.ts';
import { hasText, le32, le64, sizeText } from './values.ts';

const SECTOR = 512;
const LABEL_SECTORS = 4;
const CRC_START = 0xf597a6cf;
const MOST_AREAS = 16;
const MOST_TEXT = 1024 * 1024;

const LABEL: readonly DiskField[] = [
  text('id', 'Label', 0, 8),
  le('sector', 'Sector of this label', 8, 8),
  le('checksum', 'Checksum', 16, 4, { as: 'hex' }),
  le('offset', 'Header at byte', 20, 4),
  text('type', 'Type', 24, 8),
];
const AREA: readonly DiskField[] = [
  le('checksum', 'Checksum', 0, 4, { as: 'hex' }),
  text('magic', 'Magic number', 4, 16),
  le('version', 'Version', 20, 4),
  le('start', 'Start of this area', 24, 8),
  le('size', 'Size of this area', 32, 8),
  le('textOffset', 'Text at byte', 40, 8),
  le('textSize', 'Text length', 48, 8),
  le('textChecksum', 'Text checksum', 56, 4, { as: 'hex' }),
  le('textFlags', 'Text flags', 60, 4, { as: 'hex' }),
];

interface Extent {
  readonly offset: bigint;
  readonly length: bigint;
  readonly at: number;
}

/** A list of extents that ends with an empty one. */
function extents(bytes: Uint8Array, at: number): { list: Extent[]; end: number } {
  const list: Extent[] = [];
  let next = at;
  while (list.length < MOST_AREAS && next + 16 <= bytes.length) {
    const offset = le64(bytes, next);
    if (offset === 0n) return { list, end: next + 16 };
    list.push({ offset, length: le64(bytes, next + 8), at: next });
    next += 16;
  }
  return { list, end: next };
}

const idText = (bytes: Uint8Array, at: number): string => {
  const plain = Array.from(bytes.subarray(at, at + 32), (code) => String.fromCharCode(code)).join('');
  return plain.replace(/^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})/u, '$1-$2-$3-$4-$5-$6-');
};

async function metadata(volume: Volume, area: Extent): Promise<DiskStructure[]> {
  const bytes = await readVolume(volume, area.offset, SECTOR);
  if (bytes === null || !hasText(bytes, 4, ' LVM2 x[5A%r0N*>')) return [];
  const wrong = checksumProblem('metadata header', le32(bytes, 0), plainCrc32(bytes.subarray(4), CRC_START));
  const head = structure('lvm-metadata', 'LVM2 metadata header', volume.offset + area.offset, 64, {
    fields: markField(fieldNodes(bytes, AREA), 'checksum', wrong),
    problems: listOf(wrong),
  });
  const [offset, size] = [le64(bytes, 40), le64(bytes, 48)];
  if (size === 0n || size > BigInt(MOST_TEXT) || offset + size > area.length) return [head];
  const words_ = await readVolume(volume, area.offset + offset, Number(size));
  if (words_ === null) return [head];
  const shown = new TextDecoder().decode(words_);
  const group = /^\s*([\w.+-]+) \{/u.exec(shown)?.[1] ?? '';
  const seqno = /seqno = (\d+)/u.exec(shown)?.[1] ?? '';
  const textWrong = checksumProblem('metadata text', le32(bytes, 56), plainCrc32(words_, CRC_START));
  const own = structure('lvm-text', 'LVM2 metadata text', volume.offset + area.offset + offset, size, {
    detail: words(group === '' ? '' : `volume group "${group}"`, seqno === '' ? '' : `version ${seqno}`),
    fields: [
      { name: 'text', label: 'Text', offset: 0, length: words_.length, value: shown, text: shown.slice(0, 4096) },
    ],
    problems: listOf(textWrong),
  });
  return [head, own];
}

/** An LVM2 physical volume: its label in one of the first four sectors, its header, its metadata. */
export const findLvm: Finder = async (volume) => {
  const start = await readVolume(volume, 0, SECTOR * LABEL_SECTORS);
  if (start === null) return null;
  for (let index = 0; index < LABEL_SECTORS; index += 1) {
    const bytes = start.subarray(index * SECTOR, (index + 1) * SECTOR);
    if (!hasText(bytes, 0, 'LABELONE')) continue;
    const wrong = checksumProblem('label', le32(bytes, 16), plainCrc32(bytes.subarray(20), CRC_START));
    const at = le32(bytes, 20);
    const fields = markField(fieldNodes(bytes, LABEL), 'checksum', wrong);
    const offset = volume.offset + BigInt(index * SECTOR);
    const problems = listOf(wrong);
    if (at < 32 || at + 40 > SECTOR)
      return structure('lvm', 'LVM2 label', offset, SECTOR, {
        fields,
        problems: [...problems, `The header is said to lie at byte ${String(at)} of the label's sector.`],
      });
    const size = le64(bytes, at + 32);
    const data = extents(bytes, at + 40);
    const areas = extents(bytes, data.end);
    const children: DiskStructure[] = [];
    for (const area of areas.list) children.push(...(await metadata(volume, area)));
    const extentFields = (list: readonly Extent[], name: string, label: string): DiskField[] =>
      list.map((each, i) =>
        raw(`${name}${String(i)}`, `${label} at ${String(each.offset)}, ${String(each.length)} bytes`, each.at, 16),
      );
    return structure('lvm', 'LVM2 physical volume', offset, SECTOR, {
      detail: words(idText(bytes, at), sizeText(size)),
      fields: [
        ...fields,
        {
          name: 'uuid',
          label: 'Physical volume UUID',
          offset: at,
          length: 32,
          value: idText(bytes, at),
          text: idText(bytes, at),
        },
        ...fieldNodes(bytes, [
          le('size', 'Device size', at + 32, 8, { as: 'bytes' }),
          ...extentFields(data.list, 'data', 'Data area'),
          ...extentFields(areas.list, 'metadata', 'Metadata area'),
        ]),
      ],
      problems: [...problems, ...listOf(tooLarge(size, volume))],
      children,
    });
  }
  return null;
};
