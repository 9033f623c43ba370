import { CancelledError, LunascopeError } from '../errors/index.ts';
import type { LogoutAnswer, SessionMachine } from '../session/index.ts';
import { promised } from './execute.ts';

/** Exchanges of the protocol itself. */
export class ProtocolOps {
  readonly #machine: SessionMachine;

  constructor(machine: SessionMachine) {
    this.#machine = machine;
  }

  /** Round trip of a ping in milliseconds; the payload must come back as it was sent. */
  ping(
    payload: Uint8Array = new Uint8Array(0),
    options: { readonly timeoutMs?: number; readonly connection?: number; readonly signal?: AbortSignal } = {},
  ): Promise<number> {
    return promised((done) => {
      this.#machine.ping(
        payload,
        options.timeoutMs ?? this.#machine.core.options.keepaliveTimeoutMs,
        done,
        options.connection,
      );
    }, options.signal);
  }

  /**
   * Finds out at once whether the session is still there, as after a sleep: pings every connection and gives up those
   * that stay silent, so that they are opened again; a reconnect that waits for its time is made now.
   * Resolves to the slowest round trip, and rejects with why a connection was given up; called off, it gives none up.
   */
  async check(timeoutMs: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<number> {
    const machine = this.#machine;
    machine.hasten();
    const up = [...machine.core.connections.values()].filter(({ phase }) => phase === 'full');
    const times = await Promise.all(
      up.map(async ({ id }) =>
        this.ping(undefined, { timeoutMs, connection: id, ...(signal && { signal }) }).catch((error: unknown) => {
          if (error instanceof LunascopeError && !(error instanceof CancelledError)) machine.giveUp(id, error);
          throw error;
        }),
      ),
    );
    return Math.max(0, ...times);
  }

  /** Confirms ExpStatSN without asking for an answer (RFC 7143 11.18). */
  sendExpStatSnConfirmation(): void {
    this.#machine.confirmStatus();
  }

  /** Closes a connection (reason `close`), or removes it so that its tasks can be reassigned (reason `recovery`). */
  logoutConnection(
    cid: number,
    reason: 'close' | 'recovery' = 'close',
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<LogoutAnswer> {
    return promised((done) => {
      this.#machine.logoutConnection(cid, reason === 'close' ? 1 : 2, this.#machine.core.options.logoutTimeoutMs, done);
    }, options.signal);
  }
}
