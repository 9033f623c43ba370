import { performance } from 'node:perf_hooks';

/** An answer within this time is quick: about what it costs a sleeping process to be woken. */
const QUICK_MS = 0.1;
/** How long the next answer is waited for awake, once one was quick. */
const PATIENCE_MS = 2 * QUICK_MS;
/** How long a bulk transfer is taken to go on after its last bytes: its data is best left to gather. */
const BULK_MS = 1;

/**
 * Keeps the event loop from sleeping while a target answers small commands at once, as being woken takes longer than such an
 * answer. Where answers take longer, or none is outstanding, the loop sleeps as always.
 */
export class Vigil {
  readonly #waiting: () => boolean;
  #sentAt = 0;
  #until = 0;
  #calmUntil = 0;
  #awake = false;

  /** `waiting` says whether an answer is outstanding. */
  constructor(waiting: () => boolean) {
    this.#waiting = waiting;
  }

  /** Something was sent. */
  sent(now: number): void {
    this.#sentAt = now;
  }

  /** Answers came, or a piece of a bulk transfer; to be called before what they set free is sent. */
  heard(now: number, bulk: boolean): void {
    if (bulk) this.#calmUntil = now + BULK_MS;
    if (now - this.#sentAt > QUICK_MS || now < this.#calmUntil) return;
    this.#until = now + PATIENCE_MS;
    if (this.#awake) return;
    this.#awake = true;
    setImmediate(this.#look);
  }

  readonly #look = (): void => {
    this.#awake = this.#waiting() && performance.now() < this.#until;
    if (this.#awake) setImmediate(this.#look);
  };
}
