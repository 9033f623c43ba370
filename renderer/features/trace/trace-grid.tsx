import { ContextMenu } from '@base-ui/react/context-menu';
import {
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type Ref,
} from 'react';
import type { TraceState } from '../../../electron/contract/trace.ts';
import { VirtualScroller, type ScrollerHandle } from '../../components/virtual-scroller.tsx';
import { request } from '../../lib/client.ts';
import { isTask, rowOf, type CellContext, type ListMode } from './columns.tsx';
import { negate } from './filter-text.ts';
import type { Columns } from './use-columns.ts';
import { HeadCell, LineRow } from './trace-line.tsx';
import { useLines } from './use-lines.ts';

const ROW = 22;
const HEAD = 24;

/** What the screen can ask of the list. */
export interface GridHandle {
  readonly reveal: (row: number) => void;
  readonly focus: () => void;
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
  readonly onFilter: (condition: string) => void;
  readonly onCopy: (as: 'text' | 'json' | 'hex') => void;
  readonly onOpen: () => void;
  readonly ref?: Ref<GridHandle>;
}

/** Tasks or PDUs as a grid of which only the lines in view exist. */
export function TraceGrid(props: TraceGridProps) {
  const { trace, state, view, mode, total, version, columns, focused, chosen, follow, ref } = props;
  const lines = useLines(trace, view, mode, total, version);
  const scroller = useRef<ScrollerHandle>(null);
  const box = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<{ position: number; column: number }>({ position: -1, column: 0 });
  const [anchor, setAnchor] = useState(0);
  const marks = new Map(state.marks.map((mark) => [mark.row, mark]));
  const count = lines.count;

  const goTo = (position: number, keepChosen = false): void => {
    const next = Math.max(0, Math.min(count - 1, position));
    if (count === 0) return;
    props.onFollow(false);
    setCursor((now) => ({ ...now, position: next }));
    scroller.current?.show(next);
    const { line } = lines.at(next);
    if (line !== undefined) props.onFocus(rowOf(line));
    if (!keepChosen) {
      setAnchor(next);
      props.onChoose(new Set());
    }
  };

  // A line that was not there when the cursor came to it is focused once it has come.
  const arrived = cursor.position < 0 ? undefined : lines.at(cursor.position).line;
  const arrivedRow = arrived === undefined ? null : rowOf(arrived);
  const { onFocus } = props;
  const waiting = useRef<number | null>(null);
  useEffect(() => {
    if (waiting.current === null || arrivedRow === null) return;
    waiting.current = null;
    onFocus(arrivedRow);
  }, [arrivedRow, onFocus]);

  const reveal = (row: number): void => {
    void request('trace.locate', { trace, view, row }).then((answer) => {
      if (!answer.ok) return;
      const index = mode === 'tasks' ? answer.value.task : answer.value.pdu;
      if (index < 0) return;
      const position = lines.positionOf(index);
      const { unfolded } = lines.at(position);
      let target = position;
      if (unfolded)
        for (let at = position + 1; at < count && lines.at(at).sub >= 0; at += 1) {
          const { line } = lines.at(at);
          if (line !== undefined && rowOf(line) === row) target = at;
        }
      setCursor((now) => ({ ...now, position: target }));
      scroller.current?.show(target);
    });
  };
  useImperativeHandle(ref, () => ({ reveal, focus: () => box.current?.focus() }));

  const choose = (from: number, to: number): void => {
    const rows = new Set<number>();
    for (let at = Math.min(from, to); at <= Math.max(from, to); at += 1) {
      const { line } = lines.at(at);
      if (line !== undefined) rows.add(rowOf(line));
    }
    props.onChoose(rows);
  };

  const toggle = (position: number): void => {
    const { line, index, sub } = lines.at(position);
    if (line !== undefined && sub < 0 && isTask(line)) lines.toggle(index, line);
  };

  const conditionAt = (position: number, column: number): string | null => {
    const { line } = lines.at(position);
    return line === undefined ? null : (columns.shown[column]?.column.filter(line) ?? null);
  };

  const move = (event: KeyboardEvent, position: number): void => {
    event.preventDefault();
    goTo(position, event.shiftKey);
    if (event.shiftKey) choose(anchor, Math.max(0, Math.min(count - 1, position)));
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
    setCursor((now) => ({ ...now, column }));
    const cell = box.current?.querySelector(`#trace-line-${cursor.position} [data-column="${column}"]`);
    cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.metaKey) return;
    const page = scroller.current?.pageRows() ?? 10;
    const at = cursor.position;
    const filter = (condition: string | null): void => {
      if (condition !== null) props.onFilter(condition);
    };
    switch (event.key) {
      case 'ArrowDown':
        move(event, at + 1);
        return;
      case 'ArrowUp':
        move(event, at - 1);
        return;
      case 'PageDown':
        if (!event.ctrlKey) move(event, at + page);
        return;
      case 'PageUp':
        if (!event.ctrlKey) move(event, at - page);
        return;
      case 'Home':
        move(event, 0);
        return;
      case 'End':
        move(event, count - 1);
        return;
      case 'ArrowRight':
        event.preventDefault();
        sideways(1);
        return;
      case 'ArrowLeft':
        event.preventDefault();
        sideways(-1);
        return;
      case 'Enter':
        event.preventDefault();
        if (cursor.column === 0 && mode === 'tasks' && at >= 0 && lines.at(at).sub < 0) toggle(at);
        else props.onOpen();
        return;
      case 'f':
      case 'F': {
        if (event.ctrlKey || at < 0) return;
        event.preventDefault();
        const condition = conditionAt(at, cursor.column);
        filter(condition !== null && event.shiftKey ? negate(condition) : condition);
        return;
      }
      case 'c':
        if (!event.ctrlKey) return;
        event.preventDefault();
        props.onCopy('text');
        return;
      default:
    }
  };

  const placeOf = (target: EventTarget): { position: number; column: number } | null => {
    if (!(target instanceof Element)) return null;
    const line = target.closest('[data-position]');
    const cell = target.closest('[data-column]');
    if (line === null) return null;
    return {
      position: Number(line.getAttribute('data-position')),
      column: Number(cell?.getAttribute('data-column') ?? 0),
    };
  };

  const onPointerDown = (event: PointerEvent): void => {
    const place = placeOf(event.target);
    if (place === null || (event.target as Element).closest('.trace-fold') !== null) return;
    const many = event.shiftKey || event.ctrlKey || event.metaKey || event.button === 2;
    goTo(place.position, many);
    setCursor(place);
    const { line } = lines.at(place.position);
    if (event.shiftKey) choose(anchor, place.position);
    else if ((event.ctrlKey || event.metaKey) && line !== undefined) {
      const next = new Set(chosen);
      if (focused !== null && next.size === 0) next.add(focused);
      if (!next.delete(rowOf(line))) next.add(rowOf(line));
      props.onChoose(next);
    }
  };

  const condition = cursor.position < 0 ? null : conditionAt(cursor.position, cursor.column);
  const columnLabel = columns.shown[cursor.column]?.column.label ?? '';
  const startNs = state.spanNs.start;
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
            onDoubleClick: (event) => {
              const place = placeOf(event.target);
              if (place !== null && mode === 'tasks') toggle(place.position);
            },
            onFocus: () => {
              if (cursor.position < 0 && count > 0 && focused === null) setCursor({ position: 0, column: 0 });
            },
          }}
          count={count}
          rowHeight={ROW}
          width={columns.width}
          follow={follow}
          onScrolled={(atEnd) => props.onFollow(atEnd && state.phase !== 'done')}
          onRange={lines.range}
          head={
            <div role="row" className="trace-head" aria-rowindex={1} style={{ height: HEAD }}>
              {columns.shown.map(({ column, width }) => (
                <HeadCell
                  key={column.id}
                  label={column.label}
                  width={width}
                  number={column.number === true}
                  onResize={(next) => columns.resize(column.id, next)}
                />
              ))}
            </div>
          }
        >
          {(position) => {
            const placed = lines.at(position);
            const { line } = placed;
            const row = line === undefined ? -1 : rowOf(line);
            const context: CellContext = {
              before: position === 0 ? undefined : lines.at(position - 1).line,
              startNs,
              slowestNs: state.slowestNs,
            };
            return (
              <LineRow
                key={position}
                placed={placed}
                position={position}
                context={context}
                columns={columns}
                cursorColumn={cursor.position === position ? cursor.column : null}
                selected={chosen.size === 0 ? cursor.position === position : chosen.has(row)}
                mark={marks.get(row)}
                mode={mode}
                onToggle={() => toggle(position)}
              />
            );
          }}
        </VirtualScroller>
      </ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Positioner className="menu-layer">
          <ContextMenu.Popup className="menu">
            {condition === null ? null : (
              <>
                <ContextMenu.Item className="menu-item" onClick={() => props.onFilter(condition)}>
                  {`Filter by this ${columnLabel}`} <span className="mono muted">{condition}</span>
                </ContextMenu.Item>
                <ContextMenu.Item className="menu-item" onClick={() => props.onFilter(negate(condition))}>
                  {`Leave this ${columnLabel} out`}
                </ContextMenu.Item>
                <ContextMenu.Separator className="menu-line" />
              </>
            )}
            <ContextMenu.Item className="menu-item" onClick={() => props.onCopy('text')}>
              Copy as text <kbd>Ctrl+C</kbd>
            </ContextMenu.Item>
            <ContextMenu.Item className="menu-item" onClick={() => props.onCopy('json')}>
              Copy as JSON
            </ContextMenu.Item>
            <ContextMenu.Item className="menu-item" onClick={() => props.onCopy('hex')}>
              Copy bytes as hex
            </ContextMenu.Item>
          </ContextMenu.Popup>
        </ContextMenu.Positioner>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}
