/** Whether serial number `a` comes before `b` (RFC 1982 with 32 bits; RFC 7143 4.2.2.1). */
export function serialLess(a: number, b: number): boolean {
  return a !== b && (b - a) >>> 0 < 0x80000000;
}

/** Whether `a` comes before `b` or equals it. */
export function serialLessOrEqual(a: number, b: number): boolean {
  return (b - a) >>> 0 < 0x80000000;
}

/** `a + n` modulo 2^32. */
export function serialAdd(a: number, n: number): number {
  return (a + n) >>> 0;
}

/** How far `b` lies ahead of `a`, negative where it lies behind. */
export function serialDistance(a: number, b: number): number {
  return (b - a) | 0;
}
