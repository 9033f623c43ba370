import { readU32, serialLess } from '../../bytes/index.ts';
import { buildPdu, TMF_FUNCTIONS } from '../../pdu/index.ts';
import { UNIT_ATTENTIONS } from '../unit/unit-attention.ts';
import type { Connection } from './connection.ts';
import { lunNumber } from './lun-number.ts';
import { reassignTask } from './recovery.ts';
import type { Session } from './session.ts';
import type { Task } from './task.ts';
import { abortTask } from './task-end.ts';
import { TMF_RESPONSE } from './tmf-response.ts';

/** Takes a Task Management Function Request (RFC 7143 11.5). */
export function handleTaskManagement(connection: Connection, bytes: Uint8Array, at: number): void {
  const session = connection.sessionOrFail;
  const code = (bytes[at + 1] as number) & 0x7f;
  const itt = readU32(bytes, at + 16);
  const answer = (response: number, last = false): void => {
    if (connection.closed) return;
    const statSn = connection.takeStatSn();
    const out = connection.sendPdu(
      buildPdu('taskManagementResponse', { final: true, response, itt, statSn, ...connection.window }),
    );
    if (session.parameters.errorRecoveryLevel > 0) connection.retain(statSn, out);
    if (last) connection.end('target cold reset');
  };
  const lun = lunNumber(readU32(bytes, at + 8), readU32(bytes, at + 12));
  const referenced = readU32(bytes, at + 20);
  const unit = session.target.units.get(lun);
  const needsUnit: boolean = UNIT_FUNCTIONS.has(code);
  if (needsUnit && unit === undefined) {
    answer(TMF_RESPONSE.noSuchLun);
    return;
  }
  const others = (): Task[] => session.server.tasksOf((task) => task.unit === unit);
  switch (code) {
    case TMF_FUNCTIONS.abortTask: {
      const task = session.tasks.get(referenced);
      if (task?.lun !== lun) answer(abortEarly(session, referenced, readU32(bytes, at + 32), readU32(bytes, at + 24)));
      else whenOver([abortTask(task)], () => answer(TMF_RESPONSE.complete));
      return;
    }
    case TMF_FUNCTIONS.abortTaskSet:
      whenOver(
        others()
          .filter((task) => task.session === session)
          .map(abortTask),
        () => answer(TMF_RESPONSE.complete),
      );
      return;
    case TMF_FUNCTIONS.clearTaskSet: {
      const tasks = others();
      for (const { session: other } of tasks)
        if (other !== session) unit?.attentions.raise(other.nexus.id, UNIT_ATTENTIONS.commandsClearedByAnother);
      whenOver(tasks.map(abortTask), () => answer(TMF_RESPONSE.complete));
      return;
    }
    case TMF_FUNCTIONS.logicalUnitReset:
      whenOver(others().map(abortTask), () => {
        unit?.reset();
        answer(TMF_RESPONSE.complete);
      });
      return;
    case TMF_FUNCTIONS.targetWarmReset:
    case TMF_FUNCTIONS.targetColdReset: {
      const cold = code === TMF_FUNCTIONS.targetColdReset;
      const { target } = session;
      const units = new Set(target.units.values());
      whenOver(session.server.tasksOf((task) => task.unit !== undefined && units.has(task.unit)).map(abortTask), () => {
        for (const each of units) each.reset();
        answer(TMF_RESPONSE.complete, cold);
        if (cold) session.server.dropTarget(target, 'target cold reset');
      });
      return;
    }
    case TMF_FUNCTIONS.taskReassign:
      answer(reassignTask(connection, referenced, readU32(bytes, at + 36)));
      return;
    case TMF_FUNCTIONS.queryTask:
      answer(session.tasks.get(referenced)?.lun === lun ? TMF_RESPONSE.succeeded : TMF_RESPONSE.complete);
      return;
    case TMF_FUNCTIONS.queryTaskSet:
      answer(others().some((task) => task.session === session) ? TMF_RESPONSE.succeeded : TMF_RESPONSE.complete);
      return;
    case TMF_FUNCTIONS.queryAsynchronousEvent:
      answer(unit?.attentions.pending(session.nexus.id) === true ? TMF_RESPONSE.succeeded : TMF_RESPONSE.complete);
      return;
    case TMF_FUNCTIONS.iTNexusReset:
      whenOver([...session.tasks.values()].map(abortTask), () => {
        for (const each of session.target.units.values()) each.loseNexus(session.nexus.id);
        answer(TMF_RESPONSE.complete);
      });
      return;
    default:
      // CLEAR ACA too: this target has no ACA (NormACA is zero).
      answer(TMF_RESPONSE.notSupported);
  }
}

const UNIT_FUNCTIONS: ReadonlySet<number> = new Set<number>([
  TMF_FUNCTIONS.abortTaskSet,
  TMF_FUNCTIONS.clearTaskSet,
  TMF_FUNCTIONS.logicalUnitReset,
  TMF_FUNCTIONS.queryTask,
  TMF_FUNCTIONS.queryTaskSet,
  TMF_FUNCTIONS.queryAsynchronousEvent,
]);

/**
 * Aborts a command whose turn has not come, or which has not come at all although its number was given out: that number
 * counts as received, and the command is dropped when it comes (RFC 7143 11.6.1).
 */
function abortEarly(session: Session, itt: number, refCmdSn: number, cmdSn: number): number {
  const due = session.inWindow(refCmdSn) && serialLess(refCmdSn, cmdSn);
  const held = session.held.get(refCmdSn);
  const another = held !== undefined && held !== 'aborted' && readU32(held.header, 16) !== itt;
  if (!due || another) return TMF_RESPONSE.noSuchTask;
  session.unhold(refCmdSn);
  session.expectStrayData(itt);
  session.held.set(refCmdSn, 'aborted');
  return TMF_RESPONSE.complete;
}

function whenOver(ends: readonly (Promise<void> | undefined)[], then: () => void): void {
  const pending = ends.filter((end) => end !== undefined);
  if (pending.length === 0) then();
  else void Promise.all(pending).then(then);
}
