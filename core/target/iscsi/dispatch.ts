import { readU32, serialLess } from '../../bytes/index.ts';
import { BHS_LENGTH, buildPdu, INITIATOR_OPCODES, RESERVED_TAG } from '../../pdu/index.ts';
import type { Connection } from './connection.ts';
import { takeDataOut, TOO_MUCH_HELD } from './data-out.ts';
import { beginCommand } from './execute.ts';
import { handleLogout } from './logout.ts';
import { handleSnack } from './recovery.ts';
import { REJECT } from './reject.ts';
import { handleTaskManagement } from './task-management.ts';
import { handleText } from './text.ts';

/** Takes a command in its turn: early ones wait, those outside the window are dropped unanswered (RFC 7143 4.2.2.1). */
export function receiveNonImmediate(
  connection: Connection,
  opcode: number,
  bytes: Uint8Array,
  at: number,
  ahsLength: number,
  data: Uint8Array,
): void {
  const session = connection.sessionOrFail;
  const cmdSn = readU32(bytes, at + 24);
  if (cmdSn !== session.expCmdSn) {
    if (!session.inWindow(cmdSn) || session.held.has(cmdSn)) return;
    const header = bytes.slice(at, at + BHS_LENGTH + ahsLength);
    if (!session.hold(cmdSn, { connection, header, ahsLength, data: data.slice(), dataOut: [] }))
      connection.close(TOO_MUCH_HELD);
    return;
  }
  if (!session.inWindow(cmdSn)) return;
  session.advance();
  dispatch(connection, opcode, bytes, at, ahsLength, data);
  if (session.held.size > 0) takeHeld(connection);
}

function takeHeld(connection: Connection): void {
  const session = connection.sessionOrFail;
  for (;;) {
    const next = session.unhold(session.expCmdSn);
    if (next === undefined) break;
    session.advance();
    if (next === 'aborted' || next.connection.closed) continue;
    dispatch(next.connection, (next.header[0] as number) & 0x3f, next.header, 0, next.ahsLength, next.data);
    for (const { header, data, intact } of next.dataOut) takeDataOut(next.connection, header, 0, data, intact);
  }
  for (const cmdSn of session.held.keys()) if (serialLess(cmdSn, session.expCmdSn)) session.unhold(cmdSn);
}

/** Handles a PDU whose turn has come. */
export function dispatch(
  connection: Connection,
  opcode: number,
  bytes: Uint8Array,
  at: number,
  ahsLength: number,
  data: Uint8Array,
): void {
  if (connection.closed || connection.leaving) return;
  const session = connection.sessionOrFail;
  // A discovery session does nothing but Text, NOP and Logout (RFC 7143 4.3).
  if (session.discovery && !DISCOVERY.has(opcode)) {
    connection.reject(REJECT.protocolError, bytes, at);
    return;
  }
  switch (opcode) {
    case INITIATOR_OPCODES.scsiCommand:
      beginCommand(connection, bytes, at, ahsLength, data);
      return;
    case INITIATOR_OPCODES.nopOut:
      handleNopOut(connection, bytes, at, data);
      return;
    case INITIATOR_OPCODES.taskManagementRequest:
      handleTaskManagement(connection, bytes, at);
      if (session.held.size > 0) takeHeld(connection);
      return;
    case INITIATOR_OPCODES.textRequest:
      handleText(connection, bytes, at, data);
      return;
    case INITIATOR_OPCODES.logoutRequest:
      handleLogout(connection, bytes, at);
      return;
    case INITIATOR_OPCODES.snackRequest:
      handleSnack(connection, bytes, at);
      return;
    default:
      // A Login Request in full feature phase and what else has no place here.
      connection.reject(REJECT.protocolError, bytes, at);
  }
}

const DISCOVERY: ReadonlySet<number> = new Set<number>([
  INITIATOR_OPCODES.nopOut,
  INITIATOR_OPCODES.textRequest,
  INITIATOR_OPCODES.logoutRequest,
]);

/** A ping is echoed; an answer to ours settles it (RFC 7143 11.18). */
function handleNopOut(connection: Connection, bytes: Uint8Array, at: number, data: Uint8Array): void {
  const itt = readU32(bytes, at + 16);
  const ttt = readU32(bytes, at + 20);
  if (itt === RESERVED_TAG) {
    if (connection.ping?.ttt === ttt) connection.ping = undefined;
    return;
  }
  const statSn = connection.takeStatSn();
  const echo = data.subarray(0, connection.agreed.peerMaxRecvDataSegmentLength);
  const out = connection.sendPdu(
    buildPdu('nopIn', { final: true, itt, ttt: RESERVED_TAG, statSn, ...connection.window }, echo),
  );
  if (connection.agreed.errorRecoveryLevel > 0) connection.retain(statSn, out);
}
