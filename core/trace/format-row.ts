import { MARKS, NO_TASK } from './columns.ts';
import { describeRow } from './describe.ts';
import { viewTask } from './task-view.ts';
import type { Trace } from './trace.ts';

/** A time span for people, in the unit that fits it. */
export function formatDuration(ns: number): string {
  const size = Math.abs(ns);
  if (size < 1e3) return `${Math.round(ns)} ns`;
  if (size < 1e6) return `${(ns / 1e3).toFixed(1)} us`;
  if (size < 1e9) return `${(ns / 1e6).toFixed(2)} ms`;
  return `${(ns / 1e9).toFixed(3)} s`;
}

/** A PDU as a line of a packet list: number, seconds since the first one, connection, direction, tag, description, latency. */
export function formatRow(trace: Trace, row: number): string {
  const [page, i] = trace.at(row);
  const time = (((page.time[i] as number) - trace.startNs) / 1e9).toFixed(6).padStart(12);
  const arrow = ((page.marks[i] as number) & MARKS.fromInitiator) === 0 ? '<-' : '->';
  const connection = `#${page.connection[i] as number}`;
  const itt = (page.itt[i] as number).toString(16).padStart(8, '0');
  const number = page.task[i] as number;
  const task = number === NO_TASK ? undefined : viewTask(trace, number);
  const latency = task?.latencyNs === undefined || task.lastPdu !== row ? '' : `  [${formatDuration(task.latencyNs)}]`;
  return `${String(row + 1).padStart(7)} ${time} ${connection} ${arrow} ${itt}  ${describeRow(trace, row)}${latency}`;
}
