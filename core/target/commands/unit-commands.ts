import { cdbUsage, decodeCdb, readBlockAccess, type CommandId } from '../../scsi/index.ts';
import type { LogicalUnit, UnitMap } from '../unit/logical-unit.ts';
import type { Nexus } from '../unit/nexus.ts';
import { done, type Outcome, type Plan } from '../unit/outcome.ts';
import { invalidField, INVALID_OPCODE, notReady, RESERVATION_CONFLICT, unitAttention } from '../unit/refusals.ts';
import { planBlockAccess } from './transfer.ts';
import type { CommandContext, CommandHandler } from './handler.ts';
import { HANDLERS } from './table.ts';

const NACA = 0x04;

/** The control byte of a CDB, which its operation code tells the length of (SAM-5 5.2). */
function controlByte(cdb: Uint8Array): number {
  const group = (cdb[0] ?? 0) >> 5;
  return cdb[group === 0 ? 5 : group <= 2 ? 9 : group === 5 ? 11 : 15] ?? 0;
}

/** The device server of one unit: from a CDB to a plan, through the conditions that come before the command itself. */
export class UnitCommands {
  readonly #unit: LogicalUnit;
  readonly #deviceType: number;
  readonly #usage = new Map<CommandId, Uint8Array>();

  constructor(unit: LogicalUnit) {
    this.#unit = unit;
    this.#deviceType = unit.optical ? 5 : 0;
  }

  /** Reads a command and says what it needs. */
  plan(nexus: Nexus, cdb: Uint8Array, units: UnitMap): Plan {
    const unit = this.#unit;
    const access = readBlockAccess(cdb);
    if (access !== undefined && !unit.optical && !this.#troubled && (controlByte(cdb) & NACA) === 0)
      return planBlockAccess(unit, access, cdb);
    const decoded = decodeCdb(cdb, this.#deviceType);
    const handler = decoded.known ? this.handlerOf(decoded.command.id) : undefined;
    if (handler?.ignoresAttention !== true) {
      const attention = unit.attentions.take(nexus.id);
      if (attention !== undefined) return done(unitAttention(attention));
    }
    if (!decoded.known || handler === undefined)
      return done(!decoded.known && decoded.reason === 'serviceAction' ? invalidField(1, 4) : this.#unknown(cdb));
    const context: CommandContext = {
      unit,
      nexus,
      cdb,
      decoded,
      units,
      fields: decoded.fields,
      lba: decoded.lba ?? 0n,
      blocks: decoded.blocks ?? 0,
      allocationLength: decoded.allocationLength ?? 0,
      parameterListLength: decoded.parameterListLength ?? 0,
    };
    const refusal = this.#refusal(context, handler);
    if (refusal !== undefined) return done(refusal);
    return access === undefined ? handler.run(context) : planBlockAccess(unit, access, cdb);
  }

  /** The handler of a command, if this kind of unit has it. */
  handlerOf(id: CommandId): CommandHandler | undefined {
    const handler = HANDLERS[id];
    if (handler?.only === undefined) return handler;
    return (handler.only === 'optical') === this.#unit.optical ? handler : undefined;
  }

  /** Whether any condition has to be looked at before reads and writes. */
  get #troubled(): boolean {
    const unit = this.#unit;
    return (
      unit.attentions.any ||
      unit.reservations.any ||
      unit.portGroups.length > 0 ||
      !unit.started ||
      !unit.mediumPresent ||
      unit.sanitizing
    );
  }

  /** An operation code that is known but has no service action we serve differs from one we do not have at all. */
  #unknown(cdb: Uint8Array): Outcome {
    return this.#servesOpcode(cdb[0] ?? 0) ? invalidField(1, 4) : INVALID_OPCODE;
  }

  #servesOpcode(opcode: number): boolean {
    for (let sa = 0; sa < 32; sa += 1) {
      const decoded = decodeCdb(Uint8Array.of(opcode, sa, 0, 0, 0, 0, 0, 0, 0, sa, 0, 0, 0, 0, 0, 0), this.#deviceType);
      if (decoded.known && decoded.command.opcode === opcode && this.handlerOf(decoded.command.id) !== undefined)
        return true;
    }
    return false;
  }

  #refusal(context: CommandContext, handler: CommandHandler): Outcome | undefined {
    const unit = this.#unit;
    const { nexus, cdb, decoded } = context;
    const control = cdb[decoded.command.layout.size - 1] ?? 0;
    if (decoded.command.opcode !== 0x7f && (control & NACA) !== 0)
      return invalidField(decoded.command.layout.size - 1, 2);
    if (handler.strict !== false) {
      const stray = this.#strayBit(context);
      if (stray !== undefined) return stray;
    }
    if (handler.anyAccess !== true) {
      const state = unit.portGroups.find(({ id }) => id === nexus.port.portGroup)?.state;
      if (state === 'standby') return notReady(0x04, 0x0b);
      if (state === 'unavailable') return notReady(0x04, 0x0c);
      if (state === 'transitioning') return notReady(0x04, 0x0a);
      if (state === 'offline') return notReady(0x04, 0x12);
    }
    if (unit.reservations.any && unit.reservations.conflicts(nexus.id, handler.touch)) return RESERVATION_CONFLICT;
    if (handler.medium) {
      if (unit.sanitizing) return notReady(0x04, 0x1b);
      if (!unit.mediumPresent) return notReady(0x3a, 0x00);
      if (!unit.started) return notReady(0x04, 0x02);
    }
    return undefined;
  }

  /** The first bit set that the command's table gives no meaning (SPC-5 4.2.5.1). */
  #strayBit({ cdb, decoded }: CommandContext): Outcome | undefined {
    const { command } = decoded;
    let usage = this.#usage.get(command.id);
    if (usage === undefined) {
      usage = cdbUsage(command);
      this.#usage.set(command.id, usage);
    }
    for (let at = 1; at < usage.length - 1; at += 1) {
      const bits = at === 1 && command.serviceAction !== undefined ? 0x1f : 0;
      const stray = (cdb[at] ?? 0) & ~((usage[at] ?? 0) | bits);
      if (stray !== 0) return invalidField(at, 31 - Math.clz32(stray));
    }
    return undefined;
  }
}
