import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { dragPrecision, dragTop, lastTop, rowsPerPixel, thumbOf, topAt } from '../../core/browser.ts';
import './scroll-bar.css';

const LEAST_THUMB = 28;
const HUNDRED = 10_000n;

interface Drag {
  readonly y: number;
  readonly top: bigint;
  readonly precision: number;
  /** The row that was asked for last. */
  readonly at: bigint;
}

/** What a bar that takes the focus says of itself. */
export interface SpokenBar {
  readonly label: string;
  /** The id of the element it scrolls. */
  readonly controls: string;
  readonly valueText: string;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

interface ScrollBarProps {
  readonly rows: bigint;
  /** The row at the top. */
  readonly top: bigint;
  /** How many whole rows are in view. */
  readonly visible: number;
  readonly onScroll: (row: bigint) => void;
  /** Left out where the rows themselves have the focus and the keys; the bar is then for the pointer alone. */
  readonly spoken?: SpokenBar;
  /** What is told beside the pointer during a drag in which a pixel is worth so many rows. */
  readonly tell: (rowsOfPixel: bigint) => ReactNode;
}

/** A scroll bar for any number of rows: the farther a drag strays from the track, the finer it gets, down to single rows. */
export function ScrollBar({ rows, top, visible, onScroll, spoken, tell }: ScrollBarProps) {
  const element = useRef<HTMLDivElement>(null);
  const [length, setLength] = useState(200);
  const drag = useRef<Drag | null>(null);
  const [told, setTold] = useState<{ readonly worth: bigint; readonly y: number } | null>(null);
  useEffect(() => {
    const bar = element.current;
    if (bar === null) return undefined;
    const observer = new ResizeObserver(() => setLength(bar.clientHeight));
    observer.observe(bar);
    return () => observer.disconnect();
  }, []);

  const geometry = { size: rows, columns: 1 };
  const track = { length, leastThumb: LEAST_THUMB };
  const thumb = thumbOf(geometry, top, visible, track);
  const last = lastTop(geometry, visible);

  const begin = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return;
    event.preventDefault();
    const at = event.clientY - event.currentTarget.getBoundingClientRect().top;
    const grabbed = at >= thumb.start && at <= thumb.start + thumb.length;
    const from = grabbed ? top : topAt(geometry, at - thumb.length / 2, visible, track);
    if (!grabbed) onScroll(from);
    drag.current = { y: event.clientY, top: from, precision: 0, at: from };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const from = drag.current;
    if (from === null) return;
    const area = event.currentTarget.getBoundingClientRect();
    const away = event.clientX < area.left ? area.left - event.clientX : Math.max(0, event.clientX - area.right);
    const precision = dragPrecision(away);
    // A change of precision begins a new drag where this one is, so that nothing jumps.
    if (precision === from.precision) {
      const at = dragTop(geometry, { top: from.top, visible, track }, { along: event.clientY - from.y, away });
      drag.current = { ...from, at };
      onScroll(at);
    } else drag.current = { y: event.clientY, top: from.at, precision, at: from.at };
    setTold({ worth: rowsPerPixel(geometry, visible, track, precision), y: event.clientY - area.top });
  };
  const end = (): void => {
    drag.current = null;
    setTold(null);
  };
  const percent = last === 0n ? 0 : Number((top * HUNDRED) / last) / Number(HUNDRED / 100n);
  const role =
    spoken === undefined
      ? ({ 'aria-hidden': true } as const)
      : ({
          role: 'scrollbar',
          'aria-label': spoken.label,
          'aria-orientation': 'vertical',
          'aria-controls': spoken.controls,
          'aria-valuemin': 0,
          'aria-valuemax': 100,
          'aria-valuenow': percent,
          'aria-valuetext': spoken.valueText,
          tabIndex: 0,
          onKeyDown: spoken.onKeyDown,
        } as const);
  return (
    <div
      {...role}
      className="scroller-bar"
      ref={element}
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
    >
      <div className="scroller-thumb" style={{ height: thumb.length, transform: `translateY(${thumb.start}px)` }} />
      {told === null ? null : (
        <div className="scroller-told mono" style={{ top: Math.max(0, Math.min(length - 40, told.y)) }}>
          {tell(told.worth)}
        </div>
      )}
    </div>
  );
}
