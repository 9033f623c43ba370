import { serialLess } from '../bytes/index.ts';
import type { LunascopeError } from '../errors/index.ts';
import { TMF_FUNCTIONS } from '../pdu/index.ts';
import type { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';
import { canRepeat, lostTask, repeatElsewhere } from './loss.ts';
import { sendTmf } from './requests.ts';
import { plugHole, sendAgain, sendQueued } from './send-command.ts';
import type { Task } from './task.ts';

/** Whether the target has taken the command: its number lies before the one it expects next. */
function wasTaken(core: SessionCore, task: Task): boolean {
  return serialLess(task.cmdSn, core.window.expCmdSn);
}

/** Ends a task of a lost connection, or lets it be sent once more. */
function repeatOrEnd(core: SessionCore, task: Task, reason: LunascopeError): void {
  if (canRepeat(core, task, reason)) repeatElsewhere(core, task);
  else core.finish(task, lostTask(task, reason));
}

/** A command the target never took keeps its number and is sent again; a stream that has begun cannot be (RFC 7143 7.2.1). */
function sendUntaken(core: SessionCore, connection: Connection, task: Task, reason: LunascopeError): void {
  if (task.source === undefined && task.state === 'sent') {
    sendAgain(core, connection, task);
    return;
  }
  core.finish(task, task.abortReason ?? reason);
  plugHole(core, connection, task.cmdSn);
}

/** Moves a task to another connection with TASK REASSIGN (RFC 7143 11.5.1, function 8). */
function reassignTask(core: SessionCore, connection: Connection, task: Task, reason: LunascopeError): void {
  task.connection = connection.id;
  connection.tasks += 1;
  task.solicited = undefined;
  task.askedSn = -1;
  task.reassigned = true;
  const input = {
    function: TMF_FUNCTIONS.taskReassign,
    lun: (BigInt(task.lunHigh) << 32n) | BigInt(task.lunLow),
    referencedTaskTag: task.itt,
    expDataSn: task.expectedIn > 0 ? task.nextDataSn : 0,
    connection: connection.id,
  };
  sendTmf(core, input, (response, error) => {
    if (task.state !== 'sent' || response === 0) return;
    repeatOrEnd(core, task, error ?? reason);
    sendQueued(core);
  });
}

/** Binds a task to the connection that replaces its own (error recovery level 2). */
export function rebindTask(core: SessionCore, connection: Connection, task: Task, reason: LunascopeError): void {
  if (!wasTaken(core, task)) sendUntaken(core, connection, task, reason);
  else if (task.state === 'sent' && task.consumer === undefined && task.source === undefined)
    reassignTask(core, connection, task, reason);
  else core.finish(task, lostTask(task, reason));
}

/** Decides on a task whose connection has been logged out over another one, or by itself. */
export function settleTask(
  core: SessionCore,
  other: Connection,
  task: Task,
  reason: LunascopeError,
  reassign: boolean,
): void {
  if (reassign) rebindTask(core, other, task, reason);
  else if (!wasTaken(core, task)) sendUntaken(core, other, task, reason);
  else repeatOrEnd(core, task, reason);
}
