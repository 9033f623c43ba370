import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Connection, ConnectionSink } from '../target/index.ts';
import { readInto } from './accepted-socket.ts';
import type { BufferPool } from './buffer-pool.ts';
import { writeBatches } from './write-batches.ts';

/** Bytes taken from the network at once, to begin with and from a busy peer. */
const FIRST_READ_BYTES = 16 * 1024;
const READ_BYTES = 256 * 1024;
/** How long a peer may take to close its side. */
const LINGER_MS = 5000;
/** Up to this many queued bytes are joined into one write: one copy is cheaper than several buffers in a writev. */
const JOIN_BELOW = 16 * 1024;

/** A socket as the target machine's sink: what is sent within one turn of the loop goes out in one write. */
export class TargetSocket implements ConnectionSink {
  readonly #socket: Socket;
  readonly #ownBuffer: boolean;
  readonly #pauseAbove: number;
  #connection: Connection | undefined;
  readonly #pool: BufferPool;
  #chunks: Uint8Array[] = [];
  /** Chunks whose memory goes back to the pool. */
  #disposable = new Set<Uint8Array>();
  #chunkBytes = 0;
  #planned = false;
  #receiving = false;
  #readBuffer = new Uint8Array(FIRST_READ_BYTES);

  /** Takes a socket accepted with `pauseOnConnect`. */
  constructor(accepted: Socket, pauseAbove: number, pool: BufferPool) {
    const into = readInto(accepted, {
      buffer: () => this.#readBuffer,
      callback: (count, buffer) => {
        // Who fills a small buffer gets a large one; thousands of silent connections take little.
        if (count === FIRST_READ_BYTES) this.#readBuffer = new Uint8Array(READ_BYTES);
        this.#receive(buffer.subarray(0, count));
        return !this.#socket.isPaused();
      },
    });
    const socket = into ?? accepted;
    this.#ownBuffer = into !== undefined;
    this.#socket = socket;
    this.#pool = pool;
    this.#pauseAbove = pauseAbove;
    socket.on('error', () => socket.destroy());
  }

  /** Starts to hand on what comes; `closed` is called once. */
  attach(connection: Connection, closed: () => void): void {
    this.#connection = connection;
    const socket = this.#socket;
    if (!this.#ownBuffer) socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    socket.resume();
    socket.on('drain', () => {
      if (socket.isPaused()) socket.resume();
      connection.drained();
    });
    socket.on('close', () => {
      connection.handleClosed();
      closed();
    });
  }

  get queuedBytes(): number {
    return this.#chunkBytes + this.#socket.writableLength;
  }

  send(bytes: Uint8Array, disposable = false): void {
    if (disposable && this.#pool.pays(bytes)) this.#disposable.add(bytes);
    this.#chunks.push(bytes);
    this.#chunkBytes += bytes.length;
    if (this.#receiving || this.#planned) return;
    this.#planned = true;
    process.nextTick(() => {
      this.#planned = false;
      this.#flush();
    });
  }

  end(): void {
    this.#flush();
    this.#socket.end();
    // A peer that does not close its side must not keep ours open, however busy it is.
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
    this.#socket.once('close', () => clearTimeout(timer));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    this.#receiving = true;
    try {
      this.#connection?.receive(chunk, performance.now());
    } finally {
      this.#receiving = false;
      this.#flush();
    }
    if (this.queuedBytes > this.#pauseAbove) this.#socket.pause();
  }

  #flush(): void {
    const chunks = this.#chunks;
    if (chunks.length === 0) return;
    const bytes = this.#chunkBytes;
    this.#chunks = [];
    this.#chunkBytes = 0;
    const socket = this.#socket;
    if (socket.destroyed) return;
    const [first] = chunks;
    if (chunks.length === 1 && first !== undefined) this.#write(first);
    else if (bytes <= JOIN_BELOW) socket.write(Buffer.concat(chunks, bytes));
    else
      writeBatches(socket, chunks, (each) => {
        this.#write(each);
      });
  }

  #write(chunk: Uint8Array): void {
    if (!this.#disposable.delete(chunk)) this.#socket.write(chunk);
    else this.#socket.write(chunk, () => this.#pool.give(chunk));
  }
}
