import { useEffect, useRef, useState } from 'react';
import { rowOf } from './columns.tsx';
import type { LineList } from './line-list.ts';

/** Where the cursor of a list is. `tells` is the rest, in ms, after which the line beneath becomes the one in focus. */
export interface Cursor {
  readonly position: number;
  readonly column: number;
  readonly tells: number | null;
}

const NOWHERE: Cursor = { position: -1, column: 0, tells: null };
/** While a key is held, what is beneath the cursor is not read line by line. */
export const HELD_MS = 120;

/** The cursor of a list, which tells of the line it rests on, also where that line has yet to come. */
export function useCursor(lines: LineList, onFocus: (row: number) => void): [Cursor, (next: Cursor) => void] {
  const [cursor, setCursor] = useState(NOWHERE);
  const told = useRef<Cursor | null>(null);
  const line = cursor.position < 0 ? undefined : lines.at(cursor.position).line;
  const row = line === undefined ? null : rowOf(line);
  useEffect(() => {
    if (row === null || cursor.tells === null || told.current === cursor) return undefined;
    const timer = setTimeout(() => {
      told.current = cursor;
      onFocus(row);
    }, cursor.tells);
    return () => clearTimeout(timer);
  }, [row, cursor, onFocus]);
  return [cursor, setCursor];
}
