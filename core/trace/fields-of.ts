import { INITIATOR_OPCODES, OPCODES, TARGET_OPCODES } from '../pdu/index.ts';

/** Which words of a header mean what, by opcode. */
export interface WordUse {
  readonly ttt: boolean;
  readonly cmdSn: boolean;
  readonly statSn: boolean;
  readonly expStatSn: boolean;
  readonly window: boolean;
  readonly dataSn: boolean;
  readonly r2tSn: boolean;
  readonly bufferOffset: boolean;
  readonly residual: boolean;
  readonly lun: boolean;
}

const set = (...opcodes: readonly number[]): ReadonlySet<number> => new Set(opcodes);
const O = OPCODES;
const TTT = set(
  O.nopOut,
  O.textRequest,
  O.dataOut,
  O.snackRequest,
  O.nopIn,
  O.textResponse,
  O.dataIn,
  O.readyToTransfer,
);
const CMD_SN = set(O.nopOut, O.scsiCommand, O.taskManagementRequest, O.loginRequest, O.textRequest, O.logoutRequest);
// That of Data-In means something only where it asks for an acknowledgement (RFC 7143 11.7.4); its task tells.
const LUN = set(
  O.nopOut,
  O.scsiCommand,
  O.taskManagementRequest,
  O.textRequest,
  O.dataOut,
  O.snackRequest,
  O.nopIn,
  O.textResponse,
  O.readyToTransfer,
  O.asyncMessage,
);
const INITIATOR = set(...Object.values(INITIATOR_OPCODES));
const TARGET = set(...Object.values(TARGET_OPCODES));

/** PDUs whose data is text. */
export const TEXT_OPCODES: ReadonlySet<number> = set(O.loginRequest, O.loginResponse, O.textRequest, O.textResponse);

/** The words a PDU's header uses, by opcode (RFC 7143 11). */
export const WORD_USE: readonly WordUse[] = Array.from({ length: 64 }, (_, opcode) => {
  const target = TARGET.has(opcode);
  return {
    ttt: TTT.has(opcode),
    cmdSn: CMD_SN.has(opcode),
    statSn: target,
    expStatSn: INITIATOR.has(opcode),
    window: target,
    dataSn: opcode === O.dataIn || opcode === O.dataOut || opcode === O.reject,
    r2tSn: opcode === O.readyToTransfer,
    bufferOffset: opcode === O.dataIn || opcode === O.dataOut || opcode === O.readyToTransfer,
    residual: opcode === O.scsiResponse || opcode === O.dataIn,
    lun: LUN.has(opcode),
  };
});

/** Opcodes whose second byte carries the F bit. */
export const HAS_FINAL: readonly boolean[] = Array.from(
  { length: 64 },
  (_, opcode) => opcode !== O.loginRequest && opcode !== O.loginResponse,
);
