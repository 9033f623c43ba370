import { Bookmark, ChevronDown, ChevronRight, MessageSquare } from 'lucide-react';
import { memo, type PointerEvent } from 'react';
import type { TraceMark } from '../../../electron/contract/trace.ts';
import type { Line, ListMode } from './columns.tsx';
import type { Columns } from './use-columns.ts';

/** The head of a column, with the grip that sizes it. */
export function HeadCell({
  label,
  help,
  width,
  least,
  number,
  grows,
  keeps,
  onResize,
}: {
  readonly label: string;
  readonly help: string | undefined;
  readonly width: number;
  readonly least: number;
  readonly number: boolean;
  readonly grows: boolean;
  readonly keeps: boolean;
  readonly onResize: (width: number) => void;
}) {
  const grab = (event: PointerEvent<HTMLSpanElement>): void => {
    const from = event.clientX;
    const grip = event.currentTarget;
    const wide = grip.parentElement?.offsetWidth ?? width;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    const onMove = (moved: globalThis.PointerEvent): void => onResize(wide + moved.clientX - from);
    const onUp = (): void => {
      grip.removeEventListener('pointermove', onMove);
      grip.removeEventListener('pointerup', onUp);
    };
    grip.addEventListener('pointermove', onMove);
    grip.addEventListener('pointerup', onUp);
  };
  return (
    <div
      role="columnheader"
      className="trace-cell trace-head-cell"
      data-number={number}
      data-grows={grows}
      data-keeps={keeps}
      style={{ width, minWidth: least }}
      title={help}
    >
      {label}
      <span className="trace-grip" aria-hidden onPointerDown={grab} />
    </div>
  );
}

interface LineProps {
  readonly line: Line | undefined;
  /** Place within the unfolded task; -1 for what is no part of one. */
  readonly sub: number;
  readonly unfolded: boolean;
  readonly position: number;
  readonly startNs: number;
  readonly slowestNs: number;
  readonly hex: boolean;
  readonly columns: Columns;
  readonly cursorColumn: number | null;
  readonly selected: boolean;
  readonly mark: TraceMark | undefined;
  readonly mode: ListMode;
}

/** One line: a task, a PDU, or the place of one that is still to come. */
export const LineRow = memo(function LineRow(props: LineProps) {
  const { line, sub, unfolded, position, columns, cursorColumn, selected, mark, mode } = props;
  const tree = mode === 'tasks';
  const context = { ...props, shown: columns.names };
  return (
    <div
      role="row"
      id={`trace-line-${position}`}
      className="trace-line"
      data-position={position}
      data-kind={line?.kind}
      data-sub={sub >= 0}
      data-cursor={cursorColumn !== null}
      aria-rowindex={position + 2}
      aria-selected={selected}
      {...(tree ? { 'aria-level': sub >= 0 ? 2 : 1 } : {})}
      {...(tree && sub < 0 ? { 'aria-expanded': unfolded } : {})}
    >
      {columns.shown.map(({ column, width, least }, at) => (
        <div
          key={column.id}
          role="gridcell"
          className="trace-cell"
          data-column={at}
          data-number={column.number === true}
          data-grows={column.grows === true}
          data-keeps={column.keeps === true}
          data-cursor={cursorColumn === at}
          style={{ width, minWidth: least }}
          title={line !== undefined && column.long === true ? column.text(line, context) : undefined}
        >
          {line === undefined ? null : (
            <>
              {column.id === 'n' && tree && sub < 0 ? (
                <span className="trace-fold" aria-hidden>
                  {unfolded ? <ChevronDown size={12} /> : <ChevronRight size={12} />}
                </span>
              ) : null}
              {column.id === 'n' && mark !== undefined ? (
                <span className="trace-mark" title={mark.comment === '' ? 'Marked' : mark.comment}>
                  {mark.comment === '' ? (
                    <Bookmark size={11} aria-label="Marked" />
                  ) : (
                    <MessageSquare size={11} aria-label="Has a comment" />
                  )}
                </span>
              ) : null}
              {column.cell === undefined ? column.text(line, context) : column.cell(line, context)}
            </>
          )}
        </div>
      ))}
    </div>
  );
});
