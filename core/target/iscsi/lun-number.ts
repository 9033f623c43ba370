/** A LUN's number in the single-level forms this target uses, or -1 (SAM-5 4.7). */
export function lunNumber(high: number, low: number): number {
  if (low !== 0 || (high & 0xffff) !== 0) return -1;
  const first = high >>> 16;
  if (first < 0x100) return first;
  return first >>> 14 === 1 ? first & 0x3fff : -1;
}
