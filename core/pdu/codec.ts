import {
  decodeLayout,
  encodeLayout,
  padded,
  readU24,
  writeU24,
  writeU32,
  type Crc32c,
  type LayoutInput,
  type LayoutValue,
} from '../bytes/index.ts';
import { ProtocolError, UsageError } from '../errors/index.ts';
import { PDU_LAYOUTS } from './layouts.ts';
import { BHS_LENGTH, OPCODES, type PduKind } from './opcodes.ts';

/** Byte order of a digest on the wire; `little` is what RFC 7143 13.1 prescribes for the reflected CRC. */
export type DigestOrder = 'little' | 'big';

/** The digests of a connection; undefined where a digest was not agreed. */
export interface Digests {
  readonly header?: Crc32c;
  readonly data?: Crc32c;
  readonly order: DigestOrder;
}

/** A connection without digests. */
export const NO_DIGESTS: Digests = { order: 'little' };

/** A PDU ready to be framed: header fields, additional headers and data, without padding or digests. */
export interface OutgoingPdu {
  readonly bhs: Uint8Array;
  readonly ahs?: Uint8Array;
  readonly data?: Uint8Array;
}

type KindLayout<K extends PduKind> = (typeof PDU_LAYOUTS)[K];

/** The header fields of a PDU kind. */
export type PduFields<K extends PduKind> = LayoutValue<KindLayout<K>>;

/** Builds a PDU of a kind from its fields; opcode and both lengths are filled in. */
export function buildPdu<K extends PduKind>(
  kind: K,
  fields: LayoutInput<KindLayout<K>>,
  data?: Uint8Array,
  ahs?: Uint8Array,
): OutgoingPdu {
  const bhs = encodeLayout(PDU_LAYOUTS[kind], fields as LayoutInput<(typeof PDU_LAYOUTS)[PduKind]>);
  bhs[0] = ((bhs[0] ?? 0) & 0xc0) | OPCODES[kind];
  if (data !== undefined && data.length > 0xffffff)
    throw new UsageError(
      'BAD_ARGUMENT',
      `A data segment holds at most 16777215 bytes; ${String(data.length)} were given.`,
    );
  writeU24(bhs, 5, data?.length ?? 0);
  if (ahs !== undefined && (ahs.length % 4 !== 0 || ahs.length > 255 * 4))
    throw new UsageError(
      'BAD_ARGUMENT',
      `Additional headers come in whole words, at most 255; ${String(ahs.length)} bytes were given.`,
    );
  bhs[4] = (ahs?.length ?? 0) / 4;
  return { bhs, ...(ahs === undefined ? {} : { ahs }), ...(data === undefined ? {} : { data }) };
}

/** Decodes the header of a PDU whose kind the caller has checked. */
export function decodeBhs<K extends PduKind>(kind: K, bhs: Uint8Array, base = 0): PduFields<K> {
  const fields = decodeLayout(PDU_LAYOUTS[kind], bhs, base);
  if (fields === undefined)
    throw new ProtocolError('PROTOCOL_MALFORMED', `A ${PDU_LAYOUTS[kind].label} header ends before its 48 bytes.`);
  return fields;
}

/** Writes a digest in the agreed byte order. */
export function writeDigest(bytes: Uint8Array, at: number, crc: number, order: DigestOrder): void {
  if (order === 'big') {
    writeU32(bytes, at, crc);
    return;
  }
  bytes[at] = crc;
  bytes[at + 1] = crc >>> 8;
  bytes[at + 2] = crc >>> 16;
  bytes[at + 3] = crc >>> 24;
}

/** Bytes a PDU takes on the wire with its padding and digests. */
export function wireLength(pdu: OutgoingPdu, digests: Digests = NO_DIGESTS): number {
  const data = pdu.data?.length ?? 0;
  const header = BHS_LENGTH + (pdu.ahs?.length ?? 0) + (digests.header === undefined ? 0 : 4);
  return header + padded(data) + (data > 0 && digests.data !== undefined ? 4 : 0);
}

/** The bytes of a PDU as they go on the wire. */
export function framePdu(pdu: OutgoingPdu, digests: Digests = NO_DIGESTS): Uint8Array {
  const out = new Uint8Array(wireLength(pdu, digests));
  out.set(pdu.bhs);
  let at = BHS_LENGTH;
  if (pdu.ahs !== undefined) {
    out.set(pdu.ahs, at);
    at += pdu.ahs.length;
  }
  if (digests.header !== undefined) {
    writeDigest(out, at, digests.header(out.subarray(0, at)), digests.order);
    at += 4;
  }
  const data = pdu.data;
  if (data === undefined || data.length === 0) return out;
  out.set(data, at);
  const end = at + padded(data.length);
  if (digests.data !== undefined) writeDigest(out, end, digests.data(out.subarray(at, end)), digests.order);
  return out;
}

/** Length of the data segment a header announces. */
export function dataSegmentLength(bhs: Uint8Array, base = 0): number {
  return readU24(bhs, base + 5);
}
