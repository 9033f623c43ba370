import { readBlockAccess } from '../../scsi/index.ts';
import type { LogicalUnit } from '../unit/logical-unit.ts';
import { call, callWithData, done, GOOD, type Outcome, type Plan } from '../unit/outcome.ts';
import { invalidField, INVALID_OPCODE, LBA_OUT_OF_RANGE, miscompare, WRITE_PROTECTED } from '../unit/refusals.ts';
import { numberField, type CommandContext, type CommandHandler, type HandlerTable } from './handler.ts';
import { accessRefusal, outOfRange, planBlockAccess, writeBlocks } from './transfer.ts';

const PIECE = 1024 * 1024;

/** Offset of the first byte in which two strings of one length differ, or -1. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return i;
  return -1;
}

function access({ unit, cdb }: CommandContext): Plan {
  const found = readBlockAccess(cdb);
  return found === undefined ? done(INVALID_OPCODE) : planBlockAccess(unit, found, cdb);
}

/** Reads blocks piece by piece and hands each to `look`, which may end it with an outcome. */
export async function scan(
  unit: LogicalUnit,
  lba: bigint,
  blocks: number,
  look: (bytes: Uint8Array, offset: number) => Outcome | undefined,
): Promise<Outcome> {
  const { store } = unit;
  const step = Math.max(1, Math.floor(PIECE / store.blockSize));
  const buffer = new Uint8Array(Math.min(step, Math.max(1, blocks)) * store.blockSize);
  for (let at = 0; at < blocks; at += step) {
    const bytes = buffer.subarray(0, Math.min(step, blocks - at) * store.blockSize);
    await store.read(lba + BigInt(at), bytes);
    const outcome = look(bytes, at * store.blockSize);
    if (outcome !== undefined) return outcome;
  }
  return GOOD;
}

function compare(unit: LogicalUnit, lba: bigint, data: Uint8Array): Promise<Outcome> {
  return scan(unit, lba, Math.floor(data.length / unit.store.blockSize), (bytes, offset) => {
    const at = firstDifference(bytes, data.subarray(offset, offset + bytes.length));
    return at < 0 ? undefined : miscompare(offset + at);
  });
}

function compareEach(unit: LogicalUnit, lba: bigint, blocks: number, block: Uint8Array): Promise<Outcome> {
  const { blockSize } = unit.store;
  return scan(unit, lba, blocks, (bytes, offset) => {
    for (let at = 0; at < bytes.length; at += blockSize) {
      const wrong = firstDifference(bytes.subarray(at, at + blockSize), block);
      if (wrong >= 0) return miscompare(offset + at + wrong);
    }
    return undefined;
  });
}

/** VERIFY: against the medium alone, against the data sent, or each block against the one sent (SBC-4 5.36). */
function verify(context: CommandContext): Plan {
  const { unit, lba, blocks, cdb } = context;
  const check = numberField(context, 'bytChk');
  const { blockSize } = unit.store;
  const dataLength = check === 1 ? blocks * blockSize : check === 3 && blocks > 0 ? blockSize : 0;
  if (check === 2) return done(invalidField(1, 2));
  if (numberField(context, 'vrProtect') !== 0) return done(invalidField(1, 7), dataLength);
  if (outOfRange(unit, lba, blocks)) return done(LBA_OUT_OF_RANGE, dataLength);
  if (check === 0) return call(() => scan(unit, lba, blocks, () => undefined));
  if (check === 3) return callWithData(dataLength, (block) => compareEach(unit, lba, blocks, block));
  const refusal = accessRefusal(unit, { lba, blocks, protect: 0 }, cdb);
  return refusal === undefined
    ? callWithData(dataLength, (data) => compare(unit, lba, data))
    : done(refusal, dataLength);
}

/** WRITE AND VERIFY: what was written is read back, and compared where BYTCHK asks for it (SBC-4 5.46). */
function writeAndVerify(context: CommandContext): Plan {
  const { unit, lba, blocks, cdb } = context;
  const check = numberField(context, 'bytChk');
  const bytes = blocks * unit.store.blockSize;
  if (check > 1) return done(invalidField(1, 2), bytes);
  const refusal = accessRefusal(unit, { lba, blocks, protect: numberField(context, 'wrProtect') }, cdb);
  if (refusal !== undefined) return done(refusal, bytes);
  if (unit.writeProtected) return done(WRITE_PROTECTED, bytes);
  return callWithData(bytes, async (data) => {
    await writeBlocks(unit, lba, data, true);
    return compare(unit, lba, data);
  });
}

const READ: CommandHandler = { touch: 'read', medium: true, strict: false, run: access };
const WRITE: CommandHandler = { touch: 'write', medium: true, strict: false, run: access };
const VERIFY: CommandHandler = { touch: 'read', medium: true, strict: false, run: verify };
const WRITE_VERIFY: CommandHandler = { touch: 'write', medium: true, strict: false, run: writeAndVerify };

/** READ, WRITE, VERIFY and WRITE AND VERIFY. */
export const TRANSFERS: HandlerTable = {
  read6: { ...READ, only: 'disk' },
  read10: READ,
  read12: READ,
  read16: { ...READ, only: 'disk' },
  write6: { ...WRITE, only: 'disk' },
  write10: WRITE,
  write12: WRITE,
  write16: { ...WRITE, only: 'disk' },
  verify10: VERIFY,
  verify12: { ...VERIFY, only: 'disk' },
  verify16: { ...VERIFY, only: 'disk' },
  writeAndVerify10: { ...WRITE_VERIFY, only: 'disk' },
  writeAndVerify12: { ...WRITE_VERIFY, only: 'disk' },
  writeAndVerify16: { ...WRITE_VERIFY, only: 'disk' },
};
