import type { Cell } from './pages.ts';
import { hexColumn, hexWidth, type RowLayout } from './row-text.ts';

const ZERO = 'hex-zero';
const GUTTER = 'hex-gutter';

/** Dims zero bytes and gutters without an element of their own, by a named highlight over the rows' text. */
export function paintZeros(
  lines: HTMLElement | null,
  rows: readonly (readonly Cell[])[],
  gutter: number,
  layout: RowLayout,
): void {
  // A view behind another tab must not take the highlight from the one in front.
  if (!(lines?.offsetParent instanceof Element) || typeof Highlight === 'undefined') return;
  const ranges: StaticRange[] = [];
  const gutters: StaticRange[] = [];
  const hex = hexWidth(layout);
  rows.forEach((cells, index) => {
    const text = lines.children[index]?.firstElementChild?.firstChild;
    if (!(text instanceof Text)) return;
    const add = (from: number, to: number): void => {
      if (to <= text.length)
        ranges.push(new StaticRange({ startContainer: text, startOffset: from, endContainer: text, endOffset: to }));
    };
    gutters.push(
      new StaticRange({
        startContainer: text,
        startOffset: 0,
        endContainer: text,
        endOffset: Math.min(gutter, text.length),
      }),
    );
    let start = -1;
    const end = (at: number): void => {
      if (start === -1) return;
      const columns = Array.from({ length: at - start }, (_, i) => hexColumn(layout, start + i));
      // Where numbers are written backwards, a run of zero bytes need not be a run of digits.
      if (layout.group === 1 || layout.endian === 'big')
        add(gutter + Math.min(...columns), gutter + Math.max(...columns) + 2);
      else for (const column of columns) add(gutter + column, gutter + column + 2);
      add(gutter + hex + 1 + start, gutter + hex + 1 + at);
      start = -1;
    };
    cells.forEach((cell, at) => {
      if (cell === 0) start = start === -1 ? at : start;
      else end(at);
    });
    end(cells.length);
  });
  CSS.highlights.set(ZERO, new Highlight(...ranges));
  CSS.highlights.set(GUTTER, new Highlight(...gutters));
}
