/** Opcodes an initiator sends (RFC 7143 11.2.1.2). */
export const INITIATOR_OPCODES = {
  nopOut: 0x00,
  scsiCommand: 0x01,
  taskManagementRequest: 0x02,
  loginRequest: 0x03,
  textRequest: 0x04,
  dataOut: 0x05,
  logoutRequest: 0x06,
  snackRequest: 0x10,
} as const;

/** Opcodes a target sends (RFC 7143 11.2.1.2). */
export const TARGET_OPCODES = {
  nopIn: 0x20,
  scsiResponse: 0x21,
  taskManagementResponse: 0x22,
  loginResponse: 0x23,
  textResponse: 0x24,
  dataIn: 0x25,
  logoutResponse: 0x26,
  readyToTransfer: 0x31,
  asyncMessage: 0x32,
  reject: 0x3f,
} as const;

/** Both sides' opcodes under one name each. */
export const OPCODES = { ...INITIATOR_OPCODES, ...TARGET_OPCODES } as const;

/** The name of a PDU kind. */
export type PduKind = keyof typeof OPCODES;

/** The tag that stands for "no task" and "no transfer" (RFC 7143 11.2.1.8). */
export const RESERVED_TAG = 0xffffffff;

/** Bytes of a basic header segment (RFC 7143 11.2.1). */
export const BHS_LENGTH = 48;

const KIND_OF: ReadonlyMap<number, PduKind> = new Map(
  (Object.entries(OPCODES) as [PduKind, number][]).map(([kind, opcode]) => [opcode, kind]),
);

/** The kind of an opcode (low six bits of the first byte), or undefined where RFC 7143 names none. */
export function pduKind(opcode: number): PduKind | undefined {
  return KIND_OF.get(opcode);
}

/** Whether an opcode is one of those that vendors may use as they like (RFC 7143 11.2.1.2). */
export function isVendorOpcode(opcode: number): boolean {
  const code = opcode & 0x1f;
  return code >= 0x1c && code <= 0x1e;
}

/** Whether an opcode belongs to the initiator's side. */
export function isInitiatorOpcode(opcode: number): boolean {
  return opcode < 0x20;
}
