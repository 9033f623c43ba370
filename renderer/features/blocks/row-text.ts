import type { Cell } from './pages.ts';

/** How bytes are laid out in a row of text. */
export interface RowLayout {
  readonly columns: number;
  /** Bytes shown as one number. */
  readonly group: 1 | 2 | 4 | 8;
  readonly endian: 'little' | 'big';
  readonly encoding: TextEncoding;
}

/** How the text column reads bytes. */
export type TextEncoding = 'ascii' | 'latin1' | 'utf-8' | 'utf-16';

/** What people call the encodings. */
export const TEXT_NAMES: Readonly<Record<TextEncoding, string>> = {
  ascii: 'ASCII',
  latin1: 'Latin-1',
  'utf-8': 'UTF-8',
  'utf-16': 'UTF-16',
};

const EIGHT = 8;
/** Letters from here on are often twice as wide as the others, and would push the rest of the row aside. */
const FIRST_WIDE = 0x1100;
const UNSHOWN = '\u00b7';
const WIDE = '\u25af';

/** The character position of byte `index` within the hex part. */
export function hexColumn({ group, endian }: RowLayout, index: number): number {
  const number = Math.floor(index / group);
  const within = index % group;
  const shown = endian === 'little' ? group - 1 - within : within;
  return number * (2 * group + 1) + 2 * shown + Math.floor(index / EIGHT);
}

/** Characters of the hex part. */
export function hexWidth(layout: RowLayout): number {
  const groups = Math.ceil(layout.columns / layout.group);
  return groups * (2 * layout.group + 1) + Math.floor((layout.columns - 1) / EIGHT);
}

/** The byte whose digits stand at a character of the hex part; the nearest one where there are none. */
export function byteAtColumn(layout: RowLayout, column: number): number {
  let best = 0;
  let distance = Infinity;
  for (let index = 0; index < layout.columns; index += 1) {
    const away = Math.abs(hexColumn(layout, index) + 0.5 - column);
    if (away < distance) [best, distance] = [index, away];
  }
  return best;
}

const PAIRS: Readonly<Record<Exclude<Cell, number>, string>> = {
  loading: '\u00b7\u00b7',
  failed: '--',
  unreadable: '\u00d7\u00d7',
  'past-end': '  ',
};

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The hex part of a row. */
export function hexText(layout: RowLayout, cells: readonly Cell[]): string {
  const out = new Array<string>(hexWidth(layout)).fill(' ');
  cells.forEach((cell, index) => {
    const pair = typeof cell === 'number' ? (HEX[cell] ?? '') : PAIRS[cell];
    const at = hexColumn(layout, index);
    out[at] = pair.charAt(0);
    out[at + 1] = pair.charAt(1);
  });
  return out.join('');
}

const isControl = (code: number): boolean => code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0xad;

function letter(code: number): string {
  if (isControl(code) || (code >= 0xd800 && code < 0xe000)) return UNSHOWN;
  // Marks that join the letter before them, and directions, would shift the row.
  if ((code >= 0x300 && code < 0x370) || (code >= 0x590 && code < 0x900)) return WIDE;
  return code < FIRST_WIDE ? String.fromCodePoint(code) : WIDE;
}

function utf8Length(first: number): number {
  return first < 0x80 ? 1 : first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
}

function utf8Code(bytes: readonly number[]): number | undefined {
  const [first = 0, ...rest] = bytes;
  if (rest.length === 0) return first;
  if (rest.some((byte) => (byte & 0xc0) !== 0x80)) return undefined;
  const code = rest.reduce((sum, byte) => (sum << 6) | (byte & 0x3f), first & (0xff >> (bytes.length + 1)));
  return (bytes.length === 3 && code < 0x800) || (bytes.length === 4 && code < 0x10000) ? undefined : code;
}

/** The text part of a row: one character for each byte, so that both parts line up. `after` are the bytes that follow. */
export function plainText(layout: RowLayout, cells: readonly Cell[], after: readonly Cell[], start: bigint): string {
  const all = [...cells, ...after];
  const out: string[] = [];
  for (let index = 0; index < cells.length; index += 1) {
    const cell = all[index];
    if (typeof cell !== 'number') out.push(' ');
    else if (layout.encoding === 'ascii') out.push(cell >= 0x20 && cell < 0x7f ? String.fromCharCode(cell) : UNSHOWN);
    else if (layout.encoding === 'latin1') out.push(letter(cell));
    else if (layout.encoding === 'utf-16') {
      const second = all[index + 1];
      const first = (start + BigInt(index)) % 2n === 0n;
      const code =
        typeof second === 'number' ? (layout.endian === 'little' ? cell | (second << 8) : (cell << 8) | second) : -1;
      out.push(first ? (code === -1 ? UNSHOWN : letter(code)) : ' ');
    } else {
      const length = utf8Length(cell);
      const bytes = all.slice(index, index + length).filter((each): each is number => typeof each === 'number');
      const code = length > 0 && bytes.length === length ? utf8Code(bytes) : undefined;
      if (code === undefined) out.push(UNSHOWN);
      else {
        out.push(letter(code));
        for (let rest = 1; rest < length && index + 1 < cells.length; rest += 1) {
          index += 1;
          out.push(' ');
        }
      }
    }
  }
  return out.join('');
}
