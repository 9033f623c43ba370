import type { ErrorCode } from './codes.ts';

/** Facts that go with an error, fit for JSON except for bigints, which are written as decimal text. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly (string | number)[]>>;

/** What can be said of an error besides its sentence. */
export interface ErrorOptions {
  /** What to try next, in a sentence. */
  readonly hint?: string;
  /** Whether the same call may succeed when it is made again. */
  readonly retryable?: boolean;
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** Base of every error this library throws: a code to switch on, a sentence, a hint, and whether trying again helps. */
export abstract class LunascopeError extends Error {
  abstract readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly details: ErrorDetails;

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }

  /** The shape printed with --json and sent across process boundaries. */
  toJSON(): {
    name: string;
    code: ErrorCode;
    message: string;
    hint: string | null;
    retryable: boolean;
    details: ErrorDetails;
  } {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      hint: this.hint ?? null,
      retryable: this.retryable,
      details: this.details,
    };
  }
}

abstract class CodedError<C extends ErrorCode> extends LunascopeError {
  override readonly code: C;

  constructor(code: C, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

/** The network below iSCSI failed. */
export class TransportError extends CodedError<
  | 'CONNECT_REFUSED'
  | 'CONNECT_UNREACHABLE'
  | 'CONNECT_TIMEOUT'
  | 'NAME_NOT_FOUND'
  | 'CONNECTION_LOST'
  | 'CONNECTION_CLOSED'
  | 'TLS_FAILED'
  | 'IO_FAILED'
  | 'DISK_FULL'
> {
  override readonly name = 'TransportError';
}

/** The peer sent what the protocol does not allow; the connection is given up. */
export class ProtocolError extends CodedError<
  | 'PROTOCOL_MALFORMED'
  | 'PROTOCOL_TOO_LARGE'
  | 'PROTOCOL_UNEXPECTED'
  | 'PROTOCOL_SEQUENCE'
  | 'PROTOCOL_DIGEST'
  | 'PROTOCOL_DATA'
> {
  override readonly name = 'ProtocolError';
}

/** The login was refused or could not be agreed. `details` holds statusClass and statusDetail where the target gave them. */
export class LoginError extends CodedError<'LOGIN_REFUSED' | 'LOGIN_REDIRECT' | 'LOGIN_NEGOTIATION' | 'LOGIN_TIMEOUT'> {
  override readonly name = 'LoginError';
}

/** Authentication failed. `details.side` says who was not believed (`initiator` or `target`), `details.step` where. */
export class AuthError extends CodedError<
  'AUTH_REFUSED' | 'AUTH_TARGET_UNPROVEN' | 'AUTH_METHOD' | 'AUTH_CHALLENGE' | 'AUTH_CONFIG'
> {
  override readonly name = 'AuthError';
}

/** A SCSI command ended in another status than GOOD, or with data that cannot be trusted. */
export class ScsiError extends CodedError<
  | 'SCSI_CHECK_CONDITION'
  | 'SCSI_BUSY'
  | 'SCSI_TASK_SET_FULL'
  | 'SCSI_RESERVATION_CONFLICT'
  | 'SCSI_STATUS'
  | 'SCSI_SHORT_DATA'
  | 'SCSI_BAD_PAYLOAD'
> {
  override readonly name = 'ScsiError';
  /** The status byte as it came. */
  readonly status: number;
  /** Sense bytes as they came, empty where there were none. */
  readonly sense: Uint8Array;
  /** The command as it was sent. */
  readonly cdb: Uint8Array;

  constructor(
    code: ScsiError['code'],
    message: string,
    options: ErrorOptions & { readonly status?: number; readonly sense?: Uint8Array; readonly cdb?: Uint8Array } = {},
  ) {
    super(code, message, options);
    this.status = options.status ?? 0;
    this.sense = options.sense ?? new Uint8Array(0);
    this.cdb = options.cdb ?? new Uint8Array(0);
  }
}

/** A task was aborted, rejected, or ended in a way nobody saw. */
export class TaskError extends CodedError<
  'TASK_ABORTED' | 'TASK_REJECTED' | 'TASK_UNKNOWN_OUTCOME' | 'TASK_IDENTITY_CHANGED' | 'TASK_MANAGEMENT_FAILED'
> {
  override readonly name = 'TaskError';
}

/** A deadline passed. */
export class TimeoutError extends CodedError<
  'TIMEOUT_COMMAND' | 'TIMEOUT_LOGOUT' | 'TIMEOUT_NO_PROGRESS' | 'TIMEOUT_KEEPALIVE'
> {
  override readonly name = 'TimeoutError';
}

/** The caller called it off, or closed the session under it. */
export class CancelledError extends CodedError<'CANCELLED' | 'SESSION_CLOSED'> {
  override readonly name = 'CancelledError';
}

/** The call itself was wrong, or asks for what this device does not do. */
export class UsageError extends CodedError<
  'BAD_ARGUMENT' | 'OUT_OF_RANGE' | 'WRITE_PROTECTED' | 'UNSUPPORTED' | 'LIMIT_REACHED'
> {
  override readonly name = 'UsageError';
}
