import { decodeUnmapList, encodeLbaStatus } from '../../scsi/provisioning.ts';
import type { LogicalUnit } from '../unit/logical-unit.ts';
import { call, callWithData, callWithExactData, done, GOOD, STATUS, type Outcome, type Plan } from '../unit/outcome.ts';
import {
  illegalRequest,
  invalidField,
  invalidParameter,
  LBA_OUT_OF_RANGE,
  miscompare,
  PARAMETER_LIST_LENGTH,
  WRITE_PROTECTED,
} from '../unit/refusals.ts';
import { flagField, numberField, type CommandContext, type CommandHandler, type HandlerTable } from './handler.ts';
import { accessRefusal, outOfRange, writeBlocks } from './transfer.ts';
import { firstDifference } from './transfers.ts';
import { maximumWriteSame } from './vital-product-data.ts';

const PIECE = 1024 * 1024;
const UNMAP_DESCRIPTORS = 256;
const STATUS_DESCRIPTORS = 1024;
const INVALID_OPCODE_HERE = illegalRequest(0x20, 0x00);

/** Whether blocks can be given back at all. */
function canUnmap(unit: LogicalUnit): boolean {
  return unit.store.thin && unit.store.unmap !== undefined && !unit.writeProtected;
}

function synchronize({ unit, lba, blocks }: CommandContext): Plan {
  if (outOfRange(unit, lba, blocks)) return done(LBA_OUT_OF_RANGE);
  return call(() => unit.store.flush()?.then(() => GOOD) ?? GOOD);
}

function preFetch({ unit, lba, blocks }: CommandContext): Plan {
  return done(outOfRange(unit, lba, blocks) ? LBA_OUT_OF_RANGE : GOOD);
}

/** UNMAP (SBC-4 5.35). */
function unmap(context: CommandContext): Plan {
  const { unit, parameterListLength } = context;
  if (unit.writeProtected && unit.store.thin) return done(WRITE_PROTECTED, parameterListLength);
  if (!canUnmap(unit)) return done(INVALID_OPCODE_HERE, parameterListLength);
  if (flagField(context, 'anchor')) return done(invalidField(1, 0), parameterListLength);
  if (parameterListLength === 0) return done(GOOD);
  if (parameterListLength < 8) return done(PARAMETER_LIST_LENGTH, parameterListLength);
  return callWithData(parameterListLength, async (list) => {
    if (list.length < 8) return PARAMETER_LIST_LENGTH;
    const ranges = decodeUnmapList(list).ranges.filter(({ blocks }) => blocks > 0);
    if (ranges.length > UNMAP_DESCRIPTORS) return invalidParameter(2);
    if (ranges.some(({ lba, blocks }) => outOfRange(unit, lba, blocks))) return LBA_OUT_OF_RANGE;
    for (const { lba, blocks } of ranges) await unit.store.unmap?.(lba, BigInt(blocks));
    return GOOD;
  });
}

/** WRITE SAME: one block over and over, or the blocks given back (SBC-4 5.49). */
function writeSame(context: CommandContext): Plan {
  const { unit, lba } = context;
  const { blockSize, blocks: capacity } = unit.store;
  const noData = flagField(context, 'ndob');
  const dataLength = noData ? 0 : blockSize;
  const unmaps = flagField(context, 'unmap');
  if (numberField(context, 'wrProtect') !== 0) return done(invalidField(1, 7), dataLength);
  if (flagField(context, 'anchor')) return done(invalidField(1, 4), dataLength);
  if (unmaps && !unit.writeProtected && !canUnmap(unit)) return done(invalidField(1, 3), dataLength);
  if (outOfRange(unit, lba, context.blocks)) return done(LBA_OUT_OF_RANGE, dataLength);
  const count = context.blocks === 0 ? capacity - lba : BigInt(context.blocks);
  if (count > BigInt(maximumWriteSame(unit))) return done(invalidField(context.cdb[0] === 0x41 ? 7 : 10), dataLength);
  if (unit.writeProtected) return done(WRITE_PROTECTED, dataLength);
  return callWithExactData(dataLength, async (data) => {
    const block = noData ? new Uint8Array(blockSize) : data;
    // With UNMAP the blocks read as zeroes afterwards, whatever block came along: most initiators send none that counts.
    if (unmaps) {
      await unit.store.unmap?.(lba, count);
      return GOOD;
    }
    return repeat(unit, lba, Number(count), block);
  });
}

/** Writes one block many times. */
export async function repeat(unit: LogicalUnit, lba: bigint, count: number, block: Uint8Array): Promise<Outcome> {
  const { store } = unit;
  const step = Math.min(count, Math.max(1, Math.floor(PIECE / store.blockSize)));
  const piece = new Uint8Array(step * store.blockSize);
  for (let i = 0; i < step; i += 1) piece.set(block, i * store.blockSize);
  for (let at = 0; at < count; at += step)
    await store.write(lba + BigInt(at), piece.subarray(0, Math.min(step, count - at) * store.blockSize));
  return GOOD;
}

/** COMPARE AND WRITE: nothing else of the unit runs meanwhile, so it is atomic (SBC-4 5.3). */
function compareAndWrite(context: CommandContext): Plan {
  const { unit, lba, blocks, cdb } = context;
  const half = blocks * unit.store.blockSize;
  const refusal = accessRefusal(unit, { lba, blocks, protect: numberField(context, 'wrProtect') }, cdb);
  if (refusal !== undefined) return done(refusal, half * 2);
  if (unit.writeProtected) return done(WRITE_PROTECTED, half * 2);
  const run = async (data: Uint8Array): Promise<Outcome> => {
    if (blocks === 0) return GOOD;
    const present = new Uint8Array(half);
    await unit.store.read(lba, present);
    const at = firstDifference(present, data);
    return at >= 0 ? miscompare(at) : writeBlocks(unit, lba, data.subarray(half, half * 2), flagField(context, 'fua'));
  };
  return callWithExactData(half * 2, run, true);
}

/** ORWRITE: the blocks become the OR of what they are and what is sent (SBC-4 5.14). */
function orWrite(context: CommandContext): Plan {
  const { unit, lba, blocks, cdb } = context;
  const bytes = blocks * unit.store.blockSize;
  const refusal = accessRefusal(unit, { lba, blocks, protect: numberField(context, 'wrProtect') }, cdb);
  if (refusal !== undefined) return done(refusal, bytes);
  if (unit.writeProtected) return done(WRITE_PROTECTED, bytes);
  const run = async (data: Uint8Array): Promise<Outcome> => {
    const present = new Uint8Array(data.length - (data.length % unit.store.blockSize));
    if (present.length === 0) return GOOD;
    await unit.store.read(lba, present);
    for (let i = 0; i < present.length; i += 1) present[i] = (present[i] ?? 0) | (data[i] ?? 0);
    return writeBlocks(unit, lba, present, flagField(context, 'fua'));
  };
  return callWithData(bytes, run, true);
}

/** WRITE ATOMIC(16), without boundaries within the transfer (SBC-4 5.45). */
function writeAtomic(context: CommandContext): Plan {
  const { unit, lba, blocks, cdb } = context;
  const bytes = blocks * unit.store.blockSize;
  if (numberField(context, 'atomicBoundary') !== 0) return done(invalidField(10), bytes);
  const refusal = accessRefusal(unit, { lba, blocks, protect: numberField(context, 'wrProtect') }, cdb);
  if (refusal !== undefined) return done(refusal, bytes);
  if (unit.writeProtected) return done(WRITE_PROTECTED, bytes);
  return callWithExactData(bytes, (data) => writeBlocks(unit, lba, data, flagField(context, 'fua')), true);
}

const PROVISIONING = { mapped: 0, deallocated: 1, anchored: 2 } as const;

/** GET LBA STATUS (SBC-4 5.6): extents from the address on, neighbours of one kind joined. */
function getLbaStatus({ unit, lba, allocationLength }: CommandContext): Plan {
  const { store } = unit;
  if (lba >= store.blocks) return done(LBA_OUT_OF_RANGE);
  return call(async () => {
    const room = Math.min(STATUS_DESCRIPTORS, Math.max(1, Math.floor((allocationLength - 8) / 16)));
    const extents: { lba: bigint; blocks: number; state: number }[] = [];
    for (let next = lba, steps = 0; next < store.blocks && steps < STATUS_DESCRIPTORS * 4; steps += 1) {
      const extent = (await store.status?.(next)) ?? { status: 'mapped' as const, blocks: store.blocks - next };
      const state = PROVISIONING[extent.status];
      const blocks = extent.blocks > 0xffffffffn ? 0xffffffff : Number(extent.blocks);
      const last = extents[extents.length - 1];
      if (last?.state === state && last.blocks + blocks <= 0xffffffff) last.blocks += blocks;
      else if (extents.length < room) extents.push({ lba: next, blocks, state });
      else break;
      next += BigInt(blocks);
    }
    return { status: STATUS.good, dataIn: encodeLbaStatus(extents).subarray(0, allocationLength) };
  });
}

const writes = (run: CommandHandler['run']): CommandHandler => ({
  touch: 'write',
  medium: true,
  strict: false,
  only: 'disk',
  run,
});
const reads = (run: CommandHandler['run']): CommandHandler => ({
  touch: 'read',
  medium: true,
  strict: false,
  only: 'disk',
  run,
});

/** Commands on ranges of blocks. */
export const RANGES: HandlerTable = {
  synchronizeCache10: { touch: 'write', medium: true, strict: false, run: synchronize },
  synchronizeCache16: writes(synchronize),
  preFetch10: reads(preFetch),
  preFetch16: reads(preFetch),
  unmap: writes(unmap),
  writeSame10: writes(writeSame),
  writeSame16: writes(writeSame),
  compareAndWrite: writes(compareAndWrite),
  orWrite16: writes(orWrite),
  writeAtomic16: writes(writeAtomic),
  getLbaStatus: reads(getLbaStatus),
};
