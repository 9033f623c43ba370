import { writeU32 } from '../bytes/index.ts';
import type { LunascopeError } from '../errors/index.ts';
import { UsageError } from '../errors/index.ts';
import { buildBlockAccess, statusError } from '../scsi/index.ts';
import { Task } from '../session/index.ts';
import { cancelled } from './execute.ts';
import type { Session } from './session.ts';
import { lunWords, type LunAddress } from './raw.ts';

/** What is measured. Writing overwrites the blocks it covers. */
export interface MeasureOptions {
  readonly access: 'read' | 'write' | 'randread' | 'randwrite';
  readonly blockBytes: number;
  readonly queueDepth: number;
  readonly seconds: number;
  /** How long it goes on before anything is counted; at once where it is left out. */
  readonly rampSeconds?: number;
  /** Called when counting begins. */
  readonly onCounting?: () => void;
  readonly signal?: AbortSignal;
  /** Ends it at once, with what was measured so far; before anything was counted it is called off. */
  readonly stop?: AbortSignal;
  /** Told now and then how many operations have ended. */
  readonly onProgress?: (operations: number) => void;
}

/** What was found. */
export interface Measurement {
  readonly operations: number;
  readonly seconds: number;
  readonly iops: number;
  /** Megabytes (10^6) a second. */
  readonly mbps: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Counts by latency; bucket i begins at `latencyBucketUs(i)`. */
  readonly histogram: readonly number[];
}

/**
 * How long a measurement for people warms up: in the first second of a program most of its code is compiled, and caches fill, which
 * says nothing of the unit.
 */
export const WARM_UP_SECONDS = 1;

const TELL_MS = 200;
const BUCKETS_PER_DOUBLING = 8;
const BUCKETS = 26 * BUCKETS_PER_DOUBLING;
/** The most memory the buffers of all operations under way may take. */
const MOST_BUFFER_BYTES = 1 << 30;
/** Random addresses stay below this many bytes, so that runs on units of any size compare. */
const SPAN_BYTES = 1 << 30;

/** Where a latency bucket begins, in microseconds. */
export function latencyBucketUs(bucket: number): number {
  return 2 ** (bucket / BUCKETS_PER_DOUBLING);
}

const BEGINNINGS = Float64Array.from({ length: BUCKETS }, (_, bucket) => latencyBucketUs(bucket));

/** The bucket of a latency; counting up from the power of two below is cheaper than a logarithm for each operation. */
export function bucketOf(us: number): number {
  if (us >= (BEGINNINGS[BUCKETS - 1] as number)) return BUCKETS - 1;
  let bucket = us < 2 ? 0 : (31 - Math.clz32(us)) * BUCKETS_PER_DOUBLING;
  while (us >= (BEGINNINGS[bucket + 1] as number)) bucket += 1;
  return bucket;
}

function percentile(histogram: readonly number[], total: number, share: number): number {
  let seen = 0;
  for (const [bucket, count] of histogram.entries()) {
    seen += count;
    if (seen >= total * share) return latencyBucketUs(bucket + 0.5);
  }
  return 0;
}

/** Keeps `queueDepth` reads or writes under way for `seconds`; the first failure ends it with that error. */
export async function measure(session: Session, lun: LunAddress, options: MeasureOptions): Promise<Measurement> {
  const disk = await session.disk(lun, options.signal === undefined ? {} : { signal: options.signal });
  const blocks = options.blockBytes / disk.blockSize;
  if (!Number.isInteger(blocks) || blocks < 1)
    throw new UsageError(
      'BAD_ARGUMENT',
      `The block size of the measurement is a multiple of ${String(disk.blockSize)} bytes.`,
    );
  const most = disk.limits.maxTransferBlocks;
  if (most > 0 && blocks > most)
    throw new UsageError(
      'OUT_OF_RANGE',
      `The unit takes ${String(most * disk.blockSize)} bytes at most in one command, and the measurement asks for ${String(options.blockBytes)}.`,
      { hint: 'Take a smaller block.' },
    );
  const write = options.access === 'write' || options.access === 'randwrite';
  if (write && disk.writeProtected) throw new UsageError('WRITE_PROTECTED', 'The unit is write protected.');
  if (options.blockBytes * options.queueDepth > MOST_BUFFER_BYTES)
    throw new UsageError(
      'OUT_OF_RANGE',
      `${String(options.queueDepth)} operations of ${String(options.blockBytes)} bytes need more than 1 GiB of memory at once.`,
      { hint: 'Take a smaller block or a shallower queue.' },
    );
  const random = options.access.startsWith('rand');
  const span = BigInt(Math.floor(SPAN_BYTES / disk.blockSize));
  const places = Number((disk.blocks < span ? disk.blocks : span) / BigInt(blocks));
  if (places < 1) throw new UsageError('OUT_OF_RANGE', 'The unit is smaller than one operation.');
  if (options.stop?.aborted === true) throw cancelled(options.stop);
  const run = new Run(session, options, { ...lunWords(lun), blocks, places, random, write });
  return run.start();
}

interface Plan {
  readonly lunHigh: number;
  readonly lunLow: number;
  readonly blocks: number;
  readonly places: number;
  readonly random: boolean;
  readonly write: boolean;
}

class Run {
  readonly #session: Session;
  readonly #options: MeasureOptions;
  readonly #plan: Plan;
  /** What every write writes. */
  #pattern: Uint8Array | undefined;
  /** Memory of reads that have ended, the last on top: it is still in the caches when the next answer comes. */
  readonly #spare: Uint8Array[] = [];
  readonly #histogram = new Array<number>(BUCKETS).fill(0);
  #position = 0;
  #operations = 0;
  #active = 0;
  #end = Infinity;
  #counting = false;
  #tellAt = 0;
  #failure: LunascopeError | undefined;
  #done: () => void = () => undefined;

  constructor(session: Session, options: MeasureOptions, plan: Plan) {
    this.#session = session;
    this.#options = options;
    this.#plan = plan;
  }

  async start(): Promise<Measurement> {
    const { queueDepth, seconds, rampSeconds = 0, onCounting, blockBytes, signal, stop } = this.#options;
    let started = performance.now();
    const count = (): void => {
      started = performance.now();
      this.#counting = true;
      this.#end = started + seconds * 1000;
      this.#operations = 0;
      this.#histogram.fill(0);
      onCounting?.();
    };
    let ramp: ReturnType<typeof setTimeout> | undefined;
    if (rampSeconds === 0) count();
    else ramp = setTimeout(count, rampSeconds * 1000);
    await new Promise<void>((resolve) => {
      this.#done = resolve;
      // What is under way then ends by itself: a target that is silent holds nobody up.
      stop?.addEventListener('abort', () => resolve(), { once: true });
      for (let i = 0; i < queueDepth; i += 1) this.#submit(this.#newTask());
    });
    clearTimeout(ramp);
    if (this.#failure !== undefined) throw this.#failure;
    if (signal?.aborted === true) throw cancelled(signal);
    if (stop?.aborted === true && !this.#counting) throw cancelled(stop);
    const elapsed = (performance.now() - started) / 1000;
    return {
      operations: this.#operations,
      seconds: elapsed,
      iops: this.#operations / elapsed,
      mbps: (this.#operations * blockBytes) / elapsed / 1e6,
      p50Us: percentile(this.#histogram, this.#operations, 0.5),
      p99Us: percentile(this.#histogram, this.#operations, 0.99),
      histogram: [...this.#histogram],
    };
  }

  #newTask(): Task {
    const { lunHigh, lunLow, blocks, write } = this.#plan;
    const { blockBytes } = this.#options;
    const cdb = buildBlockAccess(write, 0n, blocks);
    const request = { lunHigh, lunLow, cdb, whole: true, idempotent: !write };
    const data = write
      ? { dataOut: (this.#pattern ??= new Uint8Array(blockBytes).fill(0x5a)) }
      : { expectedIn: blockBytes, takeDataIn: () => this.#spare.pop() ?? new Uint8Array(blockBytes) };
    return new Task({ ...request, ...data }, (done) => {
      this.#finished(done);
    });
  }

  #submit(task: Task): void {
    const { places, random, blocks } = this.#plan;
    if (this.#position >= places) this.#position = 0;
    const place = random ? Math.floor(Math.random() * places) : this.#position;
    this.#position += 1;
    // The low word of the address: the span measured stays far below 2^32 blocks.
    writeU32(task.cdb, task.cdb.length === 10 ? 2 : 6, place * blocks);
    this.#active += 1;
    this.#session.machine.submit(task);
  }

  #finished(task: Task): void {
    this.#active -= 1;
    if (task.dataIn !== undefined) this.#spare.push(task.dataIn);
    this.#failure ??= task.error ?? (task.status === 0 ? undefined : statusError(task.status, task.sense, task.cdb));
    if (task.error === undefined && task.status === 0) {
      this.#operations += 1;
      const bucket = bucketOf((task.finishedAt - task.submittedAt) * 1000);
      this.#histogram[bucket] = (this.#histogram[bucket] ?? 0) + 1;
    }
    const { signal, stop, onProgress } = this.#options;
    if (task.finishedAt >= this.#tellAt) {
      this.#tellAt = task.finishedAt + TELL_MS;
      onProgress?.(this.#operations);
    }
    const called = signal?.aborted === true || stop?.aborted === true;
    if (this.#failure === undefined && task.finishedAt < this.#end && !called) {
      task.reset();
      this.#submit(task);
    } else if (this.#active === 0) this.#done();
  }
}
