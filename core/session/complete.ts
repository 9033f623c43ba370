import { ProtocolError, ScsiError, type LunascopeError } from '../errors/index.ts';
import type { SessionCore } from './core.ts';
import { noticeSense } from './recheck.ts';
import type { Task } from './task.ts';

const GOOD = 0x00;
const CONDITION_MET = 0x04;

/** Ends a task whose status has come: data counts only with GOOD, and a block transfer only when it is whole. */
export function completeTask(core: SessionCore, task: Task): void {
  if (task.state === 'aborting') {
    core.finish(task, task.abortReason);
    return;
  }
  core.progress += 1;
  if (task.sense !== undefined) noticeSense(core, task.lunHigh, task.lunLow, task.sense);
  core.finish(task, verdict(task));
}

function verdict(task: Task): LunascopeError | undefined {
  if (task.memoryError !== undefined) return task.memoryError;
  if (task.response !== 0)
    return new ScsiError(
      'SCSI_STATUS',
      `The target failed the command before it ran it (iSCSI response 0x${task.response.toString(16)}).`,
      {
        status: task.status,
        cdb: task.cdb,
        details: { response: task.response },
      },
    );
  if (task.status !== GOOD && task.status !== CONDITION_MET) return undefined;
  if (task.expectedIn > 0) return checkTransfer(task, 'in', task.received, task.expectedIn);
  if (task.expectedOut > 0) return checkTransfer(task, 'out', task.movedOut, task.expectedOut);
  return undefined;
}

function checkTransfer(
  task: Task,
  direction: 'in' | 'out',
  moved: number,
  expected: number,
): LunascopeError | undefined {
  if (moved === expected && task.residualKind === 'none') return undefined;
  const bidirectional = task.expectedIn > 0 && task.expectedOut > 0;
  const residual = task.residualKind === 'underflow' ? task.residual : 0;
  if (!task.whole) {
    const odd = direction === 'in' ? !bidirectional && moved + residual !== expected : residual > 0;
    if (odd)
      task.warning = `GOOD with ${String(moved)} of ${String(expected)} bytes and a residual of ${String(residual)}.`;
    return undefined;
  }
  const details = { moved, expected, residual: task.residual, residualKind: task.residualKind };
  if (task.residualKind === 'overflow')
    return new ProtocolError(
      'PROTOCOL_DATA',
      `The target reports ${String(task.residual)} bytes more than the ${String(expected)} asked for.`,
      { details },
    );
  if (moved === expected && residual === 0) return undefined;
  const verb = direction === 'in' ? 'sent' : 'took';
  if (direction === 'in' ? moved + residual === expected : residual > 0 && residual <= expected)
    return new ScsiError(
      'SCSI_SHORT_DATA',
      `The target ${verb} ${String(expected - residual)} of ${String(expected)} bytes and says so (residual ${String(residual)}).`,
      {
        status: task.status,
        cdb: task.cdb,
        details,
        hint: 'The rest was not transferred; the result is not used.',
      },
    );
  return new ProtocolError(
    'PROTOCOL_DATA',
    `The target says GOOD but ${verb} ${String(moved)} of ${String(expected)} bytes (residual ${String(residual)}).`,
    {
      details,
      hint: 'The data is not used. A trace of this command shows the target what it did.',
    },
  );
}
