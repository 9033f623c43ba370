import { LOGIN_STAGE_NAMES, OPCODES, opcodeName } from '../../../core/pdu/index.ts';
import { commandByCode } from '../../../core/scsi/index.ts';
import {
  bucketStart,
  buildTimeline,
  loginTurns,
  MARKS,
  negotiationOf,
  NO_TASK,
  SECRET_KEYS,
  summarizeLatency,
  totalLatency,
  describeRow,
  type TimelineChoice,
  type Trace,
} from '../../../core/trace/index.ts';
import type { LadderStep, Latencies, LoginRecord, TraceTimeline } from '../../contract/trace.ts';
import { pduRow } from './rows.ts';
import type { Views } from './views.ts';

const LADDER_SCAN = 20_000;
const MOST_LOGINS = 500;
const VALUE_SHOWN = 2000;

function commandName(opcode: number, serviceAction: number | null): string {
  return commandByCode(opcode, serviceAction ?? undefined)?.name ?? `0x${opcode.toString(16).padStart(2, '0')}`;
}

/** Latencies by command and LUN, of the whole trace or of what is chosen. */
export function latenciesOf(trace: Trace, chosen?: TimelineChoice): Latencies {
  const found = summarizeLatency(trace, chosen?.tasks);
  const buckets = found[0]?.histogram.length ?? 0;
  const total = totalLatency(found);
  return {
    starts: Array.from({ length: buckets + 1 }, (_, bucket) => bucketStart(bucket)),
    total: total === undefined ? null : { ...total, histogram: [...total.histogram] },
    groups: found.map(({ lun, histogram, ...rest }) => ({
      ...rest,
      lun: lun === null ? null : String(lun),
      name: commandName(rest.opcode, rest.serviceAction),
      histogram: [...histogram],
    })),
  };
}

/** Throughput and open tasks over the whole trace, or over the time of what is chosen. */
export function timelineOf(trace: Trace, steps: number, chosen?: TimelineChoice): TraceTimeline {
  const { startNs, stepNs, bytesIn, bytesOut, commands, outstanding, lagNs } = buildTimeline(
    trace,
    steps,
    undefined,
    chosen,
  );
  return {
    startNs,
    stepNs,
    bytesIn: Array.from(bytesIn),
    bytesOut: Array.from(bytesOut),
    commands: Array.from(commands),
    outstanding: Array.from(outstanding),
    lagNs: Array.from(lagNs),
  };
}

const grouped = (opcode: number): boolean =>
  opcode === OPCODES.dataIn || opcode === OPCODES.dataOut || opcode === OPCODES.readyToTransfer;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Arrows from line `from` of a view on; data and R2T of one task that follow each other are one arrow. */
export function ladderOf(
  trace: Trace,
  views: Views,
  view: string,
  from: number,
  count: number,
): { total: number; next: number; steps: LadderStep[] } {
  const total = views.pduCount(view);
  const steps: Mutable<LadderStep>[] = [];
  const open = new Map<string, Mutable<LadderStep>>();
  let at = from;
  for (; at < total && at < from + LADDER_SCAN; at += 1) {
    const row = views.pduAt(view, at);
    const [page, i] = trace.at(row);
    const opcode = (page.opcode[i] as number) & 0x3f;
    const task = page.task[i] as number;
    const length = (page.lengths[i] as number) & 0xffffff;
    const key = `${String(task)}/${String(opcode)}`;
    const run = task !== NO_TASK && grouped(opcode) ? open.get(key) : undefined;
    if (run !== undefined) {
      run.rows += 1;
      run.bytes += opcode === OPCODES.readyToTransfer ? (page.word44[i] as number) : length;
      run.text = `${opcodeName(opcode)} × ${run.rows}, ${run.bytes} bytes${opcode === OPCODES.readyToTransfer ? ' wanted' : ''}`;
      continue;
    }
    if (steps.length === count) break;
    for (const code of [OPCODES.dataIn, OPCODES.dataOut, OPCODES.readyToTransfer])
      if (code !== opcode) open.delete(`${String(task)}/${String(code)}`);
    const step: Mutable<LadderStep> = {
      row,
      rows: 1,
      timeNs: page.time[i] as number,
      out: ((page.marks[i] as number) & MARKS.fromInitiator) !== 0,
      kind: pduRow(trace, row).kind,
      connection: page.connection[i] as number,
      task: task === NO_TASK ? null : task,
      text: describeRow(trace, row),
      bytes: opcode === OPCODES.readyToTransfer ? (page.word44[i] as number) : length,
    };
    if (task !== NO_TASK && grouped(opcode)) open.set(key, step);
    steps.push(step);
  }
  return { total, next: at, steps };
}

function outcomeOf(status: number, loggedIn: boolean): string {
  if (loggedIn) return 'Logged in';
  if (status < 0) return 'Never answered';
  return status === 0 ? 'Not finished in this trace' : `Refused with status 0x${status.toString(16).padStart(4, '0')}`;
}

/** Every login of a trace: its keys and its steps, secrets hidden. */
export function loginsOf(trace: Trace): LoginRecord[] {
  return trace.connections
    .filter(({ loginSeen }) => loginSeen)
    .slice(0, MOST_LOGINS)
    .map((connection) => ({
      connection: connection.id,
      initiator: connection.initiatorName,
      target: connection.targetName,
      sessionType: connection.sessionType,
      outcome: outcomeOf(connection.loginStatus, connection.loggedIn),
      ok: connection.loggedIn,
      keys: negotiationOf(trace, connection.id),
      steps: loginTurns(trace, connection.id).map(({ row, fromInitiator, pairs }) => {
        const [page, i] = trace.at(row);
        const flags = page.flags[i] as number;
        const from = LOGIN_STAGE_NAMES[(flags >> 2) & 3] ?? 'reserved stage';
        const to = LOGIN_STAGE_NAMES[flags & 3] ?? 'reserved stage';
        return {
          row,
          out: fromInitiator,
          stage: (flags & 0x80) === 0 ? from : `${from} to ${to}`,
          pairs: pairs.map(({ key, value }) => {
            const hidden = SECRET_KEYS.has(key);
            const shown = value.length > VALUE_SHOWN ? `${value.slice(0, VALUE_SHOWN)}…` : value;
            return { key, value: hidden ? `${value.length} characters, not shown` : shown, hidden };
          }),
        };
      }),
    }));
}
