import { useCallback, useState } from 'react';
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
  const goToFocused = async (): Promise<void> => {
    if (focused === null) return;
    const answer = await request('trace.locate', { trace, view, row: focused });
    if (!answer.ok) return;
    if (answer.value.pdu < 0) toast('The PDU does not pass the filter.');
    else setStarts([...starts, Math.max(0, answer.value.pdu - BEFORE)]);
  };
  if (error !== null) return <ErrorNotice error={error} />;
  if (value === null) return <p className="panel-empty muted">Drawing …</p>;
  return (
    <div className="pane ladder" data-several={several}>
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
      <ol className="ladder-steps" aria-label="Ladder">
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
      <div className="pane-actions">
        <Button disabled={starts.length < 2} onClick={() => setStarts(starts.slice(0, -1))}>
          Earlier
        </Button>
        <Button disabled={value.next >= value.total} onClick={() => setStarts([...starts, value.next])}>
          Later
        </Button>
        {focused === null || value.steps.some(({ row }) => row === focused) ? null : (
          <Button onClick={() => void goToFocused()}>{`Go to PDU ${focused + 1}`}</Button>
        )}
      </div>
    </div>
  );
}
