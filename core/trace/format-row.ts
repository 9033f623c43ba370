import { MARKS, NO_TASK } from './columns.ts';
import { describeRow } from './describe.ts';
import { formatNs } from './format-ns.ts';
import { viewTask } from './task-view.ts';
import type { Trace } from './trace.ts';

/** A PDU as a line of a packet list: number, seconds since the first one, connection, direction, tag, description, latency. */
export function formatRow(trace: Trace, row: number): string {
  const [page, i] = trace.at(row);
  const time = (((page.time[i] as number) - trace.startNs) / 1e9).toFixed(6).padStart(12);
  const arrow = ((page.marks[i] as number) & MARKS.fromInitiator) === 0 ? '<-' : '->';
  const connection = `#${page.connection[i] as number}`;
  const itt = (page.itt[i] as number).toString(16).padStart(8, '0');
  const number = page.task[i] as number;
  const task = number === NO_TASK ? undefined : viewTask(trace, number);
  const latency = task?.latencyNs === undefined || task.lastPdu !== row ? '' : `  [${formatNs(task.latencyNs)}]`;
  return `${String(row + 1).padStart(7)} ${time} ${connection} ${arrow} ${itt}  ${describeRow(trace, row)}${latency}`;
}
