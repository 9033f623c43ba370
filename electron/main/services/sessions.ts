import { CancelledError, LunascopeError, UsageError } from '../../../core/errors/index.ts';
import { connect, type ConnectOptions, type Session } from '../../../core/initiator/index.ts';
import type { SessionDetail, SessionEntry } from '../../contract/sessions.ts';
import type { ParsedInput } from '../../contract/requests.ts';
import { nameRecording, toWireError } from '../ipc/dispatch.ts';
import { resolveHost, type Attempt, type Attempts } from './attempts.ts';
import { Broadcast } from './broadcast.ts';
import { chapOptions, keepSecrets, keepTlsKey, tlsOptions } from './credentials.ts';
import { portalId, type Explorer } from './explorer.ts';
import type { LogBook } from './log-book.ts';
import { describeLun, lunFromHex, scanLuns } from './lun-scan.ts';
import { Relisting } from './relisting.ts';
import type { SecretKeeper } from './secret-keeper.ts';
import { SessionRecord } from './session-record.ts';
import type { TapProvider } from './tap-provider.ts';

type LoginInput = ParsedInput<'sessions.login'>;
type TaskInput = ParsedInput<'sessions.manageTasks'>;
type Options = LoginInput['options'];

/** What sessions work with. */
export interface SessionParts {
  readonly explorer: Explorer;
  readonly secrets: SecretKeeper;
  readonly attempts: Attempts;
  readonly book: LogBook;
  readonly log: (error: unknown) => void;
}

interface Held {
  entry: SessionEntry;
  readonly record: SessionRecord;
  readonly chapUser: string | null;
  readonly relisting: Relisting;
  /** Counts listings, so that one that was overtaken leaves no old list behind. */
  listings: number;
}

const SECOND = 1000;
/** How long a session may take to show that it is still there. */
const CHECK_MS = 5000;
const OTHERS_SUFFER: readonly TaskInput['function'][] = [
  'clearTaskSet',
  'lunReset',
  'targetWarmReset',
  'targetColdReset',
];

const digests = (text: Options['headerDigest']) => text?.split(',') as ('None' | 'CRC32C')[] | undefined;

function connectOptions(options: Options, tls: ConnectOptions['tls']): Partial<ConnectOptions> {
  const { headerDigest, dataDigest, tls: _tls, tlsServername: _name, tlsCa: _ca, tlsCert: _cert, ...rest } = options;
  const header = digests(headerDigest);
  const data = digests(dataDigest);
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(given),
    ...(header === undefined ? {} : { headerDigest: header }),
    ...(data === undefined ? {} : { dataDigest: data }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** Holds the sessions of the window: opens them, scans their LUNs, writes down what they do, closes them. */
export class Sessions {
  readonly #parts: SessionParts;
  readonly #held = new Map<string, Held>();
  readonly #broadcast = new Broadcast<SessionEntry[]>(() => this.list);
  readonly #details = new Map<string, Set<() => void>>();
  #tapFor: TapProvider = () => undefined;
  #attempts = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get list(): SessionEntry[] {
    return [...this.#held.values()].map(({ entry }) => entry);
  }

  /** Says who records the logins to come. */
  recordWith(provider: TapProvider): void {
    this.#tapFor = provider;
  }

  watch(watcher: (sessions: SessionEntry[]) => void): () => void {
    return this.#broadcast.watch(watcher);
  }

  /** Tells everything about one session, now and at changes, at most a few times a second. */
  watchDetail(id: string, watcher: (detail: SessionDetail) => void): () => void {
    const { record } = this.#need(id);
    const broadcast = new Broadcast(() => record.detail);
    const changed = (): void => broadcast.changed();
    const all = this.#details.get(id) ?? new Set();
    this.#details.set(id, all.add(changed));
    const end = broadcast.watch(watcher);
    return () => {
      end();
      all.delete(changed);
    };
  }

  /** Tells each second what all sessions together moved. */
  watchRate(watcher: (rate: { iops: number; bytesIn: number; bytesOut: number }) => void): () => void {
    const timer = setInterval(() => {
      const total = { iops: 0, bytesIn: 0, bytesOut: 0 };
      for (const { record } of this.#held.values()) {
        total.iops += record.lastSecond?.iops ?? 0;
        total.bytesIn += record.lastSecond?.bytesIn ?? 0;
        total.bytesOut += record.lastSecond?.bytesOut ?? 0;
      }
      watcher(total);
    }, SECOND);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** The core's session, for the services that read through it. */
  need(id: string): Session {
    return this.#need(id).record.session;
  }

  /** What the window knows of it. */
  entry(id: string): SessionEntry {
    return this.#need(id).entry;
  }

  /** Signs in and lists the LUNs; the listing's own failure does not undo the sign-in. */
  login(input: LoginInput): Promise<SessionEntry> {
    return this.#parts.attempts.run(input.attempt, (attempt) => this.#login(input, attempt));
  }

  async logout(id: string): Promise<void> {
    const { record, entry } = this.#need(id);
    this.#parts.book.write('info', entry.target, 'Signing out.');
    await record.session.logout();
  }

  /** Takes a session off the list; one that has not ended is ended at once, without a word to the target. */
  drop(id: string): void {
    const held = this.#need(id);
    if (held.record.session.state !== 'closed') held.record.session.destroy();
    held.relisting.close();
    held.record.close();
    this.#held.delete(id);
    this.#details.delete(id);
    this.#broadcast.changed();
  }

  async rescan(id: string): Promise<void> {
    const held = this.#need(id);
    held.listings += 1;
    const { listings } = held;
    const told = (change: Partial<SessionEntry>): void => {
      if (held.listings === listings) this.#update(id, { ...change, lunsAt: Date.now(), scanning: false });
    };
    this.#update(id, { scanning: true });
    try {
      told({ luns: await scanLuns(held.record.session, this.#parts.log), lunsError: null });
    } catch (error) {
      told({ lunsError: toWireError(error, this.#parts.log) });
      if (!(error instanceof LunascopeError)) throw error;
    }
  }

  /** Asks one LUN on the list anew who it is. */
  async renew(id: string, lun: string): Promise<void> {
    const { record, entry } = this.#need(id);
    const listed = entry.luns?.find((one) => one.lun === lun);
    if (listed === undefined) return;
    const { text, number } = listed;
    const now = await describeLun(record.session, { lun: lunFromHex(lun), text, number: number ?? undefined });
    const luns = this.#held.get(id)?.entry.luns?.map((one) => (one.lun === lun ? now : one));
    if (luns !== undefined) this.#update(id, { luns });
  }

  async ping(id: string): Promise<number> {
    const { record } = this.#need(id);
    const ms = await record.session.protocol.ping();
    record.notePing(ms);
    return ms;
  }

  confirmStatus(id: string): void {
    this.need(id).protocol.sendExpStatSnConfirmation();
  }

  /** Sends a task management function; one that ends other hosts' commands only with the target's name typed. */
  async manageTasks(input: TaskInput): Promise<{ response: number; name: string; complete: boolean }> {
    const { record, entry } = this.#need(input.id);
    if (OTHERS_SUFFER.includes(input.function) && input.typedName !== entry.target) {
      throw new UsageError('BAD_ARGUMENT', 'The name typed is not the name of the target.', {
        hint: `This function ends the commands of every host that uses the target. Type ${entry.target} to go on.`,
      });
    }
    const { tasks } = record.session;
    const lun = input.lun === null ? 0 : new Uint8Array(Buffer.from(input.lun, 'hex'));
    const result = await tasks[input.function](lun);
    record.note('task management', `${input.function}: ${result.name}.`);
    this.#parts.book.write(
      result.complete ? 'info' : 'warning',
      entry.target,
      `Task management ${input.function}: ${result.name}.`,
    );
    return { ...result };
  }

  /** Writes something that happened to all of them into their histories. */
  noteAll(kind: string, text: string): void {
    for (const { record } of this.#held.values()) if (record.session.state !== 'closed') record.note(kind, text);
  }

  /** Something happened that sessions may not have survived: each says soon whether it is still there, and comes back if not. Tells how many are checked. */
  checkAll(kind: string, what: string): number {
    this.noteAll(kind, what);
    const held = [...this.#held.values()].filter(
      ({ record }) => record.session.state === 'full' || record.session.state === 'recovering',
    );
    for (const each of held) void this.#check(each, what);
    return held.length;
  }

  async #check({ record, entry: { number, target } }: Held, what: string): Promise<void> {
    const { session } = record;
    const wasUp = session.state === 'full';
    try {
      const ms = await session.protocol.check(CHECK_MS);
      if (!wasUp) return;
      record.notePing(ms);
      record.note('check', `The target answered in ${ms.toFixed(1)} ms; the session is still there.`);
    } catch (error) {
      if (!(error instanceof LunascopeError)) this.#parts.log(error);
      const why = error instanceof Error ? error.message : String(error);
      record.note('check', `The session did not survive: ${why}`);
      this.#parts.book.write('warning', target, `${what} Session ${String(number)} did not survive it: ${why}`);
    }
  }

  /** Signs out everywhere, as the program ends. */
  async close(): Promise<void> {
    const open = [...this.#held.values()].filter(({ record }) => record.session.state === 'full');
    await Promise.all(open.map(({ record }) => record.session.logout().catch(() => record.session.destroy())));
    for (const { record, relisting } of this.#held.values()) {
      if (record.session.state !== 'closed') record.session.destroy();
      relisting.close();
      record.close();
    }
  }

  #need(id: string): Held {
    const held = this.#held.get(id);
    if (held === undefined) {
      throw new UsageError('BAD_ARGUMENT', 'This session is not there any more.', {
        hint: 'Sign in to the target again.',
      });
    }
    return held;
  }

  #update(id: string, change: Partial<SessionEntry>): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    held.entry = { ...held.entry, ...change };
    this.#broadcast.changed();
  }

  async #login(input: LoginInput, attempt: Attempt): Promise<SessionEntry> {
    const { host, port, target, chap, options, tlsKey = null } = input;
    const { secrets, book, explorer } = this.#parts;
    const place = { host, port, target };
    const chapped = await chapOptions(secrets, place, chap);
    const secured = await tlsOptions(secrets, place, options, tlsKey);
    await resolveHost(host, attempt);
    // A sign-in that fails keeps its number: what was recorded of it goes by that.
    this.#attempts += 1;
    const number = this.#attempts;
    const id = `session-${String(number)}`;
    const tap = this.#tapFor({ kind: 'session', id, number, target, portal: portalId(input) });
    let session: Session;
    try {
      session = await connect(
        { host, port },
        {
          target,
          initiatorName: explorer.initiatorName,
          signal: attempt.signal,
          ...connectOptions(options, secured),
          ...(chapped === undefined ? {} : { chap: chapped }),
          ...(tap === undefined ? {} : { tap }),
          onEvent: (event) => {
            if (event.kind === 'step') attempt.step(event.step, event.text);
          },
        },
      );
    } catch (error) {
      nameRecording(error, id);
      if (!attempt.signal.aborted)
        book.write(
          'error',
          target,
          `Sign-in through ${portalId(input)}: ${error instanceof Error ? error.message : String(error)}`,
        );
      throw error;
    }
    attempt.step('login', 'Logged in.');
    const keep = input.keepSecrets && !explorer.isDemo(place);
    await keepSecrets(secrets, place, chap, keep);
    await keepTlsKey(secrets, place, tlsKey, keep);
    if (input.save) await this.#keepProfile(input);
    return this.#take(id, number, session, input);
  }

  async #take(
    id: string,
    number: number,
    session: Session,
    { host, port, target, chap }: LoginInput,
  ): Promise<SessionEntry> {
    const { book, log } = this.#parts;
    const record = new SessionRecord(
      id,
      session,
      () => {
        for (const changed of this.#details.get(id) ?? []) changed();
      },
      log,
    );
    const now = Date.now();
    const user = chap?.user ?? null;
    const entry: SessionEntry = {
      id,
      number,
      host,
      port,
      target,
      user,
      since: now,
      openedAt: now,
      error: null,
      luns: null,
      lunsError: null,
      lunsAt: null,
      scanning: true,
      ...record.summary,
    };
    const relisting = new Relisting(async () => {
      if (session.state !== 'full') return false;
      await this.rescan(id).catch(log);
      return true;
    });
    this.#held.set(id, { entry, record, chapUser: user, relisting, listings: 0 });
    session.on('event', ({ kind }) => {
      if (kind === 'units') relisting.hint();
    });
    session.on('state', (to, from, reason) => {
      // Signing out is what the person asked for.
      const error = reason === undefined || reason instanceof CancelledError ? null : toWireError(reason, log);
      this.#update(id, { ...record.summary, since: Date.now(), error: to === 'full' ? null : error });
      const level = error === null ? 'info' : to === 'closed' ? 'error' : 'warning';
      book.write(
        level,
        target,
        `Session ${String(number)} went from ${from} to ${to}${error === null ? '.' : `: ${error.message}`}`,
      );
      // Another unit stands behind a LUN, so the list is not true any more.
      const changed = session.machine.core.units.all.some((unit) => unit.changed !== undefined);
      if (to === 'full' && (changed || relisting.owed)) relisting.hint();
    });
    book.write('info', target, `Session ${String(number)} is up through ${portalId({ host, port })}.`);
    for (const warning of record.summary.warnings) book.write('warning', target, warning);
    this.#broadcast.changed();
    await this.rescan(id);
    return this.#held.get(id)?.entry ?? entry;
  }

  #keepProfile({ host, port, target, chap, options }: LoginInput): Promise<void> {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    return this.#parts.explorer.keepProfile({
      host,
      port,
      target,
      user: chap?.user ?? null,
      targetUser: chap?.mutual?.user ?? null,
      mutual: chap !== null && chap.mutual !== null,
      secrets: 'none',
      options: Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
    });
  }
}
