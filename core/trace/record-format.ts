import { ProtocolError } from '../errors/index.ts';

/** First bytes of every file of a trace. */
export const FILE_MAGIC = 'LSTRACE\x01';
/** Bytes of a file's header. */
export const FILE_HEADER_LENGTH = 64;
/** Bytes before a record's body. */
export const RECORD_HEAD_LENGTH = 24;
/** Kinds of record in a trace file. */
export const RECORD_KINDS = { pdu: 1, opened: 2, closed: 3, lag: 4, lost: 5 } as const;
/** Flags of a record. */
export const RECORD_FLAGS = { fromInitiator: 1, redacted: 2, dataDamaged: 4, headerDamaged: 8 } as const;
/** Most bytes one record may take: the largest PDU there can be, and its head. */
export const MAX_RECORD_LENGTH = RECORD_HEAD_LENGTH + 48 + 255 * 4 + 0xffffff + 8;

const CHECK = 0x4c554e41;
const ENDIAN_MARK = 0x1a2b3c4d;

/** What the header of a trace file says. */
export interface FileHeader {
  /** Place of this file among those of its trace, from 0. */
  readonly segment: number;
  readonly full: boolean;
  readonly chapKept: boolean;
  /** Unix time in ns that the records' times count from. */
  readonly baseNs: bigint;
  /** PDUs recorded before this file began, those already deleted included. */
  readonly firstPdu: number;
}

/** The 64 bytes of a file header; everything in these files is little-endian. */
export function encodeFileHeader(header: FileHeader): Uint8Array {
  const out = new Uint8Array(FILE_HEADER_LENGTH);
  const view = new DataView(out.buffer);
  for (let i = 0; i < FILE_MAGIC.length; i += 1) out[i] = FILE_MAGIC.charCodeAt(i);
  view.setUint32(8, ENDIAN_MARK, true);
  view.setUint32(12, FILE_HEADER_LENGTH, true);
  view.setUint32(16, header.segment, true);
  view.setUint32(20, (header.full ? 1 : 0) | (header.chapKept ? 2 : 0), true);
  view.setBigInt64(24, header.baseNs, true);
  view.setFloat64(32, header.firstPdu, true);
  return out;
}

/** Whether bytes begin as a trace file does. */
export function isTraceFile(bytes: Uint8Array): boolean {
  if (bytes.length < FILE_MAGIC.length) return false;
  for (let i = 0; i < FILE_MAGIC.length; i += 1) if (bytes[i] !== FILE_MAGIC.charCodeAt(i)) return false;
  return true;
}

/** Reads a file header; another version or a broken one is a ProtocolError. */
export function decodeFileHeader(bytes: Uint8Array): FileHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FILE_HEADER_LENGTH || !isTraceFile(bytes) || view.getUint32(8, true) !== ENDIAN_MARK)
    throw new ProtocolError('PROTOCOL_MALFORMED', 'This is not a trace file of a version known here.');
  const flags = view.getUint32(20, true);
  return {
    segment: view.getUint32(16, true),
    full: (flags & 1) !== 0,
    chapKept: (flags & 2) !== 0,
    baseNs: view.getBigInt64(24, true),
    firstPdu: view.getFloat64(32, true),
  };
}

/** Bytes a record with a body of `length` takes: whole words of eight. */
export function recordLength(length: number): number {
  return (RECORD_HEAD_LENGTH + length + 7) & ~7;
}

/**
 * Bytes that records are written into, seen as what is written there. They begin at a multiple of eight in their memory; the
 * files are little-endian, as is every computer this runs on.
 */
export class RecordBuffer {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly #doubles: Float64Array;

  constructor(bytes: Uint8Array) {
    const { buffer, byteOffset, byteLength } = bytes;
    this.bytes = bytes;
    this.words = new Int32Array(buffer, byteOffset, byteLength >> 2);
    this.#doubles = new Float64Array(buffer, byteOffset, byteLength >> 3);
  }

  /** Writes a record's head at a multiple of eight; the body belongs right behind it. */
  writeHead(
    at: number,
    length: number,
    kind: number,
    flags: number,
    connection: number,
    timeNs: number,
    value: number,
  ): void {
    const { words } = this;
    const word = at >> 2;
    words[word] = length;
    words[word + 1] = connection | (kind << 16) | (flags << 24);
    this.#doubles[(at >> 3) + 1] = timeNs;
    words[word + 4] = value;
    words[word + 5] = length ^ CHECK;
  }
}

/** The length of the record at `at`, or 0 where no record begins: past the end of what was written, or damaged. */
export function readRecordLength(view: DataView, at: number): number {
  const length = view.getUint32(at, true);
  if (length < RECORD_HEAD_LENGTH || length > MAX_RECORD_LENGTH || length % 8 !== 0) return 0;
  return (length ^ CHECK) >>> 0 === view.getUint32(at + 20, true) ? length : 0;
}
