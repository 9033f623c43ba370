import { readU16, readU32, serialLess } from '../bytes/index.ts';
import { ProtocolError, TaskError, type LunascopeError } from '../errors/index.ts';
import { OPCODES, opcodeName, REJECT_REASON_NAMES, RESERVED_TAG } from '../pdu/index.ts';
import { completeTask } from './complete.ts';
import type { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';
import { acceptNumbers } from './numbers.ts';
import { takeResidual, taskOf } from './receive-data.ts';
import { plugHole, sendAgain } from './send-command.ts';
import { canResend, giveUp, requestData, requestStatus, SNACK } from './snack.ts';
import type { Task } from './task.ts';

const DATA_DIGEST_ERROR = 0x02;

/** Takes a SCSI Response with its sense data (RFC 7143 11.4). */
export function handleScsiResponse(
  core: SessionCore,
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
): void {
  if (core.recoveryLevel > 0 && dataIsMissing(core, connection, bytes, at)) return;
  if (!acceptNumbers(core, connection, bytes, at)) return;
  const task = taskOf(core, connection, bytes, at, 'SCSI Response');
  task.response = bytes[at + 2] as number;
  task.status = bytes[at + 3] as number;
  takeResidual(task, bytes[at + 1] as number, readU32(bytes, at + 44));
  if (data.length >= 2) {
    const length = readU16(data, 0);
    if (length + 2 > data.length)
      throw new ProtocolError(
        'PROTOCOL_MALFORMED',
        `A response claims ${String(length)} bytes of sense data and carries ${String(data.length - 2)}.`,
        {
          details: { itt: task.itt, length },
        },
      );
    task.sense = data.slice(2, 2 + length);
  }
  completeTask(core, task);
}

/** Whether the target sent Data-In that did not arrive; then data and status are asked for again, as a status is not taken before its data. */
function dataIsMissing(core: SessionCore, connection: Connection, bytes: Uint8Array, at: number): boolean {
  const statSn = readU32(bytes, at + 24);
  if (statSn !== connection.expStatSn) return false;
  const task = core.tasks.get(readU32(bytes, at + 16));
  if (task?.connection !== connection.id || task.expectedIn === 0 || task.state !== 'sent') return false;
  if (!serialLess(task.nextDataSn, readU32(bytes, at + 36))) return false;
  requestData(core, connection, task);
  requestStatus(core, connection);
  return true;
}

/** Takes a Reject: the task whose PDU was rejected ends with it (RFC 7143 11.17). */
export function handleReject(
  core: SessionCore,
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
): void {
  if (isRefusedStatus(core, data)) giveUp('a status', { statSn: connection.expStatSn });
  if (!acceptNumbers(core, connection, bytes, at)) return;
  const reason = bytes[at + 2] as number;
  const name = REJECT_REASON_NAMES[reason] ?? 'unknown reason';
  const opcode = data.length >= 48 ? (data[0] as number) & 0x3f : -1;
  const what = opcode < 0 ? 'a PDU' : opcodeName(opcode);
  const error = new TaskError(
    'TASK_REJECTED',
    `The target rejected ${what}: ${name} (0x${reason.toString(16).padStart(2, '0')}).`,
    {
      hint:
        reason === 0x02 || reason === 0x06
          ? 'Nothing was done; the command may be sent again.'
          : 'The target does not take this request as it was sent.',
      retryable: reason === 0x02 || reason === 0x06 || reason === 0x07,
      details: { reason, opcode },
    },
  );
  const itt = data.length >= 48 ? readU32(data, 16) : RESERVED_TAG;
  const task = core.tasks.get(itt);
  const control = core.controls.get(itt);
  if (task?.connection === connection.id) rejectTask(core, connection, task, opcode, reason, error);
  else if (control?.connection === connection.id) endControl(core, itt, error);
  else core.emit({ kind: 'warning', text: error.message });
}

/** Whether a rejected header asked for statuses: they will not come, and all that has come since waits for them. */
function isRefusedStatus(core: SessionCore, header: Uint8Array): boolean {
  const asked = header.length >= 48 && ((header[0] as number) & 0x3f) === OPCODES.snackRequest;
  return core.recoveryLevel > 0 && asked && ((header[1] as number) & 0x0f) === SNACK.status;
}

/**
 * Only a rejected command ends here: where data of a task was rejected, its status still comes (RFC 7143 11.17.1). A
 * number the target did not take leaves a hole that must be filled, by the command where its data was damaged on its way.
 */
function rejectTask(
  core: SessionCore,
  connection: Connection,
  task: Task,
  opcode: number,
  reason: number,
  error: TaskError,
): void {
  if (opcode === OPCODES.snackRequest && task.tailAsked) return;
  if (opcode === OPCODES.snackRequest) throw new ProtocolError('PROTOCOL_SEQUENCE', error.message, { retryable: true });
  if (opcode !== OPCODES.scsiCommand) {
    core.emit({ kind: 'warning', text: error.message });
    return;
  }
  const missing = !serialLess(task.cmdSn, core.window.expCmdSn);
  if (missing && reason === DATA_DIGEST_ERROR && canResend(task)) {
    sendAgain(core, connection, task);
    return;
  }
  core.finish(task, task.abortReason ?? error);
  if (missing) plugHole(core, connection, task.cmdSn);
}

/** Ends a control request with an error. */
export function endControl(core: SessionCore, itt: number, error: LunascopeError): void {
  const control = core.controls.get(itt);
  if (control === undefined) return;
  core.controls.delete(itt);
  const connection = core.connections.get(control.connection);
  if (connection?.keepaliveTag === itt) connection.keepaliveTag = -1;
  control.done(undefined, error);
}
