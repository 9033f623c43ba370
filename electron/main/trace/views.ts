import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  GrowingFilter,
  NO_TASK,
  parseFilter,
  type FilterNode,
  type TimelineChoice,
  type Trace,
} from '../../../core/trace/index.ts';
import type { FilterState } from '../../contract/trace.ts';
import { toWireError } from '../ipc/dispatch.ts';

const SLICE_MS = 12;
const TELL_MS = 60;
/** On a growing trace a filter takes in what has come this often. */
const REST_MS = 250;

type Tell = (state: FilterState) => void;

/** One filter over a trace: what it has let through so far, kept up as the trace grows. */
class View {
  readonly #trace: Trace;
  readonly #expression: string;
  readonly #tell: Tell;
  readonly #node: FilterNode;
  #found: GrowingFilter;
  #running = false;
  #ended = false;
  #seenTo = -1;
  #wasComplete = false;
  #restsUntil = 0;

  constructor(trace: Trace, expression: string, tell: Tell) {
    this.#trace = trace;
    this.#expression = expression;
    this.#tell = tell;
    this.#node = parseFilter(expression);
    this.#found = new GrowingFilter(this.#node, trace);
  }

  get found(): GrowingFilter {
    return this.#found;
  }

  end(): void {
    this.#ended = true;
  }

  /** Takes in what has come; once the trace has come to its end it looks at the whole again, as what is open then stays so. */
  refresh(): void {
    const grown = this.#trace.length !== this.#seenTo || this.#trace.complete !== this.#wasComplete;
    if (this.#running || this.#ended || !grown) return;
    if (performance.now() < this.#restsUntil && !this.#trace.complete) return;
    this.#running = true;
    void this.#run().finally(() => {
      this.#running = false;
    });
  }

  async #run(): Promise<void> {
    const end = this.#trace.length;
    const again = this.#trace.complete && this.#seenTo >= 0 && !this.#wasComplete;
    this.#wasComplete = this.#trace.complete;
    const filter = again ? new GrowingFilter(this.#node, this.#trace) : this.#found;
    const say = (scanned: number, done: boolean): void => {
      const { pdus, tasks } = done ? filter : this.#found;
      this.#tell({
        expression: this.#expression,
        pdus: pdus.length,
        tasks: tasks.length,
        scanned,
        total: end,
        done,
        streams: filter.streams,
        error: null,
      });
    };
    let yieldedAt = performance.now();
    let toldAt = 0;
    for (const scanned of filter.extend()) {
      const now = performance.now();
      if (now - yieldedAt < SLICE_MS) continue;
      if (now - toldAt > TELL_MS) {
        say(scanned, false);
        toldAt = now;
      }
      await nextTurn();
      if (this.#ended) return;
      yieldedAt = performance.now();
    }
    this.#found = filter;
    this.#seenTo = end;
    this.#restsUntil = performance.now() + REST_MS;
    say(end, true);
  }
}

/** The filters of the screens that show one trace. */
export class Views {
  readonly #trace: Trace;
  readonly #views = new Map<string, View>();

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** Starts a filter under a name, in place of the one before; an empty one lets everything through. */
  open(name: string, expression: string, tell: Tell): void {
    this.close(name);
    if (expression.trim() === '') return;
    try {
      const view = new View(this.#trace, expression, tell);
      this.#views.set(name, view);
      view.refresh();
    } catch (error) {
      const wire = toWireError(error, () => undefined);
      tell({ expression, pdus: 0, tasks: 0, scanned: 0, total: 0, done: true, streams: false, error: wire });
    }
  }

  close(name: string): void {
    this.#views.get(name)?.end();
    this.#views.delete(name);
  }

  /** Lets every filter take in what has come. */
  refresh(): void {
    for (const view of this.#views.values()) view.refresh();
  }

  /** PDUs a view shows. */
  pduCount(name: string): number {
    return this.#views.get(name)?.found.pdus.length ?? this.#trace.length;
  }

  /** Tasks a view shows. */
  taskCount(name: string): number {
    return this.#views.get(name)?.found.tasks.length ?? this.#trace.tasks.table.length;
  }

  pduAt(name: string, index: number): number {
    return this.#views.get(name)?.found.pdus.at(index) ?? index;
  }

  taskAt(name: string, index: number): number {
    return this.#views.get(name)?.found.tasks.at(index) ?? index;
  }

  /** Where a PDU and its task stand in a view; -1 where they do not. */
  locate(name: string, row: number): { pdu: number; task: number } {
    const [page, i] = this.#trace.at(row);
    const task = page.task[i] as number;
    const view = this.#views.get(name);
    if (view === undefined) return { pdu: row, task: task === NO_TASK ? -1 : task };
    const { pdus, tasks } = view.found;
    return { pdu: pdus.indexOf(row), task: task === NO_TASK ? -1 : tasks.indexOf(task) };
  }

  /** PDUs and tasks a view shows so far, or undefined for all. */
  chosenBy(name: string): TimelineChoice | undefined {
    return this.#views.get(name)?.found;
  }

  /** Rows a view shows, or undefined for all. */
  rowsOf(name: string): number[] | undefined {
    return this.#views.get(name)?.found.pdus.toArray();
  }
}
