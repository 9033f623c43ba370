import { readU24, readU32 } from '../../bytes/index.ts';
import { RESERVED_TAG } from '../../pdu/index.ts';
import { abortedCommand, CommandError } from '../unit/refusals.ts';
import type { Connection } from './connection.ts';
import { continueTask } from './execute.ts';
import { REJECT } from './reject.ts';
import { readyToTransfer } from './responses.ts';
import type { Session } from './session.ts';
import type { Solicitation, Task } from './task.ts';

/** Sense codes iSCSI prescribes for data that went wrong (RFC 7143 11.4.7.2). */
const UNEXPECTED_DATA = abortedCommand(0x0c, 0x0c);
const WRONG_AMOUNT = abortedCommand(0x0c, 0x0d);
const DAMAGED_DATA = abortedCommand(0x47, 0x05);

/** What ends a write whose data does not come. */
export const DATA_TIMEOUT = new CommandError(abortedCommand(0x4b, 0x06));

/** Takes the immediate data of a write and works out what else will come unasked (RFC 7143 4.2.5.2). */
export function startWriteData(task: Task, final: boolean, data: Uint8Array): void {
  const { session } = task;
  const { immediateData, initialR2T, firstBurstLength } = session.parameters;
  task.unsolicitedOpen = !final;
  task.dataDeadline = session.server.now + session.server.limits.dataOutMs;
  if (!final && initialR2T) task.failure ??= UNEXPECTED_DATA;
  if (data.length > 0) {
    if (!immediateData) task.failure ??= UNEXPECTED_DATA;
    else if (data.length > firstBurstLength || data.length > task.writeExpected) task.failure ??= WRONG_AMOUNT;
  }
  if (task.wanted > 0) {
    const unasked = initialR2T ? data.length : Math.min(firstBurstLength, task.writeExpected);
    if (session.server.memory.reserve(task, task.wanted)) task.buffer = task.connection.allocate(task.wanted);
    else task.buffer = task.connection.allocate(Math.min(task.wanted, Math.max(unasked, data.length)));
  }
  if (task.failure === undefined) storeData(task, data, 0);
  task.received = data.length;
}

function storeData(task: Task, data: Uint8Array, offset: number): void {
  const room = Math.min(task.wanted, task.buffer.length) - offset;
  if (room <= 0) return;
  const piece = data.length > room ? data.subarray(0, room) : data;
  const own = task.buffer;
  // Data the framer has put in place already must not be copied onto itself.
  if (piece.buffer === own.buffer && piece.byteOffset === own.byteOffset + offset) return;
  own.set(piece, offset);
}

/** Asks for the data that is still missing, as far as the session allows it at once (RFC 7143 11.8). */
export function solicit(task: Task): void {
  const { session, connection } = task;
  if (task.buffer.length < task.wanted) return;
  const { maxOutstandingR2T, maxBurstLength } = session.parameters;
  task.nextR2tOffset = Math.max(task.nextR2tOffset, task.received);
  while (task.solicitations.length < maxOutstandingR2T && task.nextR2tOffset < task.wanted) {
    const length = Math.min(maxBurstLength, task.wanted - task.nextR2tOffset);
    askFor(task, task.nextR2tOffset, length);
    task.nextR2tOffset += length;
  }
  task.dataDeadline = session.server.now + connection.limits.dataOutMs;
}

function askFor(task: Task, offset: number, length: number): void {
  const { session, connection } = task;
  const ttt = session.takeTransferTag();
  const solicitation: Solicitation = { task, ttt, r2tSn: task.r2tSn, offset, length, received: 0, dataSn: 0, damaged: false };
  task.solicitations.push(solicitation);
  session.solicitations.set(ttt, solicitation);
  const { lunHigh, lunLow, itt } = task;
  const bytes = readyToTransfer(
    session,
    { lunHigh, lunLow, itt, ttt, statSn: connection.statSn, r2tSn: task.r2tSn, offset, length },
    connection.digests,
  );
  if (session.parameters.errorRecoveryLevel > 0) connection.replay.keep(task, task.r2tSn, bytes, offset);
  task.r2tSn += 1;
  connection.send(bytes);
}

/** Where the data of a Data-Out belongs, or nothing where it must be looked at first. */
export function placeDataOut(session: Session, bytes: Uint8Array, at: number, length: number): Uint8Array | undefined {
  const ttt = readU32(bytes, at + 20);
  if (ttt === RESERVED_TAG) return undefined;
  const solicitation = session.solicitations.get(ttt);
  if (solicitation === undefined || solicitation.damaged) return undefined;
  const offset = readU32(bytes, at + 40);
  if (offset !== solicitation.offset + solicitation.received || solicitation.received + length > solicitation.length) return undefined;
  return solicitation.task.buffer.subarray(offset, offset + length);
}

/** Takes a Data-Out PDU (RFC 7143 11.7). */
export function handleDataOut(connection: Connection, bytes: Uint8Array, at: number, data: Uint8Array, intact: boolean): void {
  const session = connection.sessionOrFail;
  const ttt = readU32(bytes, at + 20);
  const itt = readU32(bytes, at + 16);
  if (!intact) connection.reject(REJECT.dataDigest, bytes, at);
  if (ttt === RESERVED_TAG) {
    handleUnsolicited(connection, session, itt, bytes, at, data, intact);
    return;
  }
  const solicitation = session.solicitations.get(ttt);
  if (solicitation?.task.itt !== itt || solicitation.task.connection !== connection) {
    // Data for a task that was aborted meanwhile is legal and dropped; a tag we never gave out is not.
    if (intact && !session.gaveTransferTag(ttt)) connection.reject(REJECT.invalidField, bytes, at);
    return;
  }
  handleSolicited(solicitation, bytes, at, data, intact);
}

function handleUnsolicited(
  connection: Connection, session: Session, itt: number, bytes: Uint8Array, at: number, data: Uint8Array, intact: boolean,
): void {
  const task = session.tasks.get(itt);
  if (task === undefined || !task.unsolicitedOpen || task.connection !== connection) {
    if (intact && !session.isStrayData(itt)) connection.reject(REJECT.invalidField, bytes, at);
    return;
  }
  const offset = readU32(bytes, at + 40);
  if (!intact) task.failure ??= DAMAGED_DATA;
  else if (offset !== task.received || readU32(bytes, at + 36) !== task.unsolicitedDataSn) task.failure ??= WRONG_AMOUNT;
  else if (offset + data.length > Math.min(session.parameters.firstBurstLength, task.writeExpected)) task.failure ??= WRONG_AMOUNT;
  if (task.failure === undefined) {
    storeData(task, data, offset);
    task.received += data.length;
    task.unsolicitedDataSn += 1;
  }
  if (((bytes[at + 1] as number) & 0x80) !== 0) task.unsolicitedOpen = false;
  task.dataDeadline = session.server.now + connection.limits.dataOutMs;
  continueTask(task);
}

function handleSolicited(solicitation: Solicitation, bytes: Uint8Array, at: number, data: Uint8Array, intact: boolean): void {
  const { task } = solicitation;
  const { session, connection } = task;
  const final = ((bytes[at + 1] as number) & 0x80) !== 0;
  const inPlace =
    intact &&
    !solicitation.damaged &&
    readU32(bytes, at + 36) === solicitation.dataSn &&
    readU32(bytes, at + 40) === solicitation.offset + solicitation.received &&
    solicitation.received + readU24(bytes, at + 5) <= solicitation.length;
  if (inPlace) {
    storeData(task, data, solicitation.offset + solicitation.received);
    solicitation.received += data.length;
    solicitation.dataSn += 1;
  } else solicitation.damaged = true;
  task.dataDeadline = session.server.now + connection.limits.dataOutMs;
  if (!final && solicitation.received < solicitation.length) return;
  session.solicitations.delete(solicitation.ttt);
  task.solicitations.splice(task.solicitations.indexOf(solicitation), 1);
  if (solicitation.received < solicitation.length) {
    // Recovery R2T: what is missing is asked for again (RFC 7143 7.8); at ERL 0 the command fails.
    if (session.parameters.errorRecoveryLevel > 0 && task.recoveries < 8) {
      task.recoveries += 1;
      task.received += solicitation.received;
      askFor(task, solicitation.offset + solicitation.received, solicitation.length - solicitation.received);
      return;
    }
    task.failure ??= intact ? WRONG_AMOUNT : DAMAGED_DATA;
  } else task.received += solicitation.length;
  continueTask(task);
}
