import { OPCODES, RESERVED_TAG } from '../../pdu/index.ts';
import { MARKS, NO_TASK, type PduPage } from '../columns.ts';
import type { Trace } from '../trace.ts';
import { readLength } from './bidirectional.ts';
import type { FindingCollector } from './collector.ts';
import type { Coverage } from './coverage.ts';
import { forgetOldest } from './forget.ts';
import { beginMoving, type Moving } from './moving.ts';
import type { DataLimits } from './negotiation.ts';
import type { RuleId } from './rules.ts';
import type { SessionLimits } from './session-limits.ts';

const MOVING_LIMIT = 65_536;

/** Follows the data of each task against what was asked for and what the login allows (RFC 7143 11.7, 11.8, 13.10 to 13.14). */
export class DataPass {
  readonly #collector: FindingCollector;
  readonly #moving = new Map<number, Moving>();
  readonly #trace: Trace;
  readonly #coverage: Coverage;
  readonly #limits: SessionLimits;

  constructor(trace: Trace, collector: FindingCollector, coverage: Coverage, limits: SessionLimits) {
    this.#limits = limits;
    this.#trace = trace;
    this.#collector = collector;
    this.#coverage = coverage;
  }

  /** Looks at one PDU. */
  visit(page: PduPage, i: number, row: number): void {
    const opcode = (page.opcode[i] as number) & 0x3f;
    const id = page.connection[i] as number;
    if (opcode === OPCODES.loginRequest || opcode === OPCODES.loginResponse) return;
    if (((page.marks[i] as number) & MARKS.brokenOff) !== 0) return;
    const length = (page.lengths[i] as number) & 0xffffff;
    const limits = this.#limits.of(id);
    if (length > 0) this.#checkSegment(page, i, row, id, length, limits);
    const task = page.task[i] as number;
    if (task === NO_TASK) return;
    switch (opcode) {
      case OPCODES.scsiCommand:
        this.#begin(task, page, i, row, id, length, limits);
        return;
      case OPCODES.dataIn:
        this.#dataIn(task, page, i, row, id, length, limits);
        return;
      case OPCODES.dataOut:
        this.#dataOut(task, page, i, row, id, length, limits);
        return;
      case OPCODES.readyToTransfer:
        this.#r2t(task, page, i, row, id, limits);
        return;
      case OPCODES.scsiResponse:
        this.#response(task, page, i, row, id);
        return;
      case OPCODES.snackRequest:
        this.#repeat(task);
        return;
      case OPCODES.reject:
        this.#moving.delete(task);
        return;
      default:
    }
  }

  #checkSegment(
    page: PduPage,
    i: number,
    row: number,
    id: number,
    length: number,
    limits: DataLimits | undefined,
  ): void {
    if (limits === undefined) return;
    const fromInitiator = ((page.marks[i] as number) & MARKS.fromInitiator) !== 0;
    const limit = fromInitiator ? limits.targetSegment : limits.initiatorSegment;
    if (length > limit)
      this.#collector.report(
        'segment-too-long',
        id,
        [row],
        () => `${length} bytes in one segment; the receiver takes ${limit}.`,
      );
  }

  #begin(
    task: number,
    page: PduPage,
    i: number,
    row: number,
    id: number,
    length: number,
    limits: DataLimits | undefined,
  ): void {
    if (this.#moving.size >= MOVING_LIMIT) forgetOldest(this.#moving, MOVING_LIMIT / 8);
    const isBoth = ((page.flags[i] as number) & 0x60) === 0x60;
    const moving = beginMoving(
      page,
      i,
      row,
      isBoth ? (readLength(this.#trace, row) ?? Infinity) : (page.word20[i] as number),
    );
    this.#moving.set(task, moving);
    if (length === 0) return;
    if (!moving.isWrite)
      this.#wrongWay(moving, id, row, () => `A command that writes nothing carries ${length} bytes.`);
    if (limits === undefined) return;
    if (!limits.immediateData)
      this.#collector.report('immediate-forbidden', id, [row], () => `The command carries ${length} bytes of data.`);
    this.#checkFirstBurst(moving, row, id, limits);
  }

  #checkFirstBurst(moving: Moving, row: number, id: number, limits: DataLimits): void {
    const { unsolicited } = moving;
    if (unsolicited > limits.firstBurstLength)
      this.#collector.report(
        'first-burst-exceeded',
        id,
        [row],
        () => `${unsolicited} bytes came unasked; FirstBurstLength is ${limits.firstBurstLength}.`,
      );
  }

  #dataIn(
    task: number,
    page: PduPage,
    i: number,
    row: number,
    id: number,
    length: number,
    limits: DataLimits | undefined,
  ): void {
    const moving = this.#moving.get(task);
    if (moving === undefined) return;
    const dataSn = page.word36[i] as number;
    const offset = page.word40[i] as number;
    const flags = page.flags[i] as number;
    if (length > 0 || (flags & 1) === 0) {
      const due = moving.nextDataIn;
      if (dataSn !== due && !moving.repeated)
        this.#say('data-in-number', moving, id, row, () => `DataSN ${dataSn} came where ${due} was due.`);
      moving.nextDataIn = dataSn + 1;
      if (moving.isBoth) moving.nextR2t = dataSn + 1;
    }
    if (length > 0 && !moving.isRead)
      this.#wrongWay(moving, id, row, () => `${length} bytes came for a command that reads nothing.`);
    else if (offset + length > moving.expectedIn)
      this.#collector.report(
        'data-in-too-long',
        id,
        [row],
        () => `${length} bytes at ${offset}; the command expects ${moving.expectedIn} in all.`,
      );
    const due = moving.nextOffset;
    if (length > 0 && offset !== due && (limits?.inOrder ?? true) && !moving.repeated)
      this.#say('data-in-hole', moving, id, row, () => `Data for offset ${offset} came where ${due} was due.`);
    moving.nextOffset = offset + length;
    moving.burst += length;
    const { burst } = moving;
    if (limits !== undefined && burst > limits.maxBurstLength)
      this.#say(
        'burst-exceeded',
        moving,
        id,
        row,
        () => `A sequence of ${burst} bytes; MaxBurstLength is ${limits.maxBurstLength}.`,
      );
    if ((flags & 0x80) !== 0) moving.burst = 0;
    if ((flags & 1) !== 0) this.#conclude(task, page, i, row, id);
  }

  /** Each command says which way its data goes (RFC 7143 11.3.1). */
  #wrongWay(moving: Moving, id: number, row: number, text: () => string): void {
    this.#say('data-wrong-way', moving, id, row, text);
  }

  #r2t(task: number, page: PduPage, i: number, row: number, id: number, limits: DataLimits | undefined): void {
    const moving = this.#moving.get(task);
    if (moving === undefined) return;
    const number = page.word36[i] as number;
    const offset = page.word40[i] as number;
    const length = page.word44[i] as number;
    if (!moving.isWrite)
      this.#wrongWay(moving, id, row, () => `${length} bytes are asked for of a command that writes nothing.`);
    // From recovery level 1 on a target may ask for the same once more, with an old number or a new one.
    if (offset < Math.max(moving.asked, moving.unsolicited) && limits?.recovers !== false) moving.repeated = true;
    const due = moving.nextR2t;
    if (number !== due && !moving.repeated)
      this.#say('r2t-number', moving, id, row, () => `R2TSN ${number} came where ${due} was due.`);
    moving.nextR2t = moving.repeated ? Math.max(due, number + 1) : number + 1;
    if (moving.isBoth) moving.nextDataIn = moving.nextR2t;
    this.#checkR2tOrder(moving, row, id, offset, limits);
    moving.asked = Math.max(moving.asked, offset + length);
    moving.wanted.add(offset, length);
    if (limits !== undefined && length > limits.maxBurstLength)
      this.#collector.report(
        'r2t-too-long',
        id,
        [row],
        () => `${length} bytes are asked for at once; MaxBurstLength is ${limits.maxBurstLength}.`,
      );
    moving.transfers.set(page.word20[i] as number, { offset, length, nextDataSn: 0, nextOffset: offset, sent: 0 });
    const open = moving.transfers.size;
    if (limits !== undefined && open > limits.maxOutstandingR2T && !moving.repeated)
      this.#say(
        'r2t-too-many',
        moving,
        id,
        row,
        () => `${open} are open for one command; MaxOutstandingR2T is ${limits.maxOutstandingR2T}.`,
      );
  }

  #checkR2tOrder(moving: Moving, row: number, id: number, offset: number, limits: DataLimits | undefined): void {
    const before = moving.lastR2tOffset;
    moving.lastR2tOffset = offset;
    if (offset < before && limits?.sequencesInOrder === true && !moving.repeated)
      this.#say('r2t-order', moving, id, row, () => `Offset ${offset} is asked for after offset ${before}.`);
  }

  #dataOut(
    task: number,
    page: PduPage,
    i: number,
    row: number,
    id: number,
    length: number,
    limits: DataLimits | undefined,
  ): void {
    const moving = this.#moving.get(task);
    if (moving === undefined) return;
    const ttt = page.word20[i] as number;
    const dataSn = page.word36[i] as number;
    const offset = page.word40[i] as number;
    moving.sent += length;
    if (ttt === RESERVED_TAG) {
      this.#unsolicited(moving, row, id, length, offset, dataSn, limits);
      return;
    }
    const transfer = moving.transfers.get(ttt);
    if (transfer === undefined) {
      this.#say(
        'data-out-unasked',
        moving,
        id,
        row,
        () => `Transfer tag 0x${ttt.toString(16).padStart(8, '0')} was not given for this task.`,
      );
      return;
    }
    const due = transfer.nextDataSn;
    if (dataSn !== due && !moving.repeated)
      this.#say('data-out-number', moving, id, row, () => `DataSN ${dataSn} was sent where ${due} was due.`);
    transfer.nextDataSn = dataSn + 1;
    if (offset < transfer.offset || offset + length > transfer.offset + transfer.length)
      this.#collector.report(
        'data-out-outside-r2t',
        id,
        [row],
        () => `${length} bytes at ${offset}; asked for were ${transfer.length} at ${transfer.offset}.`,
      );
    else this.#checkOutOrder(moving, row, id, length, offset, transfer.nextOffset, limits);
    transfer.nextOffset = offset + length;
    transfer.sent += length;
    if (((page.flags[i] as number) & 0x80) === 0) return;
    moving.transfers.delete(ttt);
    if (transfer.sent < transfer.length && !moving.repeated)
      this.#say(
        'data-out-short',
        moving,
        id,
        row,
        () => `${transfer.sent} of the ${transfer.length} bytes at ${transfer.offset} that were asked for went out.`,
      );
  }

  #checkOutOrder(
    moving: Moving,
    row: number,
    id: number,
    length: number,
    offset: number,
    due: number,
    limits: DataLimits | undefined,
  ): void {
    if (length === 0 || offset === due || limits?.pdusInOrder !== true || moving.repeated) return;
    this.#say('data-out-hole', moving, id, row, () => `Data for offset ${offset} was sent where ${due} was due.`);
  }

  #unsolicited(
    moving: Moving,
    row: number,
    id: number,
    length: number,
    offset: number,
    dataSn: number,
    limits: DataLimits | undefined,
  ): void {
    if (!moving.isWrite)
      this.#wrongWay(moving, id, row, () => `${length} bytes were sent for a command that writes nothing.`);
    const due = moving.nextUnsolicited;
    if (dataSn !== due)
      this.#say('data-out-number', moving, id, row, () => `DataSN ${dataSn} was sent where ${due} was due.`);
    this.#checkOutOrder(moving, row, id, length, offset, moving.unsolicited, limits);
    moving.nextUnsolicited = dataSn + 1;
    moving.unsolicited += length;
    if (limits === undefined) return;
    if (limits.initialR2T)
      this.#collector.report(
        'unsolicited-forbidden',
        id,
        [row],
        () => `${length} bytes were sent without a Ready To Transfer.`,
      );
    this.#checkFirstBurst(moving, row, id, limits);
  }

  #repeat(task: number): void {
    const moving = this.#moving.get(task);
    if (moving !== undefined) moving.repeated = true;
  }

  /** A response counts the Data-In and R2T PDUs before it; targets that do not count say 0 (RFC 7143 11.4.8). */
  #checkCount(moving: Moving, row: number, id: number, expDataSn: number): void {
    const came = Math.max(moving.nextDataIn, moving.nextR2t);
    if (expDataSn > came && !moving.repeated)
      this.#say('response-count', moving, id, row, () => `ExpDataSN is ${expDataSn}; ${came} came.`);
  }

  #response(task: number, page: PduPage, i: number, row: number, id: number): void {
    const moving = this.#moving.get(task);
    if (moving !== undefined) this.#checkCount(moving, row, id, page.word36[i] as number);
    this.#conclude(task, page, i, row, id);
  }

  /** At the status of a write: what went out is held against what the target says it took (RFC 7143 11.4.5). */
  #conclude(task: number, page: PduPage, i: number, row: number, id: number): void {
    const moving = this.#moving.get(task);
    this.#moving.delete(task);
    if (moving?.isWrite !== true || page.status[i] !== 0) return;
    const flags = page.flags[i] as number;
    const residual = (flags & 2) === 0 ? 0 : (page.word44[i] as number);
    const { sent, expectedOut, repeated } = moving;
    const taken = expectedOut - residual;
    // A target may take less than all that was sent.
    const isTooMuch = (flags & 6) === 0 && sent > expectedOut && !repeated;
    if (sent >= taken && !isTooMuch) return;
    const [tasks, k] = this.#trace.taskAt(task);
    if (tasks.response[k] !== 0 || this.#coverage.lossBetween(id, moving.row, row)) return;
    const proof = [moving.row, row];
    if (isTooMuch)
      this.#collector.report(
        'residual-mismatch',
        id,
        proof,
        () => `${sent} bytes moved where ${expectedOut} were expected, and no overflow is reported.`,
      );
    else if (residual > 0)
      this.#collector.report(
        'residual-mismatch',
        id,
        proof,
        () => `${sent} bytes were sent; ${expectedOut} expected less a residual of ${residual} make ${taken}.`,
      );
    else
      this.#collector.report(
        'short-write-good',
        id,
        proof,
        () => `${sent} of ${expectedOut} bytes were sent; ${whyShort(moving)}.`,
      );
  }

  /** Reports what a PDU breaks, unless the capture may lack an earlier one of its task. */
  #say(rule: RuleId, moving: Moving, id: number, row: number, text: () => string): void {
    if (!this.#coverage.lossBetween(id, moving.row, row)) this.#collector.report(rule, id, [row], text);
  }
}

/** Whose doing it is that not all of a write went out. */
function whyShort(moving: Moving): string {
  const { wanted, unsolicited, expectedOut, sent } = moving;
  wanted.add(0, unsolicited);
  const asked = wanted.covered(expectedOut);
  if (asked === expectedOut) return 'the target had asked for all';
  return asked > sent ? `the target had asked for ${asked} of them` : 'the target asked for no more';
}
