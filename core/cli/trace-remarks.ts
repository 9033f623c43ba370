import { UsageError } from '../errors/index.ts';
import { FilterError, parseFilter, type FilterNode, type Trace } from '../trace/index.ts';

/** What the reader of a trace should know of it, in sentences. */
export function remarksOf(trace: Trace): string[] {
  const remarks = trace.notes.map(({ text }) => text);
  if (trace.notesLeftOut > 0) remarks.push(`${trace.notesLeftOut} more remarks were left out.`);
  return remarks;
}

/** Reads a filter; for people, what is wrong with one is pointed at. */
export function readFilter(text: string, forPeople: boolean): FilterNode {
  try {
    return parseFilter(text);
  } catch (error) {
    if (!(error instanceof FilterError) || !forPeople || /[\p{C}]/u.test(text)) throw error;
    const arrow = ' '.repeat(error.from) + '^'.repeat(Math.max(1, error.to - error.from));
    const lines = [text, arrow, ...(error.hint === undefined ? [] : [error.hint])];
    throw new UsageError('BAD_ARGUMENT', error.message, {
      hint: lines.join('\n  '),
      details: error.details,
      cause: error,
    });
  }
}
