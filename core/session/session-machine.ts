import { CancelledError, LunascopeError, TransportError, UsageError } from '../errors/index.ts';
import type { LoginResult, PortalAddress } from '../login/index.ts';
import type { TextPair } from '../pdu/index.ts';
import { checkConnections } from './clock.ts';
import type { Connection } from './connection.ts';
import { Connector } from './connector.ts';
import type { LogoutAnswer } from './control.ts';
import { SessionCore, type SessionHooks } from './core.ts';
import { lateTask } from './deadlines.ts';
import { dispatchPdu } from './dispatch.ts';
import { keepEarly, takeEarly } from './early-status.ts';
import type { SessionHost, TapEnd, TapEndpoints } from './host.ts';
import type { UnitIdentity } from './identity.ts';
import { gracefulLogout, leaveAndReturn, logOutConnection } from './logout.ts';
import { failControls, failTasks, inOrder, lostTask } from './loss.ts';
import type { SessionOptions } from './options.ts';
import { endHolders, releaseReading, waitsForReader } from './reading.ts';
import { settleTask } from './reassign.ts';
import type { AsyncAction } from './receive-control.ts';
import { stopRechecks } from './recheck.ts';
import { Recovery } from './recovery.ts';
import { abortTask, confirmAllStatuses, sendPing, sendText, sendTmf, type TmfInput } from './requests.ts';
import { closedError, continueDataOut, sendQueued, submitTask } from './send-command.ts';
import { sessionSink, type PduHandler } from './sink.ts';
import type { Task } from './task.ts';
import type { ChunkWriter } from './transmit.ts';

/** How a connection ends that this side gives up. */
const CLOSING = 'initiator-closed';

type Done<T> = (value: T | undefined, error: LunascopeError | undefined) => void;

/**
 * The initiator's side of a session as a machine: inputs are bytes, requests and the clock; outputs are bytes to send,
 * events, and the moment it next wants to be called (RFC 7143 4.2, 7).
 */
export class SessionMachine {
  readonly core: SessionCore;
  readonly #connector: Connector;
  readonly #recovery: Recovery;
  #ready: Done<LoginResult> | undefined;

  constructor(options: SessionOptions, host: SessionHost, hooks: SessionHooks = {}) {
    this.core = new SessionCore(options, host, hooks);
    this.#connector = new Connector(this.core, (get) => sessionSink(this.core, get, this.#handlePdu));
    this.#recovery = new Recovery(this.core, this.#connector, {
      drop: (connection, error) => {
        this.#drop(connection, error, CLOSING);
      },
      end: (error) => {
        this.#end(error);
      },
    });
  }

  /** Connects and logs in; `ready` is called once. */
  start(ready: Done<LoginResult>): void {
    if (this.core.state !== 'idle') {
      ready(undefined, closedError(this.core));
      return;
    }
    this.#ready = ready;
    this.#connector.open(0, this.core.options.portal, 'lead', (result, error) => {
      if (result === undefined) {
        this.#end(error ?? closedError(this.core));
        return;
      }
      this.core.move('full');
      this.#settle(result, undefined);
    });
  }

  /** Adds a connection to the session, where MaxConnections allows one more; `done` gets its number (RFC 7143 4.2). */
  addConnection(address: PortalAddress | undefined, done: Done<number>): void {
    const { core } = this;
    const refusal = core.refusal();
    const most = core.parameters?.maxConnections ?? 1;
    if (refusal !== undefined || core.tsih === 0 || core.connections.size >= most) {
      const sentence =
        core.tsih === 0
          ? 'The target gave this session no handle, so no connection can join it.'
          : `This session may have ${String(most)} connection${most === 1 ? '' : 's'}, and has ${String(core.connections.size)}.`;
      done(undefined, refusal ?? new UsageError('LIMIT_REACHED', sentence, { details: { maxConnections: most } }));
      return;
    }
    let id = 0;
    while (core.connections.has(id)) id += 1;
    this.#connector.open(id, address ?? core.options.portal, 'join', (result, error) => {
      done(result === undefined ? undefined : id, error);
      sendQueued(core);
    });
  }

  /** The host's word that a connection it was asked to open is up. */
  connected(id: number, endpoints: TapEndpoints): void {
    const connection = this.core.connections.get(id);
    if (connection === undefined) return;
    this.#guard(connection, () => {
      this.#connector.connected(connection, endpoints);
    });
  }

  /** The host's word that a connection could not be opened, or is gone, and how it ended where that is known. */
  connectionLost(id: number, error: LunascopeError, end: TapEnd = 'unknown'): void {
    const connection = this.core.connections.get(id);
    if (connection === undefined) return;
    this.#drop(connection, connection.phase === 'logged-out' ? undefined : error, end);
  }

  /** Where the next bytes of a connection are to be read to, if at least `least` of a data segment are missing. */
  directBuffer(id: number, least: number): Uint8Array | undefined {
    return this.core.connections.get(id)?.framer.missingData(least);
  }

  /** Takes `length` bytes that were read into `directBuffer`. */
  receiveDirect(id: number, length: number): void {
    const connection = this.core.connections.get(id);
    if (connection === undefined) return;
    connection.lastHeardAt = this.core.host.now();
    connection.counters.bytesIn += length;
    this.#guard(connection, () => {
      connection.framer.receiveDirect(length);
    });
  }

  /** Takes bytes `from` to `to` of `chunk`. */
  receive(id: number, chunk: Uint8Array, from: number, to: number): void {
    const connection = this.core.connections.get(id);
    if (connection === undefined) return;
    this.#guard(connection, () => {
      connection.receive(chunk, from, to);
    });
  }

  #guard(connection: Connection, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof LunascopeError)) throw error;
      this.#drop(connection, error, CLOSING);
    }
    if (this.core.queue.size > 0 || this.core.probes.size > 0) sendQueued(this.core);
  }

  readonly #handlePdu: PduHandler = (connection, bytes, at, ahsLength, data, wireAt) => {
    const { core } = this;
    if (core.connections.get(connection.id) !== connection) return;
    const opcode = (bytes[at] as number) & 0x3f;
    connection.counters.pdusIn += 1;
    connection.tapIncoming(bytes, at, ahsLength, data, wireAt);
    if (core.hooks.metrics !== undefined) core.hooks.metrics('pdu-received', opcode, data.length, 0);
    if (connection.phase !== 'full') {
      this.#connector.handlePdu(connection, opcode, bytes, at, data);
      return;
    }
    if (keepEarly(core, connection, opcode, bytes, at, data)) return;
    this.#act(connection, dispatchPdu(core, connection, opcode, bytes, at, data));
    for (;;) {
      const early = takeEarly(core, connection);
      if (early === undefined || core.connections.get(connection.id) !== connection) return;
      this.#act(connection, dispatchPdu(core, connection, early.opcode, early.bytes, 0, early.data));
    }
  };

  #settle(result: LoginResult | undefined, error: LunascopeError | undefined): void {
    const ready = this.#ready;
    this.#ready = undefined;
    ready?.(result, error);
  }

  #act(connection: Connection, action: AsyncAction): void {
    const { core } = this;
    switch (action.kind) {
      case 'none':
        return;
      case 'logout':
        leaveAndReturn(
          core,
          this.#recovery.timers,
          connection,
          Math.max(1, action.withinSeconds) * 1000,
          (error, wait) => {
            if (core.options.maxReconnectAttempts === 0) core.closeReason ??= error;
            this.#drop(connection, error, CLOSING, wait);
          },
        );
        return;
      case 'drop': {
        const gone =
          action.connection === 'all' ? [...core.connections.values()] : [core.connections.get(action.connection)];
        for (const each of gone) if (each !== undefined) this.#drop(each, action.error, CLOSING, action.waitSeconds);
        return;
      }
      case 'abort':
        for (const task of action.tasks) this.abort(task, action.error);
        return;
      case 'negotiate': {
        const length = connection.parameters?.ownMaxRecvDataSegmentLength ?? 8192;
        const pairs: TextPair[] = [{ key: 'MaxRecvDataSegmentLength', value: String(length) }];
        sendText(core, pairs, Math.max(1, action.withinSeconds) * 1000, () => undefined, connection.id);
      }
    }
  }

  /** Gives a connection up. Recovery takes over where there is a way back; without one the session ends with its last connection. */
  #drop(connection: Connection, error: LunascopeError | undefined, end: TapEnd, waitSeconds = 0): void {
    const core = this.core;
    if (core.connections.get(connection.id) !== connection) return;
    const open = connection.phase === 'full' || connection.phase === 'logged-out';
    core.connections.delete(connection.id);
    connection.phase = 'closed';
    if (end === CLOSING) core.host.close(connection.id);
    const reason = error ?? core.closeReason ?? new CancelledError('SESSION_CLOSED', 'The session was closed.');
    connection.tapClose(reason.message, end);
    connection.onIdle?.();
    if (this.#connector.lost(connection, reason)) return;
    const returns = open && error !== undefined && (core.state === 'full' || core.state === 'recovering');
    if (returns && this.#recovery.lost(connection, error, waitSeconds)) return;
    failControls(core, connection, reason);
    const tasks = inOrder(core.tasks.all()).filter((task) => task.connection === connection.id);
    const other = core.pickConnection(-1);
    if (core.state === 'full' && other !== undefined && !(other instanceof UsageError)) {
      const left = new TransportError('CONNECTION_CLOSED', 'The connection was logged out of.', { retryable: true });
      for (const task of tasks) settleTask(core, other, task, left, false);
      core.emit({ kind: 'connection', connection: connection.id, change: 'closed', text: left.message });
      sendQueued(core);
      return;
    }
    if (core.connections.size === 0) stopRechecks(core);
    for (const task of tasks) core.finish(task, lostTask(task, reason));
    if (core.connections.size > 0) {
      core.emit({ kind: 'connection', connection: connection.id, change: 'closed', text: reason.message });
      return;
    }
    this.#end(reason, error === undefined ? closedError(core) : reason);
  }

  /** The session is over. */
  #end(reason: LunascopeError, unsent = reason): void {
    const core = this.core;
    if (core.state === 'closed') return;
    core.closeReason ??= reason;
    this.#recovery.stop();
    stopRechecks(core);
    for (const connection of [...core.connections.values()]) {
      core.connections.delete(connection.id);
      connection.phase = 'closed';
      connection.tapClose(reason.message, CLOSING);
      core.host.close(connection.id);
      connection.onIdle?.();
      if (!this.#connector.lost(connection, reason)) failControls(core, connection, reason);
    }
    failTasks(core, reason, unsent);
    core.move('closed', reason);
    this.#settle(undefined, reason);
  }

  /** Takes a SCSI task; its `onDone` is called once. */
  submit(task: Task): void {
    submitTask(this.core, task);
  }

  /** Calls a task off (ABORT TASK where it was sent); it ends with `reason`. */
  abort(task: Task, reason: LunascopeError): void {
    abortTask(this.core, task, reason, (id, why) => {
      this.giveUp(id, why);
    });
  }

  /** Goes on with a task whose data source has more. */
  resumeDataOut(task: Task): void {
    continueDataOut(this.core, task);
  }

  /** Goes on reading for a task whose consumer has room again. */
  resumeDataIn(task: Task): void {
    const connection = this.core.connections.get(task.connection);
    if (connection !== undefined) releaseReading(this.core, connection, task);
  }

  /** Sends a task management function. */
  manageTasks(input: TmfInput, done: Done<number>): void {
    const refusal = this.core.refusal();
    if (refusal === undefined) sendTmf(this.core, input, done);
    else done(undefined, refusal);
  }

  /** Sends a ping and measures its round trip in milliseconds. */
  ping(payload: Uint8Array, timeoutMs: number, done: Done<number>, connection = -1): void {
    const refusal = this.core.refusal();
    if (refusal === undefined) sendPing(this.core, payload, timeoutMs, done, connection);
    else done(undefined, refusal);
  }

  /** Gives a connection up as lost, so that recovery begins at once. */
  giveUp(id: number, error: LunascopeError): void {
    const connection = this.core.connections.get(id);
    if (connection !== undefined) this.#drop(connection, error, CLOSING);
  }

  /** Makes a reconnect that waits for its time at once. */
  hasten(): void {
    if (this.core.state === 'recovering') this.#recovery.hasten();
  }

  /** Sends a NOP-Out that only confirms ExpStatSN, on every connection. */
  confirmStatus(): void {
    confirmAllStatuses(this.core);
  }

  /** Exchanges text in full feature phase. */
  text(pairs: readonly TextPair[], timeoutMs: number, done: Done<readonly TextPair[]>): void {
    const refusal = this.core.refusal();
    if (refusal === undefined) sendText(this.core, pairs, timeoutMs, done);
    else done(undefined, refusal);
  }

  /** Ends the session gracefully: nothing new is taken, what runs may finish, then the target is told (reason 0). */
  logout(timeoutMs: number, done: Done<LogoutAnswer>): void {
    const core = this.core;
    if (core.state !== 'full') {
      this.close(new CancelledError('SESSION_CLOSED', 'The session was closed.'));
      done(undefined, undefined);
      return;
    }
    gracefulLogout(core, this.#recovery.timers, timeoutMs, (answer, error) => {
      for (const each of [...core.connections.values()]) this.#drop(each, undefined, CLOSING);
      done(answer, error);
    });
  }

  /** Closes one connection (reason 1) or removes one for recovery (reason 2), through any other or itself. */
  logoutConnection(cid: number, reason: 1 | 2, timeoutMs: number, done: Done<LogoutAnswer>): void {
    const drop = (connection: Connection, error: LunascopeError | undefined): void => {
      this.#drop(connection, error, CLOSING);
    };
    logOutConnection(this.core, this.#recovery.timers, { cid, reason, timeoutMs }, drop, done);
  }

  /** Ends the session at once: connections are dropped, tasks end with `reason`. */
  close(reason: LunascopeError): void {
    this.#end(this.core.closeReason ?? reason, reason);
  }

  /** Takes note of what a unit is, so that after a login it can be told from another; the token stands for it. */
  rememberUnit(identity: UnitIdentity): number {
    return this.core.units.remember(identity);
  }

  /** Whether the unit of a token is still the one it was. */
  isSameUnit(lunHigh: number, lunLow: number, token: number): boolean {
    const unit = this.core.units.get(lunHigh, lunLow);
    return unit?.token === token && unit.changed === undefined;
  }

  /** Whether a connection has something to send. */
  hasOutput(id: number): boolean {
    return this.core.connections.get(id)?.tx.pending ?? false;
  }

  /** Hands over what a connection has to send. */
  drain(id: number, write: ChunkWriter): void {
    this.core.connections.get(id)?.drain(write);
  }

  /** The earliest moment `timeout` has something to do; Infinity where there is none. */
  get deadline(): number {
    return this.core.earliest;
  }

  /** Does what is due: deadlines of logins, commands and requests, keepalives, and attempts to come back. */
  timeout(): void {
    const core = this.core;
    const now = core.host.now();
    if (now < core.earliest) return;
    core.earliest = Infinity;
    this.#recovery.timers.run(now);
    const abort = (task: Task, reason: LunascopeError): void => {
      this.abort(task, reason);
    };
    const drop = (connection: Connection, error: LunascopeError): void => {
      this.#drop(connection, error, CLOSING);
    };
    checkConnections(core, this.#connector, now, drop, abort);
    for (const task of [...core.tasks.all(), ...core.queue.all(), ...core.probes.all()]) {
      if (waitsForReader(core, task)) continue;
      if (task.deadline > now) {
        core.watch(task.deadline);
        continue;
      }
      const connection = core.connections.get(task.connection);
      const held = connection?.paused === true;
      if (held) endHolders(connection, abort);
      abort(task, lateTask(task, now, { away: core.state === 'recovering' ? core.lastLoss : undefined, held }));
    }
  }
}
