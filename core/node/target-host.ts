import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { TransportError, UsageError } from '../errors/index.ts';
import type { OperationalOffers, TargetAuth } from '../login/index.ts';
import {
  TargetServer,
  type KeepAlive,
  type Portal,
  type ServerLimits,
  type TargetDefinition,
} from '../target/index.ts';
import { chapDigest } from './chap-digests.ts';
import { fastCrc32c } from './native-crc32c.ts';
import { secureRandom } from './random.ts';
import { BufferPool } from './buffer-pool.ts';
import { TargetSocket } from './target-socket.ts';

const TICK_MS = 250;
/** An initiator that has vanished without a word is noticed within two minutes. */
const KEEP_ALIVE: KeepAlive = { intervalMs: 60_000, timeoutMs: 30_000 };
/** Long bursts: what a fast network and plenty of memory want. */
const OFFERS: OperationalOffers = { maxBurstLength: 1024 * 1024, firstBurstLength: 256 * 1024 };

/** A portal to listen on. */
export interface PortalOptions {
  /** 127.0.0.1 unless told otherwise. */
  readonly host?: string;
  /** 0 takes a free one; 3260 unless told otherwise. */
  readonly port?: number;
  /** 1 unless told otherwise. */
  readonly groupTag?: number;
}

/** What a target host is started with. */
export interface TargetHostOptions {
  readonly targets: readonly TargetDefinition[];
  /** One on 127.0.0.1:3260 unless told otherwise. */
  readonly portals?: readonly PortalOptions[];
  readonly discoveryAuth?: TargetAuth;
  readonly offers?: OperationalOffers;
  readonly limits?: Partial<ServerLimits>;
  /** A ping after a minute of silence unless told otherwise. */
  readonly keepAlive?: KeepAlive;
  readonly powerOnUnitAttention?: boolean;
}

/** A target that listens on this computer. */
export class TargetHost {
  readonly server: TargetServer;
  readonly #listeners = new Map<Portal, Server>();
  readonly #sockets = new Set<TargetSocket>();
  readonly #pool = new BufferPool();
  readonly #timer: NodeJS.Timeout;

  private constructor(options: TargetHostOptions) {
    const { discoveryAuth, limits, keepAlive, offers, powerOnUnitAttention } = options;
    this.server = new TargetServer({
      environment: {
        random: secureRandom,
        chapDigest,
        crc32c: fastCrc32c,
        allocate: (length) => this.#pool.take(length),
        release: (bytes) => this.#pool.give(bytes),
      },
      ...(discoveryAuth === undefined ? {} : { discoveryAuth }),
      ...(limits === undefined ? {} : { limits }),
      keepAlive: keepAlive ?? KEEP_ALIVE,
      offers: { ...OFFERS, ...offers },
      ...(powerOnUnitAttention === undefined ? {} : { powerOnUnitAttention }),
    });
    for (const target of options.targets) this.server.addTarget(target);
    this.#timer = setInterval(() => this.server.timeout(performance.now()), TICK_MS);
    this.#timer.unref();
  }

  /** Starts to listen; throws where a port cannot be had. */
  static async start(options: TargetHostOptions): Promise<TargetHost> {
    const host = new TargetHost(options);
    try {
      for (const portal of options.portals ?? [{}]) await host.listen(portal);
    } catch (error) {
      await host.close();
      throw error;
    }
    return host;
  }

  /** The portals it listens on, with the ports they really have. */
  get portals(): readonly Portal[] {
    return this.server.portals;
  }

  /** Listens on one more portal. */
  async listen({ host = '127.0.0.1', port = 3260, groupTag = 1 }: PortalOptions): Promise<Portal> {
    if (!Number.isInteger(groupTag) || groupTag < 0 || groupTag > 65535)
      throw new UsageError(
        'OUT_OF_RANGE',
        `A portal group tag is a number from 0 to 65535; ${String(groupTag)} is not.`,
      );
    const listener = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => this.#accept(socket, portal));
    const bound = await bind(listener, host, port);
    const portal: Portal = { host, port: bound, groupTag };
    this.server.portals.push(portal);
    this.#listeners.set(portal, listener);
    return portal;
  }

  /** Stops listening, cuts every connection and closes the stores. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const closed = [...this.#listeners.values()].map((listener) => new Promise((resolve) => listener.close(resolve)));
    this.#listeners.clear();
    this.server.portals.length = 0;
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
    const stores = new Set(
      this.server.targets.flatMap((target) => [...target.units.values()].map((unit) => unit.store)),
    );
    for (const store of stores) await store.close?.();
  }

  #accept(socket: Socket, portal: Portal): void {
    const { remoteAddress = '', remotePort = 0, localAddress = portal.host } = socket;
    const wire = new TargetSocket(socket, this.server.limits.queuedBytes, this.#pool);
    const connection = this.server.accept({ remoteAddress, remotePort, localAddress, portal }, wire, performance.now());
    if (connection === undefined) {
      wire.destroy();
      return;
    }
    this.#sockets.add(wire);
    wire.attach(connection, () => this.#sockets.delete(wire));
  }
}

async function bind(listener: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? 'something else listens there'
          : cause.code === 'EACCES'
            ? 'this user may not listen there'
            : cause.code === 'EADDRNOTAVAIL'
              ? 'this computer does not have that address'
              : cause.message;
      reject(
        new TransportError('IO_FAILED', `Cannot listen on ${host}, port ${String(port)}: ${why}.`, {
          hint:
            cause.code === 'EADDRNOTAVAIL'
              ? 'Choose an address of this computer, or 0.0.0.0 for all of them.'
              : 'Choose another port, or 0 for a free one.',
          cause,
        }),
      );
    });
    listener.listen(port, host, () => {
      listener.removeAllListeners('error');
      resolve((listener.address() as AddressInfo).port);
    });
  });
}
