import { useEffect, useState } from 'react';
import type { Answer, WireError } from '../../../electron/contract/errors.ts';

const RESTS_MS = 1500;

/** What a pane shows, or why it cannot. */
export interface PaneData<T> {
  readonly value: T | null;
  readonly error: WireError | null;
}

/** Asks for a pane's content, and again some time after `version` has changed. `load` must be stable. */
export function usePane<T>(load: () => Promise<Answer<T>>, version: string): PaneData<T> {
  const [data, setData] = useState<PaneData<T>>({ value: null, error: null });
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    const ask = (): void => {
      void load().then((answer) => {
        if (gone) return;
        setAsked(version);
        setData(answer.ok ? { value: answer.value, error: null } : { value: null, error: answer.error });
      });
    };
    const timer = setTimeout(ask, asked === null || version.endsWith('done') ? 0 : RESTS_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
    // A pane that has asked once rests before it asks again; that it has asked is no reason to ask.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [load, version]);
  return data;
}
