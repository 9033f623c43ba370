import { useCallback, useEffect, useMemo, useReducer, useState } from 'react';
import type { PduRow, TaskRow } from '../../../electron/contract/trace.ts';
import { request } from '../../lib/client.ts';
import type { Line, ListMode } from './columns.tsx';
import { PageCache } from './page-cache.ts';

/** PDUs of an unfolded task that are listed at most; the ladder and the filter show the rest. */
const MOST_UNFOLDED = 500;

interface Unfolded {
  readonly index: number;
  readonly task: number;
  readonly rows: readonly PduRow[];
}

/** What stands at a position of the list. */
export interface Placed {
  readonly line: Line | undefined;
  /** Position among tasks, or among PDUs. */
  readonly index: number;
  /** Place within the unfolded task; -1 for the task itself and in the list of PDUs. */
  readonly sub: number;
  readonly unfolded: boolean;
}

/** The lines of a list: rows by page, and between them the PDUs of tasks that are unfolded. */
export interface Lines {
  readonly count: number;
  readonly at: (position: number) => Placed;
  readonly range: (first: number, last: number) => void;
  readonly toggle: (index: number, task: TaskRow) => void;
  /** Where a row of the list stands among the lines. */
  readonly positionOf: (index: number) => number;
}

/** Keeps the lines of one view; `version` changes when rows may have. */
export function useLines(trace: string, view: string, mode: ListMode, total: number, version: string): Lines {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const [unfolded, setUnfolded] = useState<readonly Unfolded[]>([]);
  const cache = useMemo(
    () =>
      new PageCache<Line>(async (from, count) => {
        const answer = await request(mode === 'tasks' ? 'trace.tasks' : 'trace.pdus', { trace, view, from, count });
        return answer.ok ? answer.value.rows : null;
      }, draw),
    [trace, view, mode],
  );
  useEffect(() => cache.refresh(), [cache, version]);

  const place = useCallback(
    (position: number): { index: number; sub: number; own: Unfolded | undefined } => {
      let left = position;
      for (const one of unfolded) {
        if (left <= one.index) break;
        const within = left - one.index - 1;
        if (within < one.rows.length) return { index: one.index, sub: within, own: one };
        left -= one.rows.length;
      }
      return { index: left, sub: -1, own: unfolded.find(({ index }) => index === left) };
    },
    [unfolded],
  );

  const toggle = (index: number, task: TaskRow): void => {
    if (unfolded.some((one) => one.index === index)) {
      setUnfolded(unfolded.filter((one) => one.index !== index));
      return;
    }
    void request('trace.taskPdus', { trace, task: task.task, from: 0, count: MOST_UNFOLDED }).then((answer) => {
      if (!answer.ok) return;
      const added = { index, task: task.task, rows: answer.value.rows };
      setUnfolded((now) => [...now.filter((one) => one.index !== index), added].sort((a, b) => a.index - b.index));
    });
  };

  return {
    count: total + unfolded.reduce((sum, { rows }) => sum + rows.length, 0),
    at: (position) => {
      const { index, sub, own } = place(position);
      return {
        line: sub < 0 ? cache.get(index) : own?.rows[sub],
        index,
        sub,
        unfolded: own !== undefined && sub < 0,
      };
    },
    range: useCallback(
      (first: number, last: number) => cache.want(Math.max(0, place(first).index - 1), place(last).index + 1),
      [cache, place],
    ),
    toggle,
    positionOf: (index) =>
      index + unfolded.filter((one) => one.index < index).reduce((sum, { rows }) => sum + rows.length, 0),
  };
}
