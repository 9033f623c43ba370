import { BHS_LENGTH, OPCODES } from '../pdu/index.ts';
import {
  encodeFileHeader,
  FILE_HEADER_LENGTH,
  RECORD_FLAGS,
  RECORD_HEAD_LENGTH,
  RECORD_KINDS,
  RecordBuffer,
  recordLength,
} from './record-format.ts';
import {
  TAP_ENDS,
  type PduBatch,
  type PduDamage,
  type PduTap,
  type TapEnd,
  type TapEndpoints,
  type TraceMode,
} from './tap.ts';
import { TextMask } from './text-mask.ts';

/** Where a recorder's bytes go. It lends buffers and takes them back filled; it may refuse, and the PDUs are counted. */
export interface ChunkSink {
  /** A buffer of at least `length` bytes that begins at a multiple of eight in its memory, or undefined while the writer cannot keep up or has stopped. */
  acquire(length: number): Uint8Array | undefined;
  /** Takes a buffer back with its first `length` bytes to be written. */
  write(chunk: Uint8Array, length: number): void;
  /** What is acquired from now on belongs to file `segment` of the trace; said again where nothing could be acquired. */
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

/** What is kept of the data of a kind of PDU: its first bytes, all, or all but the secrets in it. */
const [FIRST, ALL, MASKED] = [0, 1, 2];
const KEPT = new Uint8Array(64).fill(FIRST);
for (const kind of ['textRequest', 'textResponse', 'scsiResponse', 'asyncMessage', 'reject'] as const)
  KEPT[OPCODES[kind]] = ALL;
for (const kind of ['loginRequest', 'loginResponse'] as const) KEPT[OPCODES[kind]] = MASKED;

const DAMAGE_FLAGS = { header: RECORD_FLAGS.headerDamaged, data: RECORD_FLAGS.dataDamaged } as const;
const MAX_CONNECTIONS = 0xffff;

interface Open {
  readonly opened: Uint8Array;
  readonly masks: readonly [TextMask, TextMask];
}

const NONE = new Int32Array(0);

/** The buffer that was asked for last as words: for a long time all headers of a direction come from one. */
class LastWords {
  #bytes: Uint8Array | undefined;
  #words: Int32Array = NONE;

  /** None where the buffer does not begin at a word of its memory. */
  of(bytes: Uint8Array): Int32Array {
    if (this.#bytes !== bytes) {
      const { buffer, byteOffset, byteLength } = bytes;
      this.#bytes = bytes;
      this.#words = byteOffset % 4 === 0 ? new Int32Array(buffer, byteOffset, byteLength >> 2) : NONE;
    }
    return this.#words;
  }
}

/**
 * Copies `count` words to word `to` from byte `at`, wherever in a word that is; the word behind the last one is read too. For so
 * few this is faster than any call that copies, and than a DataView.
 */
function copyWords(from: Int32Array, at: number, into: Int32Array, to: number, count: number): void {
  const first = at >> 2;
  const end = (to + count) | 0;
  const shift = (at & 3) * 8;
  if (shift === 0) {
    const ahead = (first - to) | 0;
    for (let i = to; i < end; i = (i + 1) | 0) into[i] = from[(i + ahead) | 0] as number;
    return;
  }
  const ahead = (first - to + 1) | 0;
  const up = 32 - shift;
  let low = (from[first] as number) >>> shift;
  for (let i = to; i < end; i = (i + 1) | 0) {
    const next = from[(i + ahead) | 0] as number;
    into[i] = low | (next << up);
    low = next >>> shift;
  }
}

/** Copies a few bytes, which come from many buffers: a view of each would cost more than it saves. */
function copyBytes(from: Uint8Array, at: number, into: Uint8Array, to: number, count: number): void {
  for (let i = 0; i < count; i += 1) into[to + i] = from[at + i] as number;
}

/** A record with a body that is not a PDU. */
function smallRecord(
  kind: number,
  connection: number,
  timeMs: number,
  value: number,
  body: Uint8Array,
  flags = 0,
): Uint8Array {
  const record = new RecordBuffer(new Uint8Array(recordLength(body.length)));
  record.writeHead(0, record.bytes.length, kind, flags, connection, Math.round(timeMs * 1e6), value);
  record.bytes.set(body, RECORD_HEAD_LENGTH);
  return record.bytes;
}

/** Turns tap calls into records and hands them on in large pieces; it never fails and never waits. */
export class TraceRecorder implements PduTap {
  /** Bytes after which another file begins; a change holds for the file under way too. */
  segmentBytes: number;
  readonly #sink: ChunkSink;
  readonly #full: boolean;
  readonly #keepChap: boolean;
  readonly #baseNs: bigint;
  readonly #chunkBytes: number;
  readonly #open = new Map<number, Open>();
  #nextConnection = 0;
  #chunk: RecordBuffer | undefined;
  #at = 0;
  readonly #sent = new LastWords();
  readonly #received = new LastWords();
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
    this.segmentBytes = options.segmentBytes ?? 256 << 20;
  }

  /** PDUs recorded, and PDUs left out because the writer could not take them. */
  get counts(): { readonly recorded: number; readonly lost: number } {
    return { recorded: this.#pdus, lost: this.#lost };
  }

  openConnection(timeMs: number, endpoints: TapEndpoints): number {
    const connection = this.#nextConnection;
    if (connection < MAX_CONNECTIONS) this.#nextConnection += 1;
    const body = new TextEncoder().encode(JSON.stringify(endpoints));
    const opened = smallRecord(RECORD_KINDS.opened, connection, timeMs, body.length, body);
    const hidden = this.#keepChap ? [] : ['CHAP_R'];
    this.#put(opened);
    this.#open.set(connection, { opened, masks: [new TextMask(hidden), new TextMask(hidden)] });
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
    dataAt: number,
    dataLength: number,
    damage?: PduDamage,
  ): void {
    const rule = KEPT[(bytes[at] as number) & 0x3f];
    const whole = dataLength <= HEADER_MODE_DATA || this.#full || rule !== FIRST;
    const kept = whole ? dataLength : HEADER_MODE_DATA;
    const header = 48 + ahsLength;
    const length = (RECORD_HEAD_LENGTH + header + kept + 7) & ~7;
    if (!this.#reserve(length)) {
      this.#lost += 1;
      this.#unreported += 1;
      return;
    }
    const record = this.#chunk as RecordBuffer;
    const chunk = record.bytes;
    const start = this.#at;
    let flags = fromInitiator ? RECORD_FLAGS.fromInitiator : 0;
    const body = start + RECORD_HEAD_LENGTH;
    const to = body + header;
    copyBytes(bytes, at, chunk, body, header);
    if (kept <= HEADER_MODE_DATA) copyBytes(data, dataAt, chunk, to, kept);
    else chunk.set(data.subarray(dataAt, dataAt + kept), to);
    for (let i = to + kept; i < start + length; i += 1) chunk[i] = 0;
    if (rule === MASKED) {
      const mask = this.#open.get(connection)?.masks[fromInitiator ? 0 : 1] ?? new TextMask(['CHAP_R']);
      if (mask.apply(chunk, to, kept, ((bytes[at + 1] as number) & 0x40) === 0)) flags |= RECORD_FLAGS.redacted;
    }
    if (damage !== undefined) flags |= DAMAGE_FLAGS[damage];
    record.writeHead(start, length, RECORD_KINDS.pdu, flags, connection, Math.round(timeMs * 1e6), kept);
    this.#took(length);
  }

  /** The way nearly all PDUs go: of most of them header and data are one run of words. */
  recordPdus(connection: number, fromInitiator: boolean, timeMs: number, batch: PduBatch): void {
    const { bytes, data, places, first, count } = batch;
    const words = (fromInitiator ? this.#sent : this.#received).of(bytes);
    const flags = fromInitiator ? RECORD_FLAGS.fromInitiator : 0;
    const timeNs = Math.round(timeMs * 1e6);
    const end = (first + count) * 4;
    for (let i = first * 4; i < end; i += 4) {
      const at = places[i] as number;
      const ahsLength = places[i + 1] as number;
      const dataAt = places[i + 2] as number;
      const dataLength = places[i + 3] as number;
      const isLong = dataLength > HEADER_MODE_DATA;
      const kept = isLong ? HEADER_MODE_DATA : dataLength;
      const header = BHS_LENGTH + ahsLength;
      // Data that stands elsewhere is copied by itself, behind what is one run of words.
      const apart = kept > 0 && (data !== bytes || dataAt !== at + header);
      const run = apart ? header : header + kept;
      const length = (RECORD_HEAD_LENGTH + header + kept + 7) & ~7;
      const inWords = (run & 3) === 0 && (at + run) >> 2 < words.length;
      const rule = KEPT[(bytes[at] as number) & 0x3f];
      const isKeptWhole = isLong && (this.#full || rule !== FIRST);
      if (!inWords || isKeptWhole || rule === MASKED || !this.#reserve(length)) {
        this.recordPdu(connection, fromInitiator, timeMs, bytes, at, ahsLength, data, dataAt, dataLength);
        continue;
      }
      const record = this.#chunk as RecordBuffer;
      const start = this.#at;
      const body = start + RECORD_HEAD_LENGTH;
      // What fills it up to a multiple of eight, if anything does.
      record.words[(start + length - 4) >> 2] = 0;
      if ((kept & 3) !== 0) record.words[(start + length - 8) >> 2] = 0;
      copyWords(words, at, record.words, body >> 2, run >> 2);
      if (apart) copyBytes(data, dataAt, record.bytes, body + run, kept);
      record.writeHead(start, length, RECORD_KINDS.pdu, flags, connection, timeNs, kept);
      this.#took(length);
    }
  }

  recordLag(timeMs: number, lagMs: number): void {
    this.#put(smallRecord(RECORD_KINDS.lag, 0, timeMs, Math.round(lagMs * 1000), new Uint8Array(0)));
  }

  closeConnection(connection: number, timeMs: number, reason: string, end: TapEnd = 'unknown'): void {
    this.#open.delete(connection);
    const body = new TextEncoder().encode(reason.slice(0, 500));
    this.#put(smallRecord(RECORD_KINDS.closed, connection, timeMs, body.length, body, TAP_ENDS.indexOf(end)));
  }

  /** Hands on what has been gathered. */
  flush(): void {
    if (this.#chunk === undefined || this.#at === 0) return;
    this.#sink.write(this.#chunk.bytes, this.#at);
    this.#chunk = undefined;
    this.#at = 0;
  }

  #put(record: Uint8Array): void {
    if (!this.#reserve(record.length)) return;
    this.#append(record);
  }

  #append(record: Uint8Array): void {
    (this.#chunk as RecordBuffer).bytes.set(record, this.#at);
    this.#at += record.length;
    this.#inSegment += record.length;
  }

  #took(length: number): void {
    this.#at += length;
    this.#inSegment += length;
    this.#pdus += 1;
  }

  /** Makes room for `length` bytes, beginning a new chunk or file where it is due. */
  #reserve(length: number): boolean {
    if (
      this.#chunk !== undefined &&
      this.#at + length <= this.#chunk.bytes.length &&
      this.#inSegment < this.segmentBytes
    )
      return true;
    this.flush();
    const fresh = this.#segment < 0 || this.#inSegment >= this.segmentBytes;
    if (fresh) this.#sink.startSegment(this.#segment + 1);
    const preamble = fresh ? this.#preambleLength() : 0;
    const room = preamble + RECORD_HEAD_LENGTH + length;
    const bytes = this.#sink.acquire(Math.max(this.#chunkBytes, room));
    if (bytes === undefined) return false;
    this.#chunk = new RecordBuffer(bytes);
    this.#at = 0;
    if (fresh) this.#startSegment();
    if (this.#unreported > 0) {
      const lost = this.#unreported;
      this.#unreported = 0;
      this.#chunk.writeHead(this.#at, RECORD_HEAD_LENGTH, RECORD_KINDS.lost, 0, 0, 0, lost);
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
