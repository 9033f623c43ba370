import { readU24 } from '../../bytes/index.ts';
import { BHS_LENGTH, OPCODES } from '../../pdu/index.ts';
import { MARKS } from '../columns.ts';
import type { TraceConnection } from '../connection.ts';
import { createArrival } from '../pdu-index.ts';
import {
  decodeFileHeader,
  FILE_HEADER_LENGTH,
  isTraceFile,
  readRecordLength,
  RECORD_FLAGS,
  RECORD_HEAD_LENGTH,
  RECORD_KINDS,
} from '../record-format.ts';
import { TAP_ENDS, type TapEnd, type TapEndpoints } from '../tap.ts';
import type { Trace } from '../trace.ts';
import type { ContainerParser } from './container.ts';

/** Longest a recording can be believed to go on: ten years in ns. */
const MAX_TIME_NS = 3.2e17;
const UNKNOWN: TapEndpoints = { initiatorHost: '0.0.0.0', initiatorPort: 0, targetHost: '0.0.0.0', targetPort: 0 };

function readEndpoints(bytes: Uint8Array): TapEndpoints {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Partial<TapEndpoints> | null;
    const host = (text: unknown): string => (typeof text === 'string' ? text.slice(0, 255) : '0.0.0.0');
    const port = (number: unknown): number => (typeof number === 'number' ? number & 0xffff : 0);
    return {
      initiatorHost: host(value?.initiatorHost),
      initiatorPort: port(value?.initiatorPort),
      targetHost: host(value?.targetHost),
      targetPort: port(value?.targetPort),
    };
  } catch {
    return UNKNOWN;
  }
}

/** Reads the files a recorder writes, one after another; every whole record counts, whatever ended the writing. */
export class TraceFileParser implements ContainerParser {
  readonly #trace: Trace;
  readonly #arrival = createArrival();
  readonly #connections = new Map<number, TraceConnection | undefined>();
  #started = false;
  #passing = false;
  #read = 0;
  #lastNs = 0;
  readonly #told = new Set<string>();
  /** Places where PDUs are missing so far, and how many of them each side of a connection that is up has passed. */
  #losses = 0;
  readonly #passed = new Map<TraceConnection, [number, number]>();

  constructor(trace: Trace) {
    this.#trace = trace;
    trace.isRecording = true;
  }

  feed(bytes: Uint8Array, from: number, to: number, offset: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = from;
    while (to - at >= RECORD_HEAD_LENGTH) {
      if (bytes[at] === 0x4c && isTraceFile(bytes.subarray(at, at + 8))) {
        if (to - at < FILE_HEADER_LENGTH) return at;
        this.#startFile(bytes.subarray(at, at + FILE_HEADER_LENGTH), offset + at - from);
        at += FILE_HEADER_LENGTH;
        continue;
      }
      const length = readRecordLength(view, at);
      if (length === 0) {
        this.#passOver(offset + at - from);
        at += 8;
        continue;
      }
      if (at + length > to) return at;
      this.#passing = false;
      this.#handle(view, bytes, at, length, offset + at - from);
      at += length;
    }
    return at;
  }

  finish(): void {
    for (const connection of this.#passed.keys()) this.#leave(connection);
  }

  /** Whole words that are no record: what a crash of the host left. The next record or file is looked for. */
  #passOver(place: number): void {
    if (!this.#passing) this.#trace.note('Bytes that are no record were passed over.', place);
    this.#passing = true;
  }

  /** Tells of a kind of damage where it is met first. */
  #noteOnce(text: string, place: number): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#trace.note(text, place);
  }

  /** The time of a record; one that cannot be is replaced by that of the record before. */
  #timeOf(timeNs: number, place: number): number {
    if (timeNs >= 0 && timeNs <= MAX_TIME_NS) this.#lastNs = timeNs;
    else this.#noteOnce('Records have times that cannot be; they were given those of the records before them.', place);
    return this.#lastNs;
  }

  #startFile(bytes: Uint8Array, place: number): void {
    const header = decodeFileHeader(bytes);
    if (header.baseNs < 0n)
      this.#noteOnce('The recording begins at a time that cannot be; 1970 was taken for it.', place);
    else if (!this.#started) this.#trace.baseNs = header.baseNs;
    const counted = Number.isSafeInteger(header.firstPdu) && header.firstPdu >= 0;
    if (!counted) this.#noteOnce('A file header has a count of PDUs that cannot be; it was passed over.', place);
    const missing = counted ? header.firstPdu - this.#read - this.#trace.droppedPdus : 0;
    if (missing > 0) {
      this.#trace.droppedPdus += missing;
      if (this.#read > 0) this.#lose(0);
      this.#trace.note(`${missing} older PDUs were dropped to keep the trace within its size.`, place);
    }
    this.#started = true;
    this.#passing = false;
  }

  #handle(view: DataView, bytes: Uint8Array, at: number, length: number, place: number): void {
    const id = view.getUint16(at + 4, true);
    const timeNs = this.#timeOf(view.getFloat64(at + 8, true), place);
    const value = view.getUint32(at + 16, true);
    const body = at + RECORD_HEAD_LENGTH;
    switch (view.getUint8(at + 6)) {
      case RECORD_KINDS.pdu:
        this.#pdu(bytes, at, length, place, id, timeNs, value, view.getUint8(at + 7));
        return;
      case RECORD_KINDS.opened:
        if (!this.#connections.has(id)) this.#open(id, readEndpoints(bytes.subarray(body, body + value)), timeNs);
        return;
      case RECORD_KINDS.closed: {
        const connection = this.#connections.get(id);
        if (connection === undefined) return;
        if (!this.#close(connection, timeNs, TAP_ENDS[view.getUint8(at + 7)] ?? 'unknown')) return;
        connection.closeReason = new TextDecoder().decode(bytes.subarray(body, Math.min(body + value, at + length)));
        return;
      }
      case RECORD_KINDS.lag:
        this.#trace.addLag({ timeNs, lagUs: value });
        return;
      case RECORD_KINDS.lost:
        this.#lose(value);
        this.#trace.note(`${value} PDUs are missing here: the writer could not keep up.`, place);
        return;
      default:
    }
  }

  /** Notes how a connection ended; answers false where only the recording of it did. */
  #close(connection: TraceConnection, timeNs: number, end: TapEnd): boolean {
    if (end === 'goes-on') return false;
    this.#leave(connection);
    connection.closedNs = timeNs;
    connection.reset = end === 'initiator-reset' || end === 'target-reset';
    if (end === 'initiator-closed' || end === 'initiator-reset') connection.closedBy = 'initiator';
    else if (end !== 'unknown') connection.closedBy = 'target';
    return true;
  }

  #open(id: number, endpoints: TapEndpoints, timeNs: number): TraceConnection | undefined {
    const connection = this.#trace.openConnection(endpoints, timeNs);
    this.#connections.set(id, connection);
    if (connection !== undefined) this.#passed.set(connection, [this.#losses, this.#losses]);
    return connection;
  }

  #lose(count: number): void {
    this.#losses += 1;
    this.#trace.loseHere(count);
  }

  /** Nothing more comes of a connection: what was lost since its last PDUs may have been its own. */
  #leave(connection: TraceConnection): void {
    const [target, initiator] = this.#passed.get(connection) ?? [this.#losses, this.#losses];
    this.#passed.delete(connection);
    if (target < this.#losses) connection.lostAtEnd.target = true;
    if (initiator < this.#losses) connection.lostAtEnd.initiator = true;
  }

  /** Whether PDUs were lost since the last of this side of a connection, of which any may have been its own. */
  #isBehindLoss(connection: TraceConnection, flags: number): boolean {
    if (this.#losses === 0) return false;
    const passed = this.#passed.get(connection);
    const side = (flags & RECORD_FLAGS.fromInitiator) === 0 ? 0 : 1;
    if (passed === undefined || passed[side] === this.#losses) return false;
    passed[side] = this.#losses;
    return true;
  }

  #pdu(
    bytes: Uint8Array,
    at: number,
    length: number,
    place: number,
    id: number,
    timeNs: number,
    stored: number,
    flags: number,
  ): void {
    const start = at + RECORD_HEAD_LENGTH;
    if (length < RECORD_HEAD_LENGTH + BHS_LENGTH) return;
    const dataAt = start + BHS_LENGTH + (bytes[start + 4] as number) * 4;
    if (dataAt + stored > at + length) {
      this.#trace.note('A record is shorter than the PDU it claims to hold.', place);
      return;
    }
    const claimed = readU24(bytes, start + 5);
    if (stored > claimed)
      this.#noteOnce('Records keep more data than the headers of their PDUs have; the rest was left out.', place);
    const kept = Math.min(stored, claimed);
    let connection = this.#connections.get(id);
    if (connection === undefined && !this.#connections.has(id)) connection = this.#open(id, UNKNOWN, timeNs);
    if (connection === undefined) return;
    // A recording may begin, or its first files be gone, while a connection is long up.
    if (connection.pdus === 0 && connection.endpoints !== UNKNOWN)
      connection.fromStart = ((bytes[start] as number) & 0x3f) === OPCODES.loginRequest;
    const arrival = this.#arrival;
    arrival.timeNs = timeNs;
    arrival.connection = connection.id;
    arrival.bytes = bytes;
    arrival.at = start;
    arrival.data = bytes;
    arrival.dataAt = dataAt;
    arrival.dataLength = kept;
    arrival.stored = kept;
    arrival.offset = place + RECORD_HEAD_LENGTH;
    arrival.marks =
      ((flags & RECORD_FLAGS.fromInitiator) === 0 ? 0 : MARKS.fromInitiator) |
      ((flags & RECORD_FLAGS.dataDamaged) === 0 ? 0 : MARKS.dataDigestBad) |
      ((flags & RECORD_FLAGS.headerDamaged) === 0 ? 0 : MARKS.headerDigestBad) |
      (this.#isBehindLoss(connection, flags) ? MARKS.gapBefore : 0);
    this.#read += 1;
    this.#trace.append(arrival);
  }
}
