import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors/index.ts';
import { deleteTrace, traceSize } from './trace-files.ts';

/** A recording that is kept. */
export interface KeptTrace {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly changedMs: number;
}

/** What the folder of recordings may grow to. */
export interface RetentionOptions {
  /** Bytes of all recordings together. */
  readonly maxBytes?: number;
  /** Days after which a recording goes. */
  readonly maxAgeDays?: number;
}

/** Ending of a recording's file. */
export const TRACE_EXTENSION = '.lstrace';

const DAY_MS = 86_400_000;
const NAME = /^[A-Za-z0-9][\w.-]{0,99}\.lstrace$/u;

/** The folder recordings are kept in, private to its owner, bounded in size and age. */
export class TraceStore {
  readonly directory: string;
  readonly #maxBytes: number;
  readonly #maxAgeMs: number;
  readonly #inUse = new Set<string>();

  constructor(directory: string, options: RetentionOptions = {}) {
    this.directory = directory;
    this.#maxBytes = options.maxBytes ?? 8 * 2 ** 30;
    this.#maxAgeMs = (options.maxAgeDays ?? 30) * DAY_MS;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** Path for a new recording; it is in use, and stays, until `release`. */
  create(name: string): string {
    const path = this.#pathOf(`${name}${TRACE_EXTENSION}`);
    this.#inUse.add(path);
    return path;
  }

  /** A recording has ended and may be swept away like others. */
  release(path: string): void {
    this.#inUse.delete(path);
  }

  /** What is kept, the newest first. */
  list(): KeptTrace[] {
    return readdirSync(this.directory)
      .filter((name) => NAME.test(name))
      .map((name) => {
        const path = join(this.directory, name);
        return { name, path, bytes: traceSize(path), changedMs: statSync(path).mtimeMs };
      })
      .sort((a, b) => b.changedMs - a.changedMs);
  }

  /** Deletes one recording. */
  remove(name: string): void {
    const path = this.#pathOf(name);
    if (this.#inUse.has(path))
      throw new UsageError('BAD_ARGUMENT', `${name} is being recorded.`, { hint: 'Stop the recording first.' });
    deleteTrace(path);
  }

  /** Deletes every recording that is not in use; answers their names. */
  purge(): string[] {
    return this.#delete(this.list());
  }

  /** Deletes what is too old, and the oldest while there is too much; answers their names. */
  sweep(nowMs: number): string[] {
    let bytes = 0;
    const doomed = this.list().filter((kept) => {
      bytes += kept.bytes;
      return bytes > this.#maxBytes || nowMs - kept.changedMs > this.#maxAgeMs;
    });
    return this.#delete(doomed);
  }

  #delete(traces: readonly KeptTrace[]): string[] {
    const free = traces.filter(({ path }) => !this.#inUse.has(path));
    for (const { path } of free) deleteTrace(path);
    return free.map(({ name }) => name);
  }

  #pathOf(name: string): string {
    if (!NAME.test(name))
      throw new UsageError('BAD_ARGUMENT', `"${name}" is no name for a recording.`, {
        hint: 'Letters, digits, dots, dashes and underscores are allowed, at most 100.',
      });
    return join(this.directory, name);
  }
}
