import type { PduPage } from '../columns.ts';
import { Ranges } from './ranges.ts';

/** A transfer that was asked for and is under way. */
export interface Transfer {
  readonly offset: number;
  readonly length: number;
  nextDataSn: number;
  nextOffset: number;
  sent: number;
}

/** What is followed of one task while its data moves. */
export interface Moving {
  /** Row of its command. */
  readonly row: number;
  readonly isRead: boolean;
  readonly isWrite: boolean;
  /** Reads and writes at once: Data-In and R2T PDUs share their numbers (RFC 7143 4.2.2.4). */
  readonly isBoth: boolean;
  readonly expectedIn: number;
  readonly expectedOut: number;
  nextDataIn: number;
  nextOffset: number;
  burst: number;
  nextR2t: number;
  /** Where the last Ready To Transfer began. */
  lastR2tOffset: number;
  unsolicited: number;
  nextUnsolicited: number;
  /** Bytes that went out, however often. */
  sent: number;
  /** Where the last byte lies that was asked for. */
  asked: number;
  /** All that was asked for. */
  readonly wanted: Ranges;
  /** Whether PDUs were asked for again, so that numbers and offsets may come twice. */
  repeated: boolean;
  readonly transfers: Map<number, Transfer>;
}

/** What is followed of a command from here on; `expectedIn` is what it expects to read. */
export function beginMoving(page: PduPage, i: number, row: number, expectedIn: number): Moving {
  const flags = page.flags[i] as number;
  const length = (page.lengths[i] as number) & 0xffffff;
  return {
    row,
    isRead: (flags & 0x40) !== 0,
    isWrite: (flags & 0x20) !== 0,
    isBoth: (flags & 0x60) === 0x60,
    expectedIn,
    expectedOut: page.word20[i] as number,
    nextDataIn: 0,
    nextOffset: 0,
    burst: 0,
    nextR2t: 0,
    lastR2tOffset: 0,
    unsolicited: length,
    nextUnsolicited: 0,
    sent: length,
    asked: 0,
    wanted: new Ranges(),
    repeated: false,
    transfers: new Map(),
  };
}
