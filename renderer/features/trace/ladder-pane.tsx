import { useCallback, useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { toast } from '../../components/toasts.tsx';
import { request } from '../../lib/client.ts';
import { formatCount } from '../../lib/format.ts';
import { formatTime } from './format.ts';
import { usePane } from './use-pane.ts';
import './trace-grid.css';
import './ladder-pane.css';

const STEPS = 120;
/** Steps that are shown before the one that is gone to. */
const BEFORE = 8;

interface LadderPaneProps {
  readonly trace: string;
  readonly view: string;
  readonly version: string;
  readonly startNs: number;
  /** Whether there is more than one connection to tell apart. */
  readonly several: boolean;
  readonly focused: number | null;
  readonly onShow: (row: number) => void;
}

/** The conversation as arrows between initiator and target; runs of data and R2T are one arrow each. */
export function LadderPane({ trace, view, version, startNs, several, focused, onShow }: LadderPaneProps) {
  const [starts, setStarts] = useState<readonly number[]>([0]);
  const from = starts.at(-1) ?? 0;
  const load = useCallback(() => request('trace.ladder', { trace, view, from, count: STEPS }), [trace, view, from]);
  const { value, error } = usePane(load, version);
  const list = useRef<HTMLOListElement>(null);
  /** The PDU to bring into view once its steps are here; -1 for the first of them. */
  const goal = useRef<number | null>(null);
  useEffect(() => {
    if (goal.current === null || value === null) return;
    const row = goal.current;
    goal.current = null;
    // A run of data is one step, named by its first PDU.
    const at = Math.max(0, value.steps.filter((step) => step.row <= row).length - 1);
    list.current?.children[at]?.scrollIntoView({ block: row < 0 ? 'end' : 'center' });
  }, [value]);
  const turn = (next: readonly number[], row: number): void => {
    goal.current = row;
    setStarts(next);
  };
  const goToFocused = async (): Promise<void> => {
    if (focused === null) return;
    const answer = await request('trace.locate', { trace, view, row: focused });
    if (!answer.ok) return;
    if (answer.value.pdu < 0) toast('The PDU does not pass the filter.');
    else turn([...starts, Math.max(0, answer.value.pdu - BEFORE)], focused);
  };
  if (error !== null) return <ErrorNotice error={error} />;
  if (value === null) return <p className="panel-empty muted">Drawing …</p>;
  return (
    <div className="pane ladder" data-several={several}>
      <div className="ladder-top">
        <div className="pane-actions">
          <Button disabled={starts.length < 2} onClick={() => turn(starts.slice(0, -1), -1)}>
            Earlier
          </Button>
          <Button disabled={value.next >= value.total} onClick={() => turn([...starts, value.next], -1)}>
            Later
          </Button>
          {focused === null || value.steps.some(({ row }) => row === focused) ? null : (
            <Button onClick={() => void goToFocused()}>{`Go to PDU ${focused + 1}`}</Button>
          )}
        </div>
        <div className="ladder-head">
          <span>Initiator</span>
          {several ? <span>Connection</span> : null}
          <span className="muted">
            {value.total === 0
              ? 'Nothing passes the filter.'
              : `PDUs ${formatCount(BigInt(from + 1))} to ${formatCount(BigInt(value.next))} of ${formatCount(BigInt(value.total))}${view === '' ? '' : ' that pass the filter'}`}
          </span>
          <span>Target</span>
        </div>
      </div>
      <ol ref={list} className="ladder-steps" aria-label="Ladder">
        {value.steps.map((step) => (
          <li key={step.row}>
            <button
              type="button"
              className="ladder-step"
              data-kind={step.kind}
              data-out={step.out}
              data-current={step.row === focused}
              onClick={() => onShow(step.row)}
            >
              <span className="ladder-time mono">{formatTime(step.timeNs - startNs)}</span>
              {several ? (
                <>
                  <span className="ladder-connection mono" aria-hidden>
                    {step.connection}
                  </span>
                  <span className="visually-hidden">{`connection ${step.connection}, `}</span>
                </>
              ) : null}
              <span className="visually-hidden">{step.out ? 'initiator to target: ' : 'target to initiator: '}</span>
              <span className="ladder-arrow">
                <span className="ladder-text">{step.text}</span>
              </span>
              <span className="ladder-number mono">{`#${step.row + 1}`}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}
