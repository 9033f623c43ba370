import type { LunascopeError } from '../errors/index.ts';
import type { OutgoingPdu, TextAssembler, TextPair } from '../pdu/index.ts';

/** A request that is not a SCSI command, waiting for its answer under a tag with the top bit set. */
export type ControlRequest = TmfRequest | PingRequest | LogoutRequest | TextExchange;

interface Waiting {
  readonly itt: number;
  readonly connection: number;
  readonly sentAt: number;
  deadline: number;
}

/** A task management function under way. */
export interface TmfRequest extends Waiting {
  readonly kind: 'tmf';
  readonly function: number;
  readonly done: (response: number | undefined, error: LunascopeError | undefined) => void;
}

/** A NOP-Out that waits for its echo. */
export interface PingRequest extends Waiting {
  readonly kind: 'ping';
  readonly payload: Uint8Array;
  readonly done: (roundTripMs: number | undefined, error: LunascopeError | undefined) => void;
}

/** A logout under way. */
export interface LogoutRequest extends Waiting {
  readonly kind: 'logout';
  readonly reason: number;
  readonly cid: number;
  readonly done: (response: LogoutAnswer | undefined, error: LunascopeError | undefined) => void;
}

/** What a target said to a logout (RFC 7143 11.15). */
export interface LogoutAnswer {
  readonly response: number;
  readonly time2Wait: number;
  readonly time2Retain: number;
}

/** A text exchange, perhaps over many PDUs each way. */
export interface TextExchange extends Waiting {
  readonly kind: 'text';
  readonly outgoing: OutgoingPdu['data'][];
  readonly answer: TextAssembler;
  rounds: number;
  readonly done: (pairs: readonly TextPair[] | undefined, error: LunascopeError | undefined) => void;
}

/** Gives control requests their tags: the top bit set, never the reserved tag. */
export class ControlTags {
  #next: number;

  constructor(first = 0) {
    this.#next = first;
  }

  take(): number {
    const itt = (0x80000000 | this.#next) >>> 0;
    this.#next = (this.#next + 1) % 0x7fffffff;
    return itt;
  }
}
