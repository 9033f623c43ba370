import { readU16, readU24, readU32 } from '../bytes/index.ts';
import { COMMAND_LIST, commandsWithOpcode } from '../scsi/index.ts';

/** Where a block command works; the object is reused from call to call. */
export interface CdbExtent {
  lbaHigh: number;
  lbaLow: number;
  blocks: number;
}

/** What of it a CDB has. */
export type CdbHas = 'none' | 'lba' | 'both';

const VARIABLE_LENGTH = 0x7f;

/** The service action of a CDB, where its command has one, by its first word and the one at its byte 8. */
export function serviceActionIn(first: number, third: number): number {
  return first >>> 24 === VARIABLE_LENGTH ? third >>> 16 : (first >>> 16) & 0x1f;
}

/** Where a CDB has its address and, where its command has one, its number of blocks; sizes are in bytes. */
interface Form {
  readonly lbaAt: number;
  readonly lbaSize: number;
  readonly blocksAt: number;
  readonly blocksSize: number;
}

/** By operation code; of commands that share one, by code and service action. */
const FORMS: (Form | undefined)[] = new Array<undefined>(256).fill(undefined);
const ACTION_FORMS = new Map<number, Form>();
const actionKey = (opcode: number, action: number): number => opcode * 0x10000 + action;

for (const { opcode, serviceAction, family, layout } of COMMAND_LIST) {
  const lba = layout.fields.find((field) => field.name === 'lba');
  // Which kind of unit a command goes to is not asked for here: what only some drives take is for opcodes that nothing else has.
  const isCommon = family === 'block' || family === 'any';
  if (lba === undefined || (!isCommon && commandsWithOpcode(opcode).some((other) => other.family !== 'optical')))
    continue;
  const blocks = layout.fields.find((field) => field.name === 'blocks');
  const form = { lbaAt: lba.offset, lbaSize: lba.size, blocksAt: blocks?.offset ?? 0, blocksSize: blocks?.size ?? 0 };
  if (serviceAction === undefined) FORMS[opcode] = form;
  else ACTION_FORMS.set(actionKey(opcode, serviceAction), form);
}

/** A CDB of more than 16 bytes is behind this opcode, and ends in an additional header. */
export const isLongCdb = (bytes: Uint8Array, at: number): boolean => bytes[at] === VARIABLE_LENGTH;

function formOf(bytes: Uint8Array, at: number): Form | undefined {
  const opcode = bytes[at] as number;
  return (
    FORMS[opcode] ?? ACTION_FORMS.get(actionKey(opcode, serviceActionIn(readU32(bytes, at), readU32(bytes, at + 8))))
  );
}

function readCount(bytes: Uint8Array, at: number, size: number): number {
  if (size === 4) return readU32(bytes, at);
  return size === 2 ? readU16(bytes, at) : (bytes[at] as number);
}

/**
 * Reads the address of a CDB of `length` bytes and the number of blocks it has there, as the tables of commands say; answers
 * which of them it has.
 */
export function readCdbExtent(bytes: Uint8Array, at: number, length: number, into: CdbExtent): CdbHas {
  into.lbaHigh = 0;
  into.lbaLow = 0;
  into.blocks = 0;
  const form = formOf(bytes, at);
  if (form === undefined || form.lbaAt + form.lbaSize > length) return 'none';
  const lbaAt = at + form.lbaAt;
  const isShort = form.lbaSize === 3;
  if (isShort) into.lbaLow = readU24(bytes, lbaAt) & 0x1fffff;
  else if (form.lbaSize === 4) into.lbaLow = readU32(bytes, lbaAt);
  else {
    into.lbaHigh = readU32(bytes, lbaAt);
    into.lbaLow = readU32(bytes, lbaAt + 4);
  }
  if (form.blocksSize === 0 || form.blocksAt + form.blocksSize > length) return 'lba';
  into.blocks = readCount(bytes, at + form.blocksAt, form.blocksSize);
  // Commands of six bytes cannot say 256 otherwise.
  if (isShort && into.blocks === 0) into.blocks = 256;
  return 'both';
}
