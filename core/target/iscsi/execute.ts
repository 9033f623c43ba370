import { readU32 } from '../../bytes/index.ts';
import { decodeAhs, joinCdb } from '../../pdu/index.ts';
import { planWithoutUnit, refuseBidirectional } from '../unit/missing-unit.ts';
import { encodeSense } from '../../scsi/index.ts';
import { GOOD, STATUS, type Outcome } from '../unit/outcome.ts';
import { illegalRequest } from '../unit/refusals.ts';
import type { TaskAttribute } from '../unit/task-set.ts';
import type { Connection } from './connection.ts';
import { runRead, sendData } from './data-in.ts';
import { solicit, startWriteData } from './data-out.ts';
import { residualOf, scsiResponse } from './responses.ts';
import { REJECT } from './reject.ts';
import { Task } from './task.ts';

const WRONG_LENGTH = illegalRequest(0x24, 0x00);
const NOTHING = new Uint8Array(0);
const ATTRIBUTES: readonly TaskAttribute[] = ['simple', 'simple', 'ordered', 'headOfQueue', 'simple'];

/** A LUN's number in the single-level forms this target uses, or -1 (SAM-5 4.7). */
export function lunNumber(high: number, low: number): number {
  if (low !== 0 || (high & 0xffff) !== 0) return -1;
  const first = high >>> 16;
  if (first < 0x100) return first;
  return first >>> 14 === 1 ? first & 0x3fff : -1;
}

/** Begins a SCSI command whose turn has come (RFC 7143 11.3). */
export function beginCommand(connection: Connection, bytes: Uint8Array, at: number, ahsLength: number, data: Uint8Array): void {
  const session = connection.sessionOrFail;
  const flags = bytes[at + 1] as number;
  const itt = readU32(bytes, at + 16);
  const immediate = ((bytes[at] as number) & 0x40) !== 0;
  if (session.tasks.has(itt)) {
    connection.reject(REJECT.taskInProgress, bytes, at);
    return;
  }
  if (immediate && session.immediateTasks >= session.server.limits.immediateCommands) {
    connection.reject(REJECT.tooManyImmediate, bytes, at);
    return;
  }
  const head = bytes.slice(at + 32, at + 48);
  const cdb = ahsLength === 0 ? head : joinCdb(head, decodeAhs(bytes.slice(at + 48, at + 48 + ahsLength)));
  const lunHigh = readU32(bytes, at + 8);
  const lunLow = readU32(bytes, at + 12);
  const expected = readU32(bytes, at + 20);
  const reads = (flags & 0x40) !== 0;
  const writes = (flags & 0x20) !== 0;
  const task = new Task({
    session,
    connection,
    itt,
    cmdSn: readU32(bytes, at + 24),
    immediate,
    lunHigh,
    lunLow,
    lun: lunNumber(lunHigh, lunLow),
    cdb,
    readExpected: reads && !writes ? expected : 0,
    writeExpected: writes ? expected : 0,
  });
  session.tasks.set(itt, task);
  session.commands += 1;
  if (immediate) session.immediateTasks += 1;
  const unit = session.target.units.get(task.lun);
  task.unit = unit;
  task.plan =
    reads && writes
      ? refuseBidirectional()
      : unit === undefined
        ? planWithoutUnit(session.target.units, cdb)
        : unit.plan(session.nexus, cdb, session.target.units);
  if (unit !== undefined) task.slot = unit.tasks.enter(ATTRIBUTES[flags & 7] ?? 'simple');
  if (task.plan.kind === 'done' && task.plan.outcome.status !== STATUS.good) task.failure = task.plan.outcome;
  const dataOutLength = task.plan.kind === 'read' ? 0 : task.plan.dataOutLength;
  if (task.plan.kind === 'call' && task.plan.exact === true && task.writeExpected !== dataOutLength) task.failure = WRONG_LENGTH;
  task.wanted = task.failure === undefined ? Math.min(task.writeExpected, dataOutLength) : 0;
  if (writes) startWriteData(task, (flags & 0x80) !== 0, data);
  continueTask(task);
}

/** Goes on with a task that may have got what it waited for. */
export function continueTask(task: Task): void {
  if (task.aborted || task.answered || task.running) return;
  if (task.unsolicitedOpen) return;
  if (task.failure === undefined && task.received < task.wanted) {
    solicit(task);
    return;
  }
  if (task.solicitations.length > 0) return;
  if (task.failure !== undefined) {
    sendData(task, task.failure);
    return;
  }
  const { plan, slot } = task;
  if (plan === undefined) return;
  task.running = true;
  if (slot === undefined) runTask(task);
  else task.unitOrFail.tasks.ready(slot, plan.kind === 'call' && plan.exclusive, () => runTask(task));
}

function runTask(task: Task): void {
  const { plan } = task;
  if (plan === undefined || task.aborted) return;
  if (plan.kind === 'done') sendData(task, plan.outcome);
  else if (plan.kind === 'read') runRead(task, plan.lba, plan.lengthBytes);
  else {
    try {
      const outcome = plan.run(task.buffer);
      if (!('then' in outcome)) {
        finish(task, outcome);
        return;
      }
      outcome.then(
        (late) => finish(task, late),
        (error: unknown) => failTask(task, error),
      );
    } catch (error) {
      failTask(task, error);
    }
  }
}

function finish(task: Task, outcome: Outcome): void {
  if (task.aborted) releaseTask(task, outcome);
  else if (outcome.drop === true) {
    task.connection.close('a fault was asked for');
  } else sendData(task, outcome);
}

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
    { status: outcome.status, itt: task.itt, statSn, expDataSn: task.dataSn + task.r2tSn, residual, sense: encodedSense(task, outcome) },
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
