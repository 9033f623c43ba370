import type { TraceConnection } from './connection.ts';

const INQUIRY = 0x12;
const DISK = 0;
/** Types of device whose commands address blocks (SPC-5 6.7.2). */
const BLOCK_DEVICES: ReadonlySet<number> = new Set([0x00, 0x04, 0x05, 0x07, 0x0e, 0x14]);
/** Units other than disks that are remembered; more of them no network has. */
const UNIT_LIMIT = 1 << 16;

/** Whether a command, by the first word of its CDB, asks for the standard data of INQUIRY: their first byte says what a unit is (SPC-5 6.7.2). */
export function asksWhatItIs(cdb0: number): boolean {
  return cdb0 >>> 24 === INQUIRY && (cdb0 & 0x010000) === 0;
}

/** What logical units are, as INQUIRY data has told: the same CDB means another thing to a disk, a tape and a changer. */
export class UnitTypes {
  /** Disks are not kept, since they are what is taken for granted; so most traces have none. */
  readonly #types = new Map<string, number>();

  /** Takes note of the type a unit gave; past a limit new ones are taken for disks. */
  learn(connection: TraceConnection, lunHigh: number, lunLow: number, type: number): void {
    const key = keyOf(connection, lunHigh, lunLow);
    if (type === DISK) this.#types.delete(key);
    else if (this.#types.size < UNIT_LIMIT || this.#types.has(key)) this.#types.set(key, type);
  }

  /** The peripheral device type of a unit; a disk as long as nothing else is known. */
  typeOf(connection: TraceConnection, lunHigh: number, lunLow: number): number {
    return this.#types.size === 0 ? DISK : (this.#types.get(keyOf(connection, lunHigh, lunLow)) ?? DISK);
  }

  /** Whether commands of a unit address blocks, as far as is known. */
  hasBlocks(connection: TraceConnection, lunHigh: number, lunLow: number): boolean {
    return this.#types.size === 0 || BLOCK_DEVICES.has(this.typeOf(connection, lunHigh, lunLow));
  }
}

/** A unit is the same one over all connections to its target. */
function keyOf({ targetName, endpoints }: TraceConnection, lunHigh: number, lunLow: number): string {
  const target = targetName === '' ? `${endpoints.targetHost}:${endpoints.targetPort}` : targetName;
  return `${lunHigh}/${lunLow}/${target}`;
}
