import { csvCell, csvHeader, rowToCsv } from './csv.ts';
import { estimateExport, type RowNotes } from './pcapng-export.ts';
import { Sharer, type ShareHash } from './share.ts';
import { notesIn, packetComments } from '../packet-comments.ts';
import { rowToJson } from '../row-json.ts';
import type { Trace } from '../trace.ts';

/** Forms of an export that are lines of text. */
export type LineFormat = 'jsonl' | 'csv';

const ROW_BYTES: Readonly<Record<LineFormat, number>> = { jsonl: 640, csv: 150 };

/** About how many bytes a file with these rows will take, near enough to ask before writing it. */
export function estimateFile(trace: Trace, format: LineFormat | 'pcapng', rows?: readonly number[]): number {
  const pdus = rows?.length ?? trace.length;
  if (format !== 'pcapng') return pdus * ROW_BYTES[format];
  return pdus === 0 ? 0 : estimateExport(trace, rows);
}

/** Writes PDUs as lines; with a hash of this export's own they are safe to share, and have no notes. */
export class LineExport {
  readonly #trace: Trace;
  readonly #format: LineFormat;
  readonly #sharer: Sharer | undefined;
  readonly #notes: RowNotes;
  /** Where there are none, their column is left out. */
  readonly #hasNotes: boolean;

  constructor(trace: Trace, format: LineFormat, shareHash?: ShareHash, notes: RowNotes = new Map()) {
    this.#trace = trace;
    this.#format = format;
    this.#sharer = shareHash === undefined ? undefined : new Sharer(trace, shareHash);
    this.#notes = notes;
    this.#hasNotes = (notes.size > 0 || trace.isNoted) && shareHash === undefined;
  }

  /** What stands before the first line. */
  get head(): readonly string[] {
    if (this.#format !== 'csv') return [];
    return [this.#hasNotes ? `${csvHeader()},note` : csvHeader()];
  }

  /** One PDU. */
  line(row: number): string {
    const options = this.#sharer === undefined ? {} : { share: this.#sharer };
    const note = this.#hasNotes ? this.#noteOf(row) : '';
    if (this.#format === 'csv') {
      const line = rowToCsv(this.#trace, row, options);
      return this.#hasNotes ? `${line},${csvCell(note)}` : line;
    }
    const values = rowToJson(this.#trace, row, options);
    return JSON.stringify(note === '' ? values : { ...values, note });
  }

  /** What came with the trace, and what its reader noted since. */
  #noteOf(row: number): string {
    const own = this.#notes.get(row);
    const lines = this.#trace.isNoted ? notesIn(packetComments(this.#trace, row)) : [];
    return [...new Set(own === undefined ? lines : [...lines, own])].join('\n');
  }
}
