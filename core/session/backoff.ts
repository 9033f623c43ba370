/** Longest pause between two attempts. */
const LONGEST_MS = 30_000;
/** Without a loss for this long, pauses start over. */
const PEACE_MS = 60_000;
/** A host that answers "refused" is up: for this long its target is taken to be restarting, and pauses stay short. */
const RESTART_MS = 10_000;
/** How often a host is looked for that does not answer at all, unless the first pause is longer. */
const KNOCK_MS = 1000;
/** Pauses are longer by up to this share, so that many sessions do not come back at once. */
const JITTER = 0.25;

/** How long to wait before the next attempt to reconnect: doubling from a base up to 30 s, with jitter. */
export class Backoff {
  readonly #baseMs: number;
  readonly #random: () => number;
  #step = 0;
  #lostAt = -Infinity;
  #goodSince = -Infinity;

  /** `random` gives numbers from 0 to below 1. */
  constructor(baseMs: number, random: () => number) {
    this.#baseMs = baseMs;
    this.#random = random;
  }

  /** A connection that worked is gone. */
  lost(now: number): void {
    if (now - this.#goodSince >= PEACE_MS) this.#step = 0;
    this.#lostAt = now;
  }

  /** An attempt failed; `refused` where the host was there and nobody listened. */
  failed(now: number, refused: boolean): void {
    if (!refused || now - this.#lostAt >= RESTART_MS) this.#step += 1;
  }

  /** The session is back. */
  succeeded(now: number): void {
    this.#goodSince = now;
  }

  /** Milliseconds until the next attempt. */
  delay(): number {
    return this.#jittered(Math.min(LONGEST_MS, this.#baseMs * 2 ** Math.min(this.#step, 16)));
  }

  /** Milliseconds between two looks at a host that does not answer. */
  knock(): number {
    return this.#jittered(Math.max(KNOCK_MS, this.#baseMs));
  }

  #jittered(ms: number): number {
    return Math.min(LONGEST_MS, ms * (1 + JITTER * this.#random()));
  }
}
