import { useEffect, useState } from 'react';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { FilterState, TraceState } from '../../../electron/contract/trace.ts';
import { request, subscribe } from '../../lib/client.ts';
import type { TabParams } from '../../state/plugs.ts';

/** An open trace, or why it is not. */
export interface OpenedTrace {
  readonly id: string | null;
  readonly state: TraceState | null;
  readonly error: WireError | null;
}

const NOTHING: OpenedTrace = { id: null, state: null, error: null };
/** Rows of the filter before stay on screen until the new one has some. */
const OVERLAP_MS = 600;

/** Opens what a tab stands for, and follows it. */
export function useTrace(params: TabParams): OpenedTrace {
  const [opened, setOpened] = useState(NOTHING);
  const { file, recording, follow } = params;
  useEffect(() => {
    let gone = false;
    let end = (): void => undefined;
    const source = file === undefined ? { recording: recording ?? '' } : { path: file, follow: follow === 'yes' };
    void request('trace.open', source).then((answer) => {
      if (gone) return;
      if (!answer.ok) {
        setOpened({ ...NOTHING, error: answer.error });
        return;
      }
      const id = answer.value.trace;
      end = subscribe(
        'trace.state',
        { trace: id },
        {
          onItems: (items) => setOpened({ id, state: items.at(-1) ?? null, error: null }),
          onEnd: (error) => setOpened({ ...NOTHING, error }),
        },
      );
    });
    return () => {
      gone = true;
      end();
    };
  }, [file, recording, follow]);
  return opened;
}

/** A filter at work: the view to ask rows of, and how far it is. */
export interface Filtered {
  readonly view: string;
  readonly state: FilterState | null;
}

let lastView = 0;

const UNFILTERED: Filtered = { view: '', state: null };

/** Runs a filter over a trace; an empty one lets everything through. */
export function useFiltered(trace: string | null, expression: string): Filtered {
  const [found, setFound] = useState(UNFILTERED);
  // What the filter before let through stands in for the next one, but not beyond a time without any.
  if (expression === '' && found !== UNFILTERED) setFound(UNFILTERED);
  useEffect(() => {
    if (trace === null || expression === '') return undefined;
    lastView += 1;
    const view = `view-${lastView}`;
    const end = subscribe(
      'trace.filter',
      { trace, view, expression },
      {
        onItems: (items) => setFound({ view, state: items.at(-1) ?? null }),
        onEnd: () => undefined,
      },
    );
    return () => void setTimeout(end, OVERLAP_MS);
  }, [trace, expression]);
  return expression === '' ? UNFILTERED : found;
}
