import { open } from 'node:fs/promises';
import { rm } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError } from '../../../core/errors/index.ts';
import { exportTraceFile } from '../../../core/node/index.ts';
import { OPCODES } from '../../../core/pdu/index.ts';
import { csvHeader, estimateExport, rowToCsv, rowToJson, type Trace } from '../../../core/trace/index.ts';
import type { ExportInput } from '../../contract/trace.ts';
import type { Views } from './views.ts';

const JSON_ROW = 640;
const CSV_ROW = 150;
const BATCH = 2000;

/** What one export is about. */
export type ExportPlan = Omit<ExportInput, 'trace'> & { readonly path: string };

/** What came of it. */
export interface ExportResult {
  readonly pdus: number;
  readonly bytes: number;
}

const TEXT: ReadonlySet<number> = new Set([
  OPCODES.loginRequest,
  OPCODES.loginResponse,
  OPCODES.textRequest,
  OPCODES.textResponse,
]);

function rowsOf(plan: Pick<ExportInput, 'scope' | 'rows' | 'view'>, views: Views): number[] | undefined {
  if (plan.scope === 'all') return undefined;
  if (plan.scope === 'selected') return [...plan.rows].sort((a, b) => a - b);
  return views.rowsOf(plan.view)?.sort((a, b) => a - b);
}

/** How many PDUs an export holds and about how many bytes it takes. */
export function estimate(trace: Trace, views: Views, input: Omit<ExportInput, 'trace'>): ExportResult {
  const rows = rowsOf(input, views);
  const pdus = rows?.length ?? trace.length;
  if (input.format === 'pcapng') return { pdus, bytes: pdus === 0 ? 0 : estimateExport(trace, rows) };
  return { pdus, bytes: pdus * (input.format === 'jsonl' ? JSON_ROW : CSV_ROW) };
}

/** A row as a line. Texts name hosts and accounts, so a line that is safe to share leaves them out. */
function lineOf(trace: Trace, row: number, format: 'jsonl' | 'csv', safe: boolean): string {
  if (format === 'jsonl') {
    const json = rowToJson(trace, row);
    return JSON.stringify(safe ? { ...json, keys: null } : json);
  }
  const [page, i] = trace.at(row);
  const line = rowToCsv(trace, row);
  if (!safe || !TEXT.has((page.opcode[i] as number) & 0x3f)) return line;
  // The description is the last of the columns, and the ones before it hold neither commas nor quotes.
  const fields = csvHeader().split(',').length - 1;
  return `${line.split(',').slice(0, fields).join(',')},`;
}

async function writeLines(
  trace: Trace,
  plan: ExportPlan,
  rows: readonly number[] | undefined,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<ExportResult> {
  const format = plan.format === 'csv' ? 'csv' : 'jsonl';
  const total = rows?.length ?? trace.length;
  const file = await open(plan.path, 'w', 0o600);
  let bytes = 0;
  let whole = false;
  try {
    let lines: string[] = format === 'csv' ? [csvHeader()] : [];
    for (let k = 0; k < total; k += 1) {
      lines.push(lineOf(trace, rows?.[k] ?? k, format, plan.safe));
      if (lines.length < BATCH && k < total - 1) continue;
      const chunk = `${lines.join('\n')}\n`;
      bytes += Buffer.byteLength(chunk);
      await file.appendFile(chunk);
      lines = [];
      onProgress(k + 1, total);
      await nextTurn();
      if (signal.aborted)
        throw new CancelledError('CANCELLED', 'The export was called off; the unfinished file is gone.');
    }
    whole = true;
    return { pdus: total, bytes };
  } finally {
    await file.close();
    if (!whole) await rm(plan.path, { force: true });
  }
}

/** Writes an export; the file is there whole or not at all. */
export async function runExport(
  trace: Trace,
  views: Views,
  plan: ExportPlan,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<ExportResult> {
  const rows = rowsOf(plan, views);
  if (plan.format !== 'pcapng') return writeLines(trace, plan, rows, signal, onProgress);
  const total = Math.max(1, estimateExport(trace, rows));
  const summary = await exportTraceFile(trace, plan.path, {
    ...(rows === undefined ? {} : { rows }),
    ...(plan.serverPort === null ? {} : { serverPort: plan.serverPort }),
    safeToShare: plan.safe,
    signal,
    onProgress: (bytes) => onProgress(Math.min(bytes, total), total),
  });
  return { pdus: summary.pdus, bytes: summary.bytes };
}
