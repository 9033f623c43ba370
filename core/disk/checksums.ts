const TABLE = (() => {
  const table = new Int32Array(256);
  for (let i = 0; i < 256; i += 1) {
    let crc = i;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    table[i] = crc;
  }
  return table;
})();

/** CRC-32 without its first and last inversion, from a given start. */
export function plainCrc32(bytes: Uint8Array, start: number): number {
  let crc = start;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] as number);
  return crc >>> 0;
}

/** CRC-32 as GPT has it (ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  return ~plainCrc32(bytes, 0xffffffff) >>> 0;
}

/** A copy with some bytes zeroed, as most checksums want their own field. */
export function without(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const copy = bytes.slice();
  copy.fill(0, at, at + length);
  return copy;
}

/** A sentence for a checksum that is wrong, undefined for one that is right. */
export function checksumProblem(what: string, stored: number, computed: number): string | undefined {
  if (stored === computed) return undefined;
  const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
  return `The checksum of the ${what} is ${hex(stored)}; its bytes give ${hex(computed)}.`;
}
