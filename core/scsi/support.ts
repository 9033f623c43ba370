import {
  bits,
  decodeLayout,
  decodePartial,
  flag,
  layout,
  readU16,
  readU32,
  uint,
  type FieldNode,
  type LayoutInput,
  type LayoutValue,
} from '../bytes/index.ts';
import { commandByCode } from './cdb/catalog.ts';
import {
  encodeStruct,
  entryTree,
  hexByte,
  joinBytes,
  payloadTree,
  promised,
  rawNodes,
  type Warnings,
} from './payload.ts';

/** The header of REPORT SUPPORTED OPERATION CODES data for all commands (SPC-4 6.35.2). */
export const ALL_COMMANDS_HEADER = layout('supportedCommands', 'Supported commands', 4, 'SPC-4 6.35.2', [
  uint('dataLength', 'Command data length', 0, 4),
]);

/** One command of that list. */
export const COMMAND_DESCRIPTOR = layout('supportedCommand', 'Command descriptor', 8, 'SPC-4 6.35.2', [
  uint('opcode', 'Operation code', 0, 1),
  uint('serviceAction', 'Service action', 2, 2),
  flag('timeoutsPresent', 'CTDP', 5, 1, { meaning: 'A command timeouts descriptor follows.' }),
  flag('serviceActionValid', 'SERVACTV', 5, 0, { meaning: 'The service action counts.' }),
  uint('cdbLength', 'CDB length', 6, 2),
]);

/** The command timeouts descriptor (SPC-4 6.35.4). */
export const COMMAND_TIMEOUTS = layout('commandTimeouts', 'Command timeouts', 12, 'SPC-4 6.35.4', [
  uint('descriptorLength', 'Descriptor length', 0, 2),
  uint('commandSpecific', 'Command specific', 3, 1),
  uint('nominalSeconds', 'Nominal command processing timeout', 4, 4, {
    meaning: 'In seconds; 0 means none is stated.',
  }),
  uint('recommendedSeconds', 'Recommended command timeout', 8, 4, { meaning: 'In seconds; 0 means none is stated.' }),
]);

/** How far a command is supported. */
export const SUPPORT_LEVELS: Readonly<Record<number, string>> = {
  0: 'Not known now',
  1: 'Not supported',
  3: 'Supported as the standard says',
  5: 'Supported in a vendor specific way',
};

/** The header of REPORT SUPPORTED OPERATION CODES data for one command (SPC-4 6.35.3). */
export const ONE_COMMAND = layout('supportedCommand', 'Supported command', 4, 'SPC-4 6.35.3', [
  flag('timeoutsPresent', 'CTDP', 1, 7, { meaning: 'A command timeouts descriptor follows.' }),
  bits('support', 'SUPPORT', 1, [2, 0], { values: SUPPORT_LEVELS }),
  uint('cdbSize', 'CDB size', 2, 2),
]);

/** REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS data, short form (SPC-4 6.36). */
export const TASK_FUNCTIONS = layout('taskFunctions', 'Supported task management functions', 4, 'SPC-4 6.36', [
  flag('abortTask', 'ATS', 0, 7, { meaning: 'ABORT TASK' }),
  flag('abortTaskSet', 'ATSS', 0, 6, { meaning: 'ABORT TASK SET' }),
  flag('clearAca', 'CACAS', 0, 5, { meaning: 'CLEAR ACA' }),
  flag('clearTaskSet', 'CTSS', 0, 4, { meaning: 'CLEAR TASK SET' }),
  flag('logicalUnitReset', 'LURS', 0, 3, { meaning: 'LOGICAL UNIT RESET' }),
  flag('queryTask', 'QTS', 0, 2, { meaning: 'QUERY TASK' }),
  flag('targetReset', 'TRS', 0, 1, { meaning: 'TARGET RESET (obsolete)' }),
  flag('wakeup', 'WAKES', 0, 0, { meaning: 'WAKEUP (obsolete)' }),
  flag('queryAsyncEvent', 'QAES', 1, 2, { meaning: 'QUERY ASYNCHRONOUS EVENT' }),
  flag('queryTaskSet', 'QTSS', 1, 1, { meaning: 'QUERY TASK SET' }),
  flag('nexusReset', 'ITNRS', 1, 0, { meaning: 'I_T NEXUS RESET' }),
  uint('additionalLength', 'Additional data length', 3, 1),
]);

/** What the extended form adds (SPC-4 6.36). */
export const TASK_FUNCTION_TIMEOUTS = layout('taskFunctionTimeouts', 'Task management timeouts', 16, 'SPC-4 6.36', [
  flag('timeoutsValid', 'TMFTMOV', 4, 0),
  uint('longTimeout', 'Long timeout (tenths of a second)', 8, 4),
  uint('shortTimeout', 'Short timeout (tenths of a second)', 12, 4),
]);

/** Timeouts a target states for a command. */
export type CommandTimeouts = Omit<LayoutValue<typeof COMMAND_TIMEOUTS>, 'descriptorLength'>;

/** One command a unit supports. */
export interface SupportedCommand {
  readonly opcode: number;
  readonly serviceAction?: number;
  readonly name: string;
  readonly cdbLength: number;
  readonly timeouts?: CommandTimeouts;
}

/** The commands a unit supports. */
export interface SupportedCommands {
  readonly commands: readonly SupportedCommand[];
  readonly warnings: readonly string[];
}

/** What a unit says of one command. */
export interface CommandSupport {
  readonly support: number;
  readonly supportName: string;
  /** Whether the command can be used. */
  readonly supported: boolean;
  /** The CDB with a one for each bit the unit looks at. */
  readonly usage: Uint8Array;
  readonly timeouts?: CommandTimeouts;
  readonly warnings: readonly string[];
}

function nameOf(opcode: number, serviceAction: number | undefined, deviceType: number): string {
  const code = serviceAction === undefined ? hexByte(opcode) : `${hexByte(opcode)}/${hexByte(serviceAction)}`;
  return commandByCode(opcode, serviceAction, deviceType)?.name ?? `Command ${code}`;
}

function decodeTimeouts(bytes: Uint8Array, at: number, warnings: Warnings): CommandTimeouts | undefined {
  const found = decodeLayout(COMMAND_TIMEOUTS, bytes, at);
  if (found === undefined) {
    warnings.push('A command timeouts descriptor is not whole.');
    return undefined;
  }
  const { commandSpecific, nominalSeconds, recommendedSeconds } = found;
  return { commandSpecific, nominalSeconds, recommendedSeconds };
}

/** Where each command of the list lies, and how many bytes it takes. */
function commandSpans(bytes: Uint8Array, warnings: Warnings): { readonly at: number; readonly timeoutsAt?: number }[] {
  if (bytes.length < 4) {
    warnings.push(`The list of commands has at least 4 bytes; ${String(bytes.length)} are there.`);
    return [];
  }
  const end = 4 + promised(bytes, 4, readU32(bytes, 0), 'The list of commands', warnings).length;
  const spans: { at: number; timeoutsAt?: number }[] = [];
  let at = 4;
  while (at + COMMAND_DESCRIPTOR.size <= end) {
    const timeouts = ((bytes[at + 5] ?? 0) & 2) !== 0;
    spans.push(timeouts ? { at, timeoutsAt: at + COMMAND_DESCRIPTOR.size } : { at });
    // The descriptor states its own length behind its first two bytes.
    at += COMMAND_DESCRIPTOR.size + (timeouts ? 2 + readU16(bytes, at + COMMAND_DESCRIPTOR.size) : 0);
  }
  if (at < end) warnings.push(`${String(end - at)} bytes follow the last command.`);
  return spans;
}

/** Reads the list of all supported commands, with or without timeouts, however short. */
export function decodeSupportedCommands(bytes: Uint8Array, deviceType = 0): SupportedCommands {
  const warnings: Warnings = [];
  const commands: SupportedCommand[] = [];
  for (const { at, timeoutsAt } of commandSpans(bytes, warnings)) {
    const fields = decodeLayout(COMMAND_DESCRIPTOR, bytes, at);
    if (fields === undefined) continue;
    const serviceAction = fields.serviceActionValid ? fields.serviceAction : undefined;
    const timeouts = timeoutsAt === undefined ? undefined : decodeTimeouts(bytes, timeoutsAt, warnings);
    commands.push({
      opcode: fields.opcode,
      ...(serviceAction === undefined ? {} : { serviceAction }),
      name: nameOf(fields.opcode, serviceAction, deviceType),
      cdbLength: fields.cdbLength,
      ...(timeouts === undefined ? {} : { timeouts }),
    });
  }
  return { commands, warnings };
}

/** Reads what a unit says of one command, however short. */
export function decodeCommandSupport(bytes: Uint8Array): CommandSupport {
  const warnings: Warnings =
    bytes.length < 4 ? [`The description of a command has at least 4 bytes; ${String(bytes.length)} are there.`] : [];
  const { support = 0, cdbSize = 0, timeoutsPresent = false } = decodePartial(ONE_COMMAND, bytes);
  const usage = promised(bytes, ONE_COMMAND.size, cdbSize, 'The CDB usage data', warnings);
  const timeouts = timeoutsPresent ? decodeTimeouts(bytes, ONE_COMMAND.size + cdbSize, warnings) : undefined;
  const supportName = SUPPORT_LEVELS[support] ?? `Support level ${String(support)}`;
  return {
    support,
    supportName,
    supported: support === 3 || support === 5,
    usage,
    ...(timeouts === undefined ? {} : { timeouts }),
    warnings,
  };
}

function encodeTimeouts(timeouts: CommandTimeouts | undefined): Uint8Array {
  return timeouts === undefined
    ? new Uint8Array(0)
    : encodeStruct(COMMAND_TIMEOUTS, { ...timeouts, descriptorLength: COMMAND_TIMEOUTS.size - 2 });
}

/** Builds the list of all supported commands. */
export function encodeSupportedCommands(commands: readonly Omit<SupportedCommand, 'name'>[]): Uint8Array {
  const body = joinBytes(
    commands.flatMap(({ opcode, serviceAction, cdbLength, timeouts }) => {
      const fields: LayoutInput<typeof COMMAND_DESCRIPTOR> = {
        opcode,
        cdbLength,
        timeoutsPresent: timeouts !== undefined,
      };
      const service = serviceAction === undefined ? {} : { serviceAction, serviceActionValid: true };
      return [encodeStruct(COMMAND_DESCRIPTOR, { ...fields, ...service }), encodeTimeouts(timeouts)];
    }),
  );
  return joinBytes([encodeStruct(ALL_COMMANDS_HEADER, { dataLength: body.length }), body]);
}

/** Builds the description of one command; without usage data the command is not supported. */
export function encodeCommandSupport(usage?: Uint8Array, timeouts?: CommandTimeouts): Uint8Array {
  if (usage === undefined) return encodeStruct(ONE_COMMAND, { support: 1 });
  const head = encodeStruct(ONE_COMMAND, {
    support: 3,
    cdbSize: usage.length,
    timeoutsPresent: timeouts !== undefined,
  });
  return joinBytes([head, usage, encodeTimeouts(timeouts)]);
}

/** The task management functions a unit supports; what the bytes do not reach is absent. */
export type TaskFunctions = Partial<LayoutValue<typeof TASK_FUNCTIONS>> &
  Partial<LayoutValue<typeof TASK_FUNCTION_TIMEOUTS>> & { readonly warnings: readonly string[] };

/** Reads REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS data of either form, however short. */
export function decodeTaskFunctions(bytes: Uint8Array): TaskFunctions {
  const warnings: Warnings =
    bytes.length < 4 ? [`The task management functions have at least 4 bytes; ${String(bytes.length)} are there.`] : [];
  const fields = decodePartial(TASK_FUNCTIONS, bytes);
  const length = fields.additionalLength ?? 0;
  if (length === 0) return { ...fields, warnings };
  const extended = bytes.subarray(0, 4 + promised(bytes, 4, length, 'The task management timeouts', warnings).length);
  return { ...fields, ...decodePartial(TASK_FUNCTION_TIMEOUTS, extended), warnings };
}

/** Builds REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS data; timeouts give it the extended form. */
export function encodeTaskFunctions(
  input: Omit<LayoutInput<typeof TASK_FUNCTIONS>, 'additionalLength'>,
  timeouts?: LayoutInput<typeof TASK_FUNCTION_TIMEOUTS>,
): Uint8Array {
  if (timeouts === undefined) return encodeStruct(TASK_FUNCTIONS, input);
  const whole = encodeStruct(TASK_FUNCTION_TIMEOUTS, timeouts);
  whole.set(encodeStruct(TASK_FUNCTIONS, { ...input, additionalLength: 12 }));
  return whole;
}

/** The field tree of REPORT SUPPORTED OPERATION CODES data under these reporting options. */
export function supportedCommandsFieldTree(bytes: Uint8Array, reportingOptions: number, deviceType = 0): FieldNode {
  if (reportingOptions !== 0) {
    const one = decodeCommandSupport(bytes);
    const rest = rawNodes('usage', 'CDB usage data', one.usage, ONE_COMMAND.size);
    const timeouts =
      one.timeouts === undefined
        ? []
        : [entryTree(COMMAND_TIMEOUTS, bytes, ONE_COMMAND.size + one.usage.length, 'Command timeouts')];
    return payloadTree(ONE_COMMAND, bytes, [...rest, ...timeouts], { text: one.supportName, warnings: one.warnings });
  }
  const { commands, warnings } = decodeSupportedCommands(bytes, deviceType);
  const entries = commandSpans(bytes, []).map(({ at, timeoutsAt }, i) => {
    const timeouts =
      timeoutsAt === undefined ? [] : [entryTree(COMMAND_TIMEOUTS, bytes, timeoutsAt, 'Command timeouts')];
    return entryTree(COMMAND_DESCRIPTOR, bytes, at, commands[i]?.name ?? '', timeouts);
  });
  return payloadTree(ALL_COMMANDS_HEADER, bytes, entries, { text: `${String(commands.length)} commands`, warnings });
}

/** The field tree of REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS data. */
export function taskFunctionsFieldTree(bytes: Uint8Array): FieldNode {
  const { additionalLength = 0, warnings } = decodeTaskFunctions(bytes);
  const rest = additionalLength === 0 ? [] : (payloadTree(TASK_FUNCTION_TIMEOUTS, bytes).children ?? []);
  return payloadTree(TASK_FUNCTIONS, bytes, rest, { warnings });
}
