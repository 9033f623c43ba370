import { abortedCommand, CommandError } from '../unit/refusals.ts';
import { readyToTransfer } from './responses.ts';
import type { Solicitation, Task } from './task.ts';

/** Sense codes iSCSI prescribes for data that went wrong (RFC 7143 11.4.7.2). */
const UNEXPECTED_DATA = abortedCommand(0x0c, 0x0c);
export const WRONG_AMOUNT = abortedCommand(0x0c, 0x0d);
export const DAMAGED_DATA = abortedCommand(0x47, 0x05);

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
    const adopted = task.connection.adopts(data) && data.length === task.wanted;
    if (session.server.memory.reserve(task, task.wanted))
      task.buffer = adopted ? data : task.connection.allocate(task.wanted);
    else task.buffer = task.connection.allocate(Math.min(task.wanted, Math.max(unasked, data.length)));
  }
  if (task.failure === undefined) storeData(task, data, 0);
  task.received = data.length;
}

/** Puts data where it belongs in the buffer; what the command does not use is dropped. */
export function storeData(task: Task, data: Uint8Array, offset: number): void {
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

/** Sends an R2T. */
export function askFor(task: Task, offset: number, length: number): void {
  const { session, connection } = task;
  const ttt = session.takeTransferTag();
  const solicitation: Solicitation = {
    task,
    ttt,
    r2tSn: task.r2tSn,
    offset,
    length,
    received: 0,
    dataSn: 0,
    damaged: false,
  };
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

/** Takes a task on whose whole buffer can be had now. */
export function takeMemory(task: Task): void {
  const whole = task.connection.allocate(task.wanted);
  whole.set(task.buffer.subarray(0, Math.min(task.received, task.buffer.length)));
  task.buffer = whole;
}
