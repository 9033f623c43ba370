import type { WireError } from '../../contract/errors.ts';
import type {
  FilterState,
  Latencies,
  LadderStep,
  LoginRecord,
  PduDetail,
  PduRow,
  TaskRow,
  TraceFinding,
  TraceState,
  TraceTimeline,
} from '../../contract/trace.ts';
import type { ExportPlan, ExportResult } from './exporter.ts';

interface RowsInput {
  readonly view: string;
  readonly from: number;
  readonly count: number;
}

/** What the main thread may ask of the thread that holds a trace. */
export interface TraceCalls {
  pdus: (input: RowsInput) => { total: number; rows: PduRow[] };
  tasks: (input: RowsInput) => { total: number; rows: TaskRow[] };
  taskPdus: (input: { task: number; from: number; count: number }) => { total: number; rows: PduRow[] };
  lines: (input: { view: string; list: 'tasks' | 'pdus'; from: number; to: number }) => { rows: number[] };
  wholeTasks: (input: { rows: readonly number[] }) => { rows: number[] };
  detail: (input: { row: number }) => PduDetail;
  step: (input: { row: number; by: 1 | -1 }) => { row: number | null };
  locate: (input: { view: string; row: number }) => { pdu: number; task: number };
  copy: (input: { rows: readonly number[]; as: 'text' | 'json' | 'hex' }) => string;
  latencies: (input: { view: string }) => Latencies;
  timeline: (input: { view: string; steps: number }) => TraceTimeline;
  ladder: (input: RowsInput) => { total: number; next: number; steps: LadderStep[] };
  logins: (input: undefined) => LoginRecord[];
  findings: (input: undefined) => Promise<TraceFinding[]>;
  estimate: (input: Omit<ExportPlan, 'path' | 'marks'>) => ExportResult;
  export: (input: ExportPlan) => Promise<ExportResult>;
  filter: (input: { view: string; expression: string }) => undefined;
  endFilter: (input: { view: string }) => undefined;
  stopFollowing: (input: undefined) => undefined;
  close: (input: undefined) => undefined;
}

/** The name of one of them. */
export type CallName = keyof TraceCalls;

/** What the thread knows of a trace; the rest of its state is the main thread's. */
export type ThreadState = Omit<TraceState, 'title' | 'path' | 'source' | 'marks'>;

/** What the thread is started with. */
export interface ThreadStart {
  readonly path: string;
  readonly follow: boolean;
  readonly scratch: string;
}

/** What it is sent. */
export type ToThread =
  | { readonly kind: 'call'; readonly id: number; readonly name: CallName; readonly input: unknown }
  | { readonly kind: 'cancel'; readonly id: number };

/** What it sends. */
export type FromThread =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: WireError }
  | { readonly kind: 'progress'; readonly id: number; readonly done: number; readonly total: number }
  | { readonly kind: 'filter'; readonly view: string; readonly state: FilterState }
  | { readonly kind: 'state'; readonly state: ThreadState };
