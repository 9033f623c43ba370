import { NO_TASK, TASK_FLAGS } from '../columns.ts';
import type { Trace } from '../trace.ts';
import { compileFilter } from './compile.ts';
import { needsFile, type FilterNode } from './parse.ts';
import { RowList } from './row-list.ts';

/** Open tasks that are remembered from one run to the next; with more of them a run begins anew. */
const OPEN_LIMIT = 65_536;

/** A filter kept up with a trace that grows: each run takes in what has come, and what has changed since. */
export class GrowingFilter {
  readonly #node: FilterNode;
  readonly #trace: Trace;
  /** Rows it lets through, in order. */
  readonly pdus = new RowList();
  /** Their tasks, in the order of the first row each. */
  readonly tasks = new RowList();
  /** Whether it reads the file and not the index alone. */
  readonly streams: boolean;
  /** The row by which each task of `tasks` came in. */
  readonly #cameBy = new RowList();
  readonly #known = new Set<number>();
  /** Tasks that were under way when the last run ended, with the number of their PDUs then. */
  #open = new Map<number, number>();
  #scanned = 0;
  #tasksSeen = 0;
  #rowsRead = 0;

  constructor(node: FilterNode, trace: Trace) {
    this.#node = node;
    this.#trace = trace;
    this.streams = needsFile(node);
  }

  /** Rows it has looked at. */
  get scanned(): number {
    return this.#scanned;
  }

  /** Rows it had to look at over all its runs. */
  get rowsRead(): number {
    return this.#rowsRead;
  }

  /** Takes in what is there now, a page at a time; yields how many rows have been looked at. */
  *extend(): Generator<number, void, undefined> {
    const end = this.#trace.length;
    const from = this.#firstChanged(Math.min(this.#scanned, end));
    this.#forget(from);
    const filter = compileFilter(this.#node, this.#trace, from);
    const { table } = this.#trace.pdus;
    const rows: number[] = [];
    for (let number = from >> table.shift; number << table.shift < end; number += 1) {
      rows.length = 0;
      filter.matchPage(number, rows);
      for (const row of rows) if (row >= from && row < end) this.#take(row);
      this.#scanned = Math.min(end, (number + 1) << table.shift);
      yield this.#scanned;
    }
    this.#rowsRead += end - from;
    this.#scanned = end;
    this.#watchOpen();
  }

  #take(row: number): void {
    this.pdus.push(row);
    const [page, i] = this.#trace.at(row);
    const task = page.task[i] as number;
    if (task === NO_TASK || this.#known.has(task)) return;
    this.#known.add(task);
    this.tasks.push(task);
    this.#cameBy.push(row);
  }

  /** The first row whose answer may be another than it was: that of the oldest task that has gone on since. */
  #firstChanged(seenTo: number): number {
    let first = seenTo;
    for (const [task, pdus] of this.#open) {
      const [page, i] = this.#trace.taskAt(task);
      const ended = ((page.flags[i] as number) & TASK_FLAGS.ended) !== 0;
      if (ended || page.pdus[i] !== pdus || isAbandoned(page.flags[i] as number))
        first = Math.min(first, page.firstPdu[i] as number);
    }
    return first;
  }

  #forget(from: number): void {
    this.pdus.truncate(this.pdus.countBelow(from));
    const kept = this.#cameBy.countBelow(from);
    for (let k = kept; k < this.tasks.length; k += 1) this.#known.delete(this.tasks.at(k));
    this.tasks.truncate(kept);
    this.#cameBy.truncate(kept);
  }

  /** Looks for tasks that have begun since and are under way, and lets go of those that have ended. */
  #watchOpen(): void {
    const { table } = this.#trace.tasks;
    const open = new Map<number, number>();
    const look = (task: number): void => {
      const [page, i] = this.#trace.taskAt(task);
      const flags = page.flags[i] as number;
      if ((flags & TASK_FLAGS.ended) === 0 && !isAbandoned(flags)) open.set(task, page.pdus[i] as number);
    };
    for (const task of this.#open.keys()) look(task);
    for (let task = this.#tasksSeen; task < table.length; task += 1) look(task);
    this.#tasksSeen = table.length;
    this.#open = open;
    if (open.size <= OPEN_LIMIT) return;
    this.#open = new Map();
    this.#scanned = 0;
    this.#tasksSeen = 0;
  }
}

/** A task whose tag was taken by another gets no more PDUs. */
function isAbandoned(flags: number): boolean {
  return (flags & TASK_FLAGS.tagReused) !== 0;
}
