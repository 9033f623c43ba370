import { closeSync, constants, openSync } from 'node:fs';
import { PageBuffers } from './page-buffers.ts';

/** A second way into a file that is open: past the system's cache of files, where there is one. */
export class UncachedFile {
  #pages: PageBuffers | undefined;
  #fd = -1;

  /** How many buffers of which length are lent at most. */
  constructor(count: number, length: number) {
    // Elsewhere the flag is not there or means something else.
    if (process.platform !== 'linux') return;
    try {
      this.#pages = new PageBuffers(count, length);
    } catch {
      // No address space for them: all goes through the cache.
    }
  }

  /** A buffer that can be written this way; none while all are lent, or where it cannot be done. */
  take(): Uint8Array | undefined {
    return this.#pages?.take();
  }

  give(buffer: Uint8Array): void {
    this.#pages?.give(buffer);
  }

  /** Opens the file of a descriptor once more, whatever it is called by now; below zero where that cannot be. */
  openOf(fd: number): number {
    if (this.#fd < 0 && this.#pages !== undefined)
      try {
        this.#fd = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_DIRECT);
      } catch {
        this.#pages = undefined;
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
    this.#pages = undefined;
    this.close();
  }
}
