import { buildCdb, encodePrOut } from '../scsi/index.ts';
import type { Commander, CommandOptions } from './command.ts';
import type { LunAddress } from './raw.ts';

/** Persistent reservation types (SPC-5, PERSISTENT RESERVE OUT). */
export const RESERVATION_TYPE_CODES = {
  writeExclusive: 1,
  exclusiveAccess: 3,
  writeExclusiveRegistrantsOnly: 5,
  exclusiveAccessRegistrantsOnly: 6,
  writeExclusiveAllRegistrants: 7,
  exclusiveAccessAllRegistrants: 8,
} as const;

/** One of the types above, by name. */
export type ReservationType = keyof typeof RESERVATION_TYPE_CODES;

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
    const list = encodePrOut({
      key: keys.key ?? 0n,
      serviceActionKey: keys.actionKey ?? 0n,
      aptpl: keys.aptpl ?? false,
    });
    const type = keys.type === undefined ? 0 : RESERVATION_TYPE_CODES[keys.type];
    const cdb = buildCdb(action, { type, parameterListLength: list.length });
    await this.#commander.run({ lun, cdb, dataOut: list }, options);
  }
}
