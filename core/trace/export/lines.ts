import { csvHeader, rowToCsv } from './csv.ts';
import { Sharer, type ShareHash } from './share.ts';
import { rowToJson } from '../row-json.ts';
import type { Trace } from '../trace.ts';

/** Forms of an export that are lines of text. */
export type LineFormat = 'jsonl' | 'csv';

/** Writes PDUs as lines; with a hash of this export's own they are safe to share. */
export class LineExport {
  readonly #trace: Trace;
  readonly #format: LineFormat;
  readonly #sharer: Sharer | undefined;

  constructor(trace: Trace, format: LineFormat, shareHash?: ShareHash) {
    this.#trace = trace;
    this.#format = format;
    this.#sharer = shareHash === undefined ? undefined : new Sharer(trace, shareHash);
  }

  /** What stands before the first line. */
  get head(): readonly string[] {
    return this.#format === 'csv' ? [csvHeader()] : [];
  }

  /** One PDU. */
  line(row: number): string {
    const options = this.#sharer === undefined ? {} : { share: this.#sharer };
    if (this.#format === 'csv') return rowToCsv(this.#trace, row, options);
    return JSON.stringify(rowToJson(this.#trace, row, options));
  }
}
