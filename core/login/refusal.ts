import { AuthError, LoginError, UsageError } from '../errors/index.ts';
import { explainLoginStatus, loginStatusCode, type TextPair } from '../pdu/index.ts';

/** Login statuses a target gives, class and detail in one number (RFC 7143 11.13.5). */
export const STATUS = {
  movedTemporarily: 0x0101,
  movedPermanently: 0x0102,
  initiatorError: 0x0200,
  authenticationFailure: 0x0201,
  authorizationFailure: 0x0202,
  notFound: 0x0203,
  removed: 0x0204,
  unsupportedVersion: 0x0205,
  missingParameter: 0x0207,
  sessionTypeUnsupported: 0x0209,
  noSession: 0x020a,
  invalidDuringLogin: 0x020b,
  targetError: 0x0300,
  serviceUnavailable: 0x0301,
} as const;

/** Ends a target's login with a status and, for a redirection, the keys that go with it. */
export class LoginRefusal extends Error {
  readonly status: number;
  readonly text: readonly TextPair[];

  constructor(status: number, reason: string, text: readonly TextPair[] = []) {
    super(reason);
    this.status = status;
    this.text = text;
  }
}

/** The status a target answers an error with. */
export function statusOf(error: Error): number {
  if (error instanceof LoginRefusal) return error.status;
  if (error instanceof UsageError) return STATUS.targetError;
  if (!(error instanceof AuthError)) return STATUS.initiatorError;
  return error.code === 'AUTH_CONFIG' ? STATUS.targetError : STATUS.authenticationFailure;
}

/** The error for a login the target refused; 0201 is the initiator not being believed, every other status a LoginError. */
export function refusalOf(
  statusClass: number,
  statusDetail: number,
  proved: boolean,
  step: string,
): AuthError | LoginError {
  const { name, sentence, hint, retryable } = explainLoginStatus(statusClass, statusDetail);
  const statusCode = loginStatusCode(statusClass, statusDetail);
  const details = { statusClass, statusDetail, statusCode, step };
  const told = `(${name}, status ${statusCode}, at the step ${step})`;
  if (statusCode !== '0x0201')
    return new LoginError('LOGIN_REFUSED', `${sentence} ${told}`, { hint, retryable, details });
  if (step === 'CHAP_A')
    return new AuthError('AUTH_REFUSED', `The target takes none of the CHAP algorithms that were offered. ${told}`, {
      hint: 'Offer MD5 too; many targets know nothing else.',
      details: { ...details, side: 'initiator' },
    });
  if (step === 'CHAP_R')
    return new AuthError(
      'AUTH_REFUSED',
      `The target does not believe this initiator: the CHAP user name or secret is wrong. ${told}`,
      {
        hint: 'Check both, letter by letter; where the target is to prove itself too, also that it has a secret for that.',
        details: { ...details, side: 'initiator' },
      },
    );
  const missing = 'The target wants authentication, and no CHAP credentials were given.';
  return new AuthError('AUTH_REFUSED', `${proved ? sentence : missing} ${told}`, {
    hint: proved ? hint : 'Give a CHAP user name and secret.',
    details: { ...details, side: 'initiator' },
  });
}
