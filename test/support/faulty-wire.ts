/** What happens to the bytes of one way of a connection, at the byte `at` of all that were sent since it was opened. */
export interface Fault {
  /** `cut` ends the connection before the byte, `drop` takes the PDU around it out, `flip` damages it, `delay` holds it and what follows. */
  readonly kind: 'cut' | 'drop' | 'flip' | 'delay';
  readonly at: number;
  readonly ms?: number;
}

/** What a wire needs to know of its surroundings. */
export interface WireEnds {
  deliver(bytes: Uint8Array): void;
  /** The connection breaks for both ends. */
  broken(): void;
  later(afterMs: number, run: () => void): void;
}

/** One way of a connection that may have a fault. PDUs are told apart as long as no digests are in force. */
export class FaultyWire {
  readonly #ends: WireEnds;
  readonly #fault: Fault | undefined;
  /** Where each PDU began; only where asked for. */
  readonly boundaries: number[] = [];
  sent = 0;
  /** Whether the fault has happened. */
  done = false;
  #held = new Uint8Array(0);
  #waiting: (() => void)[] | undefined;
  readonly #split: boolean;
  /** Says of each PDU whether it arrives. */
  readonly #filter: ((pdu: Uint8Array) => boolean) | undefined;

  constructor(ends: WireEnds, fault?: Fault, split = false, filter?: (pdu: Uint8Array) => boolean) {
    this.#ends = ends;
    this.#fault = fault;
    this.#filter = filter;
    this.#split = split || fault?.kind === 'drop' || filter !== undefined;
  }

  /** Does something once all bytes sent so far have arrived. */
  after(run: () => void): void {
    if (this.#waiting === undefined) run();
    else this.#waiting.push(run);
  }

  send(bytes: Uint8Array): void {
    const copy = bytes.slice();
    if (this.#split) this.#pdus(copy);
    else this.#piece(copy);
  }

  #pdus(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#held.length + bytes.length);
    all.set(this.#held);
    all.set(bytes, this.#held.length);
    let at = 0;
    while (all.length - at >= 48) {
      const length = ((all[at + 5] ?? 0) << 16) | ((all[at + 6] ?? 0) << 8) | (all[at + 7] ?? 0);
      const whole = 48 + (all[at + 4] ?? 0) * 4 + length + (-length & 3);
      if (all.length - at < whole) break;
      this.boundaries.push(this.sent);
      const hit = this.#fault?.kind === 'drop' && !this.done && this.#fault.at < this.sent + whole;
      if (hit) {
        this.done = true;
        this.sent += whole;
      } else if (this.#filter?.(all.slice(at, at + whole)) === false) this.sent += whole;
      else this.#piece(all.slice(at, at + whole));
      at += whole;
    }
    this.#held = all.slice(at);
  }

  #piece(bytes: Uint8Array): void {
    const from = this.sent;
    this.sent += bytes.length;
    const fault = this.#fault;
    const place = fault === undefined ? -1 : fault.at - from;
    const hit = fault !== undefined && !this.done && fault.kind !== 'drop' && place >= 0 && place < bytes.length;
    if (!hit) {
      this.#deliver(bytes);
      return;
    }
    this.done = true;
    if (fault.kind === 'flip') {
      bytes[place] = (bytes[place] ?? 0) ^ 0x5a;
      this.#deliver(bytes);
      return;
    }
    if (place > 0) this.#deliver(bytes.slice(0, place));
    if (fault.kind === 'cut') {
      this.#ends.broken();
      return;
    }
    const waiting: (() => void)[] = [];
    this.#waiting = waiting;
    this.#deliver(bytes.slice(place));
    this.#ends.later(fault.ms ?? 0, () => {
      this.#waiting = undefined;
      for (const run of waiting) run();
    });
  }

  #deliver(bytes: Uint8Array): void {
    this.after(() => {
      this.#ends.deliver(bytes);
    });
  }
}
