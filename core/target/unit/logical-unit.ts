import { UsageError } from '../../errors/index.ts';
import { UnitCommands } from '../commands/unit-commands.ts';
import type { BlockStore } from '../store/index.ts';
import { CopyLog } from './copy-log.ts';
import type { AccessState, PortGroup } from './alua.ts';
import { ModeParameters } from './mode-parameters.ts';
import type { Nexus } from './nexus.ts';
import type { Plan } from './outcome.ts';
import { Reservations } from './reservations.ts';
import { TaskSet } from './task-set.ts';
import { UNIT_ATTENTIONS, UnitAttentions, type UnitAttention } from './unit-attention.ts';

/** Who a unit says it is. */
export interface UnitIdentity {
  /** Up to 8, 16 and 4 characters of ASCII. */
  readonly vendor?: string;
  readonly product?: string;
  readonly revision?: string;
  /** Up to 32 characters; the same over every path. */
  readonly serial: string;
}

/** How a unit is set up. */
export interface UnitOptions {
  readonly store: BlockStore;
  readonly identity: UnitIdentity;
  readonly deviceType?: 'disk' | 'optical';
  /** Writes are refused even if the store would take them. */
  readonly readOnly?: boolean;
  readonly removable?: boolean;
  /** Two to this power logical blocks make a physical one. */
  readonly physicalBlockExponent?: number;
  /** Most bytes one command moves; reported in the Block Limits page. */
  readonly maxTransferBytes?: number;
  /** Target port groups, where the unit is reached over several ports with unequal access. */
  readonly portGroups?: readonly PortGroup[];
}

/** The units of a target under their numbers. */
export type UnitMap = ReadonlyMap<number, LogicalUnit>;

const MOST_KNOWN = 4096;
const DEFAULT_TRANSFER = 8 * 1024 * 1024;

/** A logical unit: a store with the state SCSI wants kept about it. */
export class LogicalUnit {
  readonly options: UnitOptions;
  readonly tasks = new TaskSet();
  readonly attentions = new UnitAttentions();
  readonly reservations: Reservations;
  readonly mode: ModeParameters;
  readonly portGroups: readonly PortGroup[];
  /** Stopped by START STOP UNIT, or its medium taken out. */
  started = true;
  mediumPresent = true;
  /** Nexuses that have prevented the removal of the medium. */
  readonly prevents = new Set<string>();
  /** Copies done for a nexus, for RECEIVE COPY STATUS. */
  readonly copies = new CopyLog();
  /** A sanitize operation has failed or is under way; most commands are refused. */
  sanitizing = false;
  readonly #store: { current: BlockStore };
  readonly #nexuses = new Set<string>();
  /** Nexuses that were here before, the latest last; they learn of their loss when they come back. */
  readonly #known = new Set<string>();
  readonly #commands: UnitCommands;

  constructor(options: UnitOptions) {
    const { identity, store } = options;
    for (const [text, most] of [
      [identity.vendor ?? '', 8],
      [identity.product ?? '', 16],
      [identity.revision ?? '', 4],
      [identity.serial, 32],
    ] as const)
      if (text.length > most || !/^[\x20-\x7e]*$/u.test(text))
        throw new UsageError(
          'BAD_ARGUMENT',
          `"${text}" is not fit for INQUIRY data: at most ${String(most)} printable ASCII characters.`,
        );
    if (identity.serial.length === 0) throw new UsageError('BAD_ARGUMENT', 'A unit needs a serial number.');
    this.options = options;
    this.#store = { current: store };
    this.portGroups = options.portGroups ?? [];
    this.reservations = new Reservations(this.attentions);
    this.mode = new ModeParameters(this.optical);
    this.#commands = new UnitCommands(this);
  }

  get store(): BlockStore {
    return this.#store.current;
  }

  get optical(): boolean {
    return this.options.deviceType === 'optical';
  }

  get removable(): boolean {
    return this.options.removable ?? this.optical;
  }

  /** Whether writes are refused: by its making, by its store, or by the SWP bit. */
  get writeProtected(): boolean {
    return (this.options.readOnly ?? false) || !this.store.writable || this.optical || this.mode.softwareWriteProtect;
  }

  get maxTransferBytes(): number {
    return this.options.maxTransferBytes ?? DEFAULT_TRANSFER;
  }

  /** Reads a command and says what it needs (SAM-5 5.1). */
  plan(nexus: Nexus, cdb: Uint8Array, units: UnitMap): Plan {
    return this.#commands.plan(nexus, cdb, units);
  }

  /** Takes note of a nexus that begins. */
  addNexus(nexus: Nexus, powerOnAttention: boolean): void {
    const known = this.#known.delete(nexus.id);
    this.#known.add(nexus.id);
    if (this.#known.size > MOST_KNOWN) for (const oldest of this.#known) if (this.#known.delete(oldest)) break;
    this.#nexuses.add(nexus.id);
    if (powerOnAttention) this.attentions.raise(nexus.id, known ? UNIT_ATTENTIONS.nexusLoss : UNIT_ATTENTIONS.powerOn);
  }

  /** A nexus is gone: what it alone held goes with it (SAM-5 6.3.4). */
  loseNexus(nexusId: string): void {
    this.#nexuses.delete(nexusId);
    this.attentions.forget(nexusId);
    this.prevents.delete(nexusId);
    this.reservations.loseNexus(nexusId);
  }

  /** Logical unit reset (SAM-5 6.3.3): tasks are the caller's, persistent reservations stay. */
  reset(): void {
    this.prevents.clear();
    this.reservations.reset();
    this.mode.reset();
    this.raiseForAll(UNIT_ATTENTIONS.deviceReset);
  }

  /** Ends the tasks of a nexus; set by the server that has them. */
  abortNexusTasks: (nexusId: string) => void = () => undefined;

  /** Raises a condition for every nexus but one. */
  raiseForAll(condition: UnitAttention, except?: string): void {
    for (const id of this.#nexuses) if (id !== except) this.attentions.raise(id, condition);
  }

  /** Changes the medium or the size under the initiators' eyes; they learn of it. */
  replaceStore(store: BlockStore): void {
    const resized = store.blocks !== this.store.blocks || store.blockSize !== this.store.blockSize;
    this.#store.current = store;
    this.mediumPresent = true;
    if (this.removable) this.raiseForAll(UNIT_ATTENTIONS.mediumMayHaveChanged);
    else if (resized) this.raiseForAll(UNIT_ATTENTIONS.capacityChanged);
  }

  /** Sets the access state of a port group; every initiator learns of it (SPC-5 5.18). */
  setAccessState(groupId: number, state: AccessState, except?: string): boolean {
    const group = this.portGroups.find(({ id }) => id === groupId);
    if (group === undefined) return false;
    if (group.state === state) return true;
    group.state = state;
    this.raiseForAll(UNIT_ATTENTIONS.accessStateChanged, except);
    return true;
  }
}
