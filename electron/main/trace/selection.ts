import { UsageError } from '../../../core/errors/index.ts';
import { NO_TASK, type Trace } from '../../../core/trace/index.ts';
import type { Views } from './views.ts';

const MOST_SELECTED = 1_000_000;

function refuse(): never {
  throw new UsageError('LIMIT_REACHED', `At most ${MOST_SELECTED} PDUs are selected at once.`, {
    hint: 'Filter instead: what passes a filter can be exported without a limit.',
  });
}

/** The PDUs that stand for lines of a list: themselves, or the first of each task. */
export function rowsOfLines(
  trace: Trace,
  views: Views,
  { view, list, from, to }: { view: string; list: 'tasks' | 'pdus'; from: number; to: number },
): number[] {
  const total = list === 'tasks' ? views.taskCount(view) : views.pduCount(view);
  const end = Math.min(total, to + 1);
  if (end - from > MOST_SELECTED) refuse();
  const rows: number[] = [];
  for (let at = from; at < end; at += 1) {
    if (list === 'pdus') rows.push(views.pduAt(view, at));
    else {
      const [page, i] = trace.taskAt(views.taskAt(view, at));
      rows.push(page.firstPdu[i] as number);
    }
  }
  return rows;
}

/** These PDUs, and all of each task that one of them begins, in their order. */
export function rowsOfWholeTasks(trace: Trace, rows: readonly number[]): number[] {
  const all = new Set<number>();
  for (const row of rows) {
    const [page, i] = trace.at(row);
    const task = page.task[i] as number;
    all.add(row);
    if (task === NO_TASK) continue;
    const [tasks, k] = trace.taskAt(task);
    if (tasks.firstPdu[k] !== row) continue;
    for (const own of trace.rowsOfTask(task)) all.add(own);
    if (all.size > MOST_SELECTED) refuse();
  }
  return [...all].sort((a, b) => a - b);
}
