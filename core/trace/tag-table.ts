/** Most tasks that are followed at once; beyond it answers are no longer paired. */
export const OPEN_TASK_LIMIT = 1 << 20;

/** Steps from an entry's home that are no accident: its tags were chosen to meet, or come from a generator that does. */
const LONGEST_RUN = 128;

/** Finds the open task of a (connection, tag) pair without an object or a string per entry. */
export class TagTable {
  #capacity = 1024;
  /** Leaves as many of the upper bits, which are the best mixed ones, as the capacity has. */
  #shift = 22;
  #tags = new Uint32Array(1024);
  #owners = new Int32Array(1024).fill(-1);
  #tasks = new Uint32Array(1024);
  #size = 0;
  /** What tags are spread by: another one is taken where it does not spread them, at most once for each doubling. */
  #factor = 0x9e3779b1;
  #factorFrom = 0;
  readonly #limit: number;

  constructor(limit = OPEN_TASK_LIMIT) {
    this.#limit = limit;
  }

  /** Entries there are. */
  get size(): number {
    return this.#size;
  }

  /** The task under this tag, or -1. */
  find(connection: number, tag: number): number {
    const at = this.#slot(connection, tag);
    return this.#owners[at] === -1 ? -1 : (this.#tasks[at] as number);
  }

  /** Entries there is room for without growing, each of which `tasksOf` looks at. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Tasks of the connections that `accepts` takes. */
  tasksOf(accepts: (connection: number) => boolean): number[] {
    const tasks: number[] = [];
    for (let at = 0; at < this.#capacity; at += 1) {
      const owner = this.#owners[at] as number;
      if (owner >= 0 && accepts(owner)) tasks.push(this.#tasks[at] as number);
    }
    return tasks;
  }

  /** Sets the task under this tag; answers false where the table is full. */
  set(connection: number, tag: number, task: number): boolean {
    let at = this.#slot(connection, tag);
    if (this.#owners[at] === -1) {
      if (this.#size >= this.#limit) return false;
      if (this.#size * 2 >= this.#capacity) {
        this.#grow();
        at = this.#slot(connection, tag);
      }
      this.#size += 1;
      this.#owners[at] = connection;
      this.#tags[at] = tag;
      this.#tasks[at] = task;
      if (
        ((at - this.#home(connection, tag)) & (this.#capacity - 1)) > LONGEST_RUN &&
        this.#size > 2 * this.#factorFrom
      )
        this.#spreadAnew();
      return true;
    }
    this.#tasks[at] = task;
    return true;
  }

  /** Takes an entry out; later entries of its run move up, so that no tombstones gather. */
  delete(connection: number, tag: number): void {
    let hole = this.#slot(connection, tag);
    if (this.#owners[hole] === -1) return;
    this.#size -= 1;
    const mask = this.#capacity - 1;
    for (let next = (hole + 1) & mask; this.#owners[next] !== -1; next = (next + 1) & mask) {
      const home = this.#home(this.#owners[next] as number, this.#tags[next] as number);
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      this.#owners[hole] = this.#owners[next] as number;
      this.#tags[hole] = this.#tags[next] as number;
      this.#tasks[hole] = this.#tasks[next] as number;
      hole = next;
    }
    this.#owners[hole] = -1;
  }

  #home(connection: number, tag: number): number {
    return Math.imul(tag ^ Math.imul(connection + 1, 0x85ebca6b), this.#factor) >>> this.#shift;
  }

  #slot(connection: number, tag: number): number {
    const mask = this.#capacity - 1;
    let at = this.#home(connection, tag);
    while (this.#owners[at] !== -1 && (this.#tags[at] !== tag || this.#owners[at] !== connection)) at = (at + 1) & mask;
    return at;
  }

  #spreadAnew(): void {
    this.#factor = (Math.imul(this.#factor, 0x2c1b3c6d) + 0x3504f334) | 1;
    this.#factorFrom = this.#size;
    this.#rebuild();
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#shift -= 1;
    this.#rebuild();
  }

  #rebuild(): void {
    const [tags, owners, tasks] = [this.#tags, this.#owners, this.#tasks];
    this.#tags = new Uint32Array(this.#capacity);
    this.#owners = new Int32Array(this.#capacity).fill(-1);
    this.#tasks = new Uint32Array(this.#capacity);
    for (let i = 0; i < owners.length; i += 1) {
      const owner = owners[i] as number;
      if (owner === -1) continue;
      const at = this.#slot(owner, tags[i] as number);
      this.#owners[at] = owner;
      this.#tags[at] = tags[i] as number;
      this.#tasks[at] = tasks[i] as number;
    }
  }
}
