import { OPCODES } from '../../pdu/index.ts';
import { TASK_FLAGS, type PduPage, type TaskPage } from '../columns.ts';
import type { RowChoice } from '../filter/row-list.ts';
import type { Trace } from '../trace.ts';

/** Throughput and open tasks over time, in equal steps. */
export interface Timeline {
  readonly startNs: number;
  readonly stepNs: number;
  /** Data bytes each way in each step. */
  readonly bytesIn: Float64Array;
  readonly bytesOut: Float64Array;
  /** SCSI commands that began in each step. */
  readonly commands: Float64Array;
  /** Most SCSI commands open at once in each step. */
  readonly outstanding: Float64Array;
  /** How late the recording loop ran at most in each step, in ns; zero where nothing was noted. */
  readonly lagNs: Float64Array;
}

type Steps = Omit<Timeline, 'startNs' | 'stepNs'>;
interface Span {
  readonly startNs: number;
  readonly endNs: number;
}

/** What a timeline is made of where it is not of the whole trace: its PDUs and their tasks. */
export interface TimelineChoice {
  readonly pdus: RowChoice;
  readonly tasks: RowChoice;
}

/** First and last time of a trace's PDUs, or of those chosen; both zero where there are none. */
export function timeSpan(trace: Trace, chosen?: RowChoice): Span {
  let [startNs, endNs] = [Infinity, -Infinity];
  eachPdu(trace, chosen, ({ time }, i) => {
    const at = time[i] as number;
    if (at < startNs) startNs = at;
    if (at > endNs) endNs = at;
  });
  return startNs > endNs ? { startNs: 0, endNs: 0 } : { startNs, endNs };
}

/** Adds up a trace, or what is chosen of it, into `steps` equal steps of a stretch of time. */
export function buildTimeline(trace: Trace, steps: number, span?: Span, chosen?: TimelineChoice): Timeline {
  const { startNs, endNs } = span ?? timeSpan(trace, chosen?.pdus);
  const stepNs = Math.max(1, (endNs - startNs) / steps);
  const make = (): Float64Array => new Float64Array(steps);
  const timeline: Steps = {
    bytesIn: make(),
    bytesOut: make(),
    commands: make(),
    outstanding: make(),
    lagNs: make(),
  };
  const stepOf = (ns: number): number => Math.min(steps - 1, Math.floor((ns - startNs) / stepNs));
  const add = (column: Float64Array, ns: number, value: number): void => {
    if (ns < startNs || ns > endNs) return;
    (column[stepOf(ns)] as number) += value;
  };
  eachPdu(trace, chosen?.pdus, (page, i) => {
    const opcode = (page.opcode[i] as number) & 0x3f;
    const length = (page.lengths[i] as number) & 0xffffff;
    const at = page.time[i] as number;
    if (opcode === OPCODES.scsiCommand) add(timeline.commands, at, 1);
    if (opcode === OPCODES.dataIn) add(timeline.bytesIn, at, length);
    else if (opcode === OPCODES.dataOut || opcode === OPCODES.scsiCommand) add(timeline.bytesOut, at, length);
  });
  countOutstanding(trace, chosen?.tasks, timeline.outstanding, { startNs, endNs }, stepOf);
  for (const { timeNs, lagUs } of trace.lags) {
    if (timeNs < startNs || timeNs > endNs) continue;
    const step = stepOf(timeNs);
    timeline.lagNs[step] = Math.max(timeline.lagNs[step] as number, lagUs * 1000);
  }
  return { startNs, stepNs, ...timeline };
}

function eachPdu(trace: Trace, chosen: RowChoice | undefined, look: (page: PduPage, i: number) => void): void {
  if (chosen !== undefined) {
    for (let at = 0; at < chosen.length; at += 1) look(...trace.at(chosen.at(at)));
    return;
  }
  const { table } = trace.pdus;
  for (let number = 0; number < table.pageCount; number += 1) {
    const page = table.page(number);
    const count = table.rowsIn(number);
    for (let i = 0; i < count; i += 1) look(page, i);
  }
}

/** When commands began and when they ended, each in order; what has not ended ends never. */
function beginsAndEnds(trace: Trace, chosen: RowChoice | undefined): readonly [Float64Array, Float64Array] {
  const { table } = trace.tasks;
  const length = chosen?.length ?? table.length;
  const starts = new Float64Array(length);
  const ends = new Float64Array(length);
  let count = 0;
  const add = (page: TaskPage, i: number): void => {
    if (page.opcode[i] !== OPCODES.scsiCommand) return;
    starts[count] = page.start[i] as number;
    const isEnded = ((page.flags[i] as number) & (TASK_FLAGS.ended | TASK_FLAGS.aborted)) !== 0;
    ends[count] = isEnded ? (page.end[i] as number) : Infinity;
    count += 1;
  };
  for (let at = 0; at < length; at += 1) add(...trace.taskAt(chosen?.at(at) ?? at));
  return [starts.subarray(0, count).sort(), ends.subarray(0, count).sort()];
}

/** How many commands were open at most in each step, over all connections: begins and ends are gone through in order. */
function countOutstanding(
  trace: Trace,
  chosen: RowChoice | undefined,
  out: Float64Array,
  { startNs, endNs }: Span,
  stepOf: (ns: number) => number,
): void {
  const [began, ended] = beginsAndEnds(trace, chosen);
  const count = began.length;
  let next = 0;
  let left = 0;
  while (next < count && (began[next] as number) < startNs) next += 1;
  while (left < count && (ended[left] as number) < startNs) left += 1;
  for (let step = 0; step < out.length; step += 1) {
    const isIn = (ns: number): boolean => ns <= endNs && stepOf(ns) <= step;
    let peak = next - left;
    for (; next < count && isIn(began[next] as number); next += 1) {
      // What ends as another begins makes room for it.
      while (left < count && (ended[left] as number) <= (began[next] as number)) left += 1;
      peak = Math.max(peak, next + 1 - left, 1);
    }
    while (left < count && isIn(ended[left] as number)) left += 1;
    out[step] = peak;
  }
}
