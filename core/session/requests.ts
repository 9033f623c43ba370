import { serialLess } from '../bytes/index.ts';
import { TransportError, UsageError, type LunascopeError } from '../errors/index.ts';
import type { SessionParameters } from '../login/index.ts';
import {
  buildPdu,
  encodeText,
  RESERVED_TAG,
  splitText,
  TextAssembler,
  TMF_FUNCTIONS,
  type TextPair,
} from '../pdu/index.ts';
import type { Connection } from './connection.ts';
import type { LogoutAnswer } from './control.ts';
import type { SessionCore } from './core.ts';
import { resumeReading } from './reading.ts';
import type { Task } from './task.ts';

/** Most rounds one text exchange may take; each must bring something or end. */
export const TEXT_ROUND_LIMIT = 100_000;

/** A task management function to send; what it does not need may be left out. */
export interface TmfInput {
  readonly function: number;
  readonly lun?: bigint;
  readonly referencedTaskTag?: number;
  readonly refCmdSn?: number;
  readonly expDataSn?: number;
  readonly timeoutMs?: number;
  readonly connection?: number;
}

type Done<T> = (value: T | undefined, error: LunascopeError | undefined) => void;

function pick(
  core: SessionCore,
  wanted: number,
  done: (value: undefined, error: LunascopeError) => void,
): Connection | undefined {
  const connection = core.pickConnection(wanted);
  if (connection !== undefined && !(connection instanceof UsageError)) return connection;
  done(
    undefined,
    connection ?? core.refusal() ?? new UsageError('BAD_ARGUMENT', 'The session has no open connection.'),
  );
  return undefined;
}

/** Sends a task management function; it is immediate, so a closed window does not hold it (RFC 7143 11.5). */
export function sendTmf(core: SessionCore, input: TmfInput, done: Done<number>): void {
  const connection = pick(core, input.connection ?? -1, done);
  if (connection === undefined) return;
  const itt = core.controlTags.take();
  const sentAt = core.host.now();
  const deadline = sentAt + (input.timeoutMs ?? core.options.abortTimeoutMs);
  core.controls.set(itt, {
    kind: 'tmf',
    itt,
    connection: connection.id,
    sentAt,
    deadline,
    function: input.function,
    done,
  });
  connection.sendPdu(
    buildPdu('taskManagementRequest', {
      immediate: true,
      final: true,
      function: input.function,
      lun: input.lun ?? 0n,
      itt,
      referencedTaskTag: input.referencedTaskTag ?? RESERVED_TAG,
      cmdSn: core.window.cmdSn,
      expStatSn: connection.expStatSn,
      refCmdSn: input.refCmdSn ?? 0,
      expDataSn: input.expDataSn ?? 0,
    }),
  );
  core.watch(deadline);
  core.host.wake();
}

/** Why the other commands of a connection end when one could not be aborted: not for that command's own reason. */
function abortUnanswered(cause: LunascopeError): TransportError {
  return new TransportError(
    'CONNECTION_LOST',
    'The target did not carry out ABORT TASK, so the connection was given up.',
    {
      hint: 'The target may hang; the trace shows the command that it neither answered nor aborted.',
      retryable: true,
      cause,
    },
  );
}

/** Calls a task off: one that waits simply ends; one that was sent is aborted, and its connection goes if that fails. */
export function abortTask(
  core: SessionCore,
  task: Task,
  reason: LunascopeError,
  dropConnection: (connection: number, reason: LunascopeError) => void,
): void {
  if (task.state === 'queued' || task.state === 'new') {
    core.finish(task, reason);
    return;
  }
  if (task.state !== 'sent') return;
  const connection = core.connections.get(task.connection);
  task.abortReason = reason;
  if (connection?.phase !== 'full') {
    if (!serialLess(task.cmdSn, core.window.expCmdSn)) core.holes.push(task.cmdSn);
    core.finish(task, reason);
    return;
  }
  task.state = 'aborting';
  task.deadline = Infinity;
  resumeReading(core, connection);
  // Nothing may follow a logout: the task ends with its connection.
  if (connection.farewell) return;
  const input: TmfInput = {
    function: TMF_FUNCTIONS.abortTask,
    lun: (BigInt(task.lunHigh) << 32n) | BigInt(task.lunLow),
    referencedTaskTag: task.itt,
    refCmdSn: task.cmdSn,
    connection: connection.id,
  };
  sendTmf(core, input, (response) => {
    if (task.state !== 'aborting') return;
    if (response === 0 || response === 1) core.finish(task, reason);
    else dropConnection(connection.id, abortUnanswered(reason));
  });
}

/** Pings the target; the payload must come back as it was sent (RFC 7143 11.18). Returns the ping's tag, -1 where none was sent. */
export function sendPing(
  core: SessionCore,
  payload: Uint8Array,
  timeoutMs: number,
  done: Done<number>,
  wanted = -1,
): number {
  const connection = pick(core, wanted, done);
  if (connection === undefined) return -1;
  const most = (connection.parameters as SessionParameters).peerMaxRecvDataSegmentLength;
  if (payload.length > most) {
    done(
      undefined,
      new UsageError(
        'OUT_OF_RANGE',
        `A ping carries at most ${String(most)} bytes here; ${String(payload.length)} were given.`,
      ),
    );
    return -1;
  }
  const itt = core.controlTags.take();
  const sentAt = core.host.now();
  const deadline = sentAt + timeoutMs;
  core.controls.set(itt, {
    kind: 'ping',
    itt,
    connection: connection.id,
    sentAt,
    deadline,
    payload: payload.slice(),
    done,
  });
  const fields = {
    immediate: true,
    final: true,
    itt,
    ttt: RESERVED_TAG,
    cmdSn: core.window.cmdSn,
    expStatSn: connection.expStatSn,
  };
  connection.sendPdu(buildPdu('nopOut', fields, payload));
  core.watch(deadline);
  core.host.wake();
  return itt;
}

/** Tells the target which statuses have arrived, without asking for an answer (RFC 7143 11.18); `lun` answers an asynchronous message. */
export function confirmExpStatSn(core: SessionCore, connection: Connection, lun = 0n): void {
  const fields = {
    immediate: true,
    final: true,
    lun,
    itt: RESERVED_TAG,
    ttt: RESERVED_TAG,
    cmdSn: core.window.cmdSn,
    expStatSn: connection.expStatSn,
  };
  connection.sendPdu(buildPdu('nopOut', fields));
  core.host.wake();
}

/** The same on every connection. */
export function confirmAllStatuses(core: SessionCore): void {
  for (const connection of core.connections.values())
    if (connection.phase === 'full' && !connection.farewell) confirmExpStatSn(core, connection);
}

/** Answers a NOP-In that asks for it (RFC 7143 11.18). */
export function answerPing(core: SessionCore, connection: Connection, lun: bigint, ttt: number): void {
  const fields = {
    immediate: true,
    final: true,
    lun,
    itt: RESERVED_TAG,
    ttt,
    cmdSn: core.window.cmdSn,
    expStatSn: connection.expStatSn,
  };
  connection.sendPdu(buildPdu('nopOut', fields));
  core.host.wake();
}

/** Starts a text exchange (RFC 7143 11.10); the answer is gathered over as many PDUs as it takes. */
export function sendText(
  core: SessionCore,
  pairs: readonly TextPair[],
  timeoutMs: number,
  done: Done<readonly TextPair[]>,
  wanted = -1,
): void {
  const connection = pick(core, wanted, done);
  if (connection === undefined) return;
  const segments = splitText(
    encodeText(pairs),
    (connection.parameters as SessionParameters).peerMaxRecvDataSegmentLength,
  );
  const itt = core.controlTags.take();
  const sentAt = core.host.now();
  const deadline = sentAt + timeoutMs;
  const answer = new TextAssembler(core.options.textLimit);
  core.controls.set(itt, {
    kind: 'text',
    itt,
    connection: connection.id,
    sentAt,
    deadline,
    outgoing: segments,
    answer,
    rounds: 0,
    done,
  });
  continueText(core, connection, itt, RESERVED_TAG, 0n);
  core.watch(deadline);
}

/** Sends the next part of a text exchange, or an empty request that asks the target to go on. */
export function continueText(core: SessionCore, connection: Connection, itt: number, ttt: number, lun: bigint): void {
  const exchange = core.controls.get(itt);
  if (exchange?.kind !== 'text') return;
  const data = exchange.outgoing.shift();
  const more = exchange.outgoing.length > 0;
  const fields = {
    immediate: true,
    final: !more,
    continue: more,
    lun,
    itt,
    ttt,
    cmdSn: core.window.cmdSn,
    expStatSn: connection.expStatSn,
  };
  connection.sendPdu(buildPdu('textRequest', fields, data));
  core.host.wake();
}

/** Sends a logout (RFC 7143 11.14): reason 0 closes the session, 1 a connection, 2 removes a connection for recovery. */
export function sendLogout(
  core: SessionCore,
  connection: Connection,
  reason: 0 | 1 | 2,
  cid: number,
  timeoutMs: number,
  done: Done<LogoutAnswer>,
): void {
  const itt = core.controlTags.take();
  const sentAt = core.host.now();
  const deadline = sentAt + timeoutMs;
  core.controls.set(itt, { kind: 'logout', itt, connection: connection.id, sentAt, deadline, reason, cid, done });
  const fields = {
    immediate: true,
    final: true,
    reason,
    itt,
    cid,
    cmdSn: core.window.cmdSn,
    expStatSn: connection.expStatSn,
  };
  connection.sendPdu(buildPdu('logoutRequest', fields));
  for (const each of core.connections.values())
    if (reason === 0 || each.id === cid) {
      each.leaving = true;
      each.farewell = true;
    }
  core.watch(deadline);
  core.host.wake();
}
