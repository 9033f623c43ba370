/** Smaller pieces are left to the runtime, which is good at them. */
const SMALLEST = 32 * 1024;
const STEP = 16 * 1024;
const MOST_KEPT = 32 * 1024 * 1024;

/** Hands out large buffers again and again, so that fast transfers do not keep the garbage collector busy. */
export class BufferPool {
  readonly #free = new Map<number, ArrayBufferLike[]>();
  readonly #own = new WeakSet<ArrayBufferLike>();
  #kept = 0;

  /** Memory with anything in it. */
  take(length: number): Uint8Array {
    if (length < SMALLEST) return Buffer.allocUnsafe(length);
    const capacity = Math.ceil(length / STEP) * STEP;
    const found = this.#free.get(capacity)?.pop();
    if (found !== undefined) {
      this.#kept -= capacity;
      return new Uint8Array(found, 0, length);
    }
    const { buffer } = Buffer.allocUnsafeSlow(capacity);
    this.#own.add(buffer);
    return new Uint8Array(buffer, 0, length);
  }

  /** Whether it is worth giving back. */
  pays(bytes: Uint8Array): boolean {
    return bytes.length >= SMALLEST && this.#own.has(bytes.buffer);
  }

  /** Takes back what `take` gave, once; nobody may look at it any more. Other memory is left alone. */
  give(bytes: Uint8Array): void {
    if (!this.pays(bytes)) return;
    const { buffer } = bytes;
    if (this.#kept + buffer.byteLength > MOST_KEPT) return;
    const list = this.#free.get(buffer.byteLength);
    if (list === undefined) this.#free.set(buffer.byteLength, [buffer]);
    else list.push(buffer);
    this.#kept += buffer.byteLength;
  }
}
