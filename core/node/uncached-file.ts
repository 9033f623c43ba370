import { closeSync, constants, openSync } from 'node:fs';

/** What files written past the cache go by: memory, place in the file and length are multiples of it on any disk of today. */
export const PAGE_BYTES = 4096;

const WASM_PAGE_BYTES = 65_536;

// Every computer this runs on has it, but the types of Node name it only together with those of a browser.
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

/**
 * Buffers of equal length, a multiple of a page, that begin at a page of memory, which no other memory that a script can ask
 * for is sure to do. What is never lent of them takes no memory.
 */
function pageBuffers(count: number, length: number): Uint8Array[] {
  const pages = Math.ceil((count * length) / WASM_PAGE_BYTES);
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
  return Array.from({ length: count }, (_, i) => new Uint8Array(buffer, i * length, length));
}

/** A second way into a file that is open: past the system's cache of files, where there is one. */
export class UncachedFile {
  /** Buffers that can be lent; undefined where nothing can be written this way. */
  #free: Uint8Array[] | undefined;
  #fd = -1;

  /** How many buffers of which length are lent at most. */
  constructor(count: number, length: number) {
    // Elsewhere the flag is not there or means something else.
    if (process.platform !== 'linux') return;
    try {
      this.#free = pageBuffers(count, length);
    } catch {
      // No address space for them: all goes through the cache.
    }
  }

  /** The buffer given back last, which is the likeliest to be in the caches still; none while all are lent, or where it cannot be done. */
  take(): Uint8Array | undefined {
    return this.#free?.pop();
  }

  give(buffer: Uint8Array): void {
    this.#free?.push(buffer);
  }

  /** Opens the file of a descriptor once more, whatever it is called by now; below zero where that cannot be. */
  openOf(fd: number): number {
    if (this.#fd < 0 && this.#free !== undefined)
      try {
        this.#fd = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_DIRECT);
      } catch {
        this.#free = undefined;
      }
    return this.#fd;
  }

  /** Closes the file; the next one may be written this way again. */
  close(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd >= 0) closeSync(fd);
  }

  /** Nothing is written this way any more. */
  giveUp(): void {
    this.#free = undefined;
    this.close();
  }
}
