import { padded, readU16, readU24, readU32 } from '../../bytes/index.ts';
import {
  BHS_LENGTH,
  isInitiatorOpcode,
  isVendorOpcode,
  OPCODES,
  pduKind,
  RESERVED_TAG,
  SCSI_STATUS_NAMES,
  TMF_FUNCTION_NAMES,
} from '../../pdu/index.ts';
import type { DigestState } from '../connection.ts';
import { TEXT_OPCODES } from '../fields-of.ts';
import type { CutterPeer } from './cutter-peer.ts';

const STRICT_SEGMENT = 4 << 20;
const STRICT_AHS = 80;
const WINDOW = 1 << 16;
/** What numbers of data PDUs stay below, by far. */
const DATA_COUNT = 1 << 20;
/** So much of a text is looked at. */
const TEXT_LOOK = 32;

/**
 * Whether a header may come from this side at all: RFC 7143 names its opcode, or its lengths are sane. One that is no vendor's
 * either needs a witness: what `end` leaves to be seen behind it, or what is known of the stream.
 */
export function isPossible(
  bytes: Uint8Array,
  at: number,
  end: number,
  fromInitiator: boolean,
  peer: CutterPeer,
): boolean {
  const opcode = (bytes[at] as number) & 0x3f;
  if (isInitiatorOpcode(opcode) !== fromInitiator || ((bytes[at] as number) & 0x80) !== 0) return false;
  if (pduKind(opcode) !== undefined) return true;
  if ((bytes[at + 4] as number) > STRICT_AHS || readU24(bytes, at + 5) > STRICT_SEGMENT) return false;
  return isVendorOpcode(opcode) || peer.vouches(opcode) || isFollowed(bytes, at, end, peer);
}

const DIGEST_SIZES: Readonly<Record<DigestState, readonly number[]>> = { none: [0], crc32c: [4], unknown: [0, 4] };

/** Whether a PDU ends with its segment, or has another behind it that comes from the same side. */
function isFollowed(bytes: Uint8Array, at: number, end: number, peer: CutterPeer): boolean {
  const data = padded(readU24(bytes, at + 5));
  const plain = headerEnd(bytes, at) + data;
  const side = (bytes[at] as number) & 0x20;
  for (const header of DIGEST_SIZES[peer.headerDigest()])
    for (const body of data === 0 ? [0] : DIGEST_SIZES[peer.dataDigest()]) {
      const next = plain + header + body;
      if (next === end) return true;
      const isWhole = next + BHS_LENGTH <= end;
      if (isWhole && ((bytes[next] as number) & 0x20) === side && looksLikeHeader(bytes, next)) return true;
    }
  return false;
}

/** Where a header ends, additional ones with it, and its digest without. */
function headerEnd(bytes: Uint8Array, at: number): number {
  return at + BHS_LENGTH + (bytes[at + 4] as number) * 4;
}

function zeros(bytes: Uint8Array, from: number, count: number): boolean {
  for (let i = from; i < from + count; i += 1) if (bytes[i] !== 0) return false;
  return true;
}

/** Whether what can be seen of the data behind a header of text is text; with a digest before it, four bytes may be anything. */
function looksLikeText(bytes: Uint8Array, at: number, end: number, length: number): boolean {
  const from = at + BHS_LENGTH;
  const isText = (start: number): boolean => {
    const stop = Math.min(start + Math.min(length, TEXT_LOOK), end);
    for (let i = start; i < stop; i += 1) {
      const byte = bytes[i] as number;
      if (byte !== 0 && (byte < 0x20 || byte === 0x7f)) return false;
    }
    return start >= stop || bytes[start] !== 0;
  };
  return length === 0 || isText(from) || isText(from + 4);
}

/** Whether an operation code is of a group that is neither reserved nor for vendors. */
function isStandardCommand(code: number): boolean {
  return code < 0x60 || (code >= 0x7e && code < 0xc0);
}

/** Whether a LUN is one of the well-known units, or has a form that units have, on two levels at most. */
function isUsualLun(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at] as number;
  return (first < 0xc0 || first === 0xc1) && zeros(bytes, at + 4, 4);
}

function windowFits(bytes: Uint8Array, at: number): boolean {
  const room = (readU32(bytes, at + 32) - readU32(bytes, at + 28) + 1) >>> 0;
  return room <= WINDOW;
}

/**
 * Whether 48 bytes look like the header of a PDU and like little else: reserved fields are zero, flags make sense,
 * the command window is sane. Used to find the first PDU of a stream whose beginning is missing.
 */
export function looksLikeHeader(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at] as number;
  const flags = bytes[at + 1] as number;
  const length = readU24(bytes, at + 5);
  if ((first & 0x80) !== 0 || length > STRICT_SEGMENT || (bytes[at + 4] as number) > STRICT_AHS) return false;
  const opcode = first & 0x3f;
  if (opcode >= 0x20) return (first & 0x40) === 0 && looksLikeAnswer(bytes, at, opcode, flags, length);
  if (opcode !== OPCODES.scsiCommand && bytes[at + 4] !== 0) return false;
  switch (opcode) {
    case OPCODES.nopOut:
      return flags === 0x80 && zeros(bytes, at + 2, 2) && zeros(bytes, at + 32, 16);
    case OPCODES.scsiCommand:
      return (
        (flags & 0x18) === 0 &&
        (flags & 7) <= 4 &&
        zeros(bytes, at + 2, 2) &&
        (flags & 0xe0) !== 0 &&
        ((flags & 0x60) !== 0 || readU32(bytes, at + 20) === 0) &&
        isUsualLun(bytes, at + 8) &&
        isStandardCommand(bytes[at + 32] as number)
      );
    case OPCODES.taskManagementRequest:
      return (
        (flags & 0x80) !== 0 &&
        TMF_FUNCTION_NAMES[flags & 0x7f] !== undefined &&
        length === 0 &&
        zeros(bytes, at + 2, 2) &&
        zeros(bytes, at + 40, 8)
      );
    case OPCODES.loginRequest:
      return first === (0x40 | OPCODES.loginRequest) && looksLikeLogin(bytes, at) && zeros(bytes, at + 32, 16);
    case OPCODES.textRequest:
      return (
        (flags & 0x3f) === 0 && (length > 0 || flags === 0x80) && zeros(bytes, at + 2, 2) && zeros(bytes, at + 32, 16)
      );
    case OPCODES.dataOut:
      return (
        first === OPCODES.dataOut &&
        (flags & 0x7f) === 0 &&
        zeros(bytes, at + 2, 2) &&
        zeros(bytes, at + 24, 4) &&
        zeros(bytes, at + 32, 4) &&
        zeros(bytes, at + 44, 4) &&
        (length > 0 || flags === 0x80) &&
        readU32(bytes, at + 36) < DATA_COUNT &&
        readU32(bytes, at + 16) !== 0xffffffff
      );
    case OPCODES.logoutRequest:
      return flags >= 0x80 && flags <= 0x82 && length === 0 && zeros(bytes, at + 2, 2) && zeros(bytes, at + 32, 16);
    case OPCODES.snackRequest:
      return (
        flags >= 0x80 &&
        flags <= 0x83 &&
        length === 0 &&
        zeros(bytes, at + 2, 2) &&
        zeros(bytes, at + 24, 4) &&
        zeros(bytes, at + 32, 8)
      );
    default:
      return false;
  }
}

function looksLikeAnswer(bytes: Uint8Array, at: number, opcode: number, flags: number, length: number): boolean {
  if (pduKind(opcode) === undefined || bytes[at + 4] !== 0) return false;
  if (opcode === OPCODES.loginResponse) return (flags & 0x30) === 0 && zeros(bytes, at + 38, 10);
  if (!windowFits(bytes, at)) return false;
  switch (opcode) {
    case OPCODES.nopIn:
      return flags === 0x80 && zeros(bytes, at + 2, 2) && zeros(bytes, at + 36, 12);
    case OPCODES.scsiResponse:
      return (
        (flags & 0xe1) === 0x80 &&
        ((bytes[at + 2] as number) <= 1 || (bytes[at + 2] as number) >= 0x80) &&
        SCSI_STATUS_NAMES[bytes[at + 3] as number] !== undefined
      );
    case OPCODES.dataIn:
      return (
        (flags & 0x38) === 0 &&
        bytes[at + 2] === 0 &&
        (length > 0 || (flags & 1) !== 0) &&
        readU32(bytes, at + 36) < DATA_COUNT &&
        readU32(bytes, at + 16) !== 0xffffffff
      );
    case OPCODES.readyToTransfer:
      return flags === 0x80 && length === 0 && zeros(bytes, at + 2, 2) && readU32(bytes, at + 44) > 0;
    case OPCODES.textResponse:
      return (flags & 0x3f) === 0 && zeros(bytes, at + 2, 2) && zeros(bytes, at + 36, 12);
    case OPCODES.taskManagementResponse:
      return flags === 0x80 && length === 0 && bytes[at + 3] === 0 && zeros(bytes, at + 36, 12);
    case OPCODES.logoutResponse:
      // Time2Wait and Time2Retain lie between what is reserved.
      return (
        flags === 0x80 && length === 0 && bytes[at + 3] === 0 && zeros(bytes, at + 36, 4) && zeros(bytes, at + 44, 4)
      );
    case OPCODES.asyncMessage:
      return (
        flags === 0x80 &&
        zeros(bytes, at + 2, 2) &&
        readU32(bytes, at + 16) === RESERVED_TAG &&
        zeros(bytes, at + 44, 4)
      );
    default:
      return flags === 0x80 && bytes[at + 3] === 0 && zeros(bytes, at + 40, 8);
  }
}

/** Whether a connection's first bytes are a login request (RFC 7143 11.12). */
export function looksLikeLogin(bytes: Uint8Array, at: number): boolean {
  const flags = bytes[at + 1] as number;
  return (
    ((bytes[at] as number) & 0xbf) === OPCODES.loginRequest &&
    (flags & 0x30) === 0 &&
    (flags & 0x0c) !== 0x08 &&
    readU16(bytes, at + 2) <= 0x0101 &&
    readU24(bytes, at + 5) <= STRICT_SEGMENT
  );
}

/**
 * How many headers can be seen one behind the other, and the end of the segment where it is that of a PDU or of a header; no more
 * than `most` are looked for.
 */
function countChain(bytes: Uint8Array, at: number, end: number, most: number): number {
  let place = at;
  for (let count = 1; count < most; count += 1) {
    const header = headerEnd(bytes, place);
    const plain = header + padded(readU24(bytes, place + 5));
    if (header === end || header + 4 === end) return count + 1;
    const next = [0, 4, 8]
      .map((digests) => plain + digests)
      .find((start) => start === end || (start + BHS_LENGTH <= end && looksLikeHeader(bytes, start)));
    if (next === undefined) return count;
    if (next === end) return count + 1;
    place = next;
  }
  return most;
}

/** Whether what follows a believed header is what may: text behind one of text, and a header behind its data, where they can be seen. */
export function chains(bytes: Uint8Array, at: number, end: number): boolean {
  const data = readU24(bytes, at + 5);
  const plain = headerEnd(bytes, at) + padded(data);
  if (TEXT_OPCODES.has((bytes[at] as number) & 0x3f) && !looksLikeText(bytes, at, end, data)) return false;
  if (plain + BHS_LENGTH > end) return true;
  return [0, 4, 8].some((digests) => {
    const next = plain + digests;
    return next + BHS_LENGTH > end || looksLikeHeader(bytes, next);
  });
}

/** Whether a header is of a task under way; a tag of zeros says nothing, since much that is no header has zeros there. */
export function isOfTask(bytes: Uint8Array, at: number, peer: CutterPeer): boolean {
  const itt = readU32(bytes, at + 16);
  return itt !== 0 && peer.knowsTask(itt);
}

/**
 * Whether more than its looks says that a header stands there: it is of a task under way, or stands where the segment begins, or
 * others follow. One more is asked for inside a segment, and one more where nothing tells which side is which.
 */
export function isWitnessed(
  bytes: Uint8Array,
  at: number,
  end: number,
  begun: number,
  role: boolean | undefined,
  peer: CutterPeer,
): boolean {
  if (isOfTask(bytes, at, peer)) return true;
  // A digest of the PDU before may come first.
  const begins = at === begun || at === begun + 4;
  const least = 1 + (begins ? 0 : 1) + (role === undefined ? 1 : 0);
  return countChain(bytes, at, end, least) === least;
}
