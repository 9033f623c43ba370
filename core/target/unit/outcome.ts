import type { SenseInput } from '../../scsi/index.ts';

/** SCSI status bytes this device server gives (SAM-5 5.3.1). */
export const STATUS = {
  good: 0x00,
  checkCondition: 0x02,
  conditionMet: 0x04,
  busy: 0x08,
  reservationConflict: 0x18,
  taskSetFull: 0x28,
  taskAborted: 0x40,
} as const;

/** How a command ended. */
export interface Outcome {
  readonly status: number;
  /** Encoded in the format the unit's control mode page asks for. */
  readonly sense?: SenseInput;
  /** Data for the initiator, already cut to its allocation length. */
  readonly dataIn?: Uint8Array;
  /** The connection is to be cut instead of answering; only faults made on purpose ask for it. */
  readonly drop?: boolean;
}

/** A command that ended well, without data. */
export const GOOD: Outcome = { status: STATUS.good };

/** What a command turns out to need once its CDB has been read. */
export type Plan =
  /** Already over. `dataLength` is what the CDB would have moved. */
  | { readonly kind: 'done'; readonly outcome: Outcome; readonly dataOutLength: number }
  /** Blocks straight from the store. */
  | { readonly kind: 'read'; readonly lba: bigint; readonly lengthBytes: number }
  /** Anything else. `run` gets exactly `dataOutLength` bytes, or fewer where the initiator sends fewer. */
  | {
      readonly kind: 'call';
      readonly dataOutLength: number;
      /** Nothing else of the unit runs meanwhile. */
      readonly exclusive: boolean;
      /** The initiator must announce just this many bytes: part of the data would make no sense. */
      readonly exact?: boolean;
      readonly run: (dataOut: Uint8Array) => Outcome | Promise<Outcome>;
    };

const NOTHING = new Uint8Array(0);

/** A plan that is already over. */
export function done(outcome: Outcome, dataOutLength = 0): Plan {
  return { kind: 'done', outcome, dataOutLength };
}

/** A plan that answers with bytes, cut to the allocation length. */
export function answer(bytes: Uint8Array, allocationLength: number): Plan {
  const dataIn = bytes.length > allocationLength ? bytes.subarray(0, allocationLength) : bytes;
  return done({ status: STATUS.good, dataIn: dataIn.length === 0 ? NOTHING : dataIn });
}

/** A plan that runs without data from the initiator. */
export function call(run: () => Outcome | Promise<Outcome>, exclusive = false): Plan {
  return { kind: 'call', dataOutLength: 0, exclusive, run };
}

/** A plan that runs once its data is there. */
export function callWithData(
  dataOutLength: number,
  run: (dataOut: Uint8Array) => Outcome | Promise<Outcome>,
  exclusive = false,
): Plan {
  return { kind: 'call', dataOutLength, exclusive, run };
}

/** The same where the initiator must announce exactly that much. */
export function callWithExactData(
  dataOutLength: number,
  run: (dataOut: Uint8Array) => Outcome | Promise<Outcome>,
  exclusive = false,
): Plan {
  return { kind: 'call', dataOutLength, exclusive, exact: true, run };
}
