import { NO_TASK, TASK_FLAGS } from '../columns.ts';
import type { Trace } from '../trace.ts';
import { compileFilter, matchRows } from './compile.ts';
import type { FilterNode } from './parse.ts';

/** Rows held back at most; past it those of the longest held task are judged as they stand. */
const HELD_LIMIT = 1 << 16;

/** Fields of tasks that are known with their first PDU and stay as they are. */
const KNOWN_AT_START: ReadonlySet<string> = new Set([
  'task',
  'task.delta',
  'scsi.opcode',
  'serviceAction',
  'lun',
  'lba',
  'blocks',
  'lastLba',
  'expected',
  'queued',
  'request',
  'scsi',
  'orphan',
  'read',
  'write',
]);

/** Whether a filter asks how tasks end, so that it cannot judge the PDUs of one before its end. */
export function waitsForTasks(node: FilterNode): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
      return waitsForTasks(node.left) || waitsForTasks(node.right);
    case 'not':
      return waitsForTasks(node.inner);
    case 'freeText':
      return false;
    default:
      return node.field.level === 'task' && node.field.cdb === undefined && !KNOWN_AT_START.has(node.field.name);
  }
}

/**
 * A filter that answers each row once, as soon as its answer stands: at once, or where the filter asks how tasks end,
 * with the end of the row's task. In the end it has let through what a filter of the whole trace lets through.
 */
export class SettlingFilter {
  readonly #node: FilterNode;
  readonly #trace: Trace;
  readonly #waits: boolean;
  readonly #heldLimit: number;
  /** Rows of tasks under way, in the order the tasks came. */
  readonly #held = new Map<number, number[]>();
  #heldRows = 0;
  #seen = 0;

  constructor(node: FilterNode, trace: Trace, heldLimit = HELD_LIMIT) {
    this.#node = node;
    this.#trace = trace;
    this.#waits = waitsForTasks(node);
    this.#heldLimit = heldLimit;
  }

  /** Rows that have come in or been judged since the last call and are let through, in order; `last` judges all there are. */
  take(last: boolean): number[] {
    const from = this.#seen;
    this.#seen = this.#trace.length;
    if (!this.#waits || (last && from === 0))
      return matchRows(compileFilter(this.#node, this.#trace, from), this.#trace, from);
    const rows = this.#release(last);
    for (let row = from; row < this.#seen; row += 1) {
      const [page, i] = this.#trace.at(row);
      const task = page.task[i] as number;
      if (last || task === NO_TASK || this.#hasEnded(task)) rows.push(row);
      else this.#hold(task, row);
    }
    this.#makeRoom(rows);
    return this.#judge(rows);
  }

  #hasEnded(task: number): boolean {
    const [page, i] = this.#trace.taskAt(task);
    return ((page.flags[i] as number) & (TASK_FLAGS.ended | TASK_FLAGS.tagReused | TASK_FLAGS.aborted)) !== 0;
  }

  #hold(task: number, row: number): void {
    const rows = this.#held.get(task);
    if (rows === undefined) this.#held.set(task, [row]);
    else rows.push(row);
    this.#heldRows += 1;
  }

  /** Rows of tasks that have ended since. */
  #release(all: boolean): number[] {
    const free: number[] = [];
    for (const task of this.#held.keys()) if (all || this.#hasEnded(task)) this.#letGo(task, free);
    return free;
  }

  #letGo(task: number, into: number[]): void {
    const rows = this.#held.get(task) ?? [];
    this.#held.delete(task);
    this.#heldRows -= rows.length;
    for (const row of rows) into.push(row);
  }

  #makeRoom(into: number[]): void {
    for (const task of this.#held.keys()) {
      if (this.#heldRows <= this.#heldLimit) return;
      this.#letGo(task, into);
    }
  }

  #judge(rows: number[]): number[] {
    rows.sort((a, b) => a - b);
    const [first] = rows;
    if (first === undefined) return rows;
    const filter = compileFilter(this.#node, this.#trace, first);
    return rows.filter((row) => filter.matches(row));
  }
}
