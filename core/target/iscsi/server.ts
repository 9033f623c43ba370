import { serialAdd, toHex } from '../../bytes/index.ts';
import { UsageError } from '../../errors/index.ts';
import {
  TargetLogin,
  type Admission,
  type PortalAddress,
  type SessionParameters,
  type TargetLoginOutcome,
  type TargetLoginRequest,
  type TargetResolution,
} from '../../login/index.ts';
import { makeNexus } from '../unit/nexus.ts';
import type { Outcome } from '../unit/outcome.ts';
import { outcomeOfError } from '../unit/refusals.ts';
import { sendAsyncMessage, type AsyncEvent } from './async-message.ts';
import { Connection } from './connection.ts';
import { continueTask } from './execute.ts';
import { detachTasks } from './recovery.ts';
import { Session } from './session.ts';
import { Target } from './target.ts';
import type { Task } from './task.ts';
import {
  DEFAULT_LIMITS,
  type ConnectionOrigin,
  type ConnectionSink,
  type KeepAlive,
  type Portal,
  type ServerConfig,
  type ServerEnvironment,
  type ServerEvent,
  type ServerLimits,
  type ServerListener,
  type SessionInfo,
  type TargetDefinition,
} from './types.ts';
import { abortTask, failTask } from './task-end.ts';
import { DATA_TIMEOUT, takeMemory } from './write-data.ts';
import { WriteMemory } from './write-memory.ts';

const NO_KEEP_ALIVE: KeepAlive = { intervalMs: 0, timeoutMs: 0 };

/** An iSCSI target server as a machine: targets, portals, sessions and connections; sockets and clock are the caller's. */
export class TargetServer {
  readonly limits: ServerLimits;
  readonly environment: ServerEnvironment;
  readonly memory: WriteMemory;
  readonly keepAlive: KeepAlive;
  readonly portals: Portal[] = [];
  /** The time of the last input; advanced by every call that brings one. */
  now = 0;
  /** Bytes of commands that wait for their turn, over all sessions. */
  heldBytes = 0;
  readonly #config: ServerConfig;
  readonly #targets = new Map<string, Target>();
  readonly #sessions = new Map<number, Session>();
  readonly #connections = new Set<Connection>();
  readonly #listeners = new Set<ServerListener>();
  readonly #redirects = new Map<string, { readonly address: PortalAddress; readonly permanent: boolean }>();
  #tsih = 0;

  constructor(config: ServerConfig) {
    this.#config = config;
    this.environment = config.environment;
    this.limits = { ...DEFAULT_LIMITS, ...config.limits };
    this.keepAlive = config.keepAlive ?? NO_KEEP_ALIVE;
    this.memory = new WriteMemory(this.limits, (task) => {
      takeMemory(task);
      continueTask(task);
    });
  }

  /** The targets, in the order they were added. */
  get targets(): readonly Target[] {
    return [...this.#targets.values()];
  }

  /** Initiators that are logged in. */
  get sessions(): readonly SessionInfo[] {
    return [...this.#sessions.values()].map((session) => session.info());
  }

  /** Connections open, logged in or not. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Adds a target; a name can be there once. */
  addTarget(definition: TargetDefinition): Target {
    const target = new Target(definition);
    if (this.#targets.has(target.name))
      throw new UsageError('BAD_ARGUMENT', `There is a target ${target.name} already.`);
    this.#targets.set(target.name, target);
    return target;
  }

  /** Takes a target away and ends its sessions. */
  removeTarget(name: string): void {
    const target = this.#targets.get(name);
    if (target === undefined) return;
    this.#targets.delete(name);
    this.dropTarget(target, 'the target was removed');
  }

  /** A target by its name. */
  target(name: string): Target | undefined {
    return this.#targets.get(name);
  }

  /** Sends logins at a target elsewhere, or no longer (RFC 7143 11.13.5, status class 1). */
  redirect(name: string, to: { readonly address: PortalAddress; readonly permanent: boolean } | undefined): void {
    if (to === undefined) this.#redirects.delete(name);
    else this.#redirects.set(name, to);
  }

  /** Tells `listener` what goes on until the function returned is called. */
  subscribe(listener: ServerListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes a new connection in, or nothing where there are too many: then the caller closes it. */
  accept(origin: ConnectionOrigin, sink: ConnectionSink, now: number): Connection | undefined {
    this.now = now;
    let unauthenticated = 0;
    for (const { session } of this.#connections) if (session === undefined) unauthenticated += 1;
    if (this.#connections.size >= this.limits.connections || unauthenticated >= this.limits.unauthenticated)
      return undefined;
    let connection: Connection | undefined = undefined;
    const self = (): Connection => {
      if (connection === undefined) throw new Error('The connection is not there yet.');
      return connection;
    };
    const statSn = 1;
    const login = new TargetLogin({
      resolveTarget: (name, request) => this.#resolve(name, request, origin),
      admit: (request, parameters) => this.#admit(request, parameters, self()),
      sessionOf: (tsih, request) => this.#sessionFor(tsih, request, origin)?.parameters,
      discoveryAuth: this.#config.discoveryAuth ?? { kind: 'none' },
      portalGroupTag: origin.portal.groupTag,
      ...(this.#config.offers === undefined ? {} : { offers: this.#config.offers }),
      statSn,
      window: this.limits.window,
      random: this.environment.random,
      chapDigest: this.environment.chapDigest,
    });
    connection = new Connection(this, origin, sink, login, statSn);
    this.#connections.add(connection);
    this.emit({ kind: 'connectionOpened', origin });
    return connection;
  }

  /** Looks at the clock: connections, tasks and lost sessions whose time is up end. */
  timeout(now: number): void {
    this.now = now;
    for (const connection of [...this.#connections]) connection.timeout(now);
    for (const session of [...this.#sessions.values()]) {
      for (const task of [...session.tasks.values()])
        if (task.awaitsData && now >= task.dataDeadline && !task.answered) failTask(task, DATA_TIMEOUT);
      for (const [cid, lost] of session.detached)
        if (now >= lost.expires) {
          session.detached.delete(cid);
          for (const task of [...session.tasks.values()]) if (task.connection === lost.connection) void abortTask(task);
        }
      if (session.connections.size === 0 && session.detached.size === 0)
        this.endSession(session, 'the initiator did not come back');
    }
  }

  /** Tells the initiator of a session something unasked, over one of its connections (RFC 7143 11.9). */
  announce(tsih: number, event: AsyncEvent): boolean {
    const [connection] = this.#sessions.get(tsih)?.connections.values() ?? [];
    if (connection === undefined) return false;
    sendAsyncMessage(connection, event);
    return true;
  }

  /** Closes every connection. */
  close(reason = 'the target stops'): void {
    for (const connection of [...this.#connections]) connection.close(reason);
    for (const session of [...this.#sessions.values()]) this.endSession(session, reason);
  }

  /** The sessions of a target, or all. */
  sessionsOf(target?: Target): Session[] {
    return [...this.#sessions.values()].filter((session) => target === undefined || session.identity.target === target);
  }

  /** Cuts every connection to a target. */
  dropTarget(target: Target, reason: string): void {
    for (const session of this.sessionsOf(target)) {
      for (const connection of [...session.connections.values()]) connection.end(reason);
      this.endSession(session, reason);
    }
  }

  /** Tasks in progress that match, over all sessions. */
  tasksOf(matches: (task: Task) => boolean): Task[] {
    return [...this.#sessions.values()].flatMap((session) => [...session.tasks.values()].filter(matches));
  }

  /** Targets an initiator may see. */
  visibleTargets(initiatorName: string): Target[] {
    return this.targets.filter(({ definition }) => definition.initiators?.includes(initiatorName) ?? true);
  }

  /** The address an initiator is told for a portal: that of its own connection where the portal listens on all. */
  advertised(portal: Portal, origin: ConnectionOrigin): { readonly host: string; readonly port: number } {
    const anywhere = portal.host === '0.0.0.0' || portal.host === '::';
    return { host: anywhere ? origin.localAddress : portal.host, port: portal.port };
  }

  /** Memory for bytes that will all be written. */
  allocate(length: number): Uint8Array {
    return this.environment.allocate?.(length) ?? new Uint8Array(length);
  }

  /** What a store's or handler's failure is to the initiator. */
  outcomeOf(error: unknown): Outcome {
    return outcomeOfError(error);
  }

  /** Takes a connection that has logged in into its session. */
  enter(connection: Connection, outcome: Extract<TargetLoginOutcome, { kind: 'accepted' }>): void {
    const session = this.#sessions.get(outcome.tsih);
    if (session === undefined) {
      connection.close('its session ended during login');
      return;
    }
    const first = session.connections.size === 0 && session.detached.size === 0;
    connection.session = session;
    session.connections.set(connection.cid, connection);
    if (!first) return;
    session.chapUser = outcome.chapUser;
    if (!session.discovery)
      for (const unit of session.target.units.values()) {
        unit.abortNexusTasks = (id) => {
          for (const task of this.tasksOf((each) => each.unit === unit && each.session.nexus.id === id))
            void abortTask(task);
        };
        unit.addNexus(session.nexus, this.#config.powerOnUnitAttention ?? true);
      }
    this.emit({ kind: 'sessionOpened', session: session.info() });
  }

  /** Lets go of a closed connection. */
  forget(connection: Connection, reason: string): void {
    if (!this.#connections.delete(connection)) return;
    const { session } = connection;
    if (session !== undefined) {
      for (const [cmdSn, held] of session.held)
        if (held !== 'aborted' && held.connection === connection) session.unhold(cmdSn);
      detachTasks(connection);
      if (session.connections.get(connection.cid) === connection) session.connections.delete(connection.cid);
      if (session.open && session.connections.size === 0 && session.detached.size === 0)
        this.endSession(session, reason);
    }
    this.emit({ kind: 'connectionClosed', origin: connection.origin, reason });
  }

  /** Ends a session: its tasks, its connections but one, and what its nexus held. */
  endSession(session: Session, reason: string, except?: Connection): void {
    if (!session.open) return;
    session.open = false;
    this.#sessions.delete(session.identity.tsih);
    for (const task of [...session.tasks.values()]) void abortTask(task);
    for (const cmdSn of [...session.held.keys()]) session.unhold(cmdSn);
    session.detached.clear();
    this.emit({ kind: 'sessionClosed', session: session.info(), reason });
    for (const connection of [...session.connections.values()]) if (connection !== except) connection.end(reason);
    if (!session.discovery) for (const unit of session.target.units.values()) unit.loseNexus(session.nexus.id);
  }

  /** Says that a login was turned away. */
  reportRefusal(connection: Connection, outcome: Extract<TargetLoginOutcome, { kind: 'refused' }>): void {
    const { statusClass, statusDetail, reason, request } = outcome;
    const { origin } = connection;
    const initiatorName = request?.initiatorName ?? null;
    this.emit({
      kind: 'loginRefused',
      origin,
      initiatorName,
      targetName: request?.targetName ?? null,
      statusClass,
      statusDetail,
      reason,
    });
  }

  /** Says how a command ended; costs nothing while nobody listens. */
  reportCommand(task: Task, status: number): void {
    if (this.#listeners.size === 0) return;
    const { session } = task;
    this.emit({
      kind: 'command',
      tsih: session.identity.tsih,
      initiatorName: session.identity.initiatorName,
      targetName: session.target.name,
      lun: task.lun,
      cdb: task.cdb.slice(),
      status,
      bytesIn: task.sentBytes,
      bytesOut: Math.min(task.received, task.wanted),
    });
  }

  /** Tells every listener. */
  emit(event: ServerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #resolve(name: string, request: TargetLoginRequest, origin: ConnectionOrigin): TargetResolution {
    const target = this.#targets.get(name);
    if (!target?.servesGroup(origin.portal.groupTag)) return { kind: 'notFound' };
    const redirect = this.#redirects.get(name);
    if (redirect !== undefined) return { kind: 'redirect', ...redirect };
    if (target.closed !== undefined) return { kind: target.closed };
    const { definition } = target;
    if (definition.initiators?.includes(request.initiatorName) === false) return { kind: 'forbidden' };
    return {
      kind: 'found',
      auth: definition.auth ?? { kind: 'none' },
      ...(definition.alias === undefined ? {} : { alias: definition.alias }),
      ...(definition.offers === undefined ? {} : { offers: { ...this.#config.offers, ...definition.offers } }),
    };
  }

  #sessionFor(tsih: number, request: TargetLoginRequest, origin: ConnectionOrigin): Session | undefined {
    const session = this.#sessions.get(tsih);
    if (session === undefined) return undefined;
    const { identity } = session;
    const same =
      identity.initiatorName === request.initiatorName &&
      toHex(identity.isid) === toHex(request.isid) &&
      (identity.target?.name ?? null) === request.targetName &&
      identity.portalGroupTag === origin.portal.groupTag;
    return same ? session : undefined;
  }

  #admit(request: TargetLoginRequest, parameters: SessionParameters, connection: Connection): Admission {
    if (request.tsih !== 0) return this.#join(request, connection);
    const target = request.targetName === null ? undefined : this.#targets.get(request.targetName);
    const { groupTag } = connection.origin.portal;
    // Session reinstatement: the same initiator port at the same target port ends what it had (RFC 7143 6.3.5).
    for (const old of this.sessionsOf(target))
      if (
        target !== undefined &&
        old.identity.initiatorName === request.initiatorName &&
        old.identity.portalGroupTag === groupTag &&
        toHex(old.identity.isid) === toHex(request.isid)
      )
        this.endSession(old, 'the initiator logged in anew');
    if (this.#sessions.size >= this.limits.sessions)
      return { kind: 'refused', statusClass: 3, statusDetail: 2, reason: 'there are too many sessions' };
    const tsih = this.#freeHandle();
    const { initiatorName, isid } = request;
    const nexus = target === undefined ? undefined : makeNexus(initiatorName, toHex(isid), target.portOf(groupTag));
    const session = new Session(
      this,
      { tsih, initiatorName, isid, target, nexus, portalGroupTag: groupTag },
      parameters,
      request.cmdSn,
    );
    this.#sessions.set(tsih, session);
    return { kind: 'admitted', tsih, expCmdSn: session.expCmdSn, maxCmdSn: session.maxCmdSn };
  }

  #join(request: TargetLoginRequest, connection: Connection): Admission {
    const session = this.#sessionFor(request.tsih, request, connection.origin);
    if (session === undefined)
      return { kind: 'refused', statusClass: 2, statusDetail: 10, reason: 'there is no such session' };
    const old = session.connections.get(request.cid);
    if (old !== undefined) {
      // Connection reinstatement; the session must not end with its only connection (RFC 7143 6.3.4).
      session.connections.set(request.cid, connection);
      old.close('the initiator reconnected it');
    } else if (session.connections.size >= session.parameters.maxConnections)
      return { kind: 'refused', statusClass: 2, statusDetail: 6, reason: 'the session has all its connections' };
    return { kind: 'admitted', tsih: request.tsih, expCmdSn: session.expCmdSn, maxCmdSn: session.maxCmdSn };
  }

  #freeHandle(): number {
    do this.#tsih = serialAdd(this.#tsih, 1) & 0xffff || 1;
    while (this.#sessions.has(this.#tsih));
    return this.#tsih;
  }
}
