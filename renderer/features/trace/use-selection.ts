import { useCallback, useState } from 'react';
import { toast } from '../../components/toasts.tsx';
import { request } from '../../lib/client.ts';
import { formatCountOf } from '../../lib/format.ts';
import type { ListMode } from './columns.tsx';
import type { LineSpan } from './trace-grid.tsx';

const NONE: ReadonlySet<number> = new Set();
const MOST_COPIED = 10_000;

/** The lines that are chosen, and what can be had of them. */
export interface TraceSelection {
  readonly chosen: ReadonlySet<number>;
  readonly choose: (rows: ReadonlySet<number>) => void;
  readonly chooseSpan: (span: LineSpan) => void;
  readonly clear: () => void;
  /** The PDUs of the lines, those of whole tasks where tasks are listed; null where they cannot be had. */
  readonly gather: () => Promise<readonly number[] | null>;
  readonly copy: (as: 'text' | 'json' | 'hex') => Promise<void>;
}

/** Keeps which lines of a list are chosen; without any it is the one in focus. */
export function useSelection(trace: string, view: string, mode: ListMode, focused: number | null): TraceSelection {
  const [chosen, choose] = useState(NONE);
  const clear = useCallback((): void => choose(NONE), []);
  const gather = useCallback(async (): Promise<readonly number[] | null> => {
    const own = chosen.size > 0 ? [...chosen] : focused === null ? [] : [focused];
    if (mode === 'pdus' || own.length === 0) return own;
    const answer = await request('trace.wholeTasks', { trace, rows: own });
    if (!answer.ok) toast(answer.error.message);
    return answer.ok ? answer.value.rows : null;
  }, [trace, chosen, focused, mode]);
  const chooseSpan = useCallback(
    ({ from, to }: LineSpan): void => {
      void request('trace.lines', { trace, view, list: mode, from, to }).then((answer) => {
        if (answer.ok) choose(new Set(answer.value.rows));
        else toast(answer.error.message);
      });
    },
    [trace, view, mode],
  );
  const copy = useCallback(
    async (as: 'text' | 'json' | 'hex'): Promise<void> => {
      const rows = await gather();
      if (rows === null || rows.length === 0) return;
      if (rows.length > MOST_COPIED) {
        toast(`${rows.length} PDUs are too many to copy at once: ${MOST_COPIED} are the most. Export them instead.`);
        return;
      }
      const answer = await request('trace.copy', { trace, rows: [...rows], as });
      toast(answer.ok ? `${formatCountOf(BigInt(answer.value.count), 'PDU')} copied.` : answer.error.message);
    },
    [trace, gather],
  );
  return { chosen, choose, chooseSpan, clear, gather, copy };
}
