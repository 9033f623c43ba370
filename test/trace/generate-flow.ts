import { framePdu, type Digests, type OutgoingPdu } from '../../core/pdu/index.ts';
import {
  ACK,
  ENVELOPES,
  frame,
  join,
  nextPacket,
  PSH,
  TUNNELS,
  type Conversation,
  type TimedFrame,
} from './packet-builder.ts';
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
  /** Names the tunnel or envelope its packets are in. */
  readonly around: string | undefined;
  timeNs: bigint;
}

/** Sends one segment. */
export function send(draft: Draft, flow: Flow, side: 0 | 1, flags: number, payload: Uint8Array): void {
  draft.timeNs += BigInt(draft.random.int(800, 90_000));
  const vlans = draft.linkType === 1 && draft.random.chance(0.3) ? [100] : [];
  const packet = nextPacket(flow, side, flags, payload);
  const { [draft.around ?? '']: tunnel } = TUNNELS;
  const { [draft.around ?? '']: envelope } = ENVELOPES;
  const bytes = envelope?.(packet) ?? frame(draft.linkType, tunnel?.(packet) ?? packet, vlans);
  draft.frames.push({ timeNs: draft.timeNs, bytes });
}

/** Sends bytes in segments of sizes drawn as they come. */
function sendStream(draft: Draft, flow: Flow, side: 0 | 1, stream: Uint8Array, size: () => number): void {
  for (let at = 0; at < stream.length;) {
    const piece = stream.subarray(at, at + size());
    send(draft, flow, side, PSH | ACK, piece);
    at += piece.length;
  }
}

/**
 * Sends PDUs of one side as a byte stream cut at random places, so that they share and span segments. In a tunnel each has
 * a segment of its own: of what is cut anyhow tshark does not find every PDU, tunnel or not.
 */
export function sendPdus(
  draft: Draft,
  connection: number,
  flow: Flow,
  side: 0 | 1,
  pdus: readonly OutgoingPdu[],
): void {
  for (const pdu of pdus)
    draft.pdus.push({ connection, fromInitiator: side === 0, bhs: pdu.bhs, dataLength: pdu.data?.length ?? 0 });
  const framed = pdus.map((pdu) => framePdu(pdu, flow.digests));
  const { random, around } = draft;
  if (around !== undefined) for (const pdu of framed) sendStream(draft, flow, side, pdu, () => 60_000);
  else
    sendStream(draft, flow, side, join(...framed), () =>
      random.chance(0.3) ? random.int(1, 120) : random.int(500, 9000),
    );
}
