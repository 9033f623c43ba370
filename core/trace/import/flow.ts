import type { Crc32c } from '../../bytes/index.ts';
import { MARKS } from '../columns.ts';
import { applyRemark, type ConnectionRemark } from '../connection-remark.ts';
import type { DigestState, TraceConnection } from '../connection.ts';
import type { PduArrival } from '../pdu-index.ts';
import type { PduRemark } from '../remark.ts';
import { isVendorOpcode } from '../../pdu/index.ts';
import { CONNECTION_LIMIT, type Trace } from '../trace.ts';
import { formatAddress } from './addresses.ts';
import { PduCutter } from './cutter.ts';
import type { CutterPeer } from './cutter-peer.ts';
import type { HeldPool } from './held.ts';
import { TCP, type Segment } from './packets.ts';
import type { Side } from './side.ts';
import { STANDINGS, type Standing } from './standing.ts';
import { StreamOrder, type OrderedStreams } from './stream-order.ts';

/** What a flow needs from the table it lies in. */
export interface FlowHost {
  readonly trace: Trace;
  readonly crc: Crc32c;
  /** One object for all PDUs on their way into the trace. */
  readonly arrival: PduArrival;
  readonly pool: HeldPool;
  /** Whether this program wrote what is read: then all of it is iSCSI. */
  readonly isOwn: boolean;
  readonly remark: PduRemark | undefined;
  /** What an export says of the connection that the segment opens. */
  readonly connectionRemark: ConnectionRemark | undefined;
  /** So many segments began before what the capture has of a connection. */
  leaveOut(early: number): void;
  /** A flow holds so many bytes more, which it has counted already. */
  hold(flow: TcpFlow, bytes: number): void;
}

/** PDUs that make a conversation, where no whole login does. */
const PROOF = 8;
/** How often a stream that was joined in its middle is looked at afresh, before it is taken for something else. */
const MOST_DOUBTS = 4;
/** How far a reset may lie from where its side is; what is farther off is not of this connection. */
const RESET_REACH = 1 << 26;
/** The port that targets are given (RFC 7143 4.2.7.1). */
const ISCSI_PORT = 3260;
/** Neither side will send more. */
const BOTH = 3;

/** One TCP connection of a capture, or one after another: feeds both directions, put in order, to their cutters. */
export class TcpFlow implements CutterPeer, OrderedStreams {
  readonly sides: readonly [Side, Side];
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
  readonly #order: StreamOrder;
  #openedNs = 0;
  #initiator = -1;
  #fromStart = false;
  #remark: ConnectionRemark | undefined;
  #connection: TraceConnection | undefined;
  #closedBy = -1;
  #closedNs = 0;
  /** A bit for each side that will send no more. */
  #ended = 0;
  #isReset = false;
  #doubts = 0;
  /** Whether it was found to carry no iSCSI. */
  #ignored = false;

  constructor(host: FlowHost) {
    this.#host = host;
    this.#order = new StreamOrder(this, host.pool);
    this.sides = this.#order.sides;
  }

  /** Begins with the first segment of a connection; the one before must have been released. */
  begin(segment: Segment): void {
    this.#order.begin(segment);
    this.standing = STANDINGS.undecided;
    this.gone = this.#ignored = this.#fromStart = this.#isReset = false;
    this.#openedNs = segment.timeNs;
    this.#initiator = this.#closedBy = -1;
    this.#ended = this.#doubts = 0;
    this.#connection = this.#remark = undefined;
  }

  /** Whether a segment belongs to a later connection between the same ports: it opens one, or lies outside this one, which is over. */
  isReplacedBy(segment: Segment, from: 0 | 1): boolean {
    const side = this.sides[from];
    if (!side.started) return false;
    const isOver = this.#ended === BOTH;
    if ((segment.flags & TCP.syn) !== 0)
      return (segment.seq + 1) >>> 0 !== side.first || (isOver && (segment.flags & TCP.ack) === 0);
    if (!isOver || segment.length === 0) return false;
    const ahead = (segment.seq - side.next) | 0;
    return ahead < ((side.first - side.next) | 0) || ahead > (this.#isReset ? RESET_REACH : 0);
  }

  /** Takes a segment of direction `from`. */
  handle(segment: Segment, from: 0 | 1): void {
    const { flags } = segment;
    if (this.#ignored) {
      if ((flags & (TCP.fin | TCP.rst)) !== 0) this.#close(segment, from);
      return;
    }
    let seq = segment.seq;
    if ((flags & TCP.syn) !== 0) {
      seq = (seq + 1) >>> 0;
      this.#open(this.sides[from], seq, (flags & TCP.ack) === 0 ? from : 1 - from);
    }
    this.#order.take(from, seq, segment);
    // An export has its packets in order, and what is said of one is said now.
    const { remark, isOwn } = this.#host;
    if (remark !== undefined) this.#order.release();
    // What its sender broke off ends with the packet that says so.
    if (isOwn && remark !== undefined && (remark.marks & MARKS.brokenOff) !== 0)
      this.sides[from].cutter?.endPartial(segment.timeNs);
    this.#order.settle(segment.timeNs);
    if ((flags & (TCP.fin | TCP.rst)) !== 0) this.#close(segment, from);
    if (this.#ended !== 0) this.#endSides(segment.timeNs);
  }

  /** Whether it holds what is whole already, for a segment that precedes it or for a copy that is cut less. */
  get isWaiting(): boolean {
    return this.heldBytes > 0 && this.#order.isWaiting;
  }

  /** Whether its next data may be that of a conversation. */
  get isTelling(): boolean {
    const isKnown = this.#fromStart || this.standing !== STANDINGS.undecided;
    return !this.#ignored && (isKnown || this.#order.isJoining);
  }

  /** Waits no more. */
  stopWaiting(): void {
    this.#order.release();
  }

  /** Hands on what has waited enough by now. */
  settle(timeNs: number): void {
    this.#order.settle(timeNs);
    if (this.#ended !== 0) this.#endSides(timeNs);
  }

  /** Ends the sides whose last byte has come. */
  #endSides(timeNs: number): void {
    for (const side of this.sides)
      if (side.hasEnd && side.next === side.end && side.held.length === 0) this.#endSide(side, timeNs);
  }

  /** The capture ends: what is held is handed on. */
  finish(): void {
    if (this.#ignored) return;
    this.#endAll();
    if (this.#connection === undefined) return;
    for (const side of this.sides) {
      this.#host.leaveOut(side.early);
      if (side.cutter?.isLost === true)
        this.#connection.lostAtEnd[side === this.sides[this.#initiator as 0 | 1] ? 'initiator' : 'target'] = true;
    }
  }

  /** Lets go of all that is held; data that would have followed in order counts as missing. */
  shed(): void {
    this.#order.flush();
    for (const side of this.sides) side.cutter?.shed();
  }

  /** Lets go of everything but what the next connection can use. */
  release(): void {
    this.#order.clear();
    for (const side of this.sides) {
      side.cutter?.begin(false);
      side.cutter = undefined;
    }
  }

  deliver(
    side: Side,
    bytes: Uint8Array,
    at: number,
    length: number,
    captured: number,
    offset: number,
    timeNs: number,
  ): void {
    const cutter = side.cutter ?? this.#takeCutter(side);
    if (captured > 0) cutter.feed(bytes, at, captured, offset, timeNs);
    if (captured < length) cutter.skip(length - captured, timeNs);
    if (cutter.ignored) this.#reconsider();
  }

  miss(side: Side, length: number, timeNs: number): void {
    (side.cutter ?? this.#takeCutter(side)).skip(length, timeNs);
  }

  leap(side: Side): void {
    side.cutter?.lose();
  }

  hold(bytes: number): void {
    this.heldBytes += bytes;
    this.#host.hold(this, bytes);
  }

  roleOf(cutter: object): boolean | undefined {
    if (this.#initiator < 0) return undefined;
    return this.sides[this.#initiator as 0 | 1].cutter === cutter;
  }

  portRoleOf(cutter: object): boolean | undefined {
    const [a, b] = this.sides;
    if ((a.port === ISCSI_PORT) === (b.port === ISCSI_PORT)) return undefined;
    return (a.cutter === cutter ? b : a).port === ISCSI_PORT;
  }

  get isOwn(): boolean {
    return this.#host.isOwn;
  }

  vouches(opcode: number): boolean {
    if (this.#host.isOwn) return true;
    return isVendorOpcode(opcode) && this.sides[this.#initiator === 0 ? 1 : 0].port === ISCSI_PORT;
  }

  get isProven(): boolean {
    return this.#fromStart || this.standing === STANDINGS.proven;
  }

  knowsTask(itt: number): boolean {
    return this.#connection !== undefined && this.#host.trace.tasks.findOpen(this.#connection.id, itt) >= 0;
  }

  doubt(): void {
    if (this.#fromStart || this.standing !== STANDINGS.unproven) return;
    this.#doubts += 1;
    // What went into its connection was payload; it may be the other way round, or no iSCSI at all.
    for (const { cutter } of this.sides) {
      cutter?.endPartial();
      cutter?.begin(false);
    }
    this.#connection = undefined;
    this.#initiator = -1;
    this.#ignored = this.#doubts > MOST_DOUBTS && this.sides.every(({ port }) => port !== ISCSI_PORT);
    this.standing = this.#ignored ? STANDINGS.done : STANDINGS.undecided;
  }

  confirm(cutter: object, fromInitiator: boolean, timeNs: number): boolean {
    const own = this.sides[0].cutter === cutter ? 0 : 1;
    if (this.#initiator < 0) {
      this.#initiator = fromInitiator ? own : 1 - own;
      // What nothing was found in is worth another look.
      const other = this.sides[1 - own]?.cutter;
      if (other?.ignored === true) other.begin(false);
    }
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
    if (this.#remark !== undefined) applyRemark(this.#connection, this.#remark);
    this.standing = STANDINGS.unproven;
    // What was held showed only now that this is a conversation.
    if (this.#closedBy >= 0) this.#tellClose(this.#connection, this.#isReset);
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
    if (connection?.[which] === 'unknown') connection[which] = state;
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
    this.#remark ??= this.#host.connectionRemark;
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
    this.#ignored = initiator?.cutter?.ignored ?? (a.cutter?.ignored === true && b.cutter?.ignored === true);
    if (!this.#ignored) return;
    this.standing = STANDINGS.done;
    this.release();
  }

  #close(segment: Segment, from: 0 | 1): void {
    const side = this.sides[from];
    const reset = (segment.flags & TCP.rst) !== 0;
    if (reset && !this.#ignored && !isNear(side, segment.seq)) return;
    this.#ended |= reset ? BOTH : 1 << from;
    this.#isReset ||= reset;
    if (!side.hasEnd) side.end = (segment.seq + segment.length) >>> 0;
    side.hasEnd = true;
    const isFirst = this.#closedBy < 0;
    if (isFirst) {
      this.#closedBy = from;
      this.#closedNs = segment.timeNs;
    }
    if (reset) this.#endAll(segment.timeNs);
    if (this.#connection === undefined) this.gone = this.#ended === BOTH && this.heldBytes === 0;
    else if (isFirst) this.#tellClose(this.#connection, reset);
  }

  #tellClose(connection: TraceConnection, reset: boolean): void {
    this.standing = STANDINGS.done;
    if (this.#remark?.endUnseen === true) return;
    const who = this.#closedBy === this.#initiator ? 'initiator' : 'target';
    connection.closedNs = this.#closedNs;
    connection.closedBy = who;
    connection.reset = reset;
    connection.closeReason = reset ? `The ${who} reset the connection.` : `The ${who} closed the connection.`;
  }

  #endAll(endNs?: number): void {
    this.#order.flush();
    for (const side of this.sides) this.#endSide(side, endNs);
  }

  /** No more bytes come of a side: what it began was broken off when it ended, unless the capture lacks the rest. */
  #endSide(side: Side, endNs: number | undefined): void {
    const isMissing = this.#order.missTail(side);
    side.cutter?.endPartial(isMissing ? undefined : endNs);
  }
}

/** Whether a side can go on, or be cut off, at this number. */
function isNear(side: Side, seq: number): boolean {
  const behind = side.hasAck ? Math.max(0, (side.next - side.acked) | 0) : (side.next - side.first) | 0;
  const ahead = (seq - side.next) | 0;
  return !side.started || (ahead >= -behind && ahead < RESET_REACH);
}
