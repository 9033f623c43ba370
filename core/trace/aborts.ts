import { OPCODES, TMF_FUNCTIONS } from '../pdu/index.ts';
import { TASK_FLAGS, type TaskPage } from './columns.ts';
import type { TraceConnection } from './connection.ts';
import type { Trace } from './trace.ts';

/** What a function that was asked for calls off. */
interface Order {
  readonly task: number;
  readonly connection: TraceConnection;
  readonly timeNs: number;
}

/** Ends what a task management function has called off, once its response says that it is done (RFC 7143 11.5.1, 11.6.1). */
export function endAborted(trace: Trace, task: number, timeNs: number): void {
  const [tasks, k] = trace.taskAt(task);
  if (((tasks.flags[k] as number) & TASK_FLAGS.orphan) !== 0) return;
  if (tasks.opcode[k] !== OPCODES.taskManagementRequest || tasks.response[k] !== 0) return;
  const connection = trace.connections[tasks.connection[k] as number] as TraceConnection;
  const [lunHigh, lunLow] = [tasks.lunHigh[k] as number, tasks.lunLow[k] as number];
  const order = { task, connection, timeNs };
  const [page, i] = trace.at(tasks.firstPdu[k] as number);
  switch ((page.flags[i] as number) & 0x7f) {
    case TMF_FUNCTIONS.abortTask:
      endOne(trace, order, page.word20[i] as number);
      return;
    case TMF_FUNCTIONS.abortTaskSet:
    case TMF_FUNCTIONS.clearTaskSet:
    case TMF_FUNCTIONS.logicalUnitReset:
      endAll(trace, order, (at, row) => at.lunHigh[row] === lunHigh && at.lunLow[row] === lunLow);
      return;
    case TMF_FUNCTIONS.targetWarmReset:
    case TMF_FUNCTIONS.targetColdReset:
    case TMF_FUNCTIONS.iTNexusReset:
      endAll(trace, order, () => true);
      return;
    default:
  }
}

function endOne(trace: Trace, order: Order, itt: number): void {
  const own = trace.tasks.findOpen(order.connection.id, itt);
  if (own >= 0) end(trace, own, order);
  else endAll(trace, order, (page, i) => page.itt[i] === itt);
}

/** Ends commands of the session that were sent before the function was asked for. */
function endAll(trace: Trace, order: Order, concerns: (page: TaskPage, i: number) => boolean): void {
  const open = trace.tasks.openTasks((id) => isOneSession(order.connection, trace.connections[id]));
  for (const task of open) if (concerns(...trace.taskAt(task))) end(trace, task, order);
}

function end(trace: Trace, task: number, order: Order): void {
  const [page, i] = trace.taskAt(task);
  if (task > order.task || page.opcode[i] !== OPCODES.scsiCommand) return;
  const owner = trace.connections[page.connection[i] as number];
  if (owner !== undefined) trace.tasks.abort(task, order.timeNs, owner);
}

function isOneSession(a: TraceConnection, b: TraceConnection | undefined): boolean {
  if (b === undefined || a === b) return b !== undefined;
  if (!a.loggedIn || !b.loggedIn) return false;
  return a.isid === b.isid && a.tsih === b.tsih && a.initiatorName === b.initiatorName && a.targetName === b.targetName;
}
