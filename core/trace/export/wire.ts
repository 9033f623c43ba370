import { padded, type Crc32c } from '../../bytes/index.ts';
import { BHS_LENGTH, OPCODES, writeDigest } from '../../pdu/index.ts';
import { MARKS } from '../columns.ts';
import type { Trace } from '../trace.ts';

/** Replaces what must not leave the house in a PDU's data; the length stays. */
export type DataFilter = (row: number, opcode: number, data: Uint8Array) => Uint8Array;

/** A PDU as it goes on the wire again. */
export interface WirePdu {
  readonly bytes: Uint8Array;
  /** Data bytes that were not kept and are zeros now. */
  readonly zeroed: number;
}

/** Whether PDUs of this kind travel before digests are in force (RFC 7143 13.1). */
export function isLogin(opcode: number): boolean {
  return opcode === OPCODES.loginRequest || opcode === OPCODES.loginResponse;
}

/**
 * The whole bytes of a PDU: data that was not kept becomes zeros, padding is zero, digests are computed anew where the
 * connection has them, and stay wrong where they were wrong. One that was broken off ends where it did.
 */
export function wirePdu(trace: Trace, row: number, crc: Crc32c, filter?: DataFilter): WirePdu {
  const [page, i] = trace.at(row);
  const opcode = (page.opcode[i] as number) & 0x3f;
  const marks = page.marks[i] as number;
  const length = (page.lengths[i] as number) & 0xffffff;
  const connection = trace.connections[page.connection[i] as number];
  const digests = !isLogin(opcode);
  const headerDigest = digests && connection?.headerDigest === 'crc32c' ? 4 : 0;
  const dataDigest = digests && length > 0 && connection?.dataDigest === 'crc32c' ? 4 : 0;
  const { bhs, ahs, data } = trace.readPdu(row);
  const header = BHS_LENGTH + ahs.length;
  const dataAt = header + headerDigest;
  const bytes = new Uint8Array(dataAt + padded(length) + dataDigest);
  bytes.set(bhs);
  bytes.set(ahs, BHS_LENGTH);
  if (headerDigest > 0) {
    const bad = (marks & MARKS.headerDigestBad) !== 0;
    writeDigest(bytes, header, damage(crc(bytes.subarray(0, header)), bad), 'little');
  }
  bytes.set(filter === undefined ? data : filter(row, opcode, data), dataAt);
  // What its sender never sent is not made up.
  if ((marks & MARKS.brokenOff) !== 0) return { bytes: bytes.subarray(0, dataAt + data.length), zeroed: 0 };
  if (dataDigest > 0) {
    const bad = (marks & MARKS.dataDigestBad) !== 0;
    const end = dataAt + padded(length);
    writeDigest(bytes, end, damage(crc(bytes.subarray(dataAt, end)), bad), 'little');
  }
  return { bytes, zeroed: length - data.length };
}

function damage(crc: number, bad: boolean): number {
  return bad ? ~crc >>> 0 : crc;
}
