import { createHash } from 'node:crypto';
import { ReadStream, statSync } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TransportError, UsageError } from '../errors/index.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user has no right to',
  EPERM: 'this user has no right to',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  EROFS: 'its disk takes no writes',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full for this user',
};

const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? '';

/** What the system gave as its reason, in words that go behind a sentence; `absent` is what is not there. */
function because(cause: unknown, absent: string): string {
  const code = codeOf(cause);
  const reason = code === 'ENOENT' ? `there is no such ${absent}` : REASONS[code];
  return reason === undefined ? '.' : `: ${reason}.`;
}

function cannotRead(what: string, cause: unknown): UsageError {
  return new UsageError('BAD_ARGUMENT', `${what} cannot be read${because(cause, 'file')}`, { cause });
}

/** The text of a file; `what` names it in the error, such as "The secret file". */
export function readTextFile(path: string, what: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw cannotRead(`${what} ${path}`, cause);
  });
}

/** What is at a path; nothing, too, where it cannot be looked at. */
export function kindAt(path: string): 'file' | 'pipe' | 'other' | 'nothing' {
  try {
    const there = statSync(path);
    return there.isFile() ? 'file' : there.isFIFO() ? 'pipe' : 'other';
  } catch {
    return 'nothing';
  }
}

/** Whether a stream reads a file that is there already, and not what is made meanwhile. */
export function readsFile(stream: unknown): boolean {
  return stream instanceof ReadStream;
}

/** The folder a file lies in. */
export function folderOf(path: string): string {
  return dirname(path);
}

/** A file being written from its start, hashed on the way. */
export class OutputFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  #bytes = 0;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Creates the file, or empties the one there is. */
  static async create(path: string): Promise<OutputFile> {
    return new OutputFile(path, await open(path, 'w').catch((cause: unknown) => refuseWrite(path, cause)));
  }

  /** Writes all of `data` behind what was written before. */
  async write(data: Uint8Array): Promise<void> {
    for (let done = 0; done < data.length;) {
      const { bytesWritten } = await this.#handle
        .write(data, done, data.length - done)
        .catch((cause: unknown) => refuseWrite(this.#path, cause));
      done += bytesWritten;
    }
    this.#hash.update(data);
    this.#bytes += data.length;
  }

  /** Closes the file and says what went into it. */
  async close(): Promise<{ readonly bytes: number; readonly sha256: string }> {
    await this.#handle.close();
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}

function refuseWrite(path: string, cause: unknown): never {
  const full = ['ENOSPC', 'EDQUOT'].includes(codeOf(cause));
  throw new TransportError(
    full ? 'DISK_FULL' : 'IO_FAILED',
    `${path} could not be written${because(cause, 'folder')}`,
    { cause },
  );
}

/** A file that is read at any place. */
export class InputFile {
  readonly path: string;
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  static async open(path: string): Promise<InputFile> {
    const handle = await open(path, 'r').catch((cause: unknown) => {
      throw cannotRead(path, cause);
    });
    const found = await handle.stat();
    if (!found.isDirectory()) return new InputFile(path, found.size, handle);
    await handle.close();
    throw new UsageError('BAD_ARGUMENT', `${path} cannot be read: it is a folder.`);
  }

  /** Fills `into` from `offset` on; a file that has become shorter is an error. */
  async readAt(offset: number, into: Uint8Array): Promise<void> {
    for (let done = 0; done < into.length;) {
      const { bytesRead } = await this.#handle
        .read(into, done, into.length - done, offset + done)
        .catch((cause: unknown) => {
          throw new TransportError('IO_FAILED', `${this.path} cannot be read${because(cause, 'file')}`, { cause });
        });
      if (bytesRead === 0) throw new TransportError('IO_FAILED', `${this.path} became shorter while it was read.`);
      done += bytesRead;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
