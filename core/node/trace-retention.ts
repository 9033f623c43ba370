/** How much is kept of recordings that have ended. */
export interface TraceLimits {
  readonly bytes: number;
  readonly days: number;
}

/** A recording that has ended. */
export interface EndedTrace {
  readonly bytes: number;
  readonly endedMs: number;
}

const DAY_MS = 86_400_000;

/** Which of some recordings, the oldest first, have to go: what is too old, then the oldest until the rest and `otherBytes` fit. */
export function tracesPastLimits<T extends EndedTrace>(
  oldestFirst: readonly T[],
  limits: TraceLimits,
  otherBytes = 0,
): T[] {
  let bytes = otherBytes + oldestFirst.reduce((sum, one) => sum + one.bytes, 0);
  const now = Date.now();
  return oldestFirst.filter((one) => {
    if (now - one.endedMs <= limits.days * DAY_MS && bytes <= limits.bytes) return false;
    bytes -= one.bytes;
    return true;
  });
}
