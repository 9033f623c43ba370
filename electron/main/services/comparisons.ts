import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { BlockSource } from '../../../core/disk/index.ts';
import { CancelledError, UsageError } from '../../../core/errors/index.ts';
import { compareSources, fileSource, saveImage, withUnread } from '../../../core/initiator/index.ts';
import { journalPath, openImageFile } from '../../../core/node/index.ts';
import { snapshot as snapshotSchema, type CompareItem, type Snapshot } from '../../contract/blocks.ts';
import type { ParsedInput } from '../../contract/requests.ts';
import type { ParsedParams } from '../../contract/streams.ts';
import type { Host } from '../host.ts';
import type { Blocks } from './blocks.ts';
import { Broadcast } from './broadcast.ts';
import { BytesThread } from './bytes-thread.ts';
import { countOf } from './count-of.ts';
import { contentOfImage } from './image-report.ts';
import { JsonFile } from './json-file.ts';
import type { Jobs } from './jobs.ts';

const LARGEST_SNAPSHOT = 1024n * 1024n * 1024n;
const MOST_DIFFERENCES = 10_000;
const MOST_BAD = 10_000;
const KINDS = [{ name: 'Raw disk image', extensions: ['img', 'raw', 'bin', 'iso'] }];

type Closable = BlockSource & { close?: () => Promise<void> };

/** Compares ranges with files, other LUNs and snapshots, and keeps the snapshots. */
export class Comparisons {
  readonly #blocks: Blocks;
  readonly #jobs: Jobs;
  readonly #host: Host;
  readonly #folder: string;
  readonly #kept: JsonFile<Snapshot[]>;
  /** Only files that the person chose in a dialog are opened. */
  readonly #chosen = new Set<string>();
  readonly #broadcast = new Broadcast<Snapshot[]>(() => [...this.#kept.current]);

  private constructor(blocks: Blocks, jobs: Jobs, host: Host, folder: string, kept: JsonFile<Snapshot[]>) {
    this.#blocks = blocks;
    this.#jobs = jobs;
    this.#host = host;
    this.#folder = folder;
    this.#kept = kept;
  }

  static async open(blocks: Blocks, jobs: Jobs, host: Host): Promise<Comparisons> {
    const folder = join(host.dataDir, 'snapshots');
    const kept = await JsonFile.open(join(host.dataDir, 'snapshots.json'), z.array(snapshotSchema), []);
    return new Comparisons(blocks, jobs, host, folder, kept);
  }

  watch(watcher: (snapshots: Snapshot[]) => void): () => void {
    return this.#broadcast.watch(watcher);
  }

  async chooseFile(): Promise<{ path: string | null }> {
    const path = await this.#host.chooseFile('Compare with an image', KINDS);
    if (path !== null) this.#chosen.add(path);
    return { path };
  }

  /** Keeps a range as it is now. */
  async snapshot(input: ParsedInput<'blocks.snapshot'>): Promise<Snapshot> {
    const { disk, source } = await this.#blocks.disk(input);
    const { identity, title } = this.#blocks.name(input);
    const [firstLba, blocks] = [BigInt(input.firstLba), BigInt(input.blocks)];
    if (blocks * BigInt(disk.blockSize) > LARGEST_SNAPSHOT)
      throw new UsageError('LIMIT_REACHED', 'A snapshot holds at most 1 GiB.', {
        hint: 'Save an image, and compare with its file.',
      });
    const at = Date.now();
    const id = `snapshot-${String(at)}`;
    await mkdir(this.#folder, { recursive: true });
    const saving = this.#jobs.run({
      title: 'Snapshot',
      detail: `${input.blocks} blocks of ${title}`,
      run: (job) =>
        BytesThread.with((work) =>
          saveImage(source, {
            path: this.#path(id),
            identity,
            firstLba,
            blocks,
            openFile: openImageFile,
            work,
            signal: job.signal,
            onProgress: ({ doneBlocks }) => job.progress(Number(doneBlocks), Number(blocks)),
          }),
        ),
    });
    // Half a snapshot is nobody's: it is on no list, and would stay for ever.
    const { sha256, bad } = await saving.catch(async (error: unknown) => {
      await this.#remove(id);
      throw error;
    });
    if (bad.length > MOST_BAD) {
      await this.#remove(id);
      throw new UsageError('LIMIT_REACHED', `${countOf(bad.length, 'block')} could not be read; nothing was kept.`, {
        hint: 'Save an image, which lists them all.',
      });
    }
    const { blockSize } = disk;
    const made: Snapshot = {
      id,
      identity,
      at,
      firstLba: input.firstLba,
      blocks: input.blocks,
      blockSize,
      sha256,
      bad: bad.map(String),
    };
    await this.#kept.replace([...this.#kept.current, made]);
    this.#broadcast.changed();
    return made;
  }

  /** Takes a snapshot off the list, and its file off the disk. */
  async delete(id: string): Promise<void> {
    const left = this.#kept.current.filter((one) => one.id !== id);
    if (left.length === this.#kept.current.length) return;
    await this.#kept.replace(left);
    this.#broadcast.changed();
    await this.#remove(id);
  }

  compare(
    input: ParsedParams<'blocks.compare'>,
    push: (item: CompareItem) => void,
    end: (error?: unknown) => void,
  ): () => void {
    const { id, result } = this.#jobs.start({
      title: 'Compare',
      detail: this.#blocks.name(input).title,
      outcome: (whole: boolean) =>
        whole ? 'compared to the end' : `stopped after ${String(MOST_DIFFERENCES)} differences`,
      run: async (job) => {
        const { source } = await this.#blocks.disk(input);
        const other = await this.#other(input, source.blockSize);
        const work = new BytesThread();
        try {
          return await compareSources(source, other.source, {
            firstLba: BigInt(input.firstLba),
            blocks: BigInt(input.blocks),
            otherFirstLba: other.firstLba,
            limit: MOST_DIFFERENCES,
            work,
            signal: job.signal,
            onDifferences: (found) =>
              push({
                ended: 'no',
                differences: found.map(({ offset, length, unknown }) => ({
                  offset: String(offset),
                  length: String(length),
                  unknown,
                })),
              }),
            onProgress: (done, total) => job.progress(Number(done), Number(total)),
          });
        } finally {
          await work.close();
          await other.source.close?.();
        }
      },
    });
    result.then(
      (whole) => {
        push({ differences: [], ended: whole ? 'done' : 'limit' });
        end();
      },
      (error: unknown) => {
        if (!(error instanceof CancelledError)) {
          end(error);
          return;
        }
        push({ differences: [], ended: 'cancelled' });
        end();
      },
    );
    return () => this.#jobs.cancel(id);
  }

  async #remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
    await rm(journalPath(this.#path(id)), { force: true });
  }

  #path(id: string): string {
    return join(this.#folder, `${basename(id)}.img`);
  }

  async #other(
    input: ParsedParams<'blocks.compare'>,
    blockSize: number,
  ): Promise<{ source: Closable; firstLba: bigint }> {
    const { other } = input;
    switch (other.kind) {
      case 'lun':
        return { source: (await this.#blocks.disk(other)).source, firstLba: BigInt(other.firstLba) };
      case 'file':
        if (!this.#chosen.has(other.path))
          throw new UsageError('BAD_ARGUMENT', 'Choose the file to compare with again.');
        return this.#chosenFile(other, BigInt(input.firstLba), blockSize);
      case 'snapshot': {
        const found = this.#kept.current.find(({ id }) => id === other.snapshot);
        if (found === undefined) throw new UsageError('BAD_ARGUMENT', 'This snapshot is not there any more.');
        const offset = BigInt(input.firstLba) - BigInt(found.firstLba);
        if (offset < 0n) throw new UsageError('OUT_OF_RANGE', `The snapshot begins at block ${found.firstLba}.`);
        const file = await fileSource(this.#path(found.id), found.blockSize, openImageFile);
        const unread = found.bad.map((lba) => ({ lba: BigInt(lba) - BigInt(found.firstLba), blocks: 1n }));
        return { source: withUnread(file, unread), firstLba: offset };
      }
    }
  }

  /** Any file, from its first block on; one of our own images from the block it was saved from, but for what it does not know. */
  async #chosenFile(
    { path, firstLba }: { readonly path: string; readonly firstLba: string | null },
    wanted: bigint,
    blockSize: number,
  ): Promise<{ source: Closable; firstLba: bigint }> {
    const own = await contentOfImage(path);
    const beside = firstLba === null ? (own === undefined ? 0n : wanted - own.firstLba) : BigInt(firstLba);
    if (beside < 0n) throw new UsageError('OUT_OF_RANGE', `The image begins at block ${String(own?.firstLba)}.`);
    const file = await fileSource(path, own?.blockSize ?? blockSize, openImageFile);
    return { source: own === undefined ? file : withUnread(file, own.unread), firstLba: beside };
  }
}
