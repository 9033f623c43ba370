import { readLittle, guidText, uuidText } from '../values.ts';

/** The byte order numbers are read in. */
export type Endian = 'little' | 'big';

/** One reading of the bytes under the cursor. */
export interface Reading {
  readonly id: string;
  readonly label: string;
  /** How many bytes it covers. */
  readonly length: number;
  /** Null where too few bytes are there, or they make no such value. */
  readonly text: string | null;
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
  return new Date(Number(ms)).toISOString().replace('T', ' ').replace('Z', ' UTC');
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

/** Everything the bytes from the cursor on could mean: integers, floats, times, GUID, text. */
export function inspect(bytes: Uint8Array, endian: Endian): Reading[] {
  const readings: Reading[] = [];
  const add = (id: string, label: string, length: number, read: (part: Uint8Array) => string | null): void => {
    const part = ordered(bytes, length, endian);
    readings.push({ id, label, length, text: part === null ? null : read(part) });
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
  add('unix32', 'Unix time 32', 4, (part) => time(BigInt.asIntN(32, readLittle(part)) * 1000n));
  add('unix64', 'Unix time 64', 8, (part) => time(BigInt.asIntN(64, readLittle(part)) * 1000n));
  add('filetime', 'FILETIME', 8, (part) => {
    const ticks = readLittle(part);
    return time((ticks * 1000n) / FILETIME_PER_SECOND - FILETIME_EPOCH * 1000n);
  });
  add('dos', 'FAT date and time', 4, (part) => dosTime(readLittle(part)));
  add('hfs', 'HFS time', 4, (part) => time((readLittle(part) - MAC_EPOCH) * 1000n));
  readings.push({
    id: 'guid',
    label: endian === 'little' ? 'GUID' : 'UUID',
    length: 16,
    text: bytes.length < 16 ? null : endian === 'little' ? guidText(bytes) : uuidText(bytes),
  });
  return [...readings, ...texts(bytes, endian)];
}

function texts(bytes: Uint8Array, endian: Endian): Reading[] {
  const ascii = Array.from(bytes.subarray(0, LONGEST_TEXT), (code) => String.fromCharCode(code));
  const stop = ascii.findIndex((letter) => letter < ' ' || letter > '~');
  const run = (stop === -1 ? ascii : ascii.slice(0, stop)).join('');
  const wide = bytes.subarray(0, bytes.length - (bytes.length % 2)).subarray(0, LONGEST_TEXT * 2);
  const utf8 = utf8Character(bytes);
  return [
    { id: 'ascii', label: 'ASCII text', length: Math.max(1, run.length), text: run === '' ? null : run },
    { id: 'utf8', label: 'UTF-8 character', length: utf8?.length ?? 1, text: utf8?.text ?? null },
    {
      id: 'utf16',
      label: 'UTF-16 text',
      length: Math.max(2, wide.length),
      text:
        wide.length === 0 ? null : shown(new TextDecoder(endian === 'little' ? 'utf-16le' : 'utf-16be').decode(wide)),
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
