import { ArrowDownToLine, Download, FileClock } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import type { TraceState } from '../../../electron/contract/trace.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { StatusContent } from '../../components/slots.tsx';
import { request } from '../../lib/client.ts';
import { useReady } from '../../lib/use-ready.ts';
import { useCommands, useScreenCommands } from '../../state/commands.ts';
import type { TabProps } from '../../state/plugs.ts';
import { openTab } from '../../state/shell-store.ts';
import { followWanted } from '../../state/trace-jump.ts';
import type { ListMode } from './columns.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { findRow } from './find-row.ts';
import { FilterBar, type FilterBarHandle } from './filter-bar.tsx';
import { joinFilter, rebrush, splitFilter } from './filter-text.ts';
import { paneCommand, TRACE_COMMANDS } from './trace-commands.ts';
import { TraceGrid, type GridHandle } from './trace-grid.tsx';
import { PANES, TracePanes, type PaneId } from './trace-panes.tsx';
import { ColumnsMenu, Facts } from './trace-parts.tsx';
import { useColumns } from './use-columns.ts';
import { useMarks } from './use-marks.ts';
import { useFindings } from './use-findings.ts';
import { useSelection } from './use-selection.ts';
import { useFiltered, useTrace } from './use-trace.ts';
import './trace.css';

interface ViewerProps {
  readonly trace: string;
  readonly state: TraceState;
  readonly active: boolean;
  readonly file: string | undefined;
  readonly recording: string | undefined;
  readonly follows: boolean;
}

/** Why a list has no lines. */
function emptyWords({ pdus, phase }: TraceState, expression: string): string {
  if (expression !== '' && pdus > 0) return 'Nothing passes the filter.';
  if (pdus > 0) return 'No PDU here is part of a task; the list of PDUs has them.';
  if (phase === 'failed') return 'Nothing of it could be read.';
  return phase === 'following' ? 'No PDU has come yet.' : 'There is no iSCSI in this trace.';
}

function Viewer({ trace, state, active, file, recording, follows }: ViewerProps) {
  const [mode, setMode] = useState<ListMode>('tasks');
  const [chips, setChips] = useState<readonly string[]>([]);
  const [focused, setFocused] = useState<number | null>(null);
  // Null until the trace is live or the person has moved: a live trace is followed until then.
  const [follow, setFollow] = useState<boolean | null>(null);
  if (follow === null && state.phase === 'following') setFollow(true);
  const [pane, setPane] = useState<PaneId>('detail');
  const [exporting, setExporting] = useState<readonly number[] | null>(null);
  const grid = useRef<GridHandle>(null);
  const bar = useRef<FilterBarHandle>(null);
  const expression = joinFilter(chips);
  const { view, state: filter } = useFiltered(trace, expression);
  const columns = useColumns(mode);
  const selection = useSelection(trace, view, mode, focused);
  const { chosen, clear, gather, copy } = selection;
  const version = `${state.pdus} ${state.phase} ${state.phase === 'loading' ? '' : state.slowestNs} ${filter?.pdus ?? ''}`;
  const findings = useFindings(trace, state.phase === 'loading' ? 'loading' : `${state.pdus} ${state.phase}`);
  const all = mode === 'tasks' ? state.tasks : state.pdus;
  const total = view === '' ? all : ((mode === 'tasks' ? filter?.tasks : filter?.pdus) ?? 0);
  useReady('trace', state.phase !== 'loading' && findings.value !== null);

  const changeChips = useCallback(
    (next: readonly string[]): void => {
      setChips(next);
      clear();
    },
    [clear],
  );
  const addFilter = useCallback(
    (condition: string): void => {
      setChips((now) => (now.includes(condition) ? now : [...now, condition]));
      clear();
    },
    [clear],
  );
  const brush = useCallback(
    (field: string, conditions: readonly string[]): void => {
      setChips((now) => rebrush(now, field, conditions));
      clear();
    },
    [clear],
  );
  const show = useCallback((row: number): void => {
    setFollow(false);
    setFocused(row);
    setPane('detail');
    grid.current?.reveal(row, true);
  }, []);
  useEffect(() => {
    if (recording === undefined) return undefined;
    const gone = new AbortController();
    const end = followWanted(recording, (wanted) => {
      if (wanted.kind === 'filter') {
        changeChips(splitFilter(wanted.expression));
        return;
      }
      changeChips([]);
      void findRow(trace, wanted.expressions, gone.signal).then((row) => {
        if (row !== null) show(row);
      });
    });
    return () => {
      gone.abort();
      end();
    };
  }, [recording, trace, show, changeChips]);
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
  const marks = useMarks(trace, state, focused, show);
  const openExport = useCallback((): void => void gather().then((rows) => setExporting(rows ?? [])), [gather]);

  const runs = useMemo(
    () => ({
      'trace.filter': () => bar.current?.focus(),
      'trace.next': () => step(1),
      'trace.before': () => step(-1),
      'trace.mark': marks.toggle,
      'trace.nextMark': () => marks.goTo(1),
      'trace.lastMark': () => marks.goTo(-1),
      'trace.export': openExport,
    }),
    [step, marks, openExport],
  );
  useScreenCommands(TRACE_COMMANDS, runs, active);
  const panes = useMemo(() => PANES.map((one) => ({ ...paneCommand(one), run: () => setPane(one.id) })), []);
  useCommands(panes, active);

  const hadFocus = useRef(false);
  const leave = useCallback((hasFocus: boolean): void => {
    hadFocus.current = hasFocus;
  }, []);
  useLayoutEffect(() => {
    if (hadFocus.current) grid.current?.focus();
    hadFocus.current = false;
  }, [mode, view]);
  const pick = (next: ListMode): void => {
    setMode(next);
    clear();
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
          onChips={changeChips}
          filter={filter}
          total={all}
          unit={mode === 'tasks' ? 'tasks' : 'PDUs'}
        />
        <ColumnsMenu columns={columns} />
        {file === undefined || follows || state.phase === 'failed' ? null : (
          <Button onClick={() => openTab('trace', { file, follow: 'yes' })}>
            <FileClock size={13} aria-hidden /> Follow
          </Button>
        )}
        <Button disabled={state.pdus === 0} onClick={openExport}>
          <Download size={13} aria-hidden /> Export
        </Button>
      </div>
      <Facts trace={trace} state={state} onStopped={() => grid.current?.focus()} />
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
              follow={follow === true}
              onFollow={setFollow}
              onFocus={focus}
              onChoose={selection.choose}
              onChooseSpan={selection.chooseSpan}
              onFilter={addFilter}
              onCopy={(as) => void copy(as)}
              onMark={marks.toggle}
              onOpen={() => setPane('detail')}
              onLeave={leave}
            />
            {total === 0 && state.phase !== 'loading' ? (
              <p className="trace-empty muted">{emptyWords(state, expression)}</p>
            ) : null}
            {state.phase === 'following' && follow === false ? (
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
          <TracePanes
            trace={trace}
            state={state}
            view={view}
            filter={filter}
            mode={mode}
            active={active}
            focused={focused}
            findings={findings}
            version={version}
            pane={pane}
            onPane={setPane}
            onShow={show}
            onStep={step}
            onMark={marks.set}
            onFilter={addFilter}
            onBrush={brush}
          />
        </Panel>
      </Group>
      {exporting === null ? null : (
        <ExportDialog
          trace={trace}
          view={view}
          filtered={expression !== ''}
          rows={exporting}
          isChosen={chosen.size > 0}
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
