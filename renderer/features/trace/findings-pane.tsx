import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { TraceFinding } from '../../../electron/contract/trace.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { formatCount } from '../../lib/format.ts';
import type { Findings } from './use-findings.ts';
import './findings-pane.css';

const ICONS = {
  error: <CircleAlert size={14} className="err" aria-hidden />,
  warning: <TriangleAlert size={14} className="warn" aria-hidden />,
  note: <Info size={14} className="info" aria-hidden />,
};
const TITLES = { error: 'Errors', warning: 'Warnings', note: 'Notes' } as const;

interface FindingsPaneProps {
  readonly data: Findings;
  /** Whether the trace is still read: what is found is not all there is. */
  readonly loading: boolean;
  readonly onShow: (row: number) => void;
  readonly onFilter: (condition: string) => void;
}

/** What its filter lets through: every case, or those whose PDUs are known. */
function filterWords({ count, proven, worst, filter }: TraceFinding): string {
  if (filter !== null || proven >= count) return 'Filter';
  return `Filter the ${worst ? 'worst' : 'first'} ${proven} of ${formatCount(BigInt(count))}`;
}

function Found({
  finding,
  onShow,
  onFilter,
}: Pick<FindingsPaneProps, 'onShow' | 'onFilter'> & { readonly finding: TraceFinding }) {
  const { pdus, count, connection, filter } = finding;
  return (
    <li className="found">
      {ICONS[finding.severity]}
      <div className="found-words selectable">
        <p>
          <strong>{finding.title}</strong>
          {connection === null ? '' : `, connection ${connection}`}
          {count === 1 ? '' : `, ${formatCount(BigInt(count))} times`}
        </p>
        <p>{finding.text}</p>
        <p className="muted">{`${finding.hint} ${finding.clause}.`}</p>
      </div>
      <div className="found-pdus">
        {pdus.slice(0, 8).map((pdu) => (
          <button key={pdu} type="button" className="link mono" onClick={() => onShow(pdu - 1)}>
            {`#${pdu}`}
          </button>
        ))}
        {pdus.length < 2 ? null : (
          <button type="button" className="link" onClick={() => onFilter(filter ?? `n in {${pdus.join(', ')}}`)}>
            {filterWords(finding)}
          </button>
        )}
      </div>
    </li>
  );
}

/** What the rules found, the worst first, each with the PDUs that prove it. */
export function FindingsPane({ data, loading, onShow, onFilter }: FindingsPaneProps) {
  const { value, error, progress, stopped, stop, again } = data;
  if (stopped)
    return (
      <div className="panel-empty">
        <p className="muted">The search for findings was stopped.</p>
        <Button onClick={again}>Search again</Button>
      </div>
    );
  if (error !== null) return <ErrorNotice error={error} />;
  if (loading) return <p className="panel-empty muted">The rules are looked through once the file is read.</p>;
  if (value === null)
    return (
      <div className="panel-empty found-search">
        <p className="muted">Looking …</p>
        {progress === null ? null : (
          <>
            <progress value={progress} aria-label="Search for findings" />
            <Button onClick={stop}>Stop</Button>
          </>
        )}
      </div>
    );
  if (value.length === 0)
    return <p className="panel-empty muted">No rule found anything odd in this trace, from login to the last PDU.</p>;
  return (
    <div className="pane">
      {(['error', 'warning', 'note'] as const).map((severity) => {
        const own = value.filter((one) => one.severity === severity);
        return own.length === 0 ? null : (
          <section key={severity} className="found-group">
            <h2>{`${TITLES[severity]} (${own.length})`}</h2>
            <ul aria-label={TITLES[severity]}>
              {own.map((finding) => (
                <Found
                  key={`${finding.rule} ${finding.connection ?? ''}`}
                  finding={finding}
                  onShow={onShow}
                  onFilter={onFilter}
                />
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
