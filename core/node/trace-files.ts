import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { ByteSource, PageStore, TraceStores } from '../trace/index.ts';

/** One file of a trace and where its bytes begin in the whole. */
export interface TracePart {
  readonly path: string;
  readonly fd: number;
  readonly start: number;
}

/** The bytes of a trace's files as one run, read on demand. */
export class FileSource implements ByteSource {
  readonly #parts: TracePart[] = [];

  /** Adds the file that follows; `start` is where the bytes of the ones before it end. */
  add(path: string, start: number): TracePart {
    const part = { path, fd: openSync(path, 'r'), start };
    this.#parts.push(part);
    return part;
  }

  read(offset: number, into: Uint8Array): number {
    for (let i = this.#parts.length - 1; i >= 0; i -= 1) {
      const part = this.#parts[i] as TracePart;
      if (part.start > offset) continue;
      return readFully(part.fd, into, offset - part.start);
    }
    return 0;
  }

  /** Lets the files go. */
  close(): void {
    for (const part of this.#parts) closeSync(part.fd);
    this.#parts.length = 0;
  }
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

/** Pages of one table in a file of their own. */
class FilePageStore implements PageStore {
  readonly #open: () => number;
  #fd = -1;

  /** `open` is called when the first page has to go: a trace that fits its memory leaves no file behind. */
  constructor(open: () => number) {
    this.#open = open;
  }

  write(page: number, bytes: Uint8Array): void {
    if (this.#fd < 0) this.#fd = this.#open();
    let done = 0;
    while (done < bytes.length)
      done += writeSync(this.#fd, bytes, done, bytes.length - done, page * bytes.length + done);
  }

  read(page: number, into: Uint8Array): void {
    readFully(this.#fd, into, page * into.length);
  }
}

/**
 * A private directory for what a trace keeps on disk while it is open: index pages, and inputs that cannot be read twice.
 * It is made when it is needed, in the folder given, or where that cannot be written to in the system's own.
 */
export class TraceScratch {
  readonly #parent: string;
  readonly #fds: number[] = [];
  #path = '';

  constructor(parent: string = tmpdir()) {
    this.#parent = parent;
  }

  /** Where it is. */
  get path(): string {
    if (this.#path === '') this.#path = makeFolder(this.#parent) ?? mkdtempSync(join(tmpdir(), 'lunascope-'));
    return this.#path;
  }

  /** Stores for a trace that keeps at most `memoryBytes` of pages in memory. */
  stores(memoryBytes: number): TraceStores {
    const open = (name: string): PageStore => new FilePageStore(() => this.openFile(name));
    return { pdus: open('pdus'), tasks: open('tasks'), pieces: open('pieces'), memoryBytes };
  }

  /** A new file in the directory, readable by its owner alone. */
  openFile(name: string): number {
    const fd = openSync(join(this.path, name), 'wx+', 0o600);
    this.#fds.push(fd);
    return fd;
  }

  /** Deletes the directory. */
  close(): void {
    for (const fd of this.#fds) closeSync(fd);
    this.#fds.length = 0;
    if (this.#path !== '') rmSync(this.#path, { recursive: true, force: true });
  }
}

function makeFolder(parent: string): string | undefined {
  try {
    return mkdtempSync(join(parent, '.lunascope-'));
  } catch {
    return undefined;
  }
}

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

/** Gives every file of a trace another name, in place of what is there. */
export function moveTrace(from: string, to: string): void {
  deleteTrace(to);
  for (const segment of listSegments(from)) renameSync(segmentPath(from, segment), segmentPath(to, segment));
}

/** Deletes every file of a trace. */
export function deleteTrace(path: string): void {
  for (const segment of listSegments(path)) rmSync(segmentPath(path, segment), { force: true });
}

/** Takes the content out of a trace's file, leaving only its header, so that the trace keeps its name. */
export function emptySegment(path: string, keepBytes: number): void {
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, keepBytes);
  } finally {
    closeSync(fd);
  }
}
