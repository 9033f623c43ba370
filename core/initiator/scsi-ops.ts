import { ScsiError, UsageError } from '../errors/index.ts';
import {
  buildBlockAccess,
  buildCdb,
  decodeCapacity10,
  decodeCapacity16,
  decodeSense,
  encodeUnmapList,
  needsCapacity16,
  SENSE_KEY,
  type BlockRange,
  type Capacity,
  type Inquiry,
  type Sense,
} from '../scsi/index.ts';
import type { Commander, CommandOptions } from './command.ts';
import { DecodedOps } from './decoded-ops.ts';
import { inquire, listLuns, type LunEntry } from './luns.ts';
import { QUERIES, type PageControl, type Query } from './queries.ts';
import { lunWords, type LunAddress } from './raw.ts';
import { ReservationOps } from './reservation-ops.ts';

/** What WRITE SAME may do besides writing. */
export interface WriteSameOptions extends CommandOptions {
  /** The blocks may be unmapped instead of written. */
  readonly unmap?: boolean;
  readonly anchor?: boolean;
}

function wire(lun: LunAddress): Uint8Array {
  const { lunHigh, lunLow } = lunWords(lun);
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, lunHigh);
  view.setUint32(4, lunLow);
  return bytes;
}

/** The typed tier: every status but GOOD is a ScsiError, answers come decoded where the standard says how. */
export class ScsiOps {
  readonly #commander: Commander;
  /** Persistent reservations. */
  readonly reservations: ReservationOps;
  /** Queries whose answers come taken apart. */
  readonly decoded: DecodedOps;

  constructor(commander: Commander) {
    this.#commander = commander;
    this.reservations = new ReservationOps(commander);
    this.decoded = new DecodedOps(this);
  }

  /** Any command that reads up to `length` bytes and changes nothing; GOOD or a ScsiError. */
  query(lun: LunAddress, cdb: Uint8Array, length: number, options?: CommandOptions): Promise<Uint8Array> {
    return this.#commander.query(lun, cdb, length, options);
  }

  #ask(lun: LunAddress, { cdb, length }: Query, options: CommandOptions | undefined): Promise<Uint8Array> {
    return this.#commander.query(lun, cdb, length, options);
  }

  async #plain(
    lun: LunAddress,
    cdb: Uint8Array,
    options: CommandOptions | undefined,
    idempotent: boolean,
  ): Promise<void> {
    await this.#commander.run({ lun, cdb, idempotent }, options);
  }

  /** Sends a parameter list: the status decides, as units report residuals for lists that they took whole. */
  async #send(lun: LunAddress, cdb: Uint8Array, dataOut: Uint8Array, options?: CommandOptions): Promise<void> {
    await this.#commander.run({ lun, cdb, dataOut }, options);
  }

  async #sendBlocks(lun: LunAddress, cdb: Uint8Array, dataOut: Uint8Array, options?: CommandOptions): Promise<void> {
    await this.#commander.run({ lun, cdb, dataOut, whole: true }, options);
  }

  testUnitReady(lun: LunAddress, options?: CommandOptions): Promise<void> {
    return this.#plain(lun, buildCdb('testUnitReady', {}), options, true);
  }

  async inquiry(lun: LunAddress, options?: CommandOptions): Promise<Inquiry> {
    return await inquire(this.#commander, wire(lun), options);
  }

  /** One vital product data page as it came. */
  vpd(lun: LunAddress, pageCode: number, options?: CommandOptions): Promise<Uint8Array> {
    return this.#ask(lun, QUERIES.vpd(pageCode), options);
  }

  reportLuns(options: CommandOptions = {}): Promise<LunEntry[]> {
    return listLuns(this.#commander, options);
  }

  async requestSense(lun: LunAddress, options?: CommandOptions): Promise<Sense> {
    const sense = decodeSense(await this.#ask(lun, QUERIES.requestSense(), options));
    if (sense === undefined)
      throw new ScsiError('SCSI_BAD_PAYLOAD', 'The answer to REQUEST SENSE holds no sense data.');
    return sense;
  }

  /** Capacity by READ CAPACITY(16), or (10) where the unit lacks the longer form (SBC-4 5.15, 5.16). */
  async readCapacity(lun: LunAddress, options?: CommandOptions): Promise<Capacity> {
    try {
      const long = decodeCapacity16(await this.#ask(lun, QUERIES.readCapacity16(), options));
      if (long !== undefined) return long;
    } catch (error) {
      if (!isIllegalRequest(error)) throw error;
    }
    return this.readCapacity10(lun, options);
  }

  async readCapacity10(lun: LunAddress, options?: CommandOptions): Promise<Capacity> {
    const capacity = decodeCapacity10(await this.#ask(lun, QUERIES.readCapacity10(), options));
    if (capacity === undefined)
      throw new ScsiError('SCSI_BAD_PAYLOAD', 'The answer to READ CAPACITY(10) is shorter than its 8 bytes.');
    if (needsCapacity16(capacity))
      throw new ScsiError(
        'SCSI_BAD_PAYLOAD',
        'READ CAPACITY(10) cannot name the last block of this unit, and it refused READ CAPACITY(16).',
      );
    return capacity;
  }

  modeSense6(
    lun: LunAddress,
    pageCode: number,
    subpageCode = 0,
    options?: CommandOptions & { readonly pageControl?: PageControl },
  ): Promise<Uint8Array> {
    return this.#ask(lun, QUERIES.modeSense6(pageCode, subpageCode, options?.pageControl), options);
  }

  modeSense10(
    lun: LunAddress,
    pageCode: number,
    subpageCode = 0,
    options?: CommandOptions & { readonly pageControl?: PageControl },
  ): Promise<Uint8Array> {
    return this.#ask(lun, QUERIES.modeSense10(pageCode, subpageCode, options?.pageControl), options);
  }

  /** Sends mode parameters: header, block descriptors and pages; PF is set. */
  modeSelect6(
    lun: LunAddress,
    parameters: Uint8Array,
    options?: CommandOptions & { readonly save?: boolean },
  ): Promise<void> {
    const cdb = buildCdb('modeSelect6', {
      pf: true,
      sp: options?.save ?? false,
      parameterListLength: parameters.length,
    });
    return this.#send(lun, cdb, parameters, options);
  }

  modeSelect10(
    lun: LunAddress,
    parameters: Uint8Array,
    options?: CommandOptions & { readonly save?: boolean },
  ): Promise<void> {
    const cdb = buildCdb('modeSelect10', {
      pf: true,
      sp: options?.save ?? false,
      parameterListLength: parameters.length,
    });
    return this.#send(lun, cdb, parameters, options);
  }

  logSense(lun: LunAddress, pageCode: number, subpageCode = 0, options?: CommandOptions): Promise<Uint8Array> {
    return this.#ask(lun, QUERIES.logSense(pageCode, subpageCode), options);
  }

  reportSupportedOperationCodes(lun: LunAddress, options?: CommandOptions): Promise<Uint8Array> {
    return this.#ask(lun, QUERIES.supportedCommands(), options);
  }

  reportSupportedTaskManagementFunctions(lun: LunAddress, options?: CommandOptions): Promise<Uint8Array> {
    return this.#ask(lun, QUERIES.taskFunctions(), options);
  }

  reportTargetPortGroups(lun: LunAddress, options?: CommandOptions): Promise<Uint8Array> {
    return this.#ask(lun, QUERIES.portGroups(), options);
  }

  getLbaStatus(lun: LunAddress, lba: bigint, options?: CommandOptions): Promise<Uint8Array> {
    return this.#ask(lun, QUERIES.lbaStatus(lba), options);
  }

  readToc(lun: LunAddress, format = 0, options?: CommandOptions): Promise<Uint8Array> {
    return this.#ask(lun, QUERIES.toc(format), options);
  }

  /** Reads blocks in one command; good only when every byte came. `form` picks READ(6), (10), (12) or (16). */
  readBlocks(
    lun: LunAddress,
    lba: bigint,
    blocks: number,
    blockSize: number,
    options?: CommandOptions & { readonly form?: TransferForm },
  ): Promise<Uint8Array> {
    const dataIn = new Uint8Array(checkedBytes(blocks, blockSize));
    const cdb = transferCdb(false, options?.form, lba, blocks, false);
    return this.#commander.run({ lun, cdb, dataIn, whole: true, idempotent: true }, options);
  }

  /** Writes blocks in one command; `form` picks WRITE(6), (10), (12) or (16). */
  async writeBlocks(
    lun: LunAddress,
    lba: bigint,
    blockSize: number,
    data: Uint8Array,
    options?: CommandOptions & { readonly fua?: boolean; readonly form?: TransferForm },
  ): Promise<void> {
    const blocks = wholeBlocks(data.length, blockSize);
    await this.#sendBlocks(lun, transferCdb(true, options?.form, lba, blocks, options?.fua ?? false), data, options);
  }

  /** Flushes the whole cache, or a range of it. */
  synchronizeCache(lun: LunAddress, range?: BlockRange, options?: CommandOptions): Promise<void> {
    return this.#plain(
      lun,
      buildCdb('synchronizeCache16', { lba: range?.lba ?? 0n, blocks: range?.blocks ?? 0 }),
      options,
      true,
    );
  }

  startStopUnit(
    lun: LunAddress,
    action: { readonly start?: boolean; readonly loadEject?: boolean; readonly powerCondition?: number },
    options?: CommandOptions,
  ): Promise<void> {
    const fields = {
      start: action.start ?? false,
      loej: action.loadEject ?? false,
      powerCondition: action.powerCondition ?? 0,
    };
    return this.#plain(lun, buildCdb('startStopUnit', fields), options, false);
  }

  preventRemoval(lun: LunAddress, prevent: boolean, options?: CommandOptions): Promise<void> {
    return this.#plain(lun, buildCdb('preventAllowMediumRemoval', { prevent: prevent ? 1 : 0 }), options, false);
  }

  /** Deallocates ranges of a thin unit. */
  unmap(lun: LunAddress, ranges: readonly BlockRange[], options?: CommandOptions): Promise<void> {
    const list = encodeUnmapList(ranges);
    return this.#send(lun, buildCdb('unmap', { parameterListLength: list.length }), list, options);
  }

  /** Lets the unit check that blocks can be read; nothing is transferred. */
  verify(lun: LunAddress, lba: bigint, blocks: number, options?: CommandOptions): Promise<void> {
    return this.#plain(lun, buildCdb('verify16', { lba, blocks }), options, true);
  }

  /** Writes one block's content to many; there is no deadline while the unit works, only the caller's. */
  async writeSame(
    lun: LunAddress,
    lba: bigint,
    blocks: number,
    block: Uint8Array,
    options: WriteSameOptions = {},
  ): Promise<void> {
    const fields = { lba, blocks, unmap: options.unmap ?? false, anchor: options.anchor ?? false };
    await this.#commander.run(
      {
        lun,
        cdb: buildCdb('writeSame16', fields),
        dataOut: block,
        whole: true,
        noProgressMs: options.timeoutMs ?? 300_000,
      },
      options,
    );
  }

  /** Writes `data` only where the blocks hold `expected`, as one step (SBC-4 5.3); a mismatch is a ScsiError with its offset. */
  compareAndWrite(
    lun: LunAddress,
    lba: bigint,
    blockSize: number,
    expected: Uint8Array,
    data: Uint8Array,
    options?: CommandOptions,
  ): Promise<void> {
    if (expected.length !== data.length)
      throw new UsageError('BAD_ARGUMENT', 'What is compared and what is written have the same length.');
    const both = new Uint8Array(expected.length * 2);
    both.set(expected);
    both.set(data, expected.length);
    return this.#sendBlocks(
      lun,
      buildCdb('compareAndWrite', { lba, blocks: wholeBlocks(data.length, blockSize) }),
      both,
      options,
    );
  }
}

/** Whether a unit said that it does not know the command, or a field of it. */
export function isIllegalRequest(error: unknown): boolean {
  return (
    error instanceof ScsiError && error.sense.length > 0 && decodeSense(error.sense)?.key === SENSE_KEY.ILLEGAL_REQUEST
  );
}

/** Length of the CDB of a transfer, which limits its address and count. */
export type TransferForm = 6 | 10 | 12 | 16;

function transferCdb(
  write: boolean,
  form: TransferForm | undefined,
  lba: bigint,
  blocks: number,
  fua: boolean,
): Uint8Array {
  if (form === undefined) return buildBlockAccess(write, lba, blocks, { fua });
  if (form === 6) {
    if (fua) throw new UsageError('BAD_ARGUMENT', 'A six-byte command has no FUA bit.');
    if (blocks < 1 || blocks > 256)
      throw new UsageError('OUT_OF_RANGE', `A six-byte command moves 1 to 256 blocks, not ${String(blocks)}.`);
    return buildCdb(write ? 'write6' : 'read6', { lba, blocks: blocks % 256 });
  }
  return buildCdb(`${write ? 'write' : 'read'}${form}`, { lba, blocks, fua });
}

function checkedBytes(blocks: number, blockSize: number): number {
  const bytes = blocks * blockSize;
  if (!Number.isInteger(blocks) || blocks < 0 || bytes > 0xffffffff)
    throw new UsageError(
      'OUT_OF_RANGE',
      `One command moves at most 4294967295 bytes; ${String(blocks)} blocks of ${String(blockSize)} were asked for.`,
    );
  return bytes;
}

function wholeBlocks(bytes: number, blockSize: number): number {
  if (bytes === 0 || bytes % blockSize !== 0)
    throw new UsageError(
      'BAD_ARGUMENT',
      `Data is written in whole blocks of ${String(blockSize)} bytes; ${String(bytes)} bytes were given.`,
    );
  return bytes / blockSize;
}
