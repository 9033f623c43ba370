import { padded, writeU16, writeU24, writeU32 } from '../bytes/index.ts';
import { CancelledError, UsageError } from '../errors/index.ts';
import type { SessionParameters } from '../login/index.ts';
import { AHS_TYPES, BHS_LENGTH, buildPdu, OPCODES, RESERVED_TAG } from '../pdu/index.ts';
import type { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';
import type { Solicitation, Task } from './task.ts';

const MAX_CDB = 260;
/** What is said of a buffer that cannot hold what a command moves. */
export const SHORT_BUFFER = 'The buffer is shorter than what the command moves.';

/**
 * Takes a task: it is sent at once where the window allows, or waits its turn (RFC 7143 4.2.2.1). One that is under way
 * already is not to be given again: that throws.
 */
export function submitTask(core: SessionCore, task: Task): void {
  if (task.state !== 'new') throw new UsageError('BAD_ARGUMENT', 'This task is under way already.');
  const refusal = core.refusal(task) ?? checkTask(core, task);
  task.submittedAt = core.host.now();
  if (refusal !== undefined) {
    core.finish(task, refusal);
    return;
  }
  const limit =
    task.noProgressMs > 0 ? task.noProgressMs : task.timeoutMs > 0 ? task.timeoutMs : core.options.commandTimeoutMs;
  task.deadline = task.submittedAt + limit;
  if (task.deadline < core.earliest) core.watch(task.deadline);
  if (core.recoveryLevel > 0) core.watch(task.submittedAt + core.options.snackTimeoutMs);
  if (core.queue.size === 0 && core.window.open && !core.held && trySend(core, task)) return;
  task.state = 'queued';
  core.queue.add(task);
}

function checkTask(core: SessionCore, task: Task): UsageError | undefined {
  if (task.cdb.length === 0 || task.cdb.length > MAX_CDB)
    return new UsageError(
      'BAD_ARGUMENT',
      `A CDB is 1 to ${String(MAX_CDB)} bytes long; this one has ${String(task.cdb.length)}.`,
    );
  const short =
    (task.consumer === undefined && task.dataIn !== undefined && task.dataIn.length < task.expectedIn) ||
    (task.source === undefined && (task.dataOut?.length ?? 0) < task.expectedOut);
  if (short) return new UsageError('BAD_ARGUMENT', SHORT_BUFFER);
  if (task.takeDataIn !== undefined && task.expectedIn === 0)
    return new UsageError('BAD_ARGUMENT', 'Memory is to be given for the answer, and no length of it is expected.');
  if (task.expectedIn > 0xffffffff || task.expectedOut > 0xffffffff)
    return new UsageError('OUT_OF_RANGE', 'One command moves at most 4294967295 bytes.');
  if (core.queue.size >= core.options.queueLimit || core.tasks.full)
    return new UsageError('LIMIT_REACHED', `${String(core.queue.size)} commands are waiting already.`, {
      hint: 'Wait for some to finish, or raise the queue limit.',
      retryable: true,
    });
  return undefined;
}

/** Sends what waits, as far as the window allows. */
export function sendQueued(core: SessionCore): void {
  while (core.window.open) {
    const queue = core.probes.size > 0 ? core.probes : core.queue;
    if (queue.size === 0 || (core.held && queue === core.queue)) return;
    const task = queue.take() as Task;
    task.state = 'new';
    if (!trySend(core, task)) {
      task.state = 'queued';
      queue.addFirst([task]);
      return;
    }
  }
}

function trySend(core: SessionCore, task: Task): boolean {
  const connection = core.pickConnection(task.wantedConnection);
  if (connection === undefined) return false;
  if (connection instanceof UsageError) {
    core.finish(task, connection);
    return true;
  }
  sendCommand(core, connection, connection.parameters as SessionParameters, task);
  core.host.wake();
  return true;
}

function sendCommand(core: SessionCore, connection: Connection, parameters: SessionParameters, task: Task): void {
  core.tasks.add(task);
  task.state = 'sent';
  task.connection = connection.id;
  task.cmdSn = core.window.take();
  connection.tasks += 1;
  writeCommand(core, connection, parameters, task);
}

/** Sends a command once more under its number and tag, as the target never took it (RFC 7143 7.2.1). */
export function sendAgain(core: SessionCore, connection: Connection, task: Task): void {
  const before = core.connections.get(task.connection);
  if (before !== undefined) before.tasks -= 1;
  connection.tasks += 1;
  task.connection = connection.id;
  task.resends += 1;
  task.restart();
  writeCommand(core, connection, connection.parameters as SessionParameters, task);
  core.host.wake();
}

/** Fills a command number that the target never took and nobody needs any more, so that later commands are not held up. */
export function plugHole(core: SessionCore, connection: Connection, cmdSn: number): void {
  const itt = core.controlTags.take();
  const sentAt = core.host.now();
  const deadline = sentAt + core.options.commandTimeoutMs;
  const payload = new Uint8Array(0);
  const done = (): void => undefined;
  core.controls.set(itt, { kind: 'ping', itt, connection: connection.id, sentAt, deadline, payload, done });
  const fields = { final: true, itt, ttt: RESERVED_TAG, cmdSn, expStatSn: connection.expStatSn };
  connection.sendPdu(buildPdu('nopOut', fields));
  core.watch(deadline);
  core.host.wake();
}

function writeCommand(core: SessionCore, connection: Connection, parameters: SessionParameters, task: Task): void {
  task.sentAt = core.host.now();
  const bidirectional = task.expectedIn > 0 && task.expectedOut > 0;
  const cdbTail = task.cdb.length > 16 ? padded(4 + task.cdb.length - 16) : 0;
  const ahsLength = cdbTail + (bidirectional ? 8 : 0);
  const immediate = immediateData(parameters, task);
  const unsolicited =
    task.expectedOut > 0 && !parameters.initialR2T ? Math.min(parameters.firstBurstLength, task.expectedOut) : 0;
  const more = unsolicited > (immediate?.length ?? 0);
  const at = connection.reserveHeader(ahsLength);
  const header = connection.tx.buffer;
  header[at] = OPCODES.scsiCommand;
  header[at + 1] =
    (more ? 0 : 0x80) | (task.expectedIn > 0 ? 0x40 : 0) | (task.expectedOut > 0 ? 0x20 : 0) | task.attribute;
  writeU16(header, at + 2, 0);
  header[at + 4] = ahsLength >>> 2;
  writeU24(header, at + 5, immediate?.length ?? 0);
  writeU32(header, at + 8, task.lunHigh);
  writeU32(header, at + 12, task.lunLow);
  writeU32(header, at + 16, task.itt);
  writeU32(header, at + 20, task.expectedOut > 0 ? task.expectedOut : task.expectedIn);
  writeU32(header, at + 24, task.cmdSn);
  writeU32(header, at + 28, connection.expStatSn);
  const cdb = task.cdb;
  for (let i = 0; i < 16; i += 1) header[at + 32 + i] = i < cdb.length ? (cdb[i] as number) : 0;
  if (ahsLength > 0) writeAhs(header, at + BHS_LENGTH, cdb, cdbTail, bidirectional ? task.expectedIn : -1);
  connection.finishPdu(at, ahsLength, immediate);
  if (core.hooks.metrics !== undefined) core.hooks.metrics('pdu-sent', OPCODES.scsiCommand, immediate?.length ?? 0, 0);
  if (immediate !== undefined) task.sentOut = immediate.length;
  if (more) solicit(core, connection, task, { ttt: RESERVED_TAG, at: task.sentOut, end: unsolicited, dataSn: 0 });
}

function writeAhs(header: Uint8Array, base: number, cdb: Uint8Array, cdbTail: number, readLength: number): void {
  header.fill(0, base, base + cdbTail + (readLength >= 0 ? 8 : 0));
  if (cdbTail > 0) {
    writeU16(header, base, cdb.length - 16 + 1);
    header[base + 2] = AHS_TYPES.extendedCdb;
    header.set(cdb.subarray(16), base + 4);
  }
  if (readLength >= 0) {
    writeU16(header, base + cdbTail, 5);
    header[base + cdbTail + 2] = AHS_TYPES.bidirectionalReadLength;
    writeU32(header, base + cdbTail + 4, readLength);
  }
}

function immediateData(parameters: SessionParameters, task: Task): Uint8Array | undefined {
  if (!parameters.immediateData || task.expectedOut === 0) return undefined;
  const length = Math.min(task.expectedOut, parameters.firstBurstLength, parameters.peerMaxRecvDataSegmentLength);
  if (task.dataOut !== undefined)
    return length === task.dataOut.length ? task.dataOut : task.dataOut.subarray(0, length);
  const data = new Uint8Array(length);
  return task.source?.pull(data) === true ? data : undefined;
}

/** Serves a burst a target asked for, or the unsolicited one; what cannot be served yet stays with the task. */
export function solicit(core: SessionCore, connection: Connection, task: Task, burst: Solicitation): void {
  if (task.solicited !== undefined && task.solicited.length > 0) {
    task.solicited.push(burst);
    return;
  }
  if (!serve(core, connection, task, burst)) task.solicited = [burst];
}

/** Goes on with bursts that waited for their source. */
export function continueDataOut(core: SessionCore, task: Task): void {
  const connection = core.connections.get(task.connection);
  if (connection === undefined || task.state !== 'sent' || task.solicited === undefined) return;
  while (task.solicited.length > 0 && serve(core, connection, task, task.solicited[0] as Solicitation))
    task.solicited.shift();
  core.host.wake();
}

function serve(core: SessionCore, connection: Connection, task: Task, burst: Solicitation): boolean {
  const most = (connection.parameters as SessionParameters).peerMaxRecvDataSegmentLength;
  while (burst.at < burst.end) {
    const length = Math.min(most, burst.end - burst.at);
    let data: Uint8Array;
    if (task.dataOut !== undefined) data = task.dataOut.subarray(burst.at, burst.at + length);
    else {
      data = new Uint8Array(length);
      if (task.source?.pull(data) !== true) return false;
    }
    sendDataOut(core, connection, task, burst, data);
  }
  return true;
}

function sendDataOut(
  core: SessionCore,
  connection: Connection,
  task: Task,
  burst: Solicitation,
  data: Uint8Array,
): void {
  const at = connection.reserveEmptyHeader();
  const header = connection.tx.buffer;
  const end = burst.at + data.length;
  header[at] = OPCODES.dataOut;
  header[at + 1] = end === burst.end ? 0x80 : 0;
  writeU24(header, at + 5, data.length);
  writeU32(header, at + 8, task.lunHigh);
  writeU32(header, at + 12, task.lunLow);
  writeU32(header, at + 16, task.itt);
  writeU32(header, at + 20, burst.ttt);
  writeU32(header, at + 28, connection.expStatSn);
  writeU32(header, at + 36, burst.dataSn);
  writeU32(header, at + 40, burst.at);
  burst.dataSn += 1;
  burst.at = end;
  if (end > task.sentOut) task.sentOut = end;
  connection.finishPdu(at, 0, data);
  if (core.hooks.metrics !== undefined) {
    core.hooks.metrics('pdu-sent', OPCODES.dataOut, data.length, 0);
    core.hooks.metrics('bytes-out', OPCODES.dataOut, data.length, 0);
  }
  if (task.noProgressMs > 0) task.deadline = core.host.now() + task.noProgressMs;
}

/** What a task ends with when the session is closed under it before it was sent. */
export function closedError(core: SessionCore): CancelledError {
  return new CancelledError('SESSION_CLOSED', 'The session was closed before the command was sent.', {
    ...(core.closeReason === undefined ? {} : { cause: core.closeReason }),
  });
}
