import { opcodeName } from '../../pdu/index.ts';
import { describeRow } from '../describe.ts';
import { rowToJson, type RowJsonOptions } from '../row-json.ts';
import type { Trace } from '../trace.ts';
import { quotesText } from './share.ts';

const COLUMNS = [
  'n',
  'time',
  'connection',
  'dir',
  'opcode',
  'name',
  'itt',
  'task',
  'lun',
  'cmdSn',
  'statSn',
  'dataLength',
  'status',
  'latencyUs',
  'malformed',
] as const;

/** A cell that no spreadsheet takes for a formula. */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/u.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(safe) ? `"${safe.replace(/"/gu, '""')}"` : safe;
}

/** The first line of a CSV export. */
export function csvHeader(): string {
  return [...COLUMNS, 'info'].join(',');
}

/** A PDU as a line of CSV, a description in its last column. */
export function rowToCsv(trace: Trace, row: number, options: RowJsonOptions = {}): string {
  const values = rowToJson(trace, row, options);
  const info =
    options.share !== undefined && quotesText(values.opcode) ? opcodeName(values.opcode) : describeRow(trace, row);
  return [...COLUMNS.map((column) => csvCell(values[column])), csvCell(info)].join(',');
}
