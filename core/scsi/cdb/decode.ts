import { buildFieldTree, decodeLayout, decodePartial, type FieldNode, type LayoutValue } from '../../bytes/index.ts';
import { hexByte, rawNodes } from '../payload.ts';
import {
  cdbLengthOf,
  commandsWithOpcode,
  COMMANDS,
  findCommand,
  serviceActionOf,
  type CommandId,
  type KnownCommands,
} from './catalog.ts';
import type { CommandSpec, DataDirection } from './spec.ts';

/** A field's value as it stands in a CDB. */
export type CdbValue = number | bigint | boolean | string | Uint8Array;

/** A CDB the tables know. The fields with a role are given once more under one type for all commands. */
export interface DecodedCdb {
  readonly known: true;
  readonly command: CommandSpec<CommandId>;
  readonly fields: Readonly<Record<string, CdbValue>>;
  readonly lba?: bigint;
  /** Logical blocks asked for; the 0 of six-byte reads and writes is given as the 256 it means. */
  readonly blocks?: number;
  readonly allocationLength?: number;
  readonly parameterListLength?: number;
  readonly warnings: readonly string[];
}

/** A CDB the tables do not know, and why. */
export interface UnknownCdb {
  readonly known: false;
  readonly reason: 'empty' | 'opcode' | 'serviceAction';
  readonly name: string;
  readonly opcode?: number;
  readonly serviceAction?: number;
  /** What the opcode's group says of the length. */
  readonly length?: number;
}

function unknown(cdb: Uint8Array): UnknownCdb {
  const opcode = cdb[0];
  if (opcode === undefined) return { known: false, reason: 'empty', name: 'Empty CDB' };
  const length = cdbLengthOf(opcode);
  const common = { known: false, opcode, ...(length === undefined ? {} : { length }) } as const;
  const serviceAction = serviceActionOf(cdb);
  const vendor = opcode >= 0xc0 ? 'Vendor command' : 'Unknown command';
  if (commandsWithOpcode(opcode).length === 0 || serviceAction === undefined)
    return { ...common, reason: 'opcode', name: `${vendor} ${hexByte(opcode)}` };
  return {
    ...common,
    reason: 'serviceAction',
    serviceAction,
    name: `Unknown service action ${hexByte(serviceAction)} of command ${hexByte(opcode)}`,
  };
}

function numberOf(value: CdbValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Takes a CDB apart as a unit of this device type would; bytes behind its end (iSCSI pads to 16) are left alone. */
export function decodeCdb(cdb: Uint8Array, deviceType = 0): DecodedCdb | UnknownCdb {
  const command = findCommand(cdb, deviceType);
  if (command === undefined) return unknown(cdb);
  const fields = decodePartial(command.layout, cdb) as Record<string, CdbValue>;
  const { lba: address, blocks: count } = fields;
  const lba = typeof address === 'number' || typeof address === 'bigint' ? BigInt(address) : undefined;
  const blocks = count === 0 && (command.id === 'read6' || command.id === 'write6') ? 256 : numberOf(count);
  const allocationLength = numberOf(fields['allocationLength']);
  const parameterListLength = numberOf(fields['parameterListLength']);
  const short = cdb.length < command.layout.size;
  return {
    known: true,
    command,
    fields,
    ...(lba === undefined ? {} : { lba }),
    ...(blocks === undefined ? {} : { blocks }),
    ...(allocationLength === undefined ? {} : { allocationLength }),
    ...(parameterListLength === undefined ? {} : { parameterListLength }),
    warnings: short
      ? [`${command.name} has ${String(command.layout.size)} bytes; ${String(cdb.length)} are there.`]
      : [],
  };
}

/** The typed fields of a CDB known to be this command, or undefined where it is another or too short. */
export function decodeCdbAs<I extends CommandId>(
  id: I,
  cdb: Uint8Array,
): LayoutValue<KnownCommands[I]['layout']> | undefined {
  const spec: CommandSpec = COMMANDS[id];
  if (cdb[0] !== spec.opcode || (spec.serviceAction !== undefined && serviceActionOf(cdb) !== spec.serviceAction))
    return undefined;
  return decodeLayout(spec.layout, cdb);
}

/** One line on a CDB for lists: its name, and what it addresses. */
export function describeCdb(decoded: DecodedCdb | UnknownCdb): string {
  if (!decoded.known) return decoded.name;
  const parts = [decoded.command.name];
  if (decoded.lba !== undefined) parts.push(`LBA ${String(decoded.lba)}`);
  if (decoded.blocks !== undefined) parts.push(`${String(decoded.blocks)} block${decoded.blocks === 1 ? '' : 's'}`);
  if (decoded.fields['evpd'] === true || decoded.fields['pageControl'] !== undefined) {
    const page = numberOf(decoded.fields['pageCode']);
    const subpage = numberOf(decoded.fields['subpageCode']) ?? 0;
    if (page !== undefined) parts.push(`page ${hexByte(page)}${subpage === 0 ? '' : `/${hexByte(subpage)}`}`);
  }
  return parts.join(', ');
}

/** The field tree of a CDB; an unknown one shows its opcode and its bytes. */
export function cdbFieldTree(cdb: Uint8Array, deviceType = 0): FieldNode {
  const decoded = decodeCdb(cdb, deviceType);
  if (!decoded.known) {
    return {
      name: 'cdb',
      label: 'CDB',
      offset: 0,
      length: cdb.length,
      text: decoded.name,
      children: rawNodes('bytes', 'Bytes', cdb, 0),
    };
  }
  const tree = buildFieldTree(decoded.command.layout, cdb);
  return { ...tree, name: 'cdb', label: decoded.command.name, text: describeCdb(decoded) };
}

/** What a CDB asks to move; `bytes` is absent where only the unit's own settings decide. */
export interface ExpectedTransfer {
  readonly direction: Exclude<DataDirection, 'varies'>;
  readonly bytes?: number;
}

function verifyTransfer(bytChk: CdbValue | undefined, blocks: number, blockSize: number): ExpectedTransfer {
  if (bytChk === 1) return { direction: 'out', bytes: blocks * blockSize };
  return bytChk === 3 ? { direction: 'out', bytes: blocks === 0 ? 0 : blockSize } : { direction: 'none', bytes: 0 };
}

/** Direction and number of data bytes of a CDB on a unit with this block size (user data only, without protection information). */
export function expectedTransfer(decoded: DecodedCdb, blockSize: number): ExpectedTransfer {
  const { command, fields } = decoded;
  const blocks = decoded.blocks ?? 0;
  if (command.direction === 'varies') {
    if (fields['bytChk'] !== undefined) return verifyTransfer(fields['bytChk'], blocks, blockSize);
    if (command.id === 'formatUnit')
      return fields['fmtData'] === true ? { direction: 'out' } : { direction: 'none', bytes: 0 };
    return { direction: 'none' };
  }
  const { direction } = command;
  const unit = fields['inc512'] === true ? 512 : 1;
  switch (command.amount) {
    case 'none':
      return { direction, bytes: 0 };
    case 'blocks':
      return { direction, bytes: blocks * blockSize };
    case 'twiceBlocks':
      return { direction, bytes: 2 * blocks * blockSize };
    case 'oneBlock':
      return fields['ndob'] === true ? { direction: 'none', bytes: 0 } : { direction, bytes: blockSize };
    case 'allocation':
      return { direction, bytes: (decoded.allocationLength ?? 0) * unit };
    case 'parameterList':
      return { direction, bytes: decoded.parameterListLength ?? 0 };
    case 'bytes':
      return { direction, bytes: (numberOf(fields['transferLength']) ?? 0) * unit };
    case 'fixed':
      return { direction, bytes: command.fixedBytes ?? 0 };
    case 'varies':
      return { direction };
  }
}

/** The CDB usage data of REPORT SUPPORTED OPERATION CODES: a one for every bit the table gives a meaning (SPC-4 6.35.3). */
export function cdbUsage(command: CommandSpec): Uint8Array {
  const usage = new Uint8Array(command.layout.size);
  for (const field of command.layout.fields) {
    const [high, low] = field.bits ?? [field.size * 8 - 1, 0];
    for (let bit = low; bit <= high; bit += 1) {
      const at = field.offset + field.size - 1 - (bit >> 3);
      usage[at] = (usage[at] ?? 0) | (1 << (bit & 7));
    }
  }
  usage[0] = command.opcode;
  if (command.serviceAction === undefined) return usage;
  if (command.opcode === 0x7f) {
    usage[8] = command.serviceAction >> 8;
    usage[9] = command.serviceAction;
  } else usage[1] = ((usage[1] ?? 0) & 0xe0) | command.serviceAction;
  return usage;
}
