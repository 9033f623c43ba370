import { createHash, type BinaryLike } from 'node:crypto';
import { crc32c } from '../../core/bytes/index.ts';
import type { LunascopeError } from '../../core/errors/index.ts';
import { TransportError } from '../../core/errors/index.ts';
import type { PortalAddress } from '../../core/login/index.ts';
import {
  SessionMachine,
  Task,
  type SessionEvent,
  type SessionHooks,
  type SessionHost,
  type SessionOptions,
  type TaskRequest,
} from '../../core/session/index.ts';

/** The peer's end of a simulated connection. */
export interface SimPeer {
  receive(bytes: Uint8Array): void;
  closed(): void;
}

/** What a peer can do with its end. */
export interface SimPipe {
  send(bytes: Uint8Array): void;
  end(): void;
  destroy(): void;
}

export type Accept = (pipe: SimPipe, connection: number, address: PortalAddress) => SimPeer | 'refuse' | 'silence';

/** A generator of numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** How bytes travel. */
export interface SimLink {
  /** Cuts a piece into the pieces it arrives in. */
  cut?(bytes: Uint8Array): Uint8Array[];
  /** Milliseconds under way. */
  delay?(): number;
}

export const SIM_OPTIONS: SessionOptions = {
  initiatorName: 'iqn.2026-01.test:me',
  targetName: 'iqn.2026-01.test:raw',
  sessionType: 'Normal',
  portal: { host: '127.0.0.1', port: 3260, groupTag: null },
  isid: Uint8Array.of(0x80, 0, 0, 1, 0, 1),
  offers: {
    headerDigest: ['None'],
    dataDigest: ['None'],
    initialR2T: true,
    immediateData: false,
    maxRecvDataSegmentLength: 65536,
    maxBurstLength: 65536,
    firstBurstLength: 65536,
    maxOutstandingR2T: 4,
    maxConnections: 4,
    errorRecoveryLevel: 0,
    defaultTime2Wait: 0,
    defaultTime2Retain: 20,
    dataPduInOrder: true,
    dataSequenceInOrder: true,
  },
  digestOrder: 'little',
  connectTimeoutMs: 3000,
  loginTimeoutMs: 5000,
  commandTimeoutMs: 30_000,
  logoutTimeoutMs: 2000,
  abortTimeoutMs: 2000,
  keepaliveIntervalMs: 5000,
  keepaliveTimeoutMs: 5000,
  maxRedirects: 4,
  maxReconnectAttempts: 0,
  reconnectBackoffMs: 1000,
  snackTimeoutMs: 5000,
  queueLimit: 1024,
  textLimit: 1 << 20,
};

/** A session machine with a clock of its own and wires that do as they are told; the same run for the same seed. */
export class SessionSim implements SessionHost {
  readonly machine: SessionMachine;
  readonly crc32c = crc32c;
  readonly events: SessionEvent[] = [];
  readonly random: (length: number) => Uint8Array;
  readonly opened: { readonly connection: number; readonly address: PortalAddress; readonly at: number }[] = [];
  link: SimLink = {};
  accept: Accept;
  clock = 1000;
  /** Pending things to happen, by time and then by order. */
  readonly #agenda: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  readonly #peers = new Map<number, { readonly peer: SimPeer; live: boolean; last: number }>();
  #order = 0;

  constructor(accept: Accept, options: Partial<SessionOptions> = {}, seed = 1, hooks: SessionHooks = {}) {
    this.accept = accept;
    const next = seeded(seed);
    this.random = (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256));
    this.machine = new SessionMachine({ ...SIM_OPTIONS, ...options }, this, {
      ...hooks,
      onEvent: (event) => {
        this.events.push(event);
        hooks.onEvent?.(event);
      },
    });
  }

  chapDigest = (algorithm: number, bytes: Uint8Array): Uint8Array =>
    new Uint8Array(
      createHash(algorithm === 5 ? 'md5' : algorithm === 6 ? 'sha1' : 'sha256')
        .update(bytes as BinaryLike)
        .digest(),
    );

  now(): number {
    return this.clock;
  }

  wake(): void {
    /* Output is looked for after every step. */
  }

  acquireLogin(granted: () => void): () => void {
    granted();
    return () => undefined;
  }

  setReading(): void {
    /* Bytes are delivered whatever the reader says. */
  }

  /** Does something after a while of the virtual clock. */
  later(afterMs: number, run: () => void): void {
    this.#order += 1;
    this.#agenda.push({ at: this.clock + afterMs, order: this.#order, run });
  }

  open(connection: number, address: PortalAddress): void {
    this.opened.push({ connection, address, at: this.clock });
    const state = { peer: undefined as unknown as SimPeer, live: true, last: 0 };
    const deliver = (run: () => void): void => {
      // Bytes of one wire keep their order, however long each piece takes.
      const at = Math.max(state.last, this.clock + (this.link.delay?.() ?? 0));
      state.last = at;
      this.later(at - this.clock, () => {
        if (state.live && this.#peers.get(connection) === state) run();
      });
    };
    const gone = (code: 'CONNECTION_CLOSED' | 'CONNECTION_LOST'): void => {
      deliver(() => {
        this.#peers.delete(connection);
        this.machine.connectionLost(connection, new TransportError(code, 'The peer is gone.', { retryable: true }));
      });
    };
    const pipe: SimPipe = {
      send: (bytes) => {
        const copy = Uint8Array.from(bytes);
        for (const piece of this.link.cut?.(copy) ?? [copy])
          deliver(() => {
            this.machine.receive(connection, piece, 0, piece.length);
          });
      },
      end: () => {
        gone('CONNECTION_CLOSED');
      },
      destroy: () => {
        gone('CONNECTION_LOST');
      },
    };
    this.later(0, () => {
      const peer = this.accept(pipe, connection, address);
      if (peer === 'silence') return;
      if (peer === 'refuse') {
        this.machine.connectionLost(connection, new TransportError('CONNECT_REFUSED', 'Refused.', { retryable: true }));
        return;
      }
      state.peer = peer;
      this.#peers.set(connection, state);
      this.machine.connected(connection, {
        initiatorHost: '127.0.0.1',
        initiatorPort: 40000 + connection,
        targetHost: address.host,
        targetPort: address.port,
      });
    });
  }

  close(connection: number): void {
    const state = this.#peers.get(connection);
    if (state === undefined) return;
    this.#peers.delete(connection);
    state.live = false;
    this.machine.drain(connection, (chunks) => {
      for (const chunk of chunks) state.peer.receive(Uint8Array.from(chunk));
      return true;
    });
    state.peer.closed();
  }

  #flush(): boolean {
    let moved = false;
    for (const [connection, { peer }] of [...this.#peers])
      if (this.machine.hasOutput(connection)) {
        moved = true;
        const sent: Uint8Array[] = [];
        this.machine.drain(connection, (chunks) => {
          for (const chunk of chunks) sent.push(Uint8Array.from(chunk));
          return true;
        });
        for (const chunk of sent) peer.receive(chunk);
      }
    return moved;
  }

  /** Lets everything happen that happens within `ms`, or until `until` holds. */
  async run(ms: number, until: () => boolean = () => false): Promise<void> {
    const end = this.clock + ms;
    for (let steps = 0; steps < 2_000_000; steps += 1) {
      while (this.#flush());
      // The embedded target works with promises.
      await Promise.resolve();
      await Promise.resolve();
      if (this.#flush()) continue;
      if (until()) return;
      this.#agenda.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#agenda[0];
      const deadline = this.machine.deadline;
      const at = Math.min(next?.at ?? Infinity, Math.max(deadline, this.clock));
      if (at > end) {
        this.clock = end;
        return;
      }
      this.clock = Math.max(this.clock, at);
      if (next !== undefined && next.at <= this.clock) {
        this.#agenda.shift();
        next.run();
      } else this.machine.timeout();
    }
    throw new Error('The simulation does not come to rest.');
  }

  /** Logs in, and runs until that is done. */
  async login(ms = 60_000): Promise<LunascopeError | undefined> {
    let done = false;
    let failure: LunascopeError | undefined;
    this.machine.start((_result, error) => {
      done = true;
      failure = error;
    });
    await this.run(ms, () => done);
    return failure;
  }

  /** Submits a task without waiting for it. */
  submit(request: Partial<TaskRequest> & { readonly cdb: Uint8Array }): Task {
    const task = new Task({ lunHigh: 0, lunLow: 0, ...request }, () => undefined);
    this.machine.submit(task);
    return task;
  }

  /** Submits a task and runs until it is done. */
  async execute(request: Partial<TaskRequest> & { readonly cdb: Uint8Array }, ms = 120_000): Promise<Task> {
    const task = this.submit(request);
    await this.run(ms, () => task.state === 'done');
    return task;
  }
}
