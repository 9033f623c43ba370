import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import { isIP, type OnReadOpts, type Socket } from 'node:net';
import type * as Tls from 'node:tls';
import type { ConnectionOptions, SecureContext, TLSSocket } from 'node:tls';
import { UsageError } from '../errors/index.ts';
import { textOf } from './tls-errors.ts';

/** How connections run inside TLS. iSCSI knows no TLS of its own: something at the target's end has to take it off again. */
export interface TlsOptions {
  /** Certificates (PEM) of those whose word is taken for the other end; what this runtime trusts where it is left out. */
  readonly ca?: string;
  /** The certificate (PEM) this end shows, with its key. */
  readonly cert?: string;
  readonly key?: string;
  /** The name the other end's certificate must carry; the portal's host where it is left out. */
  readonly servername?: string;
  /** False takes any certificate: what is sent is hidden from those who listen, and not from one who stands in between. */
  readonly rejectUnauthorized?: boolean;
}

/** What a TLS handshake came to. */
export interface TlsFacts {
  /** Such as TLSv1.3. */
  readonly protocol: string;
  readonly cipher: string;
  /** The names of the certificate of the other end, and until when it holds. */
  readonly subject: string;
  readonly issuer: string;
  readonly validTo: string;
  readonly verified: boolean;
  /** Why it would not have been trusted, where verification is off. */
  readonly problem?: string;
}

/** TLS options that were checked, with what each connection needs of them. */
export interface TlsSettings {
  readonly context: SecureContext;
  readonly servername: string | undefined;
  readonly verify: boolean;
}

/** Node's TLS, which takes some megabytes and is loaded when first needed. */
const nodeTls = (): typeof Tls => createRequire(import.meta.url)('node:tls') as typeof Tls;

const PEM = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/u;

function refuse(sentence: string, hint: string, cause?: unknown): never {
  throw new UsageError('BAD_ARGUMENT', sentence, { hint, ...(cause === undefined ? {} : { cause }) });
}

function checkCertificate(pem: string, what: string): X509Certificate {
  if (!PEM.test(pem)) refuse(`${what} holds no certificate.`, 'It is PEM text that has a line BEGIN CERTIFICATE.');
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    return refuse(`${what} cannot be read as a certificate.`, 'The file may be damaged, or be of another kind.', cause);
  }
}

/** Checks TLS options before anything is sent; a file of the wrong kind is told by its part. */
export function tlsSettings(options: TlsOptions): TlsSettings {
  const { ca, cert, key, servername, rejectUnauthorized = true } = options;
  if (servername?.trim() === '')
    refuse('The TLS server name is empty.', 'Leave it out to take the host of the portal.');
  if ((cert === undefined) !== (key === undefined))
    refuse('A TLS client certificate and its key go together; one of them is missing.', 'Give both, or neither.');
  if (ca !== undefined) checkCertificate(ca, 'The TLS authority (ca)');
  if (cert !== undefined && key !== undefined) checkPair(checkCertificate(cert, 'The TLS certificate'), key);
  return {
    context: nodeTls().createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    }),
    servername,
    verify: rejectUnauthorized,
  };
}

function checkPair(cert: X509Certificate, key: string): void {
  let fits: boolean;
  try {
    fits = cert.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    refuse('The TLS key cannot be read.', 'It is PEM text with a line BEGIN PRIVATE KEY, without a passphrase.', cause);
  }
  if (!fits)
    refuse('The TLS key is not the one of the TLS certificate.', 'Give the key the certificate was made with.');
}

/** Begins a TLS connection to one address of `host`. */
export function startTls(
  settings: TlsSettings,
  host: string,
  address: string,
  port: number,
  onread: OnReadOpts,
): TLSSocket {
  const expected = settings.servername ?? host;
  const options: ConnectionOptions & { readonly onread: OnReadOpts; readonly noDelay: boolean } = {
    host: address,
    port,
    noDelay: true,
    onread,
    secureContext: settings.context,
    rejectUnauthorized: settings.verify,
    // An address is no server name (RFC 6066 3), yet a certificate may be made out to one.
    ...(isIP(expected) === 0 ? { servername: expected } : {}),
    checkServerIdentity: (_name, cert) => nodeTls().checkServerIdentity(expected, cert),
  };
  return nodeTls().connect(options);
}

/** Whether a socket is one of TLS. */
export function isTlsSocket(socket: Socket): socket is TLSSocket {
  return 'encrypted' in socket;
}

/** What a finished handshake came to. */
export function tlsFacts(socket: TLSSocket): TlsFacts {
  const cert = socket.getPeerCertificate();
  const problem: unknown = socket.authorizationError;
  return {
    protocol: socket.getProtocol() ?? 'TLS',
    cipher: socket.getCipher().name,
    subject: nameOf(cert.subject),
    issuer: nameOf(cert.issuer),
    validTo: textOf(cert.valid_to),
    verified: socket.authorized,
    ...(socket.authorized ? {} : { problem: problem instanceof Error ? problem.message : textOf(problem) }),
  };
}

/** A certificate's common name; the names come from the peer, and a field may be there twice or not at all. */
function nameOf(fields: unknown): string {
  const name: unknown = typeof fields === 'object' && fields !== null && 'CN' in fields ? fields.CN : undefined;
  return Array.isArray(name) ? name.map(textOf).join(', ') : textOf(name);
}
