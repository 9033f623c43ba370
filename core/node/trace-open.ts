import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync, writeSync, type Stats } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { CancelledError, LunascopeError, ProtocolError, TransportError, UsageError } from '../errors/index.ts';
import { isTraceFile, Trace, TraceImporter } from '../trace/index.ts';
import { gunzip } from './gunzip.ts';
import { fastCrc32c } from './native-crc32c.ts';
import { readPipe } from './pipe-stream.ts';
import { FileSource, listSegments, segmentPath, traceExists, TraceScratch, UNDER_WAY } from './trace-files.ts';

/** How a trace is opened. */
export interface OpenTraceOptions {
  /** Bytes of memory for index pages; what is beyond lies on disk. */
  readonly memoryBytes?: number;
  /** Where files without a name are made if some are needed; the system's own folder unless told otherwise. */
  readonly scratchParent?: string;
  /** Go on when the end is reached, as the input grows, until the signal says stop. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
  /** Called between slices of work, at most some 60 times a second. */
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Most bytes a compressed input may grow to. */
  readonly maxInflatedBytes?: number;
}

/** How far an import is. */
export interface ImportProgress {
  readonly bytes: number;
  /** Bytes there are in all, where that is known. */
  readonly totalBytes: number | undefined;
  readonly pdus: number;
}

const CHUNK = 1 << 20;
const SLICE_MS = 15;
const POLL_MS = 100;
const DEFAULT_MEMORY = 240 << 20;
const INFLATED_LIMIT = 64 * 2 ** 30;
/** A stream that unpacks to this many times its size, past a free allowance, is a bomb and no capture. */
const RATIO_LIMIT = 250;
const RATIO_FREE = 256 << 20;

/** A trace being read or read to its end. Rows can be used while the import goes on. */
export class TraceFile {
  readonly trace: Trace;
  readonly #importer: TraceImporter;
  readonly #scratch: TraceScratch;
  readonly #source: FileSource;
  readonly #options: OpenTraceOptions;
  #spoolFd = -1;
  #spooled = 0;
  #yieldedAt = 0;
  #closed = false;

  constructor(options: OpenTraceOptions = {}) {
    this.#options = options;
    this.#scratch = new TraceScratch(options.scratchParent);
    this.#source = new FileSource();
    this.trace = new Trace(this.#scratch.stores(options.memoryBytes ?? DEFAULT_MEMORY));
    this.trace.source = this.#source;
    this.#importer = new TraceImporter(this.trace, fastCrc32c);
  }

  /** Why the import ended before its input, or undefined. */
  get failure(): Error | undefined {
    return this.#importer.failure;
  }

  /** Packets of a capture that were read. */
  get packets(): number {
    return this.#importer.packets;
  }

  /** Reads a file, a FIFO, or with `-` the stream given; resolves at its end, or when a followed input is stopped. */
  async read(path: string, stdin?: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      await this.#readInput(path, stdin);
    } catch (cause) {
      throw nameFailure(path, cause);
    }
    this.#importer.finish();
    this.#report(undefined);
  }

  async #readInput(path: string, stdin: AsyncIterable<Uint8Array> | undefined): Promise<void> {
    if (path === '-') {
      if (stdin === undefined) throw new UsageError('BAD_ARGUMENT', 'There is no standard input to read from.');
      const { fd } = stdin as { readonly fd?: unknown };
      if (typeof fd === 'number') this.#source.nameOrigin(fd);
      await this.#readStream(stdin);
      return;
    }
    const found = statOf(path);
    if (found.isFile()) await this.#readFile(path);
    else if (found.isFIFO()) await this.#readPipe(path);
    else if (found.isDirectory())
      throw new UsageError('BAD_ARGUMENT', `${path} is a folder.`, { hint: 'Name a file in it.' });
    else await this.#readStream(createReadStream(path, { highWaterMark: CHUNK }));
  }

  /** Deletes what the trace kept on disk; it cannot be read from afterwards. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#source.close();
    this.#scratch.close();
  }

  async #readFile(path: string): Promise<void> {
    const first = new Uint8Array(16);
    const fd = openSync(path, 'r');
    const got = readSync(fd, first, 0, first.length, 0);
    this.#source.nameOrigin(fd);
    closeSync(fd);
    if (got >= 2 && first[0] === 0x1f && first[1] === 0x8b) {
      if (this.#options.follow === true)
        this.trace.note('A compressed file is read to its end and not followed; unpack it to a pipe to follow it.');
      await this.#readStream(createReadStream(path, { highWaterMark: CHUNK }), statOf(path).size);
      return;
    }
    const own = isTraceFile(first.subarray(0, got));
    let start = 0;
    let after = -1;
    for (;;) {
      const segment: number | undefined = (own ? listSegments(path) : [0]).find((number) => number > after);
      if (segment === undefined) return;
      const part = this.#source.add(segmentPath(path, segment), start);
      start += await this.#readPart(part.fd, start, () => own && listSegments(path).some((number) => number > segment));
      after = segment;
      if (!own) return;
    }
  }

  /** Reads one file to its end; answers how many bytes it had. `superseded` tells that a later file has begun. */
  async #readPart(fd: number, start: number, superseded: () => boolean): Promise<number> {
    const chunk = new Uint8Array(CHUNK);
    let at = 0;
    let last = false;
    for (;;) {
      const got = readSync(fd, chunk, 0, chunk.length, at);
      if (got === 0) {
        if (this.#options.follow !== true || last || this.#importer.failure !== undefined) return at;
        if (superseded()) last = true;
        else if (!(await this.#wait(fd, at))) return at;
        continue;
      }
      this.#importer.push(chunk.subarray(0, got));
      at += got;
      if (this.#importer.failure !== undefined) return at;
      await this.#breathe(start + fstatSync(fd).size);
    }
  }

  /** Waits for a followed file to grow; answers false once the follower is told to stop or the file was cut short. */
  async #wait(fd: number, at: number): Promise<boolean> {
    this.#report(at);
    if (this.#options.signal?.aborted === true) return false;
    await sleep(POLL_MS);
    if (fstatSync(fd).size < at) {
      this.trace.note('The followed file was cut short; following ends here.');
      return false;
    }
    return !isStopped(this.#options.signal);
  }

  async #readPipe(path: string): Promise<void> {
    const pipe = readPipe(path);
    try {
      await this.#readStream(pipe);
    } finally {
      pipe.destroy();
    }
  }

  async #readStream(input: AsyncIterable<Uint8Array>, totalBytes?: number): Promise<void> {
    let packed = 0;
    const iterator = input[Symbol.asyncIterator]();
    const first = await this.#next(iterator);
    if (first === undefined) return;
    const unpack = first[0] === 0x1f && first[1] === 0x8b;
    const count = async function* (next: () => Promise<Uint8Array | undefined>): AsyncGenerator<Uint8Array> {
      for (let chunk: Uint8Array | undefined = first; chunk !== undefined; chunk = await next()) {
        packed += chunk.length;
        yield chunk;
      }
    };
    const chunks = count(() => this.#next(iterator));
    const tell = (why: string): void =>
      this.trace.note(`The compressed input is damaged: ${why}. What came before has been read.`);
    const plain = unpack ? gunzip(chunks, tell) : chunks;
    for await (const chunk of plain) {
      this.#spool(chunk);
      this.#importer.push(chunk);
      if (this.#importer.failure !== undefined) return;
      if (unpack && this.#isBomb(packed)) return;
      // The next piece of a live capture may be long in coming: what is there is reported now.
      await this.#breathe(totalBytes, true);
    }
  }

  /** The next chunk, or nothing once a follower is told to stop. */
  async #next(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
    const { signal } = this.#options;
    if (signal === undefined) {
      const result = await iterator.next();
      return result.done === true ? undefined : result.value;
    }
    if (signal.aborted) return undefined;
    let stop = (): void => undefined;
    const stopped = new Promise<undefined>((resolve) => {
      stop = () => resolve(undefined);
      signal.addEventListener('abort', stop, { once: true });
    });
    const next = iterator.next();
    // Once stopped nobody waits for it any more, and it may fail as its stream is let go.
    next.catch(() => undefined);
    const result = await Promise.race([next, stopped]);
    signal.removeEventListener('abort', stop);
    return result === undefined || result.done === true ? undefined : result.value;
  }

  #isBomb(packed: number): boolean {
    const limit = this.#options.maxInflatedBytes ?? INFLATED_LIMIT;
    const bomb = this.#spooled > RATIO_FREE && this.#spooled > packed * RATIO_LIMIT;
    if (!bomb && this.#spooled <= limit) return false;
    const error = new ProtocolError(
      'PROTOCOL_TOO_LARGE',
      `The compressed input unpacks to more than ${this.#spooled} bytes; reading ended there.`,
      { hint: 'Unpack it yourself if you trust it, and open the result.' },
    );
    this.#importer.failure = error;
    this.trace.note(error.message);
    return true;
  }

  /** What comes from a stream is kept, so that its bytes can be read again. */
  #spool(chunk: Uint8Array): void {
    if (this.#spoolFd < 0) {
      this.#spoolFd = this.#scratch.openFile();
      this.#source.borrow(this.#spoolFd);
    }
    try {
      for (let done = 0; done < chunk.length;)
        done += writeSync(this.#spoolFd, chunk, done, chunk.length - done, this.#spooled + done);
    } catch (cause) {
      throw new TransportError('DISK_FULL', `The input could not be kept in ${this.#scratch.folder}.`, {
        hint: 'Free some space, or set TMPDIR to a larger disk.',
        cause,
      });
    }
    this.#spooled += chunk.length;
  }

  async #breathe(totalBytes: number | undefined, now = false): Promise<void> {
    const { signal, follow } = this.#options;
    if (isStopped(signal) && follow !== true) {
      this.trace.complete = true;
      throw new CancelledError('CANCELLED', 'The import was called off; what was read so far remains.');
    }
    if (!now && performance.now() - this.#yieldedAt < SLICE_MS) return;
    this.#report(totalBytes);
    await nextTurn();
    this.#yieldedAt = performance.now();
  }

  #report(totalBytes: number | undefined): void {
    this.#options.onProgress?.({ bytes: this.#importer.position, totalBytes, pdus: this.trace.length });
  }
}

function isStopped(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** What the system refuses is told in words; everything else is as it was. */
function nameFailure(path: string, cause: unknown): unknown {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  if (cause instanceof LunascopeError || !/^E[A-Z]+$/u.test(code ?? '')) return cause;
  if (code === 'EACCES' || code === 'EPERM')
    return new UsageError('BAD_ARGUMENT', `${path} may not be read.`, { hint: 'Check the rights of the file.', cause });
  return new TransportError('IO_FAILED', `${path} could not be read (${code ?? ''}).`, { cause });
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    const recorded = `${path}${UNDER_WAY}`;
    const hint = traceExists(recorded)
      ? `It is still being recorded, or its recording was cut short: what there is of it is in ${recorded}.`
      : 'Check the name of the file.';
    throw new UsageError('BAD_ARGUMENT', `${path} cannot be opened.`, { hint, cause });
  }
}
