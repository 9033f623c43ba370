import {
  buildCdb,
  decodeReservation,
  decodeReservationCapabilities,
  decodeReservationKeys,
  decodeReservationStatus,
  encodePrOut,
  encodePrOutMove,
  type ReservationCapabilities,
  type ReservationHeld,
  type ReservationKeys,
  type ReservationStatus,
} from '../scsi/index.ts';
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
  | 'prOutRegisterAndIgnoreExistingKey'
  | 'prOutReplaceLostReservation';

/** Keys and type of a PERSISTENT RESERVE OUT; what an action does not use may be left out. */
export interface ReservationInput {
  readonly key?: bigint;
  readonly actionKey?: bigint;
  readonly type?: ReservationType;
  /** Keep registrations through a loss of power. */
  readonly aptpl?: boolean;
  /** Register with every port of the target. */
  readonly allTargetPorts?: boolean;
}

const ANSWER = 65535;

/** PERSISTENT RESERVE IN and OUT with all their service actions. */
export class ReservationOps {
  readonly #commander: Commander;

  constructor(commander: Commander) {
    this.#commander = commander;
  }

  /** Runs a PERSISTENT RESERVE IN action and returns its parameter data as it came. */
  read(lun: LunAddress, action: ReadAction, options?: CommandOptions): Promise<Uint8Array> {
    return this.#commander.query(lun, buildCdb(action, { allocationLength: ANSWER }), ANSWER, options);
  }

  /** The keys that are registered. */
  async keys(lun: LunAddress, options?: CommandOptions): Promise<ReservationKeys> {
    return decodeReservationKeys(await this.read(lun, 'prInReadKeys', options));
  }

  /** The reservation that is held, if there is one. */
  async held(lun: LunAddress, options?: CommandOptions): Promise<ReservationHeld> {
    return decodeReservation(await this.read(lun, 'prInReadReservation', options));
  }

  /** What the unit can do with reservations. */
  async capabilities(lun: LunAddress, options?: CommandOptions): Promise<ReservationCapabilities> {
    return decodeReservationCapabilities(await this.read(lun, 'prInReportCapabilities', options));
  }

  /** Every registration with its initiator. */
  async status(lun: LunAddress, options?: CommandOptions): Promise<ReservationStatus> {
    return decodeReservationStatus(await this.read(lun, 'prInReadFullStatus', options));
  }

  /** Runs a PERSISTENT RESERVE OUT action. */
  async write(lun: LunAddress, action: WriteAction, input: ReservationInput, options?: CommandOptions): Promise<void> {
    const { key = 0n, actionKey = 0n, aptpl = false, allTargetPorts = false } = input;
    const dataOut = encodePrOut({ key, serviceActionKey: actionKey, aptpl, allTargetPorts });
    const type = input.type === undefined ? 0 : RESERVATION_TYPE_CODES[input.type];
    const cdb = buildCdb(action, { type, parameterListLength: dataOut.length });
    await this.#commander.run({ lun, cdb, dataOut, whole: true }, options);
  }

  /** Gives registration and reservation to another initiator (REGISTER AND MOVE). */
  async move(
    lun: LunAddress,
    input: ReservationInput & {
      readonly relativePort: number;
      readonly transportId: Uint8Array;
      readonly unregister?: boolean;
    },
    options?: CommandOptions,
  ): Promise<void> {
    const { key = 0n, actionKey = 0n, aptpl = false, unregister = false, relativePort, transportId } = input;
    const dataOut = encodePrOutMove({ key, serviceActionKey: actionKey, aptpl, unregister, relativePort, transportId });
    const type = input.type === undefined ? 0 : RESERVATION_TYPE_CODES[input.type];
    const cdb = buildCdb('prOutRegisterAndMove', { type, parameterListLength: dataOut.length });
    await this.#commander.run({ lun, cdb, dataOut, whole: true }, options);
  }
}
