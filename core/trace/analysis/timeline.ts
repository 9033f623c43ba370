import { OPCODES } from '../../pdu/index.ts';
import { TASK_FLAGS } from '../columns.ts';
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

/** First and last time of a trace's PDUs; both zero where it has none. */
export function timeSpan(trace: Trace): { readonly startNs: number; readonly endNs: number } {
  let [startNs, endNs] = [Infinity, -Infinity];
  const { table } = trace.pdus;
  for (let number = 0; number < table.pageCount; number += 1) {
    const { time } = table.page(number);
    const count = table.rowsIn(number);
    for (let i = 0; i < count; i += 1) {
      const at = time[i] as number;
      if (at < startNs) startNs = at;
      if (at > endNs) endNs = at;
    }
  }
  return startNs > endNs ? { startNs: 0, endNs: 0 } : { startNs, endNs };
}

/** Adds up a trace, or a stretch of it, into `steps` equal steps of time. */
export function buildTimeline(trace: Trace, steps: number, span = timeSpan(trace)): Timeline {
  const { startNs, endNs } = span;
  const stepNs = Math.max(1, (endNs - startNs) / steps);
  const make = (): Float64Array => new Float64Array(steps);
  const timeline = {
    startNs,
    stepNs,
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
  const { table } = trace.pdus;
  for (let number = 0; number < table.pageCount; number += 1) {
    const page = table.page(number);
    const count = table.rowsIn(number);
    for (let i = 0; i < count; i += 1) {
      const opcode = (page.opcode[i] as number) & 0x3f;
      const length = (page.lengths[i] as number) & 0xffffff;
      const at = page.time[i] as number;
      if (opcode === OPCODES.scsiCommand) add(timeline.commands, at, 1);
      if (opcode === OPCODES.dataIn) add(timeline.bytesIn, at, length);
      else if (opcode === OPCODES.dataOut || opcode === OPCODES.scsiCommand) add(timeline.bytesOut, at, length);
    }
  }
  fillOutstanding(trace, timeline.outstanding, startNs, endNs, stepOf);
  for (const { timeNs, lagUs } of trace.lags) {
    if (timeNs < startNs || timeNs > endNs) continue;
    const step = stepOf(timeNs);
    timeline.lagNs[step] = Math.max(timeline.lagNs[step] as number, lagUs * 1000);
  }
  return timeline;
}

/** Counts what is open at each step's start from begins and ends, then adds what began within it as the peak at most. */
function fillOutstanding(
  trace: Trace,
  out: Float64Array,
  startNs: number,
  endNs: number,
  stepOf: (ns: number) => number,
): void {
  const began = new Float64Array(out.length + 1);
  const ended = new Float64Array(out.length + 1);
  const { table } = trace.tasks;
  for (let number = 0; number < table.pageCount; number += 1) {
    const page = table.page(number);
    const count = table.rowsIn(number);
    for (let i = 0; i < count; i += 1) {
      if (page.opcode[i] !== OPCODES.scsiCommand) continue;
      const start = page.start[i] as number;
      const isEnded = ((page.flags[i] as number) & TASK_FLAGS.ended) !== 0;
      const end = isEnded ? (page.end[i] as number) : Infinity;
      if (start > endNs || end < startNs) continue;
      const first = stepOf(Math.max(start, startNs));
      (began[first] as number) += 1;
      if (end <= endNs) (ended[stepOf(end)] as number) += 1;
      const queued = (page.queued[i] as number) + 1;
      if (start >= startNs && queued > (out[first] as number)) out[first] = queued;
    }
  }
  let open = 0;
  for (let step = 0; step < out.length; step += 1) {
    if (open > (out[step] as number)) out[step] = open;
    open += (began[step] as number) - (ended[step] as number);
    if (open > (out[step] as number)) out[step] = open;
  }
}
