import { readU16, readU32 } from '../bytes/index.ts';
import {
  ASYNC_EVENT_NAMES,
  isVendorOpcode,
  LOGIN_STAGE_NAMES,
  LOGOUT_REASON_NAMES,
  LOGOUT_RESPONSE_NAMES,
  OPCODES,
  opcodeName,
  REJECT_REASON_NAMES,
  RESERVED_TAG,
  SNACK_TYPE_NAMES,
  TMF_FUNCTION_NAMES,
  TMF_RESPONSE_NAMES,
} from '../pdu/index.ts';
import { ascName, decodeCdb, describeCdb, formatLun, senseKeyName, statusName } from '../scsi/index.ts';
import { MARKS, NO_TASK, TASK_FLAGS, type PduPage } from './columns.ts';
import { markTexts } from './remark.ts';
import { viewTask, type TaskView } from './task-view.ts';
import { pairsOf } from './text-chain.ts';
import type { Trace } from './trace.ts';

/** Keys whose values are secrets or stand for them; they are shown by length alone. */
export const SECRET_KEYS: ReadonlySet<string> = new Set(['CHAP_R']);

const TEXT_SHOWN = 12;
const VALUE_SHOWN = 80;

function hex(value: number, digits = 2): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function nameOf(table: Readonly<Record<number, string>>, value: number): string {
  return table[value] ?? `code ${hex(value)}`;
}

/** Text made fit for one line of a terminal or a table. */
export function oneLine(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]/gu, (c) => `\\u${Number(c.codePointAt(0)).toString(16).padStart(4, '0')}`);
}

/** A text value as it may be shown: secrets hidden, long ones cut. */
export function showValue(key: string, value: string): string {
  if (SECRET_KEYS.has(key)) return `(${value.length} characters, not shown)`;
  const line = oneLine(value);
  return line.length > VALUE_SHOWN ? `${line.slice(0, VALUE_SHOWN)}…` : line;
}

function describeText(trace: Trace, row: number): string {
  const pairs = pairsOf(trace, row, 1 << 16);
  const shown = pairs.slice(0, TEXT_SHOWN).map(({ key, value }) => `${oneLine(key)}=${showValue(key, value)}`);
  return shown.join(' ') + (pairs.length > TEXT_SHOWN ? ` … ${pairs.length - TEXT_SHOWN} more` : '');
}

function senseText(view: TaskView): string {
  if (view.sense === undefined) return '';
  const { key, asc, ascq } = view.sense;
  const code = `${asc.toString(16).padStart(2, '0')}/${ascq.toString(16).padStart(2, '0')}`;
  return `: ${senseKeyName(key)}, ${ascName(asc, ascq)} (${code})`;
}

function residualText(flags: number, count: number): string {
  if ((flags & 4) !== 0) return `, overflow of ${count}`;
  return (flags & 2) !== 0 ? `, underflow of ${count}` : '';
}

function commandText(view: TaskView): string {
  const decoded = decodeCdb(view.cdb, view.deviceType);
  // The end of a long CDB is not kept with its task; what it says of blocks is.
  const { lba, blocks } = view;
  const known = decoded.known && lba !== undefined && { ...decoded, lba, ...(blocks === undefined ? {} : { blocks }) };
  return `${describeCdb(known === false ? decoded : known)}, LUN ${formatLun(view.lun)}`;
}

function loginText(trace: Trace, row: number, page: PduPage, i: number): string {
  const flags = page.flags[i] as number;
  const stage = (value: number): string => LOGIN_STAGE_NAMES[value] ?? 'reserved stage';
  const transit = (flags & 0x80) === 0 ? '' : ` → ${stage(flags & 3)}`;
  const parts = [`${stage((flags >> 2) & 3)}${transit}`];
  if ((flags & 0x40) !== 0) parts.push('text goes on');
  if (((page.opcode[i] as number) & 0x3f) === OPCODES.loginResponse) {
    const status = (page.word36[i] as number) >>> 16;
    if (status !== 0) parts.push(`status ${hex(status, 4)}`);
  }
  return `${parts.join(', ')} ${describeText(trace, row)}`.trimEnd();
}

function detail(trace: Trace, row: number, page: PduPage, i: number, task: TaskView | undefined): string {
  const opcode = (page.opcode[i] as number) & 0x3f;
  const isBroken = ((page.marks[i] as number) & MARKS.brokenOff) !== 0;
  // What comes of a PDU as a whole, its status and that it is the last, counts only where the whole came.
  const flags = isBroken ? 0 : (page.flags[i] as number);
  const length = (page.lengths[i] as number) & 0xffffff;
  const dataAt = `${isBroken ? `${page.stored[i] as number} of ` : ''}${length} bytes at ${page.word40[i] as number}`;
  switch (opcode) {
    case OPCODES.scsiCommand:
      return task === undefined ? '' : commandText(task) + (length > 0 ? `, ${length} bytes immediate` : '');
    case OPCODES.dataOut:
      return `${dataAt}, DataSN ${page.word36[i] as number}${(flags & 0x80) === 0 ? '' : ', last'}`;
    case OPCODES.dataIn: {
      const last = (flags & 0x80) === 0 ? '' : ', last';
      const status = (flags & 1) === 0 ? '' : `, ${statusName(page.status[i] as number)}`;
      const residual = (flags & 1) === 0 ? '' : residualText(flags, page.word44[i] as number);
      return `${dataAt}, DataSN ${page.word36[i] as number}${last}${status}${residual}`;
    }
    case OPCODES.readyToTransfer:
      return `${page.word44[i] as number} bytes at ${page.word40[i] as number} wanted, R2TSN ${page.word36[i] as number}`;
    case OPCODES.scsiResponse: {
      const response = responseByte(trace, row, task);
      if (response !== 0) return `target failure (response ${hex(response)})`;
      const sense = task?.lastPdu === row ? senseText(task) : '';
      return statusName(page.status[i] as number) + sense + residualText(flags, page.word44[i] as number);
    }
    case OPCODES.loginRequest:
    case OPCODES.loginResponse:
      return loginText(trace, row, page, i);
    case OPCODES.textRequest:
    case OPCODES.textResponse:
      return describeText(trace, row);
    case OPCODES.taskManagementRequest:
      return `${nameOf(TMF_FUNCTION_NAMES, flags & 0x7f)}${task === undefined ? '' : `, LUN ${formatLun(task.lun)}`}`;
    case OPCODES.taskManagementResponse:
      return nameOf(TMF_RESPONSE_NAMES, responseByte(trace, row, task));
    case OPCODES.logoutRequest:
      return nameOf(LOGOUT_REASON_NAMES, flags & 0x7f);
    case OPCODES.logoutResponse:
      return nameOf(LOGOUT_RESPONSE_NAMES, responseByte(trace, row, task));
    case OPCODES.snackRequest:
      return snackText(page, i, flags & 15);
    case OPCODES.asyncMessage:
      return nameOf(ASYNC_EVENT_NAMES, (page.word36[i] as number) >>> 24);
    case OPCODES.reject:
      return rejectText(trace, row);
    case OPCODES.nopOut:
      return nopText(page, i, 'answer to a ping', 'ping');
    case OPCODES.nopIn:
      return nopText(page, i, 'ping', 'answer to a ping');
    default:
      return isVendorOpcode((page.opcode[i] as number) & 0x3f)
        ? `${(page.lengths[i] as number) & 0xffffff} bytes of data`
        : '';
  }
}

/** A SNACK of no length asks for all from there on (RFC 7143 11.16.7). */
function snackText(page: PduPage, i: number, type: number): string {
  const [from, count] = [page.word40[i] as number, page.word44[i] as number];
  return `${nameOf(SNACK_TYPE_NAMES, type)}, from ${from}, ${count === 0 ? 'all that follows' : count} missing`;
}

/** A NOP with a tag of the initiator is its ping or the echo of it; with a tag of the target alone it is the target's. */
function nopText(page: PduPage, i: number, untagged: string, tagged: string): string {
  if (page.itt[i] !== RESERVED_TAG) return tagged;
  return page.word20[i] === RESERVED_TAG ? 'no answer wanted' : untagged;
}

function responseByte(trace: Trace, row: number, task: TaskView | undefined): number {
  if (task?.lastPdu === row) return task.response;
  return trace.readPdu(row, 0).bhs[2] as number;
}

function rejectText(trace: Trace, row: number): string {
  const { bhs, data } = trace.readPdu(row, 48);
  const reason = nameOf(REJECT_REASON_NAMES, bhs[2] as number);
  if (data.length < 48) return reason;
  return `${reason}, of ${opcodeName((data[0] as number) & 0x3f)} with tag ${hex(readU32(data, 16), 8)}`;
}

function marksText(marks: number): string {
  const parts = markTexts(marks);
  return parts.length === 0 ? '' : ` [${parts.join(', ')}]`;
}

/** What a PDU says in one line, its name first. */
export function describeRow(trace: Trace, row: number): string {
  const [page, i] = trace.at(row);
  return saysOfRow(trace, row) + marksText(page.marks[i] as number);
}

/** The same without what is marked about it. */
export function saysOfRow(trace: Trace, row: number): string {
  const [page, i] = trace.at(row);
  const number = page.task[i] as number;
  const task = number === NO_TASK ? undefined : viewTask(trace, number);
  const name = opcodeName((page.opcode[i] as number) & 0x3f);
  const text = detail(trace, row, page, i, task);
  return `${name}${text === '' ? '' : ` ${text}`}`;
}

/** Requests that say what they are about; a SNACK asks for what is missing and begins no task of its own. */
const SPOKEN_FOR: ReadonlySet<number> = new Set([
  OPCODES.taskManagementRequest,
  OPCODES.logoutRequest,
  OPCODES.snackRequest,
]);

/** What a task did in one line. */
export function describeTask(trace: Trace, task: number): string {
  const view = viewTask(trace, task);
  const begun = (view.flags & TASK_FLAGS.orphan) === 0;
  if (view.opcode === OPCODES.scsiCommand && begun) return commandText(view);
  if (SPOKEN_FOR.has(view.opcode)) return saysOfRow(trace, view.firstPdu);
  const name = opcodeName(view.opcode);
  return begun ? name : `${name} of a task that began before the trace`;
}

/** Sense bytes of a response's data: behind their two length bytes (RFC 7143 11.4.7). */
export function senseOf(data: Uint8Array): Uint8Array {
  return data.subarray(2, 2 + Math.min(readU16(data, 0), Math.max(0, data.length - 2)));
}
