const SOON_MS = 100;
const AGAIN_MS = 1000;
const LONGEST_MS = 60_000;

/**
 * Lists LUNs anew after hints that they have changed: soon, one listing at a time. Listing clears the hints that each unit
 * still holds, and hears them; a target that never stops hinting is asked ever more seldom.
 */
export class Relisting {
  readonly #list: () => Promise<boolean>;
  #owed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delayMs = SOON_MS;
  #running = false;
  #hinted = false;
  #over = false;

  /** `list` handles its own failures, and says false where nothing can be asked now. */
  constructor(list: () => Promise<boolean>) {
    this.#list = list;
  }

  /** There was a hint that nothing came of, since nothing could be asked. */
  get owed(): boolean {
    return this.#owed;
  }

  hint(): void {
    this.#hinted = true;
    if (this.#over || this.#running || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#run(), this.#delayMs);
    this.#timer.unref();
  }

  /** No listing begins any more. */
  close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    this.#hinted = false;
    this.#running = true;
    this.#owed = !(await this.#list());
    this.#running = false;
    const wasHinted = this.#hinted as boolean;
    this.#delayMs = wasHinted ? Math.min(LONGEST_MS, Math.max(AGAIN_MS, this.#delayMs * 2)) : SOON_MS;
    if (wasHinted) this.hint();
  }
}
