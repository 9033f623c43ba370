import type { SessionCore } from './core.ts';

/** Things to do at a moment of the machine's clock. */
export class Timers {
  readonly #core: SessionCore;
  #waiting: { readonly at: number; readonly run: () => void }[] = [];

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** Whether anything is to be done. */
  get pending(): boolean {
    return this.#waiting.length > 0;
  }

  /** Does something at a moment, or as soon after it as the machine is called. */
  at(moment: number, run: () => void): void {
    this.#waiting.push({ at: moment, run });
    this.#core.watch(moment);
  }

  /** Does what is due. */
  run(now: number): void {
    const due = this.#waiting.filter((each) => each.at <= now);
    if (due.length > 0) this.#waiting = this.#waiting.filter((each) => each.at > now);
    for (const each of due) each.run();
    for (const each of this.#waiting) this.#core.watch(each.at);
  }

  clear(): void {
    this.#waiting = [];
  }
}
