import type { BlockAccess } from '../../scsi/index.ts';
import type { LogicalUnit } from '../unit/logical-unit.ts';
import { callWithData, done, GOOD, type Outcome, type Plan } from '../unit/outcome.ts';
import { invalidField, LBA_OUT_OF_RANGE, WRITE_PROTECTED } from '../unit/refusals.ts';

/** Whether a run of blocks reaches past the end; also where it is empty but begins there. */
export function outOfRange(unit: LogicalUnit, lba: bigint, blocks: number | bigint): boolean {
  return lba >= unit.store.blocks || lba + BigInt(blocks) > unit.store.blocks;
}

/** Bytes of a field that says how many blocks a CDB moves, for the sense data's pointer. */
function lengthByte(cdb: Uint8Array): number {
  switch ((cdb[0] ?? 0) >> 5) {
    case 0:
      return 4;
    case 1:
      return 7;
    case 5:
      return 6;
    default:
      return 10;
  }
}

/** What keeps an access from being served, whatever the command. */
export function accessRefusal(
  unit: LogicalUnit,
  access: Pick<BlockAccess, 'lba' | 'blocks' | 'protect'>,
  cdb: Uint8Array,
): Outcome | undefined {
  if (access.protect !== 0) return invalidField(1, 7);
  if (outOfRange(unit, access.lba, access.blocks)) return LBA_OUT_OF_RANGE;
  if (access.blocks * unit.store.blockSize > unit.maxTransferBytes) return invalidField(lengthByte(cdb));
  return undefined;
}

/** READ and WRITE (6) to (16): the hot path. */
export function planBlockAccess(unit: LogicalUnit, access: BlockAccess, cdb: Uint8Array): Plan {
  const bytes = access.blocks * unit.store.blockSize;
  const refusal =
    accessRefusal(unit, access, cdb) ?? (access.write && unit.writeProtected ? WRITE_PROTECTED : undefined);
  if (refusal !== undefined) return done(refusal, access.write ? bytes : 0);
  if (!access.write) return { kind: 'read', lba: access.lba, lengthBytes: bytes };
  return callWithData(bytes, (data) => writeBlocks(unit, access.lba, data, access.fua));
}

/** Writes whole blocks, and to the medium itself where asked to or where the write cache is off. */
export function writeBlocks(
  unit: LogicalUnit,
  lba: bigint,
  data: Uint8Array,
  fua: boolean,
): Outcome | Promise<Outcome> {
  const { store } = unit;
  const whole = data.length - (data.length % store.blockSize);
  const written = whole === 0 ? undefined : store.write(lba, whole === data.length ? data : data.subarray(0, whole));
  const flushes = fua || !unit.mode.writeCache;
  if (written !== undefined) return written.then(() => (flushes ? store.flush() : undefined)).then(() => GOOD);
  const flushed = flushes ? store.flush() : undefined;
  return flushed === undefined ? GOOD : flushed.then(() => GOOD);
}
