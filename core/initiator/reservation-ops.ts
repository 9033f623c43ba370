import { buildCdb } from '../scsi/index.ts';
import type { Commander, CommandOptions } from './command.ts';
import type { LunAddress } from './raw.ts';

/** Persistent reservation types (SPC-5, PERSISTENT RESERVE OUT). */
export const RESERVATION_TYPES = {
  writeExclusive: 1,
  exclusiveAccess: 3,
  writeExclusiveRegistrantsOnly: 5,
  exclusiveAccessRegistrantsOnly: 6,
  writeExclusiveAllRegistrants: 7,
  exclusiveAccessAllRegistrants: 8,
} as const;

/** One of the types above, by name. */
export type ReservationType = keyof typeof RESERVATION_TYPES;

type ReadAction = 'prInReadKeys' | 'prInReadReservation' | 'prInReportCapabilities' | 'prInReadFullStatus';
type WriteAction =
  | 'prOutRegister'
  | 'prOutReserve'
  | 'prOutRelease'
  | 'prOutClear'
  | 'prOutPreempt'
  | 'prOutPreemptAndAbort'
  | 'prOutRegisterAndIgnoreExistingKey';

const ANSWER = 65535;
const LIST_LENGTH = 24;

/** PERSISTENT RESERVE IN and OUT with all their service actions. */
export class ReservationOps {
  readonly #commander: Commander;

  constructor(commander: Commander) {
    this.#commander = commander;
  }

  /** Runs a PERSISTENT RESERVE IN action and returns its parameter data. */
  read(lun: LunAddress, action: ReadAction, options?: CommandOptions): Promise<Uint8Array> {
    return this.#commander.query(lun, buildCdb(action, { allocationLength: ANSWER }), ANSWER, options);
  }

  /** Runs a PERSISTENT RESERVE OUT action. */
  async write(
    lun: LunAddress,
    action: WriteAction,
    keys: {
      readonly key?: bigint;
      readonly actionKey?: bigint;
      readonly type?: ReservationType;
      readonly aptpl?: boolean;
    },
    options?: CommandOptions,
  ): Promise<void> {
    const list = new Uint8Array(LIST_LENGTH);
    const view = new DataView(list.buffer);
    view.setBigUint64(0, keys.key ?? 0n);
    view.setBigUint64(8, keys.actionKey ?? 0n);
    list[20] = keys.aptpl === true ? 1 : 0;
    const type = keys.type === undefined ? 0 : RESERVATION_TYPES[keys.type];
    const cdb = buildCdb(action, { type, parameterListLength: LIST_LENGTH });
    await this.#commander.run({ lun, cdb, dataOut: list }, options);
  }
}
