import { joinBytes } from '../../bytes/index.ts';
import { BHS_LENGTH } from '../../pdu/index.ts';
import { MARKS, type PduPage } from '../columns.ts';
import { offsetOf } from '../pdu-index.ts';
import type { Trace } from '../trace.ts';

/** What is looked into: the data of PDUs, or their headers with the additional ones. */
export type SearchedBytes = 'data' | 'header';

const LEAST = 16 << 10;
const MOST = 1 << 20;

/** Latin-1 letters in lower case. */
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte).toLowerCase().charCodeAt(0));

/** Where `wanted`, which is not empty, begins in `bytes` from `from` on; -1 where it does not. */
export function findBytes(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(wanted[0] as number, from); at >= 0; at = bytes.indexOf(wanted[0] as number, at + 1)) {
    if (at + wanted.length > bytes.length) return -1;
    let i = 1;
    while (i < wanted.length && bytes[at + i] === wanted[i]) i += 1;
    if (i === wanted.length) return at;
  }
  return -1;
}

/**
 * Looks for bytes in one PDU after another. The file is read through a window that grows while rows follow each other
 * in it and starts small elsewhere; a hit beyond the row asked about is kept for those that come.
 */
export class ByteSearch {
  readonly #trace: Trace;
  readonly #part: SearchedBytes;
  readonly #wanted: Uint8Array;
  readonly #anyCase: boolean;
  #window = new Uint8Array(0);
  /** The part of the window that was filled, and where it lies in the source. */
  #filled = this.#window;
  #start = 0;
  #size = LEAST;
  /** The first hit from `#askedFrom` on, both as places in the window. */
  #hit = -1;
  #askedFrom = -1;

  constructor(trace: Trace, part: SearchedBytes, wanted: Uint8Array, anyCase = false) {
    this.#trace = trace;
    this.#part = part;
    this.#anyCase = anyCase;
    this.#wanted = anyCase ? wanted.map((byte) => LOWER[byte] as number) : wanted;
  }

  /** Whether row `row`, the `i`th of its page, has the bytes. */
  has(row: number, page: PduPage, i: number): boolean {
    if (this.#wanted.length === 0) return true;
    const marks = page.marks[i] as number;
    const header = BHS_LENGTH + ((page.lengths[i] as number) >>> 24) * 4;
    const inData = this.#part === 'data';
    const length = inData ? (page.stored[i] as number) : header;
    if (length < this.#wanted.length) return false;
    if ((marks & MARKS.pieces) !== 0) return this.#hasApart(row);
    const skip = inData ? header + ((marks & MARKS.headerDigest) === 0 ? 0 : 4) : 0;
    const offset = offsetOf(page, i) + skip;
    if (!this.#reach(offset, length)) return this.#hasApart(row);
    const from = offset - this.#start;
    if (this.#askedFrom < 0 || from < this.#askedFrom || (this.#hit >= 0 && this.#hit < from)) {
      this.#hit = this.#find(this.#filled, from);
      this.#askedFrom = from;
    }
    return this.#hit >= 0 && this.#hit + this.#wanted.length <= from + length;
  }

  /** Brings bytes of the source into the window; answers whether all of them are there. */
  #reach(offset: number, length: number): boolean {
    const end = this.#start + this.#filled.length;
    if (offset >= this.#start && offset + length <= end) return true;
    const near = offset >= this.#start && offset <= end + this.#size;
    this.#size = near ? Math.min(MOST, this.#size * 2) : LEAST;
    const size = Math.max(this.#size, length);
    if (this.#window.length < size) this.#window = new Uint8Array(size);
    const got = this.#trace.source?.read(offset, this.#window.subarray(0, size)) ?? 0;
    this.#filled = this.#window.subarray(0, got);
    this.#start = offset;
    this.#askedFrom = -1;
    if (this.#anyCase) lower(this.#filled);
    return length <= got;
  }

  /** A PDU whose bytes lie in several places, or are not all there. */
  #hasApart(row: number): boolean {
    const { bhs, ahs, data } = this.#trace.readPdu(row);
    const bytes = this.#part === 'data' ? data : joinBytes([bhs, ahs]);
    if (this.#anyCase) lower(bytes);
    return this.#find(bytes, 0) >= 0;
  }

  #find(bytes: Uint8Array, from: number): number {
    return this.#trace.source?.find?.(bytes, this.#wanted, from) ?? findBytes(bytes, this.#wanted, from);
  }
}

function lower(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = LOWER[bytes[i] as number] as number;
}
