export {
  MARKS,
  NO_TASK,
  PDU_COLUMNS,
  TASK_COLUMNS,
  TASK_FLAGS,
  joinWords,
  type PduPage,
  type TaskPage,
} from './columns.ts';
export { TraceConnection, type DigestState } from './connection.ts';
export { sniffInput, TraceImporter, type InputKind } from './import/importer.ts';
export type { PageStore } from './pages.ts';
export {
  FILE_HEADER_LENGTH,
  isTraceFile,
  MAX_RECORD_LENGTH,
  RECORD_HEAD_LENGTH,
  type FileHeader,
} from './record-format.ts';
export { HEADER_MODE_DATA, TraceRecorder, type ChunkSink, type RecorderOptions } from './recorder.ts';
export { recordPdus, type PduBatch, type PduTap, type TapEnd, type TapEndpoints, type TraceMode } from './tap.ts';
export {
  CONNECTION_LIMIT,
  Trace,
  type ByteSource,
  type LagSample,
  type StoredPdu,
  type TraceNote,
  type TraceStores,
} from './trace.ts';
export { findProblems, searchProblems, type SearchStep } from './analysis/find-problems.ts';
export { formatFinding, type Finding } from './analysis/collector.ts';
export { bucketStart, summarizeLatency, totalLatency, type LatencySummary } from './analysis/latency.ts';
export {
  loginTurns,
  negotiationOf,
  type LimitedBy,
  type LoginTurn,
  type NegotiatedKey,
} from './analysis/negotiation.ts';
export type { Severity } from './analysis/rule-row.ts';
export { RULES, type Rule, type RuleId } from './analysis/rules.ts';
export { buildTimeline, timeSpan, type Timeline, type TimelineChoice } from './analysis/timeline.ts';
export { describeRow, describeTask, SECRET_KEYS } from './describe.ts';
export { csvHeader, rowToCsv } from './export/csv.ts';
export {
  estimateExport,
  exportPcapng,
  type ExportOptions,
  type ExportSummary,
  type RowNotes,
} from './export/pcapng-export.ts';
export { estimateFile, LineExport, type LineFormat } from './export/lines.ts';
export { SHARE_RULES, type ShareHash, type ShareRule } from './export/share.ts';
export { compileFilter, matchRows, type CompiledFilter } from './filter/compile.ts';
export { completeFilter, type Completion, type Proposal } from './filter/complete.ts';
export type { FilterField } from './filter/field-types.ts';
export { FILTER_FIELDS } from './filter/fields.ts';
export { needsFile, parseFilter, type FilterNode } from './filter/parse.ts';
export { GrowingFilter } from './filter/growing.ts';
export { SettlingFilter } from './filter/settling.ts';
export type { RowChoice, RowList } from './filter/row-list.ts';
export { FilterError } from './filter/tokens.ts';
export { formatNs } from './format-ns.ts';
export { formatRow } from './format-row.ts';
export { rowToJson, type DecodedRow, type RowJsonOptions } from './row-json.ts';
export { viewTask, type TaskView } from './task-view.ts';
export { notesIn, packetComments } from './packet-comments.ts';
export { pduTree, taskPayload } from './tree.ts';
