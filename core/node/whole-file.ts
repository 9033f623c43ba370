import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writevSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TransportError, UsageError } from '../errors/index.ts';
import { secureRandom } from './random.ts';

/**
 * A file that appears under its name whole or not at all: it is written beside its place and moved there in the end.
 * What is there and is no file, such as a pipe, is written to as it is.
 */
export class WholeFile {
  readonly path: string;
  readonly #temporary: string | undefined;
  #fd: number;

  constructor(path: string) {
    this.path = path;
    const tag = Buffer.from(secureRandom(6)).toString('hex');
    this.#temporary = isOther(path) ? undefined : join(dirname(path), `.${basename(path)}.${tag}.part`);
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
