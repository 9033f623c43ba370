import { useState, type ReactNode } from 'react';
import type { FilterState, TraceMark, TraceState } from '../../../electron/contract/trace.ts';
import type { ListMode } from './columns.tsx';
import { DetailPane } from './detail-pane.tsx';
import { FindingsPane } from './findings-pane.tsx';
import { LadderPane } from './ladder-pane.tsx';
import { LatencyPane } from './latency-pane.tsx';
import { LoginsPane } from './logins-pane.tsx';
import { MarksPane } from './marks-pane.tsx';
import { ScopeSwitch, scopeOf, type Scope } from './pane-scope.tsx';
import { TimelinePane } from './timeline-pane.tsx';
import type { Findings } from './use-findings.ts';
import './panes.css';

/** The panes below the list. */
export const PANES = [
  { id: 'detail', label: 'Detail' },
  { id: 'findings', label: 'Findings' },
  { id: 'latency', label: 'Latency' },
  { id: 'timeline', label: 'Timeline' },
  { id: 'ladder', label: 'Ladder' },
  { id: 'logins', label: 'Logins' },
  { id: 'marks', label: 'Marks' },
] as const;

/** One of them. */
export type PaneId = (typeof PANES)[number]['id'];

interface PanesProps {
  readonly trace: string;
  readonly state: TraceState;
  readonly view: string;
  readonly filter: FilterState | null;
  readonly mode: ListMode;
  readonly active: boolean;
  readonly focused: number | null;
  readonly findings: Findings;
  /** Changes when rows of the view may have. */
  readonly version: string;
  readonly pane: PaneId;
  readonly onPane: (pane: PaneId) => void;
  readonly onShow: (row: number) => void;
  readonly onStep: (by: 1 | -1) => void;
  readonly onMark: (mark: TraceMark) => void;
  readonly onFilter: (condition: string) => void;
  readonly onBrush: (field: string, conditions: readonly string[]) => void;
}

interface PaneProps extends PanesProps {
  readonly scope: Scope;
  readonly onScope: (scope: Scope) => void;
}

/** A pane that adds up, and above it what it adds up. */
function ScopedPane(props: PaneProps): ReactNode {
  const { trace, state, view, filter, pane, scope, onScope, onFilter, onBrush } = props;
  const isLatency = pane === 'latency';
  const scoped = scopeOf(state, { view, filter, scope });
  const isEmpty = scoped.view !== '' && filter?.done === true && filter.pdus === 0;
  const shared = { trace, scoped, onFilter, onBrush };
  return (
    <>
      {view === '' ? null : (
        <ScopeSwitch
          filter={filter}
          scope={scope}
          onScope={onScope}
          unit={isLatency ? 'tasks' : 'pdus'}
          all={isLatency ? state.tasks : state.pdus}
        />
      )}
      {isEmpty ? (
        <p className="panel-empty muted">Nothing passes the filter.</p>
      ) : isLatency ? (
        <LatencyPane {...shared} />
      ) : (
        <TimelinePane {...shared} startNs={state.spanNs.start} />
      )}
    </>
  );
}

function Pane(props: PaneProps): ReactNode {
  const { trace, state, view, mode, focused, findings, version, pane, onShow, onStep, onMark, onFilter } = props;
  const whole = { trace, version: `${state.pdus} ${state.phase}` };
  switch (pane) {
    case 'detail':
      return focused === null ? (
        <p className="panel-empty muted">
          {`Choose a ${mode === 'tasks' ? 'task' : 'PDU'} to see its fields and bytes. Full stop and comma step through a task; F filters by the cell, Shift+F leaves it out.`}
        </p>
      ) : (
        <DetailPane trace={trace} state={state} row={focused} onShow={onShow} onStep={onStep} onMark={onMark} />
      );
    case 'findings':
      return <FindingsPane data={findings} loading={state.phase === 'loading'} onShow={onShow} onFilter={onFilter} />;
    case 'latency':
    case 'timeline':
      return <ScopedPane {...props} />;
    case 'ladder':
      return (
        <LadderPane
          key={view}
          trace={trace}
          view={view}
          version={version}
          startNs={state.spanNs.start}
          several={state.connections > 1}
          focused={focused}
          onShow={onShow}
        />
      );
    case 'logins':
      return <LoginsPane {...whole} onShow={onShow} />;
    case 'marks':
      return <MarksPane marks={state.marks} onShow={onShow} onMark={onMark} />;
  }
}

/** What is told of the trace below its list, one pane at a time. */
export function TracePanes(props: PanesProps) {
  const { active, state, findings, pane, onPane } = props;
  const [scope, setScope] = useState<Scope>('filtered');
  const counts: Partial<Record<PaneId, number>> = {
    findings: findings.value?.length ?? 0,
    marks: state.marks.length,
  };
  return (
    <section className="trace-panes" aria-label="About the trace">
      <div className="bottom-tabs trace-pane-tabs" role="group" aria-label="Panes">
        {PANES.map(({ id, label }) => (
          <button
            key={id}
            type="button"
            className="trace-pane-tab"
            aria-pressed={pane === id}
            onClick={() => onPane(id)}
          >
            {label}
            {(counts[id] ?? 0) > 0 ? <span className="panel-count mono">{counts[id]}</span> : null}
          </button>
        ))}
      </div>
      <div className="trace-pane" tabIndex={0} role="region" aria-label={PANES.find(({ id }) => id === pane)?.label}>
        {active || pane === 'detail' ? <Pane {...props} scope={scope} onScope={setScope} /> : null}
      </div>
    </section>
  );
}
