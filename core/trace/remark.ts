import { MARKS } from './columns.ts';

/** What is said of marks; these come from what a capture lacks, or from bytes an export has no more. */
const MARK_TEXTS: readonly (readonly [mark: number, text: string])[] = [
  [MARKS.headerDigestBad, 'header digest wrong'],
  [MARKS.dataDigestBad, 'data digest wrong'],
  [MARKS.gapBefore, 'bytes missing before'],
  [MARKS.cut, 'not wholly captured'],
  [MARKS.brokenOff, 'broken off by the end of its connection'],
];

/** The words for marks. */
export function markTexts(marks: number): string[] {
  return MARK_TEXTS.filter(([mark]) => (marks & mark) !== 0).map(([, text]) => text);
}

/** What an export says of a PDU whose packets do not show it. */
export interface PduRemark {
  readonly marks: number;
  /** Data bytes that are not made up. */
  readonly stored: number;
}

/** A remark on a PDU with so much data as a comment of its own, or nothing where its packets tell all. */
export function formatRemark(marks: number, stored: number, length: number): string {
  const texts = markTexts(marks);
  // What its sender broke off is not made up: its packets end where it did.
  const isMadeUp = stored < length && (marks & MARKS.brokenOff) === 0;
  if (isMadeUp || (marks & MARKS.cut) !== 0) texts.push(`${stored} data bytes kept`);
  return texts.join('; ');
}

/** Reads such a comment back; undefined where it is another. */
export function parseRemark(comment: string): PduRemark | undefined {
  let [marks, stored] = [0, Infinity];
  for (const text of comment.split('; ', MARK_TEXTS.length + 1)) {
    const mark = MARK_TEXTS.find(([, known]) => known === text)?.[0];
    const [, count] = /^(\d{1,8}) data bytes kept$/u.exec(text) ?? [];
    if (mark !== undefined) marks |= mark;
    else if (count !== undefined) stored = Number(count);
    else return undefined;
  }
  return { marks, stored };
}
