import { exportTraceFile, exportTraceLines } from '../../../core/node/index.ts';
import { estimateFile, type Trace } from '../../../core/trace/index.ts';
import type { ExportInput, TraceMark } from '../../contract/trace.ts';
import type { Views } from './views.ts';

/** What one export is about. */
export type ExportPlan = Omit<ExportInput, 'trace'> & {
  readonly path: string;
  /** What the person has marked and commented on. */
  readonly marks: readonly TraceMark[];
};

/** What came of it. */
export interface ExportResult {
  readonly pdus: number;
  readonly bytes: number;
}

function rowsOf(plan: Pick<ExportInput, 'scope' | 'rows' | 'view'>, views: Views): number[] | undefined {
  if (plan.scope === 'all') return undefined;
  if (plan.scope === 'selected') return [...plan.rows].sort((a, b) => a - b);
  return views.rowsOf(plan.view)?.sort((a, b) => a - b);
}

/** How many PDUs an export holds and about how many bytes it takes. */
export function estimate(trace: Trace, views: Views, input: Omit<ExportInput, 'trace'>): ExportResult {
  const rows = rowsOf(input, views);
  return { pdus: rows?.length ?? trace.length, bytes: estimateFile(trace, input.format, rows) };
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
  const total = Math.max(1, estimate(trace, views, plan).bytes);
  const options = {
    ...(rows === undefined ? {} : { rows }),
    safeToShare: plan.safe,
    notes: new Map(plan.marks.map(({ row, comment }) => [row, comment === '' ? 'Marked' : comment])),
    signal,
    onProgress: (bytes: number) => onProgress(Math.min(bytes, total), total),
  };
  if (plan.format !== 'pcapng') return exportTraceLines(trace, plan.path, plan.format, options);
  const port = plan.serverPort === null ? {} : { serverPort: plan.serverPort };
  const { pdus, bytes } = await exportTraceFile(trace, plan.path, { ...options, ...port });
  return { pdus, bytes };
}
