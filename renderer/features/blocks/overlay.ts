import { rowStart, type DiskStructure } from '../../../core/browser.ts';
import { hexColumn } from './row-text.ts';
import { rangesIn, type Range } from './ranges.ts';
import type { BlockView, ViewState } from './view-model.ts';

/** A stretch of one row that is drawn behind its text, in characters. */
export interface Box {
  readonly key: string;
  readonly row: number;
  readonly part: 'hex' | 'text';
  readonly from: number;
  readonly to: number;
  readonly look: string;
  readonly colour?: number;
  readonly title?: string;
}

const MOST_BOXES = 2000;
const COLOURS = 8;
/** Longer fields, such as boot code, are found by the cursor; lines under screenfuls of them would say nothing. */
const LONGEST_FIELD = 144;

/** The boxes of a range within the rows in view, in both parts. */
function boxesOf(view: BlockView, state: ViewState, range: Range, look: string, more: Partial<Box> = {}): Box[] {
  const { columns, visible, top } = state;
  const start = rowStart(view.geometry, top);
  const end = range.offset + range.length;
  const boxes: Box[] = [];
  const firstRow = range.offset <= start ? 0 : Number((range.offset - start) / BigInt(columns));
  for (let row = firstRow; row <= visible; row += 1) {
    const rowAt = start + BigInt(row * columns);
    if (rowAt >= end) break;
    const from = range.offset > rowAt ? Number(range.offset - rowAt) : 0;
    const to = end < rowAt + BigInt(columns) ? Number(end - rowAt) : columns;
    const cells = Array.from({ length: to - from }, (_, at) => hexColumn(state, from + at));
    const key = `${look} ${String(range.offset)} ${row}`;
    boxes.push({
      key: `${key} h`,
      row,
      part: 'hex',
      from: Math.min(...cells),
      to: Math.max(...cells) + 2,
      look,
      ...more,
    });
    boxes.push({ key: `${key} t`, row, part: 'text', from, to, look, ...more });
  }
  return boxes;
}

function structureBoxes(
  view: BlockView,
  state: ViewState,
  list: readonly DiskStructure[],
  first: bigint,
  last: bigint,
): Box[] {
  const boxes: Box[] = [];
  const walk = (one: DiskStructure, colour: number): void => {
    one.fields.forEach((field, index) => {
      const offset = one.offset + BigInt(field.offset);
      if (field.length === 0 || field.length > LONGEST_FIELD || offset > last || offset + BigInt(field.length) <= first)
        return;
      boxes.push(
        ...boxesOf(view, state, { offset, length: BigInt(field.length) }, 'field', {
          colour: ((colour + index) % COLOURS) + 1,
          title: `${one.label}: ${field.label}`,
        }),
      );
    });
    one.children.forEach((child, index) => walk(child, colour + index + 1));
  };
  list.forEach((one, index) => walk(one, index));
  return boxes;
}

/** Everything that is drawn behind the rows in view: structures, bookmarks, hits, differences, selection, cursor. */
export function overlayBoxes(view: BlockView, state: ViewState): Box[] {
  const first = rowStart(view.geometry, state.top);
  const last = rowStart(view.geometry, state.top + BigInt(state.visible) + 1n);
  const inView = (range: Range): boolean => range.offset < last && range.offset + range.length > first;
  const boxes = structureBoxes(view, state, state.structures, first, last);
  for (const { id, offset, length, colour, note } of state.bookmarks) {
    const range = { offset: BigInt(offset), length: BigInt(length) };
    if (inView(range))
      boxes.push(
        ...boxesOf(view, state, range, 'bookmark', { colour, title: note === '' ? 'Bookmark' : note, key: id }),
      );
  }
  for (const hit of rangesIn(state.hits, first, last)) boxes.push(...boxesOf(view, state, hit, 'hit'));
  for (const one of rangesIn(state.differences, first, last))
    boxes.push(...boxesOf(view, state, one, one.unknown ? 'unknown' : 'difference'));
  if (state.marked !== null && inView(state.marked)) boxes.push(...boxesOf(view, state, state.marked, 'marked'));
  boxes.push(...boxesOf(view, state, view.range, 'selection'));
  boxes.push(...boxesOf(view, state, { offset: state.selection.cursor, length: 1n }, 'cursor'));
  return boxes.slice(0, MOST_BOXES).map((box, index) => ({ ...box, key: `${box.key} ${index}` }));
}

/** Where blocks begin among the rows in view: a rule above the row, and inside it where columns do not divide the block. */
export function blockRules(view: BlockView, state: ViewState): { readonly row: number; readonly from: number }[] {
  const start = rowStart(view.geometry, state.top);
  const block = BigInt(view.blockSize);
  const end = start + BigInt((state.visible + 1) * state.columns);
  const rules: { row: number; from: number }[] = [];
  for (let at = ((start + block - 1n) / block) * block; at < end && at < view.size; at += block) {
    const within = Number(at - start);
    rules.push({ row: Math.floor(within / state.columns), from: within % state.columns });
  }
  return rules.filter(({ row, from }) => row > 0 || from > 0);
}
