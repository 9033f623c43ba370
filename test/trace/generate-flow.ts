import { framePdu, type Digests, type OutgoingPdu } from '../../core/pdu/index.ts';
import { ACK, frame, nextPacket, PSH, type Conversation, type TimedFrame } from './packet-builder.ts';
import type { Random } from './random.ts';

/** A PDU of a generated trace as it was meant, header byte for byte. */
export interface MeantPdu {
  readonly connection: number;
  readonly fromInitiator: boolean;
  readonly bhs: Uint8Array;
  readonly dataLength: number;
}

/** One conversation, and what its numbers are now. */
export interface Flow extends Conversation {
  digests: Digests;
  cmdSn: number;
  statSn: number;
  itt: number;
}

/** A capture in the making. */
export interface Draft {
  readonly random: Random;
  readonly frames: TimedFrame[];
  readonly pdus: MeantPdu[];
  readonly linkType: number;
  timeNs: bigint;
}

/** Sends one segment. */
export function send(draft: Draft, flow: Flow, side: 0 | 1, flags: number, payload: Uint8Array): void {
  draft.timeNs += BigInt(draft.random.int(800, 90_000));
  const vlans = draft.linkType === 1 && draft.random.chance(0.3) ? [100] : [];
  const packet = nextPacket(flow, side, flags, payload);
  draft.frames.push({ timeNs: draft.timeNs, bytes: frame(draft.linkType, packet, vlans) });
}

/** Sends PDUs of one side as a byte stream cut at random places, so that they share and span segments. */
export function sendPdus(
  draft: Draft,
  connection: number,
  flow: Flow,
  side: 0 | 1,
  pdus: readonly OutgoingPdu[],
): void {
  for (const pdu of pdus)
    draft.pdus.push({ connection, fromInitiator: side === 0, bhs: pdu.bhs, dataLength: pdu.data?.length ?? 0 });
  const stream = pdus
    .map((pdu) => framePdu(pdu, flow.digests))
    .reduce((all, one) => Uint8Array.from([...all, ...one]), new Uint8Array(0));
  for (let at = 0; at < stream.length;) {
    const size = draft.random.chance(0.3) ? draft.random.int(1, 120) : draft.random.int(500, 9000);
    const piece = stream.subarray(at, at + size);
    send(draft, flow, side, PSH | ACK, piece);
    at += piece.length;
  }
}
