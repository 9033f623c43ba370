/** Why a PDU is rejected (RFC 7143 11.17.1). */
export const REJECT = {
  dataDigest: 0x02,
  snack: 0x03,
  protocolError: 0x04,
  notSupported: 0x05,
  tooManyImmediate: 0x06,
  taskInProgress: 0x07,
  invalidDataAck: 0x08,
  invalidField: 0x09,
  outOfResources: 0x0a,
  waitingForLogout: 0x0c,
} as const;

/** One of the reasons above. */
export type RejectReason = (typeof REJECT)[keyof typeof REJECT];
