const SMALL = 64 * 1024;
const LARGE = 1024 * 1024;
const BULK_PDU = 16 * 1024;
const DEEP_QUEUE = 64;

/** Whether bytes with so many PDUs ended in them belong to large PDUs. */
export function isBulk(bytes: number, pdus: number): boolean {
  return bytes >= pdus * BULK_PDU;
}

/**
 * The buffer a socket reads into. Small reads keep a stream of small commands from running in lock-step with the target;
 * large ones save system calls when PDUs are large or the queue is deep.
 */
export class ReceiveBuffer {
  readonly #small = new Uint8Array(SMALL);
  #large: Uint8Array | undefined;
  #wantLarge = false;

  /** Where the next read goes. */
  next(): Uint8Array {
    if (!this.#wantLarge) return this.#small;
    this.#large ??= new Uint8Array(LARGE);
    return this.#large;
  }

  /** Learns from a read: its bytes, the PDUs in it and the tasks under way. */
  observe(bytes: number, pdus: number, tasks: number): void {
    if (bytes < SMALL / 2) return;
    this.#wantLarge = isBulk(bytes, pdus) || tasks > DEEP_QUEUE;
  }
}
