/** Staging begins small, and grows once this has not been enough between two drains: for a deep queue of small writes. */
const STAGING = 64 * 1024;
const DEEP_STAGING = 1024 * 1024;

/** Payloads up to this many bytes are copied beside their headers; larger ones are sent from where they are. */
export const COPY_LIMIT = 8192;

/** Takes a run of bytes to send; true when all bytes taken so far have left, so that their memory may be used again. */
export type ChunkWriter = (chunks: readonly Uint8Array[]) => boolean;

/** Gathers what a connection sends: headers and small payloads side by side in one buffer, large payloads by reference. */
export class TransmitQueue {
  /** The buffer headers are written to; valid until the next `reserve`. */
  buffer = new Uint8Array(STAGING);
  #start = 0;
  #at = 0;
  #chunks: Uint8Array[] = [];
  #queuedBytes = 0;

  /** Whether anything waits to be sent. */
  get pending(): boolean {
    return this.#at > this.#start || this.#chunks.length > 0;
  }

  /** Bytes waiting to be sent. */
  get queuedBytes(): number {
    return this.#queuedBytes + this.#at - this.#start;
  }

  /** Makes room for `length` bytes and returns where they begin in `buffer`. */
  reserve(length: number): number {
    if (this.#at + length > this.buffer.length) {
      this.#close();
      this.buffer = new Uint8Array(Math.max(DEEP_STAGING, length));
      this.#start = 0;
      this.#at = 0;
    }
    const at = this.#at;
    this.#at += length;
    return at;
  }

  /** Queues bytes that stay where they are until they are sent. */
  attach(bytes: Uint8Array): void {
    this.#close();
    this.#chunks.push(bytes);
    this.#queuedBytes += bytes.length;
  }

  /** Hands everything to `write`. */
  drain(write: ChunkWriter): void {
    if (!this.pending) return;
    this.#close();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#queuedBytes = 0;
    if (write(chunks)) {
      this.#start = 0;
      this.#at = 0;
    }
  }

  #close(): void {
    if (this.#at === this.#start) return;
    this.#chunks.push(this.buffer.subarray(this.#start, this.#at));
    this.#queuedBytes += this.#at - this.#start;
    this.#start = this.#at;
  }
}
