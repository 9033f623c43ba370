import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from '../../bytes/index.ts';
import { UsageError } from '../../errors/index.ts';

/** A read or write of blocks as its CDB states it. */
export interface BlockAccess {
  readonly write: boolean;
  readonly lba: bigint;
  readonly blocks: number;
  readonly fua: boolean;
  readonly dpo: boolean;
  /** RDPROTECT or WRPROTECT. */
  readonly protect: number;
}

/** The hot path of READ and WRITE (6), (10), (12) and (16); undefined for every other command or a short CDB. */
export function readBlockAccess(cdb: Uint8Array): BlockAccess | undefined {
  const opcode = cdb[0] ?? 0xff;
  const flags = cdb[1] ?? 0;
  const write = (opcode & 0x0f) === 0x0a;
  const common = { write, fua: (flags & 8) !== 0, dpo: (flags & 16) !== 0, protect: flags >> 5 };
  switch (opcode) {
    case 0x08:
    case 0x0a: {
      if (cdb.length < 6) return undefined;
      const blocks = cdb[4] ?? 0;
      return {
        write,
        fua: false,
        dpo: false,
        protect: 0,
        lba: BigInt(readU32(cdb, 0) & 0x1fffff),
        blocks: blocks === 0 ? 256 : blocks,
      };
    }
    case 0x28:
    case 0x2a:
      return cdb.length < 10 ? undefined : { ...common, lba: BigInt(readU32(cdb, 2)), blocks: readU16(cdb, 7) };
    case 0xa8:
    case 0xaa:
      return cdb.length < 12 ? undefined : { ...common, lba: BigInt(readU32(cdb, 2)), blocks: readU32(cdb, 6) };
    case 0x88:
    case 0x8a:
      return cdb.length < 16 ? undefined : { ...common, lba: readU64(cdb, 2), blocks: readU32(cdb, 10) };
    default:
      return undefined;
  }
}

/** READ or WRITE in its shortest form that holds the address: (10) below 2^32 and 65536 blocks, else (16). */
export function buildBlockAccess(
  write: boolean,
  lba: bigint,
  blocks: number,
  options: { readonly fua?: boolean; readonly force16?: boolean } = {},
): Uint8Array {
  if (lba < 0n || lba >= 1n << 64n)
    throw new UsageError('OUT_OF_RANGE', `A logical block address is a 64-bit number; ${String(lba)} is not.`);
  if (!Number.isInteger(blocks) || blocks < 0 || blocks > 0xffffffff)
    throw new UsageError(
      'OUT_OF_RANGE',
      `A transfer has from 0 to 4294967295 blocks; ${String(blocks)} were asked for.`,
    );
  const flags = options.fua === true ? 8 : 0;
  if (options.force16 !== true && lba <= 0xffffffffn && blocks <= 0xffff) {
    const cdb = new Uint8Array(10);
    cdb[0] = write ? 0x2a : 0x28;
    cdb[1] = flags;
    writeU32(cdb, 2, Number(lba));
    writeU16(cdb, 7, blocks);
    return cdb;
  }
  const cdb = new Uint8Array(16);
  cdb[0] = write ? 0x8a : 0x88;
  cdb[1] = flags;
  writeU64(cdb, 2, lba);
  writeU32(cdb, 10, blocks);
  return cdb;
}
