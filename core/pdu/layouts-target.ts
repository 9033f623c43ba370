import { bits, flag, layout, raw, u64, uint } from '../bytes/index.ts';
import { commonFields, finalFlag, itt, LUN_CLAUSE, ttt } from './layouts-common.ts';
import {
  ASYNC_EVENT_NAMES,
  LOGIN_STAGE_NAMES,
  LOGOUT_RESPONSE_NAMES,
  REJECT_REASON_NAMES,
  SCSI_RESPONSE_NAMES,
  SCSI_STATUS_NAMES,
  TMF_RESPONSE_NAMES,
} from './values.ts';

const statSn = uint('statSn', 'StatSN', 24, 4, {
  meaning: 'Number of this status on the connection',
  clause: 'RFC 7143 4.2.2.2',
});
const expCmdSn = uint('expCmdSn', 'ExpCmdSN', 28, 4, {
  meaning: 'Next CmdSN the target expects',
  clause: 'RFC 7143 4.2.2.1',
});
const maxCmdSn = uint('maxCmdSn', 'MaxCmdSN', 32, 4, {
  meaning: 'Highest CmdSN the target takes',
  clause: 'RFC 7143 4.2.2.1',
});
const window = [expCmdSn, maxCmdSn] as const;
const lun = u64('lun', 'LUN', 8, { meaning: 'Logical unit, as SAM-5 encodes it', clause: LUN_CLAUSE });
const residualFlags = [
  flag('overflow', 'O', 1, 2, { meaning: 'The command had more data than was expected', clause: 'RFC 7143 11.4.1' }),
  flag('underflow', 'U', 1, 1, { meaning: 'The command had less data than was expected', clause: 'RFC 7143 11.4.1' }),
] as const;
const residualCount = uint('residualCount', 'Residual Count', 44, 4, {
  meaning: 'Bytes missing (U) or left over (O)',
  clause: 'RFC 7143 11.4.5',
});
const status = uint('status', 'Status', 3, 1, {
  values: SCSI_STATUS_NAMES,
  meaning: 'SCSI status',
  clause: 'RFC 7143 11.4.2',
});

/** NOP-In (RFC 7143 11.19). */
export const NOP_IN = layout('nopIn', 'NOP-In', 48, 'RFC 7143 11.19', [
  ...commonFields,
  finalFlag,
  lun,
  itt,
  ttt,
  statSn,
  ...window,
]);

/** SCSI Response (RFC 7143 11.4). */
export const SCSI_RESPONSE = layout('scsiResponse', 'SCSI Response', 48, 'RFC 7143 11.4', [
  ...commonFields,
  finalFlag,
  flag('bidiOverflow', 'o', 1, 4, {
    meaning: 'Overflow of the read part of a bidirectional command',
    clause: 'RFC 7143 11.4.1',
  }),
  flag('bidiUnderflow', 'u', 1, 3, {
    meaning: 'Underflow of the read part of a bidirectional command',
    clause: 'RFC 7143 11.4.1',
  }),
  ...residualFlags,
  uint('response', 'Response', 2, 1, { values: SCSI_RESPONSE_NAMES, clause: 'RFC 7143 11.4.3' }),
  status,
  itt,
  uint('snackTag', 'SNACK Tag', 20, 4, { clause: 'RFC 7143 11.4.4' }),
  statSn,
  ...window,
  uint('expDataSn', 'ExpDataSN', 36, 4, {
    meaning: 'Data-In and R2T PDUs sent for the command',
    clause: 'RFC 7143 11.4.8',
  }),
  uint('bidiResidualCount', 'Bidirectional Read Residual Count', 40, 4, { clause: 'RFC 7143 11.4.6' }),
  residualCount,
]);

/** Task Management Function Response (RFC 7143 11.6). */
export const TASK_MANAGEMENT_RESPONSE = layout(
  'taskManagementResponse',
  'Task Management Response',
  48,
  'RFC 7143 11.6',
  [
    ...commonFields,
    finalFlag,
    uint('response', 'Response', 2, 1, { values: TMF_RESPONSE_NAMES, clause: 'RFC 7143 11.6.1' }),
    itt,
    statSn,
    ...window,
  ],
);

/** Login Response (RFC 7143 11.13). */
export const LOGIN_RESPONSE = layout('loginResponse', 'Login Response', 48, 'RFC 7143 11.13', [
  ...commonFields,
  flag('transit', 'T', 1, 7, { meaning: 'The target goes to the next stage', clause: 'RFC 7143 11.13.3' }),
  flag('continue', 'C', 1, 6, { meaning: 'The text goes on in the next PDU', clause: 'RFC 7143 11.13.3' }),
  bits('csg', 'CSG', 1, [3, 2], { values: LOGIN_STAGE_NAMES, clause: 'RFC 7143 11.13.3' }),
  bits('nsg', 'NSG', 1, [1, 0], { values: LOGIN_STAGE_NAMES, clause: 'RFC 7143 11.13.3' }),
  uint('versionMax', 'Version-max', 2, 1, { clause: 'RFC 7143 11.13.1' }),
  uint('versionActive', 'Version-active', 3, 1, { clause: 'RFC 7143 11.13.2' }),
  raw('isid', 'ISID', 8, 6, { clause: 'RFC 7143 11.12.5' }),
  uint('tsih', 'TSIH', 14, 2, { meaning: 'Session handle, given with the last response', clause: 'RFC 7143 11.13.3' }),
  itt,
  statSn,
  ...window,
  uint('statusClass', 'Status-Class', 36, 1, { clause: 'RFC 7143 11.13.5' }),
  uint('statusDetail', 'Status-Detail', 37, 1, { clause: 'RFC 7143 11.13.5' }),
]);

/** Text Response (RFC 7143 11.11). */
export const TEXT_RESPONSE = layout('textResponse', 'Text Response', 48, 'RFC 7143 11.11', [
  ...commonFields,
  finalFlag,
  flag('continue', 'C', 1, 6, { meaning: 'The text goes on in the next PDU', clause: 'RFC 7143 11.11.2' }),
  lun,
  itt,
  ttt,
  statSn,
  ...window,
]);

/** SCSI Data-In (RFC 7143 11.7). */
export const DATA_IN = layout('dataIn', 'SCSI Data-In', 48, 'RFC 7143 11.7', [
  ...commonFields,
  finalFlag,
  flag('acknowledge', 'A', 1, 6, { meaning: 'The target asks for a DataACK', clause: 'RFC 7143 11.7.2' }),
  ...residualFlags,
  flag('hasStatus', 'S', 1, 0, {
    meaning: 'Status comes with this PDU; no SCSI Response follows',
    clause: 'RFC 7143 11.7.3',
  }),
  status,
  lun,
  itt,
  ttt,
  statSn,
  ...window,
  uint('dataSn', 'DataSN', 36, 4, { meaning: 'Number of this PDU within the command', clause: 'RFC 7143 11.7.5' }),
  uint('bufferOffset', 'Buffer Offset', 40, 4, {
    meaning: 'Where the data lies within the transfer',
    clause: 'RFC 7143 11.7.6',
  }),
  residualCount,
]);

/** Logout Response (RFC 7143 11.15). */
export const LOGOUT_RESPONSE = layout('logoutResponse', 'Logout Response', 48, 'RFC 7143 11.15', [
  ...commonFields,
  finalFlag,
  uint('response', 'Response', 2, 1, { values: LOGOUT_RESPONSE_NAMES, clause: 'RFC 7143 11.15.1' }),
  itt,
  statSn,
  ...window,
  uint('time2Wait', 'Time2Wait', 40, 2, { meaning: 'Seconds to wait before a reconnect', clause: 'RFC 7143 11.15.3' }),
  uint('time2Retain', 'Time2Retain', 42, 2, {
    meaning: 'Seconds the target keeps the tasks',
    clause: 'RFC 7143 11.15.4',
  }),
]);

/** Ready To Transfer (RFC 7143 11.8). */
export const READY_TO_TRANSFER = layout('readyToTransfer', 'Ready To Transfer', 48, 'RFC 7143 11.8', [
  ...commonFields,
  finalFlag,
  lun,
  itt,
  ttt,
  statSn,
  ...window,
  uint('r2tSn', 'R2TSN', 36, 4, { meaning: 'Number of this R2T within the command', clause: 'RFC 7143 11.8.1' }),
  uint('bufferOffset', 'Buffer Offset', 40, 4, { meaning: 'Where the wanted data begins', clause: 'RFC 7143 11.8.4' }),
  uint('desiredDataTransferLength', 'Desired Data Transfer Length', 44, 4, {
    meaning: 'Bytes wanted',
    clause: 'RFC 7143 11.8.4',
  }),
]);

/** Asynchronous Message (RFC 7143 11.9). */
export const ASYNC_MESSAGE = layout('asyncMessage', 'Asynchronous Message', 48, 'RFC 7143 11.9', [
  ...commonFields,
  finalFlag,
  lun,
  itt,
  statSn,
  ...window,
  uint('event', 'AsyncEvent', 36, 1, { values: ASYNC_EVENT_NAMES, clause: 'RFC 7143 11.9.1' }),
  uint('vendorCode', 'AsyncVCode', 37, 1, { clause: 'RFC 7143 11.9.2' }),
  uint('parameter1', 'Parameter1', 38, 2, { clause: 'RFC 7143 11.9' }),
  uint('parameter2', 'Parameter2', 40, 2, { clause: 'RFC 7143 11.9' }),
  uint('parameter3', 'Parameter3', 42, 2, { clause: 'RFC 7143 11.9' }),
]);

/** Reject (RFC 7143 11.17). */
export const REJECT = layout('reject', 'Reject', 48, 'RFC 7143 11.17', [
  ...commonFields,
  finalFlag,
  uint('reason', 'Reason', 2, 1, { values: REJECT_REASON_NAMES, clause: 'RFC 7143 11.17.1' }),
  itt,
  statSn,
  ...window,
  uint('dataSn', 'DataSN/R2TSN', 36, 4, { clause: 'RFC 7143 11.17.2' }),
]);
