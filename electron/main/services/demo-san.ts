import { UsageError } from '../../../core/errors/index.ts';
import type { DemoState } from '../../contract/demo.ts';

/** A demo SAN that runs. */
export interface RunningDemo {
  readonly portals: DemoState['portals'];
  readonly close: () => Promise<void>;
}

/** What the demo service needs of the core. */
export interface DemoParts {
  readonly start: () => Promise<RunningDemo>;
  readonly discover: (portal: { readonly host: string; readonly port: number }) => Promise<DemoState['targets']>;
}

const STOPPED: DemoState = { phase: 'stopped', portals: [], targets: [] };

/** Starts and stops the demo SAN, and tells whoever watches; its targets are listed by a real discovery. */
export class DemoSan {
  readonly #parts: DemoParts | undefined;
  readonly #watchers = new Set<(state: DemoState) => void>();
  #state: DemoState = STOPPED;
  #running: RunningDemo | undefined;
  #step: Promise<DemoState> | undefined;

  constructor(parts: DemoParts | undefined) {
    this.#parts = parts;
  }

  get state(): DemoState {
    return this.#state;
  }

  /** Tells of the state now and at every change; gives the function that ends it. */
  watch(watcher: (state: DemoState) => void): () => void {
    this.#watchers.add(watcher);
    watcher(this.#state);
    return () => this.#watchers.delete(watcher);
  }

  /** Starts it unless it runs already; two calls at once share one start. */
  start(): Promise<DemoState> {
    const parts = this.#parts;
    if (parts === undefined) return Promise.reject(new UsageError('UNSUPPORTED', 'This build carries no demo SAN.'));
    return this.#oneAtATime(async () => {
      if (this.#running !== undefined) return this.#state;
      this.#set({ ...STOPPED, phase: 'starting' });
      try {
        const running = await parts.start();
        this.#running = running;
        const lists = await Promise.all(running.portals.map((portal) => parts.discover(portal)));
        const targets = new Map(lists.flat().map((target) => [target.name, target]));
        return this.#set({ phase: 'running', portals: running.portals, targets: [...targets.values()] });
      } catch (error) {
        await this.#close();
        throw error;
      }
    });
  }

  stop(): Promise<DemoState> {
    return this.#oneAtATime(async () => {
      if (this.#running === undefined) return this.#state;
      this.#set({ ...this.#state, phase: 'stopping' });
      await this.#close();
      return this.#state;
    });
  }

  async #oneAtATime(work: () => Promise<DemoState>): Promise<DemoState> {
    const before = this.#step;
    const step = (async () => {
      await before?.catch(() => undefined);
      return work();
    })();
    this.#step = step;
    return step;
  }

  async #close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.close();
    this.#set(STOPPED);
  }

  #set(state: DemoState): DemoState {
    this.#state = state;
    for (const watcher of this.#watchers) watcher(state);
    return state;
  }
}
