import { costOf, isCut, type Held, type HeldPool } from './held.ts';
import { TCP, type Segment } from './packets.ts';
import { beginSide, createSide, type Side } from './side.ts';

/** What an order hands the bytes of its sides to. */
export interface OrderedStreams {
  /** The next `length` bytes of a side, of which the first `captured` are at hand. */
  deliver(
    side: Side,
    bytes: Uint8Array,
    at: number,
    length: number,
    captured: number,
    offset: number,
    timeNs: number,
  ): void;
  /** The next bytes of a side are not in the capture. */
  miss(side: Side, length: number, timeNs: number): void;
  /** A side goes on somewhere else. */
  leap(side: Side): void;
  /** So many bytes more are held. */
  hold(bytes: number): void;
}

const HELD_COUNT = 1024;
/** Segments that may pass, and how long may, before bytes the receiver has acknowledged count as lost to the capture. */
const PATIENCE = 16;
const PATIENCE_NS = 1e8;
const FAR = 1 << 30;

/**
 * Puts the two directions of a connection in order, each for itself and one after the other: what answers bytes that are
 * still to come waits for them, since they come out of turn, or the capture lost them. Either way nothing is handed on
 * before what it answers, or before that is known to be missing. What the capture cut waits for its whole copy until the other
 * side speaks.
 */
export class StreamOrder {
  readonly sides: readonly [Side, Side] = [createSide(), createSide()];
  readonly #streams: OrderedStreams;
  readonly #pool: HeldPool;
  #arrivals = 0;
  #lastNs = 0;

  constructor(streams: OrderedStreams, pool: HeldPool) {
    this.#streams = streams;
    this.#pool = pool;
  }

  /** Begins with the first segment of a connection; what the one before held must have been released. */
  begin({ from, to, fromPort, toPort }: Segment): void {
    beginSide(this.sides[0], from, fromPort);
    beginSide(this.sides[1], to, toPort);
    this.#arrivals = 0;
    this.#lastNs = -Infinity;
  }

  /** Takes a segment's data, whose first byte has the number `seq`, and what it acknowledges of the other side. */
  take(from: 0 | 1, seq: number, segment: Segment): void {
    const side = this.sides[from];
    const other = this.sides[1 - from] as Side;
    const isAnswer = (segment.flags & TCP.ack) !== 0;
    this.#arrivals += 1;
    if (isAnswer) {
      other.acked = segment.ack;
      other.hasAck = true;
    }
    if (segment.length === 0) return;
    this.#release(other);
    if (!side.started) {
      side.started = side.joined = side.joining = true;
      side.first = side.next = seq;
      this.#hold(side, seq, isAnswer ? segment.ack : other.next, segment);
      return;
    }
    if (side.joining) this.#begin(side, precedes(seq, segment.length, side) ? seq : side.next);
    if (isBeforeJoin(seq, side)) side.early += 1;
    const ahead = (seq - side.next) | 0;
    if (ahead > FAR) {
      this.#streams.leap(side);
      side.next = seq;
    } else if (ahead <= 0 && -ahead >= segment.length) return;
    else if (ahead > 0 || isCut(segment) || (isAnswer && lacks(other, segment.ack))) {
      this.#hold(side, seq, isAnswer ? segment.ack : other.next, segment);
      return;
    }
    const old = ahead > FAR ? 0 : -ahead;
    const { bytes, at, length, captured, offset, timeNs } = segment;
    this.#deliver(side, bytes, at + old, length - old, Math.max(0, captured - old), offset + old, timeNs);
  }

  /** Whether a side holds its first segment for one that precedes it. */
  get isJoining(): boolean {
    return this.sides[0].joining || this.sides[1].joining;
  }

  /** Whether a side does so, or holds a cut segment for its whole copy. */
  get isWaiting(): boolean {
    return this.isJoining || this.sides.some(waitsForCopy);
  }

  /** What is there is all that there will be: no side waits for what precedes its first segment, or for whole copies. */
  release(): void {
    for (const side of this.sides) this.#release(side);
  }

  /** Hands on what is held and can be by now. */
  settle(timeNs: number): void {
    const [a, b] = this.sides;
    if (a.held.length + b.held.length === 0) return;
    this.#drain();
    for (;;) {
      const side = this.#earlier(this.#overdue(a, timeNs), this.#overdue(b, timeNs));
      if (side === undefined) return;
      this.#giveUp(side);
      this.#drain();
    }
  }

  /** Hands on all that is held; what it waits for counts as lost. */
  flush(): void {
    const [a, b] = this.sides;
    for (;;) {
      const side = this.#earlier(a.held[0], b.held[0]);
      if (side === undefined) return;
      this.#giveUp(side);
      this.#drain();
    }
  }

  /** Tells of bytes that are missing at the end of a side, where its end or the other side prove them; answers whether there are. */
  missTail(side: Side): boolean {
    const end = side.hasEnd ? side.end : side.acked;
    const isProven = (side.hasEnd || side.hasAck) && lacks(side, end);
    if (isProven) this.#miss(side, end, this.#lastNs);
    return isProven;
  }

  /** Lets go of all that is held. */
  clear(): void {
    for (const side of this.sides) {
      for (const held of side.held) this.#giveBack(held);
      side.held.length = 0;
      side.joining = false;
    }
  }

  #hold(side: Side, seq: number, ack: number, segment: Segment): void {
    let at = side.held.length;
    while (at > 0 && ((seq - (side.held[at - 1] as Held).seq) | 0) < 0) at -= 1;
    const before = side.held[at - 1];
    if (before?.seq === seq) {
      if (before.length >= segment.length && before.captured >= segment.captured) return;
      if (before.length <= segment.length && before.captured <= segment.captured) {
        at -= 1;
        side.held.splice(at, 1);
        this.#giveBack(before);
      }
    }
    const held = this.#pool.take(segment, seq, ack, this.#arrivals);
    side.held.splice(at, 0, held);
    this.#streams.hold(costOf(held));
  }

  #begin(side: Side, seq: number): void {
    side.joining = false;
    side.first = side.next = seq;
    this.#drain();
  }

  #release(side: Side): void {
    if (side.held.length === 0) return;
    side.joining = false;
    side.released = this.#arrivals;
    this.#drain();
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
    this.#lastNs = timeNs;
    this.#streams.deliver(side, bytes, at, length, captured, offset, timeNs);
  }

  #drain(): void {
    const [a, b] = this.sides;
    for (;;) {
      const side = this.#earlier(ready(a, b), ready(b, a));
      if (side === undefined) return;
      const first = side.held.shift() as Held;
      const old = (side.next - first.seq) | 0;
      if (old < first.length) {
        const { bytes, length, offset } = first;
        const at = Math.min(old, first.captured);
        // What came out of turn was there for its receiver only when what precedes it was.
        this.#deliver(side, bytes, at, length - old, first.captured - at, offset + old, this.#notBefore(first.timeNs));
      }
      this.#giveBack(first);
    }
  }

  #notBefore(timeNs: number): number {
    return Math.max(timeNs, this.#lastNs);
  }

  /** The side of the one of two held segments, one of each side, that came first. */
  #earlier(a: Held | undefined, b: Held | undefined): Side | undefined {
    if (a === undefined && b === undefined) return undefined;
    return b === undefined || (a !== undefined && a.order <= b.order) ? this.sides[0] : this.sides[1];
  }

  /** A side's first held segment, where it has waited enough for bytes that the receiver has. */
  #overdue(side: Side, timeNs: number): Held | undefined {
    const first = side.held[0];
    if (first === undefined || side.held.length > HELD_COUNT) return first;
    if (this.#arrivals - first.order <= PATIENCE && timeNs - first.timeNs <= PATIENCE_NS) return undefined;
    const acknowledged = !isAhead(side, first.seq) || (side.hasAck && ((side.acked - first.seq) | 0) >= 0);
    return acknowledged ? first : undefined;
  }

  /** What a side's first held segment waits for is lost: bytes of its own side, or of the other that it answers. */
  #giveUp(side: Side): void {
    const first = side.held[0] as Held;
    side.joining = false;
    side.released = Math.max(side.released, first.order);
    if (isAhead(side, first.seq)) {
      this.#miss(side, first.seq, first.timeNs);
      return;
    }
    const other = side === this.sides[0] ? this.sides[1] : this.sides[0];
    const next = other.held[0];
    if (!lacks(other, first.ack)) return;
    if (next === undefined || ((first.ack - next.seq) | 0) < 0) this.#miss(other, first.ack, first.timeNs);
    else if (isAhead(other, next.seq)) this.#miss(other, next.seq, first.timeNs);
    // Each answers the other: the later one is sent again by a host that has the answer.
    else next.ack = side.next;
  }

  #miss(side: Side, to: number, timeNs: number): void {
    const missing = (to - side.next) | 0;
    side.next = to;
    this.#streams.miss(side, missing, this.#notBefore(timeNs));
  }

  #giveBack(held: Held): void {
    this.#streams.hold(-costOf(held));
    this.#pool.give(held);
  }
}

function isAhead(side: Side, seq: number): boolean {
  return ((seq - side.next) | 0) > 0;
}

/** Whether bytes up to here are not yet there of a side; one more than there are may be its FIN. */
function lacks(side: Side, ack: number): boolean {
  const ahead = (ack - side.next) | 0;
  return ahead > 1 && ahead < FAR && side.started;
}

/** Whether a side's first held segment is cut and its whole copy may still come. */
function waitsForCopy({ held, released }: Side): boolean {
  const first = held[0];
  return first !== undefined && isCut(first) && first.order > released;
}

/** A side's first held segment, where all that it follows and answers is there, and no more of it is waited for. */
function ready(side: Side, other: Side): Held | undefined {
  const first = side.held[0];
  if (first === undefined || side.joining || waitsForCopy(side)) return undefined;
  return isAhead(side, first.seq) || lacks(other, first.ack) ? undefined : first;
}

/** Whether a segment lies right before the first that was heard of a side, or goes over into it: the two came the wrong way round. */
function precedes(seq: number, length: number, side: Side): boolean {
  const behind = (side.first - seq) | 0;
  return behind > 0 && behind <= length;
}

/** Whether a segment begins before what the capture has of a side that was joined in its middle, as long as the numbers tell. */
function isBeforeJoin(seq: number, side: Side): boolean {
  if (!side.joined) return false;
  side.joined = (side.next - side.first) >>> 0 < FAR;
  const behind = (side.first - seq) | 0;
  return side.joined && behind > 0 && behind < FAR;
}
