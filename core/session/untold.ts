import { recordPdus, type PduBatch, type PduTap } from '../pdu/index.ts';

/** Numbers that say where a PDU lies: its header, the length of additional ones, its data and the length of that. */
const NUMBERS = 4;

/** A batch that is used again and again. */
type Run = { -readonly [K in keyof PduBatch]: PduBatch[K] };

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
    const first = this.#count - 1;
    let run = this.#runs[this.#runCount];
    if (run === undefined) {
      run = { bytes, data, places: this.#places, first, count: 1 };
      this.#runs.push(run);
    } else {
      run.bytes = bytes;
      run.data = data;
      run.first = first;
      run.count = 1;
    }
    this.#runCount += 1;
    this.#last = run;
  }

  /** Tells `tap`, or forgets them where there is none. */
  tell(tap: PduTap | undefined, connection: number, fromInitiator: boolean, timeMs: number): void {
    for (let i = 0; i < this.#runCount; i += 1) {
      const run = this.#runs[i] as Run;
      run.places = this.#places;
      if (tap !== undefined) recordPdus(tap, connection, fromInitiator, timeMs, run);
      // Buffers of their own are kept no longer than they are needed.
      run.data = run.bytes;
    }
    this.#count = 0;
    this.#runCount = 0;
    this.#last = undefined;
  }
}
