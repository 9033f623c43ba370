import { LunascopeError, ScsiError, UsageError } from '../errors/index.ts';
import {
  buildBlockAccess,
  buildCdb,
  decodeVpd,
  deviceTypeLongName,
  isBlockReadable,
  type BlockRange,
  type Capacity,
  type Inquiry,
} from '../scsi/index.ts';
import { afterRecheck, changedError } from '../session/index.ts';
import { planChunk, type BlockLimitNumbers, type ChunkPlan } from './burst-plan.ts';
import type { Commander, CommandOptions } from './command.ts';
import { cancelled } from './execute.ts';
import { lunWords, type LunAddress, type LunWords } from './raw.ts';
import { rememberUnit } from './remember-unit.ts';
import { isIllegalRequest, ScsiOps } from './scsi-ops.ts';

const DEPTH = 8;
const LARGEST_READ = 1024 * 1024 * 1024;
const BLOCK_LIMITS = 0xb0;
const WRITE_PROTECT = 0x80;

/** What reads and writes of a disk take besides their range. */
export interface DiskOptions extends CommandOptions {
  /** Where the data goes; exactly as long as the range. Memory is taken when the first of it comes where this is left out. */
  readonly into?: Uint8Array;
}

/** A logical unit whose blocks are read and written by address. */
export class Disk {
  readonly lun: LunAddress;
  readonly inquiry: Inquiry;
  readonly capacity: Capacity;
  readonly blockSize: number;
  readonly blocks: bigint;
  readonly writeProtected: boolean;
  /** What the unit says of the length of commands (VPD page B0h); 0 where it names none. */
  readonly limits: BlockLimitNumbers;
  /** The length of the commands reads and writes are split into, and why. */
  readonly chunk: ChunkPlan;
  /** The session generation this was read under. */
  readonly generation: number;
  /** Stands for the unit in its session: the same as long as it is the same unit, whatever logins come between. */
  readonly unit: number;
  readonly #commander: Commander;
  readonly #scsi: ScsiOps;
  readonly #chunkBlocks: number;
  readonly #words: LunWords;

  constructor(
    commander: Commander,
    lun: LunAddress,
    facts: {
      inquiry: Inquiry;
      capacity: Capacity;
      limits: BlockLimitNumbers;
      chunk: ChunkPlan;
      writeProtected: boolean;
      token: number;
    },
  ) {
    // A command that waits its turn, or is sent again, may find another unit than the one it was meant for.
    this.#commander = commander.guarded(() => {
      this.checkUnit();
    });
    this.#words = lunWords(lun);
    this.unit = facts.token;
    this.#scsi = new ScsiOps(this.#commander);
    this.lun = lun;
    this.inquiry = facts.inquiry;
    this.capacity = facts.capacity;
    this.blockSize = facts.capacity.blockSize;
    this.blocks = facts.capacity.blocks;
    this.writeProtected = facts.writeProtected;
    this.limits = facts.limits;
    this.generation = commander.machine.core.generation;
    this.chunk = facts.chunk;
    this.#chunkBlocks = facts.chunk.blocks;
  }

  /** Refuses to go on once another unit has taken this one's place, or was opened there since. */
  checkUnit(): void {
    const { machine } = this.#commander;
    if (!machine.isSameUnit(this.#words.lunHigh, this.#words.lunLow, this.unit))
      throw changedError('another unit was found in its place.');
  }

  #check(lba: bigint, count: number): void {
    this.checkUnit();
    if (typeof (lba as unknown) !== 'bigint' || lba < 0n || !Number.isInteger(count) || count < 0)
      throw new UsageError('BAD_ARGUMENT', `LBA ${String(lba)} and count ${String(count)} are not a range of blocks.`);
    if (lba + BigInt(count) > this.blocks)
      throw new UsageError(
        'OUT_OF_RANGE',
        `Blocks ${String(lba)} to ${String(lba + BigInt(Math.max(0, count - 1)))} lie past the end; the last block is ${String(this.blocks - 1n)}.`,
        { details: { lba: String(lba), count, blocks: String(this.blocks) } },
      );
  }

  /** Runs one command a chunk, several at a time; the first failure ends the rest and is what the caller gets. */
  async #eachChunk(
    lba: bigint,
    count: number,
    signal: AbortSignal | undefined,
    run: (lba: bigint, blocks: number, offset: number, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const stop = new AbortController();
    const onAbort = (): void => {
      stop.abort(signal?.reason);
    };
    if (signal?.aborted === true) throw cancelled(signal);
    signal?.addEventListener('abort', onAbort, { once: true });
    let done = 0;
    let failure: unknown;
    const worker = async (): Promise<void> => {
      while (done < count && failure === undefined) {
        const from = done;
        const blocks = Math.min(this.#chunkBlocks, count - from);
        done += blocks;
        try {
          await run(lba + BigInt(from), blocks, from * this.blockSize, stop.signal);
        } catch (error) {
          failure ??= error;
          stop.abort();
        }
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(DEPTH, Math.ceil(count / this.#chunkBlocks)) }, worker));
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
    if (failure !== undefined)
      throw failure instanceof LunascopeError ? failure : new Error('A disk command failed.', { cause: failure });
  }

  /** Reads `count` blocks; returns exactly their bytes, or fails. */
  async read(lba: bigint, count: number, options: DiskOptions = {}): Promise<Uint8Array> {
    this.#check(lba, count);
    const length = count * this.blockSize;
    if (options.into === undefined && length > LARGEST_READ)
      throw new UsageError(
        'OUT_OF_RANGE',
        `One read into memory takes at most ${String(LARGEST_READ)} bytes; read in parts, or give a buffer.`,
      );
    let { into } = options;
    if (into !== undefined && into.length !== length)
      throw new UsageError(
        'BAD_ARGUMENT',
        `The buffer has ${String(into.length)} bytes; the range has ${String(length)}.`,
      );
    const memory = (): Uint8Array => (into ??= new Uint8Array(length));
    await this.#eachChunk(lba, count, options.signal, async (at, blocks, offset, signal) => {
      const expectedIn = blocks * this.blockSize;
      const takeDataIn = (): Uint8Array => memory().subarray(offset, offset + expectedIn);
      const cdb = buildBlockAccess(false, at, blocks);
      await this.#commander.run(
        { lun: this.lun, cdb, takeDataIn, expectedIn, whole: true, idempotent: true },
        { ...picked(options), signal },
      );
    });
    await new Promise<void>((resolve) => {
      afterRecheck(this.#commander.machine.core, this.#words.lunHigh, this.#words.lunLow, resolve);
    });
    this.checkUnit();
    return memory();
  }

  /** Writes whole blocks. On failure some of them may have been written; the error says which command failed. */
  async write(lba: bigint, data: Uint8Array, options: CommandOptions & { readonly fua?: boolean } = {}): Promise<void> {
    if (this.writeProtected) throw this.#protectedError();
    if (data.length % this.blockSize !== 0)
      throw new UsageError(
        'BAD_ARGUMENT',
        `Data is written in whole blocks of ${String(this.blockSize)} bytes; ${String(data.length)} bytes were given.`,
      );
    const count = data.length / this.blockSize;
    this.#check(lba, count);
    await this.#eachChunk(lba, count, options.signal, async (at, blocks, offset, signal) => {
      const dataOut = data.subarray(offset, offset + blocks * this.blockSize);
      const cdb = buildBlockAccess(true, at, blocks, { fua: options.fua ?? false });
      await this.#commander.run({ lun: this.lun, cdb, dataOut, whole: true }, { ...picked(options), signal });
    });
  }

  #protectedError(): UsageError {
    return new UsageError('WRITE_PROTECTED', 'The unit is write protected, so nothing was sent.', {
      hint: 'Lift the protection on the target, then open the LUN again.',
    });
  }

  /** Makes the unit store what its cache holds. */
  async flush(options?: CommandOptions): Promise<void> {
    this.checkUnit();
    try {
      await this.#commander.run(
        { lun: this.lun, cdb: buildCdb('synchronizeCache10', { lba: 0, blocks: 0 }), idempotent: true },
        options,
      );
    } catch (error) {
      if (!isIllegalRequest(error)) throw error;
      await this.#scsi.synchronizeCache(this.lun, undefined, options);
    }
  }

  /** Deallocates ranges. */
  async unmap(ranges: readonly BlockRange[], options?: CommandOptions): Promise<void> {
    if (this.writeProtected) throw this.#protectedError();
    for (const range of ranges) this.#check(range.lba, range.blocks);
    await this.#scsi.unmap(this.lun, ranges, options);
  }
}

function picked({ timeoutMs, connection }: CommandOptions): CommandOptions {
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(connection === undefined ? {} : { connection }),
  };
}

/** Opens a unit: its kind is checked before a single block is asked for, then capacity, limits and protection are read. */
export async function openDisk(
  commander: Commander,
  lun: LunAddress,
  options: CommandOptions,
  transferBytes?: number,
): Promise<Disk> {
  const scsi = new ScsiOps(commander);
  const inquiry = await scsi.inquiry(lun, options);
  const type = inquiry.deviceType ?? 0x1f;
  if (inquiry.qualifier !== 0 || type === 0x1f)
    throw new UsageError('UNSUPPORTED', 'There is no unit at this LUN.', {
      hint: 'List the LUNs again; it may not be mapped to this initiator.',
    });
  if (!isBlockReadable(type))
    throw new UsageError(
      'UNSUPPORTED',
      `This unit is a ${deviceTypeLongName(type).toLowerCase()}, which has no blocks to read by address.`,
      { details: { deviceType: type } },
    );
  const capacity = await scsi.readCapacity(lun, options);
  if (capacity.blockSize === 0 || capacity.blocks <= 0n)
    throw new ScsiError(
      'SCSI_BAD_PAYLOAD',
      `The unit says it has ${String(capacity.blocks)} blocks of ${String(capacity.blockSize)} bytes.`,
    );
  const [limits, writeProtected, token] = await Promise.all([
    readLimits(scsi, lun, options),
    readWriteProtect(scsi, lun, options),
    rememberUnit(commander, lun, capacity, options),
  ]);
  const chunk = planChunk(capacity.blockSize, limits, transferBytes);
  return new Disk(commander, lun, { inquiry, capacity, limits, chunk, writeProtected, token });
}

async function readLimits(scsi: ScsiOps, lun: LunAddress, options: CommandOptions): Promise<BlockLimitNumbers> {
  const none = { maxTransferBlocks: 0, optimalTransferBlocks: 0, granularityBlocks: 0 };
  try {
    const supported = decodeVpd(await scsi.vpd(lun, 0x00, options))?.content;
    if (supported?.kind !== 'supportedPages' || !supported.pages.includes(BLOCK_LIMITS)) return none;
    const limits = decodeVpd(await scsi.vpd(lun, BLOCK_LIMITS, options))?.content;
    if (limits?.kind !== 'blockLimits') return none;
    const { maximumTransfer, optimalTransfer, optimalGranularity } = limits.fields;
    return {
      maxTransferBlocks: maximumTransfer ?? 0,
      optimalTransferBlocks: optimalTransfer ?? 0,
      granularityBlocks: optimalGranularity ?? 0,
    };
  } catch (error) {
    if (isIllegalRequest(error)) return none;
    throw error;
  }
}

async function readWriteProtect(scsi: ScsiOps, lun: LunAddress, options: CommandOptions): Promise<boolean> {
  try {
    const data = await scsi.modeSense6(lun, 0x3f, 0, options);
    return ((data[2] ?? 0) & WRITE_PROTECT) !== 0;
  } catch (error) {
    if (isIllegalRequest(error)) return false;
    throw error;
  }
}
