import { readLittle, guidText, uuidText } from '../values.ts';

/** The byte order numbers are read in. */
export type Endian = 'little' | 'big';

/** One reading of the bytes under the cursor; a text is null where too few bytes are there, or they make no such value. */
export interface Reading {
  readonly id: string;
  readonly label: string;
  /** How many bytes it covers. */
  readonly length: number;
  readonly little: string | null;
  /** Undefined where the byte order means nothing. */
  readonly big?: string | null;
  /** Whether its text may be too long for a column of its own. */
  readonly long: boolean;
}

const INTEGERS = [1, 2, 3, 4, 6, 8] as const;
const FILETIME_EPOCH = 11_644_473_600n;
const FILETIME_PER_SECOND = 10_000_000n;
const MAC_EPOCH = 2_082_844_800n;
const LATEST_MS = 8_640_000_000_000_000n;
const LONGEST_TEXT = 32;

function ordered(bytes: Uint8Array, length: number, endian: Endian): Uint8Array | null {
  if (bytes.length < length) return null;
  const part = bytes.slice(0, length);
  return endian === 'little' ? part : part.reverse();
}

function time(ms: bigint): string | null {
  if (ms > LATEST_MS || ms < -LATEST_MS) return null;
  return new Date(Number(ms)).toISOString().replace('T', ' ').replace('.000', '').replace('Z', ' UTC');
}

/** IEEE 754 half precision, from its 16 bits. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** FAT's packed date and time, the date in the high half. */
function dosTime(value: bigint): string | null {
  const [date, clock] = [Number(value >> 16n), Number(value & 0xffffn)];
  const [year, month, day] = [1980 + (date >>> 9), (date >>> 5) & 15, date & 31];
  const [hour, minute, second] = [clock >>> 11, (clock >>> 5) & 63, (clock & 31) * 2];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 58) return null;
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${String(year)}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

const shown = (text: string): string => text.slice(0, LONGEST_TEXT).replace(/[\u0000-\u001f\u007f-\u009f]/gu, '\u00b7');

function floatText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

const ORDERS = ['little', 'big'] as const;
/** Values of more bytes have more digits than half a panel shows. */
const LONGEST_SHORT = 4;

/** Everything the bytes from the cursor on could mean, in both byte orders: integers, floats, times, GUID, text. */
export function inspect(bytes: Uint8Array): Reading[] {
  const readings: Reading[] = [];
  const add = (
    id: string,
    label: string,
    length: number,
    read: (part: Uint8Array) => string | null,
    long = length > LONGEST_SHORT,
  ): void => {
    const [little = null, big = null] = ORDERS.map((endian) => {
      const part = ordered(bytes, length, endian);
      return part === null ? null : read(part);
    });
    readings.push({ id, label, length, long, little, ...(length === 1 ? {} : { big }) });
  };
  add('binary', 'Binary', 1, ([byte]) => (byte ?? 0).toString(2).padStart(8, '0'));
  for (const size of INTEGERS) {
    add(`uint${String(size * 8)}`, `Unsigned ${String(size * 8)}`, size, (part) => String(readLittle(part)));
    add(`int${String(size * 8)}`, `Signed ${String(size * 8)}`, size, (part) =>
      String(BigInt.asIntN(size * 8, readLittle(part))),
    );
  }
  add('float16', 'Float 16', 2, (part) => floatText(half(Number(readLittle(part)))));
  const view = (part: Uint8Array): DataView => new DataView(part.buffer, part.byteOffset, part.length);
  add('float32', 'Float 32', 4, (part) => floatText(Number(view(part).getFloat32(0, true).toPrecision(9))));
  add('float64', 'Float 64', 8, (part) => floatText(view(part).getFloat64(0, true)));
  const addTime = (id: string, label: string, length: number, read: (value: bigint) => string | null): void =>
    add(id, label, length, (part) => read(readLittle(part)), true);
  addTime('unix32', 'Unix time 32', 4, (value) => time(BigInt.asIntN(32, value) * 1000n));
  addTime('unix64', 'Unix time 64', 8, (value) => time(BigInt.asIntN(64, value) * 1000n));
  addTime('unixMs', 'Unix time in ms', 8, (value) => time(BigInt.asIntN(64, value)));
  addTime('filetime', 'FILETIME', 8, (ticks) => time((ticks * 1000n) / FILETIME_PER_SECOND - FILETIME_EPOCH * 1000n));
  addTime('dos', 'FAT date, time', 4, dosTime);
  addTime('hfs', 'HFS time', 4, (value) => time((value - MAC_EPOCH) * 1000n));
  const [little, big] = bytes.length < 16 ? [null, null] : [guidText(bytes), uuidText(bytes)];
  readings.push({ id: 'guid', label: 'GUID', length: 16, long: true, little, big });
  return [...readings, ...texts(bytes)];
}

function texts(bytes: Uint8Array): Reading[] {
  const ascii = Array.from(bytes.subarray(0, LONGEST_TEXT), (code) => String.fromCharCode(code));
  const stop = ascii.findIndex((letter) => letter < ' ' || letter > '~');
  const run = (stop === -1 ? ascii : ascii.slice(0, stop)).join('');
  const wide = bytes.subarray(0, bytes.length - (bytes.length % 2)).subarray(0, LONGEST_TEXT * 2);
  const utf8 = utf8Character(bytes);
  const utf16 = (label: 'utf-16le' | 'utf-16be'): string | null =>
    wide.length === 0 ? null : shown(new TextDecoder(label).decode(wide));
  return [
    { id: 'ascii', label: 'ASCII text', length: Math.max(1, run.length), long: true, little: run === '' ? null : run },
    { id: 'utf8', label: 'UTF-8 letter', length: utf8?.length ?? 1, long: true, little: utf8?.text ?? null },
    {
      id: 'utf16',
      label: 'UTF-16 text',
      length: Math.max(2, wide.length),
      long: true,
      little: utf16('utf-16le'),
      big: utf16('utf-16be'),
    },
  ];
}

function utf8Character(bytes: Uint8Array): { readonly text: string; readonly length: number } | null {
  const first = bytes[0] ?? 0xff;
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || bytes.length < length) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length));
    const code = (text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return { text: `${shown(text)} (U+${code})`, length };
  } catch {
    return null;
  }
}
