import { serialLess } from '../bytes/index.ts';
import { CancelledError, ProtocolError, TaskError, type LunascopeError } from '../errors/index.ts';
import type { Connection } from './connection.ts';
import { leaveConnection, type SessionCore } from './core.ts';
import { UNKNOWN_OUTCOME } from './deadlines.ts';
import { endControl } from './receive-status.ts';
import type { Task } from './task.ts';

/** Takes a task off its connection: it is read again from its first byte, over any connection, once there is one. */
function queueAgain(core: SessionCore, task: Task): void {
  core.tasks.remove(task);
  const connection = core.connections.get(task.connection);
  if (connection !== undefined) leaveConnection(connection);
  task.restart();
  task.connection = -1;
  task.wantedConnection = -1;
  task.retries += 1;
  task.state = 'queued';
}

/** Whether a loss says nothing against sending a read once more: the peer broke no rule. */
export function mayRetry(reason: LunascopeError): boolean {
  return !(reason instanceof CancelledError) && (!(reason instanceof ProtocolError) || reason.retryable);
}

/** Whether a task may be sent once more after a loss: it changes nothing, and was not sent again before. */
export function canRepeat(core: SessionCore, task: Task, reason: LunascopeError): boolean {
  const known = core.units.get(task.lunHigh, task.lunLow);
  return (
    task.state === 'sent' &&
    task.idempotent &&
    task.retries === 0 &&
    task.consumer === undefined &&
    known !== undefined &&
    mayRetry(reason)
  );
}

/** What a task ends with whose connection went before its status came. */
export function lostTask(task: Task, reason: LunascopeError): LunascopeError {
  if (task.abortReason !== undefined) return task.abortReason;
  if (task.idempotent || reason instanceof CancelledError) return reason;
  return new TaskError(
    'TASK_UNKNOWN_OUTCOME',
    `The connection ended before the target said what became of the command: ${reason.message}`,
    {
      hint: UNKNOWN_OUTCOME,
      cause: reason,
    },
  );
}

/** Tasks in the order they were sent. */
export function inOrder(tasks: readonly Task[]): Task[] {
  return [...tasks].sort((a, b) => (serialLess(a.cmdSn, b.cmdSn) ? -1 : 1));
}

/** Ends the control requests of a connection that is gone. */
export function failControls(core: SessionCore, connection: Connection, reason: LunascopeError): void {
  for (const [itt, control] of core.controls) if (control.connection === connection.id) endControl(core, itt, reason);
}

/**
 * Sorts out every task of a session whose connections are gone: reads wait to be sent once more, a write whose status was
 * not seen is unknown, and what waits for a unit whose identity cannot be checked ends (RFC 7143 7.2.4).
 */
export function parkTasks(core: SessionCore, reason: LunascopeError): void {
  const again: Task[] = [];
  for (const task of inOrder(core.tasks.all())) {
    if (canRepeat(core, task, reason)) {
      queueAgain(core, task);
      again.push(task);
    } else core.finish(task, lostTask(task, reason));
  }
  for (const task of core.probes.all()) core.finish(task, reason);
  for (const task of core.queue.all())
    if (core.units.get(task.lunHigh, task.lunLow) === undefined) core.finish(task, reason);
  core.queue.addFirst(again);
}

/** Ends every task of a session that ends itself. */
export function failTasks(core: SessionCore, reason: LunascopeError, unsent: LunascopeError): void {
  for (const task of core.tasks.all()) core.finish(task, lostTask(task, reason));
  for (const task of [...core.probes.all(), ...core.queue.all()]) core.finish(task, task.abortReason ?? unsent);
}

/** Takes one task off a lost connection, to be sent once more over another. */
export function repeatElsewhere(core: SessionCore, task: Task): void {
  queueAgain(core, task);
  core.queue.addFirst([task]);
}
