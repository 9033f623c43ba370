import { useCallback, useEffect, useRef, useState } from 'react';
import type { WireError } from '../../electron/contract/errors.ts';
import type { AttemptStep } from '../../electron/contract/explorer.ts';
import type { Answer } from '../../electron/contract/errors.ts';
import { request, subscribe } from './client.ts';

/** Where an attempt stands: its steps as they happen, and how it ended. */
export interface AttemptState {
  readonly phase: 'idle' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly steps: readonly AttemptStep[];
  readonly error: WireError | null;
}

const IDLE: AttemptState = { phase: 'idle', steps: [], error: null };
let count = 0;

/** Runs a login or discovery under a name of its own, and follows its steps. */
export function useAttempt(): {
  readonly state: AttemptState;
  readonly run: <T>(work: (attempt: string) => Promise<Answer<T>>) => Promise<T | null>;
  readonly cancel: () => void;
  readonly reset: () => void;
} {
  const [state, setState] = useState(IDLE);
  const current = useRef<string | null>(null);
  const cancelled = useRef(false);
  useEffect(
    () => () => {
      if (current.current !== null) void request('attempt.cancel', { attempt: current.current });
    },
    [],
  );
  const isCancelled = useCallback((): boolean => cancelled.current, []);
  const run = useCallback(
    async <T>(work: (attempt: string) => Promise<Answer<T>>): Promise<T | null> => {
      count += 1;
      const attempt = `${Date.now().toString(36)}-${count}`;
      current.current = attempt;
      cancelled.current = false;
      setState({ phase: 'running', steps: [], error: null });
      const end = subscribe(
        'attempt.steps',
        { attempt },
        {
          onItems: (items) => setState((before) => ({ ...before, steps: [...before.steps, ...items] })),
          onEnd: () => undefined,
        },
      );
      const answer = await work(attempt);
      current.current = null;
      // The last steps may still be on their way.
      setTimeout(end, 500);
      const wasCancelled = isCancelled();
      setState((before) => {
        if (answer.ok) return { ...before, phase: 'done' };
        return wasCancelled ? { ...before, phase: 'cancelled' } : { ...before, phase: 'failed', error: answer.error };
      });
      return answer.ok ? answer.value : null;
    },
    [isCancelled],
  );
  const cancel = useCallback(() => {
    cancelled.current = true;
    if (current.current !== null) void request('attempt.cancel', { attempt: current.current });
  }, []);
  const reset = useCallback(() => setState(IDLE), []);
  return { state, run, cancel, reset };
}
