import { joinBytes, padded, readU24, type Crc32c } from '../bytes/index.ts';
import { ProtocolError } from '../errors/index.ts';
import { NO_DIGESTS, type Digests } from './codec.ts';
import { opcodeName } from './layouts-common.ts';
import { BHS_LENGTH, pduKind } from './opcodes.ts';
import type { PduDamage } from './tap.ts';
import { quote } from './text.ts';

/** What a framer hands on. Header bytes and views are valid only during the call. */
export interface PduSink {
  /**
   * Called once a header is whole and its digest has been checked, before any data is taken.
   * Returns where the data segment belongs (exactly its length), or undefined to have it collected.
   */
  placeData(bytes: Uint8Array, at: number, ahsLength: number, dataLength: number): Uint8Array | undefined;
  /**
   * A whole PDU: header at `at`, additional headers right behind it, data either placed or a view. Where all of it came in
   * one piece, `bytes` are those that are being read, and its data stands in them from `wireAt` too; otherwise that is -1.
   */
  handlePdu(bytes: Uint8Array, at: number, ahsLength: number, data: Uint8Array, wireAt: number): void;
  /** The data digest of a PDU was wrong; its data must not be used. */
  handleDataDigestError(bytes: Uint8Array, at: number, ahsLength: number, data: Uint8Array): void;
  /**
   * A PDU is refused, and the error that says so is thrown next: `data` is what of its data is at hand. One whose additional
   * headers are not whole yet is not told of.
   */
  handleRefused?(bytes: Uint8Array, at: number, ahsLength: number, data: Uint8Array, damage?: PduDamage): void;
}

/** What a peer may send at this point of the connection; checked before anything is buffered. */
export interface FramerLimits {
  /** Longest data segment taken: our MaxRecvDataSegmentLength. */
  maxDataSegmentLength: number;
  /** Whether the opcode is one the peer's side may send. */
  accepts(opcode: number): boolean;
}

const EMPTY = new Uint8Array(0);
const MAX_HEADER = BHS_LENGTH + 255 * 4 + 4;

/** The first words of a header that is text, as a banner of another protocol would be. */
function printable(bytes: Uint8Array, at: number): string | undefined {
  let text = '';
  for (const byte of bytes.subarray(at, at + BHS_LENGTH)) {
    if (byte === 0x0d || byte === 0x0a) break;
    if (byte < 0x20 || byte > 0x7e) return undefined;
    text += String.fromCharCode(byte);
  }
  return text.length >= 4 ? text : undefined;
}

function headerDigestError(bytes: Uint8Array, at: number): ProtocolError {
  return new ProtocolError(
    'PROTOCOL_DIGEST',
    'A header digest was wrong: the header was damaged on its way, so nothing after it can be trusted.',
    { retryable: true, details: { digest: 'header', opcode: (bytes[at] as number) & 0x3f } },
  );
}

type Stage = 'header' | 'data' | 'tail';

/** Cuts a byte stream into PDUs, however it is split (RFC 7143 11.2). */
export class PduFramer {
  readonly #sink: PduSink;
  readonly #limits: FramerLimits;
  readonly #held = new Uint8Array(MAX_HEADER);
  #digests: Digests = NO_DIGESTS;
  #stage: Stage = 'header';
  #heldLength = 0;
  #ahsLength = 0;
  #data: Uint8Array = EMPTY;
  #dataAt = 0;
  #crc = 0;
  #tailSize = 0;
  #tailAt = 0;
  readonly #tail = new Uint8Array(8);

  constructor(sink: PduSink, limits: FramerLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Sets the digests from the next PDU on. */
  setDigests(digests: Digests): void {
    this.#digests = digests;
  }

  /** Whether the stream stands between two PDUs. */
  get idle(): boolean {
    return this.#stage === 'header' && this.#heldLength === 0;
  }

  /** Where the data still missing from the current PDU goes, if there are at least `least` bytes of it. */
  missingData(least: number): Uint8Array | undefined {
    if (this.#stage !== 'data' || this.#data.length - this.#dataAt < least) return undefined;
    return this.#data.subarray(this.#dataAt);
  }

  /** Takes `length` bytes that were read straight into `missingData`. */
  receiveDirect(length: number): void {
    if (this.#digests.data !== undefined)
      this.#crc = this.#digests.data(this.#data.subarray(this.#dataAt, this.#dataAt + length), this.#crc);
    this.#advanceData(length);
  }

  /** Takes bytes `from` to `to` of `chunk`; throws ProtocolError on what cannot be a PDU. */
  receive(chunk: Uint8Array, from = 0, to = chunk.length): void {
    let at = from;
    while (at < to) {
      if (this.#stage === 'header')
        at = this.#heldLength === 0 ? this.#startPdu(chunk, at, to) : this.#continueHeader(chunk, at, to);
      else if (this.#stage === 'data') at = this.#continueData(chunk, at, to);
      else at = this.#continueTail(chunk, at, to);
    }
  }

  #headerSize(bytes: Uint8Array, at: number): number {
    const ahs = (bytes[at + 4] as number) * 4;
    return BHS_LENGTH + ahs + (this.#digests.header === undefined ? 0 : 4);
  }

  #startPdu(chunk: Uint8Array, at: number, to: number): number {
    const left = to - at;
    if (left < BHS_LENGTH) return this.#hold(chunk, at, to);
    const fault = this.#faultOf(chunk, at);
    if (fault !== undefined) throw this.#refused(fault, chunk, at, to);
    const size = this.#headerSize(chunk, at);
    if (left < size) return this.#hold(chunk, at, to);
    const ahsLength = (chunk[at + 4] as number) * 4;
    if (this.#isHeaderDamaged(chunk, at, BHS_LENGTH + ahsLength))
      throw this.#refused(headerDigestError(chunk, at), chunk, at, to, 'header');
    const dataLength = readU24(chunk, at + 5);
    const next = at + size;
    if (dataLength === 0) {
      this.#sink.handlePdu(chunk, at, ahsLength, EMPTY, next);
      return next;
    }
    let place: Uint8Array | undefined;
    try {
      place = this.#sink.placeData(chunk, at, ahsLength, dataLength);
    } catch (error) {
      this.#tellRefused(chunk, at, to);
      throw error;
    }
    const whole = padded(dataLength) + (this.#digests.data === undefined ? 0 : 4);
    if (to - next >= whole) {
      const view = chunk.subarray(next, next + dataLength);
      if (place !== undefined) place.set(view);
      const data = place ?? view;
      if (
        this.#digests.data !== undefined &&
        !this.#digestMatches(
          this.#digests.data(chunk.subarray(next, next + padded(dataLength))),
          chunk,
          next + padded(dataLength),
        )
      )
        this.#sink.handleDataDigestError(chunk, at, ahsLength, data);
      else this.#sink.handlePdu(chunk, at, ahsLength, data, next);
      return next + whole;
    }
    this.#held.set(chunk.subarray(at, next));
    this.#heldLength = size;
    this.#beginData(ahsLength, dataLength, place);
    return this.#continueData(chunk, next, to);
  }

  #hold(chunk: Uint8Array, at: number, to: number): number {
    this.#held.set(chunk.subarray(at, to), this.#heldLength);
    this.#heldLength += to - at;
    return to;
  }

  #continueHeader(chunk: Uint8Array, at: number, to: number): number {
    let next = at;
    if (this.#heldLength < BHS_LENGTH) {
      const end = Math.min(to, at + BHS_LENGTH - this.#heldLength);
      next = this.#hold(chunk, at, end);
      if (this.#heldLength < BHS_LENGTH) return next;
      const fault = this.#faultOf(this.#held, 0);
      if (fault !== undefined) throw this.#refused(fault, chunk, next, to);
    }
    const size = this.#headerSize(this.#held, 0);
    const end = Math.min(to, next + size - this.#heldLength);
    if (end > next) next = this.#hold(chunk, next, end);
    if (this.#heldLength < size) return next;
    const ahsLength = (this.#held[4] as number) * 4;
    if (this.#isHeaderDamaged(this.#held, 0, BHS_LENGTH + ahsLength))
      throw this.#refused(headerDigestError(this.#held, 0), chunk, next, to, 'header');
    const dataLength = readU24(this.#held, 5);
    if (dataLength === 0) {
      this.#heldLength = 0;
      this.#sink.handlePdu(this.#held, 0, ahsLength, EMPTY, -1);
      return next;
    }
    try {
      this.#beginData(ahsLength, dataLength, this.#sink.placeData(this.#held, 0, ahsLength, dataLength));
    } catch (error) {
      this.#tellRefused(chunk, next, to);
      throw error;
    }
    return next;
  }

  /** Gives an error back once the PDU it refuses has been told of. */
  #refused(error: ProtocolError, chunk: Uint8Array, from: number, to: number, damage?: PduDamage): ProtocolError {
    this.#tellRefused(chunk, from, to, damage);
    return error;
  }

  /** Tells of a PDU that is refused: it stands in `chunk` from `from` to `to`, behind what is held of it. */
  #tellRefused(chunk: Uint8Array, from: number, to: number, damage?: PduDamage): void {
    const bytes = joinBytes([this.#held.subarray(0, this.#heldLength), chunk.subarray(from, to)]);
    const ahsLength = (bytes[4] as number) * 4;
    const headerEnd = BHS_LENGTH + ahsLength;
    if (headerEnd > bytes.length) return;
    const dataAt = headerEnd + (this.#digests.header === undefined ? 0 : 4);
    this.#sink.handleRefused?.(bytes, 0, ahsLength, bytes.subarray(dataAt, dataAt + readU24(bytes, 5)), damage);
  }

  #beginData(ahsLength: number, dataLength: number, place: Uint8Array | undefined): void {
    this.#ahsLength = ahsLength;
    this.#data = place ?? new Uint8Array(dataLength);
    this.#dataAt = 0;
    this.#crc = 0;
    this.#stage = 'data';
    this.#tailSize = padded(dataLength) - dataLength + (this.#digests.data === undefined ? 0 : 4);
    this.#tailAt = 0;
  }

  #continueData(chunk: Uint8Array, at: number, to: number): number {
    const end = Math.min(to, at + this.#data.length - this.#dataAt);
    const piece = chunk.subarray(at, end);
    this.#data.set(piece, this.#dataAt);
    if (this.#digests.data !== undefined) this.#crc = this.#digests.data(piece, this.#crc);
    this.#advanceData(piece.length);
    return end;
  }

  #advanceData(length: number): void {
    this.#dataAt += length;
    if (this.#dataAt < this.#data.length) return;
    if (this.#tailSize === 0) this.#finish(true);
    else this.#stage = 'tail';
  }

  #continueTail(chunk: Uint8Array, at: number, to: number): number {
    const end = Math.min(to, at + this.#tailSize - this.#tailAt);
    this.#tail.set(chunk.subarray(at, end), this.#tailAt);
    this.#tailAt += end - at;
    if (this.#tailAt < this.#tailSize) return end;
    const crc: Crc32c | undefined = this.#digests.data;
    if (crc === undefined) this.#finish(true);
    else {
      const padding = this.#tailSize - 4;
      this.#finish(this.#digestMatches(crc(this.#tail.subarray(0, padding), this.#crc), this.#tail, padding));
    }
    return end;
  }

  #finish(good: boolean): void {
    const data = this.#data;
    this.#data = EMPTY;
    this.#stage = 'header';
    this.#heldLength = 0;
    if (good) this.#sink.handlePdu(this.#held, 0, this.#ahsLength, data, -1);
    else this.#sink.handleDataDigestError(this.#held, 0, this.#ahsLength, data);
  }

  /** Why a header cannot be taken, or undefined where it can. */
  #faultOf(bytes: Uint8Array, at: number): ProtocolError | undefined {
    const opcode = (bytes[at] as number) & 0x3f;
    if (pduKind(opcode) === undefined || !this.#limits.accepts(opcode)) {
      const words = printable(bytes, at);
      const what =
        words === undefined ? `${opcodeName(opcode)}, which has no place here` : `text, not iSCSI: ${quote(words)}`;
      return new ProtocolError('PROTOCOL_UNEXPECTED', `The peer sent ${what}.`, {
        hint: 'Check that this port speaks iSCSI, and that both sides agree on digests.',
        details: { opcode },
      });
    }
    const length = readU24(bytes, at + 5);
    if (length > this.#limits.maxDataSegmentLength)
      return new ProtocolError(
        'PROTOCOL_TOO_LARGE',
        `The peer announced a data segment of ${String(length)} bytes; at most ${String(this.#limits.maxDataSegmentLength)} were agreed.`,
        { details: { opcode, length, limit: this.#limits.maxDataSegmentLength } },
      );
    return undefined;
  }

  #isHeaderDamaged(bytes: Uint8Array, at: number, length: number): boolean {
    const crc = this.#digests.header;
    return crc !== undefined && !this.#digestMatches(crc(bytes.subarray(at, at + length)), bytes, at + length);
  }

  #digestMatches(crc: number, bytes: Uint8Array, at: number): boolean {
    const [b0, b1, b2, b3] = [
      bytes[at] as number,
      bytes[at + 1] as number,
      bytes[at + 2] as number,
      bytes[at + 3] as number,
    ];
    const wire =
      this.#digests.order === 'big'
        ? (b0 << 24) | (b1 << 16) | (b2 << 8) | b3
        : (b3 << 24) | (b2 << 16) | (b1 << 8) | b0;
    return wire >>> 0 === crc;
  }
}
