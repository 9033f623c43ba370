/** Kinds of number a column holds. */
export type ColumnKind = 'u8' | 'u16' | 'u32' | 'f64';

/** Columns of a table by name. */
export type ColumnSpec = Readonly<Record<string, ColumnKind>>;

type ColumnArray<K extends ColumnKind> = K extends 'u8'
  ? Uint8Array
  : K extends 'u16'
    ? Uint16Array
    : K extends 'u32'
      ? Uint32Array
      : Float64Array;

/** One page of a table: a typed array for each column. */
export type Page<C extends ColumnSpec> = { readonly [K in keyof C]: ColumnArray<C[K]> };

/** Where pages go that memory has no room for; calls are synchronous, as a worker may make them. */
export interface PageStore {
  write(page: number, bytes: Uint8Array): void;
  read(page: number, into: Uint8Array): void;
}

const SIZES: Readonly<Record<ColumnKind, number>> = { u8: 1, u16: 2, u32: 4, f64: 8 };
const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array } as const;

/** Bytes one row takes. */
export function rowLength(spec: ColumnSpec): number {
  return Object.values(spec).reduce((sum, kind) => sum + SIZES[kind], 0);
}

interface Resident<C extends ColumnSpec> {
  readonly bytes: Uint8Array;
  readonly columns: Page<C>;
  usedAt: number;
  dirty: boolean;
}

function layOut<C extends ColumnSpec>(spec: C, bytes: Uint8Array, rows: number): Page<C> {
  const columns: Record<string, ColumnArray<ColumnKind>> = {};
  let at = 0;
  for (const size of [8, 4, 2, 1])
    for (const [name, kind] of Object.entries(spec)) {
      if (SIZES[kind] !== size) continue;
      columns[name] = new ARRAYS[kind](bytes.buffer as ArrayBuffer, at, rows);
      at += size * rows;
    }
  return columns as Page<C>;
}

/** A growing table of fixed columns; at most `residentPages` of it stay in memory once it has a store. */
export class PagedTable<C extends ColumnSpec> {
  readonly rowsPerPage: number;
  readonly shift: number;
  readonly mask: number;
  readonly #spec: C;
  readonly #pageBytes: number;
  readonly #store: PageStore | undefined;
  readonly #residentPages: number;
  readonly #pages: (Resident<C> | undefined)[] = [];
  #resident = 0;
  #tick = 0;
  #length = 0;
  #lastNumber = -1;
  #last: Resident<C> | undefined;

  constructor(spec: C, shift: number, store?: PageStore, residentPages = 64) {
    this.#spec = spec;
    this.shift = shift;
    this.rowsPerPage = 1 << shift;
    this.mask = this.rowsPerPage - 1;
    this.#pageBytes = rowLength(spec) * this.rowsPerPage;
    this.#store = store;
    this.#residentPages = Math.max(2, residentPages);
  }

  /** Rows there are. */
  get length(): number {
    return this.#length;
  }

  /** Pages there are, in memory or not. */
  get pageCount(): number {
    return this.#pages.length;
  }

  /** Bytes of memory its pages take now. */
  get residentBytes(): number {
    return this.#resident * this.#pageBytes;
  }

  /** Adds a row of zeros and answers its number; write to it through `writable`. */
  append(): number {
    const row = this.#length;
    if (row >> this.shift === this.#pages.length) this.#pages.push(this.#create());
    this.#length = row + 1;
    return row;
  }

  /** A page to read, valid until another page of this table is asked for. */
  page(number: number): Page<C> {
    return this.#load(number).columns;
  }

  /** A page to write to, valid until another page of this table is asked for. */
  writable(number: number): Page<C> {
    const page = this.#load(number);
    page.dirty = true;
    return page.columns;
  }

  /** Rows that page `number` holds. */
  rowsIn(number: number): number {
    return Math.min(this.rowsPerPage, this.#length - (number << this.shift));
  }

  #create(): Resident<C> {
    this.#makeRoom();
    const bytes = new Uint8Array(this.#pageBytes);
    this.#resident += 1;
    this.#tick += 1;
    return { bytes, columns: layOut(this.#spec, bytes, this.rowsPerPage), usedAt: this.#tick, dirty: true };
  }

  #load(number: number): Resident<C> {
    if (number === this.#lastNumber && this.#last !== undefined) return this.#last;
    let page = this.#pages[number];
    if (page === undefined) {
      if (this.#store === undefined || number < 0 || number >= this.#pages.length)
        throw new RangeError(`The table has no page ${number}; it has ${this.#pages.length}.`);
      page = this.#create();
      this.#store.read(number, page.bytes);
      page.dirty = false;
      this.#pages[number] = page;
    }
    this.#tick += 1;
    page.usedAt = this.#tick;
    this.#lastNumber = number;
    this.#last = page;
    return page;
  }

  #makeRoom(): void {
    if (this.#store === undefined || this.#resident < this.#residentPages) return;
    let oldest = -1;
    let usedAt = Infinity;
    for (let i = 0; i < this.#pages.length; i += 1) {
      const page = this.#pages[i];
      if (page === undefined || page.usedAt >= usedAt) continue;
      oldest = i;
      usedAt = page.usedAt;
    }
    const victim = this.#pages[oldest] as Resident<C>;
    if (victim.dirty) this.#store.write(oldest, victim.bytes);
    this.#pages[oldest] = undefined;
    this.#resident -= 1;
    if (oldest === this.#lastNumber) this.#last = undefined;
  }
}
