import type { TraceConnection } from '../connection.ts';
import { buildTcpPacket, SEGMENT_BYTES, type TcpEnd } from './tcp-packet.ts';

const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;
const EMPTY = new Uint8Array(0);
const INITIATOR_START = 0x10000000;
const TARGET_START = 0x20000000;
/** How far the first numbers of a conversation lie past those of the one before between the same ends. */
const NEXT_START = 0x00100000;
/** Bytes one side may send before the other confirms them in a packet of its own. */
const UNACKNOWLEDGED = 1 << 20;

/** Takes one packet; `last` marks the one that opens the conversation or completes a PDU. */
export type PacketTaker = (timeNs: number, packet: Uint8Array, outgoing: boolean, last: boolean) => void;

/** Which addresses and ports a conversation shows. */
export interface ConversationFace {
  readonly initiator: Uint32Array;
  readonly target: Uint32Array;
  readonly initiatorPort: number;
  readonly targetPort: number;
  /** Which of the conversations between the same ends it is, from 0. */
  readonly turn: number;
}

/** One TCP conversation made up around the PDUs of a connection, from handshake to close. */
export class Conversation {
  readonly #take: PacketTaker;
  readonly #ends: readonly [TcpEnd, TcpEnd];
  readonly #unconfirmed: [number, number] = [0, 0];

  constructor(face: ConversationFace, take: PacketTaker) {
    this.#take = take;
    const later = face.turn * NEXT_START;
    this.#ends = [
      { address: face.initiator, port: face.initiatorPort, seq: (INITIATOR_START + later) >>> 0 },
      { address: face.target, port: face.targetPort, seq: (TARGET_START + later) >>> 0 },
    ];
  }

  /** Opens it. */
  open(timeNs: number): void {
    this.#send(timeNs, 0, SYN, EMPTY, true);
    this.#ends[0].seq = (this.#ends[0].seq + 1) >>> 0;
    this.#send(timeNs, 1, SYN | ACK, EMPTY, false);
    this.#ends[1].seq = (this.#ends[1].seq + 1) >>> 0;
    this.#send(timeNs, 0, ACK, EMPTY, false);
  }

  /** Sends a PDU in as many segments as it takes. */
  send(timeNs: number, fromInitiator: boolean, bytes: Uint8Array): void {
    const side = fromInitiator ? 0 : 1;
    const end = this.#ends[side];
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) {
      const piece = bytes.subarray(at, at + SEGMENT_BYTES);
      const last = at + piece.length === bytes.length;
      this.#send(timeNs, side, last ? PSH | ACK : ACK, piece, last);
      end.seq = (end.seq + piece.length) >>> 0;
      this.#unconfirmed[side] += piece.length;
      if (this.#unconfirmed[side] < UNACKNOWLEDGED) continue;
      this.#send(timeNs, side === 0 ? 1 : 0, ACK, EMPTY, false);
    }
  }

  /** Ends it as it ended, or politely by the initiator where that is not known. */
  close(timeNs: number, by: TraceConnection['closedBy'], reset: boolean): void {
    const first = by === 'target' ? 1 : 0;
    const second = first === 0 ? 1 : 0;
    if (reset) {
      this.#send(timeNs, first, RST | ACK, EMPTY, false);
      return;
    }
    for (const side of [first, second] as const) {
      const end = this.#ends[side];
      this.#send(timeNs, side, FIN | ACK, EMPTY, false);
      end.seq = (end.seq + 1) >>> 0;
    }
    this.#send(timeNs, first, ACK, EMPTY, false);
  }

  #send(timeNs: number, side: 0 | 1, flags: number, payload: Uint8Array, last: boolean): void {
    const other = side === 0 ? 1 : 0;
    if ((flags & ACK) !== 0) this.#unconfirmed[other] = 0;
    this.#take(timeNs, buildTcpPacket(this.#ends[side], this.#ends[other], flags, payload), side === 0, last);
  }
}
