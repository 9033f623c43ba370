import { TraceRecording } from '../../../core/node/index.ts';
import type { PduTap } from '../../../core/trace/index.ts';
import type { Recording, RecordMode, TracePrefs } from '../../contract/trace.ts';
import { toWireError } from '../ipc/dispatch.ts';
import type { LogBook } from './log-book.ts';
import type { Explorer } from './explorer.ts';
import type { Sessions } from './sessions.ts';
import { SwitchTap } from './switch-tap.ts';
import type { TapAbout } from './tap-provider.ts';
import type { Sidecar, TraceStore } from './trace-store.ts';

/** A connection that ends may be followed by another of the same session, so its recording waits a little. */
const IDLE_MS = 1500;
const SIZES_MS = 1000;

/** How a session is recorded from now on. */
export interface RecordHow {
  readonly mode: RecordMode;
  readonly capBytes: number;
  readonly keepChap?: boolean | undefined;
}

interface Live {
  readonly recording: TraceRecording;
  entry: Recording;
}

interface Taped {
  readonly about: TapAbout;
  readonly tap: SwitchTap;
  live: Live | null;
  /** Recordings made of it. */
  parts: number;
}

/** What the recorder works with. */
export interface RecorderParts {
  readonly store: TraceStore;
  readonly prefs: () => TracePrefs;
  readonly sessions: Sessions;
  readonly explorer: Explorer;
  readonly book: LogBook;
  readonly log: (error: unknown) => void;
  readonly onChange: () => void;
  /** A recording will not grow any more. */
  readonly onEnded: (id: string) => void;
}

/** Records every session and discovery from its first byte, and lets a person start, stop and change that. */
export class TraceRecorders {
  readonly #parts: RecorderParts;
  readonly #taped = new Map<string, Taped>();
  readonly #timer: NodeJS.Timeout;
  readonly #endWatch: () => void;
  #ended: Recording[];

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#ended = parts.store.list();
    parts.sessions.recordWith((about) => this.#tape(about));
    parts.explorer.recordWith((about) => this.#tape(about));
    let before: readonly string[] = [];
    this.#endWatch = parts.sessions.watch((list) => {
      // One that is ended while it is away leaves the list in the same turn, and is never seen closed.
      const left = before.filter((id) => !list.some((one) => one.id === id));
      const closed = list.filter(({ state }) => state === 'closed').map(({ id }) => id);
      for (const id of [...left, ...closed]) void this.#finish(id);
      before = list.map(({ id }) => id);
    });
    this.#timer = setInterval(() => this.#measure(), SIZES_MS);
    this.#timer.unref();
    this.#tidy();
  }

  /** Every recording, those under way first, then the newest. */
  get list(): Recording[] {
    const live = [...this.#taped.values()].flatMap((taped) => (taped.live === null ? [] : [taped.live.entry]));
    return [...live.reverse(), ...this.#ended];
  }

  /** A recording by its name. */
  find(id: string): Recording | undefined {
    return this.list.find((one) => one.id === id);
  }

  /** Changes how a session is recorded from now on: another cap holds for the recording under way, all else begins a new one. */
  async record(session: string, how: RecordHow): Promise<void> {
    const taped = this.#taped.get(session);
    if (taped === undefined) return;
    const { live } = taped;
    const keepChap = how.keepChap ?? this.#parts.prefs().keepChap;
    const goesOn =
      live?.entry.state === 'recording' && live.entry.mode === how.mode && live.entry.chapKept === keepChap;
    if (goesOn) {
      live.recording.keepAtMost(how.capBytes);
      this.#change(taped, { capBytes: how.capBytes });
      this.#describe(live.entry);
      return;
    }
    await this.#stop(taped);
    this.#start(taped, how);
    this.#parts.onChange();
  }

  /** Deletes recordings that have ended. */
  purge(ids: readonly string[]): void {
    const wanted = new Set(ids);
    for (const one of this.#ended) if (wanted.has(one.id)) this.#parts.store.delete(one.id);
    this.#ended = this.#ended.filter(({ id }) => !wanted.has(id));
    this.#parts.onChange();
  }

  /** Puts the caps into force. */
  applyPrefs(): void {
    this.#tidy();
    this.#parts.onChange();
  }

  /** Closes what is under way, as the program ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#endWatch();
    await Promise.all([...this.#taped.values()].map((taped) => this.#stop(taped)));
  }

  #tape(about: TapAbout): PduTap {
    const tap = new SwitchTap(
      () => {
        const { mode, sessionCapBytes } = this.#parts.prefs();
        this.#taped.set(about.id, taped);
        this.#start(taped, { mode, capBytes: sessionCapBytes });
        this.#parts.onChange();
      },
      () => {
        setTimeout(() => this.#endIfGone(about.id), IDLE_MS).unref();
      },
    );
    const taped: Taped = { about, tap, live: null, parts: 0 };
    return tap;
  }

  #start(taped: Taped, { mode, capBytes, keepChap }: RecordHow): void {
    if (mode === 'off') return;
    const { store, prefs, book, log } = this.#parts;
    const { about } = taped;
    const chapKept = keepChap ?? prefs().keepChap;
    const id = store.newId(about.kind === 'discovery' ? undefined : about.number);
    const named = about.target === '' ? about.portal : about.target;
    try {
      const recording = new TraceRecording(store.pathOf(id), {
        mode,
        keepChapResponses: chapKept,
        maxBytes: capBytes,
        onStopped: (reason) => {
          book.write('error', named, reason.message);
          this.#change(taped, { state: 'failed', error: toWireError(reason, log) });
        },
      });
      const entry: Recording = {
        id,
        session: about.kind === 'session' ? about.id : null,
        about: about.id,
        kind: about.kind,
        number: about.number,
        part: taped.parts + 1,
        target: about.target,
        portal: about.portal,
        mode,
        chapKept,
        startedAt: Date.now(),
        endedAt: null,
        bytes: 0,
        capBytes,
        droppedBytes: 0,
        state: 'recording',
        error: null,
      };
      if (chapKept)
        book.write(
          'warning',
          named,
          'CHAP responses are kept in this recording; with them a weak secret can be guessed.',
        );
      taped.live = { recording, entry };
      taped.parts += 1;
      taped.tap.switchTo(recording.tap);
      this.#describe(entry);
    } catch (error) {
      // A session goes on without its recording: a full disk must not keep anyone from their storage.
      taped.tap.switchTo(undefined);
      book.write('error', named, `Recording could not begin: ${error instanceof Error ? error.message : ''}`);
    }
  }

  async #stop(taped: Taped): Promise<void> {
    const { live } = taped;
    if (live === null) return;
    taped.tap.switchTo(undefined);
    taped.live = null;
    const { log, onChange, onEnded } = this.#parts;
    await live.recording.close().catch(log);
    const { kept, deleted } = live.recording.spool.sizes;
    const state = live.entry.state === 'failed' ? 'failed' : 'ended';
    const entry: Recording = {
      ...live.entry,
      session: null,
      state,
      endedAt: Date.now(),
      bytes: kept,
      droppedBytes: deleted,
    };
    this.#ended = [entry, ...this.#ended];
    this.#describe(entry);
    this.#tidy();
    onEnded(entry.id);
    onChange();
  }

  /** Writes down what a recording is about; without it the recording itself goes on, and its own writes tell of a full disk. */
  #describe(entry: Recording): void {
    try {
      this.#parts.store.write(sidecarOf(entry));
    } catch (error) {
      this.#parts.log(error);
    }
  }

  async #finish(session: string): Promise<void> {
    const taped = this.#taped.get(session);
    if (taped === undefined) return;
    this.#taped.delete(session);
    await this.#stop(taped);
  }

  /** A login that failed never becomes a session; its recording ends with its connection. */
  #endIfGone(session: string): void {
    const taped = this.#taped.get(session);
    if (taped === undefined || taped.tap.connections > 0) return;
    const known = this.#parts.sessions.list.some(({ id, state }) => id === session && state !== 'closed');
    if (!known) void this.#finish(session);
  }

  #change(taped: Taped, change: Partial<Recording>): void {
    if (taped.live === null) return;
    taped.live.entry = { ...taped.live.entry, ...change };
    this.#parts.onChange();
  }

  #measure(): void {
    for (const taped of this.#taped.values()) {
      if (taped.live === null) continue;
      const { kept, deleted } = taped.live.recording.spool.sizes;
      if (kept !== taped.live.entry.bytes) this.#change(taped, { bytes: kept, droppedBytes: deleted });
    }
    // What is being recorded grows and what has ended grows old: the caps hold all the while.
    const before = this.#ended.length;
    this.#tidy();
    if (this.#ended.length !== before) this.#parts.onChange();
  }

  #tidy(): void {
    const { store, prefs, log } = this.#parts;
    const { totalCapBytes, retentionDays } = prefs();
    const live = this.list.filter(({ state }) => state === 'recording').reduce((sum, { bytes }) => sum + bytes, 0);
    const gone = new Set(store.excess(this.#ended, live, totalCapBytes, retentionDays));
    for (const id of gone) {
      try {
        store.delete(id);
      } catch (error) {
        log(error);
      }
    }
    this.#ended = this.#ended.filter(({ id }) => !gone.has(id));
  }
}

function sidecarOf(entry: Recording): Sidecar {
  const { id, kind, number, part, target, portal, mode, chapKept, startedAt, endedAt, capBytes, error } = entry;
  const failure = error?.message ?? null;
  return { id, kind, number, part, target, portal, mode, chapKept, startedAt, endedAt, capBytes, failure };
}
