import { CancelledError, TimeoutError, TransportError, UsageError, type LunascopeError } from '../errors/index.ts';
import type { Connection } from './connection.ts';
import type { LogoutAnswer } from './control.ts';
import type { SessionCore } from './core.ts';
import { sendLogout } from './requests.ts';
import type { Timers } from './timers.ts';

/**
 * Ends a session gracefully: nothing new is taken, what runs has half the time to finish, then the target is told
 * (RFC 7143 11.14, reason 0). `done` is called once; closing the connections is the caller's.
 */
export function gracefulLogout(
  core: SessionCore,
  timers: Timers,
  timeoutMs: number,
  done: (answer: LogoutAnswer | undefined, error: LunascopeError | undefined) => void,
): void {
  core.closeReason = new CancelledError('SESSION_CLOSED', 'The session has been logged out.');
  core.move('logging-out', core.closeReason);
  const started = core.host.now();
  let begun = false;
  const begin = (): void => {
    if (begun || core.state !== 'logging-out') return;
    begun = true;
    const connection = core.pickConnection(-1);
    if (connection === undefined || connection instanceof UsageError) {
      done(undefined, undefined);
      return;
    }
    const left = Math.max(1, timeoutMs - (core.host.now() - started));
    sendLogout(core, connection, 0, connection.id, left, (answer, error) => {
      // Some targets close before their answer is out; the session is as gone as it was asked to be.
      if (!(error instanceof TransportError)) {
        done(answer, error);
        return;
      }
      core.emit({ kind: 'warning', text: `The target did not answer the logout: ${error.message}` });
      done(undefined, undefined);
    });
  };
  if (core.quiet) {
    begin();
    return;
  }
  core.onQuiet = begin;
  const giveUp = started + timeoutMs / 2;
  // A deadline that has passed is that of a stream whose reader holds it back.
  for (const task of [...core.tasks.all(), ...core.queue.all()])
    task.deadline = task.deadline < started ? giveUp : Math.min(task.deadline, giveUp);
  core.watch(giveUp);
  // Nothing may follow a logout, so what is aborted has time for it; what cannot be aborted must not hold the logout up.
  timers.at(started + (timeoutMs * 3) / 4, begin);
}

/**
 * Lets a connection that others of its session outlive come to rest: it gets no new commands, and `ready` is called once
 * those it has are done, half the time is over, or the connection is gone.
 */
function quiesce(core: SessionCore, timers: Timers, connection: Connection, withinMs: number, ready: () => void): void {
  let begun = false;
  const begin = (): void => {
    if (begun) return;
    begun = true;
    connection.onIdle = undefined;
    ready();
  };
  connection.leaving = true;
  if (connection.tasks === 0) {
    begin();
    return;
  }
  connection.onIdle = begin;
  timers.at(core.host.now() + withinMs / 2, begin);
}

/** Closes one connection (reason 1) or removes one for recovery (reason 2), through itself or, where it is gone, any other. */
export function logOutConnection(
  core: SessionCore,
  timers: Timers,
  what: { readonly cid: number; readonly reason: 1 | 2; readonly timeoutMs: number },
  drop: (connection: Connection, error: LunascopeError | undefined) => void,
  done: (answer: LogoutAnswer | undefined, error: LunascopeError | undefined) => void,
): void {
  const { cid, reason, timeoutMs } = what;
  const refusal = core.refusal();
  const connection = core.connections.get(cid) ?? core.pickConnection(-1);
  if (refusal !== undefined || connection === undefined || connection instanceof UsageError || connection.leaving) {
    const why = `This session has no connection ${String(cid)}, or is leaving it already.`;
    done(undefined, refusal ?? new UsageError('BAD_ARGUMENT', why));
    return;
  }
  const from = core.host.now();
  const leave = (): void => {
    if (core.connections.get(connection.id) !== connection) {
      const lost = new TransportError('CONNECTION_LOST', 'The connection was gone before it was logged out.');
      done(undefined, core.closeReason ?? lost);
      return;
    }
    const left = Math.max(1, timeoutMs - (core.host.now() - from));
    sendLogout(core, connection, reason, cid, left, (answer, error) => {
      const gone = core.connections.get(cid);
      if (gone !== undefined && answer?.response === 0) drop(gone, undefined);
      else if (gone !== undefined && error instanceof TimeoutError) drop(gone, error);
      else if (gone !== undefined) {
        gone.leaving = false;
        gone.farewell = false;
      }
      done(answer, error);
    });
  };
  if (connection.id === cid && core.connections.size > 1) quiesce(core, timers, connection, timeoutMs, leave);
  else leave();
}

/**
 * Does what a target asks for that wants to be left (RFC 7143 11.9.1, event 1): no command is begun, what runs has half the
 * time given, then the connection is logged out. `gone` gets why the connection is given up and how many seconds to stay away.
 */
export function leaveAndReturn(
  core: SessionCore,
  timers: Timers,
  connection: Connection,
  withinMs: number,
  gone: (error: TransportError, waitSeconds: number) => void,
): void {
  if (core.state !== 'full') return;
  const only = core.connections.size === 1;
  const why = new TransportError('CONNECTION_CLOSED', 'The target asked to be logged out of.', { retryable: true });
  let begun = false;
  const begin = (): void => {
    if (begun || core.connections.get(connection.id) !== connection || core.state !== 'full') return;
    begun = true;
    sendLogout(core, connection, only ? 0 : 1, connection.id, Math.max(1, withinMs / 2), (answer) => {
      gone(why, answer?.time2Wait ?? 0);
    });
  };
  if (!only) {
    quiesce(core, timers, connection, withinMs, begin);
    return;
  }
  core.holding = true;
  if (core.quiet) {
    begin();
    return;
  }
  core.onQuiet = begin;
  timers.at(core.host.now() + withinMs / 2, begin);
}
