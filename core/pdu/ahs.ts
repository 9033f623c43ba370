import { joinBytes, padded, readU16, readU32, writeU16, writeU32 } from '../bytes/index.ts';
import { ProtocolError, UsageError } from '../errors/index.ts';

/** Kinds of additional header segments (RFC 7143 11.2.2.1). */
export const AHS_TYPES = { extendedCdb: 1, bidirectionalReadLength: 2 } as const;

/** One additional header segment: its type and content after the reserved byte. */
export type AdditionalHeader =
  | { readonly type: 'extendedCdb'; readonly cdbTail: Uint8Array }
  | { readonly type: 'bidirectionalReadLength'; readonly length: number }
  | { readonly type: 'unknown'; readonly code: number; readonly content: Uint8Array };

const MAX_CDB = 260;

/** Encodes additional headers, each padded to whole words. */
export function encodeAhs(headers: readonly AdditionalHeader[]): Uint8Array {
  return joinBytes(headers.map(encodeOne));
}

function encodeOne(header: AdditionalHeader): Uint8Array {
  switch (header.type) {
    case 'extendedCdb': {
      const out = new Uint8Array(padded(4 + header.cdbTail.length));
      writeU16(out, 0, header.cdbTail.length + 1);
      out[2] = AHS_TYPES.extendedCdb;
      out.set(header.cdbTail, 4);
      return out;
    }
    case 'bidirectionalReadLength': {
      const out = new Uint8Array(8);
      writeU16(out, 0, 5);
      out[2] = AHS_TYPES.bidirectionalReadLength;
      writeU32(out, 4, header.length);
      return out;
    }
    case 'unknown': {
      const out = new Uint8Array(padded(3 + header.content.length));
      writeU16(out, 0, header.content.length);
      out[2] = header.code;
      out.set(header.content, 3);
      return out;
    }
  }
}

/** An additional header as it stands. */
export interface AhsSegment {
  /** The length it says it has: that of its content. */
  readonly length: number;
  readonly type: number;
  /** What comes after the type, a reserved byte first in the kinds that are known. */
  readonly content: Uint8Array;
}

/** Cuts additional headers apart, up to the first that does not fit (RFC 7143 11.2.2). */
export function cutAhs(bytes: Uint8Array): AhsSegment[] {
  const out: AhsSegment[] = [];
  for (let at = 0; at + 3 <= bytes.length;) {
    const length = readU16(bytes, at);
    const end = at + 3 + length;
    if (length === 0 || end > bytes.length) break;
    out.push({ length, type: bytes[at + 2] as number, content: bytes.subarray(at + 3, end) });
    at += padded(3 + length);
  }
  return out;
}

/** Decodes the additional headers that follow a BHS; a length that leaves the segment is a ProtocolError. */
export function decodeAhs(bytes: Uint8Array): AdditionalHeader[] {
  const segments = cutAhs(bytes);
  const at = segments.reduce((sum, { length }) => sum + padded(3 + length), 0);
  if (at < bytes.length) {
    const length = at + 3 <= bytes.length ? readU16(bytes, at) : -1;
    throw new ProtocolError(
      'PROTOCOL_MALFORMED',
      `An additional header at byte ${String(at)} says it is ${String(length)} bytes long, which does not fit.`,
    );
  }
  return segments.map(decodeAhsSegment);
}

/** Decodes one additional header. */
export function decodeAhsSegment({ length, type, content }: AhsSegment): AdditionalHeader {
  if (type === AHS_TYPES.extendedCdb) return { type: 'extendedCdb', cdbTail: content.subarray(1) };
  if (type === AHS_TYPES.bidirectionalReadLength && length === 5)
    return { type: 'bidirectionalReadLength', length: readU32(content, 1) };
  return { type: 'unknown', code: type, content };
}

/** Splits a CDB into the 16 bytes of the BHS and, where it is longer, the additional header with the rest. */
export function splitCdb(cdb: Uint8Array): { readonly head: Uint8Array; readonly extended?: AdditionalHeader } {
  if (cdb.length === 0 || cdb.length > MAX_CDB)
    throw new UsageError(
      'BAD_ARGUMENT',
      `A CDB is 1 to ${String(MAX_CDB)} bytes long; ${String(cdb.length)} were given.`,
    );
  const head = new Uint8Array(16);
  head.set(cdb.subarray(0, 16));
  return cdb.length <= 16 ? { head } : { head, extended: { type: 'extendedCdb', cdbTail: cdb.subarray(16) } };
}

/** Puts a CDB together again from its head and additional headers. */
export function joinCdb(head: Uint8Array, headers: readonly AdditionalHeader[]): Uint8Array {
  const extended = headers.find((h) => h.type === 'extendedCdb');
  if (extended === undefined) return head;
  const out = new Uint8Array(head.length + extended.cdbTail.length);
  out.set(head);
  out.set(extended.cdbTail, head.length);
  return out;
}
