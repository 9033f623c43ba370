import { CancelledError, type LunascopeError } from '../errors/index.ts';
import { ISCSI_PORT, type KeyOutcome, type LoginResult, type SessionParameters } from '../login/index.ts';
import { connectPortal, type PortalConnector } from '../node/connect.ts';
import { hostInitiatorNames } from '../node/initiator-names.ts';
import { SessionDriver } from '../node/session-driver.ts';
import { tlsSettings, type TlsFacts, type TlsOptions } from '../node/tls.ts';
import type { TextPair } from '../pdu/index.ts';
import type {
  AsyncEvent,
  LogoutAnswer,
  MetricKind,
  PduTap,
  SessionEvent,
  SessionHooks,
  SessionMachine,
  SessionOptions,
  SessionState,
} from '../session/index.ts';
import { shapeTransfer, tuningFacts, type BurstPlan, type TransferShape, type TransferTuning } from './burst-plan.ts';
import { Commander } from './command.ts';
import { openDisk, type Disk } from './disk.ts';
import { promised } from './execute.ts';
import { logLine } from './log-line.ts';
import { listLuns, type LunEntry } from './luns.ts';
import {
  burstPlanOf,
  checkRange,
  DEFAULTS,
  sessionOptions,
  type CommonOptions,
  type ConnectOptions,
  type Portal,
} from './options.ts';
import { pduHookTap } from './pdu-hook.ts';
import { ProtocolOps } from './protocol-ops.ts';
import { RawOps, type LunAddress } from './raw.ts';
import { ScsiOps } from './scsi-ops.ts';
import { shielded } from './shielded.ts';
import { TapList } from './tap-list.ts';
import { TaskOps } from './task-ops.ts';

/** One metric as listeners get it. */
export interface MetricEvent {
  readonly kind: MetricKind;
  readonly opcode: number;
  readonly bytes: number;
  readonly latencyMs: number;
}

/** What can be listened to. */
export interface SessionListeners {
  state: (to: SessionState, from: SessionState, reason: LunascopeError | undefined) => void;
  async: (event: AsyncEvent) => void;
  metrics: (event: MetricEvent) => void;
  pdu: (direction: 'sent' | 'received', pdu: Uint8Array) => void;
  event: (event: SessionEvent) => void;
}

type ListenerName = keyof SessionListeners;

/** A session with a target (RFC 7143 4.2). */
export class Session {
  readonly options: SessionOptions;
  readonly scsi: ScsiOps;
  readonly raw: RawOps;
  readonly tasks: TaskOps;
  readonly protocol: ProtocolOps;
  readonly #driver: SessionDriver;
  readonly #commander: Commander;
  readonly #hooks: SessionHooks = {};
  readonly #taps = new TapList();
  readonly #listeners: { [N in ListenerName]: Set<SessionListeners[N]> } = {
    state: new Set(),
    async: new Set(),
    metrics: new Set(),
    pdu: new Set(),
    event: new Set(),
  };
  readonly #caller: CommonOptions & Partial<ConnectOptions>;
  #login: LoginResult | undefined;
  readonly #plan: BurstPlan;
  #tls: TlsFacts | undefined;

  private constructor(options: SessionOptions, caller: CommonOptions & Partial<ConnectOptions>, streamDepth: number) {
    this.options = options;
    if (caller.tap !== undefined) this.addTap(caller.tap);
    if (caller.onPdu !== undefined) this.addTap(pduHookTap(caller.onPdu));
    this.#caller = caller;
    this.#plan = burstPlanOf(caller);
    this.#listenToMetrics();
    this.#hooks.onEvent = (event) => {
      this.#onEvent(event, caller);
    };
    const connector = caller.tls === undefined ? undefined : this.#connectInTls(caller.tls, options.connectTimeoutMs);
    this.#driver = new SessionDriver(options, this.#hooks, connector);
    const machine = this.#driver.machine;
    this.#commander = new Commander(machine, (text, error) => {
      this.#onEvent({ kind: 'warning', text: error === undefined ? text : `${text} (${error.message})` }, caller);
    });
    this.scsi = new ScsiOps(this.#commander);
    this.raw = new RawOps(machine, streamDepth);
    this.tasks = new TaskOps(machine);
    this.protocol = new ProtocolOps(machine);
  }

  /** Connects and logs in; on any failure nothing is left open. */
  static async open(
    options: SessionOptions,
    caller: CommonOptions & Partial<ConnectOptions>,
    streamDepth: number,
  ): Promise<Session> {
    const { signal } = caller;
    const called = (): CancelledError =>
      new CancelledError('CANCELLED', 'The login was called off.', { cause: signal?.reason });
    if (signal?.aborted === true) throw called();
    const session = new Session(options, caller, streamDepth);
    const onAbort = (): void => {
      session.destroy(called());
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      if (caller.initiatorName !== undefined) await session.#warnOfHostName(caller.initiatorName);
      // Called off while the name was looked up: the session is closed already.
      if (session.state === 'closed') throw called();
      session.#login = await promised<LoginResult>((done) => {
        session.machine.start(done);
      });
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
    return session;
  }

  #connectInTls(options: TlsOptions, timeoutMs: number): PortalConnector {
    const settings = tlsSettings(options);
    const secured = (facts: TlsFacts): void => {
      this.#tls = facts;
      const { protocol, cipher, subject, problem } = facts;
      const whose = `certificate of ${subject === '' ? 'an unnamed peer' : subject}`;
      this.#hooks.onEvent?.({
        kind: 'step',
        step: 'connect',
        text: `Encrypted with ${protocol}, ${cipher}; ${whose}, ${facts.verified ? 'verified' : 'not verified'}.`,
      });
      if (settings.verify) return;
      const found = problem === undefined ? '' : ` (${problem})`;
      const text = `TLS certificates are not verified: anyone in between can read and change everything${found}.`;
      this.#hooks.onEvent?.({ kind: 'warning', text });
    };
    return (address, onread, callbacks) => connectPortal(address, onread, callbacks, { settings, timeoutMs, secured });
  }

  /** Two sessions of one name and ISID replace each other, and many targets go by the name alone (RFC 7143 6.3.5). */
  async #warnOfHostName(name: string): Promise<void> {
    if (!(await hostInitiatorNames()).includes(name)) return;
    const text = `${name} is the name of this computer's own initiator: logging in with it can end its sessions.`;
    this.#hooks.onEvent?.({ kind: 'warning', text });
  }

  /** The protocol machine underneath, for callers that submit tasks by callback. */
  get machine(): SessionMachine {
    return this.#driver.machine;
  }

  get state(): SessionState {
    return this.machine.core.state;
  }

  /** Goes up with every login; what was learnt under an earlier one may no longer hold. */
  get generation(): number {
    return this.machine.core.generation;
  }

  /** What the login agreed. */
  get parameters(): SessionParameters {
    return this.login.parameters;
  }

  /** Every key of the negotiation: offered, answered, result, default, who limited it. */
  get negotiated(): readonly KeyOutcome[] {
    return this.login.parameters.negotiated;
  }

  /** How bursts and segments were chosen, and what the target made of it. */
  get tuning(): TransferTuning {
    return tuningFacts(this.#plan, this.parameters);
  }

  /** How a transfer of so many bytes crosses the wire under what was agreed. */
  shapeOf(bytes: number): TransferShape {
    return shapeTransfer(bytes, this.parameters);
  }

  /** What the latest TLS handshake came to; undefined where the session runs over bare TCP. */
  get tls(): TlsFacts | undefined {
    return this.#tls;
  }

  /** The login as a whole: exchanges, warnings, authentication. */
  get login(): LoginResult {
    if (this.#login === undefined) throw new Error('The session has not logged in.');
    return this.#login;
  }

  /** The LUNs of the target (REPORT LUNS), decoded. */
  luns(options: { readonly signal?: AbortSignal } = {}): Promise<LunEntry[]> {
    return listLuns(this.#commander, options);
  }

  /** Asks again for the LUNs; what was opened before must be opened anew to see changes. */
  rescan(options: { readonly signal?: AbortSignal } = {}): Promise<LunEntry[]> {
    return this.luns(options);
  }

  /** Opens a LUN whose blocks can be read by address. */
  disk(lun: LunAddress, options: { readonly signal?: AbortSignal } = {}): Promise<Disk> {
    return openDisk(this.#commander, lun, options, this.#plan.transferBytes ?? undefined);
  }

  /** Adds a connection, where the target agreed to several; to the same portal unless another is given. Returns its number. */
  addConnection(portal?: Portal, options: { readonly signal?: AbortSignal } = {}): Promise<number> {
    const { signal } = options;
    const address =
      portal === undefined
        ? undefined
        : { host: portal.host, port: checkRange('port', portal.port ?? ISCSI_PORT, 1, 65535), groupTag: null };
    return promised((done) => {
      this.machine.addConnection(address, (id, error) => {
        // Nobody knows of one that was called off before it was there.
        if (id !== undefined && signal?.aborted === true)
          this.machine.logoutConnection(id, 1, this.options.logoutTimeoutMs, () => undefined);
        done(id, error);
      });
    }, signal);
  }

  /** The numbers of the connections in full feature phase. */
  get connections(): readonly number[] {
    return [...this.machine.core.connections.values()].filter((each) => each.phase === 'full').map((each) => each.id);
  }

  /** Exchanges text (RFC 7143 11.10). */
  text(
    pairs: readonly TextPair[],
    timeoutMs = this.options.commandTimeoutMs,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly TextPair[]> {
    return promised((done) => {
      this.machine.text(pairs, timeoutMs, done);
    }, options.signal);
  }

  /** Lets what runs finish, tells the target, and closes. */
  async logout(options: { readonly signal?: AbortSignal } = {}): Promise<LogoutAnswer | undefined> {
    return promised<LogoutAnswer | undefined>((done) => {
      this.machine.logout(this.options.logoutTimeoutMs, done);
    }, options.signal);
  }

  /** Drops the session at once, without a word to the target. */
  destroy(reason: LunascopeError = new CancelledError('SESSION_CLOSED', 'The session was closed.')): void {
    this.#driver.destroy(reason);
  }

  /** Lets a tap see every PDU from now on; call what it returns to end that. */
  addTap(tap: PduTap): () => void {
    const remove = this.#taps.add(tap);
    this.#hooks.tap = this.#taps;
    return () => {
      remove();
      if (this.#taps.size === 0) this.#hooks.tap = undefined;
    };
  }

  /** Listens; call what it returns to stop. */
  on<N extends ListenerName>(name: N, listener: SessionListeners[N]): () => void {
    if (name === 'pdu') return this.addTap(pduHookTap(listener as SessionListeners['pdu']));
    const set: Set<SessionListeners[N]> = this.#listeners[name];
    set.add(listener);
    this.#listenToMetrics();
    return () => {
      set.delete(listener);
      this.#listenToMetrics();
    };
  }

  /** The caller's own hook and every listener, each once; nothing at all while there is neither. */
  #listenToMetrics(): void {
    const listeners = this.#listeners.metrics;
    const own = this.#caller.metrics;
    this.#hooks.metrics =
      own === undefined && listeners.size === 0
        ? undefined
        : (kind, opcode, bytes, latencyMs) => {
            shielded(() => own?.(kind, opcode, bytes, latencyMs));
            for (const listener of listeners)
              shielded(() => {
                listener({ kind, opcode, bytes, latencyMs });
              });
          };
  }

  /** Tells every listener, each by itself: what one of them throws keeps no other from hearing. */
  #onEvent(event: SessionEvent, caller: CommonOptions & Partial<ConnectOptions>): void {
    if (event.kind === 'login' && event.connection === 0) this.#login = event.result;
    shielded(() => caller.onEvent?.(event));
    for (const listener of this.#listeners.event)
      shielded(() => {
        listener(event);
      });
    if (caller.logger !== undefined) {
      const { logger } = caller;
      const { level, text } = logLine(event);
      shielded(() => {
        logger[level](text);
      });
    }
    if (event.kind === 'state')
      for (const listener of this.#listeners.state)
        shielded(() => {
          listener(event.to, event.from, event.reason);
        });
    if (event.kind === 'async') {
      shielded(() => caller.onAsync?.(event.event));
      for (const listener of this.#listeners.async)
        shielded(() => {
          listener(event.event);
        });
    }
  }
}

/** Connects to a portal and logs in to a target; redirects are followed. */
export async function connect(portal: Portal, options: ConnectOptions): Promise<Session> {
  // A segment is what one PDU brought, so the two limits bound the same queue.
  const depth = Math.min(
    checkRange('streamDepth', options.streamDepth ?? DEFAULTS.streamDepth, 1, 1024),
    checkRange('routerDepth', options.routerDepth ?? DEFAULTS.routerDepth, 1, 4096),
  );
  return Session.open(sessionOptions(portal, options, 'Normal'), options, depth);
}
