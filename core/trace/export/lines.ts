import { csvCell, csvHeader, rowToCsv } from './csv.ts';
import { estimateExport, type RowNotes } from './pcapng-export.ts';
import { Sharer, type ShareHash } from './share.ts';
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
  /** Undefined where there are none: their column is left out then. */
  readonly #notes: RowNotes | undefined;

  constructor(trace: Trace, format: LineFormat, shareHash?: ShareHash, notes: RowNotes = new Map()) {
    this.#trace = trace;
    this.#format = format;
    this.#sharer = shareHash === undefined ? undefined : new Sharer(trace, shareHash);
    this.#notes = notes.size === 0 || shareHash !== undefined ? undefined : notes;
  }

  /** What stands before the first line. */
  get head(): readonly string[] {
    if (this.#format !== 'csv') return [];
    return [this.#notes === undefined ? csvHeader() : `${csvHeader()},note`];
  }

  /** One PDU. */
  line(row: number): string {
    const options = this.#sharer === undefined ? {} : { share: this.#sharer };
    const note = this.#notes?.get(row);
    if (this.#format === 'csv') {
      const line = rowToCsv(this.#trace, row, options);
      return this.#notes === undefined ? line : `${line},${csvCell(note ?? '')}`;
    }
    const values = rowToJson(this.#trace, row, options);
    return JSON.stringify(note === undefined ? values : { ...values, note });
  }
}
