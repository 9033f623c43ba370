import { readU16, readU32 } from '../bytes/index.ts';
import { CancelledError, ProtocolError, TaskError, type LunascopeError } from '../errors/index.ts';
import { opcodeName, REJECT_REASON_NAMES, RESERVED_TAG } from '../pdu/index.ts';
import { completeTask } from './complete.ts';
import type { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';
import { takeResidual, takeStatSn, taskOf } from './receive-data.ts';

/** Takes a SCSI Response with its sense data (RFC 7143 11.4). */
export function handleScsiResponse(
  core: SessionCore,
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
): void {
  const task = taskOf(core, connection, bytes, at, 'SCSI Response');
  takeStatSn(connection, readU32(bytes, at + 24));
  core.window.update(readU32(bytes, at + 28), readU32(bytes, at + 32));
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

/** Takes a Reject: the task whose PDU was rejected ends with it (RFC 7143 11.17). */
export function handleReject(
  core: SessionCore,
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
): void {
  takeStatSn(connection, readU32(bytes, at + 24));
  core.window.update(readU32(bytes, at + 28), readU32(bytes, at + 32));
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
  if (task !== undefined) core.finish(task, task.abortReason ?? error);
  else if (control !== undefined) endControl(core, itt, error);
  else core.emit({ kind: 'warning', text: error.message });
}

/** Ends a control request with an error. */
export function endControl(core: SessionCore, itt: number, error: LunascopeError): void {
  const control = core.controls.get(itt);
  if (control === undefined) return;
  core.controls.delete(itt);
  const connection = core.connections.get(control.connection);
  if (control.kind === 'ping' && connection !== undefined) connection.pinging = false;
  control.done(undefined, error);
}

/** Ends every task and control request bound to a connection that is gone (RFC 7143 7.1.4: at ERL 0 nothing survives it). */
export function failConnectionTasks(core: SessionCore, connection: Connection, reason: LunascopeError): void {
  for (const task of core.tasks.all())
    if (task.connection === connection.id) core.finish(task, task.abortReason ?? lostTask(task.idempotent, reason));
  for (const [itt, control] of core.controls) if (control.connection === connection.id) endControl(core, itt, reason);
}

function lostTask(idempotent: boolean, reason: LunascopeError): LunascopeError {
  if (idempotent || reason instanceof CancelledError) return reason;
  return new TaskError(
    'TASK_UNKNOWN_OUTCOME',
    `The connection ended before the target said what became of the command: ${reason.message}`,
    {
      hint: 'It may or may not have been carried out. Read back what it should have changed before sending it again.',
      cause: reason,
    },
  );
}
