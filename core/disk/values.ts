import { toHex } from '../bytes/index.ts';

/** Two bytes, least significant first; a byte past the end reads as zero. */
export function le16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** Four bytes, least significant first, as an unsigned number. */
export function le32(bytes: Uint8Array, at: number): number {
  return (le16(bytes, at) | (le16(bytes, at + 2) << 16)) >>> 0;
}

/** Eight bytes, least significant first. */
export function le64(bytes: Uint8Array, at: number): bigint {
  return BigInt(le32(bytes, at)) | (BigInt(le32(bytes, at + 4)) << 32n);
}

/** A little-endian number of any length. */
export function readLittle(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

/** A UUID in the order of its bytes. */
export function uuidText(bytes: Uint8Array): string {
  const hex = toHex(bytes.subarray(0, 16));
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A GUID whose first three groups are stored least significant byte first. */
export function guidText(bytes: Uint8Array): string {
  const turned = Uint8Array.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15], (at) => bytes[at] ?? 0);
  return uuidText(turned);
}

/** Text up to the first zero, without blanks around it; unprintable characters become U+FFFD. */
export function textOf(bytes: Uint8Array, encoding: 'utf-8' | 'utf-16le' | 'utf-16be' = 'utf-8'): string {
  const decoded = new TextDecoder(encoding).decode(bytes);
  const end = decoded.indexOf('\0');
  return (end === -1 ? decoded : decoded.slice(0, end)).replace(/[\u0000-\u001f\u007f]/gu, '\ufffd').trim();
}

/** Whether `bytes` has the ASCII (or Latin-1) letters of `letters` at `at`. */
export function hasText(bytes: Uint8Array, at: number, letters: string): boolean {
  for (let i = 0; i < letters.length; i += 1) if (bytes[at + i] !== letters.charCodeAt(i)) return false;
  return true;
}

/** Whether all bytes are zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** A byte count in binary units, three digits. */
export function sizeText(bytes: bigint): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let unit = 0;
  let scale = 1n;
  while (unit < units.length - 1 && bytes >= scale * 1024n) {
    scale *= 1024n;
    unit += 1;
  }
  return `${String(Number((Number(bytes) / Number(scale)).toPrecision(3)))} ${units[unit] ?? ''}`;
}
