/** Rows of one page. */
export const PAGE_ROWS = 128;
const KEPT_PAGES = 64;
/** Whoever scrolls fast passes more pages than can come; the ones in view must not wait for all of them. */
const MOST_UNDER_WAY = 2;

interface PageState<T> {
  readonly rows: readonly T[];
  readonly version: number;
}

/** Rows of a list far longer than memory should hold: pages come as they are looked at, and old ones go. */
export class PageCache<T> {
  readonly #fetch: (from: number, count: number) => Promise<readonly T[] | null>;
  readonly #onChange: () => void;
  readonly #pages = new Map<number, PageState<T>>();
  readonly #loading = new Set<number>();
  #version = 0;
  #first = 0;
  #last = 0;

  constructor(fetch: (from: number, count: number) => Promise<readonly T[] | null>, onChange: () => void) {
    this.#fetch = fetch;
    this.#onChange = onChange;
  }

  /** A row, if it is here. */
  get(index: number): T | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.rows[index % PAGE_ROWS];
  }

  /** Says which rows are looked at; those that lack or are out of date are fetched. */
  want(first: number, last: number): void {
    this.#first = first;
    this.#last = last;
    const [from, to] = [Math.floor(first / PAGE_ROWS), Math.floor(Math.max(first, last - 1) / PAGE_ROWS)];
    for (let page = from; page <= to; page += 1) void this.#load(page);
  }

  /** Says that rows may have changed: what is in view is fetched again, and stays until then. */
  refresh(): void {
    this.#version += 1;
    this.want(this.#first, this.#last);
  }

  async #load(page: number): Promise<void> {
    const version = this.#version;
    if (this.#loading.has(page) || this.#pages.get(page)?.version === version) return;
    if (this.#loading.size >= MOST_UNDER_WAY) return;
    this.#loading.add(page);
    const rows = await this.#fetch(page * PAGE_ROWS, PAGE_ROWS);
    this.#loading.delete(page);
    if (rows === null) return;
    this.#pages.delete(page);
    this.#pages.set(page, { rows, version });
    for (const other of this.#pages.keys()) {
      if (this.#pages.size <= KEPT_PAGES) break;
      if (other !== page) this.#pages.delete(other);
    }
    this.#onChange();
    this.want(this.#first, this.#last);
  }
}
