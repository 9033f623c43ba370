import type { Crc32c } from '../../bytes/index.ts';
import { MARKS } from '../columns.ts';
import type { DigestState, TraceConnection } from '../connection.ts';
import type { PduArrival } from '../pdu-index.ts';
import type { Trace } from '../trace.ts';
import { formatAddress } from './addresses.ts';
import { PduCutter, type CutterPeer } from './cutter.ts';
import { TCP, type Segment } from './packets.ts';

interface Held {
  readonly seq: number;
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly offset: number;
  readonly timeNs: number;
}

interface Side {
  readonly address: Uint32Array;
  readonly port: number;
  started: boolean;
  next: number;
  acked: number;
  hasAck: boolean;
  cutter: PduCutter | undefined;
  readonly held: Held[];
  /** Segments of the flow since a hole opened. */
  patience: number;
}

/** What a flow needs from the table it lies in. */
export interface FlowHost {
  readonly trace: Trace;
  readonly crc: Crc32c;
  /** Bytes held for segments that came early, over all flows. */
  heldBytes: number;
}

/** Bytes held over all flows before holes are given up on. */
export const HELD_LIMIT = 64 << 20;
const HELD_COUNT = 1024;
/** Segments that may pass before a hole the receiver has acknowledged counts as lost to the capture. */
const PATIENCE = 16;
const FAR = 1 << 30;

function createSide(address: Uint32Array, port: number): Side {
  return {
    address: address.slice(),
    port,
    started: false,
    next: 0,
    acked: 0,
    hasAck: false,
    cutter: undefined,
    held: [],
    patience: 0,
  };
}

/** One TCP connection of a capture: puts both directions in order and feeds them to their cutters. */
export class TcpFlow implements CutterPeer {
  readonly sides: readonly [Side, Side];
  readonly #host: FlowHost;
  readonly #openedNs: number;
  #initiator = -1;
  #fromStart = false;
  #connection: TraceConnection | undefined;
  #closedBy = -1;
  /** Whether it was found to carry no iSCSI. */
  ignored = false;

  constructor(host: FlowHost, segment: Segment) {
    this.#host = host;
    this.#openedNs = segment.timeNs;
    this.sides = [createSide(segment.from, segment.fromPort), createSide(segment.to, segment.toPort)];
  }

  /** Whether it carries iSCSI and nobody has closed it. */
  get isOpen(): boolean {
    return this.#connection !== undefined && this.#closedBy < 0;
  }

  /** Whether a segment that opens a connection belongs to a later one between the same ports. */
  isReplacedBy(segment: Segment, from: 0 | 1): boolean {
    const side = this.sides[from];
    return (segment.flags & TCP.syn) !== 0 && side.started && (segment.seq + 1) >>> 0 !== side.next;
  }

  /** Takes a segment of direction `from`. */
  handle(segment: Segment, from: 0 | 1): void {
    if (this.ignored) return;
    const side = this.sides[from];
    const { flags } = segment;
    let seq = segment.seq;
    if ((flags & TCP.syn) !== 0) {
      seq = (seq + 1) >>> 0;
      this.#open(side, seq, (flags & TCP.ack) === 0 ? from : 1 - from);
    }
    if ((flags & TCP.ack) !== 0) {
      const other = this.sides[1 - from] as Side;
      other.acked = segment.ack;
      other.hasAck = true;
    }
    if (segment.length > 0) this.#take(side, seq, segment);
    if (this.sides[0].held.length + this.sides[1].held.length > 0) this.#checkHoles(segment.timeNs);
    if ((flags & (TCP.fin | TCP.rst)) !== 0) this.#close(segment, from);
  }

  /** The capture ends: what is held is handed on. */
  finish(): void {
    for (const side of this.sides) {
      while (side.held.length > 0) this.#giveUpHole(side);
      side.cutter?.endPartial();
    }
  }

  roleOf(cutter: PduCutter): boolean | undefined {
    if (this.#initiator < 0) return undefined;
    return this.sides[this.#initiator as 0 | 1].cutter === cutter;
  }

  confirm(cutter: PduCutter, fromInitiator: boolean, timeNs: number): boolean {
    const own = this.sides[0].cutter === cutter ? 0 : 1;
    if (this.#initiator < 0) this.#initiator = fromInitiator ? own : 1 - own;
    if (this.#connection !== undefined) return true;
    const [initiator, target] = this.#initiator === 0 ? this.sides : [this.sides[1], this.sides[0]];
    this.#connection = this.#host.trace.openConnection(
      {
        initiatorHost: formatAddress(initiator.address),
        initiatorPort: initiator.port,
        targetHost: formatAddress(target.address),
        targetPort: target.port,
      },
      this.#fromStart ? this.#openedNs : timeNs,
    );
    if (this.#connection === undefined) {
      this.ignored = true;
      this.#host.trace.note('There are more iSCSI connections than a trace can name; the later ones were left out.');
      return false;
    }
    this.#connection.fromStart = this.#fromStart;
    return true;
  }

  headerDigest(): DigestState {
    return this.#digest('headerDigest');
  }

  dataDigest(): DigestState {
    return this.#digest('dataDigest');
  }

  learnDigest(which: 'headerDigest' | 'dataDigest', state: DigestState): void {
    const connection = this.#connection;
    if (connection?.loggedIn === false && connection[which] === 'unknown') connection[which] = state;
  }

  accept(arrival: PduArrival, _fromInitiator: boolean, pieces: readonly number[]): void {
    const connection = this.#connection as TraceConnection;
    const { trace } = this.#host;
    arrival.connection = connection.id;
    if (pieces.length === 2) arrival.offset = pieces[0] as number;
    else if (pieces.length > 2) {
      arrival.marks |= MARKS.pieces;
      arrival.offset = trace.pieces.length;
      for (let i = 0; i < pieces.length; i += 2) trace.addPiece(pieces[i] as number, pieces[i + 1] as number);
    }
    trace.append(arrival);
  }

  /** What was agreed, or what the bytes have told while no whole login was seen. */
  #digest(which: 'headerDigest' | 'dataDigest'): DigestState {
    return this.#connection === undefined ? 'none' : this.#connection[which];
  }

  #open(side: Side, next: number, initiator: number): void {
    if (side.started) return;
    side.started = true;
    side.next = next;
    this.#fromStart = true;
    this.#initiator = initiator;
  }

  #take(side: Side, seq: number, segment: Segment): void {
    if (!side.started) {
      side.started = true;
      side.next = seq;
    }
    const ahead = (seq - side.next) | 0;
    if (ahead === 0) {
      this.#deliver(side, segment.bytes, segment.at, segment.length, segment.captured, segment.offset, segment.timeNs);
      if (side.held.length > 0) this.#drain(side);
      return;
    }
    if (ahead < 0) {
      const old = -ahead;
      if (old >= segment.length) return;
      this.#deliver(
        side,
        segment.bytes,
        segment.at + old,
        segment.length - old,
        Math.max(0, segment.captured - old),
        segment.offset + old,
        segment.timeNs,
      );
      if (side.held.length > 0) this.#drain(side);
      return;
    }
    if (ahead > FAR) {
      side.cutter?.lose();
      side.next = seq;
      this.#deliver(side, segment.bytes, segment.at, segment.length, segment.captured, segment.offset, segment.timeNs);
      return;
    }
    this.#hold(side, seq, segment);
  }

  #hold(side: Side, seq: number, segment: Segment): void {
    if (side.held.length === 0) side.patience = 0;
    let at = side.held.length;
    while (at > 0 && ((seq - (side.held[at - 1] as Held).seq) | 0) < 0) at -= 1;
    const before = side.held[at - 1];
    if (before?.seq === seq && before.length >= segment.length) return;
    const bytes = segment.bytes.slice(segment.at, segment.at + segment.captured);
    side.held.splice(at, 0, { seq, bytes, length: segment.length, offset: segment.offset, timeNs: segment.timeNs });
    this.#host.heldBytes += bytes.length;
  }

  #deliver(
    side: Side,
    bytes: Uint8Array,
    at: number,
    length: number,
    captured: number,
    offset: number,
    timeNs: number,
  ): void {
    side.next = (side.next + length) >>> 0;
    side.cutter ??= new PduCutter(this, this.#fromStart, this.#host.crc);
    if (captured > 0) side.cutter.feed(bytes, at, captured, offset, timeNs);
    if (captured < length) side.cutter.skip(length - captured, timeNs);
    if (side.cutter.ignored) this.#reconsider();
  }

  /** A flow is given up once nobody could take its bytes for iSCSI. */
  #reconsider(): void {
    if (this.#connection !== undefined) return;
    const [a, b] = this.sides;
    const initiator = this.#initiator < 0 ? undefined : this.sides[this.#initiator as 0 | 1];
    this.ignored = initiator?.cutter?.ignored ?? ((a.cutter?.ignored ?? true) && (b.cutter?.ignored ?? true));
    if (this.ignored) this.#release();
  }

  #release(): void {
    for (const side of this.sides) {
      for (const held of side.held) this.#host.heldBytes -= held.bytes.length;
      side.held.length = 0;
      side.cutter = undefined;
    }
  }

  #drain(side: Side): void {
    while (side.held.length > 0) {
      const first = side.held[0] as Held;
      const ahead = (first.seq - side.next) | 0;
      if (ahead > 0) return;
      side.held.shift();
      this.#host.heldBytes -= first.bytes.length;
      const old = -ahead;
      if (old >= first.length) continue;
      const captured = Math.max(0, first.bytes.length - old);
      const { bytes, length, offset, timeNs } = first;
      this.#deliver(side, bytes, Math.min(old, bytes.length), length - old, captured, offset + old, timeNs);
    }
    side.patience = 0;
  }

  #checkHoles(timeNs: number): void {
    for (const side of this.sides) {
      const first = side.held[0];
      if (first === undefined) continue;
      side.patience += 1;
      const acknowledged = side.hasAck && ((side.acked - first.seq) | 0) >= 0;
      const tooMuch = side.held.length > HELD_COUNT || this.#host.heldBytes > HELD_LIMIT;
      const waited = side.patience > PATIENCE || timeNs - first.timeNs > 1e9;
      if (tooMuch || (acknowledged && waited)) this.#giveUpHole(side);
    }
  }

  #giveUpHole(side: Side): void {
    const first = side.held[0] as Held;
    const missing = (first.seq - side.next) | 0;
    side.next = first.seq;
    side.cutter ??= new PduCutter(this, this.#fromStart, this.#host.crc);
    side.cutter.skip(missing, first.timeNs);
    this.#drain(side);
  }

  #close(segment: Segment, from: 0 | 1): void {
    const connection = this.#connection;
    const reset = (segment.flags & TCP.rst) !== 0;
    if (connection === undefined) return;
    if (this.#closedBy < 0) {
      this.#closedBy = from;
      connection.closedNs = segment.timeNs;
      connection.closedBy = reset ? 'reset' : from === this.#initiator ? 'initiator' : 'target';
      connection.closeReason = reset
        ? `The ${from === this.#initiator ? 'initiator' : 'target'} reset the connection.`
        : `The ${from === this.#initiator ? 'initiator' : 'target'} closed the connection.`;
    }
    if (reset) for (const side of this.sides) side.cutter?.endPartial();
  }
}
