import type { LogLine } from '../../contract/jobs.ts';

const KEPT = 5000;

/** What the program tells of its own work, for the Log panel; the oldest lines go first. Secrets never come here. */
export class LogBook {
  readonly #lines: LogLine[] = [];
  readonly #watchers = new Set<(line: LogLine) => void>();
  #last = 0;

  write(level: LogLine['level'], source: string, text: string): void {
    this.#last += 1;
    const line: LogLine = { n: this.#last, at: Date.now(), level, source, text };
    this.#lines.push(line);
    if (this.#lines.length > KEPT) this.#lines.splice(0, this.#lines.length - KEPT);
    for (const watcher of this.#watchers) watcher(line);
  }

  /** Tells every kept line, then each new one. */
  watch(watcher: (line: LogLine) => void): () => void {
    for (const line of this.#lines) watcher(line);
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}
