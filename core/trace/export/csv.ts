import { opcodeName } from '../../pdu/index.ts';
import { describeRow } from '../describe.ts';
import { rowToJson, type DecodedRow, type RowJsonOptions } from '../row-json.ts';
import { viewTask } from '../task-view.ts';
import type { Trace } from '../trace.ts';
import { quotesText } from './share.ts';

/** What the objects for JSON have. */
type JsonColumn = Exclude<keyof DecodedRow, 'keys'>;

/** Columns in their order; those that the objects for JSON do not have are worked out here. */
const COLUMNS = [
  'n',
  'time',
  'seconds',
  'connection',
  'dir',
  'opcode',
  'name',
  'itt',
  'task',
  'lun',
  'lba',
  'blocks',
  'cmdSn',
  'statSn',
  'dataLength',
  'status',
  'latencyUs',
  'malformed',
] as const satisfies readonly (JsonColumn | 'seconds' | 'lba' | 'blocks')[];

/** The time since the beginning of the trace, in few enough digits for a spreadsheet, and the blocks that the task is about. */
function more(trace: Trace, row: number, number: number | null): Record<'seconds' | 'lba' | 'blocks', string> {
  const [page, i] = trace.at(row);
  const task = number === null ? undefined : viewTask(trace, number);
  const seconds = (((page.time[i] as number) - trace.originNs) / 1e9).toFixed(9);
  return task?.lba === undefined
    ? { seconds, lba: '', blocks: '' }
    : { seconds, lba: String(task.lba), blocks: task.blocks === undefined ? '' : String(task.blocks) };
}

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
  const cells = { ...values, ...more(trace, row, values.task) };
  return [...COLUMNS.map((column) => csvCell(cells[column])), csvCell(info)].join(',');
}
