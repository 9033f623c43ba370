import { COPY_FORMS, copyAs, parseSearch, type DiskStructure } from '../../../core/disk/index.ts';
import { CancelledError, UsageError } from '../../../core/errors/index.ts';
import {
  diskSource,
  readAround,
  searchSource,
  sumSource,
  type Disk,
  type SearchResult,
  type Session,
  type ThinSource,
} from '../../../core/initiator/index.ts';
import type { FieldNode } from '../../../core/bytes/index.ts';
import { changedError } from '../../../core/session/index.ts';
import type {
  BlockFacts,
  Checksums,
  DiskMapEntry,
  DiskStructureEntry,
  SearchItem,
  StructureField,
} from '../../contract/blocks.ts';
import type { ParsedInput } from '../../contract/requests.ts';
import type { ParsedParams } from '../../contract/streams.ts';
import type { Host } from '../host.ts';
import { BytesThread } from './bytes-thread.ts';
import type { Jobs } from './jobs.ts';
import { lunFromHex } from './lun-scan.ts';
import { SearchThread } from './search-thread.ts';
import type { Sessions } from './sessions.ts';
import { unitIdentity } from './unit-identity.ts';

const LARGEST_COPY = 4 * 1024 * 1024;
/** What is written out faster than a thread starts. */
const COPIED_HERE = 64 * 1024;
const MOST_HITS_AT_ONCE = 2000;

/** A LUN by its session and its eight bytes in hex. */
export interface LunKey {
  readonly id: string;
  readonly lun: string;
  /** The unit that is meant; whichever is there now where it is left out. */
  readonly unit?: number | undefined;
}

interface Opened {
  readonly disk: Disk;
  readonly source: ThinSource;
  readonly generation: number;
}

function fieldEntry(node: FieldNode): StructureField {
  const { name, label, text, offset, length } = node;
  return {
    name,
    label,
    text,
    offset,
    length,
    meaning: node.meaning ?? null,
    malformed: node.malformed ?? null,
    children: (node.children ?? []).map(fieldEntry),
  };
}

function structureEntry(one: DiskStructure): DiskStructureEntry {
  const { kind, label, detail, problems } = one;
  return {
    kind,
    label,
    detail,
    problems,
    offset: String(one.offset),
    length: String(one.length),
    fields: one.fields.map(fieldEntry),
    children: one.children.map(structureEntry),
  };
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Reads blocks for the sector view; nothing here writes to a LUN. */
export class Blocks {
  readonly #sessions: Sessions;
  readonly #jobs: Jobs;
  readonly #host: Host;
  readonly #opened = new Map<string, Promise<Opened>>();
  readonly #reads = new Map<number, AbortController>();

  constructor(sessions: Sessions, jobs: Jobs, host: Host) {
    this.#sessions = sessions;
    this.#jobs = jobs;
    this.#host = host;
  }

  /** The disk behind a LUN; refused where it is not the unit that was asked for any more. */
  async disk({ id, lun, unit }: LunKey): Promise<Opened> {
    const opened = await this.#open(id, lun);
    if (unit !== undefined && opened.disk.unit !== unit) throw changedError('another unit was found in its place.');
    return opened;
  }

  /** Opens anew after every login, since what was learnt before may no longer hold. */
  async #open(id: string, lun: string): Promise<Opened> {
    const session: Session = this.#sessions.need(id);
    const key = `${id} ${lun}`;
    const known = await this.#opened.get(key)?.catch(() => null);
    if (known?.generation === session.generation) return known;
    const opening = session
      .disk(lunFromHex(lun))
      .then((disk): Opened => ({ disk, source: diskSource(session, disk), generation: session.generation }));
    this.#opened.set(key, opening);
    opening.catch(() => {
      if (this.#opened.get(key) === opening) this.#opened.delete(key);
    });
    return opening;
  }

  /** What the unit calls itself, and how people know it. */
  name({ id, lun }: LunKey): { readonly identity: string; readonly title: string } {
    const entry = this.#sessions.entry(id);
    const summary = entry.luns?.find((one) => one.lun === lun);
    const title = summary === undefined ? `LUN ${lun}` : `LUN ${summary.text} ${summary.product}`.trim();
    return { identity: unitIdentity(entry.target, lun, summary), title };
  }

  /** Asks the unit anew, since it may have been resized or replaced. */
  async open(key: LunKey): Promise<BlockFacts> {
    const { id, lun } = key;
    this.#opened.delete(`${id} ${lun}`);
    const { disk } = await this.#open(id, lun);
    // The names on the list may be those of a unit that was there before.
    await this.#sessions.renew(id, lun);
    disk.checkUnit();
    return {
      ...this.name(key),
      unit: disk.unit,
      blockSize: disk.blockSize,
      blocks: String(disk.blocks),
      bytes: String(disk.blocks * BigInt(disk.blockSize)),
      writeProtected: disk.writeProtected,
      thin: disk.capacity.thin === true,
      readsZero: disk.capacity.unmappedReadsZero === true,
    };
  }

  /** Bytes of whole blocks around a range, cut to it; blocks that the medium refuses are named. */
  async read(input: ParsedInput<'blocks.read'>) {
    const { ticket, length } = input;
    const controller = new AbortController();
    this.#reads.set(ticket, controller);
    try {
      const { source } = await this.disk(input);
      const offset = BigInt(input.offset);
      const block = BigInt(source.blockSize);
      const end = offset + BigInt(length);
      if (end > source.blocks * block)
        throw new UsageError('OUT_OF_RANGE', `The disk ends at byte ${String(source.blocks * block)}.`);
      const first = offset / block;
      const count = Number((end + block - 1n) / block - first);
      const { bytes, bad } = await readAround(source, first, count, controller.signal);
      const skip = Number(offset - first * block);
      return {
        bytes: bytes.slice(skip, skip + length),
        bad: bad.map(({ lba, error }) => ({
          offset: Number(lba * block - offset),
          length: source.blockSize,
          error: sentence(error),
        })),
      };
    } finally {
      this.#reads.delete(ticket);
    }
  }

  cancel(tickets: readonly number[]): void {
    for (const ticket of tickets) this.#reads.get(ticket)?.abort();
  }

  async structures(key: LunKey): Promise<DiskMapEntry> {
    const { source } = await this.disk(key);
    const { structures, problems } = await BytesThread.with((thread) => thread.examine(source));
    return { structures: structures.map(structureEntry), problems: [...problems] };
  }

  /** Writes a range to the clipboard, in one of the forms. */
  async copy(input: ParsedInput<'blocks.copy'>): Promise<void> {
    const length = BigInt(input.length);
    if (length > BigInt(LARGEST_COPY))
      throw new UsageError('LIMIT_REACHED', `At most ${String(LARGEST_COPY)} bytes are copied at once.`, {
        hint: 'Save the range to a file instead.',
      });
    const form = COPY_FORMS.find((each) => each === input.form) ?? 'hex';
    const { source } = await this.disk(input);
    const offset = BigInt(input.offset);
    const block = BigInt(source.blockSize);
    const first = offset / block;
    const count = Number((offset + length + block - 1n) / block - first);
    const { bytes, bad } = await readAround(source, first, count);
    const refused = bad[0];
    if (refused !== undefined) throw refused.error;
    const skip = Number(offset - first * block);
    const wanted = bytes.subarray(skip, skip + Number(length));
    const text =
      wanted.length <= COPIED_HERE
        ? copyAs(form, wanted, offset)
        : await BytesThread.with((thread) => thread.copyAs(form, wanted, offset));
    await this.#host.writeClipboard(text);
  }

  checksum(input: ParsedInput<'blocks.checksum'>): Promise<Checksums> {
    return this.#jobs.run({
      title: 'Checksum',
      detail: `${input.length} bytes of ${this.name(input).title}`,
      outcome: ({ sha256 }) => `SHA-256 ${sha256}`,
      run: async (job) => {
        const { source } = await this.disk(input);
        const range = { offset: BigInt(input.offset), length: BigInt(input.length) };
        return BytesThread.with((work) =>
          sumSource(source, range, {
            work,
            signal: job.signal,
            onProgress: (done, total) => job.progress(Number(done), Number(total)),
          }),
        );
      },
    });
  }

  /** Searches as a job; hits are pushed as they are found, and stay when it is called off. */
  search(
    input: ParsedParams<'blocks.search'>,
    push: (item: SearchItem) => void,
    end: (error?: unknown) => void,
  ): () => void {
    const parsed = parseSearch(input.query as Parameters<typeof parseSearch>[0]);
    if (!parsed.ok) throw new UsageError('BAD_ARGUMENT', parsed.problem);
    const name = this.name(input);
    const { id, result } = this.#jobs.start({
      title: 'Search',
      detail: `${input.query.words} on ${name.title}`,
      outcome: ({ hits, cut }: SearchResult) => `${String(hits)} found${cut ? ', stopped at the limit' : ''}`,
      run: async (job) => {
        const { source } = await this.disk(input);
        const started = Date.now();
        const thread = new SearchThread(parsed.pattern, job.signal);
        return searchSource(source, parsed.pattern, {
          matcher: thread,
          from: BigInt(input.from),
          to: BigInt(input.to),
          backward: input.backward,
          limit: input.limit,
          signal: job.signal,
          onHits: (hits) => {
            for (let at = 0; at < hits.length; at += MOST_HITS_AT_ONCE)
              push({ ...going, hits: hits.slice(at, at + MOST_HITS_AT_ONCE).map(placeOf) });
          },
          onProgress: (done, total) => {
            const seconds = Math.max(0.001, (Date.now() - started) / 1000);
            job.progress(Number(done), Number(total), `${(Number(done) / seconds / 1e6).toFixed(0)} MB/s`);
          },
        }).finally(() => thread.close());
      },
    });
    result.then(
      ({ cut, skippedBytes, badBlocks }) => {
        push({
          hits: [],
          ended: cut ? 'limit' : 'done',
          skippedBytes: String(skippedBytes),
          badBlocks: badBlocks.length,
        });
        end();
      },
      (error: unknown) => {
        if (!(error instanceof CancelledError)) {
          end(error);
          return;
        }
        push({ ...going, ended: 'cancelled' });
        end();
      },
    );
    return () => this.#jobs.cancel(id);
  }
}

const going: SearchItem = { hits: [], ended: 'no', skippedBytes: '0', badBlocks: 0 };

const placeOf = ({ offset, length }: { readonly offset: bigint; readonly length: number | bigint }) => ({
  offset: String(offset),
  length: String(length),
});
