import { toHex } from '../bytes/index.ts';
import { decodeAhs, isVendorOpcode, joinCdb, OPCODES, opcodeName, pduKind, type TextPair } from '../pdu/index.ts';
import { LunascopeError } from '../errors/index.ts';
import { joinWords, MARKS, NO_TASK, type PduPage } from './columns.ts';
import { SECRET_KEYS } from './describe.ts';
import { TEXT_OPCODES, WORD_USE } from './fields-of.ts';
import { lunLabel, viewTask, type TaskView } from './task-view.ts';
import { pairsOf } from './text-chain.ts';
import type { StoredPdu, Trace } from './trace.ts';

/** A PDU as `decode --json` prints it; what an opcode does not have is null. 64-bit values are text. */
export interface DecodedRow {
  /** Number of the PDU, from 1. */
  readonly n: number;
  /** Unix time in seconds with nine decimals. */
  readonly time: string;
  readonly dir: 'out' | 'in';
  readonly opcode: number;
  readonly name: string;
  readonly itt: number;
  readonly ttt: number | null;
  /** LUN number, or eight bytes in hex where its form has none; of the task where the PDU carries none. */
  readonly lun: number | string | null;
  readonly cmdSn: number | null;
  readonly statSn: number | null;
  readonly expStatSn: number | null;
  readonly expCmdSn: number | null;
  readonly maxCmdSn: number | null;
  readonly dataSn: number | null;
  readonly dataLength: number;
  readonly ahsLength: number;
  readonly cdb: string | null;
  readonly flags: number;
  readonly immediate: boolean;
  readonly bufferOffset: number | null;
  readonly r2tSn: number | null;
  readonly desiredLength: number | null;
  readonly expectedLength: number | null;
  readonly residual: number | null;
  readonly connection: number;
  readonly keys: readonly TextPair[] | null;
  readonly task: number | null;
  /** On the PDU that ends a task. */
  readonly latencyUs: number | null;
  /** On the PDU that carries a SCSI status. */
  readonly status: number | null;
  readonly malformed: string | null;
}

/** How rows are written. */
export interface RowJsonOptions {
  /** Show CHAP responses, where the input holds them. */
  readonly secrets?: boolean;
  /** Makes texts safe to share. */
  readonly share?: TextShare;
}

/** Gives the pairs of a text PDU as they may be told. */
export interface TextShare {
  pairs(row: number): readonly TextPair[];
}

/** Unix time of a trace's time, in seconds with nine decimals. */
export function unixTime(trace: Trace, timeNs: number): string {
  const ns = trace.baseNs + BigInt(Math.round(timeNs));
  const digits = (ns < 0n ? -ns : ns).toString().padStart(10, '0');
  return `${ns < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

/** What is wrong with a PDU, in a sentence, or null. */
export function faultOf(page: PduPage, i: number): string | null {
  const marks = page.marks[i] as number;
  const faults: string[] = [];
  const opcode = (page.opcode[i] as number) & 0x3f;
  if (pduKind(opcode) === undefined && !isVendorOpcode(opcode)) faults.push('unknown opcode');
  if ((marks & MARKS.headerDigestBad) !== 0) faults.push('header digest wrong');
  if ((marks & MARKS.dataDigestBad) !== 0) faults.push('data digest wrong');
  if ((marks & MARKS.cut) !== 0) faults.push('not wholly captured');
  if ((marks & MARKS.gapBefore) !== 0) faults.push('bytes are missing before it');
  if ((marks & MARKS.brokenOff) !== 0) faults.push('broken off by the end of its connection');
  return faults.length === 0 ? null : faults.join('; ');
}

function wholeCdb(pdu: StoredPdu): string {
  const head = pdu.bhs.subarray(32, 48);
  if (pdu.ahs.length === 0) return toHex(head);
  try {
    return toHex(joinCdb(head, decodeAhs(pdu.ahs)));
  } catch (error) {
    if (error instanceof LunascopeError) return toHex(head);
    throw error;
  }
}

function cdbText(page: PduPage, i: number, task: TaskView | undefined, pdu: () => StoredPdu): string {
  return (page.lengths[i] as number) >>> 24 === 0 && task !== undefined ? toHex(task.cdb) : wholeCdb(pdu());
}

function lunOf(page: PduPage, i: number, task: TaskView | undefined, pdu: () => StoredPdu): number | string | null {
  const opcode = (page.opcode[i] as number) & 0x3f;
  if (task !== undefined && (WORD_USE[task.opcode]?.lun ?? false)) return lunLabel(task.lun);
  if (WORD_USE[opcode]?.lun !== true) return null;
  const view = new DataView(pdu().bhs.slice(8, 16).buffer);
  return lunLabel(joinWords(view.getUint32(0), view.getUint32(4)));
}

function keysOf(trace: Trace, row: number, secrets: boolean): TextPair[] {
  return pairsOf(trace, row).map(({ key, value }) => ({
    key,
    value: SECRET_KEYS.has(key) && !secrets ? '*'.repeat(value.length) : value,
  }));
}

/** A PDU of a trace as an object for JSON. */
export function rowToJson(trace: Trace, row: number, options: RowJsonOptions = {}): DecodedRow {
  const [page, i] = trace.at(row);
  const opcode = (page.opcode[i] as number) & 0x3f;
  const use = WORD_USE[opcode];
  const number = page.task[i] as number;
  const task = number === NO_TASK ? undefined : viewTask(trace, number);
  let stored: StoredPdu | undefined;
  const pdu = (): StoredPdu => (stored ??= trace.readPdu(row, 0));
  const isWhole = ((page.marks[i] as number) & MARKS.brokenOff) === 0;
  const hasStatus = opcode === OPCODES.dataIn && ((page.flags[i] as number) & 1) !== 0;
  const carriesStatus = isWhole && (hasStatus || opcode === OPCODES.scsiResponse);
  const ends = task?.endNs !== undefined && task.lastPdu === row;
  const when = (
    used: boolean | undefined,
    column: 'word20' | 'word24' | 'word28' | 'word32' | 'word36' | 'word40' | 'word44',
  ): number | null => (used === true ? (page[column][i] as number) : null);
  return {
    n: row + 1,
    time: unixTime(trace, page.time[i] as number),
    dir: ((page.marks[i] as number) & MARKS.fromInitiator) === 0 ? 'in' : 'out',
    opcode,
    name: opcodeName(opcode),
    itt: page.itt[i] as number,
    ttt: when(use?.ttt, 'word20'),
    lun: lunOf(page, i, task, pdu),
    cmdSn: when(use?.cmdSn, 'word24'),
    statSn: when(use?.statSn, 'word24'),
    expStatSn: when(use?.expStatSn, 'word28'),
    expCmdSn: when(use?.window, 'word28'),
    maxCmdSn: when(use?.window, 'word32'),
    dataSn: when(use?.dataSn, 'word36'),
    dataLength: (page.lengths[i] as number) & 0xffffff,
    ahsLength: ((page.lengths[i] as number) >>> 24) * 4,
    cdb: opcode === OPCODES.scsiCommand ? cdbText(page, i, task, pdu) : null,
    flags: page.flags[i] as number,
    immediate: opcode < 0x20 && ((page.opcode[i] as number) & 0x40) !== 0,
    bufferOffset: when(use?.bufferOffset, 'word40'),
    r2tSn: when(use?.r2tSn, 'word36'),
    desiredLength: when(use?.r2tSn, 'word44'),
    expectedLength: when(opcode === OPCODES.scsiCommand, 'word20'),
    residual: when(carriesStatus, 'word44'),
    connection: page.connection[i] as number,
    keys: TEXT_OPCODES.has(opcode) ? (options.share?.pairs(row) ?? keysOf(trace, row, options.secrets ?? false)) : null,
    task: number === NO_TASK ? null : number,
    latencyUs: ends && task.latencyNs !== undefined ? Math.round(task.latencyNs) / 1000 : null,
    status: carriesStatus ? (page.status[i] as number) : null,
    malformed: faultOf(page, i),
  };
}
