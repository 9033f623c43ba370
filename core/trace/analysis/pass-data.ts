import { OPCODES, RESERVED_TAG } from '../../pdu/index.ts';
import { MARKS, NO_TASK, type PduPage } from '../columns.ts';
import type { Trace } from '../trace.ts';
import type { FindingCollector } from './collector.ts';
import { dataLimits, LOGIN_ROWS, type DataLimits } from './negotiation.ts';

interface Transfer {
  readonly offset: number;
  readonly length: number;
  nextDataSn: number;
}

/** What is followed of one task while its data moves. */
interface Moving {
  readonly expected: number;
  nextDataIn: number;
  nextOffset: number;
  burst: number;
  nextR2t: number;
  unsolicited: number;
  nextUnsolicited: number;
  readonly transfers: Map<number, Transfer>;
}

const MOVING_LIMIT = 65_536;

/** Follows the data of each task against what was asked for and what the login allows (RFC 7143 11.7, 11.8, 13.10 to 13.14). */
export class DataPass {
  readonly #collector: FindingCollector;
  readonly #moving = new Map<number, Moving>();
  readonly #trace: Trace;
  /** Rows of the login of each connection, until the first PDU that is none of it tells that these are all. */
  readonly #logins: (number[] | undefined)[] = [];
  readonly #limits: (DataLimits | undefined)[] = [];

  constructor(trace: Trace, collector: FindingCollector) {
    this.#trace = trace;
    this.#collector = collector;
  }

  /** Looks at one PDU. */
  visit(page: PduPage, i: number, row: number): void {
    const opcode = (page.opcode[i] as number) & 0x3f;
    const id = page.connection[i] as number;
    if (opcode === OPCODES.loginRequest || opcode === OPCODES.loginResponse) {
      const rows = (this.#logins[id] ??= []);
      if (rows.length < LOGIN_ROWS) rows.push(row);
      return;
    }
    if (this.#logins[id] !== undefined) this.#settle(id, this.#logins[id]);
    const length = (page.lengths[i] as number) & 0xffffff;
    const limits = this.#limits[id];
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
      case OPCODES.reject:
        this.#moving.delete(task);
        return;
      default:
    }
  }

  #settle(id: number, rows: readonly number[]): void {
    this.#limits[id] ??= dataLimits(this.#trace, id, rows);
    this.#logins[id] = undefined;
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
    if (this.#moving.size >= MOVING_LIMIT) this.#moving.delete(this.#moving.keys().next().value as number);
    const moving: Moving = {
      expected: page.word20[i] as number,
      nextDataIn: 0,
      nextOffset: 0,
      burst: 0,
      nextR2t: 0,
      unsolicited: length,
      nextUnsolicited: 0,
      transfers: new Map(),
    };
    this.#moving.set(task, moving);
    if (limits === undefined || length === 0) return;
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
      if (dataSn !== moving.nextDataIn) {
        const due = moving.nextDataIn;
        this.#collector.report('data-in-number', id, [row], () => `DataSN ${dataSn} came where ${due} was due.`);
      }
      moving.nextDataIn = dataSn + 1;
    }
    if (offset + length > moving.expected)
      this.#collector.report(
        'data-in-too-long',
        id,
        [row],
        () => `${length} bytes at ${offset}; the command expects ${moving.expected} in all.`,
      );
    if (length > 0 && offset !== moving.nextOffset && (limits?.inOrder ?? true)) {
      const due = moving.nextOffset;
      this.#collector.report('data-in-hole', id, [row], () => `Data for offset ${offset} came where ${due} was due.`);
    }
    moving.nextOffset = offset + length;
    moving.burst += length;
    const { burst } = moving;
    if (limits !== undefined && burst > limits.maxBurstLength)
      this.#collector.report(
        'burst-exceeded',
        id,
        [row],
        () => `A sequence of ${burst} bytes; MaxBurstLength is ${limits.maxBurstLength}.`,
      );
    if ((flags & 0x80) !== 0) moving.burst = 0;
    if ((flags & 1) !== 0) this.#moving.delete(task);
  }

  #r2t(task: number, page: PduPage, i: number, row: number, id: number, limits: DataLimits | undefined): void {
    const moving = this.#moving.get(task);
    if (moving === undefined) return;
    const number = page.word36[i] as number;
    const length = page.word44[i] as number;
    if (number !== moving.nextR2t) {
      const due = moving.nextR2t;
      this.#collector.report('r2t-number', id, [row], () => `R2TSN ${number} came where ${due} was due.`);
    }
    moving.nextR2t = number + 1;
    if (limits !== undefined && length > limits.maxBurstLength)
      this.#collector.report(
        'r2t-too-long',
        id,
        [row],
        () => `${length} bytes are asked for at once; MaxBurstLength is ${limits.maxBurstLength}.`,
      );
    moving.transfers.set(page.word20[i] as number, { offset: page.word40[i] as number, length, nextDataSn: 0 });
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
    if (ttt === RESERVED_TAG) {
      this.#unsolicited(moving, row, id, length, dataSn, limits);
      return;
    }
    const transfer = moving.transfers.get(ttt);
    if (transfer === undefined) {
      this.#collector.report(
        'data-out-unasked',
        id,
        [row],
        () => `Transfer tag 0x${ttt.toString(16).padStart(8, '0')} was not given for this task.`,
      );
      return;
    }
    if (dataSn !== transfer.nextDataSn) {
      const due = transfer.nextDataSn;
      this.#collector.report('data-out-number', id, [row], () => `DataSN ${dataSn} was sent where ${due} was due.`);
    }
    transfer.nextDataSn = dataSn + 1;
    if (offset < transfer.offset || offset + length > transfer.offset + transfer.length)
      this.#collector.report(
        'data-out-outside-r2t',
        id,
        [row],
        () => `${length} bytes at ${offset}; asked for were ${transfer.length} at ${transfer.offset}.`,
      );
    if (((page.flags[i] as number) & 0x80) !== 0) moving.transfers.delete(ttt);
  }

  #unsolicited(
    moving: Moving,
    row: number,
    id: number,
    length: number,
    dataSn: number,
    limits: DataLimits | undefined,
  ): void {
    if (dataSn !== moving.nextUnsolicited) {
      const due = moving.nextUnsolicited;
      this.#collector.report('data-out-number', id, [row], () => `DataSN ${dataSn} was sent where ${due} was due.`);
    }
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
}
