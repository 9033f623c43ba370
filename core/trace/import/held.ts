import type { Segment } from './packets.ts';

/** A segment that came before what precedes it. */
export interface Held {
  seq: number;
  bytes: Uint8Array;
  /** Payload bytes on the wire, and how many of these lie in `bytes`. */
  length: number;
  captured: number;
  offset: number;
  timeNs: number;
  /** How far it answers the other side, and which of the connection's segments it was. */
  ack: number;
  order: number;
}

/** Memory that a held segment takes beside its bytes. */
const HELD_COST = 256;
/** Sizes of buffers that are used again; the smallest is what an array has without a buffer of its own. */
const SIZES = [64, 512, 2048] as const;
/** What lies unused at most. */
const UNUSED_LIMIT = 16 << 20;

/** Whether the capture has less of a segment than there was. */
export function isCut({ captured, length }: Pick<Held, 'captured' | 'length'>): boolean {
  return captured < length;
}

/** What a held segment weighs. */
export function costOf({ bytes }: Held): number {
  return bytes.length + HELD_COST;
}

/** Lends copies of segments, so that reordering leaves no garbage. */
export class HeldPool {
  readonly #unused: readonly [Held[], Held[], Held[]] = [[], [], []];
  #unusedBytes = 0;

  /** A copy of a segment with the place it has among others. */
  take(segment: Segment, seq: number, ack: number, order: number): Held {
    const { captured, length, offset, timeNs } = segment;
    const held = this.#find(captured);
    held.seq = seq;
    held.length = length;
    held.captured = captured;
    held.offset = offset;
    held.timeNs = timeNs;
    held.ack = ack;
    held.order = order;
    held.bytes.set(segment.bytes.subarray(segment.at, segment.at + captured));
    return held;
  }

  /** Takes a copy back; nobody may use it any more. */
  give(held: Held): void {
    const size = SIZES.findIndex((each) => each === held.bytes.length);
    if (size < 0 || this.#unusedBytes + costOf(held) > UNUSED_LIMIT) return;
    this.#unusedBytes += costOf(held);
    (this.#unused[size] as Held[]).push(held);
  }

  #find(captured: number): Held {
    const size = SIZES.findIndex((each) => captured <= each);
    const held = this.#unused[size]?.pop();
    if (held === undefined)
      return {
        seq: 0,
        bytes: new Uint8Array(SIZES[size] ?? captured),
        length: 0,
        captured: 0,
        offset: 0,
        timeNs: 0,
        ack: 0,
        order: 0,
      };
    this.#unusedBytes -= costOf(held);
    return held;
  }
}
