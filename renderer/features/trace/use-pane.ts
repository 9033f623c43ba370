import { useEffect, useRef, useState } from 'react';
import type { Answer, WireError } from '../../../electron/contract/errors.ts';

const LEAST_REST_MS = 1500;
/** What took long to add up is asked for again the more seldom. */
const REST_SHARE = 5;

/** What a pane shows, or why it cannot. */
export interface PaneData<T> {
  readonly value: T | null;
  readonly error: WireError | null;
}

type Load<T> = () => Promise<Answer<T>>;

interface Asked<T> extends PaneData<T> {
  readonly load: Load<T> | null;
  readonly version: string | null;
  readonly restsUntilMs: number;
}

/** Asks for a pane's content, and again some time after `version` has changed, unless it `rests`. `load` must be stable. */
export function usePane<T>(load: Load<T>, version: string, rests = false): PaneData<T> {
  const [data, setData] = useState<Asked<T>>({ value: null, error: null, load: null, version: null, restsUntilMs: 0 });
  const wanted = useRef<Load<T> | null>(null);
  const busy = useRef<Load<T> | null>(null);
  useEffect(() => {
    wanted.current = load;
    return () => {
      wanted.current = null;
    };
  }, [load]);
  const isNew = data.load !== load;
  const isDue = !rests && (isNew || data.version !== version);
  const { restsUntilMs } = data;
  useEffect(() => {
    // The answer that is on its way comes back here; one that changes all the time would else never come.
    if (!isDue || busy.current === load) return undefined;
    const ask = async (): Promise<void> => {
      const from = performance.now();
      busy.current = load;
      const answer = await load();
      busy.current = null;
      if (wanted.current !== load) return;
      const now = performance.now();
      const restsUntil = now + Math.max(LEAST_REST_MS, (now - from) * REST_SHARE);
      const content = answer.ok ? { value: answer.value, error: null } : { value: null, error: answer.error };
      setData({ ...content, load, version, restsUntilMs: restsUntil });
    };
    const now = isNew || version.endsWith('done');
    const timer = setTimeout(() => void ask(), now ? 0 : Math.max(0, restsUntilMs - performance.now()));
    return () => clearTimeout(timer);
  }, [load, version, isNew, isDue, restsUntilMs]);
  return data;
}
