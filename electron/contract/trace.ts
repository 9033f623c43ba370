import { z } from 'zod';
import { factField } from './luns.ts';
import { sessionId } from './sessions.ts';
import {
  LONGEST_FILTER,
  prefsPatch,
  recordingId,
  recordMode,
  traceLibrary,
  type recording,
  type tracePrefs,
} from './trace-library.ts';
import { wireErrorSchema } from './wire-error.ts';

const LONGEST_PATH = 4096;
const MOST_ROWS = 1000;
const MOST_SELECTED = 1_000_000;

/** Names an open trace of this run. */
export const traceId = z.string().min(1).max(60);
const row = z.number().int().nonnegative();

/** What is opened: a capture the person chose, or one of the program's own recordings. */
export const traceSource = z.union([
  z.object({ path: z.string().min(1).max(LONGEST_PATH), follow: z.boolean() }),
  z.object({ recording: recordingId }),
]);

/** Captures that come with the program. */
export const sampleName = z.enum(['write-protected', 'mutual-chap', 'data-digest-error', 'task-management']);

/** Colour group of a PDU or task; words say the same. */
const kind = z.enum(['cmd', 'data', 'resp', 'login', 'nop', 'err']);

/** Blocks of a LUN, and where it is reached; the target is empty where no login names it. */
const place = z.object({
  host: z.string(),
  port: z.number().int(),
  target: z.string(),
  lun: z.string(),
  lba: z.string(),
  blocks: z.number(),
});

/** What both lists show of a line. */
const line = z.object({
  connection: z.number().int(),
  /** Nanoseconds since the trace's base. */
  timeNs: z.number(),
  /** Since the PDU before, or since the task before began; null for the first. */
  deltaNs: z.number().nullable(),
  kind,
  name: z.string(),
  text: z.string(),
  itt: z.number().int(),
  lun: z.string().nullable(),
  lba: z.string().nullable(),
  blocks: z.number().nullable(),
  cmdSn: z.number().nullable(),
  /** Of the PDU, or of the one that ended the task. */
  statSn: z.number().nullable(),
  bytes: z.number(),
  status: z.string().nullable(),
  latencyNs: z.number().nullable(),
  opcode: z.number().int(),
  cdb: z.string().nullable(),
});

/** One PDU of the list. `row` counts from 0; people see it from 1. */
export const pduRow = line.extend({
  row,
  task: row.nullable(),
  out: z.boolean(),
  fault: z.string().nullable(),
});

/** One task: a command and everything that answered it. */
export const taskRow = line.extend({
  task: row,
  firstPdu: row,
  lastPdu: row,
  pdus: z.number().int(),
  ok: z.boolean().nullable(),
  dir: z.enum(['read', 'write', 'both', 'none']),
});

const mark = z.object({ row, marked: z.boolean(), comment: z.string().max(2000) });

/** How a trace stands, told as it changes. */
export const traceState = z.object({
  title: z.string(),
  path: z.string(),
  source: z.enum(['capture', 'recording']),
  pdus: z.number(),
  tasks: z.number(),
  bytes: z.number(),
  totalBytes: z.number().nullable(),
  /** Whether more may come. */
  phase: z.enum(['loading', 'following', 'done', 'failed']),
  error: wireErrorSchema.nullable(),
  /** Unix time in ns, in decimal. */
  baseNs: z.string(),
  spanNs: z.object({ start: z.number(), end: z.number() }),
  /** The slowest task so far, for the scale of latency bars. */
  slowestNs: z.number(),
  connections: z.number().int(),
  dropped: z.number(),
  lost: z.number(),
  notes: z.array(z.string()),
  marks: z.array(mark),
});

/** What a filter has found so far, told as it runs. */
export const filterState = z.object({
  expression: z.string(),
  pdus: z.number(),
  tasks: z.number(),
  scanned: z.number(),
  total: z.number(),
  done: z.boolean(),
  /** Whether it reads the file and not the index alone. */
  streams: z.boolean(),
  error: wireErrorSchema.nullable(),
});

/** Everything about one PDU. */
export const pduDetail = z.object({
  pdu: pduRow,
  tree: factField,
  /** Header, additional headers and kept data in hex; digests and padding are left out. */
  bytes: z.string(),
  /** Bytes the PDU had beyond these. */
  notShown: z.number(),
  task: taskRow.nullable(),
  /** Rows of the same task: its first, its last, and those around this one. */
  related: z.array(z.object({ row, name: z.string(), out: z.boolean() })),
  relatedLeftOut: z.number(),
  sectors: place.nullable(),
  from: z.string(),
  to: z.string(),
  /** What people noted of it in the capture that was opened, where this program wrote that. */
  notes: z.array(z.string()),
});

/** How long some commands took. */
const latencySpread = z.object({
  count: z.number(),
  minNs: z.number(),
  meanNs: z.number(),
  p50Ns: z.number(),
  p90Ns: z.number(),
  p99Ns: z.number(),
  p999Ns: z.number(),
  maxNs: z.number(),
  bytes: z.number(),
  histogram: z.array(z.number()),
});

/** Latencies of one kind of command. */
export const latencyGroup = latencySpread.extend({
  opcode: z.number().int(),
  serviceAction: z.number().int().nullable(),
  name: z.string(),
  /** Null for all LUNs together. */
  lun: z.string().nullable(),
});

/** Latencies of a trace, and where each bucket begins. */
export const latencies = z.object({
  starts: z.array(z.number()),
  /** Of all commands; null where none has ended. */
  total: latencySpread.nullable(),
  groups: z.array(latencyGroup),
});

/** Throughput and open tasks over time, in equal steps. */
export const timeline = z.object({
  startNs: z.number(),
  stepNs: z.number(),
  bytesIn: z.array(z.number()),
  bytesOut: z.array(z.number()),
  commands: z.array(z.number()),
  outstanding: z.array(z.number()),
  lagNs: z.array(z.number()),
});

/** One arrow of the ladder: a PDU, or a run of data or R2T PDUs of one task. */
export const ladderStep = z.object({
  row,
  rows: z.number().int(),
  timeNs: z.number(),
  out: z.boolean(),
  kind,
  connection: z.number().int(),
  task: row.nullable(),
  text: z.string(),
  bytes: z.number(),
});

/** One login: the keys, what was said, how it ended. */
export const loginRecord = z.object({
  connection: z.number().int(),
  initiator: z.string(),
  target: z.string(),
  sessionType: z.string(),
  outcome: z.string(),
  ok: z.boolean(),
  keys: z.array(
    z.object({
      key: z.string(),
      offeredBy: z.enum(['initiator', 'target']).nullable(),
      offered: z.string().nullable(),
      answered: z.string().nullable(),
      result: z.string().nullable(),
      defaultValue: z.string().nullable(),
      limitedBy: z.enum(['initiator', 'target', 'both', 'default', 'none']),
      costs: z.string().nullable(),
      fault: z.string().nullable(),
      clause: z.string().nullable(),
    }),
  ),
  steps: z.array(
    z.object({
      row,
      out: z.boolean(),
      stage: z.string(),
      pairs: z.array(z.object({ key: z.string(), value: z.string(), hidden: z.boolean() })),
    }),
  ),
});

/** Something a trace shows, with the PDUs that prove it. */
export const traceFinding = z.object({
  rule: z.string(),
  severity: z.enum(['error', 'warning', 'note']),
  title: z.string(),
  text: z.string(),
  hint: z.string(),
  clause: z.string(),
  connection: z.number().nullable(),
  count: z.number(),
  /** Numbers from 1, of the first or the worst few cases. */
  pdus: z.array(z.number()),
  /** Of how many cases they are. */
  proven: z.number(),
  worst: z.boolean(),
  /** The filter that lets through every case, where there is one. */
  filter: z.string().nullable(),
});

/** How far a search for findings is, and at its end what was found. */
export const findingsState = z.object({
  done: z.number(),
  total: z.number(),
  findings: z.array(traceFinding).nullable(),
});

const oneTrace = z.object({ trace: traceId });
const view = z.string().max(60);
const rowsInput = oneTrace.extend({
  view,
  from: row,
  count: z.number().int().min(1).max(MOST_ROWS),
});

/** What a trace is exported as, and which part of it. */
export const exportInput = oneTrace.extend({
  view,
  scope: z.enum(['all', 'filtered', 'selected']),
  rows: z.array(row).max(MOST_SELECTED),
  format: z.enum(['pcapng', 'jsonl', 'csv']),
  safe: z.boolean(),
  serverPort: z.number().int().min(1).max(65_535).nullable(),
});

const nothing = z.undefined();

/** Requests about traces. */
export const traceRequests = {
  'trace.choose': { input: nothing, output: z.object({ path: z.string().nullable() }) },
  /** Puts a capture that comes with the program where it can be opened. */
  'trace.sample': { input: z.object({ name: sampleName }), output: z.object({ path: z.string() }) },
  'trace.open': { input: traceSource, output: z.object({ trace: traceId }) },
  'trace.stopFollowing': { input: oneTrace, output: nothing },
  'trace.pdus': { input: rowsInput, output: z.object({ total: z.number(), rows: z.array(pduRow) }) },
  'trace.tasks': { input: rowsInput, output: z.object({ total: z.number(), rows: z.array(taskRow) }) },
  'trace.taskPdus': {
    input: oneTrace.extend({ task: row, from: row, count: z.number().int().min(1).max(MOST_ROWS) }),
    output: z.object({ total: z.number(), rows: z.array(pduRow) }),
  },
  /** The PDUs that stand for a stretch of lines, its last line counted. */
  'trace.lines': {
    input: oneTrace.extend({ view, list: z.enum(['tasks', 'pdus']), from: row, to: row }),
    output: z.object({ rows: z.array(row) }),
  },
  /** With each PDU that begins a task, the rest of the task. */
  'trace.wholeTasks': {
    input: oneTrace.extend({ rows: z.array(row).max(MOST_SELECTED) }),
    output: z.object({ rows: z.array(row) }),
  },
  'trace.detail': { input: oneTrace.extend({ row }), output: pduDetail },
  'trace.step': {
    input: oneTrace.extend({ row, by: z.union([z.literal(1), z.literal(-1)]) }),
    output: z.object({ row: row.nullable() }),
  },
  'trace.locate': {
    input: oneTrace.extend({ view, row }),
    output: z.object({ pdu: z.number(), task: z.number() }),
  },
  'trace.copy': {
    input: oneTrace.extend({ rows: z.array(row).max(10_000), as: z.enum(['text', 'json', 'hex']) }),
    output: z.object({ count: z.number() }),
  },
  'trace.latencies': { input: oneTrace.extend({ view }), output: latencies },
  'trace.timeline': {
    input: oneTrace.extend({ view, steps: z.number().int().min(10).max(2000) }),
    output: timeline,
  },
  'trace.ladder': {
    input: rowsInput,
    output: z.object({ total: z.number(), next: z.number(), steps: z.array(ladderStep) }),
  },
  'trace.logins': { input: oneTrace, output: z.array(loginRecord) },
  'trace.annotate': { input: oneTrace.extend({ mark }), output: nothing },
  'trace.estimate': { input: exportInput, output: z.object({ pdus: z.number(), bytes: z.number() }) },
  'trace.export': { input: exportInput, output: z.object({ path: z.string().nullable() }) },
  'trace.reveal': { input: z.object({ path: z.string().max(LONGEST_PATH) }), output: nothing },
  'trace.record': {
    input: z.object({
      session: sessionId,
      mode: recordMode,
      capBytes: z.number().int().min(1_048_576),
      /** As `keepChap` of what is set up; that holds where it is left out. */
      keepChap: z.boolean().optional(),
    }),
    output: nothing,
  },
  'trace.forgetCaptures': { input: nothing, output: nothing },
  'trace.purge': { input: z.object({ ids: z.array(recordingId).max(10_000) }), output: nothing },
  'trace.setPrefs': { input: prefsPatch, output: nothing },
} as const;

/** Streams about traces. */
export const traceStreams = {
  'trace.state': { params: oneTrace, item: traceState },
  /** Running a filter is watching it; the rows it lets through are asked for by its view. */
  'trace.filter': {
    params: oneTrace.extend({ view, expression: z.string().max(LONGEST_FILTER) }),
    item: filterState,
  },
  /** Watching is searching: what is found comes last, and who goes calls the search off. */
  'trace.findings': { params: oneTrace, item: findingsState },
  'trace.library': { params: nothing, item: traceLibrary },
} as const;

/** A PDU of the list. */
export type PduRow = z.infer<typeof pduRow>;
/** A task of the list. */
export type TaskRow = z.infer<typeof taskRow>;
/** How a trace stands. */
export type TraceState = z.infer<typeof traceState>;
/** What a filter has found so far. */
export type FilterState = z.infer<typeof filterState>;
/** Everything about one PDU. */
export type PduDetail = z.infer<typeof pduDetail>;
/** Latencies of a trace. */
export type Latencies = z.infer<typeof latencies>;
/** How long some commands took. */
export type LatencySpread = z.infer<typeof latencySpread>;
/** Latencies of one kind of command. */
export type LatencyGroup = z.infer<typeof latencyGroup>;
/** Throughput and open tasks over time. */
export type TraceTimeline = z.infer<typeof timeline>;
/** One arrow of the ladder. */
export type LadderStep = z.infer<typeof ladderStep>;
/** One login. */
export type LoginRecord = z.infer<typeof loginRecord>;
/** Something a trace shows. */
export type TraceFinding = z.infer<typeof traceFinding>;
/** How far a search for findings is. */
export type FindingsState = z.infer<typeof findingsState>;
/** A recording. */
export type Recording = z.infer<typeof recording>;
/** What a person has set up for traces. */
export type TracePrefs = z.infer<typeof tracePrefs>;
/** A change of it. */
export type TracePrefsPatch = z.infer<typeof prefsPatch>;
/** Recordings there are, and what holds for new ones. */
export type TraceLibrary = z.infer<typeof traceLibrary>;
/** A mark or comment on a PDU. */
export type TraceMark = z.infer<typeof mark>;
/** What is exported. */
export type ExportInput = z.infer<typeof exportInput>;
/** What is opened. */
export type TraceSource = z.infer<typeof traceSource>;
/** A capture that comes with the program. */
export type SampleName = z.infer<typeof sampleName>;
/** How much of each PDU a recording keeps. */
export type RecordMode = z.infer<typeof recordMode>;
