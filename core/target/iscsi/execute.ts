import { readU32 } from '../../bytes/index.ts';
import { decodeAhs, joinCdb } from '../../pdu/index.ts';
import { planWithoutUnit, refuseBidirectional } from '../unit/missing-unit.ts';
import { STATUS, type Outcome, type Plan } from '../unit/outcome.ts';
import { illegalRequest } from '../unit/refusals.ts';
import type { TaskAttribute, TaskLock } from '../unit/task-set.ts';
import type { Connection } from './connection.ts';
import { runRead, sendData } from './data-in.ts';
import { lunNumber } from './lun-number.ts';
import { REJECT } from './reject.ts';
import { Task } from './task.ts';
import { failTask, releaseTask } from './task-end.ts';
import { solicit, startWriteData } from './write-data.ts';

const WRONG_LENGTH = illegalRequest(0x24, 0x00);
const ATTRIBUTES: readonly TaskAttribute[] = ['simple', 'simple', 'ordered', 'headOfQueue', 'simple'];

/** Begins a SCSI command whose turn has come (RFC 7143 11.3). */
export function beginCommand(
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  ahsLength: number,
  data: Uint8Array,
): void {
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
  if (task.plan.kind === 'call' && task.plan.exact === true && task.writeExpected !== dataOutLength)
    task.failure = WRONG_LENGTH;
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
  else task.unitOrFail.tasks.ready(slot, lockOf(plan), () => runTask(task));
}

function lockOf(plan: Plan): TaskLock {
  if (plan.kind !== 'call') return 'none';
  return plan.exclusive ? 'exclusive' : 'shared';
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
      outcome.then((late) => finish(task, late)).catch((error: unknown) => failTask(task, error));
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
