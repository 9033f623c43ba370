import { readU32 } from '../../bytes/index.ts';
import { OPCODES } from '../../pdu/index.ts';
import { isCut, NO_TASK, type PduPage } from '../columns.ts';
import { describeTask } from '../describe.ts';
import { isCommand } from '../task-view.ts';
import { readPairs } from '../text-pairs.ts';
import type { Trace } from '../trace.ts';
import type { FindingCollector } from './collector.ts';

const REPORT_LUNS = 0xa0;
const INQUIRY = 0x12;
const EVPD = 0x00010000;
const TEXT_READ = 1 << 16;
/** SELECT REPORT values that ask for the units a host can use; the others ask for well-known ones alone (SPC-5 6.33). */
const USUAL_REPORTS: ReadonlySet<number> = new Set([0, 2]);

/** What a connection has been told of its units, and what is to be said of it once nothing more comes. */
interface Inventory {
  /** Whether the last list of units was empty; undefined while none has come. */
  isEmpty: boolean | undefined;
  listRows: readonly number[];
  /** The first task that met a unit without a device, and its rows. */
  bareTask: number;
  bareRows: readonly number[];
}

/** Reports on what a target offers: targets to discover, and units behind them. */
export class InventoryPass {
  readonly #trace: Trace;
  readonly #collector: FindingCollector;
  readonly #told = new Map<number, Inventory>();

  constructor(trace: Trace, collector: FindingCollector) {
    this.#trace = trace;
    this.#collector = collector;
  }

  /** Looks at one PDU. */
  visit(page: PduPage, i: number, row: number): void {
    const opcode = (page.opcode[i] as number) & 0x3f;
    if (opcode === OPCODES.textResponse) this.#text(page, i, row);
    if (opcode !== OPCODES.dataIn || page.word40[i] !== 0) return;
    const length = (page.lengths[i] as number) & 0xffffff;
    const task = page.task[i] as number;
    if (task === NO_TASK || length < 1) return;
    const [tasks, k] = this.#trace.taskAt(task);
    const cdb0 = tasks.cdb0[k] as number;
    const command = cdb0 >>> 24;
    if ((command !== REPORT_LUNS && command !== INQUIRY) || !isCommand(tasks, k)) return;
    const rows = [tasks.firstPdu[k] as number, row];
    const id = page.connection[i] as number;
    if (command === REPORT_LUNS) this.#list(cdb0, rows, id);
    else if ((cdb0 & EVPD) === 0) this.#inquiry(task, rows, id);
  }

  #list(cdb0: number, rows: readonly number[], id: number): void {
    if (!USUAL_REPORTS.has((cdb0 >>> 8) & 0xff)) return;
    const list = this.#trace.readPdu(rows[1] as number, 8).data;
    if (list.length < 8) return;
    const told = this.#toldTo(id);
    told.isEmpty = readU32(list, 0) === 0;
    told.listRows = rows;
  }

  #inquiry(task: number, rows: readonly number[], id: number): void {
    const qualifier = (this.#trace.readPdu(rows[1] as number, 1).data[0] ?? 0) >> 5;
    if (qualifier === 3)
      this.#collector.report('lun-not-mapped', id, rows, () => `${describeTask(this.#trace, task)}: no such unit.`);
    if (qualifier !== 1) return;
    const told = this.#toldTo(id);
    if (told.bareRows.length > 0) return;
    told.bareTask = task;
    told.bareRows = rows;
  }

  #toldTo(id: number): Inventory {
    let told = this.#told.get(id);
    if (told === undefined) {
      told = { isEmpty: undefined, listRows: [], bareTask: NO_TASK, bareRows: [] };
      this.#told.set(id, told);
    }
    return told;
  }

  /** An answer to SendTargets that is whole and names no target (RFC 7143 Appendix C). */
  #text(page: PduPage, i: number, row: number): void {
    const length = (page.lengths[i] as number) & 0xffffff;
    const task = page.task[i] as number;
    const isWhole = ((page.flags[i] as number) & 0x80) !== 0 && !isCut(page, i);
    if (!isWhole || length > TEXT_READ || task === NO_TASK) return;
    const [tasks, k] = this.#trace.taskAt(task);
    if (tasks.opcode[k] !== OPCODES.textRequest || tasks.pdus[k] !== 2) return;
    const first = tasks.firstPdu[k] as number;
    const asked = readPairs(this.#trace.readPdu(first, TEXT_READ).data).find(({ key }) => key === 'SendTargets');
    if (asked === undefined) return;
    const answer = readPairs(this.#trace.readPdu(row, TEXT_READ).data);
    if (answer.some(({ key }) => key === 'TargetName' || key === 'TargetAddress')) return;
    const id = page.connection[i] as number;
    this.#collector.report(
      'no-targets',
      id,
      [first, row],
      () => `SendTargets=${asked.value === 'All' ? 'All' : '(one target)'} was answered without a target.`,
    );
  }

  /** Draws the conclusions: the last list of units counts; a unit without a device is usual beside others. */
  finish(): void {
    for (const [id, { isEmpty, listRows, bareTask, bareRows }] of this.#told) {
      if (isEmpty === true)
        this.#collector.report('no-luns', id, listRows, () => 'The answer to REPORT LUNS is an empty list.');
      if (isEmpty !== false && bareRows.length > 0)
        this.#collector.report(
          'lun-not-connected',
          id,
          bareRows,
          () => `${describeTask(this.#trace, bareTask)}: the target knows the unit, and no device is behind it.`,
        );
    }
  }
}
