import { closeSync, fsyncSync, openSync, rmSync, write } from 'node:fs';
import { LunascopeError, TransportError, UsageError } from '../errors/index.ts';
import { FILE_HEADER_LENGTH, type ChunkSink } from '../trace/index.ts';
import { clearTrace, emptySegment, segmentPath } from './trace-files.ts';

/** How a spool is bounded. */
export interface SpoolOptions {
  /** Bytes all files of the trace may take; the oldest file goes first. */
  readonly maxBytes?: number;
  /** Bytes waiting to be written before PDUs are left out instead. */
  readonly maxBacklogBytes?: number;
  /** Called once, when writing has failed; the recording ends there and the session goes on. */
  readonly onStopped?: (reason: LunascopeError) => void;
}

interface Job {
  readonly chunk: Uint8Array;
  readonly length: number;
  readonly segment: number;
}

const POOLED = 16;

/** Writes a recording to its files, asynchronously and in order; trouble with the disk never reaches the session. */
export class TraceSpool implements ChunkSink {
  readonly path: string;
  readonly #maxBytes: number;
  readonly #maxBacklog: number;
  readonly #onStopped: (reason: LunascopeError) => void;
  readonly #queue: Job[] = [];
  readonly #pool: Uint8Array[] = [];
  readonly #sizes = new Map<number, number>();
  readonly #waiting: (() => void)[] = [];
  #fd = -1;
  #openSegment = -1;
  #nextSegment = 0;
  #backlog = 0;
  #writing = false;
  #closed = false;
  #stopped: LunascopeError | undefined;
  #written = 0;
  #deleted = 0;

  constructor(path: string, options: SpoolOptions = {}) {
    this.path = path;
    this.#maxBytes = options.maxBytes ?? 4 * 2 ** 30;
    this.#maxBacklog = options.maxBacklogBytes ?? 64 << 20;
    this.#onStopped = options.onStopped ?? (() => undefined);
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
    // The one filled last is the likeliest to be in the caches still; one too small for a huge PDU is let go.
    const last = this.#pool.pop();
    return last !== undefined && last.length >= length ? last : new Uint8Array(length);
  }

  startSegment(segment: number): void {
    this.#nextSegment = segment;
  }

  write(chunk: Uint8Array, length: number): void {
    this.#queue.push({ chunk, length, segment: this.#nextSegment });
    this.#backlog += length;
    if (!this.#writing) this.#next();
  }

  /** Resolves once everything handed over so far is in the files, or the recording has stopped. */
  async drain(): Promise<void> {
    if (!this.#writing && this.#queue.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Writes what is left, makes it durable and closes the files. */
  async close(): Promise<void> {
    await this.drain();
    if (this.#closed) return;
    this.#closed = true;
    if (this.#fd < 0) return;
    if (this.#stopped === undefined) fsyncSync(this.#fd);
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #open(segment: number): void {
    const before = this.#fd;
    // Where the next file cannot be opened there is none to close in the end.
    this.#fd = -1;
    if (before >= 0) closeSync(before);
    this.#fd = openSync(segmentPath(this.path, segment), 'w', 0o600);
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
      this.#makeRoom(job.length);
    } catch (error) {
      this.#stop(error);
      return;
    }
    this.#writeFrom(job, 0);
  }

  #writeFrom(job: Job, from: number): void {
    write(this.#fd, job.chunk, from, job.length - from, null, (error, count) => {
      if (error !== null) {
        this.#stop(error);
        return;
      }
      if (from + count < job.length) {
        this.#writeFrom(job, from + count);
        return;
      }
      this.#queue.shift();
      this.#backlog -= job.length;
      this.#written += job.length;
      this.#sizes.set(job.segment, (this.#sizes.get(job.segment) ?? 0) + job.length);
      if (this.#pool.length < POOLED) this.#pool.push(job.chunk);
      this.#next();
    });
  }

  /** Deletes the oldest files until `length` bytes more fit; the file being written always stays. */
  #makeRoom(length: number): void {
    for (const [segment, size] of this.#sizes) {
      if (this.#written - this.#deleted + length <= this.#maxBytes || segment === this.#openSegment) return;
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
