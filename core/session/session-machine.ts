import { crc32c } from '../bytes/index.ts';
import { CancelledError, LunascopeError, ProtocolError, UsageError } from '../errors/index.ts';
import type { LoginResult, PortalAddress } from '../login/index.ts';
import { BHS_LENGTH, OPCODES, opcodeName, type TextPair } from '../pdu/index.ts';
import { Connection } from './connection.ts';
import type { LogoutAnswer } from './control.ts';
import { SessionCore, type SessionHooks } from './core.ts';
import type { SessionHost, TapEndpoints } from './host.ts';
import { gracefulLogout } from './logout.ts';
import { beginLogin, continueLogin, digestsOf, lateLogin, LoginAttempt, type LoginEnd } from './login-driver.ts';
import type { SessionOptions } from './options.ts';
import { sessionSink } from './sink.ts';
import { lateControl, lateTask } from './deadlines.ts';
import { dispatchPdu } from './dispatch.ts';
import type { AsyncAction } from './receive-control.ts';
import { endControl, failConnectionTasks } from './receive-status.ts';
import { abortTask, confirmExpStatSn, sendLogout, sendPing, sendText, sendTmf, type TmfInput } from './requests.ts';
import { closedError, continueDataOut, sendQueued, submitTask } from './send-command.ts';
import type { Task } from './task.ts';
import type { ChunkWriter } from './transmit.ts';

type Done<T> = (value: T | undefined, error: LunascopeError | undefined) => void;

const EMPTY = new Uint8Array(0);

/**
 * The initiator's side of a session as a machine: inputs are bytes, requests and the clock; outputs are bytes to send,
 * events, and the moment it next wants to be called (RFC 7143 4.2, 7).
 */
export class SessionMachine {
  readonly core: SessionCore;
  readonly #attempts = new Map<number, LoginAttempt>();
  #ready: Done<LoginResult> | undefined;

  constructor(options: SessionOptions, host: SessionHost, hooks: SessionHooks = {}) {
    this.core = new SessionCore(options, host, hooks);
  }

  /** Connects and logs in; `ready` is called once. */
  start(ready: Done<LoginResult>): void {
    this.#ready = ready;
    const { options, host } = this.core;
    this.#open(0, options.portal, new LoginAttempt(host.now(), options.connectTimeoutMs, options.loginTimeoutMs));
  }

  #open(id: number, address: PortalAddress, attempt: LoginAttempt): void {
    const core = this.core;
    core.move('connecting');
    const sink = sessionSink(
      core,
      () => connection,
      (...pdu) => {
        this.#handlePdu(...pdu);
      },
    );
    const connection: Connection = new Connection(id, address, sink, core.host, core.hooks);
    connection.openedAt = core.host.now();
    core.connections.set(id, connection);
    this.#attempts.set(id, attempt);
    core.emit({
      kind: 'step',
      step: 'connect',
      text: `Connecting to ${address.host}:${String(address.port)}.`,
      address,
    });
    core.watch(attempt.connectDeadline);
    core.host.open(id, address);
  }

  /** The host's word that a connection it was asked to open is up. */
  connected(id: number, endpoints: TapEndpoints): void {
    const core = this.core;
    const connection = core.connections.get(id);
    const attempt = this.#attempts.get(id);
    if (connection?.phase !== 'connecting' || attempt === undefined) return;
    core.move('login');
    connection.setEndpoints(endpoints);
    connection.lastHeardAt = core.host.now();
    core.emit({ kind: 'step', step: 'login', text: 'Connected; logging in.', address: connection.address });
    core.watch(attempt.loginDeadline);
    this.#guard(connection, () => {
      this.#loginEnded(connection, attempt, beginLogin(core, connection, attempt));
    });
  }

  /** The host's word that a connection could not be opened, or is gone. */
  connectionLost(id: number, error: LunascopeError): void {
    const connection = this.core.connections.get(id);
    if (connection === undefined) return;
    this.#drop(connection, connection.phase === 'logged-out' ? undefined : error, false);
  }

  /** Takes bytes `from` to `to` of `chunk`. */
  receive(id: number, chunk: Uint8Array, from: number, to: number): void {
    const connection = this.core.connections.get(id);
    if (connection === undefined) return;
    connection.lastHeardAt = this.core.host.now();
    connection.counters.bytesIn += to - from;
    this.#guard(connection, () => {
      connection.framer.receive(chunk, from, to);
    });
  }

  #guard(connection: Connection, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof LunascopeError)) throw error;
      this.#drop(connection, error, true);
    }
    if (this.core.queue.size > 0) sendQueued(this.core);
  }

  #handlePdu(connection: Connection, bytes: Uint8Array, at: number, ahsLength: number, data: Uint8Array): void {
    const { core } = this;
    if (core.connections.get(connection.id) !== connection) return;
    const opcode = (bytes[at] as number) & 0x3f;
    connection.counters.pdusIn += 1;
    connection.tapIncoming(bytes, at, ahsLength, data, false);
    if (core.hooks.metrics !== undefined) core.hooks.metrics('pdu-received', opcode, data.length, 0);
    if (connection.phase !== 'full') {
      this.#handleBeforeFull(connection, opcode, bytes, at, data);
      return;
    }
    this.#act(connection, dispatchPdu(core, connection, opcode, bytes, at, data));
  }

  #handleBeforeFull(connection: Connection, opcode: number, bytes: Uint8Array, at: number, data: Uint8Array): void {
    const attempt = this.#attempts.get(connection.id);
    if (connection.phase === 'login' && opcode === OPCODES.loginResponse && attempt !== undefined) {
      this.#loginEnded(
        connection,
        attempt,
        continueLogin(this.core, connection, attempt, bytes.slice(at, at + BHS_LENGTH), data),
      );
      return;
    }
    if (connection.phase === 'logged-out') return;
    throw new ProtocolError('PROTOCOL_UNEXPECTED', `${opcodeName(opcode)} came during the login.`, {
      details: { opcode },
    });
  }

  #loginEnded(connection: Connection, attempt: LoginAttempt, end: LoginEnd | undefined): void {
    if (end === undefined) return;
    const core = this.core;
    if (end.kind === 'failed') {
      this.#drop(connection, end.error, true);
      return;
    }
    if (end.kind === 'again') {
      core.emit({ kind: 'step', step: end.step, text: end.text, address: end.address });
      core.connections.delete(connection.id);
      connection.phase = 'closed';
      connection.tapClose(end.text);
      core.host.close(connection.id);
      this.#open(connection.id, end.address, attempt);
      return;
    }
    const { result } = end;
    this.#attempts.delete(connection.id);
    connection.enterFullFeature(result, digestsOf(result, crc32c, core.host.crc32c, core.options.digestOrder));
    core.parameters = result.parameters;
    core.tsih = result.tsih;
    core.generation += 1;
    core.window.restart(core.window.cmdSn, result.expCmdSn, result.maxCmdSn);
    core.move('full');
    core.emit({ kind: 'login', connection: connection.id, result });
    for (const text of result.warnings) core.emit({ kind: 'warning', text });
    if (core.options.keepaliveIntervalMs > 0) core.watch(core.host.now() + core.options.keepaliveIntervalMs);
    this.#settle(result, undefined);
  }

  #settle(result: LoginResult | undefined, error: LunascopeError | undefined): void {
    const ready = this.#ready;
    this.#ready = undefined;
    ready?.(result, error);
  }

  #act(connection: Connection, action: AsyncAction): void {
    switch (action.kind) {
      case 'none':
        return;
      case 'logout':
        this.logout(Math.max(1, action.withinSeconds) * 1000, () => undefined);
        return;
      case 'drop': {
        const gone =
          action.connection === 'all'
            ? [...this.core.connections.values()]
            : [this.core.connections.get(action.connection)];
        for (const each of gone) if (each !== undefined) this.#drop(each, action.error, true);
        return;
      }
      case 'negotiate': {
        const length = connection.parameters?.ownMaxRecvDataSegmentLength ?? 8192;
        const pairs: TextPair[] = [{ key: 'MaxRecvDataSegmentLength', value: String(length) }];
        sendText(this.core, pairs, Math.max(1, action.withinSeconds) * 1000, () => undefined, connection.id);
      }
    }
  }

  /** Gives a connection up: its tasks end with `error`, and with the last connection the session ends. */
  #drop(connection: Connection, error: LunascopeError | undefined, close: boolean): void {
    const core = this.core;
    if (core.connections.get(connection.id) !== connection) return;
    core.connections.delete(connection.id);
    this.#attempts.delete(connection.id);
    connection.phase = 'closed';
    if (close) core.host.close(connection.id);
    const reason = error ?? core.closeReason ?? new CancelledError('SESSION_CLOSED', 'The session was closed.');
    connection.tapClose(reason.message);
    failConnectionTasks(core, connection, reason);
    if (core.connections.size > 0) return;
    core.closeReason ??= reason;
    for (const task of core.queue.all())
      core.finish(task, task.abortReason ?? (error === undefined ? closedError(core) : reason));
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
      const connection = this.core.connections.get(id);
      if (connection !== undefined) this.#drop(connection, why, true);
    });
  }

  /** Goes on with a task whose data source has more. */
  resumeDataOut(task: Task): void {
    continueDataOut(this.core, task);
  }

  /** Goes on reading for a task whose consumer has room again. */
  resumeDataIn(task: Task): void {
    if (task.connection >= 0) this.core.host.setReading(task.connection, true);
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

  /** Sends a NOP-Out that only confirms ExpStatSN, on every connection. */
  confirmStatus(): void {
    for (const connection of this.core.connections.values())
      if (connection.phase === 'full') confirmExpStatSn(this.core, connection);
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
    gracefulLogout(core, timeoutMs, (answer, error) => {
      for (const each of [...core.connections.values()]) this.#drop(each, undefined, true);
      done(answer, error);
    });
  }

  /** Closes one connection (reason 1) or removes one for recovery (reason 2), through any other or itself. */
  logoutConnection(cid: number, reason: 1 | 2, timeoutMs: number, done: Done<LogoutAnswer>): void {
    const refusal = this.core.refusal();
    const connection = this.core.connections.get(cid) ?? this.core.pickConnection(-1);
    if (refusal !== undefined || connection === undefined || connection instanceof UsageError) {
      done(undefined, refusal ?? new UsageError('BAD_ARGUMENT', `This session has no connection ${String(cid)}.`));
      return;
    }
    sendLogout(this.core, connection, reason, cid, timeoutMs, (answer, error) => {
      const gone = this.core.connections.get(cid);
      if (gone !== undefined && answer?.response === 0) this.#drop(gone, undefined, true);
      else if (connection.phase === 'logged-out') connection.phase = 'full';
      done(answer, error);
    });
  }

  /** Ends the session at once: connections are dropped, tasks end with `reason`. */
  close(reason: LunascopeError): void {
    const core = this.core;
    core.closeReason ??= reason;
    if (core.connections.size === 0 && core.state !== 'closed') core.move('closed', reason);
    for (const connection of [...core.connections.values()]) this.#drop(connection, reason, true);
  }

  /** Whether a connection has something to send. */
  hasOutput(id: number): boolean {
    return this.core.connections.get(id)?.tx.pending ?? false;
  }

  /** Hands over what a connection has to send. */
  drain(id: number, write: ChunkWriter): void {
    this.core.connections.get(id)?.tx.drain(write);
  }

  /** The earliest moment `timeout` has something to do; Infinity where there is none. */
  get deadline(): number {
    return this.core.earliest;
  }

  /** Does what is due: deadlines of logins, commands and requests, and keepalives. */
  timeout(): void {
    const core = this.core;
    const now = core.host.now();
    if (now < core.earliest) return;
    core.earliest = Infinity;
    for (const connection of [...core.connections.values()]) this.#checkConnection(connection, now);
    for (const task of [...core.tasks.all(), ...core.queue.all()]) {
      if (task.deadline > now) core.watch(task.deadline);
      else this.abort(task, lateTask(task, now));
    }
    for (const [itt, control] of core.controls) {
      if (control.deadline > now) core.watch(control.deadline);
      else this.#lateControl(itt, now);
    }
  }

  #lateControl(itt: number, now: number): void {
    const control = this.core.controls.get(itt);
    if (control === undefined) return;
    const error = lateControl(control.kind, now - control.sentAt, control.kind === 'tmf' ? control.function : 0);
    const connection = this.core.connections.get(control.connection);
    const fatal = control.kind === 'ping' && connection?.pinging === true;
    endControl(this.core, itt, error);
    if (fatal) this.#drop(connection, error, true);
  }

  #checkConnection(connection: Connection, now: number): void {
    const core = this.core;
    const attempt = this.#attempts.get(connection.id);
    if (attempt !== undefined) {
      const deadline =
        connection.phase === 'connecting'
          ? Math.min(attempt.connectDeadline, attempt.loginDeadline)
          : attempt.loginDeadline;
      if (deadline > now) core.watch(deadline);
      else this.#drop(connection, lateLogin(connection), true);
      return;
    }
    const interval = core.options.keepaliveIntervalMs;
    if (connection.phase !== 'full' || interval <= 0 || connection.pinging) return;
    const due = connection.lastHeardAt + interval;
    if (due > now) {
      core.watch(due);
      return;
    }
    connection.pinging = true;
    sendPing(
      core,
      EMPTY,
      core.options.keepaliveTimeoutMs,
      () => {
        core.watch(core.host.now() + interval);
      },
      connection.id,
    );
  }
}
