import type { CommandId, DecodedCdb } from '../../scsi/index.ts';
import type { LogicalUnit, UnitMap } from '../unit/logical-unit.ts';
import type { Nexus } from '../unit/nexus.ts';
import type { Plan } from '../unit/outcome.ts';
import type { Touch } from '../unit/reservations.ts';

/** A command as its handler gets it. */
export interface CommandContext {
  readonly unit: LogicalUnit;
  readonly nexus: Nexus;
  /** As it came, padding included. */
  readonly cdb: Uint8Array;
  readonly decoded: DecodedCdb;
  readonly fields: DecodedCdb['fields'];
  readonly lba: bigint;
  readonly blocks: number;
  readonly allocationLength: number;
  readonly parameterListLength: number;
  /** The target's units under their numbers. */
  readonly units: UnitMap;
}

/** How one command is served. */
export interface CommandHandler {
  /** What reservations make of it. */
  readonly touch: Touch;
  /** Needs a medium that is there and started. */
  readonly medium: boolean;
  /** Served in every state of access, also where the port is in standby. */
  readonly anyAccess?: boolean;
  /** Left alone by unit attentions. */
  readonly ignoresAttention?: boolean;
  /** Bits the tables give no meaning must be zero. */
  readonly strict?: boolean;
  /** Kinds of unit that have it; all where left out. */
  readonly only?: 'disk' | 'optical';
  readonly run: (context: CommandContext) => Plan;
}

/** Handlers by command. */
export type HandlerTable = Readonly<Partial<Record<CommandId, CommandHandler>>>;

/** A number field of the CDB; absent ones are zero. */
export function numberField(context: CommandContext, name: string): number {
  const value = context.fields[name];
  return typeof value === 'number' ? value : 0;
}

/** A flag of the CDB. */
export function flagField(context: CommandContext, name: string): boolean {
  return context.fields[name] === true;
}
