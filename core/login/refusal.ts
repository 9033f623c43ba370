import { AuthError, LoginError } from '../errors/index.ts';
import { explainLoginStatus, loginStatusCode } from './status.ts';

/** The error for a login the target refused; 0201 is the initiator not being believed, every other status a LoginError. */
export function refusalOf(statusClass: number, statusDetail: number, proved: boolean): AuthError | LoginError {
  const { name, sentence, hint, retryable } = explainLoginStatus(statusClass, statusDetail);
  const statusCode = loginStatusCode(statusClass, statusDetail);
  const details = { statusClass, statusDetail, statusCode };
  const message = `${sentence} (${name}, status ${statusCode})`;
  if (statusCode !== '0x0201') return new LoginError('LOGIN_REFUSED', message, { hint, retryable, details });
  const missing = 'The target wants authentication, and no CHAP credentials were given.';
  return new AuthError('AUTH_REFUSED', proved ? message : `${missing} (${name}, status ${statusCode})`, {
    hint: proved ? hint : 'Give a CHAP user name and secret.',
    details: { ...details, side: 'initiator', step: 'login status' },
  });
}
