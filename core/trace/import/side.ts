import type { PduCutter } from './cutter.ts';
import type { Held } from './held.ts';

/** One direction of a TCP connection, named after who sends. */
export interface Side {
  readonly address: Uint32Array;
  port: number;
  started: boolean;
  /** Whether its beginning was not seen and is near, and whether its first segment is held for one that precedes it. */
  joined: boolean;
  joining: boolean;
  /** Where its stream begins, as far as the capture tells. */
  first: number;
  next: number;
  acked: number;
  hasAck: boolean;
  cutter: PduCutter | undefined;
  /** The cutter, kept for when it is needed again. */
  spare: PduCutter | undefined;
  readonly held: Held[];
  /** Up to which of the connection's segments cut ones wait no more for their whole copies. */
  released: number;
  /** Whether it has ended, and behind which byte. */
  hasEnd: boolean;
  end: number;
  /** Segments that came late and begin before what the capture has of it. */
  early: number;
}

/** A side nobody has spoken for. */
export function createSide(): Side {
  return {
    address: new Uint32Array(4),
    port: 0,
    started: false,
    joined: false,
    joining: false,
    first: 0,
    next: 0,
    acked: 0,
    hasAck: false,
    cutter: undefined,
    spare: undefined,
    held: [],
    released: 0,
    hasEnd: false,
    end: 0,
    early: 0,
  };
}

/** Begins a connection's side; what the one before held must have been given back. */
export function beginSide(side: Side, address: Uint32Array, port: number): void {
  side.address.set(address);
  side.port = port;
  side.started = side.joined = side.joining = side.hasAck = side.hasEnd = false;
  side.first = side.next = side.acked = side.end = side.early = side.released = 0;
}
