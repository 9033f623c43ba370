import { readU32 } from '../../bytes/index.ts';
import { OPCODES } from '../../pdu/index.ts';
import { NO_TASK, TASK_FLAGS, type PduPage } from '../columns.ts';
import { describeTask } from '../describe.ts';
import { isCommand } from '../task-view.ts';
import type { Trace } from '../trace.ts';
import type { FindingCollector } from './collector.ts';

const REPORT_LUNS = 0xa0;
const INQUIRY = 0x12;
/** More than fits a packet of the usual size; a reply below it passes a path that swallows large packets. */
const LARGE = 1400;
const LATE_US = 50_000;

/** What is gathered of a connection for questions about it as a whole. */
interface Life {
  logout: boolean;
  largestIn: number;
  answeredSmall: number;
  hungRead: number;
  hungTask: number;
}

/** Reports on connections as a whole: how they ended, what LUNs they saw, whether large reads ever came back. */
export class ConnectionPass {
  readonly #trace: Trace;
  readonly #collector: FindingCollector;
  readonly #lives: (Life | undefined)[] = [];

  constructor(trace: Trace, collector: FindingCollector) {
    this.#trace = trace;
    this.#collector = collector;
  }

  /** Looks at one PDU. */
  visit(page: PduPage, i: number, row: number): void {
    const id = page.connection[i] as number;
    const life = (this.#lives[id] ??= { logout: false, largestIn: 0, answeredSmall: 0, hungRead: -1, hungTask: -1 });
    const opcode = (page.opcode[i] as number) & 0x3f;
    if (opcode === OPCODES.logoutRequest) life.logout = true;
    else if (opcode === OPCODES.dataIn) this.#dataIn(page, i, row, id, life);
    else if (opcode === OPCODES.scsiResponse) life.answeredSmall += 1;
  }

  #dataIn(page: PduPage, i: number, row: number, id: number, life: Life): void {
    const length = (page.lengths[i] as number) & 0xffffff;
    life.largestIn = Math.max(life.largestIn, length);
    life.answeredSmall += 1;
    const task = page.task[i] as number;
    if (task === NO_TASK || page.word40[i] !== 0 || length < 1) return;
    const [tasks, k] = this.#trace.taskAt(task);
    if (!isCommand(tasks, k)) return;
    const cdb0 = tasks.cdb0[k] as number;
    const first = tasks.firstPdu[k] as number;
    if (cdb0 >>> 24 === REPORT_LUNS && length >= 8) {
      const list = this.#trace.readPdu(row, 8).data;
      if (list.length === 8 && readU32(list, 0) === 0)
        this.#collector.report('no-luns', id, [first, row], () => 'The answer to REPORT LUNS is an empty list.');
    }
    if (cdb0 >>> 24 === INQUIRY && (cdb0 & 0x00010000) === 0) {
      const qualifier = (this.#trace.readPdu(row, 1).data[0] ?? 0) >> 5;
      if (qualifier === 3)
        this.#collector.report(
          'lun-not-mapped',
          id,
          [first, row],
          () => `${describeTask(this.#trace, task)}: no such unit.`,
        );
    }
  }

  /** Draws the conclusions. */
  finish(): void {
    this.#findHungReads();
    for (const connection of this.#trace.connections) {
      const life = this.#lives[connection.id];
      if (life === undefined) continue;
      const { id, lastPdu } = connection;
      if (connection.closedBy === 'reset')
        this.#collector.report('connection-reset', id, [lastPdu], () => connection.closeReason);
      else if (connection.loggedIn && !Number.isNaN(connection.closedNs) && !life.logout)
        this.#collector.report('no-logout', id, [lastPdu], () => connection.closeReason);
      if (connection.loggedIn && life.hungRead >= 0 && life.answeredSmall > 0 && life.largestIn < LARGE)
        this.#collector.report('mtu-black-hole', id, [life.hungRead], () => {
          const what = describeTask(this.#trace, life.hungTask);
          return `${what} had no answer, though answers of up to ${life.largestIn} bytes came.`;
        });
    }
    const { lostPdus, droppedPdus, lags } = this.#trace;
    if (lostPdus + droppedPdus > 0)
      this.#collector.report(
        'trace-incomplete',
        null,
        [],
        () => `${lostPdus} PDUs were not recorded and ${droppedPdus} older ones deleted.`,
      );
    const late = lags.filter(({ lagUs }) => lagUs >= LATE_US);
    if (late.length > 0)
      this.#collector.report('recorder-late', null, [], () => {
        const worst = late.reduce((most, { lagUs }) => Math.max(most, lagUs), 0);
        return `The recording loop ran up to ${Math.round(worst / 1000)} ms late, ${late.length} times by 50 ms or more.`;
      });
  }

  #findHungReads(): void {
    const { table } = this.#trace.tasks;
    for (let number = 0; number < table.pageCount; number += 1) {
      const page = table.page(number);
      const count = table.rowsIn(number);
      for (let i = 0; i < count; i += 1) {
        const flags = page.flags[i] as number;
        if (page.opcode[i] !== OPCODES.scsiCommand || (flags & (TASK_FLAGS.ended | TASK_FLAGS.orphan)) !== 0) continue;
        if ((flags & TASK_FLAGS.read) === 0 || (page.expectedLength[i] as number) <= LARGE || page.bytesIn[i] !== 0)
          continue;
        const life = this.#lives[page.connection[i] as number];
        if (life === undefined || life.hungRead >= 0) continue;
        life.hungRead = page.firstPdu[i] as number;
        life.hungTask = (number << table.shift) + i;
      }
    }
  }
}
