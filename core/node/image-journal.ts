import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { UsageError } from '../errors/index.ts';
import type { ImageFile, OpenImageFile } from './image-file.ts';
import { sha256 } from './image-sums.ts';

/** What an image is an image of; a journal of another source or range is refused. */
export interface ImagePlan {
  /** Names of the unit, as far as it tells any. */
  readonly identity: string;
  readonly blockSize: number;
  readonly firstLba: string;
  readonly blocks: string;
  readonly chunkBlocks: number;
}

/** A chunk whose bytes lie verified in the image. */
export type JournalEntry =
  | { readonly kind: 'data'; readonly index: number; readonly sha256: string; readonly bad: readonly string[] }
  /** Chunks that the device says it does not map and reads as zero. */
  | { readonly kind: 'zero'; readonly index: number; readonly count: number };

const FORMAT = 'lunascope-image-1';
const CHECK = 8;
const LARGEST = 1024n * 1024n * 1024n;

/** The journal's file beside the image. */
export const journalPath = (image: string): string => `${image}.journal`;

/** A line with its own checksum before it, so that a torn one is known. */
const line = (value: unknown): string => {
  const text = JSON.stringify(value);
  return `${sha256(new TextEncoder().encode(text)).slice(0, CHECK)} ${text}\n`;
};

function parseLine(text: string): unknown {
  const body = text.slice(CHECK + 1);
  if (text.charAt(CHECK) !== ' ' || sha256(new TextEncoder().encode(body)).slice(0, CHECK) !== text.slice(0, CHECK))
    return undefined;
  return JSON.parse(body) as unknown;
}

async function wholeOf(file: ImageFile): Promise<Uint8Array> {
  const size = await file.size();
  if (size > LARGEST) throw new UsageError('LIMIT_REACHED', `${file.path} is too large to be a journal.`);
  const bytes = new Uint8Array(Number(size));
  await file.readAt(0n, bytes);
  return bytes;
}

const isPlan = (value: unknown): value is ImagePlan => {
  const { blockSize, firstLba, blocks, chunkBlocks } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const counts = [blockSize, chunkBlocks].every((one) => Number.isSafeInteger(one) && (one as number) > 0);
  return counts && [firstLba, blocks].every((one) => typeof one === 'string' && /^\d{1,20}$/.test(one));
};

const isEntry = (value: unknown): value is JournalEntry =>
  typeof value === 'object' && value !== null && 'kind' in value && 'index' in value;

/** Which chunks of an image count, appended as they are verified; after a kill it holds a whole number of them. */
export class ImageJournal {
  readonly entries: readonly JournalEntry[];
  readonly resumed: boolean;
  readonly #file: ImageFile;
  #end: bigint;

  private constructor(file: ImageFile, end: bigint, entries: readonly JournalEntry[], resumed: boolean) {
    this.#file = file;
    this.#end = end;
    this.entries = entries;
    this.resumed = resumed;
  }

  /** Opens the journal of an image, or begins one; a torn end is cut off. */
  static async open(image: string, plan: ImagePlan, openFile: OpenImageFile): Promise<ImageJournal> {
    const file = await openFile(journalPath(image), 'write');
    try {
      const found = read(await wholeOf(file));
      if (found === null) {
        await file.truncate(0n);
        const head = new TextEncoder().encode(line({ format: FORMAT, plan }));
        await file.writeAt(0n, head);
        await file.sync();
        return new ImageJournal(file, BigInt(head.length), [], false);
      }
      if (JSON.stringify(found.plan) !== JSON.stringify(plan))
        throw new UsageError('BAD_ARGUMENT', `${image} was begun from another disk or another range.`, {
          hint: 'Choose another file, or delete the image and its journal.',
        });
      await file.truncate(BigInt(found.end));
      return new ImageJournal(file, BigInt(found.end), found.entries, true);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Reads the journal of an image without touching it: undefined where there is none, null where it says nothing. */
  static async look(
    image: string,
    openFile: OpenImageFile,
  ): Promise<{ readonly plan: ImagePlan; readonly entries: readonly JournalEntry[] } | null | undefined> {
    if (!existsSync(journalPath(image))) return undefined;
    const file = await openFile(journalPath(image), 'read');
    try {
      const found = read(await wholeOf(file));
      return found !== null && isPlan(found.plan) ? { plan: found.plan, entries: found.entries } : null;
    } finally {
      await file.close();
    }
  }

  /** Adds entries whose data is already on the medium. */
  async append(entries: readonly JournalEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const bytes = new TextEncoder().encode(entries.map(line).join(''));
    await this.#file.writeAt(this.#end, bytes);
    await this.#file.sync();
    this.#end += BigInt(bytes.length);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Takes the journal away, once the image is whole. */
  static async remove(image: string): Promise<void> {
    await rm(journalPath(image), { force: true });
  }
}

function read(bytes: Uint8Array): { plan: unknown; entries: JournalEntry[]; end: number } | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: JournalEntry[] = [];
  let plan: unknown;
  let end = 0;
  for (;;) {
    const stop = text.indexOf(0x0a, end);
    if (stop === -1) break;
    const value = parseLine(text.toString('utf8', end, stop));
    if (value === undefined) break;
    if (end === 0) {
      const head = value as { readonly format?: unknown; readonly plan?: unknown };
      if (head.format !== FORMAT) return null;
      plan = head.plan;
    } else if (isEntry(value)) entries.push(value);
    else break;
    end = stop + 1;
  }
  return end === 0 ? null : { plan, entries, end };
}
