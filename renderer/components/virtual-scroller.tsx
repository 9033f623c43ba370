import {
  Fragment,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type ComponentProps,
  type ReactNode,
  type Ref,
} from 'react';
import { formatCount } from '../lib/format.ts';
import { ScrollBar } from './scroll-bar.tsx';
import './virtual-scroller.css';

const PIXELS_PER_LINE = 22;
const DELTA_LINE = 1;
const DELTA_PAGE = 2;

/** What the owner of a scroller can ask of it. */
export interface ScrollerHandle {
  /** Brings a row into view, where it is not. */
  readonly show: (row: number) => void;
  /** Puts a row at the top. */
  readonly toTop: (row: number) => void;
  /** How many whole rows are in view. */
  readonly pageRows: () => number;
}

interface VirtualScrollerProps {
  /** Rows there are; tens of millions are fine, since no element is as tall as they are. */
  readonly count: number;
  readonly rowHeight: number;
  readonly className?: string;
  /** Stays above the rows and scrolls sideways with them. */
  readonly head?: ReactNode;
  /** Least width of the rows, in pixels; beyond it they scroll sideways. */
  readonly width?: number;
  /** What the box around head and rows is: a grid, a list. It scrolls sideways, so it takes the focus. */
  readonly region?: ComponentProps<'div'>;
  /** Keep the end in view as rows come. */
  readonly follow?: boolean;
  /** The person has scrolled: whether the end is in view now. */
  readonly onScrolled?: (atEnd: boolean) => void;
  /** The rows that are drawn, told when they change. */
  readonly onRange?: (first: number, last: number) => void;
  readonly ref?: Ref<ScrollerHandle>;
  readonly children: (row: number) => ReactNode;
}

/** Rows of one height, of which only those in view exist, with a scrollbar of its own; a pixel of it may be thousands of rows. */
export function VirtualScroller(props: VirtualScrollerProps) {
  const {
    count,
    rowHeight,
    className = '',
    head,
    width = 0,
    follow = false,
    onScrolled,
    onRange,
    region,
    ref,
    children,
  } = props;
  const box = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(0);
  // In rows, with a fraction: the one number that says where the list stands.
  const [top, setTop] = useState(0);
  const visible = height / rowHeight;
  const last = Math.max(0, count - visible);
  const shown = follow ? last : Math.min(top, last);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const measure = (): void => setHeight(element.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const first = Math.floor(shown);
  const end = Math.min(count, Math.ceil(shown + visible) + 1);
  // After a jump the elements of the rows before are filled anew, which is much cheaper than making others.
  const [drawn, setDrawn] = useState({ first: 0, shift: 0 });
  const moved = first - drawn.first;
  const shift = Math.abs(moved) * 2 > end - first ? drawn.shift + moved : drawn.shift;
  if (moved !== 0) setDrawn({ first, shift });
  useLayoutEffect(() => onRange?.(first, end), [first, end, onRange]);

  const go = (to: number): void => {
    const next = Math.max(0, Math.min(last, to));
    setTop(next);
    onScrolled?.(next >= last - 0.5);
  };
  const state = useRef({ go, shown, visible });
  useLayoutEffect(() => {
    state.current = { go, shown, visible };
  });

  // React listens to wheels passively, and the page must not take them too.
  useLayoutEffect(() => {
    const element = box.current?.parentElement;
    if (element === null || element === undefined) return undefined;
    const onWheel = (event: WheelEvent): void => {
      if (event.deltaY === 0 || event.shiftKey || event.ctrlKey) return;
      const { go: scroll, shown: at, visible: page } = state.current;
      const unit = event.deltaMode === DELTA_LINE ? 1 : event.deltaMode === DELTA_PAGE ? page : 1 / PIXELS_PER_LINE;
      event.preventDefault();
      scroll(at + event.deltaY * unit);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  useImperativeHandle(ref, () => ({
    show: (row) => {
      const whole = Math.max(1, Math.floor(visible));
      if (row < shown) go(row);
      else if (row >= shown + whole) go(row - whole + 1);
    },
    toTop: go,
    pageRows: () => Math.max(1, Math.floor(visible)),
  }));

  const rows = Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index);
  return (
    <div className={`scroller ${className}`} role="presentation">
      <div role="presentation" {...region} className="scroller-sideways">
        <div className="scroller-wide" role="presentation" style={{ minWidth: width }}>
          {head}
          <div className="scroller-view" role="presentation" ref={box}>
            <div role="presentation" style={{ transform: `translateY(${(first - shown) * rowHeight}px)` }}>
              {rows.map((row) => (
                <Fragment key={row - shift}>{children(row)}</Fragment>
              ))}
            </div>
          </div>
        </div>
      </div>
      {last <= 0 ? null : (
        <ScrollBar
          rows={BigInt(count)}
          top={BigInt(Math.ceil(shown))}
          visible={Math.max(1, Math.floor(visible))}
          onScroll={(row) => go(Number(row))}
          tell={(worth) => (
            <>
              <div>{`row ${formatCount(BigInt(first) + 1n)}`}</div>
              {worth > 1n ? (
                <div className="muted">{`a pixel is ${formatCount(worth)} rows; move aside for finer steps`}</div>
              ) : null}
            </>
          )}
        />
      )}
    </div>
  );
}
