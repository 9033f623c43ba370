import {
  explainLoginStatus,
  LOGOUT_RESPONSE_NAMES,
  loginStatusCode,
  OPCODES,
  opcodeName,
  TMF_RESPONSE_NAMES,
} from '../../../core/pdu/index.ts';
import { ascName, decodeCdb, decodeLun, senseKeyName, statusName } from '../../../core/scsi/index.ts';
import {
  describeRow,
  describeTask,
  NO_TASK,
  rowToJson,
  TASK_FLAGS,
  viewTask,
  type TaskView,
  type Trace,
} from '../../../core/trace/index.ts';
import type { PduRow, TaskRow } from '../../contract/trace.ts';

/** What the answers to requests other than commands are called. */
const RESPONSE_NAMES: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  [OPCODES.taskManagementRequest]: TMF_RESPONSE_NAMES,
  [OPCODES.logoutRequest]: LOGOUT_RESPONSE_NAMES,
};

/** The colour group of a PDU. */
function kindOf(opcode: number): PduRow['kind'] {
  switch (opcode) {
    case OPCODES.scsiCommand:
    case OPCODES.taskManagementRequest:
      return 'cmd';
    case OPCODES.dataIn:
    case OPCODES.dataOut:
    case OPCODES.readyToTransfer:
      return 'data';
    case OPCODES.scsiResponse:
    case OPCODES.taskManagementResponse:
      return 'resp';
    case OPCODES.loginRequest:
    case OPCODES.loginResponse:
    case OPCODES.textRequest:
    case OPCODES.textResponse:
    case OPCODES.logoutRequest:
    case OPCODES.logoutResponse:
      return 'login';
    case OPCODES.reject:
    case OPCODES.asyncMessage:
      return 'err';
    default:
      return 'nop';
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A LUN as people write it: its number, or its eight bytes where its form has none. */
export function lunText(lun: bigint): string {
  const { number, lowerLevels, hex: raw } = decodeLun(lun);
  return number !== undefined && lowerLevels.length === 0 ? String(number) : `0x${raw}`;
}

const isScsi = (view: TaskView): boolean => view.opcode === OPCODES.scsiCommand;

function commandName(view: TaskView): string {
  if (!isScsi(view) || (view.flags & TASK_FLAGS.orphan) !== 0) return opcodeName(view.opcode);
  const decoded = decodeCdb(view.cdb, view.deviceType);
  return decoded.known ? decoded.command.name : decoded.name;
}

function loginStatus(trace: Trace, view: TaskView): number | null {
  const [page, i] = trace.at(view.lastPdu);
  if (((page.opcode[i] as number) & 0x3f) !== OPCODES.loginResponse) return null;
  return (page.word36[i] as number) >>> 16;
}

/** How a task ended, in words; null while it has not. */
function statusOf(trace: Trace, view: TaskView): string | null {
  if ((view.flags & TASK_FLAGS.rejected) !== 0) return 'Rejected';
  if (view.opcode === OPCODES.loginRequest) {
    const status = loginStatus(trace, view);
    if (status === null) return null;
    if (status === 0) return 'Success';
    const [code, detail] = [status >> 8, status & 0xff];
    return `${explainLoginStatus(code, detail).name} (${loginStatusCode(code, detail)})`;
  }
  if (view.sense !== undefined) {
    const { key, asc, ascq } = view.sense;
    return `${senseKeyName(key)}: ${ascName(asc, ascq)}`;
  }
  if (view.status !== undefined) return statusName(view.status);
  if (view.endNs === undefined) return isUnrecorded(view) ? 'Answer not recorded' : null;
  if (view.response === 0) return 'Done';
  return RESPONSE_NAMES[view.opcode]?.[view.response] ?? `Response 0x${view.response.toString(16).padStart(2, '0')}`;
}

function isUnrecorded({ flags }: TaskView): boolean {
  return (flags & (TASK_FLAGS.unrecorded | TASK_FLAGS.aborted)) === TASK_FLAGS.unrecorded;
}

function isOk(trace: Trace, view: TaskView): boolean | null {
  if ((view.flags & TASK_FLAGS.rejected) !== 0) return false;
  if (view.opcode === OPCODES.loginRequest) {
    const status = loginStatus(trace, view);
    return status === null ? null : status === 0;
  }
  if (view.endNs === undefined) return null;
  return (view.status ?? 0) === 0 && view.response === 0;
}

function directionOf({ flags }: TaskView): TaskRow['dir'] {
  const [reads, writes] = [(flags & TASK_FLAGS.read) !== 0, (flags & TASK_FLAGS.write) !== 0];
  if (reads) return writes ? 'both' : 'read';
  return writes ? 'write' : 'none';
}

function sinceTaskBefore(trace: Trace, { task, startNs }: TaskView): number | null {
  if (task === 0) return null;
  const [page, i] = trace.taskAt(task - 1);
  return startNs - (page.start[i] as number);
}

function sincePduBefore(trace: Trace, row: number): number | null {
  if (row === 0) return null;
  const timeAt = (at: number): number => {
    const [page, i] = trace.at(at);
    return page.time[i] as number;
  };
  return timeAt(row) - timeAt(row - 1);
}

/** One line of the list of tasks. */
export function taskRow(trace: Trace, task: number): TaskRow {
  const view = viewTask(trace, task);
  const failed = isOk(trace, view) === false;
  const scsi = isScsi(view);
  return {
    task,
    connection: view.connection,
    timeNs: view.startNs,
    deltaNs: sinceTaskBefore(trace, view),
    kind: failed ? 'err' : kindOf(view.opcode),
    name: commandName(view),
    text: describeTask(trace, task),
    itt: view.itt,
    lun: scsi ? lunText(view.lun) : null,
    lba: view.lba === undefined ? null : String(view.lba),
    blocks: view.blocks ?? null,
    cmdSn: view.cmdSn,
    statSn: view.endNs === undefined ? null : rowToJson(trace, view.lastPdu).statSn,
    bytes: view.bytesIn + view.bytesOut,
    status: statusOf(trace, view),
    latencyNs: view.latencyNs ?? null,
    opcode: view.opcode,
    cdb: scsi ? hex(view.cdb) : null,
    firstPdu: view.firstPdu,
    lastPdu: view.lastPdu,
    pdus: view.pdus,
    ok: isOk(trace, view),
    dir: directionOf(view),
  };
}

/** One line of the list of PDUs. */
export function pduRow(trace: Trace, row: number): PduRow {
  const json = rowToJson(trace, row);
  const deltaNs = sincePduBefore(trace, row);
  const [page, i] = trace.at(row);
  const number = page.task[i] as number;
  const view = number === NO_TASK ? undefined : viewTask(trace, number);
  const isLast = view?.lastPdu === row && view.endNs !== undefined;
  const named = json.opcode === OPCODES.scsiCommand && view !== undefined ? commandName(view) : json.name;
  const status = isLast ? statusOf(trace, view) : json.status === null ? null : statusName(json.status);
  const failed = json.malformed !== null || (isLast && isOk(trace, view) === false);
  return {
    row,
    task: number === NO_TASK ? null : number,
    out: json.dir === 'out',
    connection: json.connection,
    timeNs: page.time[i] as number,
    deltaNs,
    kind: failed ? 'err' : kindOf(json.opcode),
    name: named,
    text: describeRow(trace, row),
    itt: json.itt,
    lun: json.lun === null ? null : String(json.lun),
    lba: json.opcode === OPCODES.scsiCommand && view?.lba !== undefined ? String(view.lba) : null,
    blocks: json.opcode === OPCODES.scsiCommand ? (view?.blocks ?? null) : null,
    cmdSn: json.cmdSn,
    statSn: json.statSn,
    bytes: json.dataLength,
    status,
    latencyNs: isLast ? (view.latencyNs ?? null) : null,
    opcode: json.opcode,
    cdb: json.cdb,
    fault: json.malformed,
  };
}
