import { useEffect, useMemo, useReducer } from 'react';
import { request } from '../../lib/client.ts';
import type { ListMode } from './columns.tsx';
import { LineList } from './line-list.ts';

/** Keeps the lines of one view; `version` changes when rows may have. */
export function useLines(trace: string, view: string, mode: ListMode, version: string): LineList {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const list = useMemo(
    () =>
      new LineList(
        {
          lines: async (from, count) => {
            const answer = await request(mode === 'tasks' ? 'trace.tasks' : 'trace.pdus', { trace, view, from, count });
            return answer.ok ? answer.value.rows : null;
          },
          pdusOf: async (task, from, count) => {
            const answer = await request('trace.taskPdus', { trace, task, from, count });
            return answer.ok ? answer.value.rows : null;
          },
        },
        draw,
      ),
    [trace, view, mode],
  );
  useEffect(() => list.refresh(), [list, version]);
  return list;
}
