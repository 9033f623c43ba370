import { OPCODES } from '../pdu/index.ts';
import {
  encodeFileHeader,
  FILE_HEADER_LENGTH,
  RECORD_FLAGS,
  RECORD_HEAD_LENGTH,
  RECORD_KINDS,
  recordLength,
  writeRecordHead,
} from './record-format.ts';
import type { PduTap, TapEndpoints, TraceMode } from './tap.ts';
import { TextMask } from './text-mask.ts';

/** Where a recorder's bytes go. It lends buffers and takes them back filled; it may refuse, and the PDUs are counted. */
export interface ChunkSink {
  /** A buffer of at least `length` bytes, or undefined while the writer cannot keep up or has stopped. */
  acquire(length: number): Uint8Array | undefined;
  /** Takes a buffer back with its first `length` bytes to be written. */
  write(chunk: Uint8Array, length: number): void;
  /** What is written from now on belongs to file `segment` of the trace. */
  startSegment(segment: number): void;
}

/** How a recorder is set up. */
export interface RecorderOptions {
  readonly mode: Exclude<TraceMode, 'off'>;
  /** Unix time in ns at the zero of the clock the tap is called with. */
  readonly baseNs: bigint;
  /** Bytes after which a new file begins. */
  readonly segmentBytes?: number;
  readonly chunkBytes?: number;
  readonly keepChapResponses?: boolean;
}

/** Data bytes kept of a PDU that is neither text nor status. */
export const HEADER_MODE_DATA = 64;

const WHOLE = new Uint8Array(64);
for (const kind of [
  'loginRequest',
  'loginResponse',
  'textRequest',
  'textResponse',
  'scsiResponse',
  'asyncMessage',
  'reject',
] as const)
  WHOLE[OPCODES[kind]] = 1;

const MAX_CONNECTIONS = 0xffff;

interface Open {
  readonly opened: Uint8Array;
  readonly masks: readonly [TextMask, TextMask];
}

/**
 * Views of the two buffers that were asked for last: for a long time a connection's headers come from the buffer it is read
 * into, and those that were cut in two from the one they are put together in.
 */
class LastViews {
  #bytes: Uint8Array | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #otherBytes: Uint8Array | undefined;
  #otherView = this.#view;

  of(bytes: Uint8Array): DataView {
    if (this.#bytes === bytes) return this.#view;
    const view =
      this.#otherBytes === bytes ? this.#otherView : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#otherBytes = this.#bytes;
    this.#otherView = this.#view;
    this.#bytes = bytes;
    this.#view = view;
    return view;
  }
}

/** Copies a multiple of four bytes; for so few this is faster than any call that copies. */
function copyWords(from: DataView, at: number, into: DataView, to: number, length: number): void {
  for (let i = 0; i < length; i += 4) into.setUint32(to + i, from.getUint32(at + i, true), true);
}

/** Copies the first bytes of some data, which comes from many buffers. */
function copyStart(data: Uint8Array, view: DataView, chunk: Uint8Array, to: number, length: number): void {
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const high = ((data[i + 3] as number) << 24) | ((data[i + 2] as number) << 16);
    view.setUint32(to + i, high | ((data[i + 1] as number) << 8) | (data[i] as number), true);
  }
  for (; i < length; i += 1) chunk[to + i] = data[i] as number;
}

/** Turns tap calls into records and hands them on in large pieces; it never fails and never waits. */
export class TraceRecorder implements PduTap {
  readonly #sink: ChunkSink;
  readonly #full: boolean;
  readonly #keepChap: boolean;
  readonly #baseNs: bigint;
  readonly #chunkBytes: number;
  readonly #segmentBytes: number;
  readonly #open = new Map<number, Open>();
  #nextConnection = 0;
  #chunk: Uint8Array | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  readonly #sent = new LastViews();
  readonly #received = new LastViews();
  #segment = -1;
  #inSegment = 0;
  #pdus = 0;
  #lost = 0;
  #unreported = 0;

  constructor(sink: ChunkSink, options: RecorderOptions) {
    this.#sink = sink;
    this.#full = options.mode === 'full';
    this.#keepChap = options.keepChapResponses ?? false;
    this.#baseNs = options.baseNs;
    this.#chunkBytes = options.chunkBytes ?? 1 << 20;
    this.#segmentBytes = options.segmentBytes ?? 256 << 20;
  }

  /** PDUs recorded, and PDUs left out because the writer could not take them. */
  get counts(): { readonly recorded: number; readonly lost: number } {
    return { recorded: this.#pdus, lost: this.#lost };
  }

  openConnection(timeMs: number, endpoints: TapEndpoints): number {
    const connection = this.#nextConnection;
    if (connection < MAX_CONNECTIONS) this.#nextConnection += 1;
    const body = new TextEncoder().encode(JSON.stringify(endpoints));
    const record = new Uint8Array(recordLength(body.length));
    const time = Math.round(timeMs * 1e6);
    writeRecordHead(
      new DataView(record.buffer),
      0,
      record.length,
      RECORD_KINDS.opened,
      0,
      connection,
      time,
      body.length,
    );
    record.set(body, RECORD_HEAD_LENGTH);
    const hidden = this.#keepChap ? [] : ['CHAP_R'];
    this.#put(record);
    this.#open.set(connection, { opened: record, masks: [new TextMask(hidden), new TextMask(hidden)] });
    return connection;
  }

  recordPdu(
    connection: number,
    fromInitiator: boolean,
    timeMs: number,
    bytes: Uint8Array,
    at: number,
    ahsLength: number,
    data: Uint8Array,
    dataDamaged = false,
  ): void {
    const opcode = (bytes[at] as number) & 0x3f;
    const whole = this.#full || WHOLE[opcode] === 1;
    const kept = whole || data.length <= HEADER_MODE_DATA ? data.length : HEADER_MODE_DATA;
    const header = 48 + ahsLength;
    const length = (RECORD_HEAD_LENGTH + header + kept + 7) & ~7;
    if (!this.#reserve(length)) {
      this.#lost += 1;
      this.#unreported += 1;
      return;
    }
    const chunk = this.#chunk as Uint8Array;
    const view = this.#view;
    const start = this.#at;
    let flags = fromInitiator ? RECORD_FLAGS.fromInitiator : 0;
    let to = start + RECORD_HEAD_LENGTH;
    const from = fromInitiator ? this.#sent : this.#received;
    copyWords(from.of(bytes), at, view, to, header);
    to += header;
    if (kept <= HEADER_MODE_DATA) copyStart(data, view, chunk, to, kept);
    else chunk.set(kept === data.length ? data : data.subarray(0, kept), to);
    for (let i = to + kept; i < start + length; i += 1) chunk[i] = 0;
    if (opcode === OPCODES.loginRequest || opcode === OPCODES.loginResponse) {
      const mask = this.#open.get(connection)?.masks[fromInitiator ? 0 : 1] ?? new TextMask(['CHAP_R']);
      if (mask.apply(chunk, to, kept, ((bytes[at + 1] as number) & 0x40) === 0)) flags |= RECORD_FLAGS.redacted;
    }
    if (dataDamaged) flags |= RECORD_FLAGS.dataDamaged;
    writeRecordHead(view, start, length, RECORD_KINDS.pdu, flags, connection, Math.round(timeMs * 1e6), kept);
    this.#at = start + length;
    this.#inSegment += length;
    this.#pdus += 1;
  }

  recordLag(timeMs: number, lagMs: number): void {
    this.#putBody(RECORD_KINDS.lag, 0, timeMs, Math.round(lagMs * 1000), new Uint8Array(0));
  }

  closeConnection(connection: number, timeMs: number, reason: string): void {
    this.#open.delete(connection);
    const body = new TextEncoder().encode(reason.slice(0, 500));
    this.#putBody(RECORD_KINDS.closed, connection, timeMs, body.length, body);
  }

  /** Hands on what has been gathered, so that a crash loses nothing older than this call. */
  flush(): void {
    if (this.#chunk === undefined || this.#at === 0) return;
    this.#sink.write(this.#chunk, this.#at);
    this.#chunk = undefined;
    this.#at = 0;
  }

  #putBody(kind: number, connection: number, timeMs: number, value: number, body: Uint8Array): void {
    const record = new Uint8Array(recordLength(body.length));
    writeRecordHead(
      new DataView(record.buffer),
      0,
      record.length,
      kind,
      0,
      connection,
      Math.round(timeMs * 1e6),
      value,
    );
    record.set(body, RECORD_HEAD_LENGTH);
    this.#put(record);
  }

  #put(record: Uint8Array): void {
    if (!this.#reserve(record.length)) return;
    this.#append(record);
  }

  #append(record: Uint8Array): void {
    (this.#chunk as Uint8Array).set(record, this.#at);
    this.#at += record.length;
    this.#inSegment += record.length;
  }

  /** Makes room for `length` bytes, beginning a new chunk or file where it is due. */
  #reserve(length: number): boolean {
    if (this.#chunk !== undefined && this.#at + length <= this.#chunk.length && this.#inSegment < this.#segmentBytes)
      return true;
    this.flush();
    const fresh = this.#segment < 0 || this.#inSegment >= this.#segmentBytes;
    const preamble = fresh ? this.#preambleLength() : 0;
    const room = preamble + RECORD_HEAD_LENGTH + length;
    this.#chunk = this.#sink.acquire(Math.max(this.#chunkBytes, room));
    if (this.#chunk === undefined) return false;
    this.#view = new DataView(this.#chunk.buffer, this.#chunk.byteOffset, this.#chunk.byteLength);
    this.#at = 0;
    if (fresh) this.#startSegment();
    if (this.#unreported > 0) {
      const lost = this.#unreported;
      this.#unreported = 0;
      writeRecordHead(this.#view, this.#at, RECORD_HEAD_LENGTH, RECORD_KINDS.lost, 0, 0, 0, lost);
      this.#at += RECORD_HEAD_LENGTH;
    }
    return true;
  }

  #preambleLength(): number {
    let length = FILE_HEADER_LENGTH;
    for (const { opened } of this.#open.values()) length += opened.length;
    return length;
  }

  /** Every file names the connections that are open at its start, so that it can be read when older ones are gone. */
  #startSegment(): void {
    this.#segment += 1;
    this.#inSegment = 0;
    this.#sink.startSegment(this.#segment);
    this.#append(
      encodeFileHeader({
        segment: this.#segment,
        full: this.#full,
        chapKept: this.#keepChap,
        baseNs: this.#baseNs,
        firstPdu: this.#pdus,
      }),
    );
    for (const { opened } of this.#open.values()) this.#append(opened);
  }
}
