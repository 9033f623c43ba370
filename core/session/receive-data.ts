import { readU24, readU32, serialAdd, serialLess } from '../bytes/index.ts';
import { LunascopeError, ProtocolError, UsageError } from '../errors/index.ts';
import type { SessionParameters } from '../login/index.ts';
import { OPCODES, RESERVED_TAG } from '../pdu/index.ts';
import { AskedRanges } from './asked-ranges.ts';
import type { Connection } from './connection.ts';
import { completeTask } from './complete.ts';
import type { SessionCore } from './core.ts';
import { followWindow } from './numbers.ts';
import { pauseReading } from './reading.ts';
import { SHORT_BUFFER, solicit } from './send-command.ts';
import { acceptStatSn, acknowledgeData, noticeStatSn, requestData } from './snack.ts';
import type { Task } from './task.ts';

/** The task a PDU of the target belongs to; a tag nobody has is a ProtocolError. */
export function taskOf(core: SessionCore, connection: Connection, bytes: Uint8Array, at: number, what: string): Task {
  const itt = readU32(bytes, at + 16);
  const task = core.tasks.get(itt);
  if (task?.connection !== connection.id)
    throw new ProtocolError(
      'PROTOCOL_UNEXPECTED',
      `${what} names task 0x${itt.toString(16)}, which is not under way on this connection.`,
      {
        details: { itt },
      },
    );
  return task;
}

/** Checks a Data-In header against its task and says where its data goes (RFC 7143 11.7). */
export function placeDataIn(
  core: SessionCore,
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  length: number,
): Uint8Array | undefined {
  if (core.recoveryLevel > 0 && !isNextDataIn(core, connection, bytes, at)) return undefined;
  const task = taskOf(core, connection, bytes, at, 'Data-In');
  const offset = readU32(bytes, at + 40);
  if (task.expectedIn === 0)
    throw new ProtocolError('PROTOCOL_DATA', 'The target sent data for a command that reads none.', {
      details: { itt: task.itt },
    });
  if (offset + length > task.expectedIn)
    throw new ProtocolError(
      'PROTOCOL_DATA',
      `The target sent bytes ${String(offset)} to ${String(offset + length)} of a transfer of ${String(task.expectedIn)}.`,
      { details: { itt: task.itt, offset, length, expected: task.expectedIn } },
    );
  if (offset !== task.received)
    throw new ProtocolError(
      'PROTOCOL_DATA',
      offset > task.received
        ? `The target left a hole: byte ${String(task.received)} was next, the data begins at ${String(offset)}.`
        : `The target sent bytes twice: byte ${String(task.received)} was next, the data begins at ${String(offset)}.`,
      { details: { itt: task.itt, offset, expected: task.received } },
    );
  if (task.state === 'aborting' || task.consumer !== undefined) return undefined;
  const dataIn = task.takeDataIn === undefined ? task.dataIn : takenMemory(task, task.takeDataIn);
  return dataIn === undefined || dataIn.length === length ? dataIn : dataIn.subarray(offset, offset + length);
}

/** The memory a task was given for its answer, asked for when it has none; where there is none to be had, the data is dropped. */
function takenMemory(task: Task, take: () => Uint8Array): Uint8Array | undefined {
  if (task.dataIn !== undefined || task.memoryError !== undefined) return task.dataIn;
  try {
    const memory = take();
    if (memory.length >= task.expectedIn) task.dataIn = memory;
    else task.memoryError = new UsageError('BAD_ARGUMENT', SHORT_BUFFER);
  } catch (cause) {
    const text = `There is no memory for the ${String(task.expectedIn)} bytes of this answer.`;
    const hint = 'Ask for less at once, or bring a buffer.';
    task.memoryError = cause instanceof LunascopeError ? cause : new UsageError('LIMIT_REACHED', text, { hint, cause });
  }
  return task.dataIn;
}

/** Whether a Data-In is the next of its task; where PDUs are recovered, repeats and those after a lost one come too. */
function isNextDataIn(core: SessionCore, connection: Connection, bytes: Uint8Array, at: number): boolean {
  const task = core.tasks.get(readU32(bytes, at + 16));
  return task?.connection === connection.id && readU32(bytes, at + 36) === task.nextDataSn;
}

/** Looks at a Data-In that is not the next of its task: a repeat is dropped, what is missing before it is asked for. */
function handleStrayDataIn(core: SessionCore, connection: Connection, bytes: Uint8Array, at: number): void {
  const task = core.tasks.get(readU32(bytes, at + 16));
  if (task?.connection !== connection.id) {
    const repeated =
      ((bytes[at + 1] as number) & 0x01) === 0 || serialLess(readU32(bytes, at + 24), connection.expStatSn);
    if (!repeated) taskOf(core, connection, bytes, at, 'Data-In');
    return;
  }
  if (serialLess(task.nextDataSn, readU32(bytes, at + 36))) requestData(core, connection, task);
}

/** Takes a whole Data-In, with its status where it carries one (RFC 7143 11.7.3). */
export function handleDataIn(
  core: SessionCore,
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
): void {
  if (core.recoveryLevel > 0 && !isNextDataIn(core, connection, bytes, at)) {
    handleStrayDataIn(core, connection, bytes, at);
    return;
  }
  const task = taskOf(core, connection, bytes, at, 'Data-In');
  const flags = bytes[at + 1] as number;
  const dataSn = readU32(bytes, at + 36);
  // A status out of its turn takes its data with it: both are sent again.
  if (core.recoveryLevel > 0 && (flags & 0x01) !== 0 && readU32(bytes, at + 24) !== connection.expStatSn) {
    noticeStatSn(core, connection, readU32(bytes, at + 24));
    return;
  }
  if (dataSn !== task.nextDataSn)
    throw new ProtocolError(
      'PROTOCOL_SEQUENCE',
      `Data-In ${String(dataSn)} came where ${String(task.nextDataSn)} was next.`,
      {
        details: { itt: task.itt, dataSn, expected: task.nextDataSn },
      },
    );
  task.nextDataSn = serialAdd(dataSn, 1);
  task.received += data.length;
  if (core.hooks.metrics !== undefined) core.hooks.metrics('bytes-in', OPCODES.dataIn, data.length, 0);
  if (task.noProgressMs > 0) task.deadline = core.host.now() + task.noProgressMs;
  if (task.consumer !== undefined && data.length > 0 && task.state === 'sent' && !task.consumer.push(data.slice()))
    pauseReading(core, connection, task);
  if ((flags & 0x40) !== 0 && core.recoveryLevel > 0) {
    const lun = (BigInt(readU32(bytes, at + 8)) << 32n) | BigInt(readU32(bytes, at + 12));
    acknowledgeData(core, connection, lun, readU32(bytes, at + 20), task.nextDataSn);
  }
  if ((flags & 0x01) === 0) {
    followWindow(core, bytes, at);
    return;
  }
  if ((flags & 0x80) === 0)
    throw new ProtocolError('PROTOCOL_MALFORMED', 'A Data-In carries status without the F bit.', {
      details: { itt: task.itt },
    });
  acceptStatSn(core, connection, readU32(bytes, at + 24));
  followWindow(core, bytes, at);
  task.status = bytes[at + 3] as number;
  takeResidual(task, flags, readU32(bytes, at + 44));
  completeTask(core, task);
}

/** Reads the O and U bits and the residual count (RFC 7143 11.4.5). */
export function takeResidual(task: Task, flags: number, residual: number): void {
  if ((flags & 0x06) === 0x06)
    throw new ProtocolError('PROTOCOL_MALFORMED', 'A response claims both more and less data than was asked for.', {
      details: { itt: task.itt },
    });
  task.residualKind = (flags & 0x04) !== 0 ? 'overflow' : (flags & 0x02) !== 0 ? 'underflow' : 'none';
  task.residual = task.residualKind === 'none' ? 0 : residual;
}

/** Checks an R2T and sends what it asks for (RFC 7143 11.8). */
export function handleR2t(core: SessionCore, connection: Connection, bytes: Uint8Array, at: number): void {
  const r2tSn = readU32(bytes, at + 36);
  if (core.recoveryLevel > 0 && !isNextR2t(core, connection, readU32(bytes, at + 16), r2tSn)) return;
  noticeStatSn(core, connection, readU32(bytes, at + 24));
  const task = taskOf(core, connection, bytes, at, 'R2T');
  const parameters = connection.parameters as SessionParameters;
  const ttt = readU32(bytes, at + 20);
  const offset = readU32(bytes, at + 40);
  const length = readU32(bytes, at + 44);
  followWindow(core, bytes, at);
  const fault = r2tFault(task, parameters, { ttt, r2tSn, offset, length, dataLength: readU24(bytes, at + 5) });
  if (fault !== undefined)
    throw new ProtocolError('PROTOCOL_DATA', fault, { details: { itt: task.itt, offset, length, r2tSn } });
  task.nextR2tSn = serialAdd(r2tSn, 1);
  if (task.state !== 'sent') return;
  if (!parameters.dataSequenceInOrder && task.source === undefined) {
    task.asked ??= new AskedRanges(task.sentOut);
    task.asked.add(offset, offset + length);
  }
  solicit(core, connection, task, { ttt, at: offset, end: offset + length, dataSn: 0 });
}

/** Whether an R2T is the next of its task; a repeat is dropped, and what is missing before it is asked for. */
function isNextR2t(core: SessionCore, connection: Connection, itt: number, r2tSn: number): boolean {
  const task = core.tasks.get(itt);
  if (task?.connection !== connection.id) return true;
  if (task.reassigned) {
    task.reassigned = false;
    task.nextR2tSn = r2tSn;
  }
  if (serialLess(r2tSn, task.nextR2tSn)) return false;
  if (r2tSn === task.nextR2tSn) return true;
  requestData(core, connection, task);
  return false;
}

interface Asked {
  readonly ttt: number;
  readonly r2tSn: number;
  readonly offset: number;
  readonly length: number;
  readonly dataLength: number;
}

/** Whether any byte of a range was sent already, where parts may be asked for in any order. */
function sentBefore(task: Task, from: number, to: number): boolean {
  return task.asked === undefined ? from < task.sentOut : task.asked.meets(from, to);
}

function r2tFault(task: Task, parameters: SessionParameters, asked: Asked): string | undefined {
  if (task.expectedOut === 0) return 'The target asked for data (R2T) of a command that writes none.';
  if (asked.ttt === RESERVED_TAG) return 'An R2T carries the reserved transfer tag.';
  if (asked.dataLength > 0) return 'An R2T carries data.';
  if (asked.length === 0) return 'An R2T asks for no bytes.';
  if (asked.length > parameters.maxBurstLength)
    return `An R2T asks for ${String(asked.length)} bytes; MaxBurstLength is ${String(parameters.maxBurstLength)}.`;
  if (asked.offset + asked.length > task.expectedOut)
    return `An R2T asks for bytes ${String(asked.offset)} to ${String(asked.offset + asked.length)} of a transfer of ${String(task.expectedOut)}.`;
  if (asked.r2tSn !== task.nextR2tSn)
    return `R2T ${String(asked.r2tSn)} came where ${String(task.nextR2tSn)} was next.`;
  const waiting = task.solicited?.filter((burst) => burst.ttt !== RESERVED_TAG) ?? [];
  if (waiting.length >= parameters.maxOutstandingR2T)
    return `The target has more than MaxOutstandingR2T=${String(parameters.maxOutstandingR2T)} requests open for one command.`;
  if (parameters.dataSequenceInOrder) {
    const next = task.solicited?.at(-1)?.end ?? task.sentOut;
    // At error recovery level 1 and up data that was sent and damaged may be asked for again (RFC 7143 7.8).
    const again = parameters.errorRecoveryLevel > 0 && task.source === undefined && asked.offset < next;
    if (asked.offset !== next && !again)
      return `An R2T asks for data at ${String(asked.offset)}; byte ${String(next)} is next.`;
  } else if (task.source !== undefined && asked.offset !== task.sentOut)
    return 'An R2T asks out of order for data that is streamed.';
  else if (parameters.errorRecoveryLevel === 0 && sentBefore(task, asked.offset, asked.offset + asked.length))
    return `An R2T asks again for data at ${String(asked.offset)}.`;
  return undefined;
}
