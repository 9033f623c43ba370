import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { deleteTrace, traceSize, tracesPastLimits } from '../../../core/node/index.ts';
import { recording } from '../../contract/trace-library.ts';
import type { Recording } from '../../contract/trace.ts';

const EXTENSION = '.lunatrace';

const sidecar = recording
  .omit({ bytes: true, session: true, about: true, state: true, droppedBytes: true, error: true })
  .extend({
    kind: recording.shape.kind.default('session'),
    part: recording.shape.part.default(1),
    chapKept: z.boolean().default(false),
    failure: z.string().nullable().default(null),
  });

/** What is kept about a recording beside its file. */
export type Sidecar = z.infer<typeof sidecar>;

/** The folder of recordings: private to its owner, bounded in size and age. */
export class TraceStore {
  readonly folder: string;
  readonly scratch: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.scratch = join(folder, 'open');
  }

  /** Makes the folder and clears away what an earlier run left open. */
  static async open(dataDir: string): Promise<TraceStore> {
    const store = new TraceStore(join(dataDir, 'traces'));
    await rm(store.scratch, { recursive: true, force: true });
    await mkdir(store.scratch, { recursive: true, mode: 0o700 });
    return store;
  }

  pathOf(id: string): string {
    return join(this.folder, `${id}${EXTENSION}`);
  }

  /** A name for a recording that begins now; unique, and in order of time. */
  newId(number: number | undefined): string {
    const stamp = new Date()
      .toISOString()
      .replaceAll(/[-:]|\..*/g, '')
      .replace('T', '-');
    const taken = new Set(readdirSync(this.folder));
    for (let turn = 1; ; turn += 1) {
      const id = `${stamp}-${number === undefined ? 'discovery' : `s${number}`}${turn === 1 ? '' : `-${turn}`}`;
      if (!taken.has(`${id}${EXTENSION}`)) return id;
    }
  }

  write(entry: Sidecar): void {
    writeFileSync(`${this.pathOf(entry.id)}.json`, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  }

  /** Bytes the files of a recording take; nothing where they are gone. */
  sizeOf(id: string): number {
    try {
      return traceSize(this.pathOf(id));
    } catch {
      return 0;
    }
  }

  /** Recordings of earlier runs; one that was never ended stopped with the program. */
  list(): Recording[] {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith(EXTENSION))
      .map((name) => this.#read(name.slice(0, -EXTENSION.length)))
      .sort((a, b) => b.startedAt - a.startedAt);
  }

  delete(id: string): void {
    deleteTrace(this.pathOf(id));
    rmSync(`${this.pathOf(id)}.json`, { force: true });
  }

  /** Names of what has to go: what is too old, then the oldest until the rest fits. */
  excess(ended: readonly Recording[], liveBytes: number, totalCapBytes: number, retentionDays: number): string[] {
    const oldest = [...ended]
      .sort((a, b) => a.startedAt - b.startedAt)
      .map(({ id, bytes, endedAt, startedAt }) => ({ id, bytes, endedMs: endedAt ?? startedAt }));
    const limits = { bytes: totalCapBytes, days: retentionDays };
    return tracesPastLimits(oldest, limits, liveBytes).map(({ id }) => id);
  }

  #read(id: string): Recording {
    const path = this.pathOf(id);
    const { mtimeMs } = statSync(path);
    const rest = { session: null, about: null, bytes: this.sizeOf(id), droppedBytes: 0, error: null };
    try {
      const { failure, ...kept } = sidecar.parse(JSON.parse(readFileSync(`${path}.json`, 'utf8')));
      return { ...kept, ...rest, endedAt: kept.endedAt ?? mtimeMs, state: failure === null ? 'ended' : 'failed' };
    } catch {
      const unknown = {
        kind: 'session',
        number: 0,
        part: 1,
        target: '',
        portal: '',
        mode: 'headers',
        chapKept: false,
        capBytes: 0,
      } as const;
      return { ...unknown, ...rest, id, startedAt: mtimeMs, endedAt: mtimeMs, state: 'ended' };
    }
  }
}
