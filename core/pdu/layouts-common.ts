import { bits, flag, uint } from '../bytes/index.ts';
import { isVendorOpcode, OPCODES } from './opcodes.ts';

/** The clause that defines the LUN field of a BHS. */
export const LUN_CLAUSE = 'RFC 7143 11.2.1.7';

const OPCODE_NAMES: Readonly<Record<number, string>> = {
  [OPCODES.nopOut]: 'NOP-Out',
  [OPCODES.scsiCommand]: 'SCSI Command',
  [OPCODES.taskManagementRequest]: 'Task Management Request',
  [OPCODES.loginRequest]: 'Login Request',
  [OPCODES.textRequest]: 'Text Request',
  [OPCODES.dataOut]: 'SCSI Data-Out',
  [OPCODES.logoutRequest]: 'Logout Request',
  [OPCODES.snackRequest]: 'SNACK Request',
  [OPCODES.nopIn]: 'NOP-In',
  [OPCODES.scsiResponse]: 'SCSI Response',
  [OPCODES.taskManagementResponse]: 'Task Management Response',
  [OPCODES.loginResponse]: 'Login Response',
  [OPCODES.textResponse]: 'Text Response',
  [OPCODES.dataIn]: 'SCSI Data-In',
  [OPCODES.logoutResponse]: 'Logout Response',
  [OPCODES.readyToTransfer]: 'Ready To Transfer',
  [OPCODES.asyncMessage]: 'Asynchronous Message',
  [OPCODES.reject]: 'Reject',
};

/** Fields every BHS starts with (RFC 7143 11.2.1). */
export const commonFields = [
  flag('immediate', 'I', 0, 6, {
    meaning: 'Immediate delivery: handled at once, takes no CmdSN',
    clause: 'RFC 7143 11.2.1.1',
  }),
  bits('opcode', 'Opcode', 0, [5, 0], { values: OPCODE_NAMES, meaning: 'Kind of PDU', clause: 'RFC 7143 11.2.1.2' }),
  uint('totalAhsLength', 'TotalAHSLength', 4, 1, {
    meaning: 'Additional header segments, in four-byte words',
    clause: 'RFC 7143 11.2.1.5',
  }),
  uint('dataSegmentLength', 'DataSegmentLength', 5, 3, {
    meaning: 'Bytes of data, without padding and digest',
    clause: 'RFC 7143 11.2.1.6',
  }),
] as const;

/** The F bit. */
export const finalFlag = flag('final', 'F', 1, 7, {
  meaning: 'Last or only PDU of its sequence',
  clause: 'RFC 7143 11.2.1.3',
});

/** The initiator task tag. */
export const itt = uint('itt', 'Initiator Task Tag', 16, 4, {
  meaning: "Initiator's name for the task",
  clause: 'RFC 7143 11.2.1.8',
});

/** The target transfer tag. */
export const ttt = uint('ttt', 'Target Transfer Tag', 20, 4, {
  meaning: "Target's name for the transfer; ffffffff where there is none",
  clause: 'RFC 7143 11.7.4',
});

/** Name of an opcode for people, or its number where none is defined. */
export function opcodeName(opcode: number): string {
  return (
    OPCODE_NAMES[opcode] ??
    `${isVendorOpcode(opcode) ? 'Vendor opcode' : 'Opcode'} 0x${opcode.toString(16).padStart(2, '0')}`
  );
}
