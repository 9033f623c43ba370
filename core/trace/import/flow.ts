import type { Crc32c } from '../../bytes/index.ts';
import { MARKS } from '../columns.ts';
import type { DigestState, TraceConnection } from '../connection.ts';
import type { PduArrival } from '../pdu-index.ts';
import type { PduRemark } from '../remark.ts';
import { CONNECTION_LIMIT, type Trace } from '../trace.ts';
import { formatAddress } from './addresses.ts';
import { PduCutter, type CutterPeer } from './cutter.ts';
import { costOf, type Held, type HeldPool } from './held.ts';
import { TCP, type Segment } from './packets.ts';
import { beginSide, createSide, type Side } from './side.ts';

/** What a flow needs from the table it lies in. */
export interface FlowHost {
  readonly trace: Trace;
  readonly crc: Crc32c;
  /** One object for all PDUs on their way into the trace. */
  readonly arrival: PduArrival;
  readonly pool: HeldPool;
  readonly remark: PduRemark | undefined;
  /** A flow holds so many bytes more, which it has counted already. */
  hold(flow: TcpFlow, bytes: number): void;
}

/** What is known of a flow. */
export const STANDINGS = {
  /** Nothing yet. */
  undecided: 0,
  /** A few PDUs, which may be chance. */
  unproven: 1,
  /** A conversation. */
  proven: 2,
  /** It is closed, or carries no iSCSI. */
  done: 3,
} as const;
export type Standing = (typeof STANDINGS)[keyof typeof STANDINGS];

/** PDUs that make a conversation, where no whole login does. */
const PROOF = 8;
const HELD_COUNT = 1024;
/** Segments that may pass before a hole the receiver has acknowledged counts as lost to the capture. */
const PATIENCE = 16;
const FAR = 1 << 30;
/** Neither side will send more. */
const BOTH = 3;

/** One TCP connection of a capture, or one after another: puts both directions in order and feeds them to their cutters. */
export class TcpFlow implements CutterPeer {
  readonly sides: readonly [Side, Side] = [createSide(), createSide()];
  /** Where it lies in the table: its chain, and its list with the neighbours there. */
  place = 0;
  sibling: TcpFlow | undefined;
  listed: Standing = STANDINGS.undecided;
  older: TcpFlow | undefined;
  newer: TcpFlow | undefined;
  standing: Standing = STANDINGS.undecided;
  /** Whether both sides are done and nothing of it was iSCSI. */
  gone = false;
  /** Bytes held for segments that came early and PDUs that are not whole. */
  heldBytes = 0;
  readonly #host: FlowHost;
  #openedNs = 0;
  #initiator = -1;
  #fromStart = false;
  #connection: TraceConnection | undefined;
  #closedBy = -1;
  /** A bit for each side that will send no more. */
  #ended = 0;
  /** Whether it was found to carry no iSCSI. */
  #ignored = false;

  constructor(host: FlowHost) {
    this.#host = host;
  }

  /** Begins with the first segment of a connection; the one before must have been released. */
  begin(segment: Segment): void {
    beginSide(this.sides[0], segment.from, segment.fromPort);
    beginSide(this.sides[1], segment.to, segment.toPort);
    this.standing = STANDINGS.undecided;
    this.gone = this.#ignored = this.#fromStart = false;
    this.#openedNs = segment.timeNs;
    this.#initiator = this.#closedBy = -1;
    this.#ended = 0;
    this.#connection = undefined;
  }

  /** Whether a segment that opens a connection belongs to a later one between the same ports, and is not this one's again. */
  isReplacedBy(segment: Segment, from: 0 | 1): boolean {
    const side = this.sides[from];
    if ((segment.flags & TCP.syn) === 0 || !side.started) return false;
    if ((segment.seq + 1) >>> 0 !== side.first) return true;
    return this.#ended === BOTH && (segment.flags & TCP.ack) === 0;
  }

  /** Takes a segment of direction `from`. */
  handle(segment: Segment, from: 0 | 1): void {
    const { flags } = segment;
    if (this.#ignored) {
      if ((flags & (TCP.fin | TCP.rst)) !== 0) this.#close(segment, from);
      return;
    }
    const side = this.sides[from];
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

  /** Lets go of all that is held; data that would have followed in order counts as missing. */
  shed(): void {
    for (const side of this.sides) {
      while (side.held.length > 0) this.#giveUpHole(side);
      side.cutter?.shed();
    }
  }

  /** Lets go of everything but what the next connection can use. */
  release(): void {
    for (const side of this.sides) {
      for (const held of side.held) this.#giveBack(held);
      side.held.length = 0;
      side.cutter?.begin(false);
      side.cutter = undefined;
    }
  }

  hold(bytes: number): void {
    this.heldBytes += bytes;
    this.#host.hold(this, bytes);
  }

  roleOf(cutter: PduCutter): boolean | undefined {
    if (this.#initiator < 0) return undefined;
    return this.sides[this.#initiator as 0 | 1].cutter === cutter;
  }

  confirm(cutter: PduCutter, fromInitiator: boolean, timeNs: number): boolean {
    const own = this.sides[0].cutter === cutter ? 0 : 1;
    if (this.#initiator < 0) this.#initiator = fromInitiator ? own : 1 - own;
    if (this.#connection !== undefined) return true;
    const { trace } = this.#host;
    const [initiator, target] = this.#initiator === 0 ? this.sides : [this.sides[1], this.sides[0]];
    if (trace.connections.length < CONNECTION_LIMIT)
      this.#connection = trace.openConnection(
        {
          initiatorHost: formatAddress(initiator.address),
          initiatorPort: initiator.port,
          targetHost: formatAddress(target.address),
          targetPort: target.port,
        },
        this.#fromStart ? this.#openedNs : timeNs,
      );
    if (this.#connection === undefined) {
      this.#ignored = true;
      this.standing = STANDINGS.done;
      trace.note('There are more iSCSI connections than a trace can name; the later ones were left out.');
      return false;
    }
    this.#connection.fromStart = this.#fromStart;
    this.standing = STANDINGS.unproven;
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
    const { trace, remark } = this.#host;
    if (remark !== undefined) {
      arrival.marks |= remark.marks;
      arrival.stored = Math.min(arrival.stored, remark.stored);
      arrival.dataLength = Math.min(arrival.dataLength, remark.stored);
    }
    arrival.connection = connection.id;
    if (pieces.length === 2) arrival.offset = pieces[0] as number;
    else if (pieces.length > 2) {
      arrival.marks |= MARKS.pieces;
      arrival.offset = trace.pieces.length;
      for (let i = 0; i < pieces.length; i += 2) trace.addPiece(pieces[i] as number, pieces[i + 1] as number);
    }
    trace.append(arrival);
    if (this.standing === STANDINGS.unproven && (connection.pdus >= PROOF || connection.loggedIn))
      this.standing = STANDINGS.proven;
  }

  /** What was agreed, or what the bytes have told while no whole login was seen. */
  #digest(which: 'headerDigest' | 'dataDigest'): DigestState {
    return this.#connection === undefined ? 'none' : this.#connection[which];
  }

  #open(side: Side, next: number, initiator: number): void {
    if (side.started) return;
    side.started = true;
    side.first = side.next = next;
    this.#fromStart = true;
    this.#initiator = initiator;
  }

  #take(side: Side, seq: number, segment: Segment): void {
    if (!side.started) {
      side.started = true;
      side.first = side.next = seq;
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
    const held = this.#host.pool.take(segment, seq);
    side.held.splice(at, 0, held);
    this.hold(costOf(held));
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
    const cutter = side.cutter ?? this.#takeCutter(side);
    if (captured > 0) cutter.feed(bytes, at, captured, offset, timeNs);
    if (captured < length) cutter.skip(length - captured, timeNs);
    if (cutter.ignored) this.#reconsider();
  }

  #takeCutter(side: Side): PduCutter {
    side.spare ??= new PduCutter(this, this.#host.arrival, this.#host.crc);
    side.spare.begin(this.#fromStart);
    side.cutter = side.spare;
    return side.cutter;
  }

  /** A flow is given up once nobody could take its bytes for iSCSI. */
  #reconsider(): void {
    if (this.#connection !== undefined) return;
    const [a, b] = this.sides;
    const initiator = this.#initiator < 0 ? undefined : this.sides[this.#initiator as 0 | 1];
    this.#ignored = initiator?.cutter?.ignored ?? ((a.cutter?.ignored ?? true) && (b.cutter?.ignored ?? true));
    if (!this.#ignored) return;
    this.standing = STANDINGS.done;
    this.release();
  }

  #drain(side: Side): void {
    while (side.held.length > 0) {
      const first = side.held[0] as Held;
      const ahead = (first.seq - side.next) | 0;
      if (ahead > 0) return;
      side.held.shift();
      const old = -ahead;
      if (old < first.length) {
        const { bytes, length, offset, timeNs } = first;
        const captured = Math.max(0, first.captured - old);
        this.#deliver(side, bytes, Math.min(old, first.captured), length - old, captured, offset + old, timeNs);
      }
      this.#giveBack(first);
    }
    side.patience = 0;
  }

  #giveBack(held: Held): void {
    this.hold(-costOf(held));
    this.#host.pool.give(held);
  }

  #checkHoles(timeNs: number): void {
    for (const side of this.sides) {
      const first = side.held[0];
      if (first === undefined) continue;
      side.patience += 1;
      const acknowledged = side.hasAck && ((side.acked - first.seq) | 0) >= 0;
      const waited = side.patience > PATIENCE || timeNs - first.timeNs > 1e9;
      if (side.held.length > HELD_COUNT || (acknowledged && waited)) this.#giveUpHole(side);
    }
  }

  #giveUpHole(side: Side): void {
    const first = side.held[0] as Held;
    const missing = (first.seq - side.next) | 0;
    side.next = first.seq;
    (side.cutter ?? this.#takeCutter(side)).skip(missing, first.timeNs);
    this.#drain(side);
  }

  #close(segment: Segment, from: 0 | 1): void {
    const connection = this.#connection;
    const reset = (segment.flags & TCP.rst) !== 0;
    this.#ended |= reset ? BOTH : 1 << from;
    if (connection === undefined) {
      this.gone = this.#ended === BOTH && this.heldBytes === 0;
      return;
    }
    if (this.#closedBy < 0) {
      this.#closedBy = from;
      this.standing = STANDINGS.done;
      connection.closedNs = segment.timeNs;
      connection.closedBy = from === this.#initiator ? 'initiator' : 'target';
      connection.reset = reset;
      connection.closeReason = reset
        ? `The ${from === this.#initiator ? 'initiator' : 'target'} reset the connection.`
        : `The ${from === this.#initiator ? 'initiator' : 'target'} closed the connection.`;
    }
    if (reset) for (const side of this.sides) side.cutter?.endPartial();
  }
}
