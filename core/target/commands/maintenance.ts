import { cdbUsage, COMMAND_LIST, type CommandId, type CommandSpec } from '../../scsi/index.ts';
import {
  encodeCommandSupport,
  encodeSupportedCommands,
  encodeTaskFunctions,
  type CommandTimeouts,
} from '../../scsi/support.ts';
import { decodeSetPortGroups, encodePortGroups } from '../../scsi/alua.ts';
import { ACCESS_STATES, type AccessState } from '../unit/alua.ts';
import type { LogicalUnit } from '../unit/logical-unit.ts';
import { answer, callWithData, done, GOOD, type Outcome, type Plan } from '../unit/outcome.ts';
import { invalidField, INVALID_OPCODE, invalidParameter } from '../unit/refusals.ts';
import { flagField, numberField, type CommandContext, type HandlerTable } from './handler.ts';

/** No timeouts are stated (SPC-5 6.34.4). */
const NO_TIMEOUTS: CommandTimeouts = { commandSpecific: 0, nominalSeconds: 0, recommendedSeconds: 0 };

/** Commands a unit serves, in the order of the tables. */
export function servedCommands(unit: LogicalUnit, handlers: HandlerTable): CommandSpec<CommandId>[] {
  return COMMAND_LIST.filter(({ id }) => {
    const handler = handlers[id];
    return handler !== undefined && (handler.only === undefined || (handler.only === 'optical') === unit.optical);
  });
}

function listCommands(commands: readonly CommandSpec[], timeouts: CommandTimeouts | undefined): Uint8Array {
  return encodeSupportedCommands(
    commands.map(({ opcode, serviceAction, layout }) => ({
      opcode,
      cdbLength: layout.size,
      ...(serviceAction === undefined ? {} : { serviceAction }),
      ...(timeouts === undefined ? {} : { timeouts }),
    })),
  );
}

function oneCommand(command: CommandSpec | undefined, timeouts: CommandTimeouts | undefined): Uint8Array {
  return command === undefined ? encodeCommandSupport() : encodeCommandSupport(cdbUsage(command), timeouts);
}

/** REPORT SUPPORTED OPERATION CODES over the table it is itself part of (SPC-5 6.35). */
export function supportedOpcodes(handlers: () => HandlerTable): (context: CommandContext) => Plan {
  return (context) => {
    const { unit, allocationLength } = context;
    const served = servedCommands(unit, handlers());
    const timeouts = flagField(context, 'rctd') ? NO_TIMEOUTS : undefined;
    const options = numberField(context, 'reportingOptions');
    const opcode = numberField(context, 'requestedOperationCode');
    const action = numberField(context, 'requestedServiceAction');
    const same = served.filter((command) => command.opcode === opcode);
    const hasActions = same.some(({ serviceAction }) => serviceAction !== undefined);
    const exact = same.find(({ serviceAction }) => serviceAction === action);
    switch (options) {
      case 0:
        return answer(listCommands(served, timeouts), allocationLength);
      case 1:
        return hasActions ? done(invalidField(2, 2)) : answer(oneCommand(same[0], timeouts), allocationLength);
      case 2:
        return same.length > 0 && !hasActions
          ? done(invalidField(2, 2))
          : answer(oneCommand(exact, timeouts), allocationLength);
      case 3:
        return answer(oneCommand(hasActions ? exact : action === 0 ? same[0] : undefined, timeouts), allocationLength);
      default:
        return done(invalidField(2, 2));
    }
  };
}

/** REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-5 6.37). */
function supportedTaskManagement(context: CommandContext): Plan {
  const functions = {
    abortTask: true,
    abortTaskSet: true,
    clearTaskSet: true,
    logicalUnitReset: true,
    queryTask: true,
    targetReset: true,
    queryAsyncEvent: true,
    queryTaskSet: true,
    nexusReset: true,
  };
  return answer(encodeTaskFunctions(functions, flagField(context, 'repd') ? {} : undefined), context.allocationLength);
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
  (['activeOptimized', 'activeNonOptimized', 'standby', 'unavailable'] as const).map((state) => [
    ACCESS_STATES[state],
    state,
  ]),
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
  reportSupportedTaskManagementFunctions: {
    touch: 'none',
    medium: false,
    anyAccess: true,
    run: supportedTaskManagement,
  },
  reportTargetPortGroups: { touch: 'none', medium: false, anyAccess: true, only: 'disk', run: reportPortGroups },
  setTargetPortGroups: { touch: 'other', medium: false, anyAccess: true, only: 'disk', run: setPortGroups },
};
