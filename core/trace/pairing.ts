import { readU16, readU32 } from '../bytes/index.ts';
import { BHS_LENGTH, cutAhs, decodeAhsSegment, isVendorOpcode, joinCdb, OPCODES, RESERVED_TAG } from '../pdu/index.ts';
import { isLongCdb, readCdbExtent, type CdbExtent, type CdbHas } from './cdb-extent.ts';
import { MARKS, NO_TASK, TASK_COLUMNS, TASK_FLAGS, type TaskPage } from './columns.ts';
import type { TraceConnection } from './connection.ts';
import { WORD_USE } from './fields-of.ts';
import { PagedTable, type PageStore } from './pages.ts';
import type { PduArrival } from './pdu-index.ts';
import { TagTable } from './tag-table.ts';
import { asksWhatItIs, UnitTypes } from './unit-types.ts';

/** Rows of a page of the task table, as a power of two. */
export const TASK_PAGE_SHIFT = 13;

/** What tells an answer's opcode from that of its request. */
const FROM_TARGET = 0x20;
const NO_DEVICE = 0x1f;
/** Entries of the table of open tasks that are looked through in all for those a function calls off: a second's work at most. */
const SEARCH_LIMIT = 1 << 28;
/** What was lost is asked about this long before and after: hosts wait no longer for a command. */
export const NEAR_NS = 30e9;

const STARTS = new Uint8Array(64);
for (const kind of [
  'nopOut',
  'scsiCommand',
  'taskManagementRequest',
  'loginRequest',
  'textRequest',
  'logoutRequest',
] as const)
  STARTS[OPCODES[kind]] = 1;

/** Folds commands and what answers them into tasks (RFC 7143 4.2.2, 11.2.1.8). */
export class TaskPairing {
  readonly table: PagedTable<typeof TASK_COLUMNS>;
  readonly #byItt: TagTable;
  /** NOP-Ins of the target that wait for an echo, by target transfer tag. */
  readonly #pings: TagTable;
  /** What the units are that commands went to. */
  readonly units = new UnitTypes();
  readonly #extent: CdbExtent = { lbaHigh: 0, lbaLow: 0, blocks: 0 };
  #searched = 0;
  #missed = 0;
  /** Whether tasks were left unpaired since too many were open. */
  overflowed = false;

  constructor(store?: PageStore, residentPages?: number, openLimit?: number) {
    this.table = new PagedTable(TASK_COLUMNS, TASK_PAGE_SHIFT, store, residentPages);
    this.#byItt = new TagTable(openLimit);
    this.#pings = new TagTable(openLimit);
  }

  /** The page that holds `task`; the row within it is `task & table.mask`. */
  pageOf(task: number): TaskPage {
    return this.table.page(task >> TASK_PAGE_SHIFT);
  }

  /** Finds or begins the task of a PDU that will get the number `row`; answers `NO_TASK` where it belongs to none. */
  pair(pdu: PduArrival, row: number, connection: TraceConnection): number {
    const { bytes, at } = pdu;
    const opcode = (bytes[at] as number) & 0x3f;
    if (isVendorOpcode(opcode)) return NO_TASK;
    const itt = readU32(bytes, at + 16);
    if (opcode === OPCODES.snackRequest) connection.noteSnack((bytes[at + 1] as number) & 0xf, itt);
    if (itt === RESERVED_TAG) return this.#pairUntagged(pdu, opcode, row, connection);
    let task = this.#byItt.find(pdu.connection, itt);
    if (STARTS[opcode] === 1 && (task < 0 || this.#startsAnew(task, opcode, bytes, at))) {
      if (task >= 0) this.#abandon(task, connection);
      return this.#begin(pdu, opcode, itt, row, connection);
    }
    if (task < 0) {
      task = this.#begin(pdu, opcode, itt, row, connection);
      if (task === NO_TASK) return task;
      this.#page(task).flags[task & this.table.mask] = TASK_FLAGS.orphan;
      this.#advance(task, pdu, opcode, itt, connection);
      return task;
    }
    const page = this.#page(task);
    const i = task & this.table.mask;
    page.lastPdu[i] = row;
    (page.pdus[i] as number) += 1;
    this.#advance(task, pdu, opcode, itt, connection);
    return task;
  }

  #page(task: number): TaskPage {
    return this.table.writable(task >> TASK_PAGE_SHIFT);
  }

  /** Login and text exchanges go on under one tag; any other request with a tag in use begins a new task. */
  #startsAnew(task: number, opcode: number, bytes: Uint8Array, at: number): boolean {
    const began = this.#page(task).opcode[task & this.table.mask] as number;
    // An exchange that is seen from one of its answers on begins with that.
    if (began !== opcode && began !== (opcode | FROM_TARGET)) return true;
    if (opcode === OPCODES.loginRequest) return false;
    return opcode !== OPCODES.textRequest || readU32(bytes, at + 20) === RESERVED_TAG;
  }

  #abandon(task: number, connection: TraceConnection): void {
    const page = this.#page(task);
    (page.flags[task & this.table.mask] as number) |= TASK_FLAGS.tagReused;
    connection.outstanding -= 1;
  }

  #begin(pdu: PduArrival, opcode: number, itt: number, row: number, connection: TraceConnection): number {
    const task = this.table.length;
    if (!this.#byItt.set(pdu.connection, itt, task)) {
      this.overflowed = true;
      return NO_TASK;
    }
    this.#fill(pdu, opcode, itt, row, connection);
    if (opcode === OPCODES.scsiCommand) this.#fillCommand(task, pdu, connection);
    connection.outstanding += 1;
    return task;
  }

  #fill(pdu: PduArrival, opcode: number, itt: number, row: number, connection: TraceConnection): void {
    const task = this.table.append();
    const page = this.#page(task);
    const i = task & this.table.mask;
    const { bytes, at } = pdu;
    page.start[i] = pdu.timeNs;
    page.end[i] = NaN;
    page.firstPdu[i] = row;
    page.lastPdu[i] = row;
    page.pdus[i] = 1;
    page.itt[i] = itt;
    page.opcode[i] = opcode;
    page.connection[i] = pdu.connection;
    page.queued[i] = connection.outstanding;
    if (WORD_USE[opcode]?.lun === true) {
      page.lunHigh[i] = readU32(bytes, at + 8);
      page.lunLow[i] = readU32(bytes, at + 12);
    }
    if (opcode < 0x20 && opcode !== OPCODES.dataOut && opcode !== OPCODES.snackRequest)
      page.cmdSn[i] = readU32(bytes, at + 24);
  }

  #fillCommand(task: number, pdu: PduArrival, connection: TraceConnection): void {
    const { bytes, at } = pdu;
    const page = this.#page(task);
    const i = task & this.table.mask;
    const flags = bytes[at + 1] as number;
    page.expectedLength[i] = readU32(bytes, at + 20);
    page.cdb0[i] = readU32(bytes, at + 32);
    page.cdb4[i] = readU32(bytes, at + 36);
    page.cdb8[i] = readU32(bytes, at + 40);
    page.cdb12[i] = readU32(bytes, at + 44);
    let marks = ((flags & 0x40) === 0 ? 0 : TASK_FLAGS.read) | ((flags & 0x20) === 0 ? 0 : TASK_FLAGS.write);
    if (this.units.hasBlocks(connection, page.lunHigh[i] as number, page.lunLow[i] as number))
      marks |= this.#fillExtent(page, i, bytes, at);
    page.flags[i] = marks;
    page.bytesOut[i] = (pdu.marks & MARKS.brokenOff) === 0 ? readU32(bytes, at + 4) & 0xffffff : pdu.stored;
  }

  #fillExtent(page: TaskPage, i: number, bytes: Uint8Array, at: number): number {
    const extent = this.#extent;
    let has: CdbHas;
    if (isLongCdb(bytes, at + 32)) {
      const ahs = bytes.subarray(at + BHS_LENGTH, at + BHS_LENGTH + (bytes[at + 4] as number) * 4);
      const cdb = joinCdb(bytes.subarray(at + 32, at + BHS_LENGTH), cutAhs(ahs).map(decodeAhsSegment));
      has = readCdbExtent(cdb, 0, cdb.length, extent);
    } else has = readCdbExtent(bytes, at + 32, 16, extent);
    if (has === 'none') return 0;
    page.lbaHigh[i] = extent.lbaHigh;
    page.lbaLow[i] = extent.lbaLow;
    page.blocks[i] = extent.blocks;
    return has === 'lba' ? TASK_FLAGS.hasLba : TASK_FLAGS.hasLba | TASK_FLAGS.hasBlocks;
  }

  /** What a later PDU of a task adds to it. */
  #advance(task: number, pdu: PduArrival, opcode: number, itt: number, connection: TraceConnection): void {
    const { bytes, at } = pdu;
    const page = this.#page(task);
    const i = task & this.table.mask;
    const flags = bytes[at + 1] as number;
    const isWhole = (pdu.marks & MARKS.brokenOff) === 0;
    const length = isWhole ? readU32(bytes, at + 4) & 0xffffff : pdu.stored;
    if (!isWhole && opcode !== OPCODES.dataIn && opcode !== OPCODES.dataOut) return;
    switch (opcode) {
      case OPCODES.dataOut:
        (page.bytesOut[i] as number) += length;
        return;
      case OPCODES.readyToTransfer:
        (page.r2ts[i] as number) += 1;
        return;
      case OPCODES.dataIn:
        (page.bytesIn[i] as number) += length;
        if (asksWhatItIs(page.cdb0[i] as number)) this.#learn(page, i, pdu, connection);
        if ((flags & 1) === 0 || !isWhole) return;
        (page.flags[i] as number) |= TASK_FLAGS.phaseCollapse;
        this.#takeStatus(page, i, bytes, at, flags);
        break;
      case OPCODES.scsiResponse:
        page.response[i] = bytes[at + 2] as number;
        if (bytes[at + 2] === 0) this.#takeStatus(page, i, bytes, at, flags);
        takeSense(page, i, pdu);
        break;
      case OPCODES.loginResponse: {
        page.status[i] = bytes[at + 36] as number;
        page.response[i] = bytes[at + 37] as number;
        if (bytes[at + 36] === 0 && (flags & 0x83) !== 0x83) return;
        break;
      }
      case OPCODES.textResponse:
        if ((flags & 0x80) === 0) return;
        break;
      case OPCODES.taskManagementResponse:
      case OPCODES.logoutResponse:
        page.response[i] = bytes[at + 2] as number;
        break;
      case OPCODES.nopIn:
        break;
      default:
        return;
    }
    this.#end(task, pdu.timeNs, itt, connection);
  }

  /** The answer to what a unit is. */
  #learn(page: TaskPage, i: number, pdu: PduArrival, connection: TraceConnection): void {
    if (pdu.dataLength === 0 || readU32(pdu.bytes, pdu.at + 40) !== 0) return;
    const type = (pdu.data[pdu.dataAt] as number) & 0x1f;
    if (type !== NO_DEVICE) this.units.learn(connection, page.lunHigh[i] as number, page.lunLow[i] as number, type);
  }

  #takeStatus(page: TaskPage, i: number, bytes: Uint8Array, at: number, flags: number): void {
    page.status[i] = bytes[at + 3] as number;
    page.residual[i] = readU32(bytes, at + 44);
    const residual = ((flags & 4) === 0 ? 0 : TASK_FLAGS.overflow) | ((flags & 2) === 0 ? 0 : TASK_FLAGS.underflow);
    (page.flags[i] as number) |= TASK_FLAGS.hasStatus | residual;
  }

  #end(task: number, timeNs: number, itt: number, connection: TraceConnection): void {
    const page = this.#page(task);
    const i = task & this.table.mask;
    page.end[i] = timeNs;
    (page.flags[i] as number) |= TASK_FLAGS.ended;
    this.#byItt.delete(connection.id, itt);
    connection.outstanding -= 1;
  }

  /** The open task under a tag of a connection, or -1. */
  findOpen(connection: number, itt: number): number {
    return this.#byItt.find(connection, itt);
  }

  /** Open tasks of the connections that `accepts` takes; none once looking for them has cost too much in all. */
  openTasks(accepts: (connection: number) => boolean): number[] {
    if (this.#searched > SEARCH_LIMIT) return [];
    this.#searched += this.#byItt.capacity;
    return this.#byItt.tasksOf(accepts);
  }

  /** Something of the target, or at 1 the initiator, is missing: open tasks whose answer was due from it then may have had it. */
  missAnswers(
    connections: readonly TraceConnection[],
    side: 0 | 1,
    concerns: (connection: TraceConnection) => boolean,
  ): void {
    const open = side === 0 ? this.#byItt : this.#pings;
    if (this.#missed > SEARCH_LIMIT) return;
    this.#missed += open.capacity;
    for (const task of open.tasksOf((id) => concerns(connections[id] as TraceConnection))) {
      const page = this.#page(task);
      const i = task & this.table.mask;
      const { heardNs } = connections[page.connection[i] as number] as TraceConnection;
      if (heardNs[side] - (page.start[i] as number) < NEAR_NS) (page.flags[i] as number) |= TASK_FLAGS.unrecorded;
    }
  }

  /** Ends an open task of a connection that a task management function has called off. */
  abort(task: number, timeNs: number, connection: TraceConnection): void {
    const page = this.#page(task);
    const i = task & this.table.mask;
    page.end[i] = timeNs;
    (page.flags[i] as number) |= TASK_FLAGS.aborted;
    this.#byItt.delete(connection.id, page.itt[i] as number);
    connection.outstanding -= 1;
  }

  #pairUntagged(pdu: PduArrival, opcode: number, row: number, connection: TraceConnection): number {
    const { bytes, at } = pdu;
    if (opcode === OPCODES.reject) return this.#pairReject(pdu, row, connection);
    if (opcode !== OPCODES.nopIn && opcode !== OPCODES.nopOut) return NO_TASK;
    const ttt = readU32(bytes, at + 20);
    if (ttt === RESERVED_TAG) return NO_TASK;
    if (opcode === OPCODES.nopIn) {
      const task = this.table.length;
      if (!this.#pings.set(pdu.connection, ttt, task)) {
        this.overflowed = true;
        return NO_TASK;
      }
      this.#fill(pdu, opcode, RESERVED_TAG, row, connection);
      return task;
    }
    const task = this.#pings.find(pdu.connection, ttt);
    if (task < 0) return NO_TASK;
    this.#pings.delete(pdu.connection, ttt);
    const page = this.#page(task);
    const i = task & this.table.mask;
    page.lastPdu[i] = row;
    (page.pdus[i] as number) += 1;
    page.end[i] = pdu.timeNs;
    (page.flags[i] as number) |= TASK_FLAGS.ended;
    return task;
  }

  /** A Reject carries the header it refuses; the task of that header ends with it (RFC 7143 11.17). */
  #pairReject(pdu: PduArrival, row: number, connection: TraceConnection): number {
    if (pdu.dataLength < 48) return NO_TASK;
    const itt = readU32(pdu.data, pdu.dataAt + 16);
    const task = this.#byItt.find(pdu.connection, itt);
    if (task < 0) return NO_TASK;
    const page = this.#page(task);
    const i = task & this.table.mask;
    page.lastPdu[i] = row;
    (page.pdus[i] as number) += 1;
    page.response[i] = pdu.bytes[pdu.at + 2] as number;
    (page.flags[i] as number) |= TASK_FLAGS.rejected;
    const refused = (pdu.data[pdu.dataAt] as number) & 0x3f;
    if (STARTS[refused] === 1) this.#end(task, pdu.timeNs, itt, connection);
    return task;
  }
}

/** Sense key and code from fixed or descriptor sense (SPC-5 4.4) behind its two length bytes. */
function takeSense(page: TaskPage, i: number, pdu: PduArrival): void {
  if (pdu.dataLength < 4) return;
  const { data, dataAt } = pdu;
  const length = Math.min(readU16(data, dataAt), pdu.dataLength - 2);
  const at = dataAt + 2;
  const code = (data[at] as number) & 0x7f;
  if (code >= 0x72 && code <= 0x73 && length >= 4) {
    page.senseKey[i] = (data[at + 1] as number) & 15;
    page.asc[i] = data[at + 2] as number;
    page.ascq[i] = data[at + 3] as number;
  } else if (code >= 0x70 && code <= 0x71 && length >= 3) {
    page.senseKey[i] = (data[at + 2] as number) & 15;
    page.asc[i] = length >= 14 ? (data[at + 12] as number) : 0;
    page.ascq[i] = length >= 14 ? (data[at + 13] as number) : 0;
  } else return;
  (page.flags[i] as number) |= TASK_FLAGS.hasSense;
}
