import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync, writevSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TransportError, UsageError } from '../errors/index.ts';
import { secureRandom } from './random.ts';

/**
 * A file that appears under its name whole or not at all: it is written beside its place and moved there in the end.
 * What is there and is no file, such as a pipe, is written to as it is. What a program that was killed left beside the
 * place is taken away first.
 */
export class WholeFile {
  readonly path: string;
  readonly #temporary: string | undefined;
  #fd: number;

  constructor(path: string) {
    this.path = path;
    this.#temporary = isOther(path) ? undefined : temporaryFor(path);
    if (this.#temporary !== undefined) clearLeftovers(path);
    try {
      this.#fd = this.#temporary === undefined ? openSync(path, 'w') : openSync(this.#temporary, 'wx', 0o600);
    } catch (cause) {
      throw new UsageError('BAD_ARGUMENT', `${path} cannot be written.`, {
        hint: 'Check the folder and its rights.',
        cause,
      });
    }
  }

  /** Appends pieces in order. */
  write(pieces: readonly Uint8Array[]): void {
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (size === 0) return;
    try {
      const count = writevSync(this.#fd, pieces);
      if (count === size) return;
      const rest = Buffer.concat(pieces).subarray(count);
      for (let done = 0; done < rest.length;) done += writevSync(this.#fd, [rest.subarray(done)]);
    } catch (cause) {
      throw failed(this.path, cause);
    }
  }

  /** Makes it durable and gives it its name, in place of what is there. */
  finish(): void {
    if (this.#temporary === undefined) {
      this.#close();
      return;
    }
    try {
      fsyncSync(this.#fd);
      this.#close();
      renameSync(this.#temporary, this.path);
    } catch (cause) {
      throw failed(this.path, cause);
    }
    syncFolder(dirname(this.path));
  }

  /** Takes it away where it was not finished; the name keeps what it had. */
  discard(): void {
    this.#close();
    if (this.#temporary !== undefined) rmSync(this.#temporary, { force: true });
  }

  #close(): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }
}

const prefixFor = (path: string): string => `.${basename(path)}.`;

/** A name of our own beside a place; the process in it tells later whether somebody still writes there. */
function temporaryFor(path: string): string {
  const tag = Buffer.from(secureRandom(4)).toString('hex');
  return join(dirname(path), `${prefixFor(path)}${String(process.pid)}-${tag}.part`);
}

/** Deletes what processes that are gone left beside a place; what cannot be listed or deleted is in nobody's way. */
function clearLeftovers(path: string): void {
  const prefix = prefixFor(path);
  let names: string[];
  try {
    names = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix));
  } catch {
    return;
  }
  for (const name of names) {
    const pid = /^(\d+)-[0-9a-f]{8}\.part$/u.exec(name.slice(prefix.length))?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    try {
      rmSync(join(dirname(path), name), { force: true });
    } catch {
      // It takes room, and nothing else.
    }
  }
}

/** Whether a process may still be there. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function isOther(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile();
}

/** Makes a new name durable; there are systems that cannot open a folder. */
function syncFolder(folder: string): void {
  let fd: number;
  try {
    fd = openSync(folder, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(fd);
  } catch {
    // The file itself is durable already.
  } finally {
    closeSync(fd);
  }
}

function failed(path: string, cause: unknown): TransportError {
  const { code } = cause as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new TransportError(
    full ? 'DISK_FULL' : 'IO_FAILED',
    full ? `The disk is full: ${path} was not written.` : `${path} could not be written.`,
    { hint: full ? 'Free some space and export again.' : 'Check the folder and its rights.', cause },
  );
}
