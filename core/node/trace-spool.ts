import { closeSync, fstatSync, fsyncSync, openSync, rmSync, write } from 'node:fs';
import { LunascopeError, TransportError, UsageError } from '../errors/index.ts';
import { FILE_HEADER_LENGTH, type ChunkSink } from '../trace/index.ts';
import { clearTrace, emptySegment, segmentPath } from './trace-files.ts';
import { PAGE_BYTES, UncachedFile } from './uncached-file.ts';

/** How a spool is bounded. */
export interface SpoolOptions {
  /** Bytes all files of the trace may take; the oldest file goes first. */
  readonly maxBytes?: number;
  /** Bytes waiting to be written before PDUs are left out instead. */
  readonly maxBacklogBytes?: number;
  /**
   * Bytes of the buffers that are written past the system's cache of files, where it has that and as long as the disk keeps up.
   * Nothing else is pushed out of the cache then, and the session loses less time; but who reads along reads from the disk.
   */
  readonly uncachedBytes?: number;
  /** Called once, when writing has failed; the recording ends there and the session goes on. */
  readonly onStopped?: (reason: LunascopeError) => void;
}

interface Job {
  readonly bytes: Uint8Array;
  /** Where in its file they go. */
  readonly at: number;
  readonly segment: number;
  readonly uncached: boolean;
  /** Called when the bytes are written. */
  readonly release?: () => void;
}

const POOLED = 16;
const UNCACHED_BUFFERS = 8;
/** So many of them are full when the disk is slower than the recording: what waits goes through the cache. */
const UNCACHED_WAITING = 4;
/** A disk that once takes longer for a write than this is written to through the cache from then on. */
const UNCACHED_MS = 250;
/** Less than this is cheaper to write through the cache. */
const LEAST_UNCACHED = 64 << 10;

/** Writes a recording to its files, asynchronously and in order; trouble with the disk never reaches the session. */
export class TraceSpool implements ChunkSink {
  readonly path: string;
  /** Bytes all files of the trace may take; a change holds from the next write on. */
  maxBytes: number;
  readonly #maxBacklog: number;
  readonly #onStopped: (reason: LunascopeError) => void;
  readonly #queue: Job[] = [];
  readonly #pool: Uint8Array[] = [];
  readonly #sizes = new Map<number, number>();
  readonly #waiting: (() => void)[] = [];
  #fd = -1;
  #openSegment = -1;
  /** Whether it is a file, and nothing that bytes pass through in their order. */
  #seekable = true;
  #nextSegment = 0;
  /** Length of the file once all that was handed over is in it. */
  #end = 0;
  readonly #uncached: UncachedFile | undefined;
  readonly #uncachedBacklog: number;
  /** The buffer lent last, where it can be written past the cache. */
  #lent: Uint8Array | undefined;
  /** The last bytes handed over, which make no whole page yet and wait for more. */
  readonly #tail = new Uint8Array(PAGE_BYTES);
  #tailLength = 0;
  #backlog = 0;
  #writing = false;
  #closed = false;
  #stopped: LunascopeError | undefined;
  #written = 0;
  #deleted = 0;

  constructor(path: string, options: SpoolOptions = {}) {
    this.path = path;
    this.maxBytes = options.maxBytes ?? 4 * 2 ** 30;
    this.#maxBacklog = options.maxBacklogBytes ?? 64 << 20;
    this.#onStopped = options.onStopped ?? (() => undefined);
    const { uncachedBytes } = options;
    this.#uncachedBacklog = UNCACHED_WAITING * (uncachedBytes ?? 0);
    if (uncachedBytes !== undefined) this.#uncached = new UncachedFile(UNCACHED_BUFFERS, uncachedBytes + PAGE_BYTES);
    try {
      clearTrace(path);
      this.#open(0);
    } catch (cause) {
      if (cause instanceof LunascopeError) throw cause;
      throw new UsageError('BAD_ARGUMENT', `${path} cannot be recorded to.`, {
        hint: 'Check the folder and its rights.',
        cause,
      });
    }
  }

  /** Why the recording ended early, or undefined while it goes on. */
  get stopped(): LunascopeError | undefined {
    return this.#stopped;
  }

  /** Bytes on disk now, and bytes of older files that were deleted for room. */
  get sizes(): { readonly kept: number; readonly deleted: number } {
    return { kept: this.#written - this.#deleted, deleted: this.#deleted };
  }

  /** Bytes handed over and not yet written. */
  get backlogBytes(): number {
    return this.#backlog;
  }

  acquire(length: number): Uint8Array | undefined {
    if (this.#stopped !== undefined || this.#closed || this.#backlog + length > this.#maxBacklog) return undefined;
    return this.#lendPages(length) ?? this.#lend(length);
  }

  startSegment(segment: number): void {
    if (segment === this.#nextSegment) return;
    this.settle();
    this.#nextSegment = segment;
    this.#end = 0;
  }

  write(chunk: Uint8Array, length: number): void {
    const buffer = this.#lent;
    this.#lent = undefined;
    if (buffer?.buffer === chunk.buffer) this.#writePages(buffer, length);
    else {
      this.settle();
      this.#put(chunk.subarray(0, length), this.#end, false, () => {
        if (this.#pool.length < POOLED) this.#pool.push(chunk);
      });
      this.#end += length;
    }
  }

  /** Writes what waits for the rest of its page. */
  settle(): void {
    if (this.#tailLength === 0) return;
    this.#put(this.#tail.slice(0, this.#tailLength), this.#end - this.#tailLength, false);
    this.#tailLength = 0;
  }

  /** Resolves once everything handed over so far is in the files, or the recording has stopped. */
  async drain(): Promise<void> {
    this.settle();
    if (!this.#writing && this.#queue.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Writes what is left, makes it durable and closes the files. */
  async close(): Promise<void> {
    // What comes from now on is counted as left out.
    this.#closed = true;
    await this.drain();
    try {
      if (this.#fd >= 0 && this.#stopped === undefined && this.#seekable) fsyncSync(this.#fd);
    } catch (error) {
      this.#stop(error);
    }
    this.#closeFiles();
  }

  /** The one filled last is the likeliest to be in the caches still; one too small for a huge PDU is let go. */
  #lend(length: number): Uint8Array {
    const last = this.#pool.pop();
    return last !== undefined && last.length >= length ? last : new Uint8Array(length);
  }

  /**
   * A buffer whose bytes lie in their pages of memory as they will in those of the file. None is free where the disk is
   * far slower than the recording.
   */
  #lendPages(length: number): Uint8Array | undefined {
    const buffer = this.#uncached?.take();
    if (buffer === undefined) return undefined;
    if (length + PAGE_BYTES > buffer.length) {
      this.#uncached?.give(buffer);
      return undefined;
    }
    this.#lent = buffer;
    buffer.set(this.#tail.subarray(0, this.#tailLength));
    return buffer.subarray(this.#end % PAGE_BYTES);
  }

  /** Writes whole pages past the cache, but none of which a part was written through it: who reads along could see it as it was. */
  #writePages(buffer: Uint8Array, length: number): void {
    const before = this.#end % PAGE_BYTES;
    const page = this.#end - before;
    const end = before + length;
    const whole = end - (end % PAGE_BYTES);
    let from = this.#tailLength > 0 ? 0 : before;
    this.#tailLength = 0;
    this.#end += length;
    const release = (): void => this.#uncached?.give(buffer);
    if (whole < LEAST_UNCACHED) {
      this.#put(buffer.subarray(from, end), page + from, false, release);
      return;
    }
    if (from > 0) {
      this.#put(buffer.subarray(from, PAGE_BYTES), page + from, false);
      from = PAGE_BYTES;
    }
    this.#tail.set(buffer.subarray(whole, end));
    this.#tailLength = end - whole;
    this.#put(buffer.subarray(from, whole), page + from, true, release);
  }

  #put(bytes: Uint8Array, at: number, uncached: boolean, release?: () => void): void {
    if (this.#stopped !== undefined || this.#fd < 0) return;
    const job = { bytes, at, segment: this.#nextSegment, uncached };
    this.#queue.push(release === undefined ? job : { ...job, release });
    this.#backlog += bytes.length;
    if (!this.#writing) this.#next();
  }

  #closeFiles(): void {
    this.#uncached?.close();
    const fd = this.#fd;
    // Where the next file cannot be opened there is none to close in the end.
    this.#fd = -1;
    if (fd >= 0) closeSync(fd);
  }

  #open(segment: number): void {
    this.#closeFiles();
    this.#fd = openSync(segmentPath(this.path, segment), 'w', 0o600);
    this.#seekable = fstatSync(this.#fd).isFile();
    this.#openSegment = segment;
    this.#sizes.set(segment, 0);
  }

  #next(): void {
    const job = this.#queue[0];
    if (job === undefined || this.#stopped !== undefined) {
      this.#writing = false;
      this.#queue.length = 0;
      this.#backlog = 0;
      for (const resolve of this.#waiting.splice(0)) resolve();
      return;
    }
    this.#writing = true;
    try {
      if (job.segment !== this.#openSegment) this.#open(job.segment);
      this.#makeRoom(job.bytes.length);
    } catch (error) {
      this.#stop(error);
      return;
    }
    const past = job.uncached && this.#seekable && this.#backlog <= this.#uncachedBacklog;
    const fd = past ? (this.#uncached?.openOf(this.#fd) ?? -1) : -1;
    if (fd < 0) this.#writeFrom(job, 0);
    else this.#writePast(job, fd);
  }

  /** Writes past the cache, and what could not be written so through it. */
  #writePast(job: Job, fd: number): void {
    const { bytes, at } = job;
    const begun = performance.now();
    write(fd, bytes, 0, bytes.length, at, (error, count) => {
      // Some file systems open such a file and then take no write; what is truly wrong is met again through the cache.
      if (error !== null || performance.now() - begun > UNCACHED_MS) this.#uncached?.giveUp();
      // What is left of a write cut short need not begin at a page.
      this.#writeFrom(job, error === null ? count : 0);
    });
  }

  #writeFrom(job: Job, from: number): void {
    const { bytes, at } = job;
    if (from === bytes.length) {
      this.#finish(job);
      return;
    }
    write(this.#fd, bytes, from, bytes.length - from, this.#seekable ? at + from : null, (error, count) => {
      if (error === null) this.#writeFrom(job, from + count);
      else this.#stop(error);
    });
  }

  #finish(job: Job): void {
    const { length } = job.bytes;
    this.#queue.shift();
    this.#backlog -= length;
    this.#written += length;
    this.#sizes.set(job.segment, (this.#sizes.get(job.segment) ?? 0) + length);
    job.release?.();
    this.#next();
  }

  /** Deletes the oldest files until `length` bytes more fit; the file being written always stays. */
  #makeRoom(length: number): void {
    for (const [segment, size] of this.#sizes) {
      if (this.#written - this.#deleted + length <= this.maxBytes || segment === this.#openSegment) return;
      if (segment === 0) emptySegment(this.path, FILE_HEADER_LENGTH);
      else rmSync(segmentPath(this.path, segment), { force: true });
      this.#deleted += size;
      this.#sizes.delete(segment);
    }
  }

  #stop(cause: unknown): void {
    const code = (cause as NodeJS.ErrnoException).code;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    this.#stopped = new TransportError(
      full ? 'DISK_FULL' : 'IO_FAILED',
      full
        ? `The disk is full: recording to ${this.path} has stopped. The session goes on.`
        : `Recording to ${this.path} has stopped: ${cause instanceof Error ? cause.message : String(cause)}.`,
      {
        hint: full
          ? 'Free some space or lower the cap on traces, then record again.'
          : 'Check that the folder can be written to.',
        cause,
      },
    );
    this.#next();
    this.#onStopped(this.#stopped);
  }
}
