import { OPCODES } from '../../pdu/index.ts';
import { MARKS, TASK_FLAGS, type PduPage } from '../columns.ts';
import { describeTask } from '../describe.ts';
import type { Trace } from '../trace.ts';
import { PROOFS, type FindingCollector } from './collector.ts';

/** More than fits a packet of the usual size; a reply below it passes a path that swallows large packets. */
const LARGE = 1400;
const LATE_US = 50_000;
/** A read counts as hung once it has waited this long on a connection that was up. */
const PATIENCE_NS = 5e9;
/** Commands that went unanswered this long before a read say that its size was not what kept it. */
const EARLIER_NS = 1e9;
/** READ(6), READ(10), READ(12) and READ(16): their answers are as long as they ask for, unlike those with an allocation length. */
const READS: readonly number[] = [0x08, 0x28, 0xa8, 0x88];

/** What is gathered of a connection for questions about it as a whole. */
interface Life {
  logout: boolean;
  /** Whether the target has answered a logout: some then close with a reset. */
  loggedOut: boolean;
  largestIn: number;
  answeredSmall: number;
  /** When the target was heard last. */
  heardNs: number;
  /** When the first of the requests was sent that were never answered. */
  firstOpenNs: number;
  hungRead: number;
  hungTask: number;
  hungNs: number;
}

function beginLife(): Life {
  return {
    logout: false,
    loggedOut: false,
    largestIn: 0,
    answeredSmall: 0,
    heardNs: -Infinity,
    firstOpenNs: NaN,
    hungRead: -1,
    hungTask: -1,
    hungNs: NaN,
  };
}

/** Reports on connections as a whole: how they ended, whether large reads ever came back. */
export class ConnectionPass {
  readonly #trace: Trace;
  readonly #collector: FindingCollector;
  readonly #lives: (Life | undefined)[] = [];
  /** The first PDUs that come behind missing ones. */
  readonly #behindLoss: number[] = [];
  #endNs = -Infinity;

  constructor(trace: Trace, collector: FindingCollector) {
    this.#trace = trace;
    this.#collector = collector;
  }

  /** Looks at one PDU. */
  visit(page: PduPage, i: number, row: number): void {
    if (((page.marks[i] as number) & MARKS.gapBefore) !== 0 && this.#behindLoss.length < PROOFS)
      this.#behindLoss.push(row);
    const id = page.connection[i] as number;
    const life = (this.#lives[id] ??= beginLife());
    const opcode = (page.opcode[i] as number) & 0x3f;
    const timeNs = page.time[i] as number;
    if (timeNs > this.#endNs) this.#endNs = timeNs;
    if (opcode >= 0x20) life.heardNs = timeNs;
    if (opcode === OPCODES.logoutRequest) life.logout = true;
    else if (opcode === OPCODES.logoutResponse) life.loggedOut = true;
    else if (opcode === OPCODES.dataIn) {
      life.largestIn = Math.max(life.largestIn, (page.lengths[i] as number) & 0xffffff);
      life.answeredSmall += 1;
    } else if (opcode === OPCODES.scsiResponse) life.answeredSmall += 1;
  }

  /** Draws the conclusions. */
  finish(): void {
    this.#findHungReads();
    for (const connection of this.#trace.connections) {
      const life = this.#lives[connection.id];
      if (life === undefined) continue;
      const { id, lastPdu, lostAtEnd } = connection;
      for (const side of ['initiator', 'target'] as const)
        if (lostAtEnd[side] && this.#trace.lostPdus === 0)
          this.#collector.report(
            'trace-gap',
            id,
            [lastPdu],
            () => `Bytes of the ${side} behind its last PDU are not in the capture.`,
          );
      if (connection.reset && !life.loggedOut && !connection.isPartial)
        this.#collector.report('connection-reset', id, [lastPdu], () => connection.closeReason);
      // The logout may be in what the capture lacks.
      else if (connection.loggedIn && !Number.isNaN(connection.closedNs) && !life.logout && !lostAtEnd.initiator)
        this.#collector.report('no-logout', id, [lastPdu], () => connection.closeReason);
      if (
        connection.loggedIn &&
        isBlackHole(life, Number.isNaN(connection.closedNs) ? this.#endNs : connection.closedNs)
      )
        this.#collector.report('mtu-black-hole', id, [life.hungRead], () => {
          const what = describeTask(this.#trace, life.hungTask);
          return `${what} had no answer, though answers of up to ${life.largestIn} bytes came.`;
        });
    }
    const { lostPdus, droppedPdus, lags } = this.#trace;
    if (lostPdus > 0)
      this.#collector.report('trace-incomplete', null, this.#behindLoss, () => {
        const where = this.#behindLoss.length > 0 ? ' The PDUs named are the first after what is missing.' : '';
        return `${lostPdus} PDUs were not recorded: the writer could not keep up.${where}`;
      });
    if (droppedPdus > 0)
      this.#collector.report(
        'trace-capped',
        null,
        [],
        () => `${droppedPdus} older PDUs were deleted to keep the trace within its cap.`,
      );
    const late = lags.filter(({ lagUs }) => lagUs >= LATE_US);
    if (late.length > 0)
      this.#collector.report('recorder-late', null, [], () => {
        const worst = late.reduce((most, { lagUs }) => Math.max(most, lagUs), 0);
        const times = late.length === 1 ? 'once' : `${late.length} times`;
        return `The recording loop ran up to ${Math.round(worst / 1000)} ms late, ${times} by 50 ms or more.`;
      });
  }

  #findHungReads(): void {
    const { table } = this.#trace.tasks;
    for (let number = 0; number < table.pageCount; number += 1) {
      const page = table.page(number);
      const count = table.rowsIn(number);
      for (let i = 0; i < count; i += 1) {
        const flags = page.flags[i] as number;
        if ((flags & (TASK_FLAGS.ended | TASK_FLAGS.orphan | TASK_FLAGS.aborted)) !== 0) continue;
        const life = this.#lives[page.connection[i] as number];
        const opcode = page.opcode[i] as number;
        if (life === undefined || life.hungRead >= 0 || opcode === OPCODES.nopIn || opcode === OPCODES.loginRequest)
          continue;
        if (Number.isNaN(life.firstOpenNs)) life.firstOpenNs = page.start[i] as number;
        if (opcode !== OPCODES.scsiCommand || (flags & TASK_FLAGS.read) === 0) continue;
        if (!READS.includes((page.cdb0[i] as number) >>> 24)) continue;
        if ((page.expectedLength[i] as number) <= LARGE || page.bytesIn[i] !== 0) continue;
        life.hungRead = page.firstPdu[i] as number;
        life.hungTask = (number << table.shift) + i;
        life.hungNs = page.start[i] as number;
      }
    }
  }
}

/**
 * Whether a large read got stuck while small answers came. TCP keeps order: a target that goes on answering has not sent the
 * read's data yet, and one that left others unanswered before was silent for another reason.
 */
function isBlackHole(life: Life, endNs: number): boolean {
  if (life.hungRead < 0 || life.answeredSmall === 0 || life.largestIn >= LARGE) return false;
  if (life.hungNs - life.firstOpenNs > EARLIER_NS || life.heardNs - life.hungNs > EARLIER_NS) return false;
  return endNs - life.hungNs >= PATIENCE_NS;
}
