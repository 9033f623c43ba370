import type { OnReadOpts, Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { LunascopeError } from '../errors/index.ts';
import type { PortalAddress } from '../login/index.ts';
import { SessionMachine, type SessionHooks, type SessionHost, type SessionOptions } from '../session/index.ts';
import { chapDigest } from './chap-digests.ts';
import { connectPortal, describePortal, type ConnectAttempt, type PortalConnector } from './connect.ts';
import { acquireLogin } from './login-gate.ts';
import { fastCrc32c } from './native-crc32c.ts';
import { secureRandom } from './random.ts';
import { isBulk, ReceiveBuffer } from './receive-buffer.ts';
import { connectionEnded, howEnded, transportError } from './socket-errors.ts';
import { Vigil } from './vigil.ts';
import { writeBatches } from './write-batches.ts';

const LONGEST_TIMER_MS = 0x7fffffff;

interface Wire {
  readonly attempt: ConnectAttempt;
  socket: Socket | undefined;
}

/** Gives a session machine its sockets, clock and timer. */
export class SessionDriver implements SessionHost {
  readonly machine: SessionMachine;
  readonly crc32c = fastCrc32c;
  readonly chapDigest = chapDigest;
  readonly acquireLogin = acquireLogin;
  readonly #connect: PortalConnector;
  readonly #wires = new Map<number, Wire>();
  readonly #vigil = new Vigil(() => this.machine.core.tasks.size > 0);
  #receiving = false;
  #inputAt = 0;
  #flushPlanned = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  constructor(options: SessionOptions, hooks: SessionHooks, connect: PortalConnector = connectPortal) {
    this.#connect = connect;
    this.machine = new SessionMachine(options, this, hooks);
  }

  random(length: number): Uint8Array {
    return secureRandom(length);
  }

  /** Within one input all calls give the moment it began, which for received bytes is that of the receive callback. */
  now(): number {
    return this.#receiving ? this.#inputAt : performance.now();
  }

  open(id: number, address: PortalAddress): void {
    const receive = new ReceiveBuffer();
    let direct: Uint8Array | undefined;
    const onread = (): OnReadOpts => ({
      buffer: () => {
        direct = this.machine.directBuffer(id, receive.directFrom);
        return direct ?? receive.next();
      },
      callback: (length, buffer) => {
        this.#receive(id, receive, buffer, length, buffer === direct);
        return true;
      },
    });
    const attempt = this.#connect(address, onread, {
      resolved: () => undefined,
      connected: (socket) => {
        this.#attach(id, socket, address);
      },
      failed: (error) => {
        this.#wires.delete(id);
        this.#run(() => {
          this.machine.connectionLost(id, error);
        });
      },
    });
    this.#wires.set(id, { attempt, socket: undefined });
  }

  #attach(id: number, socket: Socket, address: PortalAddress): void {
    const wire = this.#wires.get(id);
    if (wire === undefined) {
      socket.destroy();
      return;
    }
    const where = describePortal(address);
    let failure: LunascopeError | undefined;
    wire.socket = socket;
    socket.on('error', (cause) => {
      failure = transportError(cause, where);
    });
    socket.on('close', () => {
      if (this.#wires.get(id) !== wire) return;
      this.#wires.delete(id);
      this.#run(() => {
        this.machine.connectionLost(id, failure ?? connectionEnded(where), howEnded(failure));
      });
    });
    this.#run(() => {
      this.machine.connected(id, {
        initiatorHost: socket.localAddress ?? '',
        initiatorPort: socket.localPort ?? 0,
        targetHost: socket.remoteAddress ?? address.host,
        targetPort: socket.remotePort ?? address.port,
      });
    });
  }

  #receive(id: number, receive: ReceiveBuffer, buffer: Uint8Array, length: number, inPlace: boolean): void {
    const counters = this.machine.core.connections.get(id)?.counters;
    const before = counters?.pdusIn ?? 0;
    this.#run(() => {
      if (inPlace) this.machine.receiveDirect(id, length);
      else this.machine.receive(id, buffer, 0, length);
      const pdus = (counters?.pdusIn ?? 0) - before;
      receive.observe(length, pdus, this.machine.core.tasks.size);
      this.#vigil.heard(this.#inputAt, isBulk(length, pdus));
    });
  }

  /** Runs an input of the machine, then sends what it has to send. */
  #run(input: () => void): void {
    const outer = this.#receiving;
    if (!outer) this.#inputAt = performance.now();
    this.#receiving = true;
    try {
      input();
    } finally {
      this.#receiving = outer;
    }
    this.#flush();
  }

  close(id: number): void {
    const wire = this.#wires.get(id);
    if (wire === undefined) return;
    this.#wires.delete(id);
    wire.attempt.cancel();
    if (wire.socket === undefined) return;
    this.machine.drain(id, (chunks) => this.#write(wire.socket, chunks));
    wire.socket.destroy();
  }

  setReading(id: number, reading: boolean): void {
    const socket = this.#wires.get(id)?.socket;
    if (reading) socket?.resume();
    else socket?.pause();
  }

  wake(): void {
    if (this.#receiving || this.#flushPlanned) return;
    this.#flushPlanned = true;
    process.nextTick(() => {
      this.#flushPlanned = false;
      this.#flush();
    });
  }

  #flush(): void {
    for (const [id, wire] of this.#wires)
      if (wire.socket !== undefined && this.machine.hasOutput(id)) {
        this.#vigil.sent(this.now());
        this.machine.drain(id, (chunks) => this.#write(wire.socket, chunks));
      }
    this.#arm();
  }

  #write(socket: Socket | undefined, chunks: readonly Uint8Array[]): boolean {
    if (socket === undefined || socket.destroyed) return true;
    const [first] = chunks;
    if (chunks.length === 1 && first !== undefined) socket.write(first);
    else writeBatches(socket, chunks);
    return socket.writableLength === 0;
  }

  #arm(): void {
    const { deadline } = this.machine;
    if (this.machine.core.state === 'closed') {
      this.#disarm();
      return;
    }
    if (deadline >= this.#timerAt) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timerAt = deadline;
    const delay = Math.min(LONGEST_TIMER_MS, Math.max(1, Math.ceil(deadline - this.now())));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#timerAt = Infinity;
      this.#run(() => {
        this.machine.timeout();
      });
    }, delay);
  }

  /** Drops everything at once; tasks end with `reason`. */
  destroy(reason: LunascopeError): void {
    this.#run(() => {
      this.machine.close(reason);
    });
    this.#disarm();
  }

  #disarm(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }
}
