import { padded, readU24, type Crc32c } from '../../bytes/index.ts';
import { BHS_LENGTH, OPCODES } from '../../pdu/index.ts';
import { MARKS } from '../columns.ts';
import type { PduArrival } from '../pdu-index.ts';
import type { DigestState } from '../connection.ts';
import type { CutterPeer } from './cutter-peer.ts';
import { isDigest, OwedDigest } from './owed-digest.ts';
import { chains, isOfTask, isPossible, isWitnessed, looksLikeHeader, looksLikeLogin } from './plausible.ts';
import { UnfinishedPdu } from './unfinished.ts';

/** A plain header with its digest and a little more: what most headers need, and what an array has without a buffer of its own. */
const SMALL_HEADER = 64;
const GIVE_UP = 4 << 20;
const DIGEST_SIZE = 4;
const EMPTY = new Uint8Array(0);

const KEPT = new Uint8Array(64);
for (const kind of ['loginRequest', 'loginResponse', 'scsiResponse', 'reject'] as const) KEPT[OPCODES[kind]] = 1;

/** Login PDUs never have digests (RFC 7143 13.1). */
const LOGIN = new Uint8Array(64);
LOGIN[OPCODES.loginRequest] = LOGIN[OPCODES.loginResponse] = 1;

type State = 'start' | 'searching' | 'synced' | 'ignored';

/** Cuts one direction of a TCP stream into PDUs, finds its place again after a loss, and remembers where the bytes lie. */
export class PduCutter {
  readonly #peer: CutterPeer;
  readonly #crc: Crc32c;
  readonly #arrival: PduArrival;
  readonly #unfinished: UnfinishedPdu;
  #state: State = 'searching';
  #timeNs = 0;
  /** Where the segment that is being cut begins. */
  #begun = 0;
  /** Whether the header that is being taken begins a segment. */
  #begins = false;
  #searched = 0;
  #gap = false;
  #cut = false;
  #brokenOff = false;
  #header = EMPTY;
  #headerLength = 0;
  #headerSize = 0;
  #rest = 0;
  #dataLeft = 0;
  #dataLength = 0;
  #running = 0;
  #digest = EMPTY;
  #digestLength = 0;
  #headerDigest = false;
  #dataDigest: DigestState = 'none';
  #headerCrcBad = false;
  readonly #owed = new OwedDigest();

  /** `arrival` is used for every PDU; many cutters may share it. */
  constructor(peer: CutterPeer, arrival: PduArrival, crc: Crc32c) {
    this.#peer = peer;
    this.#arrival = arrival;
    this.#crc = crc;
    this.#unfinished = new UnfinishedPdu(peer);
  }

  /** Begins with a stream, at its start or in its middle. */
  begin(fromStart: boolean): void {
    this.#reset();
    this.#gap = false;
    this.#owed.clear();
    this.#searched = 0;
    this.#state = fromStart ? 'start' : 'searching';
  }

  /** Whether the stream was found not to be iSCSI. */
  get ignored(): boolean {
    return this.#state === 'ignored';
  }

  /** Takes `length` bytes of the stream in order; `offset` is where they lie in the input. */
  feed(bytes: Uint8Array, at: number, length: number, offset: number, timeNs: number): void {
    const end = at + length;
    const shift = offset - at;
    this.#begun = at;
    this.#timeNs = timeNs;
    let next = this.#owed.settle(bytes, at, end, this.#peer);
    while (next < end) {
      if (this.#state === 'ignored') return;
      if (this.#state === 'searching') {
        next = this.#search(bytes, next, end, timeNs);
        continue;
      }
      if (this.#rest > 0) next = this.#continueBody(bytes, next, end, shift);
      else if (this.#headerLength > 0 || end - next < BHS_LENGTH) next = this.#continueHeader(bytes, next, end, shift);
      else next = this.#startPdu(bytes, next, end, shift);
    }
  }

  /** `length` bytes of the stream are not in the capture. */
  skip(length: number, timeNs: number): void {
    if (this.#state === 'ignored') return;
    this.#timeNs = timeNs;
    this.#owed.clear();
    const left = this.#rest - length;
    // Where nobody knows whether a digest stands behind the data, another PDU may begin in what is missing.
    const isPlace = this.#dataDigest !== 'unknown' || left === 0 || left >= DIGEST_SIZE;
    if (this.#state === 'synced' && left >= 0 && isPlace) {
      this.#unfinished.addPiece(-1, length);
      this.#cut = true;
      this.#dataLeft = Math.max(0, this.#dataLeft - length);
      this.#rest = left;
      if (left === 0) this.#finish();
      return;
    }
    this.lose();
  }

  /** The stream's place is lost: what has begun is handed on cut short, and the next header is searched for. */
  lose(): void {
    if (this.#state === 'ignored') return;
    this.endPartial();
    this.#reset();
    this.#owed.clear();
    this.#gap = true;
    this.#searched = 0;
    this.#state = 'searching';
  }

  /** Whether bytes are missing behind the last PDU. */
  get isLost(): boolean {
    return this.#gap;
  }

  /** Hands on what is there of a PDU whose end will not come; where it was never sent, since when that is sure. */
  endPartial(brokenOffNs?: number): void {
    if (this.#state !== 'synced' || this.#rest === 0) return;
    if (brokenOffNs === undefined) this.#cut = true;
    else {
      this.#brokenOff = true;
      this.#timeNs = Math.max(this.#timeNs, brokenOffNs);
    }
    this.#unfinished.holed = true;
    this.#finish();
  }

  /** Lets go of what is held of an unfinished PDU; the rest of its data counts as missing. */
  shed(): void {
    if (this.#unfinished.shed(this.#headerSize)) this.#cut = true;
  }

  #reset(): void {
    this.#headerLength = 0;
    this.#headerSize = 0;
    this.#rest = 0;
    this.#dataLeft = 0;
    this.#running = 0;
    this.#digestLength = 0;
    this.#cut = this.#brokenOff = false;
    this.#headerCrcBad = false;
    this.#headerDigest = false;
    this.#dataDigest = 'none';
    this.#unfinished.clear();
    if (this.#header.length > SMALL_HEADER) this.#header = EMPTY;
  }

  /** Looks for a header at every byte; payload may look like one. */
  #search(bytes: Uint8Array, at: number, end: number, timeNs: number): number {
    const role = this.#peer.roleOf(this) ?? this.#peer.portRoleOf(this);
    for (let i = at; i + BHS_LENGTH <= end; i += 1) {
      if (!looksLikeHeader(bytes, i)) continue;
      const fromInitiator = ((bytes[i] as number) & 0x3f) < 0x20;
      if (role !== undefined && role !== fromInitiator) continue;
      if (!chains(bytes, i, end) || !isWitnessed(bytes, i, end, this.#begun, role, this.#peer)) continue;
      if (!this.#peer.confirm(this, fromInitiator, timeNs)) break;
      this.#state = 'synced';
      return i;
    }
    this.#searched += end - at;
    if (this.#peer.roleOf(this) === undefined && this.#searched > GIVE_UP) this.#state = 'ignored';
    return end;
  }

  /** Checks a header against what this side may send, and whether it begins a segment; answers false where the stream is not to be trusted. */
  #admit(bytes: Uint8Array, at: number, end: number, begins: boolean): boolean {
    const initiator = this.#peer.roleOf(this) ?? true;
    const isHeader = (begins && this.#peer.isOwn) || isPossible(bytes, at, end, initiator, this.#peer);
    if (this.#state === 'synced') return isHeader && (begins || this.#isLikely(bytes, at));
    const fits =
      (initiator && looksLikeLogin(bytes, at)) ||
      (isHeader && (looksLikeHeader(bytes, at) || this.#peer.vouches((bytes[at] as number) & 0x3f)));
    if (!fits || !this.#peer.confirm(this, initiator, this.#timeNs)) {
      this.#state = 'ignored';
      return false;
    }
    this.#state = 'synced';
    return true;
  }

  /** Whether a header inside a segment is to be taken for one: of a stream that is not proven it looks like one, or is of a task under way. */
  #isLikely(bytes: Uint8Array, at: number): boolean {
    return this.#peer.isProven || looksLikeHeader(bytes, at) || isOfTask(bytes, at, this.#peer);
  }

  /** Settles digests for the PDU whose header has just become whole; looks at the bytes where no login has told. */
  #digestsFor(bytes: Uint8Array, at: number, size: number, end: number): void {
    const login = LOGIN[(bytes[at] as number) & 0x3f] === 1;
    let header = login ? 'none' : this.#peer.headerDigest();
    if (header === 'unknown' && at + size + 4 <= end) {
      header = isDigest(this.#crc(bytes.subarray(at, at + size)), bytes, at + size) ? 'crc32c' : 'none';
      this.#peer.learnDigest('headerDigest', header);
    }
    this.#headerDigest = header === 'crc32c';
    this.#dataDigest = login ? 'none' : this.#peer.dataDigest();
  }

  #startPdu(bytes: Uint8Array, at: number, end: number, shift: number): number {
    if (!this.#admit(bytes, at, end, at === this.#begun)) return this.#distrust(at, end);
    const size = BHS_LENGTH + (bytes[at + 4] as number) * 4;
    if (at + size > end) return this.#continueHeader(bytes, at, end, shift);
    this.#digestsFor(bytes, at, size, end);
    const data = readU24(bytes, at + 5);
    const headerEnd = at + size + (this.#headerDigest ? 4 : 0);
    const dataEnd = headerEnd + padded(data);
    if (this.#dataDigest === 'unknown' && data > 0 && dataEnd <= end)
      this.#learnDataDigest(bytes, headerEnd, dataEnd, end);
    const total = dataEnd + (data > 0 && this.#dataDigest === 'crc32c' ? 4 : 0);
    if (total > end || (data > 0 && this.#dataDigest === 'unknown')) return this.#continueHeader(bytes, at, end, shift);
    let marks = 0;
    if (this.#headerDigest) {
      marks |= MARKS.headerDigest;
      if (!isDigest(this.#crc(bytes.subarray(at, at + size)), bytes, at + size)) marks |= MARKS.headerDigestBad;
    }
    if (data > 0 && this.#dataDigest === 'crc32c')
      if (!isDigest(this.#crc(bytes.subarray(headerEnd, dataEnd)), bytes, dataEnd)) marks |= MARKS.dataDigestBad;
    if (total === end) this.#oweBehind(bytes, at, size, headerEnd, dataEnd);
    const arrival = this.#arrival;
    arrival.bytes = bytes;
    arrival.at = at;
    arrival.data = bytes;
    arrival.dataAt = headerEnd;
    arrival.dataLength = data;
    arrival.stored = data;
    arrival.offset = at + shift;
    this.#emit(marks, []);
    return total;
  }

  #learnDataDigest(bytes: Uint8Array, from: number, to: number, end: number): void {
    if (to + 4 <= end && isDigest(this.#crc(bytes.subarray(from, to)), bytes, to)) this.#dataDigest = 'crc32c';
    else if (to === end || to + 4 <= end) this.#dataDigest = 'none';
    // Where the segment ends with the data the next one tells.
    if (this.#dataDigest !== 'unknown' && to < end) this.#peer.learnDigest('dataDigest', this.#dataDigest);
  }

  /** A PDU ends with its segment: what digest may come behind that. */
  #oweBehind(bytes: Uint8Array, at: number, size: number, headerEnd: number, dataEnd: number): void {
    if (LOGIN[(bytes[at] as number) & 0x3f] === 1) return;
    if (dataEnd > headerEnd) {
      if (this.#peer.dataDigest() === 'unknown')
        this.#owed.owe('dataDigest', this.#crc(bytes.subarray(headerEnd, dataEnd)));
    } else if (this.#peer.headerDigest() === 'unknown')
      this.#owed.owe('headerDigest', this.#crc(bytes.subarray(at, at + size)));
  }

  #distrust(at: number, end: number): number {
    if (this.#state === 'ignored') return end;
    this.lose();
    this.#peer.doubt();
    return at + 1;
  }

  #take(bytes: Uint8Array, at: number, end: number): void {
    const count = end - at;
    if (this.#headerLength + count > this.#header.length) {
      const grown = new Uint8Array(Math.max(SMALL_HEADER, this.#headerSize));
      grown.set(this.#header.subarray(0, this.#headerLength));
      this.#header = grown;
    }
    for (let i = 0; i < count; i += 1) this.#header[this.#headerLength + i] = bytes[at + i] as number;
    this.#headerLength += count;
  }

  #continueHeader(bytes: Uint8Array, at: number, end: number, shift: number): number {
    let next = at;
    if (this.#headerLength === 0) this.#begins = at === this.#begun;
    if (this.#headerLength < BHS_LENGTH) {
      next = Math.min(end, at + BHS_LENGTH - this.#headerLength);
      this.#take(bytes, at, next);
      this.#unfinished.addPiece(at + shift, next - at);
      if (this.#headerLength < BHS_LENGTH) return next;
      if (!this.#admit(this.#header, 0, BHS_LENGTH, this.#begins)) return this.#distrust(next - 1, end);
      this.#headerSize = BHS_LENGTH + (this.#header[4] as number) * 4;
      this.#settle(bytes, next, end);
    }
    const stop = Math.min(end, next + this.#headerSize - this.#headerLength);
    this.#take(bytes, next, stop);
    this.#unfinished.addPiece(next + shift, stop - next);
    if (this.#headerLength === this.#headerSize) {
      if (stop === end && LOGIN[(this.#header[0] as number) & 0x3f] === 0 && this.#peer.headerDigest() === 'unknown')
        this.#owed.owe('headerDigest', this.#crc(this.#header.subarray(0, this.#headerSize)));
      this.#beginBody();
    }
    return stop;
  }

  /** Digests of a header that did not lie in one segment: an unknown one counts as absent unless its bytes are at hand. */
  #settle(bytes: Uint8Array, next: number, end: number): void {
    const missing = this.#headerSize - BHS_LENGTH;
    if (this.#peer.headerDigest() === 'unknown' && next + missing + 4 <= end) {
      const whole = new Uint8Array(this.#headerSize + 4);
      whole.set(this.#header.subarray(0, BHS_LENGTH));
      whole.set(bytes.subarray(next, next + missing + 4), BHS_LENGTH);
      this.#digestsFor(whole, 0, this.#headerSize, whole.length);
    } else this.#digestsFor(this.#header, 0, this.#headerSize, 0);
    if (this.#headerDigest) this.#headerSize += 4;
  }

  #beginBody(): void {
    const header = this.#header;
    if (this.#headerDigest) {
      const size = this.#headerSize - 4;
      this.#headerCrcBad = !isDigest(this.#crc(header.subarray(0, size)), header, size);
    }
    this.#dataLength = readU24(header, 5);
    this.#dataLeft = this.#dataLength;
    const digest = this.#dataLength > 0 && this.#dataDigest !== 'none' ? 4 : 0;
    this.#rest = padded(this.#dataLength) + digest;
    if (this.#rest === 0) this.#finish();
  }

  #continueBody(bytes: Uint8Array, at: number, end: number, shift: number): number {
    const digest = this.#dataLength > 0 && this.#dataDigest !== 'none' ? 4 : 0;
    const body = Math.min(end, at + Math.max(0, this.#rest - digest));
    if (body > at) {
      this.#unfinished.addPiece(at + shift, body - at);
      this.#takeData(bytes, at, body);
      this.#rest -= body - at;
    }
    const takesDigest = this.#dataDigest !== 'unknown' && this.#rest <= digest;
    const stop = takesDigest ? Math.min(end, body + this.#rest) : body;
    if (stop > body) {
      if (this.#digest.length === 0) this.#digest = new Uint8Array(4);
      for (let i = body; i < stop; i += 1) this.#digest[this.#digestLength++] = bytes[i] as number;
      this.#rest -= stop - body;
    }
    if (this.#rest === 0) this.#finish();
    else if (this.#rest === digest && this.#dataDigest === 'unknown') return this.#guessDigest(bytes, stop, end);
    return stop;
  }

  /** Between data and a digest nobody has told of: the bytes decide, and where they cannot be seen there is none. */
  #guessDigest(bytes: Uint8Array, at: number, end: number): number {
    const found = !this.#unfinished.holed && at + 4 <= end && isDigest(this.#running, bytes, at);
    if (at === end && !this.#unfinished.holed) this.#owed.owe('dataDigest', this.#running);
    if (found || at + 4 <= end) this.#peer.learnDigest('dataDigest', found ? 'crc32c' : 'none');
    this.#dataDigest = found ? 'crc32c' : 'none';
    if (!found) {
      this.#rest = 0;
      this.#finish();
    }
    return at;
  }

  #takeData(bytes: Uint8Array, at: number, end: number): void {
    if (this.#dataDigest !== 'none' && !this.#unfinished.holed)
      this.#running = this.#crc(bytes.subarray(at, end), this.#running);
    const count = Math.min(end - at, this.#dataLeft);
    if (!this.#unfinished.holed) {
      this.#unfinished.stored += count;
      if (KEPT[(this.#header[0] as number) & 0x3f] === 1) this.#unfinished.keep(bytes, at, count, this.#dataLength);
    }
    this.#dataLeft -= count;
  }

  #finish(): void {
    const arrival = this.#arrival;
    arrival.bytes = this.#header;
    arrival.at = 0;
    arrival.data = this.#unfinished.kept;
    arrival.dataAt = 0;
    arrival.dataLength = this.#unfinished.keptLength;
    arrival.stored = this.#unfinished.stored;
    let marks = this.#headerDigest ? MARKS.headerDigest : 0;
    if (this.#headerCrcBad) marks |= MARKS.headerDigestBad;
    if (this.#cut) marks |= MARKS.cut;
    if (this.#brokenOff) marks |= MARKS.brokenOff;
    if (this.#digestLength === 4 && !this.#unfinished.holed && !isDigest(this.#running, this.#digest, 0))
      marks |= MARKS.dataDigestBad;
    const pieces = this.#unfinished.pieces;
    this.#reset();
    this.#emit(marks, pieces);
  }

  #emit(marks: number, pieces: readonly number[]): void {
    const fromInitiator = this.#peer.roleOf(this) ?? true;
    this.#arrival.marks = marks | (fromInitiator ? MARKS.fromInitiator : 0) | (this.#gap ? MARKS.gapBefore : 0);
    this.#gap = false;
    this.#arrival.timeNs = this.#timeNs;
    this.#peer.accept(this.#arrival, fromInitiator, pieces);
  }
}
