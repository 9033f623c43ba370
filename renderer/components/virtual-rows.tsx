import {
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
} from 'react';

const OVERSCAN = 8;

/** What the owner of a list can ask of it. */
export interface VirtualHandle {
  readonly show: (index: number) => void;
  /** Goes to the end, if the end was in view. */
  readonly followEnd: () => void;
}

interface VirtualRowsProps {
  readonly count: number;
  readonly rowHeight: number;
  readonly label: string;
  readonly role?: string;
  readonly className?: string;
  readonly ref?: Ref<VirtualHandle>;
  /** The id of the row that keys act on. */
  readonly activeDescendant?: string;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly children: (index: number) => ReactNode;
}

/** Rows of one height, of which only those in view exist; up to about a million. */
export function VirtualRows(props: VirtualRowsProps) {
  const { count, rowHeight, label, role, className = '', ref, activeDescendant, onKeyDown, children } = props;
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [view, setView] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const measure = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useImperativeHandle(ref, () => ({
    show: (index) => {
      const element = box.current;
      if (element === null) return;
      const top = index * rowHeight;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + rowHeight > element.scrollTop + element.clientHeight)
        element.scrollTop = top + rowHeight - element.clientHeight;
    },
    followEnd: () => {
      const element = box.current;
      if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
    },
  }));
  const first = Math.max(0, Math.floor(view.top / rowHeight) - OVERSCAN);
  const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN);
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
  return (
    <div
      className={`virtual ${className}`}
      ref={box}
      role={role}
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={activeDescendant}
      onKeyDown={onKeyDown}
      onScroll={({ currentTarget }) => {
        atEnd.current = currentTarget.scrollTop + currentTarget.clientHeight >= currentTarget.scrollHeight - rowHeight;
        setView({ top: currentTarget.scrollTop, height: currentTarget.clientHeight });
      }}
    >
      <div className="virtual-space" role="presentation" style={{ height: count * rowHeight }}>
        <div role="presentation" style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {rows.map(children)}
        </div>
      </div>
    </div>
  );
}
