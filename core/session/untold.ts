import { recordPdus, type PduTap } from '../pdu/index.ts';

/** Numbers that say where a PDU lies: its header, the length of additional ones, its data and the length of that. */
const NUMBERS = 4;

/** PDUs that come behind each other and have their headers in one buffer, and their data in the same one or in another. */
interface Run {
  bytes: Uint8Array;
  data: Uint8Array;
  count: number;
}

/** PDUs a recorder has not been told of yet: a recorder that takes many at once takes less of the session's time. */
export class Untold {
  #places = new Int32Array(64 * NUMBERS);
  #count = 0;
  /** The first `#runCount` are in use; they are used again and again. */
  readonly #runs: Run[] = [];
  #runCount = 0;
  #last: Run | undefined;

  get pending(): boolean {
    return this.#count > 0;
  }

  add(bytes: Uint8Array, at: number, ahsLength: number, data: Uint8Array, dataAt: number, dataLength: number): void {
    const next = this.#count * NUMBERS;
    if (next === this.#places.length) this.#grow();
    const places = this.#places;
    places[next] = at;
    places[next + 1] = ahsLength;
    places[next + 2] = dataAt;
    places[next + 3] = dataLength;
    this.#count += 1;
    const last = this.#last;
    if (last?.bytes === bytes && last.data === data) last.count += 1;
    else this.#begin(bytes, data);
  }

  #grow(): void {
    const places = new Int32Array(this.#places.length * 2);
    places.set(this.#places);
    this.#places = places;
  }

  #begin(bytes: Uint8Array, data: Uint8Array): void {
    let run = this.#runs[this.#runCount];
    if (run === undefined) {
      run = { bytes, data, count: 1 };
      this.#runs.push(run);
    } else {
      run.bytes = bytes;
      run.data = data;
      run.count = 1;
    }
    this.#runCount += 1;
    this.#last = run;
  }

  /** Tells `tap`, or forgets them where there is none. */
  tell(tap: PduTap | undefined, connection: number, fromInitiator: boolean, timeMs: number): void {
    let first = 0;
    for (let i = 0; i < this.#runCount; i += 1) {
      const run = this.#runs[i] as Run;
      const { bytes, data, count } = run;
      if (tap !== undefined)
        recordPdus(tap, connection, fromInitiator, timeMs, bytes, data, this.#places, first, count);
      first += count;
      // Buffers of their own are kept no longer than they are needed.
      run.data = bytes;
    }
    this.#count = 0;
    this.#runCount = 0;
    this.#last = undefined;
  }
}
