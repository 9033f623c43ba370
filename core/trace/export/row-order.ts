import { serialLess } from '../../bytes/index.ts';
import { OPCODES } from '../../pdu/index.ts';
import { MARKS, NO_TASK, type PduPage } from '../columns.ts';
import { WORD_USE } from '../fields-of.ts';
import type { Trace } from '../trace.ts';

/** Rows of an export in the order of their times, and the time each is written with. */
export interface RowOrder {
  readonly length: number;
  row(k: number): number;
  /** Whole ns since the trace's base; never less than that of the row before. */
  timeNs(k: number): number;
  /** Rows that are written with a later time than their own. */
  readonly retimed: number;
}

/** Time of a row as a capture can hold it. */
function timeOf(trace: Trace, row: number): number {
  const [page, i] = trace.at(row);
  return Math.round(page.time[i] as number);
}

/**
 * Puts rows in the order of their times. A trace is in order of what could be read when, so that those behind a gap come late in it.
 * Within a direction of a connection the order stays, and nothing goes before the request it answers or the status it acknowledges: where
 * its own time would have it so, a row takes the time of the one it must follow.
 */
export function orderRows(trace: Trace, rows: readonly number[] | undefined): RowOrder {
  const length = rows?.length ?? trace.length;
  const rowAt = (k: number): number => rows?.[k] ?? k;
  let last = -Infinity;
  let ordered = true;
  for (let k = 0; ordered && k < length; k += 1) {
    const timeNs = timeOf(trace, rowAt(k));
    ordered = timeNs >= last;
    last = timeNs;
  }
  if (ordered) return { length, row: rowAt, timeNs: (k) => timeOf(trace, rowAt(k)), retimed: 0 };
  const times = new Float64Array(length);
  const latest = new Map<number, number>();
  const acknowledged = new Acknowledged();
  let retimed = 0;
  for (let k = 0; k < length; k += 1) {
    const row = rowAt(k);
    const [page, i] = trace.at(row);
    const own = Math.round(page.time[i] as number);
    const stream = (page.connection[i] as number) * 2 + ((page.marks[i] as number) & MARKS.fromInitiator);
    const begun = placeOfBegin(trace, page.task[i] as number, rows, k);
    const floor = Math.max(latest.get(stream) ?? own, begun < 0 ? own : (times[begun] as number));
    const timeNs = Math.max(own, floor, acknowledged.timeOf(page, i) ?? own);
    latest.set(stream, timeNs);
    acknowledged.add(page, i, timeNs);
    times[k] = timeNs;
    if (timeNs !== own) retimed += 1;
  }
  const order = Array.from({ length }, (_, k) => k).sort((a, b) => (times[a] as number) - (times[b] as number));
  return {
    length,
    row: (k) => rowAt(order[k] as number),
    timeNs: (k) => times[order[k] as number] as number,
    retimed,
  };
}

/** Most statuses of a connection that wait to be acknowledged. */
const WAITING = 4096;

/** When the statuses are written that requests acknowledge, a connection at a time (RFC 7143 4.2.2.2). */
class Acknowledged {
  readonly #waiting = new Map<number, { readonly statSn: number; readonly timeNs: number }[]>();

  /** Keeps the time of a row that carries a status. */
  add(page: PduPage, i: number, timeNs: number): void {
    const opcode = (page.opcode[i] as number) & 0x3f;
    if (WORD_USE[opcode]?.statSn !== true || (opcode === OPCODES.dataIn && ((page.flags[i] as number) & 1) === 0))
      return;
    const id = page.connection[i] as number;
    const waiting = this.#waiting.get(id) ?? [];
    this.#waiting.set(id, waiting);
    if (waiting.length < WAITING) waiting.push({ statSn: page.word24[i] as number, timeNs });
  }

  /** The time of the last status that a row acknowledges for the first time. */
  timeOf(page: PduPage, i: number): number | undefined {
    if (((page.marks[i] as number) & MARKS.fromInitiator) === 0) return undefined;
    const waiting = this.#waiting.get(page.connection[i] as number) ?? [];
    const expStatSn = page.word28[i] as number;
    let [count, timeNs]: [number, number | undefined] = [0, undefined];
    while (count < waiting.length && serialLess(waiting[count]?.statSn ?? 0, expStatSn)) {
      timeNs = Math.max(timeNs ?? -Infinity, waiting[count]?.timeNs ?? -Infinity);
      count += 1;
    }
    waiting.splice(0, count);
    return timeNs;
  }
}

/** Where among the rows before `k` that lies which began a task, or -1. */
function placeOfBegin(trace: Trace, task: number, rows: readonly number[] | undefined, k: number): number {
  if (task === NO_TASK) return -1;
  const [page, i] = trace.taskAt(task);
  const begin = page.firstPdu[i] as number;
  if (rows === undefined) return begin < k ? begin : -1;
  let [low, high] = [0, k];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as number) < begin) low = middle + 1;
    else high = middle;
  }
  return low < k && rows[low] === begin ? low : -1;
}
