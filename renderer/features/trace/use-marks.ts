import { useCallback, useMemo } from 'react';
import type { TraceMark, TraceState } from '../../../electron/contract/trace.ts';
import { request } from '../../lib/client.ts';

/** Marks and comments of a trace, and the way from one to the next. */
export interface Marks {
  readonly set: (mark: TraceMark) => void;
  /** Marks the PDU in focus, or takes its mark away. */
  readonly toggle: () => void;
  readonly goTo: (by: 1 | -1) => void;
}

/** What can be done with marks around the PDU in focus. */
export function useMarks(
  trace: string,
  { marks }: TraceState,
  focused: number | null,
  show: (row: number) => void,
): Marks {
  const set = useCallback((mark: TraceMark): void => void request('trace.annotate', { trace, mark }), [trace]);
  return useMemo(
    () => ({
      set,
      toggle: () => {
        if (focused === null) return;
        const known = marks.find(({ row }) => row === focused);
        set({ row: focused, marked: known?.marked !== true, comment: known?.comment ?? '' });
      },
      goTo: (by) => {
        const rows = marks.map(({ row }) => row);
        const next =
          by > 0
            ? rows.find((row) => row > (focused ?? -1))
            : rows.reverse().find((row) => row < (focused ?? Infinity));
        if (next !== undefined) show(next);
      },
    }),
    [set, marks, focused, show],
  );
}
