import { ArrowDownToLine, Download, FileClock } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import type { TraceMark, TraceState } from '../../../electron/contract/trace.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { StatusContent } from '../../components/slots.tsx';
import { toast } from '../../components/toasts.tsx';
import { request } from '../../lib/client.ts';
import { useReady } from '../../lib/use-ready.ts';
import { useCommands, type Command } from '../../state/commands.ts';
import type { TabProps } from '../../state/plugs.ts';
import { openTab } from '../../state/shell-store.ts';
import { followWanted } from '../../state/trace-jump.ts';
import type { ListMode } from './columns.tsx';
import { DetailPane } from './detail-pane.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { findRow } from './find-row.ts';
import { FilterBar, type FilterBarHandle } from './filter-bar.tsx';
import { joinFilter, splitFilter } from './filter-text.ts';
import { FindingsPane } from './findings-pane.tsx';
import { LadderPane } from './ladder-pane.tsx';
import { LatencyPane } from './latency-pane.tsx';
import { LoginsPane } from './logins-pane.tsx';
import { TimelinePane } from './timeline-pane.tsx';
import { TraceGrid, type GridHandle, type LineSpan } from './trace-grid.tsx';
import { ColumnsMenu, Facts } from './trace-parts.tsx';
import { useColumns } from './use-columns.ts';
import { usePane } from './use-pane.ts';
import { useFiltered, useTrace } from './use-trace.ts';
import './panes.css';
import './trace.css';

const PANES = [
  { id: 'detail', label: 'Detail' },
  { id: 'findings', label: 'Findings' },
  { id: 'latency', label: 'Latency' },
  { id: 'timeline', label: 'Timeline' },
  { id: 'ladder', label: 'Ladder' },
  { id: 'logins', label: 'Logins' },
] as const;
type PaneId = (typeof PANES)[number]['id'];

const NONE: ReadonlySet<number> = new Set();
const MOST_COPIED = 10_000;

interface ViewerProps {
  readonly trace: string;
  readonly state: TraceState;
  readonly active: boolean;
  readonly file: string | undefined;
  readonly recording: string | undefined;
  readonly follows: boolean;
}

function Viewer({ trace, state, active, file, recording, follows }: ViewerProps) {
  const [mode, setMode] = useState<ListMode>('tasks');
  const [chips, setChips] = useState<readonly string[]>([]);
  const [focused, setFocused] = useState<number | null>(null);
  const [chosen, setChosen] = useState(NONE);
  const [follow, setFollow] = useState(state.phase === 'following');
  const [pane, setPane] = useState<PaneId>('detail');
  const [exporting, setExporting] = useState<readonly number[] | null>(null);
  const grid = useRef<GridHandle>(null);
  const bar = useRef<FilterBarHandle>(null);
  const expression = joinFilter(chips);
  const { view, state: filter } = useFiltered(trace, expression);
  const columns = useColumns(mode);
  const version = `${state.pdus} ${state.phase} ${state.phase === 'loading' ? '' : state.slowestNs} ${filter?.pdus ?? ''}`;
  const settled = `${state.pdus} ${state.phase}`;
  const loadFindings = useCallback(() => request('trace.findings', { trace }), [trace]);
  const findings = usePane(loadFindings, state.phase === 'loading' ? 'loading' : settled);
  const all = mode === 'tasks' ? state.tasks : state.pdus;
  const total = view === '' ? all : ((mode === 'tasks' ? filter?.tasks : filter?.pdus) ?? 0);
  useReady('trace', state.phase !== 'loading' && findings.value !== null);

  const addFilter = useCallback((condition: string): void => {
    setChips((now) => (now.includes(condition) ? now : [...now, condition]));
  }, []);
  const show = useCallback((row: number): void => {
    setFollow(false);
    setFocused(row);
    setPane('detail');
    grid.current?.reveal(row);
  }, []);
  useEffect(() => {
    if (recording === undefined) return undefined;
    const gone = new AbortController();
    const end = followWanted(recording, (wanted) => {
      if (wanted.kind === 'filter') {
        setChips(splitFilter(wanted.expression));
        return;
      }
      setChips([]);
      void findRow(trace, wanted.expressions, gone.signal).then((row) => {
        if (row !== null) show(row);
      });
    });
    return () => {
      gone.abort();
      end();
    };
  }, [recording, trace, show]);
  const focus = useCallback((row: number): void => setFocused(row), []);
  const step = useCallback(
    (by: 1 | -1): void => {
      if (focused === null) return;
      void request('trace.step', { trace, row: focused, by }).then((answer) => {
        if (answer.ok && answer.value.row !== null) {
          setFocused(answer.value.row);
          grid.current?.reveal(answer.value.row);
        }
      });
    },
    [trace, focused],
  );
  const mark = useCallback((next: TraceMark): void => void request('trace.annotate', { trace, mark: next }), [trace]);
  const toggleMark = useCallback((): void => {
    if (focused === null) return;
    const known = state.marks.find(({ row }) => row === focused);
    mark({ row: focused, marked: known?.marked !== true, comment: known?.comment ?? '' });
  }, [focused, mark, state.marks]);
  const goToMark = useCallback(
    (by: 1 | -1): void => {
      const rows = state.marks.map(({ row }) => row);
      const next =
        by > 0 ? rows.find((row) => row > (focused ?? -1)) : rows.reverse().find((row) => row < (focused ?? Infinity));
      if (next !== undefined) show(next);
    },
    [state.marks, focused, show],
  );

  /** Rows that are chosen; a chosen task stands for all of its PDUs. */
  const gather = useCallback(async (): Promise<readonly number[] | null> => {
    const own = chosen.size > 0 ? [...chosen] : focused === null ? [] : [focused];
    if (mode === 'pdus' || own.length === 0) return own;
    const answer = await request('trace.wholeTasks', { trace, rows: own });
    if (!answer.ok) toast(answer.error.message);
    return answer.ok ? answer.value.rows : null;
  }, [trace, chosen, focused, mode]);
  const chooseSpan = useCallback(
    ({ from, to }: LineSpan): void => {
      void request('trace.lines', { trace, view, list: mode, from, to }).then((answer) => {
        if (answer.ok) setChosen(new Set(answer.value.rows));
        else toast(answer.error.message);
      });
    },
    [trace, view, mode],
  );
  const copy = useCallback(
    async (as: 'text' | 'json' | 'hex'): Promise<void> => {
      const rows = await gather();
      if (rows === null) return;
      if (rows.length > MOST_COPIED) {
        toast(`${rows.length} PDUs are too many to copy at once: ${MOST_COPIED} are the most. Export them instead.`);
        return;
      }
      const answer = await request('trace.copy', { trace, rows: [...rows], as });
      toast(answer.ok ? `${answer.value.count} PDUs copied.` : answer.error.message);
    },
    [trace, gather],
  );
  const openExport = useCallback((): void => void gather().then((rows) => setExporting(rows ?? [])), [gather]);

  const commands = useMemo<readonly Command[]>(
    () => [
      { id: 'trace.filter', title: 'Filter the trace', key: 'Mod+F', run: () => bar.current?.focus() },
      { id: 'trace.next', title: 'Next PDU of the task', key: '.', run: () => step(1) },
      { id: 'trace.before', title: 'PDU of the task before', key: ',', run: () => step(-1) },
      { id: 'trace.mark', title: 'Mark the PDU', key: 'Mod+M', run: toggleMark },
      { id: 'trace.nextMark', title: 'Next marked PDU', key: 'F3', run: () => goToMark(1) },
      { id: 'trace.lastMark', title: 'Marked PDU before', key: 'Shift+F3', run: () => goToMark(-1) },
      {
        id: 'trace.export',
        title: 'Export the trace',
        key: 'Mod+S',
        menu: { title: 'File', group: 1 },
        run: openExport,
      },
      ...PANES.map(({ id, label }) => ({ id: `trace.pane.${id}`, title: `Trace: ${label}`, run: () => setPane(id) })),
    ],
    [step, toggleMark, goToMark, openExport],
  );
  useCommands(commands, active);

  const pick = (next: ListMode): void => {
    setMode(next);
    setChosen(NONE);
    if (focused !== null) requestAnimationFrame(() => grid.current?.reveal(focused));
  };
  const count = findings.value?.length ?? 0;
  const paneProps = { trace, version: settled, onFilter: addFilter };
  const panes: Record<PaneId, () => ReactNode> = {
    detail: () =>
      focused === null ? (
        <p className="panel-empty muted">
          Choose a {mode === 'tasks' ? 'task' : 'PDU'} to see its fields and bytes. Full stop and comma step through a
          task; F filters by the cell.
        </p>
      ) : (
        <DetailPane trace={trace} state={state} row={focused} onShow={show} onStep={step} onMark={mark} />
      ),
    findings: () => <FindingsPane data={findings} onShow={show} onFilter={addFilter} />,
    latency: () => <LatencyPane {...paneProps} />,
    timeline: () => <TimelinePane {...paneProps} />,
    ladder: () => (
      <LadderPane
        key={view}
        trace={trace}
        view={view}
        version={version}
        startNs={state.spanNs.start}
        focused={focused}
        onShow={show}
      />
    ),
    logins: () => <LoginsPane trace={trace} version={settled} onShow={show} />,
  };
  return (
    <div className="trace">
      <h1 className="visually-hidden">{`Trace: ${state.title}`}</h1>
      <div className="trace-tools">
        <div className="trace-modes" role="group" aria-label="List">
          {(['tasks', 'pdus'] as const).map((one) => (
            <button key={one} type="button" aria-pressed={mode === one} onClick={() => pick(one)}>
              {one === 'tasks' ? 'Tasks' : 'PDUs'}
            </button>
          ))}
        </div>
        <FilterBar
          ref={bar}
          chips={chips}
          onChips={setChips}
          filter={filter}
          total={all}
          unit={mode === 'tasks' ? 'tasks' : 'PDUs'}
        />
        <ColumnsMenu columns={columns} />
        {file === undefined || follows ? null : (
          <Button onClick={() => openTab('trace', { file, follow: 'yes' })}>
            <FileClock size={13} aria-hidden /> Follow
          </Button>
        )}
        <Button onClick={openExport}>
          <Download size={13} aria-hidden /> Export
        </Button>
      </div>
      <Facts trace={trace} state={state} />
      {state.error === null ? null : <ErrorNotice error={state.error} about={state.path} />}
      <Group orientation="vertical" className="trace-split">
        <Panel id="list" minSize="120px" defaultSize="55%">
          <div className="trace-list">
            <TraceGrid
              key={`${mode} ${view}`}
              ref={grid}
              trace={trace}
              state={state}
              view={view}
              mode={mode}
              total={total}
              version={version}
              columns={columns}
              focused={focused}
              chosen={chosen}
              follow={follow}
              onFollow={setFollow}
              onFocus={focus}
              onChoose={setChosen}
              onChooseSpan={chooseSpan}
              onFilter={addFilter}
              onCopy={(as) => void copy(as)}
              onMark={toggleMark}
              onOpen={() => setPane('detail')}
            />
            {total === 0 && state.phase !== 'loading' ? (
              <p className="trace-empty muted">
                {expression === '' ? 'There is no iSCSI in this trace.' : 'Nothing passes the filter.'}
              </p>
            ) : null}
            {state.phase === 'following' && !follow ? (
              <div className="trace-return">
                <Button primary onClick={() => setFollow(true)}>
                  <ArrowDownToLine size={13} aria-hidden /> Follow what comes
                </Button>
              </div>
            ) : null}
          </div>
        </Panel>
        <Separator className="splitter" aria-label="Height of the list" />
        <Panel id="panes" minSize="90px">
          <section className="trace-panes" aria-label="About the trace">
            <div className="bottom-tabs trace-pane-tabs" role="group" aria-label="Panes">
              {PANES.map(({ id, label }) => (
                <button
                  key={id}
                  type="button"
                  className="trace-pane-tab"
                  aria-pressed={pane === id}
                  onClick={() => setPane(id)}
                >
                  {label}
                  {id === 'findings' && count > 0 ? <span className="panel-count mono">{count}</span> : null}
                </button>
              ))}
            </div>
            <div
              className="trace-pane"
              tabIndex={0}
              role="region"
              aria-label={PANES.find(({ id }) => id === pane)?.label}
            >
              {active || pane === 'detail' ? panes[pane]() : null}
            </div>
          </section>
        </Panel>
      </Group>
      {exporting === null ? null : (
        <ExportDialog
          trace={trace}
          view={view}
          filtered={expression !== ''}
          rows={exporting}
          onClose={() => setExporting(null)}
        />
      )}
      <StatusContent>
        <span className="mono">{focused === null ? '' : `PDU ${focused + 1}`}</span>
        {chosen.size === 0 ? null : <span className="mono">{`${chosen.size} selected`}</span>}
      </StatusContent>
    </div>
  );
}

/** A recorded conversation, whether this program recorded it or another. */
export function TraceScreen({ params, active }: TabProps) {
  const { id, state, error } = useTrace(params);
  if (error !== null)
    return (
      <div className="page">
        <ErrorNotice error={error} about={params['file'] ?? params['recording'] ?? ''} />
      </div>
    );
  if (id === null || state === null) return <p className="panel-empty muted">Opening …</p>;
  return (
    <Viewer
      key={id}
      trace={id}
      state={state}
      active={active}
      file={params['file']}
      recording={params['recording']}
      follows={params['follow'] === 'yes'}
    />
  );
}
