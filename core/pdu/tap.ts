/** Both ends of a connection as a recorder names them; the initiator's side is always first. */
export interface TapEndpoints {
  readonly initiatorHost: string;
  readonly initiatorPort: number;
  readonly targetHost: string;
  readonly targetPort: number;
}

/**
 * How a connection ends for a recorder: by whom and with a FIN or a reset; `goes-on` where only the recording of it ends,
 * `unknown` where nobody has told, as when the way to the other side is dead. The order is part of the trace file format.
 */
export const TAP_ENDS = [
  'unknown',
  'initiator-closed',
  'initiator-reset',
  'target-closed',
  'target-reset',
  'goes-on',
] as const;

/** One of the ways a connection ends. */
export type TapEnd = (typeof TAP_ENDS)[number];

/** Whose digest was wrong, of a PDU that came. */
export type PduDamage = 'header' | 'data';

/**
 * `count` PDUs behind each other, all with their headers in `bytes` and their data in `data`, which may be `bytes` again. `places`
 * has four numbers of each, `at`, `ahsLength`, `dataAt` and `dataLength`, beginning with those of PDU number `first`.
 */
export interface PduBatch {
  readonly bytes: Uint8Array;
  readonly data: Uint8Array;
  readonly places: Int32Array;
  readonly first: number;
  readonly count: number;
}

/**
 * What a session or a target reports to whoever records it. Calls are synchronous and keep no reference to the bytes,
 * which may be views into a receive buffer. `timeMs` is the reporter's monotonic clock: for received PDUs that of
 * the receive callback, for sent ones that of the write. What came with one read is told of once all of it has been acted on,
 * and before what that sends.
 */
export interface PduTap {
  /** A connection begins; answers the number it goes by in later calls. */
  openConnection(timeMs: number, endpoints: TapEndpoints): number;
  /**
   * One PDU: its header at `at` of `bytes`, additional headers of `ahsLength` bytes right behind it, and its data without
   * padding and digests: `dataLength` bytes at `dataAt` of `data`, which may be `bytes` again. `damage` says whose
   * digest was wrong.
   */
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
  ): void;
  /** Several whole PDUs at once. A tap that lacks this is told of each by itself. */
  recordPdus?(connection: number, fromInitiator: boolean, timeMs: number, batch: PduBatch): void;
  /** The loop that stamps the times ran this much late. */
  recordLag(timeMs: number, lagMs: number): void;
  /** A connection ended; `reason` is for people. */
  closeConnection(connection: number, timeMs: number, reason: string, end?: TapEnd): void;
}

/** Tells a tap of several PDUs in the way it takes them. */
export function recordPdus(
  tap: PduTap,
  connection: number,
  fromInitiator: boolean,
  timeMs: number,
  batch: PduBatch,
): void {
  if (tap.recordPdus !== undefined) {
    tap.recordPdus(connection, fromInitiator, timeMs, batch);
    return;
  }
  const { bytes, data, places, first, count } = batch;
  for (let i = first * 4; i < (first + count) * 4; i += 4) {
    const at = places[i] as number;
    const ahsLength = places[i + 1] as number;
    const dataAt = places[i + 2] as number;
    const dataLength = places[i + 3] as number;
    tap.recordPdu(connection, fromInitiator, timeMs, bytes, at, ahsLength, data, dataAt, dataLength);
  }
}
