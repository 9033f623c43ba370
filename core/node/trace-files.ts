import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
  type BigIntStats,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { TransportError, UsageError } from '../errors/index.ts';
import { isTraceFile, type ByteSource, type PageStore, type TraceStores } from '../trace/index.ts';
import { secureRandom } from './random.ts';

/** One file of a trace and where its bytes begin in the whole. */
export interface TracePart {
  readonly fd: number;
  readonly start: number;
  /** Whether it is closed with the source. */
  readonly owned: boolean;
}

/** The bytes of a trace's files as one run, read on demand. */
export class FileSource implements ByteSource {
  readonly #parts: TracePart[] = [];
  /** Every file it came from, those whose bytes are kept elsewhere too. */
  readonly #origins = new Set<string>();

  /** Adds the file that follows; `start` is where the bytes of the ones before it end. */
  add(path: string, start: number): TracePart {
    const part = { fd: openSync(path, 'r'), start, owned: true };
    this.#parts.push(part);
    this.nameOrigin(part.fd);
    return part;
  }

  /** Remembers an open file as one that the bytes came from. */
  nameOrigin(fd: number): void {
    this.#origins.add(identityOf(fstatSync(fd, { bigint: true })));
  }

  /** Whether the bytes came from the file of this path, whatever it was called then. */
  cameFrom(path: string): boolean {
    const there = statSync(path, { bigint: true, throwIfNoEntry: false });
    return there?.isFile() === true && this.#origins.has(identityOf(there));
  }

  /** Takes a file that is open and stays its opener's as the one source. */
  borrow(fd: number): void {
    this.#parts.push({ fd, start: 0, owned: false });
  }

  read(offset: number, into: Uint8Array): number {
    for (let i = this.#parts.length - 1; i >= 0; i -= 1) {
      const part = this.#parts[i] as TracePart;
      if (part.start > offset) continue;
      return readFully(part.fd, into, offset - part.start);
    }
    return 0;
  }

  find(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(wanted, from);
  }

  /** Lets the files go. */
  close(): void {
    for (const part of this.#parts.splice(0)) if (part.owned) closeSync(part.fd);
  }
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${String(dev)}:${String(ino)}`;
}

function readFully(fd: number, into: Uint8Array, offset: number): number {
  let filled = 0;
  while (filled < into.length) {
    const got = readSync(fd, into, filled, into.length - filled, offset + filled);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}

function writeFully(fd: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
}

/** Pages of one table in a file of their own. */
class FilePageStore implements PageStore {
  readonly #open: () => number;
  #fd = -1;

  /** `open` is called when the first page has to go: a trace that fits its memory leaves no file behind. */
  constructor(open: () => number) {
    this.#open = open;
  }

  write(page: number, bytes: Uint8Array): void {
    try {
      if (this.#fd < 0) this.#fd = this.#open();
      writeFully(this.#fd, bytes, page * bytes.length);
    } catch (cause) {
      throw new TransportError('DISK_FULL', 'The index of the trace could not be kept on disk.', {
        hint: 'Free some space on the disk of the trace, or set TMPDIR to a larger one, and open it again.',
        cause,
      });
    }
  }

  read(page: number, into: Uint8Array): void {
    readFully(this.#fd, into, page * into.length);
  }
}

/**
 * What a trace keeps on disk while it is open: index pages, and inputs that cannot be read twice. The files lie in the
 * folder given, or where that cannot be written to in the system's own. They lose their names as soon as they are
 * open, so that the system frees them with the process, however it ends.
 */
export class TraceScratch {
  readonly #fds: number[] = [];
  /** Files of systems that take no name from what is open. */
  readonly #named: string[] = [];
  #folder: string;

  constructor(folder: string = tmpdir()) {
    this.#folder = folder;
  }

  /** Where its files lie. */
  get folder(): string {
    return this.#folder;
  }

  /** Stores for a trace that keeps at most `memoryBytes` of pages in memory. */
  stores(memoryBytes: number): TraceStores {
    const open = (): PageStore => new FilePageStore(() => this.openFile());
    return { pdus: open(), tasks: open(), pieces: open(), memoryBytes };
  }

  /** A new file to write and read, for its owner alone. */
  openFile(): number {
    const name = `.lunascope-${Buffer.from(secureRandom(8)).toString('hex')}`;
    let path = join(this.#folder, name);
    let fd: number;
    try {
      fd = openSync(path, 'wx+', 0o600);
    } catch (cause) {
      if (this.#folder === tmpdir()) throw cause;
      this.#folder = tmpdir();
      path = join(this.#folder, name);
      fd = openSync(path, 'wx+', 0o600);
    }
    this.#fds.push(fd);
    try {
      rmSync(path);
    } catch {
      this.#named.push(path);
    }
    return fd;
  }

  /** Lets the files go. */
  close(): void {
    for (const fd of this.#fds.splice(0)) closeSync(fd);
    for (const path of this.#named.splice(0)) rmSync(path, { force: true });
  }
}

/** What the name of a recording ends in until it is whole. */
export const UNDER_WAY = '.recording';

/** Path of file `segment` of a trace: the first bears the trace's own name. */
export function segmentPath(path: string, segment: number): string {
  return segment === 0 ? path : `${path}.${segment}`;
}

/** Numbers of the files a trace has on disk, in order. */
export function listSegments(path: string): number[] {
  const name = `${basename(path)}.`;
  const found = readdirSync(dirname(path))
    .filter((entry) => entry.startsWith(name) && /^[1-9]\d{0,8}$/u.test(entry.slice(name.length)))
    .map((entry) => Number(entry.slice(name.length)))
    .sort((a, b) => a - b);
  return [0, ...found];
}

/** Bytes all files of a trace take. */
export function traceSize(path: string): number {
  return listSegments(path).reduce((sum, segment) => sum + statSync(segmentPath(path, segment)).size, 0);
}

/** Whether there is a trace of this name. */
export function traceExists(path: string): boolean {
  return existsSync(path);
}

/** Gives every file of a trace another name, in place of the trace that is there. */
export function moveTrace(from: string, to: string): void {
  clearTrace(to);
  for (const segment of listSegments(from)) renameSync(segmentPath(from, segment), segmentPath(to, segment));
}

/** Deletes the trace of a name that is to be given to another. */
export function clearTrace(path: string): void {
  checkTraceName(path);
  deleteTrace(path);
}

/** The files there are of a trace of this name; a UsageError where it is a folder's, a device's or a pipe's, or its folder cannot be listed. */
function segmentsAt(path: string): number[] {
  const hint = 'Choose another name for the trace.';
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory() === true) throw new UsageError('BAD_ARGUMENT', `${path} is a folder.`, { hint });
  if (there?.isFile() === false)
    throw new UsageError('BAD_ARGUMENT', `${path} is no ordinary file, and a trace would take its place.`, { hint });
  try {
    return listSegments(path);
  } catch (cause) {
    throw new UsageError('BAD_ARGUMENT', `${path} cannot be recorded to.`, {
      hint: 'Check the folder and its rights.',
      cause,
    });
  }
}

/** Whether a capture, which is one file, may take this name: a UsageError where it may not. */
export function checkCaptureName(path: string): void {
  segmentsAt(path);
}

/** Whether a trace may take this name: as for a capture, and its later files must not overwrite what is of no trace. */
export function checkTraceName(path: string): void {
  const foreign = segmentsAt(path).find((segment) => segment > 0 && !isSegment(segmentPath(path, segment)));
  if (foreign === undefined) return;
  const other = segmentPath(path, foreign);
  throw new UsageError('BAD_ARGUMENT', `${other} is no file of a trace and could be overwritten.`, {
    hint: 'Choose another name for the trace.',
  });
}

/** Deletes every file of a trace; what only has such a name stays. */
export function deleteTrace(path: string): void {
  for (const segment of listSegments(path)) {
    const file = segmentPath(path, segment);
    if (segment === 0 || isSegment(file)) rmSync(file, { force: true });
  }
}

/** Whether a file was begun by a recorder: it has a trace's first bytes, or none yet. */
function isSegment(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  const first = new Uint8Array(8);
  const fd = openSync(path, 'r');
  try {
    return readFully(fd, first, 0) === 0 || isTraceFile(first);
  } finally {
    closeSync(fd);
  }
}

/** Takes the content out of a trace's file, leaving only its header, so that the trace keeps its name; who has it open reads on. */
export function emptySegment(path: string, keepBytes: number): void {
  const head = new Uint8Array(keepBytes);
  const beside = join(dirname(path), `.${basename(path)}.head`);
  const from = openSync(path, 'r');
  try {
    readFully(from, head, 0);
  } finally {
    closeSync(from);
  }
  const to = openSync(beside, 'w', 0o600);
  try {
    writeFully(to, head, 0);
  } finally {
    closeSync(to);
  }
  try {
    renameSync(beside, path);
  } catch {
    // There are systems that replace no file that is open; its readers then find its content gone.
    rmSync(beside, { force: true });
    truncateSync(path, keepBytes);
  }
}
