import { ContextMenu } from '@base-ui/react/context-menu';
import { useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type Ref } from 'react';
import type { KeyboardEvent, MouseEvent, PointerEvent } from 'react';
import type { TraceState } from '../../../electron/contract/trace.ts';
import { toast } from '../../components/toasts.tsx';
import { VirtualScroller, type ScrollerHandle } from '../../components/virtual-scroller.tsx';
import { request } from '../../lib/client.ts';
import { useShell } from '../../state/shell-store.ts';
import { isTask, rowOf, type ListMode } from './columns.tsx';
import { negate } from './filter-text.ts';
import { LineMenu } from './line-menu.tsx';
import { HeadCell, LineRow } from './trace-line.tsx';
import type { Columns } from './use-columns.ts';
import { HELD_MS, useCursor } from './use-cursor.ts';
import { useLines } from './use-lines.ts';
import './trace-grid.css';

const ROW = 22;
const HEAD = 24;

/** What the screen can ask of the list. */
export interface GridHandle {
  /** Brings a PDU into view; one that a link led to is said to be missing where the filter holds it back. */
  readonly reveal: (row: number, linked?: boolean) => void;
  readonly focus: () => void;
}

/** Lines of a list from one position to another, both counted; tasks stand for all of their PDUs. */
export interface LineSpan {
  readonly from: number;
  readonly to: number;
}

interface TraceGridProps {
  readonly trace: string;
  readonly state: TraceState;
  readonly view: string;
  readonly mode: ListMode;
  readonly total: number;
  readonly version: string;
  readonly columns: Columns;
  readonly focused: number | null;
  readonly chosen: ReadonlySet<number>;
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
  readonly onFocus: (row: number) => void;
  readonly onChoose: (rows: ReadonlySet<number>) => void;
  /** Choose all lines of a stretch, also those that are not here. */
  readonly onChooseSpan: (span: LineSpan) => void;
  readonly onFilter: (condition: string) => void;
  readonly onCopy: (as: 'text' | 'json' | 'hex') => void;
  readonly onMark: () => void;
  readonly onOpen: () => void;
  /** Another list takes its place: whether this one has the focus. Must be stable. */
  readonly onLeave: (hasFocus: boolean) => void;
  readonly ref?: Ref<GridHandle>;
}

interface Place {
  readonly position: number;
  readonly column: number;
}

/** Why a link leads to no line. */
const missing = (row: number, passes: boolean): string =>
  passes
    ? `PDU ${row + 1} is no part of a task, so the list of tasks does not have it; it is shown below.`
    : `PDU ${row + 1} does not pass the filter, so the list does not have it; it is shown below.`;

const NONE: ReadonlySet<number> = new Set();

function placeOf(target: EventTarget): Place | null {
  if (!(target instanceof Element)) return null;
  const line = target.closest('[data-position]');
  if (line === null) return null;
  const column = target.closest('[data-column]')?.getAttribute('data-column');
  return { position: Number(line.getAttribute('data-position')), column: Number(column ?? 0) };
}

const isFold = (target: EventTarget): boolean => target instanceof Element && target.closest('.trace-fold') !== null;

/** Tasks or PDUs as a grid of which only the lines in view exist. */
export function TraceGrid(props: TraceGridProps) {
  const { trace, state, view, mode, total, version, columns, focused, chosen, follow, onFocus, onLeave, ref } = props;
  const lines = useLines(trace, view, mode, version);
  const scroller = useRef<ScrollerHandle>(null);
  const box = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useCursor(lines, onFocus);
  const [anchor, setAnchor] = useState(0);
  const hex = useShell((shell) => shell.settings?.numberBase === 'hex');
  /** How often the cursor was sent somewhere; what was looked up before the last time is stale. */
  const moves = useRef(0);
  const held = useRef<{ to: number; chooses: boolean } | null>(null);
  const marks = useMemo(() => new Map(state.marks.map((mark) => [mark.row, mark])), [state.marks]);
  const count = total + lines.extra;
  const clamp = (position: number): number => Math.max(0, Math.min(count - 1, position));

  const choose = (from: number, to: number): void => {
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    const rows = new Set<number>();
    for (let at = low; at <= high; at += 1) {
      const { line } = lines.at(at);
      if (line === undefined) {
        props.onChooseSpan({ from: lines.at(low).index, to: lines.at(high).index });
        return;
      }
      rows.add(rowOf(line));
    }
    props.onChoose(rows);
  };

  const goTo = (position: number, { keeps = false, chooses = false, column = cursor.column, tells = 0 } = {}): void => {
    if (count === 0) return;
    const next = clamp(position);
    moves.current += 1;
    props.onFollow(false);
    setCursor({ position: next, column, tells });
    scroller.current?.show(next);
    if (chooses) choose(anchor, next);
    else if (!keeps) {
      setAnchor(next);
      if (chosen.size > 0) props.onChoose(NONE);
    }
  };

  /** Where a PDU is in this list, if it is, and whether the filter lets it through. */
  const find = async (row: number): Promise<{ position: number | null; passes: boolean } | null> => {
    const answer = await request('trace.locate', { trace, view, row });
    if (!answer.ok) return null;
    const { task, pdu } = answer.value;
    const index = mode === 'tasks' ? task : pdu;
    const position = index < 0 ? null : lines.positionOf(index) + 1 + (await lines.subOf(index, row));
    return { position, passes: pdu >= 0 };
  };
  const land = (position: number): void => {
    setCursor({ position, column: cursor.column, tells: null });
    setAnchor(position);
    scroller.current?.show(position);
  };
  const reveal = async (row: number, linked: boolean): Promise<void> => {
    moves.current += 1;
    const turn = moves.current;
    const found = await find(row);
    if (found === null) return;
    if (found.position !== null && turn === moves.current) land(found.position);
    if (linked && found.position === null) toast(missing(row, found.passes));
  };
  /** A list that takes the place of another goes on from the PDU in focus, where it has it. */
  const resume = async (): Promise<void> => {
    if (moves.current > 0 || focused === null || follow) return;
    const found = await find(focused);
    const position = found?.position ?? null;
    if (moves.current > 0 || position === null) return;
    moves.current = 1;
    land(position);
  };
  const latest = useRef({ goTo, resume });
  useEffect(() => {
    latest.current = { goTo, resume };
  });
  useEffect(() => void latest.current.resume(), [version]);
  /** A held key may come oftener than frames do; each frame goes to where the last one wants. */
  const move = (event: KeyboardEvent, by: (at: number) => number): void => {
    event.preventDefault();
    const chooses = event.shiftKey;
    if (!event.repeat) {
      goTo(by(cursor.position), { chooses });
      return;
    }
    const waits = held.current !== null;
    held.current = { to: clamp(by(held.current?.to ?? cursor.position)), chooses };
    if (waits) return;
    requestAnimationFrame(() => {
      const wanted = held.current;
      held.current = null;
      if (wanted !== null) latest.current.goTo(wanted.to, { chooses: wanted.chooses, tells: HELD_MS });
    });
  };

  useImperativeHandle(ref, () => ({
    reveal: (row, linked = false) => void reveal(row, linked),
    focus: () => box.current?.focus(),
  }));
  useLayoutEffect(() => {
    const own = box.current;
    return () => onLeave(own?.contains(document.activeElement) === true);
  }, [onLeave]);

  const toggle = (position: number): void => {
    const { line, index, sub } = lines.at(position);
    if (line !== undefined && sub < 0 && isTask(line)) lines.toggle(index, line);
  };

  const conditionAt = ({ position, column }: Place): string | null => {
    const { line } = lines.at(position);
    return line === undefined ? null : (columns.shown[column]?.column.filter(line, state.spanNs.start) ?? null);
  };

  const sideways = (by: 1 | -1): void => {
    const { line, sub, unfolded, index } = lines.at(cursor.position);
    if (line !== undefined && mode === 'tasks' && cursor.column === 0) {
      if (sub < 0 && unfolded === by < 0) {
        toggle(cursor.position);
        return;
      }
      if (sub >= 0 && by < 0) {
        goTo(lines.positionOf(index));
        return;
      }
    }
    const column = Math.max(0, Math.min(columns.shown.length - 1, cursor.column + by));
    setCursor({ ...cursor, column });
    const cell = box.current?.querySelector(`#trace-line-${cursor.position} [data-column="${column}"]`);
    cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };

  const onLetter = (event: KeyboardEvent): void => {
    const letter = event.key.toLowerCase();
    const mod = event.ctrlKey || event.metaKey;
    if (letter === 'f' && !mod && cursor.position >= 0) {
      event.preventDefault();
      const condition = conditionAt(cursor);
      if (condition !== null) props.onFilter(event.shiftKey ? negate(condition) : condition);
    } else if (letter === 'c' && mod) {
      event.preventDefault();
      props.onCopy('text');
    } else if (letter === 'a' && mod && count > 0) {
      event.preventDefault();
      choose(0, count - 1);
    }
  };

  const onEnter = (): void => {
    const at = cursor.position;
    if (cursor.column === 0 && mode === 'tasks' && at >= 0 && lines.at(at).sub < 0) toggle(at);
    else props.onOpen();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || (event.metaKey && event.key.length > 1)) return;
    const page = scroller.current?.pageRows() ?? 10;
    switch (event.key) {
      case 'ArrowDown':
        move(event, (at) => at + 1);
        return;
      case 'ArrowUp':
        move(event, (at) => at - 1);
        return;
      case 'PageDown':
        if (!event.ctrlKey) move(event, (at) => at + page);
        return;
      case 'PageUp':
        if (!event.ctrlKey) move(event, (at) => at - page);
        return;
      case 'Home':
        move(event, () => 0);
        return;
      case 'End':
        move(event, () => count - 1);
        return;
      case 'ArrowRight':
      case 'ArrowLeft':
        event.preventDefault();
        sideways(event.key === 'ArrowRight' ? 1 : -1);
        return;
      case 'Enter':
        event.preventDefault();
        onEnter();
        return;
      default:
        onLetter(event);
    }
  };

  const onPointerDown = (event: PointerEvent): void => {
    const place = placeOf(event.target);
    if (place === null || isFold(event.target)) return;
    const adds = event.ctrlKey || event.metaKey;
    const { line } = lines.at(place.position);
    const row = line === undefined ? null : rowOf(line);
    const keeps = adds || (event.button === 2 && row !== null && chosen.has(row));
    goTo(place.position, { keeps, chooses: event.shiftKey, column: place.column });
    if (!adds || row === null) return;
    const next = new Set(chosen);
    if (focused !== null && next.size === 0) next.add(focused);
    if (!next.delete(row)) next.add(row);
    props.onChoose(next);
  };

  const onClick = (event: MouseEvent): void => {
    const place = isFold(event.target) ? placeOf(event.target) : null;
    if (place !== null) toggle(place.position);
  };

  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger className="trace-grid">
        <VirtualScroller
          ref={scroller}
          region={{
            role: mode === 'tasks' ? 'treegrid' : 'grid',
            'aria-label': mode === 'tasks' ? 'Tasks' : 'PDUs',
            'aria-rowcount': count + 1,
            'aria-colcount': columns.shown.length,
            'aria-multiselectable': true,
            'aria-activedescendant': cursor.position < 0 ? undefined : `trace-line-${cursor.position}`,
            tabIndex: 0,
            ref: box,
            onKeyDown,
            onPointerDown,
            onClick,
            onDoubleClick: (event) => {
              const place = placeOf(event.target);
              if (place !== null && mode === 'tasks') toggle(place.position);
            },
            onFocus: () => {
              if (cursor.position < 0 && count > 0 && focused === null)
                setCursor({ position: 0, column: 0, tells: null });
            },
          }}
          count={count}
          rowHeight={ROW}
          width={columns.width}
          follow={follow}
          onScrolled={(atEnd) => props.onFollow(atEnd && state.phase === 'following')}
          onRange={(first, last) => lines.want(first, last)}
          head={
            <div role="row" className="trace-head" aria-rowindex={1} style={{ height: HEAD }}>
              {columns.shown.map(({ column, width, least }) => (
                <HeadCell
                  key={column.id}
                  label={column.label}
                  help={column.help}
                  width={width}
                  least={least}
                  number={column.number === true}
                  grows={column.grows === true}
                  keeps={column.keeps === true}
                  onResize={(next) => columns.resize(column.id, next)}
                />
              ))}
            </div>
          }
        >
          {(position) => {
            const { line, sub, unfolded } = lines.at(position);
            const row = line === undefined ? -1 : rowOf(line);
            return (
              <LineRow
                line={line}
                sub={sub}
                unfolded={unfolded}
                position={position}
                startNs={state.spanNs.start}
                slowestNs={state.slowestNs}
                hex={hex}
                columns={columns}
                cursorColumn={cursor.position === position ? cursor.column : null}
                selected={chosen.size === 0 ? cursor.position === position : chosen.has(row)}
                mark={marks.get(row)}
                mode={mode}
              />
            );
          }}
        </VirtualScroller>
      </ContextMenu.Trigger>
      <LineMenu
        condition={cursor.position < 0 ? null : conditionAt(cursor)}
        columnLabel={columns.shown[cursor.column]?.column.label ?? ''}
        onFilter={props.onFilter}
        onCopy={props.onCopy}
        onMark={props.onMark}
      />
    </ContextMenu.Root>
  );
}
