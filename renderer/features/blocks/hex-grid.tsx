import {
  useEffect,
  useLayoutEffect,
  useRef,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type WheelEvent,
} from 'react';
import { rowStart, type Move } from '../../../core/browser.ts';
import { gutterHead, gutterOf, gutterText, gutterWidth } from './gutter.ts';
import { blockRules, overlayBoxes } from './overlay.ts';
import type { Cell } from './pages.ts';
import { byteAtColumn, hexColumn, hexText, hexWidth, plainText, TEXT_NAMES } from './row-text.ts';
import { useView } from './use-view.ts';
import { paintZeros } from './zero-paint.ts';
import type { BlockView, ViewState } from './view-model.ts';
import './hex-grid.css';
import './hex-overlay.css';

const ROW_HEIGHT = 20;
const PROBE = 100;
const AFTER = 3;
const LINE_DELTA = 1;
/** Characters of a byte and of what stands around it. */
const BESIDE = 4;
/** The columns as bytes, so that they are written above the bytes as those are. */
const COLUMN_NUMBERS = Array.from({ length: 64 }, (_, column) => column);

/** Rows as text: a screenful, each with its cells. */
function rowsOf(view: BlockView, state: ViewState) {
  const gutter = gutterOf(view.size, view.blockSize, state.addresses);
  const rows: { readonly text: string; readonly cells: readonly Cell[]; readonly address: bigint }[] = [];
  for (let at = 0; at <= state.visible; at += 1) {
    const address = rowStart(view.geometry, state.top + BigInt(at));
    if (address >= view.size) break;
    const cells = Array.from({ length: state.columns }, (_, i) => view.pages.cell(address + BigInt(i)));
    const after = Array.from({ length: AFTER }, (_, i) => view.pages.cell(address + BigInt(state.columns + i)));
    const head = gutterText(gutter, address, view.blockSize, state.columns, at === 0);
    const text = `${head}${hexText(state, cells)} ${plainText(state, cells, after, address)}`;
    rows.push({ text, cells, address });
  }
  return rows;
}

/** What is wrong with a row, if anything. */
const stateOf = (cells: readonly Cell[]): string => {
  const trouble = cells.find((cell) => typeof cell !== 'number' && cell !== 'past-end');
  return typeof trouble === 'string' ? trouble : 'ready';
};

const MOVES: Readonly<Record<string, Move>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  PageUp: 'page-up',
  PageDown: 'page-down',
  Home: 'row-start',
  End: 'row-end',
};
const MOVES_WITH_MOD: Readonly<Record<string, Move>> = {
  Home: 'start',
  End: 'end',
  ArrowUp: 'previous-block',
  ArrowDown: 'next-block',
  ArrowLeft: 'previous-block',
  ArrowRight: 'next-block',
};

/** What a screen reader is told of the byte under the cursor. */
function spoken(view: BlockView, state: ViewState): string {
  const { cursor } = state.selection;
  const cell = view.pages.cell(cursor);
  const place = `block ${String(cursor / BigInt(view.blockSize))}, offset ${String(cursor % BigInt(view.blockSize))}`;
  if (typeof cell !== 'number') return `${place}, ${cell === 'loading' ? 'being read' : cell}`;
  const character = cell >= 0x20 && cell < 0x7f ? `, ${String.fromCharCode(cell)}` : '';
  return `${place}, ${cell.toString(16).padStart(2, '0')}${character}`;
}

interface HexGridProps {
  readonly view: BlockView;
  /** The element's id, for the scroll bar that controls it. */
  readonly id: string;
  readonly onCopy: () => void;
}

/** The bytes: one text node a row, boxes behind them, keys and pointer. */
export function HexGrid({ view, id, onCopy }: HexGridProps) {
  const state = useView(view);
  const box = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLSpanElement>(null);
  const lines = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const wheel = useRef(0);
  const dragging = useRef<bigint | null>(null);
  const gutter = gutterWidth(gutterOf(view.size, view.blockSize, state.addresses));

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const measure = (): void => view.resize(Math.max(1, Math.floor(element.clientHeight / ROW_HEIGHT)));
    measure();
    view.scrollTo(view.snapshot().top);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [view]);

  const rows = rowsOf(view, state);
  const textAt = gutter + hexWidth(state) + 1;
  useEffect(() =>
    paintZeros(
      lines.current,
      rows.map(({ cells }) => cells),
      gutter,
      state,
    ),
  );

  const byteAt = (event: { readonly clientX: number; readonly clientY: number }, lean?: ViewState['side']) => {
    const area = box.current?.getBoundingClientRect();
    const width = (probe.current?.getBoundingClientRect().width ?? 0) / PROBE;
    if (area === undefined || width === 0) return null;
    const column = (event.clientX - area.left + (box.current?.scrollLeft ?? 0)) / width - 1;
    const row = Math.max(0, Math.floor((event.clientY - area.top) / ROW_HEIGHT));
    const side = lean ?? (column >= textAt - 0.5 ? 'text' : 'hex');
    const index =
      side === 'text'
        ? Math.max(0, Math.min(state.columns - 1, Math.floor(column - textAt)))
        : byteAtColumn(state, column - gutter - 0.5);
    return { address: rowStart(view.geometry, state.top + BigInt(row)) + BigInt(index), side } as const;
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return;
    const hit = byteAt(event);
    if (hit === null) return;
    const anchor = event.shiftKey ? state.selection.anchor : hit.address;
    view.set({ marked: null });
    view.select(anchor, hit.address, hit.side);
    dragging.current = anchor;
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (dragging.current === null) return;
    const hit = byteAt(event, state.side);
    if (hit !== null) view.select(dragging.current, hit.address);
  };
  const onContextMenu = (event: MouseEvent): void => {
    const hit = byteAt(event);
    const { offset, length } = view.range;
    // The menu is about what is selected; a click beside that selects first.
    if (hit !== null && event.button === 2 && (hit.address < offset || hit.address >= offset + length))
      view.select(hit.address, hit.address, hit.side);
  };
  const onWheel = (event: WheelEvent): void => {
    const lines_ = event.deltaMode === LINE_DELTA ? event.deltaY : event.deltaY / ROW_HEIGHT;
    wheel.current += lines_;
    const whole = Math.trunc(wheel.current);
    wheel.current -= whole;
    if (whole !== 0) view.scrollTo(state.top + BigInt(whole));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const mod = event.ctrlKey || event.metaKey;
    if (mod && event.key.toLowerCase() === 'c' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      onCopy();
      return;
    }
    if (mod && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      const block = BigInt(view.blockSize);
      const start = (state.selection.cursor / block) * block;
      view.select(start + block - 1n, start);
      return;
    }
    if (event.key === 'Tab' && !mod && !event.altKey) {
      const next = state.side === 'hex' ? 'text' : 'hex';
      // From the last side, Tab leaves the grid as everywhere else.
      if ((next === 'text') === event.shiftKey) return;
      event.preventDefault();
      view.set({ side: next });
      return;
    }
    if (event.altKey) return;
    const move = mod ? MOVES_WITH_MOD[event.key] : MOVES[event.key];
    if (move === undefined) return;
    event.preventDefault();
    view.move(move, event.shiftKey);
  };

  const left = (part: 'hex' | 'text', column: number): string => `${(part === 'hex' ? gutter : textAt) + column}ch`;
  const column = Number(state.selection.cursor % BigInt(state.columns));
  const stands = state.side === 'text' ? textAt + column : gutter + hexColumn(state, column);
  // Where a row is wider than the window, the cursor is brought into sight; the first column brings the gutters with it.
  useLayoutEffect(() => {
    const area = box.current;
    const width = (probe.current?.getBoundingClientRect().width ?? 0) / PROBE;
    if (area === null || width === 0) return;
    const from = column === 0 && state.side === 'hex' ? 0 : stands * width;
    const to = (stands + BESIDE) * width;
    if (from < area.scrollLeft) area.scrollLeft = from;
    else if (to > area.scrollLeft + area.clientWidth) area.scrollLeft = to - area.clientWidth;
  }, [column, stands, state.side]);
  const cursorAt = (part: 'hex' | 'text', from: number, width: number) => (
    <i key={part} style={{ left: left(part, from), width: `${width}ch` }} />
  );
  return (
    <div className="hex-frame">
      <div className="hex-probe mono" aria-hidden>
        <span ref={probe}>{'0'.repeat(PROBE)}</span>
      </div>
      <div className="hex-head mono" ref={head} aria-hidden>
        {[cursorAt('hex', hexColumn(state, column), 2), cursorAt('text', column, 1)]}
        <span>{`${gutterHead(gutterOf(view.size, view.blockSize, state.addresses))}${hexText(state, COLUMN_NUMBERS.slice(0, state.columns))} ${TEXT_NAMES[state.encoding]}`}</span>
      </div>
      <div
        className="hex-grid mono"
        id={id}
        ref={box}
        role="grid"
        aria-label={`Bytes of ${view.facts.title}`}
        aria-readonly="true"
        aria-rowcount={-1}
        tabIndex={0}
        data-side={state.side}
        onKeyDown={onKeyDown}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => (dragging.current = null)}
        onPointerCancel={() => (dragging.current = null)}
        onContextMenu={onContextMenu}
        onWheel={onWheel}
        onScroll={(event) => {
          if (head.current !== null) head.current.scrollLeft = event.currentTarget.scrollLeft;
        }}
      >
        <div className="hex-overlay" aria-hidden>
          {overlayBoxes(view, state).map((one) => (
            <i
              key={one.key}
              className={`hex-box hex-${one.look}`}
              data-colour={one.colour}
              data-front={one.part === state.side}
              style={{ top: one.row * ROW_HEIGHT, left: left(one.part, one.from), width: `${one.to - one.from}ch` }}
            />
          ))}
          {blockRules(view, state).map(({ row, from }) => (
            <i
              key={`rule ${row} ${from}`}
              className="hex-rule"
              data-inside={from > 0}
              style={{ top: row * ROW_HEIGHT }}
            />
          ))}
        </div>
        <div className="hex-lines" ref={lines} role="presentation">
          {rows.map(({ text, cells }, index) => (
            <div key={index} className="hex-row" role="row" data-state={stateOf(cells)}>
              <span role="gridcell">{text}</span>
            </div>
          ))}
        </div>
      </div>
      <p className="visually-hidden" aria-live="polite">
        {spoken(view, state)}
      </p>
    </div>
  );
}
