import { readU16, readU32 } from '../bytes/index.ts';

/** Where a block command works; the object is reused from call to call. */
export interface CdbExtent {
  lbaHigh: number;
  lbaLow: number;
  blocks: number;
}

const VARIABLE_LENGTH = 0x7f;

/** The service action of a CDB, where its command has one, by its first word and the one at its byte 8. */
export function serviceActionIn(first: number, third: number): number {
  return first >>> 24 === VARIABLE_LENGTH ? third >>> 16 : (first >>> 16) & 0x1f;
}

const SHORT = 1;
const TEN = 2;
const TWELVE = 3;
const SIXTEEN = 4;
const SIXTEEN_ONE = 5;

const FORM = new Uint8Array(256);
for (const code of [0x08, 0x0a]) FORM[code] = SHORT;
for (const code of [0x28, 0x2a, 0x2e, 0x2f, 0x34, 0x35, 0x41]) FORM[code] = TEN;
for (const code of [0xa8, 0xaa, 0xae, 0xaf]) FORM[code] = TWELVE;
for (const code of [0x88, 0x8a, 0x8e, 0x8f, 0x90, 0x91, 0x93, 0x9c]) FORM[code] = SIXTEEN;
FORM[0x89] = SIXTEEN_ONE;

/** Reads the address and the number of blocks of a CDB that has both (SBC-4); answers false for all others. */
export function readCdbExtent(bytes: Uint8Array, at: number, into: CdbExtent): boolean {
  into.lbaHigh = 0;
  switch (FORM[bytes[at] as number]) {
    case SHORT:
      into.lbaLow = readU32(bytes, at) & 0x1fffff;
      into.blocks = bytes[at + 4] === 0 ? 256 : (bytes[at + 4] as number);
      return true;
    case TEN:
      into.lbaLow = readU32(bytes, at + 2);
      into.blocks = readU16(bytes, at + 7);
      return true;
    case TWELVE:
      into.lbaLow = readU32(bytes, at + 2);
      into.blocks = readU32(bytes, at + 6);
      return true;
    case SIXTEEN:
      into.lbaHigh = readU32(bytes, at + 2);
      into.lbaLow = readU32(bytes, at + 6);
      into.blocks = readU32(bytes, at + 10);
      return true;
    case SIXTEEN_ONE:
      into.lbaHigh = readU32(bytes, at + 2);
      into.lbaLow = readU32(bytes, at + 6);
      into.blocks = bytes[at + 13] as number;
      return true;
    default:
      into.lbaLow = 0;
      into.blocks = 0;
      return false;
  }
}
