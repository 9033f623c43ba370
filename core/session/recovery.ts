import {
  AuthError,
  CancelledError,
  TransportError,
  UsageError,
  type ErrorCode,
  type LunascopeError,
} from '../errors/index.ts';
import type { PortalAddress } from '../login/index.ts';
import { Backoff } from './backoff.ts';
import type { Connection } from './connection.ts';
import type { Connector } from './connector.ts';
import type { SessionCore } from './core.ts';
import { endChanged, IdentityCheck, unclearError } from './identity-check.ts';
import type { KnownUnit } from './identity.ts';
import { failControls, inOrder, parkTasks } from './loss.ts';
import { rebindTask, settleTask } from './reassign.ts';
import { stopRechecks } from './recheck.ts';
import { sendLogout } from './requests.ts';
import { plugHole, sendQueued } from './send-command.ts';
import { Timers } from './timers.ts';

/** Logins after which a unit that would not say who it is counts as another. */
const UNCLEAR_LOGINS = 3;
/** Refused proofs of identity after which the credentials are taken to be wrong. */
const REFUSED_PROOFS = 3;
const SECOND = 1000;
/** Least time for TCP in an attempt to come back; where it took longer before, that many times as long. */
const REACH_MS = 2 * SECOND;
const REACH_TIMES = 4;
/** How an attempt fails that found nobody to log in to. */
const UNREACHED: readonly ErrorCode[] = ['CONNECT_REFUSED', 'CONNECT_TIMEOUT', 'CONNECT_UNREACHABLE', 'NAME_NOT_FOUND'];
/** How an attempt fails where the host is there and its target is not yet. */
const RESTARTING: readonly ErrorCode[] = ['CONNECT_REFUSED', 'LOGIN_REFUSED', 'TASK_IDENTITY_CHANGED'];

/** What recovery asks of the machine. */
export interface RecoveryOwner {
  /** Gives a connection up as if it had been lost. */
  drop(connection: Connection, error: LunascopeError): void;
  /** Ends the session: it does not come back. */
  end(error: LunascopeError): void;
}

/** Brings a session back that lost connections: over those that are left, by replacing one, or by logging in anew (RFC 7143 7). */
export class Recovery {
  readonly timers: Timers;
  readonly #core: SessionCore;
  readonly #connector: Connector;
  readonly #owner: RecoveryOwner;
  readonly #backoff: Backoff;
  #failures = 0;
  #refusedProofs = 0;
  #unclearLogins = 0;
  #check: IdentityCheck | undefined;
  #giveBack: (() => void) | undefined;
  /** The attempt that waits for its time, and when it may be made at the earliest. */
  #waiting: { readonly earliest: number; readonly run: () => void } | undefined;
  /** When the next attempt is due that counts; one before it only knocks: where nobody opens, it never was. */
  #due = 0;
  #triedAt = 0;
  /** The connection to be replaced while its session may still be there (error recovery level 2). */
  #replacing: { readonly id: number; readonly expStatSn: number; readonly until: number } | undefined;

  constructor(core: SessionCore, connector: Connector, owner: RecoveryOwner) {
    this.#core = core;
    this.#connector = connector;
    this.#owner = owner;
    this.timers = new Timers(core);
    const { host, options } = core;
    this.#backoff = new Backoff(options.reconnectBackoffMs, () => {
      const [a = 0, b = 0] = host.random(2);
      return (a * 256 + b) / 65536;
    });
  }

  get #enabled(): boolean {
    return this.#core.options.maxReconnectAttempts > 0;
  }

  /** A connection in full feature phase is gone; false where the session ends with it. */
  lost(connection: Connection, error: LunascopeError, waitSeconds = 0): boolean {
    const core = this.#core;
    if (error instanceof CancelledError) return false;
    failControls(core, connection, error);
    core.emit({ kind: 'connection', connection: connection.id, change: 'lost', text: error.message });
    if (core.state === 'recovering') {
      this.#abandonCheck(error);
      this.#failed(error);
      return true;
    }
    const other = core.pickConnection(-1);
    const wait = Math.max(waitSeconds, core.parameters?.defaultTime2Wait ?? 0) * SECOND;
    if (other !== undefined && !(other instanceof UsageError)) {
      this.#loseOne(connection, error, wait);
      return true;
    }
    if (!this.#enabled) return false;
    core.lastLoss = error;
    stopRechecks(core);
    core.holding = true;
    core.move('recovering', error);
    // One that was joining would join a session that may not be there any more.
    for (const each of [...core.connections.values()]) this.#owner.drop(each, error);
    const now = core.host.now();
    this.#backoff.lost(now);
    if (core.progress > 0 || core.generation === 1) this.#failures = 0;
    else {
      this.#failures += 1;
      this.#backoff.failed(now, false);
    }
    this.#unclearLogins = 0;
    const { defaultTime2Retain = 0 } = core.parameters ?? {};
    if (core.recoveryLevel === 2 && core.tsih !== 0 && defaultTime2Retain > 0)
      this.#replacing = {
        id: connection.id,
        expStatSn: connection.expStatSn,
        until: now + wait + defaultTime2Retain * SECOND,
      };
    else this.#forgetSession(error);
    this.#schedule(wait, false);
    return true;
  }

  /** The old session is given up: its tasks are sorted out, and the next login asks for a new one. */
  #forgetSession(error: LunascopeError): void {
    this.#replacing = undefined;
    this.#core.tsih = 0;
    this.#core.holes.length = 0;
    parkTasks(this.#core, error);
  }

  /** Plans the next attempt; with `knocks`, the host is looked for until then, so that its return is noticed at once. */
  #schedule(leastMs: number, knocks: boolean): void {
    const core = this.#core;
    const delay = Math.max(leastMs, this.#backoff.delay());
    const { maxReconnectAttempts } = core.options;
    if (this.#failures >= maxReconnectAttempts) {
      this.#giveUp();
      return;
    }
    core.emit({
      kind: 'step',
      step: 'retry',
      text: `Connecting again in ${(delay / SECOND).toFixed(1)} s${knocks ? ', or as soon as the host answers' : ''}, attempt ${String(this.#failures + 1)} of ${String(maxReconnectAttempts)}.`,
    });
    const now = core.host.now();
    this.#due = now + delay;
    if (knocks) this.#knock();
    else this.#wait(now + leastMs, this.#due);
  }

  /** Looks for the host once more: at once where the last look took its time, and not shortly before the attempt that counts. */
  #knock(): void {
    const now = this.#core.host.now();
    const pause = this.#backoff.knock();
    const next = Math.max(now, this.#triedAt + pause);
    this.#wait(now, next === now || next + pause / 2 <= this.#due ? next : this.#due);
  }

  #wait(earliest: number, at: number): void {
    const core = this.#core;
    const waiting = {
      earliest,
      run: () => {
        if (this.#waiting !== waiting) return;
        this.#waiting = undefined;
        const turn = { begun: false };
        this.#giveBack = core.host.acquireLogin(() => {
          turn.begun = true;
          this.#attempt();
        });
        if (turn.begun || core.host.now() >= this.#due) return;
        // Who only looks for a host stands in nobody's way.
        this.stopWaiting();
        this.#triedAt = core.host.now();
        this.#knock();
      },
    };
    this.#waiting = waiting;
    this.timers.at(at, waiting.run);
  }

  /** Makes an attempt that waits for its time at once, as soon as the target allows one, and counts from the start. */
  hasten(): void {
    if (this.#waiting === undefined) return;
    this.#failures = 0;
    this.timers.at(Math.max(this.#core.host.now(), this.#waiting.earliest), this.#waiting.run);
  }

  #giveUp(): void {
    const last = this.#core.lastLoss;
    const why = last === undefined ? '' : `: ${last.message}`;
    this.#owner.end(
      new TransportError('CONNECTION_LOST', `The session could not be re-established${why}`, {
        retryable: true,
        details: { attempts: this.#failures },
        cause: last,
      }),
    );
  }

  #attempt(): void {
    const core = this.#core;
    if (core.state !== 'recovering') return;
    if (this.#replacing !== undefined && core.host.now() >= this.#replacing.until)
      this.#forgetSession(core.lastLoss ?? unclearError('the target kept no tasks.'));
    const replacing = this.#replacing;
    this.#triedAt = core.host.now();
    const reachMs = Math.max(REACH_MS, REACH_TIMES * this.#connector.slowestMs);
    this.#connector.open(
      replacing?.id ?? 0,
      core.options.portal,
      replacing === undefined ? 'lead' : 'replace',
      (_result, error) => {
        this.stopWaiting();
        if (error !== undefined) this.#failed(error);
        else if (replacing !== undefined) this.#replaced(replacing.id);
        else this.#loggedIn();
      },
      {
        expStatSn: replacing?.expStatSn ?? 0,
        connectMs: Math.min(core.options.connectTimeoutMs, reachMs),
        quiet: core.host.now() < this.#due,
      },
    );
  }

  /** Withdraws the question for leave to log in, or gives it back. */
  stopWaiting(): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }

  #failed(error: LunascopeError): void {
    const core = this.#core;
    core.lastLoss = error;
    const unreached = UNREACHED.includes(error.code);
    if (unreached && core.host.now() < this.#due) {
      this.#knock();
      return;
    }
    this.#failures += 1;
    this.#backoff.failed(core.host.now(), RESTARTING.includes(error.code));
    if (error instanceof AuthError) {
      this.#refusedProofs += 1;
      if (this.#refusedProofs >= REFUSED_PROOFS) {
        this.#owner.end(error);
        return;
      }
    }
    if (error instanceof UsageError) {
      this.#owner.end(error);
      return;
    }
    if (this.#replacing !== undefined && !(error instanceof TransportError)) this.#forgetSession(error);
    this.#schedule(0, unreached);
  }

  #loggedIn(): void {
    const core = this.#core;
    this.#refusedProofs = 0;
    const units = core.units.all.filter((unit) => unit.changed === undefined);
    if (units.length === 0) {
      this.#back();
      return;
    }
    core.emit({ kind: 'step', step: 'login', text: 'Logged in again; making sure that the units are the same.' });
    let open = units.length;
    const unclear: [KnownUnit, string][] = [];
    this.#check = new IdentityCheck(core, (unit, finding) => {
      open -= 1;
      if (finding.kind === 'changed') endChanged(core, unit, finding.why);
      else if (finding.kind === 'unclear') unclear.push([unit, finding.why]);
      if (open === 0) this.#checked(unclear);
    });
    this.#check.start(units);
  }

  #checked(unclear: readonly [KnownUnit, string][]): void {
    const core = this.#core;
    this.#check = undefined;
    const [first] = unclear;
    this.#unclearLogins += 1;
    if (first !== undefined && this.#unclearLogins < UNCLEAR_LOGINS) {
      // A target that has just started may not have all its units yet.
      for (const connection of [...core.connections.values()]) this.#owner.drop(connection, unclearError(first[1]));
      return;
    }
    for (const [unit, why] of unclear) endChanged(core, unit, why);
    this.#back();
  }

  #abandonCheck(error: LunascopeError): void {
    const core = this.#core;
    this.#check?.cancel();
    this.#check = undefined;
    for (const task of [...core.tasks.all(), ...core.probes.all()]) core.finish(task, error);
  }

  #back(): void {
    const core = this.#core;
    core.progress = 0;
    core.holding = false;
    this.#backoff.succeeded(core.host.now());
    core.move('full');
    sendQueued(core);
  }

  /** The connection is replaced: what the target took is reassigned to it, what it did not take is sent again (RFC 7143 7.2.2). */
  #replaced(id: number): void {
    const core = this.#core;
    const connection = core.connections.get(id);
    if (connection === undefined) return;
    this.#replacing = undefined;
    for (const task of inOrder(core.tasks.all())) rebindTask(core, connection, task, this.#loss);
    this.#fillHoles(connection);
    this.#back();
  }

  get #loss(): LunascopeError {
    return this.#core.lastLoss ?? new TransportError('CONNECTION_LOST', 'The connection was lost.');
  }

  #fillHoles(connection: Connection): void {
    for (const cmdSn of this.#core.holes.splice(0)) plugHole(this.#core, connection, cmdSn);
  }

  /** One of several connections is gone: it is logged out over another, which takes its tasks over (RFC 7143 7.2.3, 11.14). */
  #loseOne(lost: Connection, error: LunascopeError, waitMs: number): void {
    const core = this.#core;
    core.lastLoss = error;
    const logOut = (): void => {
      const other = core.pickConnection(-1);
      if (core.state !== 'full' || other === undefined || other instanceof UsageError) return;
      const reason = core.recoveryLevel === 2 ? 2 : 1;
      sendLogout(core, other, reason, lost.id, core.options.logoutTimeoutMs, (answer, failure) => {
        if (core.state !== 'full') return;
        if (core.connections.get(other.id) !== other) {
          logOut();
          return;
        }
        if (answer === undefined || answer.response > 1) {
          const why =
            failure ?? new TransportError('CONNECTION_LOST', 'The target cannot do without the lost connection.');
          for (const each of [...core.connections.values()]) this.#owner.drop(each, why);
          return;
        }
        const reassign = reason === 2 && answer.response === 0;
        for (const task of inOrder(core.tasks.all()))
          if (task.connection === lost.id) settleTask(core, other, task, error, reassign);
        this.#fillHoles(other);
        sendQueued(core);
        if (this.#enabled) this.#rejoin(lost.id, lost.address, 0);
      });
    };
    if (waitMs > 0) this.timers.at(core.host.now() + waitMs, logOut);
    else logOut();
  }

  /** Brings a lost connection back into its session, in the background. */
  #rejoin(id: number, address: PortalAddress, failures: number): void {
    const core = this.#core;
    if (failures >= core.options.maxReconnectAttempts) {
      core.emit({ kind: 'warning', text: `Connection ${String(id)} could not be brought back.` });
      return;
    }
    const delay = Math.min(30 * SECOND, core.options.reconnectBackoffMs * 2 ** Math.min(failures, 10));
    this.timers.at(core.host.now() + delay, () => {
      if (core.state !== 'full' || core.connections.has(id)) return;
      const giveBack = core.host.acquireLogin(() => {
        if (core.state !== 'full' || core.connections.has(id)) {
          giveBack();
          return;
        }
        this.#connector.open(id, address, 'join', (_result, error) => {
          giveBack();
          if (error !== undefined && core.state === 'full') this.#rejoin(id, address, failures + 1);
          else sendQueued(core);
        });
      });
    });
  }

  /** Nothing more is tried. */
  stop(): void {
    this.timers.clear();
    this.#check?.cancel();
    this.#check = undefined;
    this.stopWaiting();
  }
}
