import { useCallback, useEffect, useRef, useState } from 'react';
import type { Answer, WireError } from '../../../electron/contract/errors.ts';
import type { TraceFinding } from '../../../electron/contract/trace.ts';
import { subscribe } from '../../lib/client.ts';
import { usePane, type PaneData } from './use-pane.ts';

/** What the rules have found, how far they are, and the way to have them stop. */
export interface Findings extends PaneData<TraceFinding[]> {
  /** From 0 to 1 while they are looked through. */
  readonly progress: number | null;
  /** Whether the person has stopped them. */
  readonly stopped: boolean;
  readonly stop: () => void;
  readonly again: () => void;
}

interface Search {
  readonly result: Promise<Answer<TraceFinding[]>>;
  readonly stop: () => void;
}

const CANCELLED: WireError = {
  name: 'CancelledError',
  code: 'CANCELLED',
  message: 'The search was called off.',
  hint: null,
  retryable: true,
  details: {},
  raw: null,
};

function search(trace: string, onProgress: (share: number) => void): Search {
  let stop = (): void => undefined;
  const result = new Promise<Answer<TraceFinding[]>>((resolve) => {
    const end = subscribe(
      'trace.findings',
      { trace },
      {
        onItems: (items) => {
          const last = items.at(-1);
          if (last !== undefined && last.findings !== null) resolve({ ok: true, value: last.findings });
          else if (last !== undefined) onProgress(last.done / Math.max(1, last.total));
        },
        onEnd: (error) => resolve({ ok: false, error: error ?? CANCELLED }),
      },
    );
    stop = () => {
      end();
      resolve({ ok: false, error: CANCELLED });
    };
  });
  return { result, stop };
}

/** Looks for findings, and again some time after the trace has grown; a person may have that stop. */
export function useFindings(trace: string, version: string): Findings {
  const [progress, setProgress] = useState<number | null>(null);
  const [round, setRound] = useState(0);
  const [stopped, setStopped] = useState(false);
  const running = useRef<Search | null>(null);
  const load = useCallback(async (): Promise<Answer<TraceFinding[]>> => {
    const own = search(trace, setProgress);
    running.current = own;
    const answer = await own.result;
    running.current = null;
    setProgress(null);
    return answer;
  }, [trace]);
  useEffect(() => () => running.current?.stop(), [load]);
  const data = usePane(load, `${round} ${version}`, stopped);
  return {
    ...data,
    progress,
    stopped,
    stop: () => {
      setStopped(true);
      running.current?.stop();
    },
    again: () => {
      setStopped(false);
      setRound(round + 1);
    },
  };
}
