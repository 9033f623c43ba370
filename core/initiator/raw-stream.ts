import { CancelledError, TimeoutError, type LunascopeError } from '../errors/index.ts';
import { Task, type DataInConsumer, type DataOutSource, type SessionMachine } from '../session/index.ts';
import { cancelled } from './execute.ts';

/** Status and sense of a command, as they came. */
export interface StreamResult {
  readonly status: number;
  readonly sense: Uint8Array;
  readonly bytes: number;
}

/** A command whose data streams; memory stays at a few segments however much is moved. */
export interface ScsiStream {
  /** The data read, segment by segment; read it to its end before `wait`. Empty for a command that writes. */
  readonly data: AsyncIterable<Uint8Array>;
  /** Resolves with the status once the command is done; data nobody has begun to read is let go. */
  wait(): Promise<StreamResult>;
}

interface Gate {
  readonly promise: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

/** Holds Data-In until the reader takes it; asks for a pause at `depth` segments and for more at half of that. */
class InBuffer implements DataInConsumer {
  readonly #depth: number;
  readonly #segments: Uint8Array[] = [];
  #waiting: Gate | undefined;
  #paused = false;
  #ended = false;
  #unwanted = false;
  #reading = false;
  resume: () => void = () => undefined;
  /** Called when the reader leaves before the end. */
  abandon: () => void = () => undefined;

  constructor(depth: number) {
    this.#depth = depth;
  }

  push(segment: Uint8Array): boolean {
    if (this.#unwanted) return true;
    this.#segments.push(segment);
    this.#waiting?.open();
    this.#paused = this.#segments.length >= this.#depth;
    return !this.#paused;
  }

  end(): void {
    this.#ended = true;
    this.#waiting?.open();
  }

  /** Lets data go that nobody has begun to read. */
  discard(): void {
    if (this.#reading) return;
    this.#unwanted = true;
    this.#segments.length = 0;
    if (this.#paused) this.resume();
    this.#paused = false;
  }

  async *read(failure: () => LunascopeError | undefined): AsyncGenerator<Uint8Array> {
    this.#reading = true;
    try {
      for (;;) {
        const segment = this.#segments.shift();
        if (segment !== undefined) {
          if (this.#paused && this.#segments.length <= this.#depth / 2) {
            this.#paused = false;
            this.resume();
          }
          yield segment;
        } else if (this.#ended) {
          const error = failure();
          if (error !== undefined) throw error;
          return;
        } else {
          this.#waiting = gate();
          await this.#waiting.promise;
        }
      }
    } finally {
      if (!this.#ended) this.abandon();
    }
  }
}

/** Takes bytes from the caller's source ahead of the target's requests, up to `depth` pieces. */
class OutBuffer implements DataOutSource {
  readonly #depth: number;
  readonly #pieces: Uint8Array[] = [];
  #available = 0;
  #room: Gate | undefined;
  #closed = false;

  constructor(depth: number) {
    this.#depth = depth;
  }

  pull(into: Uint8Array): boolean {
    if (this.#available < into.length) return false;
    let at = 0;
    while (at < into.length) {
      const piece = this.#pieces[0] as Uint8Array;
      const taken = piece.subarray(0, into.length - at);
      into.set(taken, at);
      at += taken.length;
      if (taken.length === piece.length) this.#pieces.shift();
      else this.#pieces[0] = piece.subarray(taken.length);
    }
    this.#available -= into.length;
    if (this.#pieces.length < this.#depth) this.#room?.open();
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#room?.open();
  }

  /** Adds a piece once there is room; false when nobody wants it any more. */
  async add(piece: Uint8Array, needed: () => number): Promise<boolean> {
    while (!this.#closed && this.#pieces.length >= this.#depth && this.#available >= needed()) {
      this.#room = gate();
      await this.#room.promise;
    }
    if (this.#closed) return false;
    this.#pieces.push(piece);
    this.#available += piece.length;
    return true;
  }
}

/** What a streamed command moves. */
export interface StreamRequest {
  readonly lunHigh: number;
  readonly lunLow: number;
  readonly cdb: Uint8Array;
  readonly dataIn?: { readonly length: number };
  readonly dataOut?: { readonly length: number; readonly source: AsyncIterable<Uint8Array> };
  readonly signal?: AbortSignal;
  readonly noProgressMs: number;
  readonly idempotent: boolean;
  readonly depth: number;
  /** Bytes one Data-Out may need at once, so that a source of small pieces is not held back. */
  readonly segmentLength: number;
}

/** Starts a streamed command. */
export function startStream(machine: SessionMachine, request: StreamRequest): ScsiStream {
  const { signal, dataIn, dataOut } = request;
  const incoming = new InBuffer(request.depth);
  const outgoing = new OutBuffer(request.depth);
  let failure: LunascopeError | undefined = signal?.aborted === true ? cancelled(signal) : undefined;
  const finished = gate();
  const task = new Task(
    {
      lunHigh: request.lunHigh,
      lunLow: request.lunLow,
      cdb: request.cdb,
      noProgressMs: request.noProgressMs,
      idempotent: request.idempotent,
      ...(dataIn === undefined ? {} : { consumer: incoming, expectedIn: dataIn.length }),
      ...(dataOut === undefined ? {} : { source: outgoing, expectedOut: dataOut.length }),
    },
    (done) => {
      failure ??= done.error;
      signal?.removeEventListener('abort', onAbort);
      incoming.end();
      outgoing.close();
      finished.open();
    },
  );
  const stop = (reason: LunascopeError): void => {
    failure ??= reason;
    machine.abort(task, reason);
  };
  const onAbort = (): void => {
    if (signal !== undefined) stop(cancelled(signal));
  };
  incoming.resume = () => {
    machine.resumeDataIn(task);
  };
  incoming.abandon = () => {
    stop(new CancelledError('CANCELLED', 'The reader left before the end of the data, so the command was called off.'));
  };
  if (failure === undefined) {
    signal?.addEventListener('abort', onAbort, { once: true });
    const started = dataOut === undefined ? undefined : feed(machine, task, outgoing, dataOut, request, stop);
    if (started === undefined) machine.submit(task);
  } else {
    incoming.end();
    finished.open();
  }
  return {
    data: incoming.read(() => failure),
    wait: async () => {
      incoming.discard();
      await finished.promise;
      if (failure !== undefined) throw failure;
      return { status: task.status, sense: task.sense ?? new Uint8Array(0), bytes: task.received + task.sentOut };
    },
  };
}

async function feed(
  machine: SessionMachine,
  task: Task,
  outgoing: OutBuffer,
  dataOut: { readonly length: number; readonly source: AsyncIterable<Uint8Array> },
  limits: { readonly segmentLength: number; readonly noProgressMs: number },
  stop: (reason: LunascopeError) => void,
): Promise<void> {
  const { segmentLength, noProgressMs } = limits;
  let given = 0;
  // Until the command is sent, nobody but us can see that the source stands still.
  const watch = (): NodeJS.Timeout =>
    setTimeout(() => {
      const seconds = String(noProgressMs / 1000);
      if (task.state === 'new')
        stop(new TimeoutError('TIMEOUT_NO_PROGRESS', `The source gave nothing for ${seconds} s, so nothing was sent.`));
    }, noProgressMs);
  let timer = watch();
  const begin = (): void => {
    if (task.state === 'new') machine.submit(task);
    else machine.resumeDataOut(task);
  };
  try {
    for await (const piece of dataOut.source) {
      clearTimeout(timer);
      if (task.state === 'new') timer = watch();
      const used = piece.subarray(0, dataOut.length - given);
      given += used.length;
      if (used.length > 0 && !(await outgoing.add(used.slice(), () => segmentLength))) return;
      if (task.state !== 'new' || given >= Math.min(dataOut.length, segmentLength)) begin();
      if (given === dataOut.length) break;
    }
  } catch (cause) {
    const reason = new CancelledError('CANCELLED', 'The source of the data failed, so the command was called off.', {
      cause,
    });
    stop(reason);
    return;
  } finally {
    clearTimeout(timer);
  }
  if (given < dataOut.length) {
    const reason = new CancelledError(
      'CANCELLED',
      `The source ended after ${String(given)} of ${String(dataOut.length)} bytes, so the command was called off.`,
    );
    stop(reason);
  }
}
