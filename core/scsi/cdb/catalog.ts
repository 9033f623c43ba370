import type { Field } from '../../bytes/index.ts';
import { deviceAccess } from '../device-types.ts';
import type { CommandFamily, CommandSpec } from './spec.ts';
import { BLOCK_COMMANDS } from './table-block.ts';
import { CHANGER_COMMANDS } from './table-changer.ts';
import { FORMER_COMMANDS } from './table-former.ts';
import { OPTICAL_COMMANDS } from './table-optical.ts';
import { PRIMARY_COMMANDS } from './table-primary.ts';
import { RANGE_COMMANDS } from './table-range.ts';
import { SERVICE_COMMANDS } from './table-service.ts';
import { TAPE_COMMANDS } from './table-tape.ts';
import { TRANSFER_COMMANDS } from './table-transfer.ts';

const ALL = [
  ...PRIMARY_COMMANDS,
  ...SERVICE_COMMANDS,
  ...TRANSFER_COMMANDS,
  ...RANGE_COMMANDS,
  ...BLOCK_COMMANDS,
  ...FORMER_COMMANDS,
  ...OPTICAL_COMMANDS,
  ...TAPE_COMMANDS,
  ...CHANGER_COMMANDS,
] as const;

type KnownSpec = (typeof ALL)[number];

/** The id of every command in the tables. */
export type CommandId = KnownSpec['id'];

/** The specification of one command, with its fields by type. */
export type KnownCommands = { readonly [S in KnownSpec as S['id']]: S };

/** Every command by id. */
export const COMMANDS = Object.fromEntries(ALL.map((spec) => [spec.id, spec])) as unknown as KnownCommands;

/** Every command in table order. */
export const COMMAND_LIST: readonly CommandSpec<CommandId>[] = ALL;

const byOpcode = new Map<number, CommandSpec<CommandId>[]>();
for (const spec of COMMAND_LIST) {
  const list = byOpcode.get(spec.opcode);
  if (list === undefined) byOpcode.set(spec.opcode, [spec]);
  else list.push(spec);
}

const PREFERENCE: Readonly<Record<CommandFamily, readonly CommandFamily[]>> = {
  any: ['any', 'block', 'optical', 'tape', 'changer'],
  block: ['block', 'any', 'optical', 'tape', 'changer'],
  optical: ['optical', 'any', 'block', 'tape', 'changer'],
  tape: ['tape', 'any', 'block', 'optical', 'changer'],
  changer: ['changer', 'any', 'block', 'optical', 'tape'],
};

/** The command family of a device type. */
export function familyOf(deviceType: number): CommandFamily {
  switch (deviceAccess(deviceType)) {
    case 'block':
      return 'block';
    case 'optical':
      return 'optical';
    case 'sequential':
      return 'tape';
    case 'changer':
      return 'changer';
    case 'other':
    case 'none':
      return 'any';
  }
}

/** The service action a CDB carries at the place its opcode keeps it; undefined where the bytes end before it. */
export function serviceActionOf(cdb: Uint8Array): number | undefined {
  if (cdb[0] !== 0x7f) return cdb[1] === undefined ? undefined : cdb[1] & 0x1f;
  return cdb[8] === undefined || cdb[9] === undefined ? undefined : (cdb[8] << 8) | cdb[9];
}

/** All commands that share an operation code. */
export function commandsWithOpcode(opcode: number): readonly CommandSpec<CommandId>[] {
  return byOpcode.get(opcode) ?? [];
}

const ranked = new Map<CommandFamily, Map<number, readonly CommandSpec<CommandId>[]>>();

/** The commands an operation code can mean on a kind of unit, best first; found once, then kept. */
function candidates(family: CommandFamily, opcode: number): readonly CommandSpec<CommandId>[] {
  const known = ranked.get(family) ?? new Map<number, readonly CommandSpec<CommandId>[]>();
  ranked.set(family, known);
  const kept = known.get(opcode);
  if (kept !== undefined) return kept;
  const all = commandsWithOpcode(opcode);
  const own = all.filter((spec) => spec.family === family || spec.family === 'any');
  const order = PREFERENCE[family];
  const list = [...(own.length > 0 ? own : all)].sort((x, y) => order.indexOf(x.family) - order.indexOf(y.family));
  known.set(opcode, list);
  return list;
}

/**
 * The command a CDB is, as a unit of this device type understands it. Where no command for its kind has the operation
 * code at all, that of another kind is given.
 */
export function findCommand(cdb: Uint8Array, deviceType = 0): CommandSpec<CommandId> | undefined {
  const opcode = cdb[0];
  if (opcode === undefined) return undefined;
  const list = candidates(familyOf(deviceType), opcode);
  const sa = serviceActionOf(cdb);
  const exact = list.find((spec) => spec.serviceAction !== undefined && spec.serviceAction === sa);
  return exact ?? list.find((spec) => spec.serviceAction === undefined);
}

/** The command of an operation code and, where it has one, a service action. */
export function commandByCode(
  opcode: number,
  serviceAction: number | undefined,
  deviceType = 0,
): CommandSpec<CommandId> | undefined {
  const cdb = new Uint8Array(32);
  cdb[0] = opcode;
  const action = serviceAction ?? 0;
  if (opcode === 0x7f) cdb.set([action >> 8, action & 0xff], 8);
  else cdb[1] = action;
  return findCommand(cdb, deviceType);
}

/** The length an operation code's group gives a CDB (SPC-5 CDB formats), or undefined for variable and vendor groups. */
export function cdbLengthOf(opcode: number): 6 | 10 | 12 | 16 | undefined {
  switch (opcode >> 5) {
    case 0:
      return 6;
    case 1:
    case 2:
      return 10;
    case 4:
      return 16;
    case 5:
      return 12;
    default:
      return undefined;
  }
}

/** The field of a command that holds a byte and, where given, a bit of it (bit 7 being the most significant). */
export function fieldAt(fields: readonly Field[], byte: number, bit?: number): Field | undefined {
  return fields.find((field) => {
    if (byte < field.offset || byte >= field.offset + field.size) return false;
    if (field.bits === undefined) return true;
    const inGroup = (field.offset + field.size - 1 - byte) * 8;
    const [high, low] = field.bits;
    if (bit === undefined) return high >= inGroup && low <= inGroup + 7;
    return inGroup + bit >= low && inGroup + bit <= high;
  });
}
