import { TransportError, type LunascopeError } from '../errors/index.ts';
import type { TapEnd } from '../session/index.ts';
import { isTlsCode, tlsError } from './tls-errors.ts';

const CONNECT_HINT =
  'Check the address and the port (3260 unless the target says otherwise), and that the target is running.';

/** What a socket error of the system means for a person. */
export function transportError(cause: unknown, where: string): TransportError {
  const code = systemCode(cause);
  const details = { where, ...(code === undefined ? {} : { systemCode: code }) };
  const ofTls = code !== undefined && isTlsCode(code) ? tlsError(cause, where) : undefined;
  if (ofTls !== undefined) return ofTls;
  switch (code) {
    case 'ECONNREFUSED':
      return new TransportError('CONNECT_REFUSED', `Nothing accepts connections at ${where}.`, {
        hint: CONNECT_HINT,
        retryable: true,
        details,
        cause,
      });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new TransportError('NAME_NOT_FOUND', `The name in ${where} has no address.`, {
        hint: 'Check the spelling, or use the IP address.',
        retryable: code === 'EAI_AGAIN',
        details,
        cause,
      });
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return new TransportError('CONNECT_UNREACHABLE', `There is no way to ${where} from here.`, {
        hint: 'Check that this computer is on the storage network (route, VLAN, VPN).',
        retryable: true,
        details,
        cause,
      });
    case 'ETIMEDOUT':
      return new TransportError('CONNECT_TIMEOUT', `No answer from ${where} in time.`, {
        hint: 'Check that no firewall drops the connection.',
        retryable: true,
        details,
        cause,
      });
    case 'ECONNRESET':
    case 'EPIPE':
      return new TransportError('CONNECTION_LOST', `${where} cut the connection.`, {
        hint: 'The target may have restarted, or refused what was sent. The trace shows its last PDUs.',
        retryable: true,
        details,
        cause,
      });
    default:
      return new TransportError(
        'IO_FAILED',
        `The connection to ${where} failed${code === undefined ? '' : ` (${code})`}.`,
        { retryable: true, details, cause },
      );
  }
}

function systemCode(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}

/** What a connection ends with when the peer closed it without an error. */
export function connectionEnded(where: string): TransportError {
  return new TransportError('CONNECTION_LOST', `${where} closed the connection.`, {
    hint: 'The target may have restarted, or refused what was sent. The trace shows its last PDUs.',
    retryable: true,
  });
}

/** How a connection ended that the other side was not asked to end: with what error of ours, or none. */
export function howEnded(failure: LunascopeError | undefined): TapEnd {
  if (failure === undefined) return 'target-closed';
  return failure.code === 'CONNECTION_LOST' ? 'target-reset' : 'unknown';
}
