import { close, fdatasync, fstat, ftruncate, open, read, write } from 'node:fs';
import { promisify } from 'node:util';
import { TransportError, UsageError } from '../errors/index.ts';
import { StoreError, type BlockStore } from '../target/index.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(fstat);
const syncFile = promisify(fdatasync);
const sizeFile = promisify(ftruncate);

/** How an image file is opened. */
export interface FileStoreOptions {
  /** Read-only unless told otherwise. */
  readonly writable?: boolean;
  /** 512 unless told otherwise. */
  readonly blockSize?: number;
}

/** A store over an image file, which holds its blocks as they are. */
export class FileStore implements BlockStore {
  readonly blockSize: number;
  readonly blocks: bigint;
  readonly writable: boolean;
  readonly thin = false;
  readonly #file: number;

  private constructor(file: number, blockSize: number, blocks: bigint, writable: boolean) {
    this.#file = file;
    this.blockSize = blockSize;
    this.blocks = blocks;
    this.writable = writable;
  }

  /** Opens an image; its size must be whole blocks. */
  static async open(path: string, { writable = false, blockSize = 512 }: FileStoreOptions = {}): Promise<FileStore> {
    if (!Number.isInteger(blockSize) || blockSize < 512 || blockSize > 65536 || (blockSize & (blockSize - 1)) !== 0)
      throw new UsageError(
        'BAD_ARGUMENT',
        `A block size is a power of two from 512 to 65536; ${String(blockSize)} is not.`,
      );
    let file: number;
    try {
      file = await openFile(path, writable ? 'r+' : 'r');
    } catch (cause) {
      throw openError(path, writable, cause as NodeJS.ErrnoException);
    }
    const info = await statFile(file, { bigint: true });
    const { size } = info;
    if (!info.isFile()) {
      await closeFile(file);
      const what = info.isDirectory() ? 'a directory' : 'a device or a pipe';
      throw new UsageError('BAD_ARGUMENT', `${path} is ${what}; an image is a regular file.`);
    }
    if (size === 0n || size % BigInt(blockSize) !== 0n) {
      await closeFile(file);
      throw new UsageError(
        'BAD_ARGUMENT',
        size === 0n
          ? `${path} is empty.`
          : `${path} has ${String(size)} bytes, which are not whole blocks of ${String(blockSize)}.`,
        { hint: 'Make it a whole number of blocks, or choose another block size.' },
      );
    }
    return new FileStore(file, blockSize, size / BigInt(blockSize), writable);
  }

  /** Makes a new sparse image of `sizeBytes`, which take room as they are written; a file that is there is left alone. */
  static async create(
    path: string,
    sizeBytes: number,
    { blockSize = 512 }: { readonly blockSize?: number } = {},
  ): Promise<FileStore> {
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < blockSize || sizeBytes % blockSize !== 0)
      throw new UsageError('BAD_ARGUMENT', `${String(sizeBytes)} bytes are not whole blocks of ${String(blockSize)}.`);
    let file: number;
    try {
      file = await openFile(path, 'wx');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST')
        throw new UsageError('BAD_ARGUMENT', `${path} is there already.`, {
          hint: 'Choose another name, or serve it as it is.',
          cause,
        });
      throw openError(path, true, cause as NodeJS.ErrnoException);
    }
    try {
      await sizeFile(file, sizeBytes);
    } finally {
      await closeFile(file);
    }
    return FileStore.open(path, { writable: true, blockSize });
  }

  read(lba: bigint, into: Uint8Array): Promise<void> {
    return this.#all(lba, into, false, (done, position, callback) =>
      read(this.#file, into, done, into.length - done, position, callback),
    );
  }

  write(lba: bigint, from: Uint8Array): Promise<void> {
    return this.#all(lba, from, true, (done, position, callback) =>
      write(this.#file, from, done, from.length - done, position, callback),
    );
  }

  flush(): Promise<void> | undefined {
    return this.writable ? syncFile(this.#file) : undefined;
  }

  async close(): Promise<void> {
    await closeFile(this.#file);
  }

  /** Calls again until all bytes are moved: the system may move fewer than asked. */
  #all(
    lba: bigint,
    bytes: Uint8Array,
    writing: boolean,
    call: (done: number, position: number, callback: Callback) => void,
  ): Promise<void> {
    const start = Number(lba) * this.blockSize;
    return new Promise((resolve, reject) => {
      const step = (done: number): void =>
        call(done, start + done, (cause, count) => {
          if (cause !== null) reject(storeError(cause, lba, writing));
          else if (count === 0)
            reject(
              new StoreError({ kind: 'mediumError', lba, write: writing }, 'The image file is shorter than it was.'),
            );
          else if (done + count < bytes.length) step(done + count);
          else resolve();
        });
      step(0);
    });
  }
}

type Callback = (cause: NodeJS.ErrnoException | null, count: number) => void;

function storeError(cause: NodeJS.ErrnoException, lba: bigint, writing: boolean): StoreError {
  if (cause.code === 'ENOSPC') return new StoreError({ kind: 'spaceExhausted' }, cause.message, cause);
  if (cause.code === 'EIO') return new StoreError({ kind: 'mediumError', lba, write: writing }, cause.message, cause);
  return new StoreError({ kind: 'hardware', text: cause.message }, cause.message, cause);
}

function openError(path: string, writable: boolean, cause: NodeJS.ErrnoException): TransportError | UsageError {
  if (cause.code === 'ENOENT') return new UsageError('BAD_ARGUMENT', `There is no file ${path}.`, { cause });
  if (cause.code === 'EACCES' || cause.code === 'EPERM' || cause.code === 'EROFS')
    return new UsageError('WRITE_PROTECTED', `This user may not ${writable ? 'write' : 'read'} ${path}.`, { cause });
  return new TransportError('IO_FAILED', `${path} cannot be opened: ${cause.message}`, { cause });
}
