import { bits, flag, layout, u64, uint, type Field, type Layout } from '../../bytes/index.ts';

/** Which way a command's data goes, seen from the initiator; `varies` where a field of the CDB decides. */
export type DataDirection = 'none' | 'in' | 'out' | 'varies';

/** Which kinds of unit a command is defined for; the same opcode means different commands on different kinds. */
export type CommandFamily = 'any' | 'block' | 'tape' | 'changer' | 'optical';

/** What fixes the number of data bytes a CDB asks to move. */
export type DataAmount =
  'none' | 'blocks' | 'oneBlock' | 'twiceBlocks' | 'allocation' | 'parameterList' | 'bytes' | 'fixed' | 'varies';

/** Names every table uses for the fields with a role of their own. */
type RoleField = 'lba' | 'blocks' | 'allocationLength' | 'parameterListLength' | 'transferLength';

/** One command: its name, its code, and every field of its CDB. */
export interface CommandSpec<I extends string = string, F extends readonly Field[] = readonly Field[]> {
  readonly id: I;
  readonly name: string;
  readonly opcode: number;
  readonly serviceAction?: number;
  readonly family: CommandFamily;
  readonly direction: DataDirection;
  readonly amount: DataAmount;
  /** Bytes moved where the CDB does not say, with amount `fixed`. */
  readonly fixedBytes?: number;
  readonly layout: Layout<F>;
  /** Fields a builder refuses to leave out. */
  readonly needs: readonly string[];
}

/** The fields a builder refuses to leave out, by type. */
export type NeededFields<F extends readonly Field[]> = Extract<F[number]['name'], RoleField>;

interface Options {
  readonly sa?: number;
  readonly family?: CommandFamily;
  readonly amount?: DataAmount;
  readonly fixedBytes?: number;
}

const ROLES: readonly string[] = [
  'lba',
  'blocks',
  'allocationLength',
  'parameterListLength',
  'transferLength',
] satisfies RoleField[];

function amountOf(direction: DataDirection, fields: readonly Field[]): DataAmount {
  if (direction === 'none') return 'none';
  const names = new Set(fields.map((field) => field.name));
  if (names.has('allocationLength')) return 'allocation';
  if (names.has('parameterListLength')) return 'parameterList';
  if (names.has('blocks')) return 'blocks';
  return names.has('transferLength') ? 'bytes' : 'varies';
}

/** Declares a fixed-length command: opcode, service action and control byte are added to the fields given. */
export function command<const I extends string, const F extends readonly Field[]>(
  id: I,
  name: string,
  opcode: number,
  length: 6 | 10 | 12 | 16,
  direction: DataDirection,
  standard: string,
  fields: F,
  options: Options = {},
) {
  const all = [
    uint('opcode', 'Operation code', 0, 1, { values: { [opcode]: name } }),
    ...(options.sa === undefined
      ? []
      : [bits('serviceAction', 'Service action', 1, [4, 0], { values: { [options.sa]: name } })]),
    ...fields,
    uint('control', 'Control', length - 1, 1, {
      meaning: 'Vendor bits 7 and 6, and NACA in bit 2.',
      clause: 'SAM-5 5.2',
    }),
  ] as const;
  return spec(id, name, opcode, direction, layout(id, name, length, `${standard} ${name}`, all), options);
}

/** Declares a command of 32 bytes behind operation code 7Fh (SPC-5, variable length CDB). */
export function variableCommand<const I extends string, const F extends readonly Field[]>(
  id: I,
  name: string,
  serviceAction: number,
  direction: DataDirection,
  standard: string,
  fields: F,
  options: Options = {},
) {
  const all = [
    uint('opcode', 'Operation code', 0, 1, { values: { 0x7f: 'Variable length CDB' } }),
    uint('control', 'Control', 1, 1),
    uint('additionalCdbLength', 'Additional CDB length', 7, 1),
    uint('serviceAction', 'Service action', 8, 2, { values: { [serviceAction]: name } }),
    ...fields,
  ] as const;
  return spec(id, name, 0x7f, direction, layout(id, name, 32, `${standard} ${name}`, all), {
    ...options,
    sa: serviceAction,
  });
}

function spec<I extends string, F extends readonly Field[]>(
  id: I,
  name: string,
  opcode: number,
  direction: DataDirection,
  table: Layout<F>,
  options: Options,
): CommandSpec<I, F> {
  return {
    id,
    name,
    opcode,
    ...(options.sa === undefined ? {} : { serviceAction: options.sa }),
    family: options.family ?? 'any',
    direction,
    amount: options.amount ?? (options.fixedBytes === undefined ? amountOf(direction, table.fields) : 'fixed'),
    ...(options.fixedBytes === undefined ? {} : { fixedBytes: options.fixedBytes }),
    layout: table,
    needs: table.fields.map((field) => field.name).filter((field) => ROLES.includes(field)),
  };
}

/** Four-byte LBA. */
export const lba32 = (at: number) => uint('lba', 'Logical block address', at, 4);
/** Eight-byte LBA. */
export const lba64 = (at: number) => u64('lba', 'Logical block address', at);
/** Allocation length: the most the initiator takes (SPC-5 CDB formats). */
export const allocation = (at: number, size: 1 | 2 | 3 | 4) =>
  uint('allocationLength', 'Allocation length', at, size, {
    meaning: 'The most bytes the initiator takes; more is cut off.',
  });
/** Parameter list length: the bytes that are sent. */
export const parameterList = (at: number, size: 1 | 2 | 3 | 4) =>
  uint('parameterListLength', 'Parameter list length', at, size);
/** Transfer length in logical blocks. */
export const blocks = (at: number, size: 1 | 2 | 4, label = 'Transfer length') =>
  uint('blocks', label, at, size, { meaning: 'Counted in logical blocks.' });
/** Group number of the grouping function. */
export const group = (at: number, high: 4 | 5 = 4) => bits('groupNumber', 'Group number', at, [high, 0]);
/** Protection check of reads. */
export const rdProtect = (at = 1) =>
  bits('rdProtect', 'RDPROTECT', at, [7, 5], { meaning: 'How protection information is read and checked.' });
/** Protection check of writes. */
export const wrProtect = (at = 1) =>
  bits('wrProtect', 'WRPROTECT', at, [7, 5], { meaning: 'How protection information is sent and checked.' });
/** Protection check of verifies. */
export const vrProtect = (at = 1) =>
  bits('vrProtect', 'VRPROTECT', at, [7, 5], { meaning: 'How protection information is checked.' });
/** Disable page out. */
export const dpo = (at = 1) => flag('dpo', 'DPO', at, 4, { meaning: 'The data need not stay in the cache.' });
/** Force unit access. */
export const fua = (at = 1) =>
  flag('fua', 'FUA', at, 3, { meaning: 'The medium itself is read or written before the command ends.' });
/** Rebuild assist recovery control. */
export const rarc = (at = 1) => flag('rarc', 'RARC', at, 2, { meaning: 'No lengthy recovery of unreadable blocks.' });
/** Byte check of verifies: what is compared with what is sent. */
export const bytChk = (at = 1) =>
  bits('bytChk', 'BYTCHK', at, [2, 1], {
    values: { 0: 'Medium only', 1: 'Compare with the data sent', 3: 'Compare every block with the one sent' },
  });
/** Immediate status. */
export const immed = (at = 1, bit = 0) =>
  flag('immed', 'IMMED', at, bit, { meaning: 'Status comes before the work is done.' });
/** Expected tags of type 2 protection in 32-byte commands. */
export const protectionTags = () =>
  [
    uint('expectedReferenceTag', 'Expected initial logical block reference tag', 20, 4),
    uint('expectedApplicationTag', 'Expected logical block application tag', 24, 2),
    uint('applicationTagMask', 'Logical block application tag mask', 26, 2),
  ] as const;
