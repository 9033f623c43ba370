import { open, type FileHandle } from 'node:fs/promises';
import { TransportError, UsageError } from '../errors/index.ts';

/** A file that blocks are written to and read back from, wherever it lies; tests put a failing one here. */
export interface ImageFile {
  readonly path: string;
  size(): Promise<bigint>;
  /** Exactly `into.length` bytes, or a rejection. */
  readAt(offset: bigint, into: Uint8Array): Promise<void>;
  writeAt(offset: bigint, bytes: Uint8Array): Promise<void>;
  truncate(size: bigint): Promise<void>;
  /** Returns when everything written is on the medium. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Opens files for images. */
export type OpenImageFile = (path: string, mode: 'read' | 'write') => Promise<ImageFile>;

/** What a file operation failed with, as an error a person can act on. */
export function fileError(path: string, doing: string, cause: unknown): TransportError | UsageError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new TransportError('DISK_FULL', `There is no space left for ${path}.`, {
      hint: 'Free some space and resume; what was verified so far is kept.',
      cause,
    });
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new UsageError('WRITE_PROTECTED', `This user may not ${doing} ${path}.`, { cause });
  if (code === 'ENOENT') return new UsageError('BAD_ARGUMENT', `There is no file ${path}.`, { cause });
  return new TransportError('IO_FAILED', `${path}: ${message}`, { cause });
}

async function guarded<T>(path: string, doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof TransportError ? cause : fileError(path, doing, cause);
  }
}

class NodeImageFile implements ImageFile {
  readonly path: string;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  size(): Promise<bigint> {
    return guarded(this.path, 'read', async () => (await this.#handle.stat({ bigint: true })).size);
  }

  readAt(offset: bigint, into: Uint8Array): Promise<void> {
    return guarded(this.path, 'read', async () => {
      let done = 0;
      while (done < into.length) {
        const position = offset + BigInt(done);
        // Node 16 reads on from where it is when it is given a bigint; only a bigint reaches past 2^53.
        const at = position <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(position) : (position as unknown as number);
        const { bytesRead } = await this.#handle.read(into, done, into.length - done, at);
        if (bytesRead === 0) throw new TransportError('IO_FAILED', `${this.path} ends at ${String(position)}.`);
        done += bytesRead;
      }
    });
  }

  writeAt(offset: bigint, bytes: Uint8Array): Promise<void> {
    return guarded(this.path, 'write', async () => {
      if (offset + BigInt(bytes.length) > BigInt(Number.MAX_SAFE_INTEGER))
        throw new TransportError('IO_FAILED', `${this.path} would have to be larger than files can be.`);
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, Number(offset) + done);
        done += bytesWritten;
      }
    });
  }

  truncate(size: bigint): Promise<void> {
    return guarded(this.path, 'write', () => this.#handle.truncate(Number(size)));
  }

  async sync(): Promise<void> {
    try {
      await this.#handle.datasync();
    } catch (cause) {
      // The system forgets what it could not put on the medium, so trying again would lie: never DISK_FULL.
      throw new TransportError('IO_FAILED', `${this.path} could not be put on the medium.`, { cause });
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Opens a real file; for writing it is made where it is missing and kept where it is there. */
export const openImageFile: OpenImageFile = (path, mode) =>
  guarded(path, mode, async () => {
    if (mode === 'read') return new NodeImageFile(path, await open(path, 'r'));
    try {
      return new NodeImageFile(path, await open(path, 'r+'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return new NodeImageFile(path, await open(path, 'wx+'));
    }
  });
