import type { ErrorCode, ErrorDetails } from '../../core/errors/index.ts';

/** The codes a request can fail with: the core's, and those of the boundary itself. */
export type WireErrorCode = ErrorCode | 'BAD_REQUEST' | 'FORBIDDEN' | 'INTERNAL';

/** A SCSI answer as it came, in hex. */
export interface RawAnswer {
  readonly status: number;
  readonly sense: string;
  readonly cdb: string;
}

/** An error as it crosses to the window: a sentence, a hint, and facts; never a stack and never a secret. */
export interface WireError {
  readonly name: string;
  readonly code: WireErrorCode;
  readonly message: string;
  readonly hint: string | null;
  readonly retryable: boolean;
  readonly details: ErrorDetails;
  /** The bytes behind a SCSI error. */
  readonly raw: RawAnswer | null;
  /** The sign-in or discovery it ended, whose recording shows the PDUs; it goes by `about` of the recording. */
  readonly recorded?: string | undefined;
}

/** What every request answers; main never throws across. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };
