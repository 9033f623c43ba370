import type { Layout } from '../bytes/index.ts';
import * as initiator from './layouts-initiator.ts';
import * as target from './layouts-target.ts';
import { pduKind, type PduKind } from './opcodes.ts';

/** The layout of every PDU kind. */
export const PDU_LAYOUTS = {
  nopOut: initiator.NOP_OUT,
  scsiCommand: initiator.SCSI_COMMAND,
  taskManagementRequest: initiator.TASK_MANAGEMENT_REQUEST,
  loginRequest: initiator.LOGIN_REQUEST,
  textRequest: initiator.TEXT_REQUEST,
  dataOut: initiator.DATA_OUT,
  logoutRequest: initiator.LOGOUT_REQUEST,
  snackRequest: initiator.SNACK_REQUEST,
  nopIn: target.NOP_IN,
  scsiResponse: target.SCSI_RESPONSE,
  taskManagementResponse: target.TASK_MANAGEMENT_RESPONSE,
  loginResponse: target.LOGIN_RESPONSE,
  textResponse: target.TEXT_RESPONSE,
  dataIn: target.DATA_IN,
  logoutResponse: target.LOGOUT_RESPONSE,
  readyToTransfer: target.READY_TO_TRANSFER,
  asyncMessage: target.ASYNC_MESSAGE,
  reject: target.REJECT,
} as const satisfies Readonly<Record<PduKind, Layout>>;

/** The layout for an opcode, or undefined where RFC 7143 names none. */
export function layoutOf(opcode: number): Layout | undefined {
  const kind = pduKind(opcode & 0x3f);
  return kind === undefined ? undefined : PDU_LAYOUTS[kind];
}
