import { OPCODES } from '../../pdu/index.ts';
import { ascName, senseKeyName, statusName } from '../../scsi/index.ts';
import { isCut, TASK_FLAGS, type TaskPage } from '../columns.ts';
import { describeTask } from '../describe.ts';
import { formatNs } from '../format-ns.ts';
import type { Trace } from '../trace.ts';
import { readHalf, type ReadAmounts } from './bidirectional.ts';
import type { FindingCollector } from './collector.ts';
import { commandNumber, numberOf, summarizeLatency, type LatencySummary } from './latency.ts';
import { echoFault } from './ping-echo.ts';
import type { RuleId } from './rules.ts';
import type { SessionLimits } from './session-limits.ts';

/** A command that is open this long before its connection or the trace ends counts as unanswered. */
const PATIENCE_NS = 5e9;
const PING_PATIENCE_NS = 2e9;
/** What takes this many times as long as half of its kind is an outlier; what takes long by itself is one sooner. */
const OUTLIER_FACTOR = 20;
const OUTLIER_FLOOR_NS = 10e6;
const LONG_FACTOR = 10;
const LONG_NS = 50e6;
const OUTLIER_SAMPLES = 20;

const LBA_OUT_OF_RANGE = 0x2100;

const SENSE_RULES: Readonly<Record<number, RuleId>> = {
  2: 'not-ready',
  3: 'medium-error',
  4: 'medium-error',
  5: 'illegal-request',
  6: 'unit-attention',
  7: 'write-protected',
  11: 'aborted-by-target',
};

/** The PDU that began a task and the one that ended it. */
const proofOf = (page: TaskPage, i: number): number[] => [
  ...new Set([page.firstPdu[i] as number, page.lastPdu[i] as number]),
];

/** Reports what tasks show once they have ended, or have not. */
export class TaskPass {
  readonly #trace: Trace;
  readonly #collector: FindingCollector;
  readonly #limits: SessionLimits;
  readonly #endNs: number;
  readonly #normal = new Map<number, LatencySummary>();

  constructor(trace: Trace, collector: FindingCollector, limits: SessionLimits, endNs: number) {
    this.#limits = limits;
    this.#trace = trace;
    this.#collector = collector;
    this.#endNs = endNs;
  }

  /** Looks at every task, a page at a time; tells how many pages are done. */
  *run(): Generator<number, void, undefined> {
    for (const summary of summarizeLatency(this.#trace))
      if (summary.lun === null) this.#normal.set(numberOf(summary), summary);
    const { table } = this.#trace.tasks;
    for (let number = 0; number < table.pageCount; number += 1) {
      const count = table.rowsIn(number);
      const first = number << table.shift;
      for (let i = 0; i < count; i += 1) this.#visit(table.page(number), i, first + i);
      yield number + 1;
    }
  }

  #visit(page: TaskPage, i: number, task: number): void {
    const flags = page.flags[i] as number;
    const opcode = page.opcode[i] as number;
    const id = page.connection[i] as number;
    const say = (rule: RuleId, text: () => string): void => {
      this.#collector.report(rule, id, proofOf(page, i), text);
    };
    if ((flags & TASK_FLAGS.tagReused) !== 0)
      say(
        'tag-reused',
        () =>
          `Tag 0x${(page.itt[i] as number).toString(16).padStart(8, '0')} began another task before this one was answered.`,
      );
    if ((flags & TASK_FLAGS.orphan) !== 0) {
      this.#orphan(say, id, opcode, page.itt[i] as number);
      return;
    }
    if ((flags & TASK_FLAGS.ended) === 0) {
      if ((flags & (TASK_FLAGS.tagReused | TASK_FLAGS.aborted)) === 0) this.#open(page, i, task, say, id);
      return;
    }
    if (opcode === OPCODES.nopOut) {
      const fault = echoFault(this.#trace, this.#limits, page, i);
      if (fault !== undefined) say('ping-changed', () => fault);
    }
    if (opcode !== OPCODES.scsiCommand) return;
    const key = page.senseKey[i] as number;
    const code = ((page.asc[i] as number) << 8) | (page.ascq[i] as number);
    this.#command(page, i, task, flags, say);
    if ((flags & TASK_FLAGS.hasSense) !== 0) this.#sense(task, key, code, say);
  }

  #orphan(say: (rule: RuleId, text: () => string) => void, id: number, opcode: number, itt: number): void {
    const connection = this.#trace.connections[id];
    if (connection?.fromStart !== true || opcode < 0x20 || connection.isAskedAgain(itt)) return;
    say('answer-without-task', () => 'No command with this tag is open.');
  }

  #open(page: TaskPage, i: number, task: number, say: (rule: RuleId, text: () => string) => void, id: number): void {
    const connection = this.#trace.connections[id];
    const closedNs = connection === undefined ? NaN : connection.closedNs;
    const began = page.start[i] as number;
    const over = !Number.isNaN(closedNs);
    const waited = (over ? closedNs : this.#endNs) - began;
    const opcode = page.opcode[i] as number;
    if (opcode === OPCODES.nopOut || opcode === OPCODES.nopIn) {
      if (waited > PING_PATIENCE_NS)
        say(
          opcode === OPCODES.nopOut ? 'ping-unanswered' : 'target-ping-unanswered',
          () => `No answer came in ${formatNs(waited)}.`,
        );
      return;
    }
    if (opcode === OPCODES.loginRequest || (!over && waited < PATIENCE_NS)) return;
    const what = describeTask(this.#trace, task);
    const when = over ? 'when the connection ended' : 'at the end of the trace';
    say('unanswered', () =>
      waited < 0
        ? `${what} was sent when the connection had ended.`
        : `${what} had no answer ${when}, ${formatNs(waited)} later.`,
    );
  }

  #command(
    page: TaskPage,
    i: number,
    task: number,
    flags: number,
    say: (rule: RuleId, text: () => string) => void,
  ): void {
    const status = page.status[i] as number;
    if (page.response[i] !== 0 && (flags & TASK_FLAGS.rejected) === 0) {
      const code = page.response[i] as number;
      say('target-failure', () => `Response 0x${code.toString(16).padStart(2, '0')}.`);
      return;
    }
    if ((flags & TASK_FLAGS.hasStatus) === 0) return;
    if (status === 0x02 && (flags & TASK_FLAGS.hasSense) === 0 && !isCut(...this.#trace.at(page.lastPdu[i] as number)))
      say('sense-missing', () => 'The response has no sense data.');
    if (status === 0x08 || status === 0x28)
      say('busy', () => `${statusName(status)} for a command with ${page.queued[i] as number} others open.`);
    if (status === 0x18) say('reservation-conflict', () => `${describeTask(this.#trace, task)} met a reservation.`);
    if (status === 0x30) say('aca-active', () => `${describeTask(this.#trace, task)} was held back.`);
    if (status === 0x40) say('task-aborted', () => 'The task ended with TASK ABORTED.');
    this.#amounts(page, i, flags, status, say);
    this.#latency(page, i, task);
  }

  #amounts(
    page: TaskPage,
    i: number,
    flags: number,
    status: number,
    say: (rule: RuleId, text: () => string) => void,
  ): void {
    const isRead = (flags & TASK_FLAGS.read) !== 0;
    const isWrite = (flags & TASK_FLAGS.write) !== 0;
    const bytesIn = page.bytesIn[i] as number;
    if (status !== 0 && bytesIn > 0 && isRead)
      say('data-with-error', () => `${bytesIn} bytes came with ${statusName(status)}.`);
    // Writes are weighed as their data goes by, since some of it may be sent twice.
    if (status !== 0 || !isRead) return;
    if (isWrite) {
      const half = readHalf(this.#trace, page, i);
      if (half !== undefined) this.#checkRead(bytesIn, half, say);
      return;
    }
    const under = (flags & TASK_FLAGS.underflow) !== 0;
    const over = (flags & TASK_FLAGS.overflow) !== 0;
    const [expected, residual] = [page.expectedLength[i] as number, page.residual[i] as number];
    this.#checkRead(bytesIn, { expected, residual, under, over }, say);
  }

  #checkRead(bytesIn: number, amounts: ReadAmounts, say: (rule: RuleId, text: () => string) => void): void {
    const { expected, residual, under, over } = amounts;
    if (!under && bytesIn < expected) say('short-data-good', () => `${bytesIn} of ${expected} bytes came.`);
    else if (under && bytesIn !== expected - residual)
      say(
        'residual-mismatch',
        () => `${bytesIn} bytes came; ${expected} expected less a residual of ${residual} make ${expected - residual}.`,
      );
    else if (!under && !over && bytesIn > expected)
      say(
        'residual-mismatch',
        () => `${bytesIn} bytes moved where ${expected} were expected, and no overflow is reported.`,
      );
  }

  #latency(page: TaskPage, i: number, task: number): void {
    const latency = (page.end[i] as number) - (page.start[i] as number);
    if (latency < OUTLIER_FLOOR_NS) return;
    const normal = this.#normal.get(commandNumber(page, i));
    if (normal === undefined || normal.count < OUTLIER_SAMPLES) return;
    if (latency < normal.p50Ns * (latency < LONG_NS ? OUTLIER_FACTOR : LONG_FACTOR)) return;
    this.#collector.weigh(
      'slow-outlier',
      page.connection[i] as number,
      proofOf(page, i),
      latency,
      () =>
        `${describeTask(this.#trace, task)} took ${formatNs(latency)}; half of its kind took less than ${formatNs(normal.p50Ns)}.`,
    );
  }

  #sense(task: number, key: number, code: number, say: (rule: RuleId, text: () => string) => void): void {
    if (code === 0x2500 || code === 0x2501) {
      say('lun-not-mapped', () => `${describeTask(this.#trace, task)}: ${ascName(code >> 8, code & 255)}.`);
      return;
    }
    const [page, i] = this.#trace.taskAt(task);
    const isPastEnd = key === 5 && code === LBA_OUT_OF_RANGE && ((page.flags[i] as number) & TASK_FLAGS.hasLba) !== 0;
    const rule = isPastEnd ? 'lba-out-of-range' : SENSE_RULES[key];
    if (rule !== undefined)
      say(
        rule,
        () => `${senseKeyName(key)}, ${ascName(code >> 8, code & 255)}, for ${describeTask(this.#trace, task)}.`,
      );
  }
}
