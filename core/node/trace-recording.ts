import { TraceRecorder, type RecorderOptions } from '../trace/index.ts';
import { TraceSpool, type SpoolOptions } from './trace-spool.ts';

/** How a recording to a file is set up. */
export interface RecordingOptions extends Omit<SpoolOptions, 'uncachedBytes'> {
  readonly mode: RecorderOptions['mode'];
  readonly keepChapResponses?: boolean;
  readonly segmentBytes?: number;
  /** Whether a recording of headers goes past the system's cache of files where it can: of use where nobody reads it while it grows. */
  readonly uncached?: boolean;
}

const FLUSH_MS = 250;
const MOST_IN_FILE = 256 << 20;
const LEAST_IN_FILE = 1 << 20;
/** The oldest file goes as a whole, so that it must be a small part of what is kept. */
const FILES = 8;
/** A disk may stall for a second or two while headers are recorded as fast as they come. */
const UNCACHED_BACKLOG = 256 << 20;

const segmentOf = (maxBytes: number): number =>
  Math.max(LEAST_IN_FILE, Math.min(MOST_IN_FILE, Math.floor(maxBytes / FILES)));

/** A recording under way: give `tap` to sessions, and close it in the end. */
export class TraceRecording {
  readonly tap: TraceRecorder;
  readonly spool: TraceSpool;
  readonly #timer: NodeJS.Timeout;
  #expected: number;

  constructor(path: string, options: RecordingOptions) {
    // Everything is more than most disks take for long: the cache is there for that.
    const uncached = options.uncached === true && options.mode === 'headers';
    let chunkBytes = uncached ? 1 << 20 : 256 << 10;
    if (options.mode === 'full') chunkBytes = 4 << 20;
    const past = { uncachedBytes: chunkBytes, maxBacklogBytes: UNCACHED_BACKLOG };
    this.spool = new TraceSpool(path, uncached ? { ...past, ...options } : options);
    this.tap = new TraceRecorder(this.spool, {
      chunkBytes,
      mode: options.mode,
      baseNs: BigInt(Math.round(performance.timeOrigin * 1000)) * 1000n,
      keepChapResponses: options.keepChapResponses ?? false,
      segmentBytes: options.segmentBytes ?? segmentOf(this.spool.maxBytes),
    });
    this.#expected = performance.now() + FLUSH_MS;
    this.#timer = setInterval(() => this.#tick(), FLUSH_MS);
    this.#timer.unref();
  }

  /** Changes how many bytes its files may take from now on; the oldest that are too many go as more comes. */
  keepAtMost(maxBytes: number): void {
    this.spool.maxBytes = maxBytes;
    this.tap.segmentBytes = segmentOf(maxBytes);
  }

  /** Writes what is left and closes the files. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.tap.flush();
    await this.spool.close();
  }

  #tick(): void {
    const now = performance.now();
    const late = now - this.#expected;
    this.#expected = now + FLUSH_MS;
    if (late > 1) this.tap.recordLag(now, late);
    this.tap.flush();
    this.spool.settle();
  }
}
