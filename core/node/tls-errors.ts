import { TransportError } from '../errors/index.ts';

const PLAIN_HINT =
  'iSCSI targets do not speak TLS themselves: a terminator such as stunnel has to listen there. Check the port, or connect without TLS.';
const TRUST_HINT =
  'Give the certificate of the authority that signed it (ca). Verification can be switched off; then anyone in between can read and change everything.';

/** OpenSSL's words for a certificate that is not believed, as sentences. */
const DISTRUST: Readonly<Record<string, readonly [sentence: string, hint: string]>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: ['is signed by itself, and not known here', TRUST_HINT],
  SELF_SIGNED_CERT_IN_CHAIN: ['comes from an authority that is not known here', TRUST_HINT],
  UNABLE_TO_GET_ISSUER_CERT: ['comes from an authority that is not known here', TRUST_HINT],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['comes from an authority that is not known here', TRUST_HINT],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['comes from an authority that is not known here', TRUST_HINT],
  CERT_UNTRUSTED: ['comes from an authority that is not trusted', TRUST_HINT],
  CERT_HAS_EXPIRED: ['has expired', 'Renew it at the other end. If it is new, check the clock of this computer.'],
  CERT_NOT_YET_VALID: ['is not valid yet', 'Check the clocks of this computer and of the one that made it.'],
  CERT_REVOKED: ['has been revoked', 'It must be replaced at the other end.'],
};

/** A text, or an empty one for anything else: certificates and errors are made by others. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What a failed handshake means for a person; undefined where the failure has nothing to do with TLS. */
export function tlsError(cause: unknown, where: string): TransportError | undefined {
  const code = codeOf(cause);
  const details = { where, ...(code === '' ? {} : { tlsCode: code }) };
  const distrust = DISTRUST[code];
  if (distrust !== undefined)
    return new TransportError('TLS_FAILED', `The certificate of ${where} ${distrust[0]}.`, {
      hint: distrust[1],
      details,
      cause,
    });
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongName(cause, where, details);
  // A peer that takes the handshake for a broken PDU hangs up, or answers in its own way.
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return new TransportError('TLS_FAILED', `${where} accepted the connection but does not answer in TLS.`, {
      hint: PLAIN_HINT,
      details,
      cause,
    });
  return isTlsCode(code) ? alert(cause, where, code, details) : undefined;
}

/** Whether an error of the system's is one of TLS. */
export function isTlsCode(code: string): boolean {
  return /^(?:ERR_SSL_|ERR_TLS_|CERT_)/u.test(code);
}

function alert(cause: unknown, where: string, code: string, details: Readonly<Record<string, string>>): TransportError {
  const reason = code
    .replace(/^ERR_(?:SSL|TLS)_/u, '')
    .replace(/_/gu, ' ')
    .toLowerCase();
  return new TransportError('TLS_FAILED', `TLS with ${where} failed: ${reason}.`, {
    hint: /certificate|unknown ca/u.test(reason)
      ? 'The other end wants a certificate of ours that it trusts: give cert and key.'
      : 'Both ends may have no version or cipher in common.',
    details,
    cause,
  });
}

function wrongName(cause: unknown, where: string, details: Readonly<Record<string, string>>): TransportError {
  const cert: unknown = typeof cause === 'object' && cause !== null && 'cert' in cause ? cause.cert : undefined;
  const names: unknown =
    typeof cert === 'object' && cert !== null && 'subjectaltname' in cert ? cert.subjectaltname : undefined;
  const listed = textOf(names).slice(0, 200);
  const made = listed === '' ? 'another name' : listed;
  return new TransportError('TLS_FAILED', `The certificate of ${where} is made out to ${made}.`, {
    hint: 'Connect by a name it carries, or give the name to expect (servername).',
    details: { ...details, names: listed },
    cause,
  });
}

/** The error of a handshake that was not done in time. */
export function tlsTimeout(where: string, timeoutMs: number): TransportError {
  return new TransportError(
    'TLS_FAILED',
    `${where} accepted the connection but did not finish the TLS handshake within ${String(timeoutMs)} ms.`,
    { hint: PLAIN_HINT, retryable: true, details: { where } },
  );
}

function codeOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? textOf(cause.code) : '';
}
