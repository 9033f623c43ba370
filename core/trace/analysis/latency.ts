import { OPCODES } from '../../pdu/index.ts';
import { commandsWithOpcode } from '../../scsi/index.ts';
import { serviceActionIn } from '../cdb-extent.ts';
import { joinWords, TASK_FLAGS, type TaskPage } from '../columns.ts';
import type { RowChoice } from '../filter/row-list.ts';
import { lunLabel } from '../task-view.ts';
import type { Trace } from '../trace.ts';

/** How long some commands took. */
export interface LatencySpread {
  readonly count: number;
  readonly minNs: number;
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly p999Ns: number;
  readonly maxNs: number;
  readonly bytes: number;
  /** Commands by latency: bucket k holds those from `bucketStart(k)` on. */
  readonly histogram: readonly number[];
}

/** How long the commands of one kind took. */
export interface LatencySummary extends LatencySpread {
  /** SCSI opcode. */
  readonly opcode: number;
  /** Of commands that share their opcode with others. */
  readonly serviceAction: number | null;
  /** LUN, or null for all together. */
  readonly lun: number | string | null;
}

/** Buckets of the histogram: eight for every doubling, from 1 us up to 2^37 ns, some two minutes. */
export const BUCKETS = 8 * 27 + 2;
const PER_OCTAVE = 8;
const FIRST_NS = 1024;
const GROUP_LIMIT = 10_000;

/** Where a bucket begins, in ns. */
export function bucketStart(bucket: number): number {
  return bucket <= 0 ? 0 : FIRST_NS * 2 ** ((bucket - 1) / PER_OCTAVE);
}

/** The bucket a latency falls into. */
export function bucketOf(ns: number): number {
  if (!(ns >= FIRST_NS)) return 0;
  return Math.min(BUCKETS - 1, 1 + Math.floor(Math.log2(ns / FIRST_NS) * PER_OCTAVE));
}

class Group {
  readonly histogram = new Float64Array(BUCKETS);
  count = 0;
  min = Infinity;
  max = 0;
  sum = 0;
  bytes = 0;

  add(ns: number, bucket: number, bytes: number): void {
    this.count += 1;
    this.sum += ns;
    this.bytes += bytes;
    if (ns < this.min) this.min = ns;
    if (ns > this.max) this.max = ns;
    (this.histogram[bucket] as number) += 1;
  }

  /** Takes in what is told of others. */
  merge(other: LatencySpread): void {
    this.count += other.count;
    this.sum += other.meanNs * other.count;
    this.bytes += other.bytes;
    this.min = Math.min(this.min, other.minNs);
    this.max = Math.max(this.max, other.maxNs);
    for (const [bucket, count] of other.histogram.entries()) (this.histogram[bucket] as number) += count;
  }

  /** The latency below which a share of the commands lies, to within its bucket. */
  #percentile(share: number): number {
    let left = share * this.count;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const here = this.histogram[bucket] as number;
      if (here >= left && here > 0) {
        const from = bucketStart(bucket);
        const value = from + ((bucketStart(bucket + 1) - from) * left) / here;
        return Math.min(this.max, Math.max(this.min, value));
      }
      left -= here;
    }
    return this.max;
  }

  spread(): LatencySpread {
    return {
      count: this.count,
      minNs: this.min,
      meanNs: this.sum / this.count,
      p50Ns: this.#percentile(0.5),
      p90Ns: this.#percentile(0.9),
      p99Ns: this.#percentile(0.99),
      p999Ns: this.#percentile(0.999),
      maxNs: this.max,
      bytes: this.bytes,
      histogram: Array.from(this.histogram),
    };
  }
}

const SHARED = Uint8Array.from({ length: 256 }, (_, opcode) =>
  commandsWithOpcode(opcode).some(({ serviceAction }) => serviceAction !== undefined) ? 1 : 0,
);

/** A number for a command: its opcode, and above that its service action and one where it has any. */
export function numberOf({ opcode, serviceAction }: Pick<LatencySummary, 'opcode' | 'serviceAction'>): number {
  return serviceAction === null ? opcode : opcode | ((serviceAction + 1) << 8);
}

/** The number of the command of a task. */
export function commandNumber(page: TaskPage, i: number): number {
  const first = page.cdb0[i] as number;
  const opcode = first >>> 24;
  if (SHARED[opcode] === 0) return opcode;
  return numberOf({ opcode, serviceAction: serviceActionIn(first, page.cdb8[i] as number) });
}

/** One kind of command on one LUN, or on all of them. */
class Kind extends Group {
  readonly command: number;
  readonly lun: number | string | null;

  constructor(command: number, lun: number | string | null) {
    super();
    this.command = command;
    this.lun = lun;
  }

  summary(): LatencySummary {
    const action = this.command >>> 8;
    return {
      opcode: this.command & 0xff,
      serviceAction: action === 0 ? null : action - 1,
      lun: this.lun,
      ...this.spread(),
    };
  }
}

function isMeasured(page: TaskPage, i: number): boolean {
  const flags = page.flags[i] as number;
  return (
    page.opcode[i] === OPCODES.scsiCommand && (flags & TASK_FLAGS.ended) !== 0 && (flags & TASK_FLAGS.orphan) === 0
  );
}

/** The kinds that have been met, each with its commands. */
class Kinds {
  readonly #byCommand = new Map<number, Kind>();
  readonly #byLun = new Map<string, Kind>();

  add(page: TaskPage, i: number): void {
    if (!isMeasured(page, i)) return;
    const ns = (page.end[i] as number) - (page.start[i] as number);
    const bucket = bucketOf(ns);
    const bytes = (page.bytesIn[i] as number) + (page.bytesOut[i] as number);
    const command = commandNumber(page, i);
    let all = this.#byCommand.get(command);
    if (all === undefined) {
      all = new Kind(command, null);
      this.#byCommand.set(command, all);
    }
    all.add(ns, bucket, bytes);
    const key = `${command}/${page.lunHigh[i] as number}/${page.lunLow[i] as number}`;
    let group = this.#byLun.get(key);
    if (group === undefined) {
      if (this.#byLun.size >= GROUP_LIMIT) return;
      group = new Kind(command, lunLabel(joinWords(page.lunHigh[i] as number, page.lunLow[i] as number)));
      this.#byLun.set(key, group);
    }
    group.add(ns, bucket, bytes);
  }

  summaries(): LatencySummary[] {
    return [...this.#byCommand.values(), ...this.#byLun.values()].map((group) => group.summary());
  }
}

/** Latencies by command, and by command and LUN, of all tasks or of those chosen; those of all LUNs come first. */
export function summarizeLatency(trace: Trace, chosen?: RowChoice): LatencySummary[] {
  const kinds = new Kinds();
  const { table } = trace.tasks;
  if (chosen !== undefined) {
    for (let at = 0; at < chosen.length; at += 1) kinds.add(...trace.taskAt(chosen.at(at)));
    return kinds.summaries();
  }
  for (let number = 0; number < table.pageCount; number += 1) {
    const page = table.page(number);
    const count = table.rowsIn(number);
    for (let i = 0; i < count; i += 1) kinds.add(page, i);
  }
  return kinds.summaries();
}

/** All commands together, from what is told of each kind; undefined where there are none. */
export function totalLatency(summaries: readonly LatencySummary[]): LatencySpread | undefined {
  const total = new Group();
  for (const one of summaries) if (one.lun === null) total.merge(one);
  return total.count === 0 ? undefined : total.spread();
}
