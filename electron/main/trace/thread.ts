import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { TraceFile } from '../../../core/node/index.ts';
import { describeRow, formatRow, rowToJson, searchProblems } from '../../../core/trace/index.ts';
import { toWireError } from '../ipc/dispatch.ts';
import type { CallName, FromThread, ThreadStart, ThreadState, ToThread, TraceCalls } from './calls.ts';
import { hexOf, pduDetail, stepRow } from './detail.ts';
import { estimate, runExport } from './exporter.ts';
import { ladderOf, latenciesOf, loginsOf, timelineOf } from './panes.ts';
import { pduRow, taskRow } from './rows.ts';
import { rowsOfLines, rowsOfWholeTasks } from './selection.ts';
import { inSlices } from './slices.ts';
import { Views } from './views.ts';

const TELL_MS = 120;
const MEMORY = 192 << 20;
const MOST_NOTES = 50;

const port = parentPort;
if (port === null) throw new Error('This file runs as a thread.');
const start = workerData as ThreadStart;
const send = (message: FromThread): void => port.postMessage(message);
const log = (): void => undefined;

const stop = new AbortController();
const cancels = new Map<number, AbortController>();
let bytes = 0;
let totalBytes: number | null = null;
let ended = false;
let failure: unknown;
let toldAt = -TELL_MS;
let later: NodeJS.Timeout | undefined;
let told = '';
let [slowestNs, slowestTo] = [0, 0];

const file = new TraceFile({
  follow: start.follow,
  signal: stop.signal,
  scratchParent: start.scratch,
  memoryBytes: MEMORY,
  onProgress: (progress) => {
    bytes = progress.bytes;
    totalBytes = progress.totalBytes ?? totalBytes;
    views.refresh();
    // What comes last before a silence is told as well.
    later ??= setTimeout(
      () => {
        later = undefined;
        tell();
      },
      Math.max(0, toldAt + TELL_MS - performance.now()),
    );
  },
});
const { trace } = file;
const views = new Views(trace);

/** Looks at the tasks that have come since; one that ends later than it was looked at is caught by the lists' own rows. */
function slowest(): number {
  const { table } = trace.tasks;
  for (let task = slowestTo; task < table.length; task += 1) {
    const page = table.page(task >> table.shift);
    const i = task & table.mask;
    const span = (page.end[i] as number) - (page.start[i] as number);
    if (span > slowestNs) slowestNs = span;
  }
  slowestTo = Math.max(0, table.length - table.rowsPerPage);
  return slowestNs;
}

function spanNs(): ThreadState['spanNs'] {
  if (trace.length === 0) return { start: 0, end: 0 };
  const [first, i] = trace.at(0);
  const startNs = first.time[i] as number;
  const [last, k] = trace.at(trace.length - 1);
  return { start: startNs, end: last.time[k] as number };
}

/** A pipe has no end to come to, so it is live as long as it is read. */
const piped = ((): boolean => {
  const found = statSync(start.path, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile();
})();

function phase(): ThreadState['phase'] {
  if (failure !== undefined) return 'failed';
  if (ended) return 'done';
  if (stop.signal.aborted) return 'loading';
  if (piped) return 'following';
  return start.follow && totalBytes !== null && bytes >= totalBytes ? 'following' : 'loading';
}

function stateOf(): ThreadState {
  return {
    pdus: trace.length,
    tasks: trace.tasks.table.length,
    bytes,
    totalBytes,
    phase: phase(),
    error: failure === undefined ? null : toWireError(failure, log),
    baseNs: String(trace.baseNs),
    spanNs: spanNs(),
    slowestNs: slowest(),
    connections: trace.connections.length,
    dropped: trace.droppedPdus,
    lost: trace.lostPdus,
    notes: [
      ...trace.notes.slice(0, MOST_NOTES).map(({ text }) => text),
      ...(trace.notes.length > MOST_NOTES || trace.notesLeftOut > 0 ? ['There are more notes than are shown.'] : []),
    ],
  };
}

/** Says how the trace stands, unless that was said already. */
function tell(): void {
  const now = `${bytes} ${trace.length} ${phase()}`;
  if (now === told) return;
  told = now;
  toldAt = performance.now();
  send({ kind: 'state', state: stateOf() });
}

function list<T>(from: number, count: number, total: number, make: (index: number) => T): { total: number; rows: T[] } {
  const rows: T[] = [];
  for (let index = from; index < Math.min(total, from + count); index += 1) rows.push(make(index));
  return { total, rows };
}

function copy(rows: readonly number[], as: 'text' | 'json' | 'hex'): string {
  if (as === 'hex') return hexOf(trace, rows);
  if (as === 'json')
    return rows.map((row) => JSON.stringify({ ...rowToJson(trace, row), info: describeRow(trace, row) })).join('\n');
  return rows.map((row) => formatRow(trace, row)).join('\n');
}

/** Runs what may take long under the call's own number: it can be called off, and tells how far it is. */
async function cancellable<T>(
  id: number,
  run: (signal: AbortSignal, onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  cancels.set(id, controller);
  try {
    return await run(controller.signal, (done, total) => send({ kind: 'progress', id, done, total }));
  } finally {
    cancels.delete(id);
  }
}

const calls: { readonly [N in CallName]: (input: Parameters<TraceCalls[N]>[0], id: number) => unknown } = {
  pdus: ({ view, from, count }) =>
    list(from, count, views.pduCount(view), (index) => pduRow(trace, views.pduAt(view, index))),
  tasks: ({ view, from, count }) =>
    list(from, count, views.taskCount(view), (index) => taskRow(trace, views.taskAt(view, index))),
  taskPdus: ({ task, from, count }) => {
    const rows = trace.rowsOfTask(task, from + count);
    return { total: taskRow(trace, task).pdus, rows: rows.slice(from).map((row) => pduRow(trace, row)) };
  },
  lines: (input) => ({ rows: rowsOfLines(trace, views, input) }),
  wholeTasks: ({ rows }) => ({ rows: rowsOfWholeTasks(trace, rows) }),
  detail: ({ row }) => pduDetail(trace, row),
  step: ({ row, by }) => ({ row: stepRow(trace, row, by) }),
  locate: ({ view, row }) => views.locate(view, row),
  copy: ({ rows, as }) => copy(rows, as),
  latencies: ({ view }) => latenciesOf(trace, views.chosenBy(view)),
  timeline: ({ view, steps }) => timelineOf(trace, steps, views.chosenBy(view)),
  ladder: ({ view, from, count }) => ladderOf(trace, views, view, from, count),
  logins: () => loginsOf(trace),
  findings: (_input, id) =>
    cancellable(id, (signal, onProgress) => inSlices(searchProblems(trace), signal, onProgress)),
  estimate: (input) => estimate(trace, views, input),
  export: (input, id) => cancellable(id, (signal, onProgress) => runExport(trace, views, input, signal, onProgress)),
  filter: ({ view, expression }) => views.open(view, expression, (state) => send({ kind: 'filter', view, state })),
  endFilter: ({ view }) => views.close(view),
  stopFollowing: () => {
    stop.abort();
  },
  close: () => {
    stop.abort();
    file.close();
    setImmediate(() => port.close());
  },
};

async function answer(id: number, name: CallName, input: unknown): Promise<void> {
  try {
    const call = calls[name] as (input: unknown, id: number) => unknown;
    send({ kind: 'answer', id, value: await call(input, id) });
  } catch (error) {
    send({ kind: 'failed', id, error: toWireError(error, log) });
  }
}

port.on('message', (message: ToThread) => {
  if (message.kind === 'cancel') cancels.get(message.id)?.abort();
  else void answer(message.id, message.name, message.input);
});

async function read(): Promise<void> {
  try {
    await file.read(start.path);
    failure = file.failure;
  } catch (error) {
    failure = error;
  }
  ended = true;
  views.refresh();
  tell();
}

void read();
