import { UsageError } from '../../errors/index.ts';
import type { LogicalUnit } from '../unit/logical-unit.ts';
import type { TargetPort } from '../unit/nexus.ts';
import { UNIT_ATTENTIONS } from '../unit/unit-attention.ts';
import type { TargetDefinition } from './types.ts';

const NAME = /^(?:iqn\.[0-9]{4}-[0-9]{2}\.[a-z0-9.:-]+|eui\.[0-9a-f]{16}|naa\.(?:[0-9a-f]{16}|[0-9a-f]{32}))$/u;
const MOST_LUNS = 16384;

/** A target node at run time: its definition, and its units under their numbers, which may change. */
export class Target {
  readonly definition: TargetDefinition;
  readonly units = new Map<number, LogicalUnit>();
  /** What SCSI calls its ports, by portal group tag. */
  readonly #ports = new Map<number, TargetPort>();
  /** While set, logins are turned away with this. */
  closed: 'forbidden' | 'unavailable' | 'removed' | undefined;

  /** Every so manieth Data-In is damaged behind its data digest, where one was agreed; zero for never. A fault made on purpose. */
  damageEvery = 0;

  constructor(definition: TargetDefinition) {
    const { name } = definition;
    if (name.length > 223 || !NAME.test(name.toLowerCase()))
      throw new UsageError(
        'BAD_ARGUMENT',
        `"${name}" is not an iSCSI name: it takes the form iqn.2026-01.org.example:disk, eui. or naa.`,
      );
    this.definition = definition;
    for (const { lun, unit } of definition.luns) this.addUnit(lun, unit);
  }

  get name(): string {
    return this.definition.name;
  }

  /** Puts a unit under a number; connected initiators learn of it by UNIT ATTENTION 3F/0E. */
  addUnit(lun: number, unit: LogicalUnit): void {
    if (!Number.isInteger(lun) || lun < 0 || lun >= MOST_LUNS)
      throw new UsageError(
        'OUT_OF_RANGE',
        `A LUN is a number from 0 to ${String(MOST_LUNS - 1)}; ${String(lun)} is not.`,
      );
    if (this.units.has(lun)) throw new UsageError('BAD_ARGUMENT', `${this.name} has a LUN ${String(lun)} already.`);
    this.units.set(lun, unit);
    this.#inventoryChanged();
  }

  /** Takes a unit away; commands that were begun still end, and connected initiators learn of it. */
  removeUnit(lun: number): void {
    this.units.delete(lun);
    this.#inventoryChanged();
  }

  /** Whether it is reached through a portal group. */
  servesGroup(tag: number): boolean {
    return this.definition.portalGroups?.includes(tag) ?? true;
  }

  /** The SCSI target port that a portal group makes. */
  portOf(tag: number): TargetPort {
    let port = this.#ports.get(tag);
    if (port === undefined) {
      const portGroup = this.definition.portGroups?.get(tag) ?? tag;
      port = { relativeId: Math.max(1, tag), targetName: this.name, portalGroupTag: tag, portGroup };
      this.#ports.set(tag, port);
    }
    return port;
  }

  #inventoryChanged(): void {
    for (const unit of this.units.values()) unit.raiseForAll(UNIT_ATTENTIONS.reportedLunsChanged);
  }
}
