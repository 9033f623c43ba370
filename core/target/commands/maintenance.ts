import { writeU16, writeU32 } from '../../bytes/index.ts';
import { cdbUsage, COMMAND_LIST, type CommandId, type CommandSpec } from '../../scsi/index.ts';
import { decodeSetPortGroups, encodePortGroups } from '../../scsi/alua.ts';
import { ACCESS_STATES, type AccessState } from '../unit/alua.ts';
import type { LogicalUnit } from '../unit/logical-unit.ts';
import { answer, callWithData, done, GOOD, type Outcome, type Plan } from '../unit/outcome.ts';
import { invalidField, INVALID_OPCODE, invalidParameter } from '../unit/refusals.ts';
import { flagField, numberField, type CommandContext, type HandlerTable } from './handler.ts';

const SUPPORTED = 3;
const NOT_SUPPORTED = 1;
const TIMEOUT_BYTES = 12;

/** Commands a unit serves, in the order of the tables. */
export function servedCommands(unit: LogicalUnit, handlers: HandlerTable): CommandSpec<CommandId>[] {
  return COMMAND_LIST.filter(({ id }) => {
    const handler = handlers[id];
    return handler !== undefined && (handler.only === undefined || (handler.only === 'optical') === unit.optical);
  });
}

/** Says that no timeouts are stated. */
function noTimeouts(): Uint8Array {
  const bytes = new Uint8Array(TIMEOUT_BYTES);
  writeU16(bytes, 0, TIMEOUT_BYTES - 2);
  return bytes;
}

function allCommands(commands: readonly CommandSpec[], timeouts: boolean): Uint8Array {
  const size = 8 + (timeouts ? TIMEOUT_BYTES : 0);
  const bytes = new Uint8Array(4 + commands.length * size);
  writeU32(bytes, 0, bytes.length - 4);
  commands.forEach((command, i) => {
    const at = 4 + i * size;
    bytes[at] = command.opcode;
    writeU16(bytes, at + 2, command.serviceAction ?? 0);
    bytes[at + 5] = (timeouts ? 2 : 0) | (command.serviceAction === undefined ? 0 : 1);
    writeU16(bytes, at + 6, command.layout.size);
    if (timeouts) bytes.set(noTimeouts(), at + 8);
  });
  return bytes;
}

function oneCommand(command: CommandSpec | undefined, timeouts: boolean): Uint8Array {
  if (command === undefined) return Uint8Array.of(0, NOT_SUPPORTED, 0, 0);
  const usage = cdbUsage(command);
  const bytes = new Uint8Array(4 + usage.length + (timeouts ? TIMEOUT_BYTES : 0));
  bytes[1] = SUPPORTED | (timeouts ? 0x80 : 0);
  writeU16(bytes, 2, usage.length);
  bytes.set(usage, 4);
  if (timeouts) bytes.set(noTimeouts(), 4 + usage.length);
  return bytes;
}

/** REPORT SUPPORTED OPERATION CODES over the table it is itself part of (SPC-5 6.35). */
export function supportedOpcodes(handlers: () => HandlerTable): (context: CommandContext) => Plan {
  return (context) => {
    const { unit, allocationLength } = context;
    const served = servedCommands(unit, handlers());
    const timeouts = flagField(context, 'rctd');
    const options = numberField(context, 'reportingOptions');
    const opcode = numberField(context, 'requestedOperationCode');
    const action = numberField(context, 'requestedServiceAction');
    const same = served.filter((command) => command.opcode === opcode);
    const hasActions = same.some(({ serviceAction }) => serviceAction !== undefined);
    const exact = same.find(({ serviceAction }) => serviceAction === action);
    switch (options) {
      case 0:
        return answer(allCommands(served, timeouts), allocationLength);
      case 1:
        return hasActions ? done(invalidField(2, 2)) : answer(oneCommand(same[0], timeouts), allocationLength);
      case 2:
        return same.length > 0 && !hasActions ? done(invalidField(2, 2)) : answer(oneCommand(exact, timeouts), allocationLength);
      case 3:
        return answer(oneCommand(hasActions ? exact : action === 0 ? same[0] : undefined, timeouts), allocationLength);
      default:
        return done(invalidField(2, 2));
    }
  };
}

/** REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-5 6.37). */
function supportedTaskManagement(context: CommandContext): Plan {
  const bytes = new Uint8Array(flagField(context, 'repd') ? 16 : 4);
  // ABORT TASK, ABORT TASK SET, CLEAR TASK SET, LUN RESET, QUERY TASK, target resets; then QUERY ASYNC EVENT, QUERY TASK SET, I_T NEXUS RESET.
  bytes[0] = 0x80 | 0x40 | 0x10 | 0x08 | 0x04 | 0x02;
  bytes[1] = 0x04 | 0x02 | 0x01;
  if (bytes.length > 4) bytes[3] = 12;
  return answer(bytes, context.allocationLength);
}

function reportPortGroups(context: CommandContext): Plan {
  const { unit, allocationLength } = context;
  if (unit.portGroups.length === 0) return done(INVALID_OPCODE);
  const format = numberField(context, 'parameterDataFormat');
  if (format > 1) return done(invalidField(1, 7));
  const groups = unit.portGroups.map(({ id, ports, state, preferred }) => ({
    group: id,
    preferred: preferred ?? false,
    state: ACCESS_STATES[state],
    optimizedSupported: true,
    nonOptimizedSupported: true,
    standbySupported: true,
    unavailableSupported: true,
    statusCode: 0,
    ports,
  }));
  return answer(encodePortGroups(groups, format === 1 ? 0 : undefined), allocationLength);
}

const SETTABLE: ReadonlyMap<number, AccessState> = new Map(
  (['activeOptimized', 'activeNonOptimized', 'standby', 'unavailable'] as const).map((state) => [ACCESS_STATES[state], state]),
);

function setPortGroups({ unit, nexus, parameterListLength }: CommandContext): Plan {
  if (unit.portGroups.length === 0) return done(INVALID_OPCODE, parameterListLength);
  if (parameterListLength === 0) return done(GOOD);
  return callWithData(parameterListLength, (list): Outcome => {
    const { groups } = decodeSetPortGroups(list);
    const wanted = groups.map(({ group, state }) => ({ group, state: SETTABLE.get(state) }));
    for (const [i, { group, state }] of wanted.entries())
      if (state === undefined || !unit.portGroups.some(({ id }) => id === group)) return invalidParameter(4 + i * 4);
    for (const { group, state } of wanted) if (state !== undefined) unit.setAccessState(group, state, nexus.id);
    return GOOD;
  });
}

/** What a unit says about its commands and its ports. */
export const MAINTENANCE: HandlerTable = {
  reportSupportedTaskManagementFunctions: { touch: 'none', medium: false, anyAccess: true, run: supportedTaskManagement },
  reportTargetPortGroups: { touch: 'none', medium: false, anyAccess: true, only: 'disk', run: reportPortGroups },
  setTargetPortGroups: { touch: 'other', medium: false, anyAccess: true, only: 'disk', run: setPortGroups },
};
