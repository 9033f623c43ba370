import { padded, readU24, writeU16, writeU24, writeU32, type Crc32c } from '../../bytes/index.ts';
import { BHS_LENGTH, OPCODES, RESERVED_TAG, writeDigest, type Digests } from '../../pdu/index.ts';
import type { Session } from './session.ts';

/** Bits of the second byte of Data-In and SCSI Response (RFC 7143 11.4.1, 11.7). */
export const DATA_FLAGS = { final: 0x80, acknowledge: 0x40, overflow: 0x04, underflow: 0x02, hasStatus: 0x01 } as const;

/** How far the data of a command missed what the initiator expected (RFC 7143 11.4.5). */
export interface Residual {
  readonly flags: number;
  readonly count: number;
}

const NO_RESIDUAL: Residual = { flags: 0, count: 0 };

/** The residual of a command that would move `actual` bytes where `expected` were announced. */
export function residualOf(expected: number, actual: number): Residual {
  if (actual === expected) return NO_RESIDUAL;
  return actual < expected
    ? { flags: DATA_FLAGS.underflow, count: expected - actual }
    : { flags: DATA_FLAGS.overflow, count: actual - expected };
}

/** Bytes a PDU with a data segment of `dataLength` takes on the wire. */
export function pduBytes(dataLength: number, digests: Digests): number {
  return (
    BHS_LENGTH +
    (digests.header === undefined ? 0 : 4) +
    (dataLength === 0 ? 0 : padded(dataLength) + (digests.data === undefined ? 0 : 4))
  );
}

/** Where the data segment lies in a PDU without additional headers. */
export function dataOffset(digests: Digests): number {
  return digests.header === undefined ? BHS_LENGTH : BHS_LENGTH + 4;
}

/** Fills in padding and both digests of a PDU at `at` whose header and data are in place. */
export function sealPdu(bytes: Uint8Array, at: number, dataLength: number, digests: Digests): void {
  let next = at + BHS_LENGTH;
  if (digests.header !== undefined) {
    writeDigest(bytes, next, digests.header(bytes.subarray(at, next)), digests.order);
    next += 4;
  }
  if (dataLength === 0) return;
  const end = next + padded(dataLength);
  for (let pad = next + dataLength; pad < end; pad += 1) bytes[pad] = 0;
  const crc: Crc32c | undefined = digests.data;
  if (crc !== undefined) writeDigest(bytes, end, crc(bytes.subarray(next, end)), digests.order);
}

/** Writes the header of a Data-In at `at`; StatSN and status only where `hasStatus` is among the flags. */
export function writeDataIn(
  bytes: Uint8Array,
  at: number,
  session: Session,
  fields: {
    readonly flags: number;
    readonly status: number;
    readonly dataLength: number;
    readonly lunHigh: number;
    readonly lunLow: number;
    readonly itt: number;
    readonly ttt: number;
    readonly statSn: number;
    readonly dataSn: number;
    readonly bufferOffset: number;
    readonly residual: number;
  },
): void {
  bytes[at] = OPCODES.dataIn;
  bytes[at + 1] = fields.flags;
  bytes[at + 2] = 0;
  bytes[at + 3] = fields.status;
  bytes[at + 4] = 0;
  writeU24(bytes, at + 5, fields.dataLength);
  // The LUN goes along only with a transfer tag to answer to (RFC 7143 11.7.4).
  const tagged = fields.ttt !== RESERVED_TAG;
  writeU32(bytes, at + 8, tagged ? fields.lunHigh : 0);
  writeU32(bytes, at + 12, tagged ? fields.lunLow : 0);
  writeU32(bytes, at + 16, fields.itt);
  writeU32(bytes, at + 20, fields.ttt);
  writeU32(bytes, at + 24, fields.statSn);
  writeU32(bytes, at + 28, session.expCmdSn);
  writeU32(bytes, at + 32, session.maxCmdSn);
  writeU32(bytes, at + 36, fields.dataSn);
  writeU32(bytes, at + 40, fields.bufferOffset);
  writeU32(bytes, at + 44, fields.residual);
}

/** A whole SCSI Response on the wire, with its sense data. */
export function scsiResponse(
  session: Session,
  fields: {
    readonly status: number;
    readonly itt: number;
    readonly statSn: number;
    readonly expDataSn: number;
    readonly residual: Residual;
    readonly sense?: Uint8Array | undefined;
  },
  digests: Digests,
): Uint8Array {
  const { sense } = fields;
  const dataLength = sense === undefined ? 0 : sense.length + 2;
  const bytes = new Uint8Array(pduBytes(dataLength, digests));
  bytes[0] = OPCODES.scsiResponse;
  bytes[1] = DATA_FLAGS.final | fields.residual.flags;
  bytes[3] = fields.status;
  writeU24(bytes, 5, dataLength);
  writeU32(bytes, 16, fields.itt);
  writeU32(bytes, 24, fields.statSn);
  writeU32(bytes, 28, session.expCmdSn);
  writeU32(bytes, 32, session.maxCmdSn);
  writeU32(bytes, 36, fields.expDataSn);
  writeU32(bytes, 44, fields.residual.count);
  if (sense !== undefined) {
    const at = dataOffset(digests);
    writeU16(bytes, at, sense.length);
    bytes.set(sense, at + 2);
  }
  sealPdu(bytes, 0, dataLength, digests);
  return bytes;
}

/** A whole R2T on the wire. */
export function readyToTransfer(
  session: Session,
  fields: {
    readonly lunHigh: number;
    readonly lunLow: number;
    readonly itt: number;
    readonly ttt: number;
    readonly statSn: number;
    readonly r2tSn: number;
    readonly offset: number;
    readonly length: number;
  },
  digests: Digests,
): Uint8Array {
  const bytes = new Uint8Array(pduBytes(0, digests));
  bytes[0] = OPCODES.readyToTransfer;
  bytes[1] = DATA_FLAGS.final;
  writeU32(bytes, 8, fields.lunHigh);
  writeU32(bytes, 12, fields.lunLow);
  writeU32(bytes, 16, fields.itt);
  writeU32(bytes, 20, fields.ttt);
  writeU32(bytes, 24, fields.statSn);
  writeU32(bytes, 28, session.expCmdSn);
  writeU32(bytes, 32, session.maxCmdSn);
  writeU32(bytes, 36, fields.r2tSn);
  writeU32(bytes, 40, fields.offset);
  writeU32(bytes, 44, fields.length);
  sealPdu(bytes, 0, 0, digests);
  return bytes;
}

/** Puts the present window into a PDU that is sent again, and seals it anew. */
export function refreshWindow(bytes: Uint8Array, session: Session, digests: Digests): void {
  writeU32(bytes, 28, session.expCmdSn);
  writeU32(bytes, 32, session.maxCmdSn);
  sealPdu(bytes, 0, readU24(bytes, 5), digests);
}

/** A PDU of another connection as this one would have sent it: header and data the same, StatSN and digests its own. */
export function reframePdu(
  bytes: Uint8Array,
  from: Digests,
  statSn: number,
  session: Session,
  to: Digests,
): Uint8Array {
  const dataLength = readU24(bytes, 5);
  const out = new Uint8Array(pduBytes(dataLength, to));
  out.set(bytes.subarray(0, BHS_LENGTH));
  const at = dataOffset(from);
  out.set(bytes.subarray(at, at + dataLength), dataOffset(to));
  writeU32(out, 24, statSn);
  refreshWindow(out, session, to);
  return out;
}
