import { bits, flag, layout, raw, u64, uint } from '../bytes/index.ts';
import { commonFields, finalFlag, itt, LUN_CLAUSE, ttt } from './layouts-common.ts';
import {
  LOGIN_STAGE_NAMES,
  LOGOUT_REASON_NAMES,
  SNACK_TYPE_NAMES,
  TASK_ATTRIBUTE_NAMES,
  TMF_FUNCTION_NAMES,
} from './values.ts';

const cmdSn = uint('cmdSn', 'CmdSN', 24, 4, {
  meaning: 'Place of this command in the order of the session',
  clause: 'RFC 7143 4.2.2.1',
});
const expStatSn = uint('expStatSn', 'ExpStatSN', 28, 4, {
  meaning: 'Next status number the initiator waits for; all before it are acknowledged',
  clause: 'RFC 7143 4.2.2.2',
});
const lun = u64('lun', 'LUN', 8, { meaning: 'Logical unit addressed, as SAM-5 encodes it', clause: LUN_CLAUSE });

/** NOP-Out (RFC 7143 11.18). */
export const NOP_OUT = layout('nopOut', 'NOP-Out', 48, 'RFC 7143 11.18', [
  ...commonFields,
  finalFlag,
  lun,
  itt,
  ttt,
  cmdSn,
  expStatSn,
]);

/** SCSI Command (RFC 7143 11.3). */
export const SCSI_COMMAND = layout('scsiCommand', 'SCSI Command', 48, 'RFC 7143 11.3', [
  ...commonFields,
  finalFlag,
  flag('read', 'R', 1, 6, { meaning: 'Data is expected from the target', clause: 'RFC 7143 11.3.1' }),
  flag('write', 'W', 1, 5, { meaning: 'Data goes to the target', clause: 'RFC 7143 11.3.1' }),
  bits('attribute', 'ATTR', 1, [2, 0], {
    values: TASK_ATTRIBUTE_NAMES,
    meaning: 'Task attribute',
    clause: 'RFC 7143 11.3.1',
  }),
  lun,
  itt,
  uint('expectedDataTransferLength', 'Expected Data Transfer Length', 20, 4, {
    meaning: 'Bytes the initiator expects to move for this command',
    clause: 'RFC 7143 11.3.4',
  }),
  cmdSn,
  expStatSn,
  raw('cdb', 'CDB', 32, 16, {
    meaning: 'SCSI command descriptor block; longer ones go on in an AHS',
    clause: 'RFC 7143 11.3.5',
  }),
]);

/** Task Management Function Request (RFC 7143 11.5). */
export const TASK_MANAGEMENT_REQUEST = layout('taskManagementRequest', 'Task Management Request', 48, 'RFC 7143 11.5', [
  ...commonFields,
  finalFlag,
  bits('function', 'Function', 1, [6, 0], {
    values: TMF_FUNCTION_NAMES,
    meaning: 'What is asked of the task manager',
    clause: 'RFC 7143 11.5.1',
  }),
  lun,
  itt,
  uint('referencedTaskTag', 'Referenced Task Tag', 20, 4, {
    meaning: 'Tag of the task this is about',
    clause: 'RFC 7143 11.5.4',
  }),
  cmdSn,
  expStatSn,
  uint('refCmdSn', 'RefCmdSN', 32, 4, { meaning: 'CmdSN of the task to abort', clause: 'RFC 7143 11.5.5' }),
  uint('expDataSn', 'ExpDataSN', 36, 4, {
    meaning: 'Next data or R2T number expected by a reassigned task',
    clause: 'RFC 7143 11.5.6',
  }),
]);

/** Login Request (RFC 7143 11.12). */
export const LOGIN_REQUEST = layout('loginRequest', 'Login Request', 48, 'RFC 7143 11.12', [
  ...commonFields,
  flag('transit', 'T', 1, 7, { meaning: 'The initiator is ready for the next stage', clause: 'RFC 7143 11.12.1' }),
  flag('continue', 'C', 1, 6, { meaning: 'The text goes on in the next PDU', clause: 'RFC 7143 11.12.2' }),
  bits('csg', 'CSG', 1, [3, 2], { values: LOGIN_STAGE_NAMES, meaning: 'Current stage', clause: 'RFC 7143 11.12.3' }),
  bits('nsg', 'NSG', 1, [1, 0], {
    values: LOGIN_STAGE_NAMES,
    meaning: 'Next stage, where T is set',
    clause: 'RFC 7143 11.12.3',
  }),
  uint('versionMax', 'Version-max', 2, 1, { clause: 'RFC 7143 11.12.4.1' }),
  uint('versionMin', 'Version-min', 3, 1, { clause: 'RFC 7143 11.12.4.2' }),
  raw('isid', 'ISID', 8, 6, { meaning: "Initiator's part of the session identifier", clause: 'RFC 7143 11.12.5' }),
  uint('tsih', 'TSIH', 14, 2, {
    meaning: "Target's part of the session identifier; zero asks for a new session",
    clause: 'RFC 7143 11.12.6',
  }),
  itt,
  uint('cid', 'CID', 20, 2, { meaning: 'Connection within the session', clause: 'RFC 7143 11.12.7' }),
  cmdSn,
  expStatSn,
]);

/** Text Request (RFC 7143 11.10). */
export const TEXT_REQUEST = layout('textRequest', 'Text Request', 48, 'RFC 7143 11.10', [
  ...commonFields,
  finalFlag,
  flag('continue', 'C', 1, 6, { meaning: 'The text goes on in the next PDU', clause: 'RFC 7143 11.10.2' }),
  lun,
  itt,
  ttt,
  cmdSn,
  expStatSn,
]);

/** SCSI Data-Out (RFC 7143 11.7). */
export const DATA_OUT = layout('dataOut', 'SCSI Data-Out', 48, 'RFC 7143 11.7', [
  ...commonFields,
  finalFlag,
  lun,
  itt,
  ttt,
  expStatSn,
  uint('dataSn', 'DataSN', 36, 4, { meaning: 'Number of this PDU within its sequence', clause: 'RFC 7143 11.7.5' }),
  uint('bufferOffset', 'Buffer Offset', 40, 4, {
    meaning: 'Where the data lies within the transfer',
    clause: 'RFC 7143 11.7.6',
  }),
]);

/** Logout Request (RFC 7143 11.14). */
export const LOGOUT_REQUEST = layout('logoutRequest', 'Logout Request', 48, 'RFC 7143 11.14', [
  ...commonFields,
  finalFlag,
  bits('reason', 'Reason', 1, [6, 0], { values: LOGOUT_REASON_NAMES, clause: 'RFC 7143 11.14.1' }),
  itt,
  uint('cid', 'CID', 20, 2, {
    meaning: 'Connection to close; ignored when the session is closed',
    clause: 'RFC 7143 11.14.3',
  }),
  cmdSn,
  expStatSn,
]);

/** SNACK Request (RFC 7143 11.16). */
export const SNACK_REQUEST = layout('snackRequest', 'SNACK Request', 48, 'RFC 7143 11.16', [
  ...commonFields,
  finalFlag,
  bits('type', 'Type', 1, [3, 0], { values: SNACK_TYPE_NAMES, clause: 'RFC 7143 11.16.1' }),
  lun,
  itt,
  ttt,
  expStatSn,
  uint('begRun', 'BegRun', 40, 4, { meaning: 'First number that is missing', clause: 'RFC 7143 11.16.5' }),
  uint('runLength', 'RunLength', 44, 4, {
    meaning: 'How many are missing; zero means all from there on',
    clause: 'RFC 7143 11.16.6',
  }),
]);
