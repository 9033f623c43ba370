import type { Job } from '../../contract/jobs.ts';
import { CancelledError } from '../../../core/errors/index.ts';
import { toWireError } from '../ipc/dispatch.ts';
import { Broadcast } from './broadcast.ts';

const KEPT = 100;
const RATE_WINDOW_MS = 250;

/** What running work tells of itself. */
export interface JobHandle {
  readonly id: string;
  readonly signal: AbortSignal;
  /** How far it is: `done` of `total` in any unit; `rate` in words where the unit alone would not say it. */
  readonly progress: (done: number, total: number, rate?: string) => void;
  readonly say: (detail: string) => void;
}

/** What a job is, before it runs. */
export interface JobPlan<T> {
  readonly title: string;
  readonly detail?: string;
  readonly cancellable?: boolean;
  readonly run: (job: JobHandle) => Promise<T>;
  /** What came of it, in words. */
  readonly outcome?: (value: T) => string;
}

type Mutable = { -readonly [K in keyof Job]: Job[K] };

/** Runs long work and tells of it; one panel shows them all. */
export class Jobs {
  readonly #jobs = new Map<string, { state: Mutable; controller: AbortController }>();
  readonly #broadcast = new Broadcast<Job[]>(() =>
    [...this.#jobs.values()].map(({ state }) => ({ ...state })).reverse(),
  );
  readonly #log: (error: unknown) => void;
  #last = 0;

  constructor(log: (error: unknown) => void) {
    this.#log = log;
  }

  watch(watcher: (jobs: Job[]) => void): () => void {
    return this.#broadcast.watch(watcher);
  }

  /** Starts work; the promise is its result, and the job stays on show after it has ended. */
  run<T>(plan: JobPlan<T>): Promise<T> {
    return this.start(plan).result;
  }

  /** The same, with the id at once, for callers that answer before the work is done. */
  start<T>(plan: JobPlan<T>): { readonly id: string; readonly result: Promise<T> } {
    this.#last += 1;
    const id = `job-${String(this.#last)}`;
    const state: Mutable = {
      id,
      title: plan.title,
      detail: plan.detail ?? '',
      state: 'running',
      progress: null,
      rate: null,
      etaMs: null,
      startedAt: Date.now(),
      endedAt: null,
      cancellable: plan.cancellable ?? true,
      error: null,
    };
    const controller = new AbortController();
    this.#jobs.set(id, { state, controller });
    this.#forgetOld();
    this.#broadcast.changed();
    return { id, result: this.#carry(plan, state, controller) };
  }

  /** Asks a job to stop; what it has done so far stays. */
  cancel(id: string): void {
    const job = this.#jobs.get(id);
    if (job?.state.state === 'running' && job.state.cancellable) job.controller.abort();
  }

  /** Takes the ended ones off the list. */
  clear(): void {
    for (const [id, { state }] of this.#jobs) if (state.state !== 'running') this.#jobs.delete(id);
    this.#broadcast.changed();
  }

  /** Stops everything, as the program ends. */
  close(): void {
    for (const { controller } of this.#jobs.values()) controller.abort();
  }

  async #carry<T>(plan: JobPlan<T>, state: Mutable, controller: AbortController): Promise<T> {
    let told = 0;
    const changed = (): void => this.#broadcast.changed();
    const handle: JobHandle = {
      id: state.id,
      signal: controller.signal,
      progress: (done, total, rate) => {
        const now = Date.now();
        if (now - told < RATE_WINDOW_MS && done < total) return;
        told = now;
        const share = total <= 0 ? 0 : Math.min(1, done / total);
        state.progress = share;
        state.rate = rate ?? state.rate;
        state.etaMs = share > 0 ? ((now - state.startedAt) / share) * (1 - share) : null;
        changed();
      },
      say: (detail) => {
        state.detail = detail;
        changed();
      },
    };
    try {
      const value = await plan.run(handle);
      const detail = plan.outcome?.(value) ?? state.detail;
      // Called off, and yet something came of it.
      if (controller.signal.aborted) Object.assign(state, { state: 'cancelled', detail });
      else Object.assign(state, { state: 'done', progress: 1, detail });
      return value;
    } catch (error) {
      const cancelled = controller.signal.aborted || error instanceof CancelledError;
      Object.assign(
        state,
        cancelled ? { state: 'cancelled' } : { state: 'failed', error: toWireError(error, this.#log) },
      );
      throw error;
    } finally {
      // The rate is one of a moment, and no figure of the whole.
      Object.assign(state, { endedAt: Date.now(), etaMs: null, rate: null });
      changed();
    }
  }

  #forgetOld(): void {
    for (const [id, { state }] of this.#jobs) {
      if (this.#jobs.size <= KEPT) return;
      if (state.state !== 'running') this.#jobs.delete(id);
    }
  }
}
