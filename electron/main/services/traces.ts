import { basename, join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../../core/errors/index.ts';
import { tracePrefs } from '../../contract/trace-library.ts';
import type {
  ExportInput,
  FilterState,
  FindingsState,
  Recording,
  SampleName,
  TraceLibrary,
  TraceMark,
  TracePrefsPatch,
  TraceSource,
  TraceState,
} from '../../contract/trace.ts';
import type { Host } from '../host.ts';
import { toWireError } from '../ipc/dispatch.ts';
import type { ThreadState } from '../trace/calls.ts';
import type { ExportResult } from '../trace/exporter.ts';
import { Broadcast } from './broadcast.ts';
import type { Explorer } from './explorer.ts';
import type { Jobs } from './jobs.ts';
import { JsonFile } from './json-file.ts';
import type { LogBook } from './log-book.ts';
import { missingOf } from './missing-files.ts';
import type { Sessions } from './sessions.ts';
import { copySample } from './samples.ts';
import { TraceRecorders } from './trace-recorder.ts';
import { TraceStore } from './trace-store.ts';
import { TraceThread } from './trace-thread.ts';

const KEPT_CAPTURES = 50;
const KEPT_MARKS = 5000;
const MOST_OPEN = 16;
/** An open trace that nobody watches is let go after this. */
const UNUSED_MS = 10_000;

const CAPTURES = [
  { name: 'Captures and traces', extensions: ['pcapng', 'pcap', 'gz', 'cap', 'lunatrace'] },
  { name: 'All files', extensions: ['*'] },
];
const KINDS = {
  pcapng: { name: 'Packet capture', extensions: ['pcapng'] },
  jsonl: { name: 'JSON Lines', extensions: ['jsonl'] },
  csv: { name: 'CSV', extensions: ['csv'] },
} as const;

const keptSchema = z.object({
  prefs: tracePrefs.default(tracePrefs.parse({})),
  /** Files the person chose, so that their tabs can come back; nothing else is opened. */
  captures: z.array(z.string()).max(KEPT_CAPTURES).default([]),
  marks: z
    .record(z.string(), z.array(z.object({ row: z.number(), marked: z.boolean(), comment: z.string() })))
    .default({}),
});
type Kept = z.infer<typeof keptSchema>;

interface Open {
  readonly id: string;
  readonly path: string;
  readonly recording: string | null;
  readonly thread: TraceThread;
  readonly broadcast: Broadcast<TraceState>;
  state: ThreadState;
  /** Each who watches it, as the way to tell that it is gone. */
  readonly users: Set<(error: Error) => void>;
  timer: NodeJS.Timeout | null;
}

/** What traces work with. */
export interface TraceParts {
  readonly host: Host;
  readonly sessions: Sessions;
  readonly explorer: Explorer;
  readonly jobs: Jobs;
  readonly book: LogBook;
  readonly log: (error: unknown) => void;
}

const EMPTY: ThreadState = {
  pdus: 0,
  tasks: 0,
  bytes: 0,
  totalBytes: null,
  phase: 'loading',
  error: null,
  baseNs: '0',
  spanNs: { start: 0, end: 0 },
  slowestNs: 0,
  connections: 0,
  dropped: 0,
  lost: 0,
  notes: [],
};

function titleOf({ id, kind, number, part, target, portal }: Recording): string {
  if (kind === 'discovery') return `Discovery of ${portal}`;
  return target === '' ? id : `Session ${number}${part === 1 ? '' : `, part ${part}`}, ${target}`;
}

/** Traces: what is recorded, what is open, and what leaves the house. */
export class Traces {
  readonly #parts: TraceParts;
  readonly #store: TraceStore;
  readonly #kept: JsonFile<Kept>;
  readonly #recorders: TraceRecorders;
  readonly #open = new Map<string, Open>();
  readonly #exported = new Set<string>();
  /** Captures that were opened before and are gone. */
  readonly #missing = new Set<string>();
  readonly #library = new Broadcast<TraceLibrary>(() => this.library);
  #count = 0;
  #keeping: Promise<void> = Promise.resolve();

  private constructor(parts: TraceParts, store: TraceStore, kept: JsonFile<Kept>) {
    this.#parts = parts;
    this.#store = store;
    this.#kept = kept;
    const { sessions, explorer, book, log } = parts;
    this.#recorders = new TraceRecorders({
      store,
      sessions,
      explorer,
      book,
      log,
      prefs: () => kept.current.prefs,
      onChange: () => this.#library.changed(),
      onEnded: (id) => {
        for (const open of this.#open.values())
          if (open.recording === id) open.thread.call('stopFollowing', undefined).catch(log);
      },
    });
  }

  static async open(parts: TraceParts): Promise<Traces> {
    const store = await TraceStore.open(parts.host.dataDir);
    const kept = await JsonFile.open(join(parts.host.dataDir, 'traces.json'), keptSchema, {});
    const traces = new Traces(parts, store, kept);
    await traces.#dropMissing();
    return traces;
  }

  get library(): TraceLibrary {
    const { prefs, captures } = this.#kept.current;
    return { folder: this.#store.folder, recordings: this.#recorders.list, captures, prefs };
  }

  get recorders(): TraceRecorders {
    return this.#recorders;
  }

  watchLibrary(watcher: (library: TraceLibrary) => void): () => void {
    return this.#library.watch(watcher);
  }

  /** Lets the person choose a capture. */
  async choose(): Promise<string | null> {
    const path = await this.#parts.host.chooseFile('Open a capture or trace', CAPTURES);
    if (path !== null) this.allow(path);
    return path;
  }

  /** Lays a capture that comes with the program beside the recordings, and lets it be opened. */
  async sample(name: SampleName): Promise<string> {
    const path = await copySample(name, join(this.#store.folder, 'samples'));
    this.allow(path);
    return path;
  }

  /** Remembers a file that the person chose, here or from outside. */
  allow(path: string): void {
    this.#missing.delete(path);
    const captures = [path, ...this.#kept.current.captures.filter((other) => other !== path)].slice(0, KEPT_CAPTURES);
    this.#keep({ captures });
  }

  /** Empties the list of captures opened before; the files stay where they are. */
  forgetCaptures(): void {
    this.#keep({ captures: [] });
  }

  /** Begins to read a trace; what has been read can be asked for at once. */
  openTrace(source: TraceSource): string {
    const { path, follow, recording } = this.#locate(source);
    for (const [id, one] of this.#open) if (one.path === path && one.state.phase !== 'failed') return id;
    const [idle] = [...this.#open.values()].filter(({ users }) => users.size === 0);
    if (this.#open.size >= MOST_OPEN && idle !== undefined) this.#close(idle);
    if (this.#open.size >= MOST_OPEN) {
      throw new UsageError('LIMIT_REACHED', `${MOST_OPEN} traces are open.`, {
        hint: 'Close one of their tabs first.',
      });
    }
    this.#count += 1;
    const id = `trace-${this.#count}`;
    const broadcast = new Broadcast<TraceState>(() => this.#stateOf(open));
    const thread = new TraceThread(
      { path, follow, scratch: this.#store.scratch },
      (state) => this.#update(id, state),
      (error) => {
        const now = this.#open.get(id)?.state ?? EMPTY;
        this.#update(id, { ...now, phase: 'failed', error: toWireError(error, this.#parts.log) });
      },
    );
    const open: Open = { id, path, recording, thread, broadcast, state: EMPTY, users: new Set(), timer: null };
    this.#open.set(id, open);
    this.#rest(open);
    return id;
  }

  /** Tells how a trace stands, now and as it changes, and when it is gone; it stays open while anyone watches. */
  watch(id: string, watcher: (state: TraceState) => void, gone: (error: Error) => void): () => void {
    const open = this.#need(id);
    open.users.add(gone);
    if (open.timer !== null) clearTimeout(open.timer);
    const end = open.broadcast.watch(watcher);
    return () => {
      end();
      open.users.delete(gone);
      this.#rest(open);
    };
  }

  watchFilter(id: string, view: string, expression: string, watcher: (state: FilterState) => void): () => void {
    return this.#need(id).thread.filter(view, expression, watcher);
  }

  /** Searches a trace for findings until the function it gives is called. */
  watchFindings(id: string, watcher: (state: FindingsState) => void, end: (error?: unknown) => void): () => void {
    const gone = new AbortController();
    const onProgress = (done: number, total: number): void => watcher({ done, total, findings: null });
    this.#need(id)
      .thread.call('findings', undefined, { signal: gone.signal, onProgress })
      .then((findings) => {
        watcher({ done: 1, total: 1, findings });
        end();
      })
      .catch((error: unknown) => {
        if (!gone.signal.aborted) end(error);
      });
    return () => gone.abort();
  }

  /** The thread that answers about a trace. */
  thread(id: string): TraceThread {
    return this.#need(id).thread;
  }

  async copy(id: string, rows: readonly number[], as: 'text' | 'json' | 'hex'): Promise<number> {
    await this.#parts.host.writeClipboard(await this.thread(id).call('copy', { rows, as }));
    return rows.length;
  }

  annotate(id: string, mark: TraceMark): void {
    const { path, broadcast } = this.#need(id);
    const others = (this.#kept.current.marks[path] ?? []).filter(({ row }) => row !== mark.row);
    const wanted = mark.marked || mark.comment !== '';
    if (wanted && others.length >= KEPT_MARKS) {
      throw new UsageError('LIMIT_REACHED', `A trace has at most ${KEPT_MARKS} marks.`, { hint: 'Remove some first.' });
    }
    const own = wanted ? [...others, mark].sort((a, b) => a.row - b.row) : others;
    this.#keep({ marks: { ...this.#kept.current.marks, [path]: own } });
    broadcast.changed();
  }

  /** Asks where to, then writes the export as a job; resolves when it is begun. */
  async export({ trace, ...plan }: ExportInput): Promise<string | null> {
    const { host, jobs, log } = this.#parts;
    const { thread, path: from } = this.#need(trace);
    const name = `${basename(from).replace(/\.(pcapng|pcap|cap|gz|lunatrace)$/i, '')}-export.${plan.format}`;
    const path = await host.chooseSave('Export the trace', name, [KINDS[plan.format]]);
    if (path === null) return null;
    if (path === from) {
      throw new UsageError('BAD_ARGUMENT', 'The export cannot replace the trace it is made of.', {
        hint: 'Choose another name.',
      });
    }
    jobs
      .run<ExportResult>({
        title: `Export to ${basename(path)}`,
        detail: path,
        outcome: ({ pdus, bytes }) =>
          `${pdus.toLocaleString('en')} ${pdus === 1 ? 'PDU' : 'PDUs'}, ${bytes.toLocaleString('en')} bytes, ${plan.safe ? 'safe to share' : 'NOT safe to share'}, in ${path}`,
        run: async ({ signal, progress }) => {
          const marks = this.#kept.current.marks[from] ?? [];
          const done = await thread.call('export', { ...plan, path, marks }, { signal, onProgress: progress });
          this.#exported.add(path);
          return done;
        },
      })
      // The panel of jobs tells of failures.
      .catch(log);
    return path;
  }

  /** Shows a finished export in the system's file manager. */
  reveal(path: string): void {
    if (!this.#exported.has(path)) throw new UsageError('BAD_ARGUMENT', 'Only files exported by this run are shown.');
    this.#parts.host.showInFolder(path);
  }

  purge(ids: readonly string[]): void {
    const open = [...this.#open.values()].filter(({ recording }) => recording !== null && ids.includes(recording));
    for (const one of open) {
      this.#close(one);
      const deleted = new UsageError('BAD_ARGUMENT', 'This recording was deleted.', {
        hint: 'Nothing of it is left; this tab can be closed.',
      });
      for (const tell of [...one.users]) tell(deleted);
    }
    this.#recorders.purge(ids);
  }

  setPrefs(change: TracePrefsPatch): void {
    this.#keep({ prefs: tracePrefs.parse({ ...this.#kept.current.prefs, ...change }) });
    this.#recorders.applyPrefs();
  }

  async close(): Promise<void> {
    await this.#recorders.close();
    await this.#keeping;
    await Promise.all([...this.#open.values()].map(({ thread }) => thread.close()));
  }

  /** Takes the captures off the list that are not where they were. */
  async #dropMissing(): Promise<void> {
    const { captures } = this.#kept.current;
    for (const path of await missingOf(captures)) this.#missing.add(path);
    if (this.#missing.size > 0) this.#keep({ captures: captures.filter((path) => !this.#missing.has(path)) });
  }

  #locate(source: TraceSource): { path: string; follow: boolean; recording: string | null } {
    if ('recording' in source) {
      const found = this.#recorders.find(source.recording);
      if (found === undefined) {
        throw new UsageError('BAD_ARGUMENT', 'This recording is not there any more.', {
          hint: 'It was deleted, or it made room for newer ones.',
        });
      }
      return { path: this.#store.pathOf(found.id), follow: found.state === 'recording', recording: found.id };
    }
    if (this.#missing.has(source.path)) {
      throw new UsageError('BAD_ARGUMENT', 'This file is not there any more.', {
        hint: 'It was moved, renamed or deleted. Open it where it is now with "Open capture".',
      });
    }
    if (!this.#kept.current.captures.includes(source.path)) {
      throw new UsageError('BAD_ARGUMENT', 'Only files that were chosen here are opened.', {
        hint: 'Open the file with "Open capture", or drag it into the window.',
      });
    }
    return { path: source.path, follow: source.follow, recording: null };
  }

  #stateOf({ path, recording, state }: Open): TraceState {
    const known = recording === null ? undefined : this.#recorders.find(recording);
    return {
      ...state,
      path,
      title: known === undefined ? basename(path) : titleOf(known),
      source: recording === null ? 'capture' : 'recording',
      marks: this.#kept.current.marks[path] ?? [],
    };
  }

  #update(id: string, state: ThreadState): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    open.state = state;
    open.broadcast.changed();
  }

  #rest(open: Open): void {
    if (open.users.size > 0 || this.#open.get(open.id) !== open) return;
    if (open.timer !== null) clearTimeout(open.timer);
    open.timer = setTimeout(() => this.#close(open), UNUSED_MS);
    open.timer.unref();
  }

  #close(open: Open): void {
    if (open.timer !== null) clearTimeout(open.timer);
    this.#open.delete(open.id);
    open.thread.close().catch(this.#parts.log);
  }

  #need(id: string): Open {
    const open = this.#open.get(id);
    if (open === undefined) throw new UsageError('BAD_ARGUMENT', 'This trace is closed.', { hint: 'Open it again.' });
    return open;
  }

  #keep(change: Partial<Kept>): void {
    this.#keeping = this.#kept.replace({ ...this.#kept.current, ...change }).catch(this.#parts.log);
    this.#library.changed();
  }
}
