import { CancelledError, UsageError } from '../errors/index.ts';
import { promised } from './execute.ts';
import type { ConnectOptions, Portal } from './options.ts';
import type { ExecuteOptions, LunAddress, RawResult } from './raw.ts';
import { connect, type Session } from './session.ts';

/** Bounds of a pool. */
export interface PoolLimits {
  /** Sessions open or being opened; 256 where it is left out. */
  readonly sessions?: number;
  /** Logins at once; 8 where it is left out. */
  readonly logins?: number;
}

/** A session of a pool and the number it goes by there. */
export interface PooledSession {
  readonly id: number;
  readonly session: Session;
}

const GRACE_MS = 2000;

/** Many sessions under one roof: opened within limits, found by number, and ended together. */
export class SessionPool {
  readonly #limits: Required<PoolLimits>;
  readonly #sessions = new Map<number, Session>();
  readonly #waiting: (() => void)[] = [];
  readonly #opening = new Set<AbortController>();
  #logins = 0;
  #next = 1;
  #closed = false;

  constructor(limits: PoolLimits = {}) {
    this.#limits = { sessions: limits.sessions ?? 256, logins: limits.logins ?? 8 };
  }

  /** The sessions that are open, in the order they were opened. */
  get sessions(): readonly PooledSession[] {
    return [...this.#sessions].map(([id, session]) => ({ id, session }));
  }

  /** A session by its number. */
  get(id: number): Session | undefined {
    return this.#sessions.get(id);
  }

  /** Logs in to a target, once it is this login's turn. */
  async open(portal: Portal, options: ConnectOptions): Promise<PooledSession> {
    this.#refuseWhenClosed();
    if (this.#sessions.size + this.#opening.size >= this.#limits.sessions)
      throw new UsageError('LIMIT_REACHED', `The pool holds ${String(this.#limits.sessions)} sessions already.`, {
        hint: 'Close one, or make the pool larger.',
      });
    const stop = new AbortController();
    const follow = (): void => {
      stop.abort(options.signal?.reason);
    };
    options.signal?.addEventListener('abort', follow, { once: true });
    this.#opening.add(stop);
    try {
      await this.#turn();
      try {
        this.#refuseWhenClosed();
        const session = await connect(portal, { ...options, signal: stop.signal });
        const id = this.#next;
        this.#next += 1;
        this.#sessions.set(id, session);
        session.on('state', (to) => {
          if (to === 'closed') this.#sessions.delete(id);
        });
        return { id, session };
      } finally {
        this.#logins -= 1;
        this.#waiting.shift()?.();
      }
    } finally {
      this.#opening.delete(stop);
      options.signal?.removeEventListener('abort', follow);
    }
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new CancelledError('SESSION_CLOSED', 'The pool has been closed.');
  }

  async #turn(): Promise<void> {
    while (this.#logins >= this.#limits.logins) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#logins += 1;
  }

  /** Runs a CDB in a session by its number, over the connection `options` name or the least busy. */
  execute(id: number, lun: LunAddress, cdb: Uint8Array, options: ExecuteOptions = {}): Promise<RawResult> {
    const session = this.#sessions.get(id);
    if (session === undefined)
      return Promise.reject(new UsageError('BAD_ARGUMENT', `The pool has no session ${String(id)}.`));
    return session.raw.execute(lun, cdb, options);
  }

  /** Ends every session: what runs may finish and the targets are told, within `graceMs` in all; then connections are dropped. */
  async close(graceMs = GRACE_MS): Promise<void> {
    this.#closed = true;
    for (const stop of this.#opening) stop.abort();
    for (const wake of this.#waiting.splice(0)) wake();
    const sessions = [...this.#sessions.values()];
    await Promise.all(
      sessions.map(async (session) => {
        await promised((done) => {
          session.machine.logout(graceMs, done);
        }).catch(() => undefined);
        session.destroy();
      }),
    );
    this.#sessions.clear();
  }
}
