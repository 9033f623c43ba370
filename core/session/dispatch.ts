import { ProtocolError } from '../errors/index.ts';
import { OPCODES, opcodeName } from '../pdu/index.ts';
import type { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';
import {
  handleAsync,
  handleLogoutResponse,
  handleNopIn,
  handleTextResponse,
  handleTmfResponse,
  type AsyncAction,
} from './receive-control.ts';
import { handleDataIn, handleR2t } from './receive-data.ts';
import { handleReject, handleScsiResponse } from './receive-status.ts';

const NOTHING: AsyncAction = { kind: 'none' };

/** Gives a PDU of full feature phase to its handler; what it calls for beyond its task comes back. */
export function dispatchPdu(
  core: SessionCore,
  connection: Connection,
  opcode: number,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
): AsyncAction {
  switch (opcode) {
    case OPCODES.dataIn:
      handleDataIn(core, connection, bytes, at, data);
      return NOTHING;
    case OPCODES.scsiResponse:
      handleScsiResponse(core, connection, bytes, at, data);
      return NOTHING;
    case OPCODES.readyToTransfer:
      handleR2t(core, connection, bytes, at);
      core.host.wake();
      return NOTHING;
    case OPCODES.nopIn:
      handleNopIn(core, connection, bytes, at, data);
      return NOTHING;
    case OPCODES.taskManagementResponse:
      handleTmfResponse(core, connection, bytes, at);
      return NOTHING;
    case OPCODES.textResponse:
      handleTextResponse(core, connection, bytes, at, data);
      return NOTHING;
    case OPCODES.logoutResponse:
      handleLogoutResponse(core, connection, bytes, at);
      return NOTHING;
    case OPCODES.asyncMessage:
      return handleAsync(core, connection, bytes, at, data);
    case OPCODES.reject:
      handleReject(core, connection, bytes, at, data);
      return NOTHING;
    default:
      throw new ProtocolError('PROTOCOL_UNEXPECTED', `${opcodeName(opcode)} came after the login had ended.`, {
        details: { opcode },
      });
  }
}
