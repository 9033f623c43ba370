import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import {
  dragPrecision,
  dragTop,
  lastTop,
  rowsPerPixel,
  rowStart,
  thumbOf,
  topAt,
  type Move,
} from '../../../core/browser.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { useView } from './hex-grid.tsx';
import type { BlockView } from './view-model.ts';
import './scroll-bar.css';

const LEAST_THUMB = 28;
const HUNDRED = 10_000n;

interface Drag {
  readonly y: number;
  readonly top: bigint;
  readonly precision: number;
}

const KEYS: Readonly<Record<string, Move>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  PageUp: 'page-up',
  PageDown: 'page-down',
  Home: 'start',
  End: 'end',
};

/** A scroll bar for devices of any size: the farther a drag strays from the track, the finer it gets, down to single rows. */
export function ScrollBar({ view, controls }: { readonly view: BlockView; readonly controls: string }) {
  const { top, visible } = useView(view);
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

  const track = { length, leastThumb: LEAST_THUMB };
  const thumb = thumbOf(view.geometry, top, visible, track);
  const last = lastTop(view.geometry, visible);

  const begin = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return;
    event.preventDefault();
    const area = event.currentTarget.getBoundingClientRect();
    const at = event.clientY - area.top;
    if (at < thumb.start || at > thumb.start + thumb.length)
      view.scrollTo(topAt(view.geometry, at - thumb.length / 2, visible, track));
    drag.current = { y: event.clientY, top: view.snapshot().top, precision: 0 };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const from = drag.current;
    if (from === null) return;
    const area = event.currentTarget.getBoundingClientRect();
    const away = event.clientX < area.left ? area.left - event.clientX : Math.max(0, event.clientX - area.right);
    const precision = dragPrecision(away);
    // A change of precision begins a new drag where this one is, so that nothing jumps.
    if (precision !== from.precision) {
      drag.current = { y: event.clientY, top: view.snapshot().top, precision };
    } else {
      view.scrollTo(dragTop(view.geometry, { top: from.top, visible, track }, { along: event.clientY - from.y, away }));
    }
    setTold({ worth: rowsPerPixel(view.geometry, visible, track, precision), y: event.clientY - area.top });
  };
  const end = (): void => {
    drag.current = null;
    setTold(null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const key = KEYS[event.key];
    if (key === undefined) return;
    event.preventDefault();
    view.move(key, false);
  };
  const lba = rowStart(view.geometry, top) / BigInt(view.blockSize);
  const percent = last === 0n ? 0 : Number((top * HUNDRED) / last) / Number(HUNDRED / 100n);
  return (
    <div
      className="hex-scroll"
      ref={element}
      role="scrollbar"
      aria-label="Position on the device"
      aria-orientation="vertical"
      aria-controls={controls}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={`block ${String(lba)}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
    >
      <div className="hex-thumb" style={{ top: thumb.start, height: thumb.length }} />
      {told === null ? null : (
        <div className="hex-scroll-told mono" style={{ top: Math.max(0, Math.min(length - 40, told.y)) }}>
          <div>{`block ${formatCount(lba)}`}</div>
          <div className="muted">{`a pixel is ${formatBytes(told.worth * BigInt(view.snapshot().columns))}; move aside for finer steps`}</div>
        </div>
      )}
    </div>
  );
}
