import { encodeSense } from '../../scsi/index.ts';
import { GOOD, type Outcome } from '../unit/outcome.ts';
import { residualOf, scsiResponse } from './responses.ts';
import type { Task } from './task.ts';

const NOTHING = new Uint8Array(0);

/** Ends a task by what its store or handler threw. */
export function failTask(task: Task, error: unknown): void {
  const outcome = task.session.server.outcomeOf(error);
  if (task.aborted || task.answered) {
    releaseTask(task, outcome);
    return;
  }
  if (outcome.drop === true) {
    task.connection.close('a fault was asked for');
    return;
  }
  dropAwaitedData(task);
  answerTask(task, outcome, task.sentBytes);
}

/** Ends a task with a SCSI Response; `actualIn` is what it would have sent had the initiator taken it all. */
export function answerTask(task: Task, outcome: Outcome, actualIn: number): void {
  if (task.answered || task.aborted) return;
  const { connection, session, plan } = task;
  const dataOutLength = plan === undefined || plan.kind === 'read' ? 0 : plan.dataOutLength;
  const residual =
    task.writeExpected > 0 || dataOutLength > 0
      ? residualOf(task.writeExpected, dataOutLength)
      : residualOf(task.readExpected, actualIn);
  closeTask(task);
  const statSn = connection.takeStatSn();
  const bytes = scsiResponse(
    session,
    {
      status: outcome.status,
      itt: task.itt,
      statSn,
      expDataSn: task.dataSn + task.r2tSn,
      residual,
      sense: encodedSense(task, outcome),
    },
    connection.digests,
  );
  connection.send(bytes);
  if (session.parameters.errorRecoveryLevel > 0) connection.retain(statSn, bytes, task);
  releaseTask(task, outcome);
}

function encodedSense(task: Task, { sense }: Outcome): Uint8Array | undefined {
  if (sense === undefined) return undefined;
  return encodeSense(task.unit?.mode.descriptorSense === true ? { format: 'descriptor', ...sense } : sense);
}

/** Stops waiting for data. A PDU of it may be half in the buffer, so that its memory must not be used again. */
function dropAwaitedData(task: Task): void {
  if (!task.awaitsData) return;
  const { session } = task;
  session.expectStrayData(task.itt);
  for (const { ttt } of task.solicitations) session.solicitations.delete(ttt);
  task.solicitations = [];
  task.unsolicitedOpen = false;
  task.buffer = NOTHING;
}

/** Takes a task out of its session, so that the window in its last PDU is already the new one. */
export function closeTask(task: Task): void {
  if (task.answered) return;
  task.answered = true;
  const { session } = task;
  session.tasks.delete(task.itt);
  if (task.immediate) session.immediateTasks -= 1;
  session.openWindow();
}

/** Gives up everything an ended task holds; whoever waited for it may go on. */
export function releaseTask(task: Task, outcome: Outcome = GOOD): void {
  const { session } = task;
  task.running = false;
  session.server.memory.release(task);
  session.server.environment.release?.(task.buffer);
  task.buffer = NOTHING;
  if (!task.aborted) {
    session.bytesRead += task.sentBytes;
    session.bytesWritten += Math.min(task.received, task.wanted);
    session.server.reportCommand(task, outcome.status);
  }
  if (task.slot !== undefined) task.unit?.tasks.leave(task.slot);
  if (task.onEnd.length === 0) return;
  const waiting = task.onEnd;
  task.onEnd = [];
  for (const tell of waiting) tell();
}

/**
 * Ends a task without an answer. Returns nothing where it is over at once, or what to await where its store is still
 * at work on a write.
 */
export function abortTask(task: Task): Promise<void> | undefined {
  if (task.aborted || task.answered) return undefined;
  task.aborted = true;
  const { plan } = task;
  dropAwaitedData(task);
  closeTask(task);
  if (task.running && task.slot?.state === 'running' && plan?.kind === 'call')
    return new Promise((resolve) => task.onEnd.push(resolve));
  releaseTask(task);
  return undefined;
}
