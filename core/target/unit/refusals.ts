import type { SenseInput } from '../../scsi/index.ts';
import { StoreError } from '../store/index.ts';
import { STATUS, type Outcome } from './outcome.ts';

const KEY = {
  noSense: 0,
  notReady: 2,
  mediumError: 3,
  hardwareError: 4,
  illegalRequest: 5,
  unitAttention: 6,
  dataProtect: 7,
  abortedCommand: 0xb,
  miscompare: 0xe,
} as const;

function check(sense: SenseInput): Outcome {
  return { status: STATUS.checkCondition, sense };
}

/** CHECK CONDITION, ILLEGAL REQUEST. */
export function illegalRequest(asc: number, ascq: number): Outcome {
  return check({ key: KEY.illegalRequest, asc, ascq });
}

/** INVALID FIELD IN CDB, with a pointer to the field (SPC-5 4.5.2.4.2). */
export function invalidField(byte: number, bit?: number): Outcome {
  const pointer = { kind: 'field', inCdb: true, byte, ...(bit === undefined ? {} : { bit }) } as const;
  return check({ key: KEY.illegalRequest, asc: 0x24, ascq: 0x00, specific: pointer });
}

/** INVALID FIELD IN PARAMETER LIST, with a pointer to the field. */
export function invalidParameter(byte: number): Outcome {
  return check({ key: KEY.illegalRequest, asc: 0x26, ascq: 0x00, specific: { kind: 'field', inCdb: false, byte } });
}

/** CHECK CONDITION, ABORTED COMMAND. */
export function abortedCommand(asc: number, ascq: number): Outcome {
  return check({ key: KEY.abortedCommand, asc, ascq });
}

/** CHECK CONDITION, NOT READY. */
export function notReady(asc: number, ascq: number): Outcome {
  return check({ key: KEY.notReady, asc, ascq });
}

/** CHECK CONDITION, UNIT ATTENTION. */
export function unitAttention({ asc, ascq }: { readonly asc: number; readonly ascq: number }): Outcome {
  return check({ key: KEY.unitAttention, asc, ascq });
}

/** MISCOMPARE DURING VERIFY OPERATION, with the offset of the first byte that differs. */
export function miscompare(offset: number): Outcome {
  return check({ key: KEY.miscompare, asc: 0x1d, ascq: 0x00, information: BigInt(offset) });
}

export const INVALID_OPCODE = illegalRequest(0x20, 0x00);
export const LBA_OUT_OF_RANGE = illegalRequest(0x21, 0x00);
export const LUN_NOT_SUPPORTED = illegalRequest(0x25, 0x00);
export const PARAMETER_LIST_LENGTH = illegalRequest(0x1a, 0x00);
export const WRITE_PROTECTED = check({ key: KEY.dataProtect, asc: 0x27, ascq: 0x00 });
export const RESERVATION_CONFLICT: Outcome = { status: STATUS.reservationConflict };
export const NO_SENSE: SenseInput = { key: KEY.noSense, asc: 0, ascq: 0 };

/** Thrown by handlers that are deep in their work. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(`SCSI status 0x${outcome.status.toString(16)}`);
    this.outcome = outcome;
  }
}

/** What a failure of a store or handler is to the initiator. */
export function outcomeOfError(error: unknown): Outcome {
  if (error instanceof CommandError) return error.outcome;
  if (!(error instanceof StoreError)) return check({ key: KEY.hardwareError, asc: 0x44, ascq: 0x00 });
  const { failure } = error;
  switch (failure.kind) {
    case 'mediumError':
      return check({ key: KEY.mediumError, asc: failure.write ? 0x0c : 0x11, ascq: 0x00, information: failure.lba });
    case 'notReady':
      return notReady(0x04, 0x00);
    case 'busy':
      return { status: STATUS.busy };
    case 'taskSetFull':
      return { status: STATUS.taskSetFull };
    case 'spaceExhausted':
      return check({ key: KEY.dataProtect, asc: 0x27, ascq: 0x07 });
    case 'dropConnection':
      return { status: STATUS.busy, drop: true };
    case 'hardware':
      return check({ key: KEY.hardwareError, asc: 0x44, ascq: 0x00 });
  }
}
