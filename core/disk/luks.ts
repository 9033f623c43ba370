import { readU16, readU32, readU64, type FieldNode } from '../bytes/index.ts';
import { be, fieldNodes, raw, text, type DiskField } from './fields.ts';
import { words, type Finder } from './finder.ts';
import { readVolume, type Volume } from './source.ts';
import { structure, type DiskStructure } from './structure.ts';
import { hasText, textOf } from './values.ts';

const MAGIC = 'LUKS\xba\xbe';
const SECOND = 'SKUL\xba\xbe';
const LUKS1_SIZE = 592;
const LUKS2_HEAD = 512;
const JSON_AT = 4096;
const MOST_HEADER = 4n * 1024n * 1024n;
const KEY_ACTIVE = 0x00ac71f3;
const KEY_STATES = { [KEY_ACTIVE]: 'in use', 57005: 'not in use' };

const HEAD: readonly DiskField[] = [raw('magic', 'Magic number', 0, 6), be('version', 'Version', 6, 2)];
const LUKS1: readonly DiskField[] = [
  ...HEAD,
  text('cipher', 'Cipher', 8, 32),
  text('mode', 'Cipher mode', 40, 32),
  text('hash', 'Hash', 72, 32),
  be('payload', 'Data begins at sector', 104, 4),
  be('keyBytes', 'Bytes of the key', 108, 4),
  raw('digest', 'Digest of the key', 112, 20),
  raw('salt', 'Salt', 132, 32),
  be('iterations', 'Iterations', 164, 4),
  text('uuid', 'UUID', 168, 40),
];
const LUKS2: readonly DiskField[] = [
  ...HEAD,
  be('headerSize', 'Header with its JSON', 8, 8, { as: 'bytes' }),
  be('sequence', 'Sequence', 16, 8),
  text('label', 'Label', 24, 48),
  text('algorithm', 'Checksum kind', 72, 32),
  raw('salt', 'Salt', 104, 64),
  text('uuid', 'UUID', 168, 40),
  text('subsystem', 'Subsystem', 208, 48),
  be('offset', 'This header at byte', 256, 8),
  raw('checksum', 'Checksum', 448, 64),
];

function keySlots(bytes: Uint8Array): FieldNode[] {
  return Array.from({ length: 8 }, (_, index): FieldNode => {
    const at = 208 + index * 48;
    const active = readU32(bytes, at) === KEY_ACTIVE;
    return {
      name: `slot${String(index)}`,
      label: `Key slot ${String(index)}`,
      offset: at,
      length: 48,
      text: active ? 'in use' : 'not in use',
      children: fieldNodes(bytes, [
        be('state', 'State', at, 4, { values: KEY_STATES }),
        be('iterations', 'Iterations', at + 4, 4),
        raw('salt', 'Salt', at + 8, 32),
        be('material', 'Key material at sector', at + 40, 4),
        be('stripes', 'Stripes', at + 44, 4),
      ]),
    };
  });
}

async function jsonArea(volume: Volume, at: bigint, size: bigint): Promise<DiskStructure[]> {
  if (size <= BigInt(JSON_AT) || size > MOST_HEADER) return [];
  const bytes = await readVolume(volume, at + BigInt(JSON_AT), Number(size) - JSON_AT);
  if (bytes === null) return [];
  const end = bytes.indexOf(0);
  const shown = new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
  let detail = '';
  try {
    const parsed: unknown = JSON.parse(shown);
    const count = (name: string): number => {
      const value: unknown =
        typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>)[name] : undefined;
      return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
    };
    detail = `${String(count('keyslots'))} key slots, ${String(count('segments'))} segments`;
  } catch {
    return [
      structure('luks-json', 'LUKS2 metadata', volume.offset + at + BigInt(JSON_AT), bytes.length, {
        detail: 'damaged',
        problems: ['The metadata is no JSON.'],
      }),
    ];
  }
  const length = end === -1 ? bytes.length : end;
  return [
    structure('luks-json', 'LUKS2 metadata', volume.offset + at + BigInt(JSON_AT), bytes.length, {
      detail,
      fields: [{ name: 'json', label: 'JSON', offset: 0, length, value: shown, text: shown.slice(0, 4096) }],
    }),
  ];
}

async function secondHeader(volume: Volume, at: bigint): Promise<DiskStructure[]> {
  if (at <= 0n || at > MOST_HEADER) return [];
  const bytes = await readVolume(volume, at, LUKS2_HEAD);
  if (bytes === null || !hasText(bytes, 0, SECOND)) return [];
  return [
    structure('luks2-second', 'LUKS2 header (second)', volume.offset + at, LUKS2_HEAD, {
      detail: `sequence ${String(readU64(bytes, 16))}`,
      fields: fieldNodes(bytes, LUKS2),
    }),
    ...(await jsonArea(volume, at, readU64(bytes, 8))),
  ];
}

/** The header of LUKS, version 1 or 2, and what it says of its keys; nothing is decrypted. */
export const findLuks: Finder = async (volume) => {
  const bytes = await readVolume(volume, 0, LUKS1_SIZE);
  if (bytes === null || !hasText(bytes, 0, MAGIC)) return null;
  const version = readU16(bytes, 6);
  if (version === 1) {
    const used = keySlots(bytes).filter(({ text: state }) => state === 'in use').length;
    return structure('luks1', 'LUKS1 header', volume.offset, LUKS1_SIZE, {
      detail: words(
        `${textOf(bytes.subarray(8, 40))}-${textOf(bytes.subarray(40, 72))}`,
        `${String(used)} of 8 key slots in use`,
      ),
      fields: [...fieldNodes(bytes, LUKS1), ...keySlots(bytes)],
    });
  }
  if (version !== 2)
    return structure('luks', 'LUKS header', volume.offset, LUKS2_HEAD, {
      fields: fieldNodes(bytes, HEAD),
      problems: [`Version ${String(version)} of LUKS is not known.`],
    });
  const label = textOf(bytes.subarray(24, 72));
  const size = readU64(bytes, 8);
  return structure('luks2', 'LUKS2 header', volume.offset, LUKS2_HEAD, {
    detail: words(label === '' ? '' : `"${label}"`, textOf(bytes.subarray(168, 208))),
    fields: fieldNodes(bytes, LUKS2),
    children: [...(await jsonArea(volume, 0n, size)), ...(await secondHeader(volume, size))],
  });
};
