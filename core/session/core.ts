import { CancelledError, TaskError, TransportError, UsageError, type LunascopeError } from '../errors/index.ts';
import { ChallengeLog, type SessionParameters } from '../login/index.ts';
import type { Connection } from './connection.ts';
import { ControlTags, type ControlRequest } from './control.ts';
import type { SessionEvent, SessionState } from './events.ts';
import type { MetricsHook, PduTap, SessionHost } from './host.ts';
import { KnownUnits } from './identity.ts';
import type { SessionOptions } from './options.ts';
import { releaseReading } from './reading.ts';
import type { Recheck } from './recheck.ts';
import { TaskQueue } from './task-queue.ts';
import { TaskTable } from './task-table.ts';
import type { Task } from './task.ts';
import { CommandWindow } from './window.ts';

/** Hooks that cost nothing while they are left out; they may be set and taken away while the session runs. */
export interface SessionHooks {
  tap?: PduTap | undefined;
  metrics?: MetricsHook | undefined;
  onEvent?: ((event: SessionEvent) => void) | undefined;
}

const MOVES: Readonly<Record<SessionState, readonly SessionState[]>> = {
  idle: ['connecting', 'closed'],
  connecting: ['login', 'connecting', 'closed'],
  login: ['full', 'connecting', 'closed'],
  full: ['logging-out', 'recovering', 'closed'],
  recovering: ['full', 'closed'],
  'logging-out': ['closed'],
  closed: [],
};

/** The state every part of the session machine works on. */
export class SessionCore {
  readonly options: SessionOptions;
  readonly host: SessionHost;
  readonly hooks: SessionHooks;
  readonly tasks = new TaskTable();
  readonly queue = new TaskQueue();
  /** Commands that go before the queue: those that find out whether units are still the same. */
  readonly probes = new TaskQueue();
  readonly units = new KnownUnits();
  /** CHAP challenges of all logins of the session, so that one that is used again is noticed. */
  readonly challenges = new ChallengeLog();
  readonly controls = new Map<number, ControlRequest>();
  readonly controlTags = new ControlTags();
  readonly connections = new Map<number, Connection>();
  readonly window = new CommandWindow(1);
  /** What the leading login agreed; in force while the session lives. */
  parameters: SessionParameters | undefined;
  state: SessionState = 'idle';
  /** The error recovery level agreed on. */
  recoveryLevel = 0;
  /** The queue waits, whatever the window says. */
  holding = false;
  /** Units that are being asked who they are while the session goes on, by their key. */
  readonly rechecks = new Map<string, Recheck>();
  /** Numbers of commands that ended before the target took them, on a connection that was lost. */
  readonly holes: number[] = [];
  /** Tasks that ended in a status since the last login of the session. */
  progress = 0;
  tsih = 0;
  /** Goes up with every login of the session, so that what was learnt before can be told from what holds now. */
  generation = 0;
  /** Earliest moment `timeout` has something to do. */
  earliest = Infinity;
  closeReason: LunascopeError | undefined;
  /** Why the session last lost its connection. */
  lastLoss: LunascopeError | undefined;
  /** Called once when the last task and control request are gone while the session winds down. */
  onQuiet: (() => void) | undefined;

  constructor(options: SessionOptions, host: SessionHost, hooks: SessionHooks) {
    this.options = options;
    this.host = host;
    this.hooks = hooks;
  }

  /** Goes to another state; a move the table does not hold is a fault of this library. */
  move(to: SessionState, reason?: LunascopeError): void {
    const from = this.state;
    if (from === to && from !== 'connecting') return;
    if (!MOVES[from].includes(to)) throw new Error(`Session cannot go from ${from} to ${to}.`);
    this.state = to;
    this.emit({ kind: 'state', from, to, ...(reason === undefined ? {} : { reason }) });
  }

  emit(event: SessionEvent): void {
    this.hooks.onEvent?.(event);
  }

  /** Lets `timeout` be called at `deadline` at the latest. */
  watch(deadline: number): void {
    if (deadline >= this.earliest) return;
    this.earliest = deadline;
    this.host.wake();
  }

  /** Why a request cannot be taken now, or undefined where it can. */
  refusal(task?: Task): LunascopeError | undefined {
    if (this.state === 'full') return undefined;
    if (this.state === 'recovering') return this.#refusalWhileAway(task);
    if (this.closeReason !== undefined) return this.closeReason;
    return new CancelledError('SESSION_CLOSED', `The session is ${this.state}, so it takes no requests.`);
  }

  /** While the connection is being re-established, only commands to units whose identity can be checked may wait for it. */
  #refusalWhileAway(task: Task | undefined): LunascopeError | undefined {
    const unit = task === undefined ? undefined : this.units.get(task.lunHigh, task.lunLow);
    if (unit === undefined)
      return new TransportError('CONNECTION_LOST', 'The connection was lost and is being re-established.', {
        retryable: true,
        ...(this.lastLoss === undefined ? {} : { cause: this.lastLoss }),
      });
    return unit.changed === undefined ? undefined : changedError(unit.changed);
  }

  /** The connection a request goes to: the one asked for, or the one on which it comes through soonest. */
  pickConnection(wanted: number): Connection | UsageError | undefined {
    if (wanted >= 0) {
      const connection = this.connections.get(wanted);
      if (connection?.phase === 'full' && !connection.farewell) return connection;
      return new UsageError('BAD_ARGUMENT', `This session has no open connection ${String(wanted)}.`);
    }
    let best: Connection | undefined;
    for (const connection of this.connections.values())
      if (connection.phase === 'full' && !connection.leaving && (best === undefined || isFreer(connection, best)))
        best = connection;
    return best;
  }

  /** Ends a task, frees its tag and tells its submitter. */
  finish(task: Task, error: LunascopeError | undefined): void {
    if (task.state === 'done') return;
    if (task.state === 'queued') {
      this.queue.remove(task);
      this.probes.remove(task);
    } else if (task.state !== 'new') {
      this.tasks.remove(task);
      const connection = this.connections.get(task.connection);
      if (connection !== undefined) {
        leaveConnection(connection);
        releaseReading(this, connection, task);
      }
    }
    task.state = 'done';
    task.error = error;
    task.finishedAt = this.host.now();
    this.hooks.metrics?.(
      'command-complete',
      task.cdb[0] ?? 0,
      task.received + task.sentOut,
      task.finishedAt - task.submittedAt,
    );
    task.onDone(task);
    if (this.onQuiet !== undefined && this.quiet) {
      const quiet = this.onQuiet;
      this.onQuiet = undefined;
      quiet();
    }
  }

  /** Whether nothing but questions for the identity of units may be sent. */
  get held(): boolean {
    return this.holding || this.rechecks.size > 0;
  }

  /** Whether no task is under way, and none waits that could be sent. */
  get quiet(): boolean {
    return this.tasks.size === 0 && (this.holding || this.queue.size === 0);
  }
}

/** Whether a request comes through sooner on `one` than on `other`: not behind a reader that holds it back, then the least busy. */
function isFreer(one: Connection, other: Connection): boolean {
  return one.paused === other.paused ? one.tasks < other.tasks : other.paused;
}

/** A task is no longer bound to its connection. */
export function leaveConnection(connection: Connection): void {
  connection.tasks -= 1;
  if (connection.tasks === 0) connection.onIdle?.();
}

/** What commands to a unit end with when another unit, or none, has taken its place. */
export function changedError(why: string): TaskError {
  return new TaskError('TASK_IDENTITY_CHANGED', `This is not the unit that was opened: ${why}`, {
    hint: 'Nothing was sent to it. Open the LUN again to work with what is there now.',
  });
}
