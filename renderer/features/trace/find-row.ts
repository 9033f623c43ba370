import type { FilterState } from '../../../electron/contract/trace.ts';
import { request, subscribe } from '../../lib/client.ts';

/** The last PDUs of a session may still be on their way to the file when an error is shown. */
const PATIENCE_MS = 1500;
const QUIET_MS = 250;

let lastSearch = 0;

/** The last PDU of a trace that a filter lets through, or null. */
function lastRow(trace: string, expression: string, signal: AbortSignal): Promise<number | null> {
  lastSearch += 1;
  const view = `find-${lastSearch}`;
  return new Promise((resolve) => {
    let found: number | null = null;
    let asked = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const finish = (): void => {
      clearTimeout(timer);
      end();
      resolve(found);
    };
    const look = async ({ pdus, done, error }: FilterState): Promise<void> => {
      if (error !== null) {
        finish();
        return;
      }
      if (!done || pdus === 0) return;
      asked += 1;
      const turn = asked;
      const answer = await request('trace.pdus', { trace, view, from: pdus - 1, count: 1 });
      const row = answer.ok ? answer.value.rows[0]?.row : undefined;
      if (turn !== asked || row === undefined) return;
      found = row;
      clearTimeout(timer);
      timer = setTimeout(finish, QUIET_MS);
    };
    const end = subscribe(
      'trace.filter',
      { trace, view, expression },
      {
        onItems: (items) => {
          const last = items.at(-1);
          if (last !== undefined) void look(last);
        },
        onEnd: () => undefined,
      },
    );
    timer = setTimeout(finish, PATIENCE_MS);
    signal.addEventListener('abort', finish, { once: true });
  });
}

/** The last PDU that the first of some filters to find any lets through, or null. */
export async function findRow(
  trace: string,
  expressions: readonly string[],
  signal: AbortSignal,
): Promise<number | null> {
  for (const expression of expressions) {
    const row = await lastRow(trace, expression, signal);
    if (row !== null || signal.aborted) return row;
  }
  return null;
}
