import { within } from './geometry.ts';

/** What is selected: from where the selection began to where the cursor is, both bytes included. */
export interface Selection {
  readonly anchor: bigint;
  readonly cursor: bigint;
}

/** First byte and length of a selection; never less than the byte under the cursor. */
export function selectionRange({ anchor, cursor }: Selection): { readonly offset: bigint; readonly length: bigint } {
  const offset = anchor < cursor ? anchor : cursor;
  return { offset, length: (anchor < cursor ? cursor : anchor) - offset + 1n };
}

/** A move of the cursor in the words of keys. */
export type Move =
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'row-start'
  | 'row-end'
  | 'start'
  | 'end'
  | 'previous-block'
  | 'next-block';

/** Where a move takes the cursor; it stays on the device, and keeps its column when it goes up or down. */
export function moveCursor(
  cursor: bigint,
  move: Move,
  view: { readonly size: bigint; readonly columns: number; readonly visible: number; readonly blockSize: number },
): bigint {
  const columns = BigInt(view.columns);
  const last = view.size - 1n;
  const page = BigInt(Math.max(1, view.visible - 1)) * columns;
  const block = BigInt(view.blockSize);
  const down = (step: bigint): bigint => {
    if (cursor + step <= last) return cursor + step;
    // The last full step in the same column, or the last byte from the last row.
    const rows = (last - cursor) / columns;
    const moved = cursor + rows * columns;
    return moved === cursor ? last : moved;
  };
  const up = (step: bigint): bigint => (cursor >= step ? cursor - step : cursor % columns);
  switch (move) {
    case 'left':
      return within(cursor - 1n, 0n, last);
    case 'right':
      return within(cursor + 1n, 0n, last);
    case 'up':
      return up(columns);
    case 'down':
      return down(columns);
    case 'page-up':
      return up(page);
    case 'page-down':
      return down(page);
    case 'row-start':
      return cursor - (cursor % columns);
    case 'row-end':
      return within(cursor - (cursor % columns) + columns - 1n, 0n, last);
    case 'start':
      return 0n;
    case 'end':
      return last;
    case 'previous-block':
      return within(((cursor - 1n) / block) * block, 0n, last);
    case 'next-block':
      return within((cursor / block + 1n) * block, 0n, last);
  }
}
