import { LunascopeError, UsageError } from '../errors/index.ts';
import {
  ImageJournal,
  isZero,
  sha256Aside,
  type ImageFile,
  type JournalEntry,
  type OpenImageFile,
} from '../node/index.ts';
import { cancelled } from './execute.ts';
import { chunkBlocksOf, readAround, type ThinSource } from './image-source.ts';
import { workHere, type ByteWork } from './image-work.ts';

/** What is saved, and where. */
export interface ImageOptions {
  readonly path: string;
  readonly firstLba: bigint;
  readonly blocks: bigint;
  /** What the unit calls itself; a journal of another is refused. */
  readonly identity: string;
  readonly openFile: OpenImageFile;
  readonly signal?: AbortSignal;
  /** Awaited before each chunk; a pause holds it. */
  readonly gate?: () => Promise<void>;
  /** Asked when a read fails or the disk of the image is full; true tries the same again. */
  readonly retry?: (error: unknown) => Promise<boolean>;
  readonly onProgress?: (progress: ImageProgress) => void;
  /** Awaited when the image is whole, before its journal goes: what is to outlive both is kept here. */
  readonly onWhole?: (result: ImageResult) => Promise<void>;
  /** Bytes of a chunk; 4 MiB where it is left out. */
  readonly chunkBlocks?: number;
  /** Where the whole is summed; here, where it is left out. */
  readonly work?: ByteWork;
}

/** How far it is. */
export interface ImageProgress {
  readonly phase: 'checking' | 'reading' | 'summing';
  readonly doneBlocks: bigint;
  readonly blocks: bigint;
  readonly badBlocks: number;
}

/** What came of it. */
export interface ImageResult {
  readonly sha256: string;
  readonly blocks: bigint;
  /** Blocks that could not be read, in order; they are zeros in the image. */
  readonly bad: readonly bigint[];
  /** Blocks that were not read because the unit does not map them. */
  readonly skippedBlocks: bigint;
  /** Blocks that an earlier run had saved, and whose sums were right. */
  readonly resumedBlocks: bigint;
}

const BATCH = 4;
const READERS = 2;
/** The grain of holes: what filesystems keep at least together. */
const HOLE = 64 * 1024;

type Chunk =
  { readonly kind: 'data'; readonly sha256: string; readonly bad: readonly string[] } | { readonly kind: 'zero' };

/**
 * Saves blocks to a raw image, sparse where they are zero. A journal beside it names every chunk by its SHA-256 after the chunk
 * is on the medium; a later call with the same plan checks those against the file and goes on with the rest. The journal goes
 * when the image is whole.
 */
export async function saveImage(source: ThinSource, options: ImageOptions): Promise<ImageResult> {
  const image = new ImageRun(source, options);
  return image.run();
}

class ImageRun {
  readonly #source: ThinSource;
  readonly #options: ImageOptions;
  readonly #chunkBlocks: number;
  readonly #count: number;
  readonly #chunks = new Map<number, Chunk>();
  /** Chunks that no journal vouches for may hold anything, since an earlier run may have died while writing them. */
  #dirty = false;
  #doneBlocks = 0n;
  #skippedBlocks = 0n;
  #resumedBlocks = 0n;
  #badBlocks = 0;
  /** How often the caller said to try again. */
  #answers = 0;

  constructor(source: ThinSource, options: ImageOptions) {
    const { firstLba, blocks } = options;
    if (blocks <= 0n || firstLba < 0n || firstLba + blocks > source.blocks)
      throw new UsageError('OUT_OF_RANGE', `There are no ${String(blocks)} blocks from block ${String(firstLba)} on.`);
    this.#source = source;
    this.#options = options;
    this.#chunkBlocks = options.chunkBlocks ?? chunkBlocksOf(source.blockSize);
    const count = (blocks + BigInt(this.#chunkBlocks) - 1n) / BigInt(this.#chunkBlocks);
    if (blocks * BigInt(source.blockSize) > BigInt(Number.MAX_SAFE_INTEGER))
      throw new UsageError('LIMIT_REACHED', 'No file can be that large.', { hint: 'Save a part of the disk.' });
    this.#count = Number(count);
  }

  async run(): Promise<ImageResult> {
    const { path, openFile, identity, firstLba, blocks } = this.#options;
    const plan = {
      identity,
      blockSize: this.#source.blockSize,
      firstLba: String(firstLba),
      blocks: String(blocks),
      chunkBlocks: this.#chunkBlocks,
    };
    const journal = await ImageJournal.open(path, plan, openFile);
    let file: ImageFile | undefined;
    try {
      file = await openFile(path, 'write');
      const size = blocks * BigInt(this.#source.blockSize);
      const before = await file.size();
      if (!journal.resumed && before > 0n) await file.truncate(0n);
      this.#dirty = journal.resumed;
      if (before !== size || !journal.resumed) await file.truncate(size);
      await this.#check(file, journal.entries);
      await this.#read(file, journal);
      const sum = await this.#sum(file);
      await file.sync();
      const result: ImageResult = {
        sha256: sum,
        blocks,
        bad: this.#bad(),
        skippedBlocks: this.#skippedBlocks,
        resumedBlocks: this.#resumedBlocks,
      };
      await this.#options.onWhole?.(result);
      await ImageJournal.remove(path);
      return result;
    } finally {
      await journal.close();
      await file?.close();
    }
  }

  #lengthOf(index: number): number {
    const left = this.#options.blocks - BigInt(index) * BigInt(this.#chunkBlocks);
    return left < BigInt(this.#chunkBlocks) ? Number(left) : this.#chunkBlocks;
  }

  #offsetOf(index: number): bigint {
    return BigInt(index) * BigInt(this.#chunkBlocks) * BigInt(this.#source.blockSize);
  }

  #stopIfAsked(): void {
    const { signal } = this.#options;
    if (signal?.aborted === true) throw cancelled(signal);
  }

  #tell(phase: ImageProgress['phase'], doneBlocks: bigint): void {
    this.#options.onProgress?.({ phase, doneBlocks, blocks: this.#options.blocks, badBlocks: this.#badBlocks });
  }

  /** Only what the journal names and the file still holds counts. */
  async #check(file: ImageFile, entries: readonly JournalEntry[]): Promise<void> {
    let done = 0n;
    for (const entry of entries) {
      this.#stopIfAsked();
      const count = entry.kind === 'zero' ? entry.count : 1;
      if (!Number.isInteger(entry.index) || entry.index < 0 || entry.index + count > this.#count) continue;
      if (entry.kind === 'zero') {
        for (let index = entry.index; index < entry.index + count; index += 1) {
          if (!this.#chunks.has(index)) this.#skippedBlocks += BigInt(this.#lengthOf(index));
          this.#chunks.set(index, { kind: 'zero' });
        }
      } else {
        const bytes = new Uint8Array(this.#lengthOf(entry.index) * this.#source.blockSize);
        await file.readAt(this.#offsetOf(entry.index), bytes);
        if ((await sha256Aside(bytes)) !== entry.sha256) continue;
        this.#chunks.set(entry.index, entry);
      }
      done += BigInt(this.#lengthOf(entry.index));
      this.#tell('checking', done);
    }
    for (const [index, chunk] of this.#chunks) {
      this.#doneBlocks += BigInt(this.#lengthOf(index));
      if (chunk.kind === 'data') this.#badBlocks += chunk.bad.length;
    }
    this.#resumedBlocks = this.#doneBlocks;
  }

  async #read(file: ImageFile, journal: ImageJournal): Promise<void> {
    const waiting: JournalEntry[] = [];
    let writing: Promise<void> = Promise.resolve();
    let next = 0;
    const commit = (least: number): Promise<void> => {
      writing = writing.then(async () => {
        if (waiting.length < least) return;
        const batch = waiting.splice(0);
        // The order is what makes a kill harmless: data on the medium first, then the line that vouches for it.
        await file.sync();
        await this.#unlessFull(() => journal.append(batch));
      });
      return writing;
    };
    let failed = false;
    const worker = async (): Promise<void> => {
      try {
        while (next < this.#count && !failed) {
          await this.#options.gate?.();
          this.#stopIfAsked();
          const index = next;
          // The other reader may have taken the last chunk while this one waited.
          if (index >= this.#count) return;
          next += 1;
          if (this.#chunks.has(index)) continue;
          const zeros = await this.#zeroChunks(file, index);
          if (zeros > 0) {
            next = Math.max(next, index + zeros);
            waiting.push({ kind: 'zero', index, count: zeros });
          } else waiting.push(await this.#one(file, index));
          await commit(BATCH);
        }
      } catch (error) {
        failed = true;
        throw error;
      }
    };
    const settled = await Promise.allSettled(Array.from({ length: READERS }, worker));
    // What is already written counts, whatever ended the run.
    const lost = settled.find((each) => each.status === 'rejected');
    await commit(1).catch((error: unknown) => {
      if (lost === undefined) throw error;
    });
    if (lost !== undefined) throw lost.reason;
  }

  /** How many whole chunks from this one on the device does not map; they are zeros in the file too. */
  async #zeroChunks(file: ImageFile, index: number): Promise<number> {
    const { run } = this.#source;
    if (run === undefined) return 0;
    const { firstLba, blocks, signal } = this.#options;
    const from = BigInt(index) * BigInt(this.#chunkBlocks);
    const found = await this.#again(() => run(firstLba + from, blocks - from, signal));
    if (!found.zero) return 0;
    const whole =
      found.blocks >= blocks - from ? this.#count - index : Number(found.blocks / BigInt(this.#chunkBlocks));
    let count = 0;
    while (count < whole && !this.#chunks.has(index + count)) count += 1;
    for (let at = index; at < index + count; at += 1) {
      const zeros = new Uint8Array(this.#lengthOf(at) * this.#source.blockSize);
      if (this.#dirty) await this.#unlessFull(() => this.#overwrite(file, at, zeros));
      this.#chunks.set(at, { kind: 'zero' });
      const length = BigInt(this.#lengthOf(at));
      this.#doneBlocks += length;
      this.#skippedBlocks += length;
    }
    if (count > 0) this.#tell('reading', this.#doneBlocks);
    return count;
  }

  /** Into a hole: only the stretches that hold something. */
  async #writeSparse(file: ImageFile, index: number, bytes: Uint8Array): Promise<void> {
    const start = this.#offsetOf(index);
    let from = -1;
    for (let at = 0; at < bytes.length; at += HOLE) {
      const zero = isZero(bytes.subarray(at, at + HOLE));
      if (!zero && from === -1) from = at;
      if (zero && from !== -1) {
        await file.writeAt(start + BigInt(from), bytes.subarray(from, at));
        from = -1;
      }
    }
    if (from !== -1) await file.writeAt(start + BigInt(from), bytes.subarray(from));
  }

  /** Over what an earlier run may have left: zeros are written only where there are none. */
  async #overwrite(file: ImageFile, index: number, bytes: Uint8Array): Promise<void> {
    if (!isZero(bytes)) {
      await file.writeAt(this.#offsetOf(index), bytes);
      return;
    }
    const there = new Uint8Array(bytes.length);
    await file.readAt(this.#offsetOf(index), there);
    if (!isZero(there)) await file.writeAt(this.#offsetOf(index), bytes);
  }

  async #one(file: ImageFile, index: number): Promise<JournalEntry> {
    const { firstLba, signal } = this.#options;
    const length = this.#lengthOf(index);
    const lba = firstLba + BigInt(index) * BigInt(this.#chunkBlocks);
    const { bytes, bad } = await this.#again(() => readAround(this.#source, lba, length, signal));
    const [sum] = await Promise.all([
      sha256Aside(bytes),
      this.#unlessFull(() =>
        this.#dirty ? this.#overwrite(file, index, bytes) : this.#writeSparse(file, index, bytes),
      ),
    ]);
    const entry: JournalEntry = {
      kind: 'data',
      index,
      sha256: sum,
      bad: bad.map((each) => String(each.lba)),
    };
    this.#chunks.set(index, entry);
    this.#doneBlocks += BigInt(length);
    this.#badBlocks += bad.length;
    this.#tell('reading', this.#doneBlocks);
    return entry;
  }

  /** A full disk may have room later; what else a file refuses ends the run. */
  #unlessFull(write: () => Promise<void>): Promise<void> {
    return this.#again(write, (error) => error instanceof LunascopeError && error.code === 'DISK_FULL');
  }

  async #again<T>(work: () => Promise<T>, mayAsk: (error: unknown) => boolean = () => true): Promise<T> {
    for (;;) {
      const answers = this.#answers;
      try {
        return await work();
      } catch (error) {
        this.#stopIfAsked();
        if (!mayAsk(error)) throw error;
        // What began before the last answer and fails after it says nothing new: the other reader has asked.
        if (answers !== this.#answers) continue;
        if ((await this.#options.retry?.(error)) !== true) throw error;
        this.#answers += 1;
      }
    }
  }

  /** Sums the file itself, and holds every chunk of it to the journal once more. */
  async #sum(file: ImageFile): Promise<string> {
    const whole = (this.#options.work ?? workHere).startSum(['sha256']);
    let done = 0n;
    for (let index = 0; index < this.#count; index += 1) {
      this.#stopIfAsked();
      const bytes = new Uint8Array(this.#lengthOf(index) * this.#source.blockSize);
      await file.readAt(this.#offsetOf(index), bytes);
      const chunk = this.#chunks.get(index);
      const right =
        chunk?.kind === 'data' ? (await sha256Aside(bytes)) === chunk.sha256 : chunk?.kind === 'zero' && isZero(bytes);
      if (!right)
        throw new UsageError('BAD_ARGUMENT', `${file.path} was changed while it was being made.`, {
          hint: 'Resume to read what is wrong again.',
        });
      await whole.update(bytes);
      done += BigInt(this.#lengthOf(index));
      this.#tell('summing', done);
    }
    return (await whole.digest()).sha256;
  }

  #bad(): bigint[] {
    const all: bigint[] = [];
    for (let index = 0; index < this.#count; index += 1) {
      const chunk = this.#chunks.get(index);
      if (chunk?.kind === 'data') all.push(...chunk.bad.map(BigInt));
    }
    return all.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }
}
