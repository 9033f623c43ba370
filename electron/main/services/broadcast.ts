/** A value that watchers are told of: now, and after every change; changes of one turn are told once. */
export class Broadcast<T> {
  readonly #watchers = new Set<(value: T) => void>();
  readonly #read: () => T;
  #scheduled = false;

  constructor(read: () => T) {
    this.#read = read;
  }

  /** Tells of the value now and at every change; gives the function that ends it. */
  watch(watcher: (value: T) => void): () => void {
    this.#watchers.add(watcher);
    watcher(this.#read());
    return () => this.#watchers.delete(watcher);
  }

  /** Says that the value may have changed. */
  changed(): void {
    if (this.#scheduled || this.#watchers.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const value = this.#read();
      for (const watcher of this.#watchers) watcher(value);
    });
  }
}
