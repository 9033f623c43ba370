import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { CancelledError, LunascopeError, ScsiError, UsageError } from '../../../core/errors/index.ts';
import { saveImage, type Disk, type ImageResult } from '../../../core/initiator/index.ts';
import { journalPath, openImageFile } from '../../../core/node/index.ts';
import { imageEntry, type ImageEntry } from '../../contract/blocks.ts';
import type { ParsedInput } from '../../contract/requests.ts';
import type { Host } from '../host.ts';
import { toWireError } from '../ipc/dispatch.ts';
import type { Blocks, LunKey } from './blocks.ts';
import { Broadcast } from './broadcast.ts';
import { BytesThread } from './bytes-thread.ts';
import { countOf } from './count-of.ts';
import { reportPath, writeReport } from './image-report.ts';
import { JsonFile } from './json-file.ts';
import type { JobHandle, Jobs } from './jobs.ts';

const RETRY_MS = 2000;
const MOST_BAD_TOLD = 10_000;
const KINDS = [{ name: 'Raw disk image', extensions: ['img', 'raw'] }];

interface Running {
  paused: boolean;
  /** Those who wait for the pause to end. */
  readonly waiting: Set<() => void>;
}

const detailOf = ({ title, path }: ImageEntry): string => `${title} to ${basename(path)}`;

function refuseAnother(
  entry: ImageEntry,
  { identity, title }: { readonly identity: string; readonly title: string },
): void {
  if (identity === entry.identity) return;
  throw new UsageError('BAD_ARGUMENT', `The image is of ${entry.title}, not of ${title}.`, {
    hint: 'Open the LUN it was begun from and resume there.',
    details: { of: entry.identity, there: identity },
  });
}

function resting(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Saves LUNs to image files: pause, resume, and a list of what was left unfinished. */
export class Images {
  readonly #blocks: Blocks;
  readonly #jobs: Jobs;
  readonly #host: Host;
  readonly #kept: JsonFile<ImageEntry[]>;
  readonly #log: (error: unknown) => void;
  readonly #running = new Map<string, Running>();
  readonly #entries = new Map<string, ImageEntry>();
  readonly #broadcast = new Broadcast<ImageEntry[]>(() => [...this.#entries.values()].reverse());

  private constructor(
    parts: {
      readonly blocks: Blocks;
      readonly jobs: Jobs;
      readonly host: Host;
      readonly log: (error: unknown) => void;
    },
    kept: JsonFile<ImageEntry[]>,
  ) {
    this.#blocks = parts.blocks;
    this.#jobs = parts.jobs;
    this.#host = parts.host;
    this.#log = parts.log;
    this.#kept = kept;
    for (const entry of kept.current)
      if (existsSync(journalPath(entry.path))) this.#entries.set(entry.path, { ...entry, state: 'interrupted' });
  }

  static async open(parts: {
    readonly blocks: Blocks;
    readonly jobs: Jobs;
    readonly host: Host;
    readonly log: (error: unknown) => void;
  }): Promise<Images> {
    const kept = await JsonFile.open(join(parts.host.dataDir, 'images.json'), z.array(imageEntry), []);
    return new Images(parts, kept);
  }

  watch(watcher: (images: ImageEntry[]) => void): () => void {
    return this.#broadcast.watch(watcher);
  }

  /** Asks where to, and begins; null where the person thought better of it. */
  async save(input: ParsedInput<'blocks.save'>): Promise<{ path: string | null }> {
    const { identity, title } = this.#blocks.name(input);
    const name = `${title.toLowerCase().replaceAll(/[^a-z0-9]+/gu, '-')}.img`;
    const path = await this.#host.chooseSave('Save blocks to an image', name, KINDS);
    if (path === null) return { path: null };
    // What an image that lay there before did not know says nothing of this one.
    if (!this.#running.has(path)) await rm(reportPath(path), { force: true });
    this.#start(input, {
      path,
      title,
      identity,
      firstLba: input.firstLba,
      blocks: input.blocks,
      state: 'running',
      progress: 0,
      bad: [],
      badBlocks: 0,
      sha256: null,
      error: null,
    });
    return { path };
  }

  /** Goes on with an image that was left unfinished, over a session that leads to the same unit. */
  resume(input: ParsedInput<'blocks.resume'>): void {
    const entry = this.#entries.get(input.path);
    if (entry === undefined) throw new UsageError('BAD_ARGUMENT', 'No image was begun there.');
    if (this.#running.has(input.path)) throw new UsageError('BAD_ARGUMENT', 'This image is being made already.');
    refuseAnother(entry, this.#blocks.name(input));
    this.#start(input, { ...entry, state: 'running', error: null });
  }

  pause({ path, paused }: ParsedInput<'blocks.pause'>): void {
    const running = this.#running.get(path);
    if (running === undefined) return;
    running.paused = paused;
    if (!paused) for (const release of running.waiting) release();
    this.#change(path, { state: paused ? 'paused' : 'running', error: null });
  }

  /** Takes an image off the list; its files stay. */
  forget(path: string): void {
    if (this.#running.has(path)) throw new UsageError('BAD_ARGUMENT', 'This image is being made now; cancel it first.');
    this.#entries.delete(path);
    this.#changed();
  }

  #start(key: LunKey, entry: ImageEntry): void {
    const { path } = entry;
    if (this.#running.has(path)) throw new UsageError('BAD_ARGUMENT', 'This image is being made already.');
    this.#entries.set(path, entry);
    const running: Running = { paused: false, waiting: new Set() };
    const { result } = this.#jobs.start({
      title: 'Save image',
      detail: detailOf(entry),
      outcome: ({ sha256, bad }: ImageResult) =>
        `SHA-256 ${sha256}${bad.length === 0 ? '' : `; ${countOf(bad.length, 'block')} could not be read, and zeros were saved`}`,
      run: (job) => BytesThread.with((work) => this.#carry(key, entry, running, work, job)),
    });
    this.#running.set(path, running);
    this.#changed();
    result.then(
      (done) => this.#finish(entry, done),
      (error: unknown) => {
        this.#running.delete(path);
        const cancelled = error instanceof CancelledError;
        this.#change(path, { state: 'interrupted', error: cancelled ? null : toWireError(error, this.#log) });
      },
    );
  }

  async #carry(
    key: LunKey,
    entry: ImageEntry,
    running: Running,
    work: BytesThread,
    { signal, progress, say }: JobHandle,
  ): Promise<ImageResult> {
    const { path, identity } = entry;
    const disk = await this.#diskOf(entry, key, (error) => this.#waitOut(entry, running, error, { signal, say }));
    const started = Date.now();
    // Every read takes the disk as it is now, so that a new login is used as soon as there is one; never another disk.
    const current = async () => (await this.#blocks.disk({ ...key, unit: disk.unit })).source;
    const first = await current();
    return saveImage(
      {
        blockSize: disk.blockSize,
        blocks: disk.blocks,
        read: async (lba, count, options) => (await current()).read(lba, count, options),
        ...(first.run === undefined ? {} : { run: first.run }),
      },
      {
        path,
        identity,
        firstLba: BigInt(entry.firstLba),
        blocks: BigInt(entry.blocks),
        openFile: openImageFile,
        work,
        signal,
        // Never whole without the list of what is filling in it.
        onWhole: (result) => writeReport(entry, disk.blockSize, result),
        gate: () => this.#gate(running, signal),
        retry: (error) => this.#waitOut(entry, running, error, { signal, say }),
        onProgress: ({ phase, doneBlocks, blocks, badBlocks }) => {
          const share = Number(doneBlocks) / Number(blocks);
          const seconds = Math.max(0.001, (Date.now() - started) / 1000);
          const rate = `${((Number(doneBlocks) * disk.blockSize) / seconds / 1e6).toFixed(0)} MB/s`;
          progress(Number(doneBlocks), Number(blocks), phase === 'reading' ? rate : undefined);
          if (phase !== 'reading') say(phase === 'checking' ? 'Checking what is already saved' : 'Summing the image');
          this.#change(
            path,
            { progress: share, badBlocks, ...(running.paused ? {} : { state: 'running', error: null }) },
            false,
          );
        },
      },
    );
  }

  /** The disk an image is of, asked anew who it is: blocks of one unit never go into the image of another. */
  async #diskOf(entry: ImageEntry, key: LunKey, retry: (error: unknown) => Promise<boolean>): Promise<Disk> {
    for (;;) {
      try {
        const facts = await this.#blocks.open(key);
        refuseAnother(entry, facts);
        return (await this.#blocks.disk({ ...key, unit: key.unit ?? facts.unit })).disk;
      } catch (error) {
        if (!(await retry(error))) throw error;
      }
    }
  }

  async #gate(running: Running, signal: AbortSignal): Promise<void> {
    while (running.paused && !signal.aborted)
      await new Promise<void>((resolve) => {
        const done = (): void => {
          running.waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        running.waiting.add(done);
        signal.addEventListener('abort', done);
      });
  }

  /** A full disk pauses until the person goes on; a lost connection is waited for; what the unit refuses is not asked again, nor another unit. */
  async #waitOut(
    entry: ImageEntry,
    running: Running,
    error: unknown,
    { signal, say }: Pick<JobHandle, 'signal' | 'say'>,
  ): Promise<boolean> {
    const { path } = entry;
    if (!(error instanceof LunascopeError) || error instanceof ScsiError || error instanceof UsageError) return false;
    if (signal.aborted || error.code === 'SESSION_CLOSED' || error.code === 'TASK_IDENTITY_CHANGED') return false;
    const told = toWireError(error, this.#log);
    if (error.code === 'DISK_FULL') {
      running.paused = true;
      this.#change(path, { state: 'paused', error: told });
      say(`Paused: ${told.message}`);
      await this.#gate(running, signal);
      say(detailOf(entry));
    } else {
      this.#change(path, { state: 'waiting', error: told });
      await resting(RETRY_MS, signal);
    }
    return !signal.aborted;
  }

  #finish(entry: ImageEntry, result: ImageResult): void {
    const bad = result.bad.map(String);
    this.#running.delete(entry.path);
    this.#change(entry.path, {
      state: 'done',
      progress: 1,
      sha256: result.sha256,
      bad: bad.slice(0, MOST_BAD_TOLD),
      badBlocks: bad.length,
      error: null,
    });
  }

  #change(path: string, change: Partial<ImageEntry>, keep = true): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.set(path, { ...entry, ...change });
    if (keep) this.#changed();
    else this.#broadcast.changed();
  }

  #changed(): void {
    this.#broadcast.changed();
    const unfinished = [...this.#entries.values()].filter(({ state }) => state !== 'done');
    void this.#kept.replace(unfinished).catch(this.#log);
  }
}
