import { readU24, readU32 } from '../../bytes/index.ts';
import { BHS_LENGTH, RESERVED_TAG } from '../../pdu/index.ts';
import type { Connection } from './connection.ts';
import { continueTask } from './execute.ts';
import { REJECT } from './reject.ts';
import type { Session } from './session.ts';
import type { Solicitation } from './task.ts';
import { askFor, DAMAGED_DATA, storeData, WRONG_AMOUNT } from './write-data.ts';

/** Why a connection is closed whose commands wait for their turn in more memory than there is. */
export const TOO_MUCH_HELD = 'too much came before its turn';

/** Where the data of a Data-Out belongs, or nothing where it must be looked at first. */
export function placeDataOut(session: Session, bytes: Uint8Array, at: number, length: number): Uint8Array | undefined {
  const ttt = readU32(bytes, at + 20);
  if (ttt === RESERVED_TAG) return undefined;
  const solicitation = session.solicitations.get(ttt);
  if (solicitation === undefined || solicitation.damaged) return undefined;
  const offset = readU32(bytes, at + 40);
  if (offset !== solicitation.offset + solicitation.received || solicitation.received + length > solicitation.length)
    return undefined;
  return solicitation.task.buffer.subarray(offset, offset + length);
}

/** Takes a Data-Out PDU (RFC 7143 11.7). */
export function handleDataOut(
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
  intact: boolean,
): void {
  if (!intact) connection.reject(REJECT.dataDigest, bytes, at);
  takeDataOut(connection, bytes, at, data, intact);
}

/** Does what a Data-Out means for its command; one that is damaged has been rejected already. */
export function takeDataOut(
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
  intact: boolean,
): void {
  const session = connection.sessionOrFail;
  const ttt = readU32(bytes, at + 20);
  const itt = readU32(bytes, at + 16);
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
  connection: Connection,
  session: Session,
  itt: number,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
  intact: boolean,
): void {
  const task = session.tasks.get(itt);
  if (task === undefined || !task.unsolicitedOpen || task.connection !== connection) {
    const held = task === undefined ? session.heldCommand(itt, connection) : undefined;
    if (held !== undefined) {
      const header = bytes.slice(at, at + BHS_LENGTH);
      if (!session.holdData(held, { header, data: data.slice(), intact })) connection.close(TOO_MUCH_HELD);
      return;
    }
    if (intact && !session.isStrayData(itt)) connection.reject(REJECT.invalidField, bytes, at);
    return;
  }
  const offset = readU32(bytes, at + 40);
  if (!intact) task.failure ??= DAMAGED_DATA;
  else if (offset !== task.received || readU32(bytes, at + 36) !== task.unsolicitedDataSn)
    task.failure ??= WRONG_AMOUNT;
  else if (offset + data.length > Math.min(session.parameters.firstBurstLength, task.writeExpected))
    task.failure ??= WRONG_AMOUNT;
  if (task.failure === undefined) {
    storeData(task, data, offset);
    task.received += data.length;
    task.unsolicitedDataSn += 1;
  }
  if (((bytes[at + 1] as number) & 0x80) !== 0) task.unsolicitedOpen = false;
  task.dataDeadline = session.server.now + connection.limits.dataOutMs;
  continueTask(task);
}

function handleSolicited(
  solicitation: Solicitation,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
  intact: boolean,
): void {
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
