/** What files written past the cache go by: memory, place in the file and length are multiples of it on any disk of today. */
export const PAGE_BYTES = 4096;

const WASM_PAGE_BYTES = 65_536;

// Every computer this runs on has it, but the types of Node name it only together with those of a browser.
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

/** A few buffers of equal length that begin at a page of memory, which no other memory that a script can ask for is sure to do. */
export class PageBuffers {
  readonly #free: Uint8Array[] = [];

  /** `length` is a multiple of a page. What is never lent takes no memory. */
  constructor(count: number, length: number) {
    const pages = Math.ceil((count * length) / WASM_PAGE_BYTES);
    const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
    for (let i = 0; i < count; i += 1) this.#free.push(new Uint8Array(buffer, i * length, length));
  }

  /** The buffer given back last, which is the likeliest to be in the caches still; none where all are lent. */
  take(): Uint8Array | undefined {
    return this.#free.pop();
  }

  give(buffer: Uint8Array): void {
    this.#free.push(buffer);
  }
}
