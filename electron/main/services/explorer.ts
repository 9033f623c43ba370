import { join } from 'node:path';
import { z } from 'zod';
import { discoverWithWarnings } from '../../../core/initiator/index.ts';
import { generateIqn } from '../../../core/login/index.ts';
import { secureRandom } from '../../../core/node/index.ts';
import type { DemoState } from '../../contract/demo.ts';
import {
  chosenPath,
  hostPort,
  signInProfile,
  tlsChoice,
  type ChosenPath,
  type ExplorerState,
  type PortalEntry,
  type SignInProfile,
  type TlsChoice,
} from '../../contract/explorer.ts';
import type { ParsedInput } from '../../contract/requests.ts';
import { nameRecording, toWireError } from '../ipc/dispatch.ts';
import { resolveHost, type Attempt, type Attempts } from './attempts.ts';
import { Broadcast } from './broadcast.ts';
import { countOf } from './count-of.ts';
import { chapOptions, keepSecrets, keepTlsKey, tlsOptions } from './credentials.ts';
import type { Jobs } from './jobs.ts';
import { JsonFile } from './json-file.ts';
import type { LogBook } from './log-book.ts';
import type { SecretKeeper } from './secret-keeper.ts';
import type { SettingsStore } from './settings-store.ts';
import type { TapProvider } from './tap-provider.ts';

const saved = z.object({
  portals: z.array(hostPort.extend({ user: z.string().nullable(), tls: tlsChoice.default({}) })).default([]),
  profiles: z.array(signInProfile).default([]),
  paths: z.array(chosenPath).default([]),
});

type Saved = z.infer<typeof saved>;
type DiscoverInput = ParsedInput<'portals.discover'>;
type HostPort = z.infer<typeof hostPort>;

/** What the explorer works with. */
export interface ExplorerParts {
  readonly settings: SettingsStore;
  readonly secrets: SecretKeeper;
  readonly attempts: Attempts;
  readonly jobs: Jobs;
  readonly book: LogBook;
  readonly log: (error: unknown) => void;
}

/** Host and port as an address has them. */
export function portalId({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}

const emptyPortal = (
  at: HostPort,
  origin: PortalEntry['origin'],
  user: string | null,
  tls: TlsChoice = {},
): PortalEntry => ({
  id: portalId(at),
  host: at.host,
  port: at.port,
  origin,
  state: 'unchecked',
  askedAt: null,
  tookMs: null,
  error: null,
  warnings: [],
  targets: [],
  user,
  tls,
});

/** Knows the portals: those that were saved, those that were found this run, those of the demo SAN. Asks none unasked. */
export class Explorer {
  readonly #parts: ExplorerParts;
  readonly #file: JsonFile<Saved>;
  readonly #portals = new Map<string, PortalEntry>();
  #paths: readonly ChosenPath[];
  #profiles: readonly SignInProfile[];
  /** Where the demo SAN listened in this run; nothing of these places is kept over restarts. */
  readonly #demo = new Set<string>();
  readonly #broadcast = new Broadcast<ExplorerState>(() => this.state);
  #tapFor: TapProvider = () => undefined;
  #discoveries = 0;

  private constructor(parts: ExplorerParts, file: JsonFile<Saved>) {
    this.#parts = parts;
    this.#file = file;
    this.#paths = file.current.paths;
    this.#profiles = file.current.profiles;
    for (const portal of file.current.portals) this.#put(emptyPortal(portal, 'saved', portal.user, portal.tls));
  }

  static async open(folder: string, parts: ExplorerParts): Promise<Explorer> {
    const explorer = new Explorer(parts, await JsonFile.open(join(folder, 'portals.json'), saved, {}));
    await explorer.#nameInitiator();
    return explorer;
  }

  get state(): ExplorerState {
    const { secrets, settings } = this.#parts;
    return {
      portals: [...this.#portals.values()],
      profiles: this.#profiles.map((profile) => ({ ...profile, secrets: this.#secretsOf(profile) })),
      paths: [...this.#paths],
      initiatorName: settings.current.initiatorName,
      secretStore: secrets.available,
    };
  }

  /** How this computer calls itself. */
  get initiatorName(): string {
    return this.#parts.settings.current.initiatorName;
  }

  /** Whether a place belongs to the demo SAN of this run. */
  isDemo(at: HostPort): boolean {
    return this.#demo.has(portalId(at));
  }

  /** Says who records the discoveries to come. */
  recordWith(provider: TapProvider): void {
    this.#tapFor = provider;
  }

  watch(watcher: (state: ExplorerState) => void): () => void {
    return this.#broadcast.watch(watcher);
  }

  /** Says that something it reports of others has changed, such as the initiator's name. */
  changed(): void {
    this.#broadcast.changed();
  }

  /** Adds a portal without asking it anything. */
  async add(at: HostPort): Promise<PortalEntry> {
    const known = this.#portals.get(portalId(at));
    const entry = { ...(known ?? emptyPortal(at, 'saved', null)), origin: 'saved' as const };
    this.#put(entry);
    await this.#save();
    return entry;
  }

  /** Forgets a portal, its discovery secret, and the sign-ins and chosen paths through it. */
  async remove(at: HostPort): Promise<void> {
    this.#portals.delete(portalId(at));
    await this.#parts.secrets.forget(at.host, at.port, '');
    for (const { host, port, target } of this.#profiles) {
      if (host === at.host && port === at.port) await this.#parts.secrets.forget(host, port, target);
    }
    this.#profiles = this.#profiles.filter(({ host, port }) => host !== at.host || port !== at.port);
    this.#paths = this.#paths.filter(({ host, port }) => host !== at.host || port !== at.port);
    await this.#save();
    this.#broadcast.changed();
  }

  /** Asks a portal for its targets, step by step. */
  discover(input: DiscoverInput): Promise<PortalEntry> {
    return this.#parts.attempts.run(input.attempt, (attempt) => this.#discover(input, attempt));
  }

  /** Asks every known portal again, side by side; a dead one delays no other. */
  async discoverAll(): Promise<void> {
    const portals = [...this.#portals.values()];
    await this.#parts.jobs.run({
      title: `Discovery of ${countOf(portals.length, 'portal')}`,
      outcome: (failed) => (failed === 0 ? 'All answered.' : `${String(failed)} did not answer; the others did.`),
      run: async ({ signal, progress }) => {
        let done = 0;
        let failed = 0;
        await Promise.all(
          portals.map(async ({ host, port, user, tls, origin }) => {
            const chap = user === null ? null : { user, secret: null, mutual: null };
            const save = origin === 'saved';
            const input = { host, port, chap, tls, tlsKey: null, attempt: '', save, keepSecrets: false };
            await this.#discover(input, { signal, step: () => undefined }).catch(() => (failed += 1));
            done += 1;
            progress(done, portals.length);
          }),
        );
        return failed;
      },
    });
  }

  /** Takes the demo SAN's portals and targets in, or out when it has stopped. */
  followDemo({ phase, portals, targets }: DemoState): void {
    const before = new Map(this.#portals);
    for (const [id, { origin }] of this.#portals) if (origin === 'demo') this.#portals.delete(id);
    if (phase === 'running') {
      const now = Date.now();
      for (const portal of portals) {
        this.#demo.add(portalId(portal));
        const own = targets.filter((target) =>
          target.portals.some(({ host, port }) => portalId({ host, port }) === portalId(portal)),
        );
        this.#portals.set(portalId(portal), {
          ...emptyPortal(portal, 'demo', null),
          state: 'answered',
          askedAt: before.get(portalId(portal))?.askedAt ?? now,
          targets: own.map(({ name, portals: all }) => ({ name, portals: all })),
        });
      }
    }
    const gone = (id: string): boolean => before.get(id)?.origin === 'demo' && !this.#portals.has(id);
    this.#paths = this.#paths.filter((path) => !gone(portalId(path)));
    this.#broadcast.changed();
  }

  /** Keeps how a sign-in was done, without its secrets. */
  async keepProfile(profile: SignInProfile): Promise<void> {
    this.#profiles = [...this.#profilesBut(profile), { ...profile, secrets: 'none' }];
    await this.#save();
    this.#broadcast.changed();
  }

  async removeProfile(at: HostPort & { readonly target: string }): Promise<void> {
    await this.#parts.secrets.forget(at.host, at.port, at.target);
    this.#profiles = this.#profilesBut(at);
    await this.#save();
    this.#broadcast.changed();
  }

  /** Keeps which path the reads of a unit take, over restarts; null leaves it to each screen again. */
  async choosePath({ unit, path }: ParsedInput<'luns.choosePath'>): Promise<void> {
    const others = this.#paths.filter((one) => one.unit !== unit);
    this.#paths = path === null ? others : [...others, { ...path, unit }];
    await this.#save();
    this.#broadcast.changed();
  }

  #profilesBut(at: HostPort & { readonly target: string }): SignInProfile[] {
    return this.#profiles.filter(
      ({ host, port, target }) => host !== at.host || port !== at.port || target !== at.target,
    );
  }

  #secretsOf({ host, port, target, user }: SignInProfile): SignInProfile['secrets'] {
    return user === null ? 'none' : this.#parts.secrets.where({ host, port, target, user, side: 'initiator' });
  }

  async #discover(input: DiscoverInput, attempt: Attempt): Promise<PortalEntry> {
    const { host, port, tls = {}, tlsKey = null } = input;
    const id = portalId(input);
    const before = this.#portals.get(id) ?? emptyPortal(input, 'found', null);
    const user = input.chap?.user ?? null;
    const askedAt = Date.now();
    const { book, secrets, log } = this.#parts;
    this.#put({ ...before, user, tls, state: 'asking', error: null });
    this.#discoveries += 1;
    const recorded = `discovery-${String(this.#discoveries)}`;
    try {
      const place = { host, port, target: '' };
      const chap = await chapOptions(secrets, place, input.chap);
      const secured = await tlsOptions(secrets, place, tls, tlsKey);
      await resolveHost(host, attempt);
      const tap = this.#tapFor({ kind: 'discovery', id: recorded, number: 0, target: '', portal: id });
      const found = await discoverWithWarnings(
        { host, port },
        {
          initiatorName: this.initiatorName,
          signal: attempt.signal,
          ...(chap === undefined ? {} : { chap }),
          ...(secured === undefined ? {} : { tls: secured }),
          ...(tap === undefined ? {} : { tap }),
          onEvent: (event) => {
            if (event.kind === 'step') attempt.step(event.step, event.text);
            if (event.kind === 'state' && event.to === 'full')
              attempt.step('sendTargets', 'Logged in; asking for the targets.');
          },
        },
      );
      attempt.step('sendTargets', `${countOf(found.targets.length, 'target')}.`);
      await keepSecrets(secrets, place, input.chap, input.keepSecrets);
      await keepTlsKey(secrets, place, tlsKey, input.keepSecrets);
      const targets = found.targets.map(({ name, portals }) => ({ name, portals: portals.map((one) => ({ ...one })) }));
      const tookMs = Date.now() - askedAt;
      const entry = {
        ...before,
        // A portal that never answered may be a mistyped one, and is not kept.
        origin: input.save ? ('saved' as const) : before.origin,
        user,
        tls,
        state: 'answered' as const,
        askedAt,
        tookMs,
        error: null,
        warnings: [...found.warnings],
        targets,
      };
      this.#put(entry);
      if (input.save) await this.#save();
      book.write('info', id, `Discovery found ${countOf(targets.length, 'target')} in ${String(tookMs)} ms.`);
      for (const warning of found.warnings) book.write('warning', id, warning);
      return entry;
    } catch (error) {
      nameRecording(error, recorded);
      const failure = toWireError(error, log);
      const state = attempt.signal.aborted ? before.state : 'failed';
      this.#put({
        ...before,
        user,
        tls,
        state,
        askedAt,
        tookMs: Date.now() - askedAt,
        error: attempt.signal.aborted ? before.error : failure,
      });
      if (!attempt.signal.aborted) book.write('error', id, failure.message);
      throw error;
    }
  }

  #put(entry: PortalEntry): void {
    this.#portals.set(entry.id, entry);
    this.#broadcast.changed();
  }

  async #save(): Promise<void> {
    const portals = [...this.#portals.values()].filter(({ origin }) => origin === 'saved');
    await this.#file.replace({
      portals: portals.map(({ host, port, user, tls }) => ({ host, port, user, tls })),
      // The demo SAN listens at other ports in every run of the program.
      profiles: this.#profiles.filter((profile) => !this.isDemo(profile)),
      paths: this.#paths.filter((path) => !this.isDemo(path)),
    });
  }

  /** A name of its own, made once and kept: arrays let initiators in by their names. */
  async #nameInitiator(): Promise<void> {
    const { settings } = this.#parts;
    if (settings.current.initiatorName === '') await settings.change({ initiatorName: generateIqn(secureRandom) });
  }
}
