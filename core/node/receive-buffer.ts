const SMALL = 64 * 1024;
const LARGE = 1024 * 1024;
/** Room for a header and little more: what follows of a long data segment is read to its place. */
const BRIEF = 16 * 1024;
const BULK_PDU = 16 * 1024;
/** Below the sizes of segments in use, which are powers of two, so that PDUs of one size are judged alike. */
const LONG_PDU = 96 * 1024;
/** As a rule, from so many bytes on reading what is missing to its place is worth a read of its own. */
const MUCH_MISSING = 128 * 1024;
const DEEP_QUEUE = 64;
/** So many bytes are looked at before the way of reading changes. */
const JUDGED_BYTES = 32 * 1024;

/** Whether bytes with so many PDUs ended in them belong to large PDUs. */
export function isBulk(bytes: number, pdus: number): boolean {
  return bytes >= pdus * BULK_PDU;
}

/**
 * The buffer a socket reads into. Small reads keep a stream of small commands from running in lock-step with the target;
 * large ones save system calls when PDUs are large or the queue is deep. Where data segments are long, a brief read finds
 * their header and the rest is read to its place, which saves copying it there.
 */
export class ReceiveBuffer {
  readonly #small = new Uint8Array(SMALL);
  readonly #brief = this.#small.subarray(0, BRIEF);
  #large: Uint8Array | undefined;
  #kind: 'small' | 'large' | 'brief' = 'small';
  #bytes = 0;
  #pdus = 0;

  /** Where the next read goes. */
  next(): Uint8Array {
    if (this.#kind === 'small') return this.#small;
    if (this.#kind === 'brief') return this.#brief;
    this.#large ??= new Uint8Array(LARGE);
    return this.#large;
  }

  /** From how many missing bytes of a data segment on they are read to their place. */
  get directFrom(): number {
    return this.#kind === 'brief' ? BRIEF : MUCH_MISSING;
  }

  /** Learns from a read, wherever it went: its bytes, the PDUs that ended in it and the tasks under way. */
  observe(bytes: number, pdus: number, tasks: number): void {
    this.#bytes += bytes;
    this.#pdus += pdus;
    // In the midst of a segment the PDUs before it say nothing of its length.
    if (pdus === 0 || this.#bytes < JUDGED_BYTES) return;
    if (this.#bytes >= this.#pdus * LONG_PDU) this.#kind = 'brief';
    else this.#kind = isBulk(this.#bytes, this.#pdus) || tasks > DEEP_QUEUE ? 'large' : 'small';
    this.#bytes = 0;
    this.#pdus = 0;
  }
}
