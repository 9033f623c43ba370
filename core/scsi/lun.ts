import { readU16, readU64, toHex, writeU64 } from '../bytes/index.ts';
import { UsageError } from '../errors/index.ts';

/** How the first level of a LUN names its unit (SAM-5 4.7). */
export type LunMethod =
  | 'peripheral'
  | 'flat'
  | 'logical-unit'
  | 'extended-flat'
  | 'long-extended-flat'
  | 'well-known'
  | 'not-specified'
  | 'extended-unknown';

/** A LUN taken apart. `number` is what people call the LUN where the form carries one. */
export interface DecodedLun {
  readonly method: LunMethod;
  /** The eight bytes as they travel, in hex. */
  readonly hex: string;
  readonly number?: number;
  /** Bus identifier; for peripheral and logical unit addressing. */
  readonly bus?: number;
  /** Target on that bus; for logical unit addressing, and for peripheral addressing of another bus. */
  readonly target?: number;
  /** Set for well-known logical units. */
  readonly wellKnown?: string;
  /** The two-byte levels below the first that are not zero (SAM-5 4.7.4). */
  readonly lowerLevels: readonly number[];
}

/** Well-known logical unit numbers (SPC-5, well known logical units). */
export const WELL_KNOWN_LUNS: Readonly<Record<number, string>> = {
  1: 'REPORT LUNS',
  2: 'ACCESS CONTROLS',
  3: 'TARGET LOG PAGES',
  4: 'SECURITY PROTOCOL',
  5: 'MANAGEMENT PROTOCOL',
};

const LARGEST = 2 ** 40 - 1;

function levels(bytes: Uint8Array, from: number): number[] {
  const found: number[] = [];
  for (let at = from; at + 1 < 8; at += 2) found.push(readU16(bytes, at));
  while (found.length > 0 && found[found.length - 1] === 0) found.pop();
  return found;
}

function extended(bytes: Uint8Array, hex: string): DecodedLun {
  const first = bytes[0] ?? 0;
  const length = (first >> 4) & 3;
  const method = first & 15;
  if (length === 0 && method === 1) {
    const number = bytes[1] ?? 0;
    const wellKnown = WELL_KNOWN_LUNS[number] ?? `well-known unit ${String(number)}`;
    return { method: 'well-known', hex, number, wellKnown, lowerLevels: levels(bytes, 2) };
  }
  if (length === 1 && method === 2)
    return {
      method: 'extended-flat',
      hex,
      number: Number(readU64(bytes, 0) >> 32n) & 0xffffff,
      lowerLevels: levels(bytes, 4),
    };
  if (length === 2 && method === 2) {
    const number = Number((readU64(bytes, 0) >> 16n) & 0xffffffffffn);
    return { method: 'long-extended-flat', hex, number, lowerLevels: levels(bytes, 6) };
  }
  if (hex === 'ffffffffffffffff') return { method: 'not-specified', hex, lowerLevels: [] };
  return { method: 'extended-unknown', hex, lowerLevels: [] };
}

/** Takes the eight bytes of a LUN apart, whatever their form (SAM-5 4.7). */
export function decodeLun(lun: Uint8Array | bigint): DecodedLun {
  const bytes = lunBytes(lun);
  const hex = toHex(bytes);
  const first = bytes[0] ?? 0;
  const second = bytes[1] ?? 0;
  const lowerLevels = levels(bytes, 2);
  switch (first >> 6) {
    case 0: {
      const bus = first & 63;
      return bus === 0
        ? { method: 'peripheral', hex, number: second, bus, lowerLevels }
        : { method: 'peripheral', hex, bus, target: second, lowerLevels };
    }
    case 1:
      return { method: 'flat', hex, number: ((first & 63) << 8) | second, lowerLevels };
    case 2:
      return { method: 'logical-unit', hex, number: second & 31, bus: second >> 5, target: first & 63, lowerLevels };
    default:
      return extended(bytes, hex);
  }
}

/** Eight owned bytes of a LUN given as bytes or as a 64-bit number. */
export function lunBytes(lun: Uint8Array | bigint): Uint8Array {
  if (typeof lun !== 'bigint') {
    if (lun.length !== 8) throw new UsageError('BAD_ARGUMENT', `A LUN has 8 bytes, not ${String(lun.length)}.`);
    return lun.slice();
  }
  if (lun < 0n || lun >= 1n << 64n)
    throw new UsageError('OUT_OF_RANGE', `A LUN is a 64-bit number; ${String(lun)} is not.`);
  const bytes = new Uint8Array(8);
  writeU64(bytes, 0, lun);
  return bytes;
}

/**
 * The eight bytes of a LUN by its number: peripheral addressing up to 255, flat up to 16383,
 * extended flat up to 2^24-1 and long extended flat up to 2^40-1 (SAM-5 4.7).
 */
export function lunFromNumber(number: number): Uint8Array {
  if (!Number.isInteger(number) || number < 0 || number > LARGEST)
    throw new UsageError(
      'OUT_OF_RANGE',
      `A LUN is a whole number from 0 to ${String(LARGEST)}; ${String(number)} is not.`,
    );
  if (number < 0x100) return lunBytes(BigInt(number) << 48n);
  if (number < 0x4000) return encodeLun({ method: 'flat', number });
  return encodeLun({ method: number < 0x1000000 ? 'extended-flat' : 'long-extended-flat', number });
}

/** What `encodeLun` takes: a single-level LUN in one of the forms SAM-5 defines. */
export type LunParts =
  | { readonly method: 'peripheral'; readonly number: number; readonly bus?: number }
  | { readonly method: 'logical-unit'; readonly number: number; readonly bus: number; readonly target: number }
  | { readonly method: 'flat' | 'extended-flat' | 'long-extended-flat' | 'well-known'; readonly number: number }
  | { readonly method: 'not-specified' };

function below(what: string, value: number, limit: number): bigint {
  if (!Number.isInteger(value) || value < 0 || value >= limit)
    throw new UsageError(
      'OUT_OF_RANGE',
      `The ${what} of this LUN form is a whole number below ${String(limit)}; ${String(value)} is not.`,
    );
  return BigInt(value);
}

/** The eight bytes of a single-level LUN in the form named (SAM-5 4.7). */
export function encodeLun(parts: LunParts): Uint8Array {
  switch (parts.method) {
    case 'peripheral':
      return lunBytes(
        (below('bus identifier', parts.bus ?? 0, 64) << 56n) | (below('number', parts.number, 256) << 48n),
      );
    case 'flat':
      return lunBytes((1n << 62n) | (below('number', parts.number, 2 ** 14) << 48n));
    case 'logical-unit':
      return lunBytes(
        (2n << 62n) |
          (below('target', parts.target, 64) << 56n) |
          (below('bus', parts.bus, 8) << 53n) |
          (below('number', parts.number, 32) << 48n),
      );
    case 'well-known':
      return lunBytes((0xc1n << 56n) | (below('number', parts.number, 256) << 48n));
    case 'extended-flat':
      return lunBytes((0xd2n << 56n) | (below('number', parts.number, 2 ** 24) << 32n));
    case 'long-extended-flat':
      return lunBytes((0xe2n << 56n) | (below('number', parts.number, 2 ** 40) << 16n));
    case 'not-specified':
      return lunBytes(0xffffffffffffffffn);
  }
}

/** A LUN as people write it: its number where it has one, else what its form says, with the raw bytes. */
export function formatLun(lun: Uint8Array | bigint): string {
  const parts = decodeLun(lun);
  const raw = `0x${parts.hex}`;
  const tail =
    parts.lowerLevels.length === 0
      ? ''
      : `, lower levels ${parts.lowerLevels.map((level) => level.toString(16).padStart(4, '0')).join(' ')}`;
  switch (parts.method) {
    case 'peripheral':
      if (parts.number === undefined) return `bus ${String(parts.bus)}, target ${String(parts.target)}${tail} (${raw})`;
      return tail === '' ? String(parts.number) : `${String(parts.number)}${tail} (${raw})`;
    case 'flat':
    case 'extended-flat':
    case 'long-extended-flat':
      return tail === '' ? String(parts.number) : `${String(parts.number)}${tail} (${raw})`;
    case 'logical-unit':
      return `bus ${String(parts.bus)}, target ${String(parts.target)}, unit ${String(parts.number)}${tail} (${raw})`;
    case 'well-known':
      return `well-known ${String(parts.wellKnown)} (${raw})`;
    case 'not-specified':
      return `not specified (${raw})`;
    case 'extended-unknown':
      return `unknown extended form (${raw})`;
  }
}
