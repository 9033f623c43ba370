import { serialAdd, serialDistance } from '../bytes/index.ts';
import { ProtocolError } from '../errors/index.ts';
import { buildPdu, OPCODES, RESERVED_TAG } from '../pdu/index.ts';
import type { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';
import { sendAgain } from './send-command.ts';
import type { Task } from './task.ts';

/** Types of SNACK (RFC 7143 11.16.1). */
export const SNACK = { dataOrR2t: 0, status: 1, dataAck: 2 } as const;
/** Requests for one and the same PDU before the connection is given up. */
const MOST_REQUESTS = 4;
/** Times one command is sent again under its number. */
const MOST_RESENDS = 2;

interface SnackFields {
  readonly type: number;
  readonly lun?: bigint;
  readonly itt?: number;
  readonly ttt?: number;
  readonly begRun: number;
}

/** Everything from `begRun` on is asked for, so that PDUs are taken in order and none has to be kept aside (RFC 7143 11.16). */
function sendSnack(core: SessionCore, connection: Connection, fields: SnackFields): void {
  connection.sendPdu(
    buildPdu('snackRequest', {
      final: true,
      itt: RESERVED_TAG,
      ttt: RESERVED_TAG,
      expStatSn: connection.expStatSn,
      runLength: 0,
      ...fields,
    }),
  );
  core.host.wake();
}

/** Ends the connection: what was lost on it will not be sent again. */
export function giveUp(what: string, details: Record<string, number>): never {
  throw new ProtocolError('PROTOCOL_SEQUENCE', `The target did not send ${what} again, however often it was asked.`, {
    retryable: true,
    details,
  });
}

/** Asks for the Data-In, or the R2Ts, of a task from the next one due on; once, until `again` says it must be repeated. */
export function requestData(core: SessionCore, connection: Connection, task: Task, again = false): void {
  const next = nextSn(task);
  if (task.askedSn === next && !again) return;
  task.requests = task.askedSn === next ? task.requests + 1 : 1;
  if (task.requests > MOST_REQUESTS) giveUp('data', { itt: task.itt, from: next });
  task.askedSn = next;
  task.askedAt = core.host.now();
  core.watch(task.askedAt + core.options.snackTimeoutMs);
  sendSnack(core, connection, { type: SNACK.dataOrR2t, itt: task.itt, begRun: next });
}

/** Asks for the statuses of a connection from the next one due on. */
export function requestStatus(core: SessionCore, connection: Connection, again = false): void {
  const wanted = connection.wanted;
  if (wanted.statSn === connection.expStatSn && wanted.requests > 0 && !again) return;
  wanted.requests = wanted.statSn === connection.expStatSn ? wanted.requests + 1 : 1;
  wanted.statSn = connection.expStatSn;
  if (wanted.requests > MOST_REQUESTS) giveUp('a status', { statSn: wanted.statSn });
  wanted.at = core.host.now();
  core.watch(wanted.at + core.options.snackTimeoutMs);
  sendSnack(core, connection, { type: SNACK.status, begRun: connection.expStatSn });
}

/** Acknowledges Data-In whose A bit asks for it, up to `nextDataSn` (RFC 7143 11.7.2). */
export function acknowledgeData(
  core: SessionCore,
  connection: Connection,
  lun: bigint,
  ttt: number,
  nextDataSn: number,
): void {
  sendSnack(core, connection, { type: SNACK.dataAck, lun, ttt, begRun: nextDataSn });
}

/** Follows the connection's status numbers (RFC 7143 4.2.2.2): false where this PDU is a repeat, or comes after a lost one that is asked for. */
export function acceptStatSn(core: SessionCore, connection: Connection, statSn: number): boolean {
  if (statSn === connection.expStatSn) {
    connection.expStatSn = serialAdd(statSn, 1);
    return true;
  }
  if (core.recoveryLevel === 0)
    throw new ProtocolError(
      'PROTOCOL_SEQUENCE',
      `Status ${String(statSn)} came where ${String(connection.expStatSn)} was next.`,
      { details: { statSn, expected: connection.expStatSn } },
    );
  noticeStatSn(core, connection, statSn);
  return false;
}

/** Learns from a PDU that names the next status number without using it. */
export function noticeStatSn(core: SessionCore, connection: Connection, statSn: number): void {
  if (core.recoveryLevel > 0 && serialDistance(connection.expStatSn, statSn) > 0) requestStatus(core, connection);
}

/** A data digest was wrong: at error recovery level 1 and up the PDU is asked for again, else the connection is given up. */
export function recoverDamaged(core: SessionCore, connection: Connection, opcode: number, itt: number): boolean {
  if (core.recoveryLevel === 0 || connection.phase !== 'full') return false;
  if (opcode === OPCODES.dataIn) {
    const task = core.tasks.get(itt);
    if (task?.connection === connection.id) requestData(core, connection, task, true);
    return true;
  }
  // A NOP-In that answers nothing has no status number of its own: it cannot be asked for, and is done without.
  if (opcode !== OPCODES.nopIn || itt !== RESERVED_TAG) requestStatus(core, connection, true);
  return true;
}

/** Whether a command that was not taken may be sent again under its number; a stream that has begun cannot be. */
export function canResend(task: Task): boolean {
  return task.state === 'sent' && task.source === undefined && task.resends < MOST_RESENDS;
}

/**
 * What was lost at the end shows once nothing comes any more: the command the target still waits for is sent again, the
 * rest of a transfer is asked for (RFC 7143 7.2.1).
 */
export function requestTails(core: SessionCore, connection: Connection, sentBefore: number): void {
  if (core.recoveryLevel === 0) return;
  for (const task of core.tasks.all()) {
    const waits = task.connection === connection.id && task.state === 'sent' && task.sentAt <= sentBefore;
    if (waits && task.cmdSn === core.window.expCmdSn && canResend(task)) {
      sendAgain(core, connection, task);
      continue;
    }
    const asked = task.tailAsked || task.askedSn === nextSn(task);
    if (!waits || asked || (task.expectedIn === 0 && task.sentOut >= task.expectedOut)) continue;
    task.tailAsked = true;
    requestData(core, connection, task);
  }
}

/** The DataSN or R2TSN a task waits for. */
function nextSn(task: Task): number {
  return task.expectedIn > 0 ? task.nextDataSn : task.nextR2tSn;
}

/** Asks again for what was asked for and has not come; to be called when the clock moves. */
export function repeatRequests(core: SessionCore, connection: Connection, now: number): void {
  if (core.recoveryLevel === 0) return;
  const { snackTimeoutMs } = core.options;
  const { wanted } = connection;
  if (wanted.requests > 0 && wanted.statSn === connection.expStatSn) {
    if (wanted.at + snackTimeoutMs <= now) requestStatus(core, connection, true);
    else core.watch(wanted.at + snackTimeoutMs);
  }
  for (const task of core.tasks.all()) {
    if (task.connection !== connection.id || task.askedSn !== nextSn(task) || task.tailAsked) continue;
    if (task.askedAt + snackTimeoutMs <= now) requestData(core, connection, task, true);
    else core.watch(task.askedAt + snackTimeoutMs);
  }
}
