import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Bytes towards the target, or from it. */
export type Direction = 'toTarget' | 'fromTarget';

/** What the proxy does to the connections it carries; everything may be changed while they run. */
export interface Faults {
  /** Holds every chunk back for this long. */
  delayMs: number;
  /** Lets through at most this many bytes a second in each direction. */
  bytesPerSecond: number;
  /** Lets nothing through and answers nothing, as when the network is gone; what comes meanwhile waits. */
  silent: boolean;
  /** Closes a connection once it has carried this many bytes in a direction. */
  closeAt: { readonly direction: Direction; readonly byte: number } | undefined;
  /** Turns the bits of one byte of a connection around, once. */
  corruptAt: { readonly direction: Direction; readonly byte: number } | undefined;
}

const turnMs = 20;

/** A TCP proxy on 127.0.0.1 that does to its connections what bad networks do. */
export class FaultProxy {
  readonly host = '127.0.0.1';
  readonly faults: Faults = {
    delayMs: 0,
    bytesPerSecond: Infinity,
    silent: false,
    closeAt: undefined,
    corruptAt: undefined,
  };
  /** Bytes carried by the connection opened last. */
  readonly carried: Record<Direction, number> = { toTarget: 0, fromTarget: 0 };
  connections = 0;
  #server: Server;
  #port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #target: { readonly host: string; readonly port: number };

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
    this.#server = this.#listener();
  }

  #listener(): Server {
    return createServer({ noDelay: true }, (socket) => {
      this.#carry(socket);
    });
  }

  static async start(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await proxy.#listen();
    return proxy;
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get port(): number {
    return this.#port;
  }

  /** Lets nobody connect any more; what is carried stays. */
  shut(): void {
    this.#server.close();
  }

  /** Lets connections in again, at the same port. */
  async reopen(): Promise<void> {
    this.#server = this.#listener();
    await this.#listen();
  }

  /** Cuts every connection with a reset. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(near: Socket): void {
    const far = connect({ ...this.#target, noDelay: true });
    this.connections++;
    this.carried.toTarget = 0;
    this.carried.fromTarget = 0;
    const counts = { toTarget: 0, fromTarget: 0 };
    const end = (): void => {
      near.destroy();
      far.destroy();
      this.#sockets.delete(near);
      this.#sockets.delete(far);
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    void this.#pump(near, far, 'toTarget', counts, end);
    void this.#pump(far, near, 'fromTarget', counts, end);
  }

  async #pump(
    from: Socket,
    to: Socket,
    direction: Direction,
    counts: Record<Direction, number>,
    end: () => void,
  ): Promise<void> {
    try {
      for await (const chunk of from) {
        const bytes = Buffer.from(chunk as Buffer);
        await this.#hold(bytes.length);
        if (to.destroyed) return;
        const before = counts[direction];
        counts[direction] += bytes.length;
        this.carried[direction] = counts[direction];
        const { closeAt, corruptAt } = this.faults;
        const bad = corruptAt?.direction === direction ? corruptAt.byte - before : -1;
        if (bad >= 0 && bad < bytes.length) {
          bytes[bad] = (bytes[bad] ?? 0) ^ 0xff;
          this.faults.corruptAt = undefined;
        }
        const last = closeAt?.direction === direction ? closeAt.byte - before : Infinity;
        if (last <= bytes.length) {
          // Half a packet gets through, and then nothing ever again.
          to.end(bytes.subarray(0, Math.max(0, last)), end);
          from.destroy();
          return;
        }
        if (!to.write(bytes)) await new Promise((resolve) => to.once('drain', resolve).once('close', resolve));
      }
    } catch {
      // The other end reset the connection: it ends here too.
    }
    end();
  }

  async #hold(length: number): Promise<void> {
    const { delayMs, bytesPerSecond } = this.faults;
    const ms = delayMs + (length / bytesPerSecond) * 1000;
    if (ms >= 1) await pause(ms);
    while (this.faults.silent) await pause(turnMs);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
