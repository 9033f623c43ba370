import { startDemoSan, type DemoSan as CoreDemoSan } from '../../../core/demo/index.ts';
import { UsageError } from '../../../core/errors/index.ts';
import { discover, type DiscoveredTarget } from '../../../core/initiator/index.ts';
import type { DemoState, DemoTarget } from '../../contract/demo.ts';

const STOPPED: DemoState = { phase: 'stopped', portals: [], targets: [], lessons: [], scenarios: [], initiators: 0 };

/** Joins what a discovery found with what the SAN says of it; only what was found is listed. */
function describeTargets(san: CoreDemoSan, found: readonly DiscoveredTarget[]): DemoTarget[] {
  const portals = new Map<string, DemoTarget['portals']>();
  for (const target of found) {
    const known = portals.get(target.name) ?? [];
    const more = target.portals.filter(
      (portal) => !known.some(({ host, port }) => host === portal.host && port === portal.port),
    );
    portals.set(target.name, [...known, ...more]);
  }
  return san.targets
    .filter(({ name }) => portals.has(name))
    .map(({ name, alias, description, credentials, luns }) => ({
      name,
      alias,
      description,
      portals: portals.get(name) ?? [],
      credentials: credentials === undefined ? null : { user: credentials.user, secret: credentials.secret },
      luns: luns.map((lun) => ({ ...lun, blocks: String(lun.blocks) })),
    }));
}

/** Starts and stops the demo SAN, switches its troubles, and tells whoever watches. */
export class DemoSan {
  readonly #watchers = new Set<(state: DemoState) => void>();
  #state: DemoState = STOPPED;
  #san: CoreDemoSan | undefined;
  #unsubscribe: () => void = () => undefined;
  #step: Promise<unknown> = Promise.resolve();
  /** Where it listened last in this run: sessions that were open when it stopped come back to it there. */
  #ports: readonly [number, number] | undefined;

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
    return this.#inTurn(async () => {
      if (this.#san !== undefined) return this.#state;
      this.#set({ ...STOPPED, phase: 'starting' });
      try {
        const san = await this.#listen();
        this.#san = san;
        const [first, second] = san.portals;
        if (first !== undefined && second !== undefined) this.#ports = [first.port, second.port];
        const lists = await Promise.all(san.portals.map(({ host, port }) => discover({ host, port })));
        this.#unsubscribe = san.subscribe(() => this.#refresh());
        return this.#set({
          phase: 'running',
          portals: [...san.portals],
          targets: describeTargets(san, lists.flat()),
          lessons: [...san.lessons],
          ...this.#changing(san),
        });
      } catch (error) {
        await this.#close();
        throw error;
      }
    });
  }

  stop(): Promise<DemoState> {
    return this.#inTurn(async () => {
      if (this.#san === undefined) return this.#state;
      this.#set({ ...this.#state, phase: 'stopping' });
      await this.#close();
      return this.#state;
    });
  }

  /** Switches one trouble on or off, also while initiators are connected. */
  setScenario(id: string, on: boolean): DemoState {
    const san = this.#san;
    if (san === undefined) throw new UsageError('UNSUPPORTED', 'The demo SAN is stopped.', { hint: 'Start it first.' });
    const scenario = san.scenarios.find((one) => one.id === id);
    if (scenario === undefined) throw new UsageError('BAD_ARGUMENT', `The demo SAN knows no trouble called ${id}.`);
    san.setScenario(scenario.id, on);
    return this.#set({ ...this.#state, ...this.#changing(san) });
  }

  /** Listens where it did before, unless somebody else has taken a port meanwhile. */
  async #listen(): Promise<CoreDemoSan> {
    if (this.#ports === undefined) return startDemoSan();
    try {
      return await startDemoSan({ ports: this.#ports });
    } catch {
      return startDemoSan();
    }
  }

  #changing(san: CoreDemoSan): Pick<DemoState, 'scenarios' | 'initiators'> {
    const initiators = san.sessions().filter(({ type }) => type === 'Normal').length;
    const scenarios = san.scenarios.map(({ id, title, description }) => ({ id, title, description, on: san.isOn(id) }));
    return { scenarios, initiators };
  }

  #refresh(): void {
    const san = this.#san;
    if (san === undefined || this.#state.phase !== 'running') return;
    const changing = this.#changing(san);
    if (changing.initiators !== this.#state.initiators) this.#set({ ...this.#state, ...changing });
  }

  #inTurn(work: () => Promise<DemoState>): Promise<DemoState> {
    const step = this.#step.catch(() => undefined).then(work);
    this.#step = step;
    return step;
  }

  async #close(): Promise<void> {
    const san = this.#san;
    this.#san = undefined;
    this.#unsubscribe();
    await san?.close();
    this.#set(STOPPED);
  }

  #set(state: DemoState): DemoState {
    this.#state = state;
    for (const watcher of this.#watchers) watcher(state);
    return state;
  }
}
