import type { PduRow, TaskRow } from '../../../electron/contract/trace.ts';
import { isTask, type Line } from './columns.tsx';
import { PageCache } from './page-cache.ts';

/** What stands at a position of the list. */
export interface Placed {
  readonly line: Line | undefined;
  /** Position among tasks, or among PDUs. */
  readonly index: number;
  /** Place within the unfolded task; -1 for the task itself and in the list of PDUs. */
  readonly sub: number;
  readonly unfolded: boolean;
}

/** Where the lines come from; null where asking failed. */
export interface LineSource {
  readonly lines: (from: number, count: number) => Promise<readonly Line[] | null>;
  readonly pdusOf: (task: number, from: number, count: number) => Promise<readonly PduRow[] | null>;
}

interface Unfolded {
  readonly index: number;
  readonly task: number;
  readonly cache: PageCache<PduRow>;
  pdus: number;
}

/** The lines of one view: its rows by page, and between them the PDUs of tasks that are unfolded, by page as well. */
export class LineList {
  readonly #source: LineSource;
  readonly #onChange: () => void;
  readonly #cache: PageCache<Line>;
  #unfolded: readonly Unfolded[] = [];

  constructor(source: LineSource, onChange: () => void) {
    this.#source = source;
    this.#onChange = onChange;
    this.#cache = new PageCache<Line>(source.lines, () => {
      this.#grow();
      onChange();
    });
  }

  /** Lines that unfolded tasks add. */
  get extra(): number {
    return this.#unfolded.reduce((sum, { pdus }) => sum + pdus, 0);
  }

  at(position: number): Placed {
    const { index, sub, own } = this.#place(position);
    const line = sub < 0 ? this.#cache.get(index) : own?.cache.get(sub);
    return { line, index, sub, unfolded: own !== undefined && sub < 0 };
  }

  /** Says which positions are looked at. */
  want(first: number, last: number): void {
    const [from, to] = [this.#place(first), this.#place(last)];
    this.#cache.want(Math.max(0, from.index - 1), to.index + 1);
    for (const one of this.#unfolded) {
      const start = this.positionOf(one.index) + 1;
      const [low, high] = [Math.max(0, first - 1 - start), Math.min(one.pdus, last + 1 - start)];
      if (low < high) one.cache.want(low, high);
    }
  }

  /** Says that lines may have changed. */
  refresh(): void {
    this.#cache.refresh();
    for (const { cache } of this.#unfolded) cache.refresh();
  }

  /** Unfolds a task, or folds it. */
  toggle(index: number, task: TaskRow): void {
    if (this.#unfolded.some((one) => one.index === index)) {
      this.#unfolded = this.#unfolded.filter((one) => one.index !== index);
    } else {
      const cache = new PageCache<PduRow>(
        (from, count) => this.#source.pdusOf(task.task, from, count),
        () => this.#onChange(),
      );
      const added = { index, task: task.task, cache, pdus: task.pdus };
      this.#unfolded = [...this.#unfolded, added].sort((a, b) => a.index - b.index);
    }
    this.#onChange();
  }

  /** Where a row of the list stands among the lines. */
  positionOf(index: number): number {
    return index + this.#unfolded.reduce((sum, one) => (one.index < index ? sum + one.pdus : sum), 0);
  }

  /** Where a PDU stands within an unfolded task, the task's own line being -1: PDUs of a task are in the order of their rows. */
  async subOf(index: number, row: number): Promise<number> {
    const own = this.#unfolded.find((one) => one.index === index);
    if (own === undefined) return -1;
    let [low, high] = [0, own.pdus - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const pdu = own.cache.get(middle) ?? (await this.#source.pdusOf(own.task, middle, 1))?.[0];
      if (pdu === undefined) return -1;
      if (pdu.row === row) return middle;
      if (pdu.row < row) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  #place(position: number): { index: number; sub: number; own: Unfolded | undefined } {
    let left = position;
    for (const one of this.#unfolded) {
      if (left <= one.index) return { index: left, sub: -1, own: left === one.index ? one : undefined };
      const within = left - one.index - 1;
      if (within < one.pdus) return { index: one.index, sub: within, own: one };
      left -= one.pdus;
    }
    return { index: left, sub: -1, own: undefined };
  }

  /** A task that is under way gains PDUs while it lies unfolded. */
  #grow(): void {
    for (const one of this.#unfolded) {
      const line = this.#cache.get(one.index);
      if (line !== undefined && isTask(line) && line.task === one.task) one.pdus = line.pdus;
    }
  }
}
