import { LoginError, TransportError, type LunascopeError } from '../errors/index.ts';
import {
  InitiatorLogin,
  type ChapAlgorithm,
  type LoginResult,
  type LoginStep,
  type PortalAddress,
} from '../login/index.ts';
import type { Crc32c } from '../bytes/index.ts';
import type { Digests, DigestOrder } from '../pdu/index.ts';
import type { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';

/** How one login ended. */
export type LoginEnd =
  | { readonly kind: 'done'; readonly result: LoginResult }
  | {
      readonly kind: 'again';
      readonly address: PortalAddress;
      readonly algorithms?: readonly ChapAlgorithm[];
      readonly text: string;
      readonly step: 'redirect' | 'retry';
    }
  | { readonly kind: 'failed'; readonly error: LunascopeError };

/** What has been tried so far for one login, over redirects and second tries. */
export class LoginAttempt {
  redirects = 0;
  algorithms: readonly ChapAlgorithm[] | undefined;
  connectDeadline = Infinity;
  /** Starts with the first connection that is up, and covers everything after it, redirects and their connecting too. */
  loginDeadline = Infinity;
  readonly #connectTimeoutMs: number;
  readonly #loginTimeoutMs: number;

  constructor(connectTimeoutMs: number, loginTimeoutMs: number) {
    this.#connectTimeoutMs = connectTimeoutMs;
    this.#loginTimeoutMs = loginTimeoutMs;
  }

  /** A connection is being opened. */
  connecting(now: number): void {
    this.connectDeadline = now + this.#connectTimeoutMs;
  }

  /** TCP is up. */
  connected(now: number): void {
    if (this.loginDeadline === Infinity) this.loginDeadline = now + this.#loginTimeoutMs;
  }
}

/** Starts the login of a connection whose TCP is up; one that leads asks for a new session, and ends an old one (RFC 7143 6.3.5). */
export function beginLogin(
  core: SessionCore,
  connection: Connection,
  attempt: LoginAttempt,
  purpose: 'lead' | 'join' | 'replace',
): LoginEnd | undefined {
  const { options, host } = core;
  const chap = options.chap;
  const session = purpose === 'lead' ? undefined : core.parameters;
  connection.phase = 'login';
  connection.login = new InitiatorLogin({
    initiatorName: options.initiatorName,
    ...(options.initiatorAlias === undefined ? {} : { initiatorAlias: options.initiatorAlias }),
    ...(options.targetName === undefined ? {} : { targetName: options.targetName }),
    sessionType: options.sessionType,
    isid: options.isid,
    tsih: session === undefined ? 0 : core.tsih,
    cid: connection.id,
    ...(purpose === 'replace' ? { expStatSn: connection.expStatSn } : {}),
    challenges: core.challenges,
    cmdSn: core.window.cmdSn,
    ...(chap === undefined
      ? {}
      : { chap: attempt.algorithms === undefined ? chap : { ...chap, algorithms: attempt.algorithms } }),
    ...(session === undefined ? {} : { session }),
    offers: options.offers,
    ...(options.overrides === undefined ? {} : { overrides: options.overrides }),
    textLimit: options.textLimit,
    random: (length) => host.random(length),
    chapDigest: host.chapDigest,
  });
  return takeStep(core, connection, attempt, connection.login.start());
}

/** Feeds a login response to the login machine and does what it says. */
export function continueLogin(
  core: SessionCore,
  connection: Connection,
  attempt: LoginAttempt,
  bhs: Uint8Array,
  data: Uint8Array,
): LoginEnd | undefined {
  if (connection.login === undefined) return undefined;
  return takeStep(core, connection, attempt, connection.login.receive(bhs, data));
}

function takeStep(
  core: SessionCore,
  connection: Connection,
  attempt: LoginAttempt,
  step: LoginStep,
): LoginEnd | undefined {
  switch (step.kind) {
    case 'send':
      connection.sendPdu(step.pdu);
      core.host.wake();
      return undefined;
    case 'done':
      return { kind: 'done', result: step.result };
    case 'redirect':
      return followRedirect(core, attempt, step.address);
    case 'failed': {
      const { retryAdvice } = step;
      if (retryAdvice === undefined || attempt.algorithms !== undefined) return { kind: 'failed', error: step.error };
      attempt.algorithms = retryAdvice.algorithms;
      return { kind: 'again', address: connection.address, text: retryAdvice.reason, step: 'retry' };
    }
  }
}

function followRedirect(core: SessionCore, attempt: LoginAttempt, address: PortalAddress): LoginEnd {
  attempt.redirects += 1;
  const where = `${address.host}:${String(address.port)}`;
  if (attempt.redirects > core.options.maxRedirects)
    return {
      kind: 'failed',
      error: new LoginError(
        'LOGIN_REDIRECT',
        `The target sent this login on ${String(attempt.redirects)} times, the last time to ${where}.`,
        {
          hint: 'The portals may point at each other. Log in to the portal that holds the target, or raise the limit.',
          details: { redirects: attempt.redirects, host: address.host, port: address.port },
        },
      ),
    };
  return { kind: 'again', address, text: `The target sends this login on to ${where}.`, step: 'redirect' };
}

/** The digests a login agreed on. */
export function digestsOf(result: LoginResult, header: Crc32c, data: Crc32c, order: DigestOrder): Digests {
  const { headerDigest, dataDigest } = result.parameters;
  return { order, ...(headerDigest === 'CRC32C' ? { header } : {}), ...(dataDigest === 'CRC32C' ? { data } : {}) };
}

/** What a login ends with when its deadline passes. */
export function lateLogin(connection: Connection): LunascopeError {
  const where = `${connection.address.host}:${String(connection.address.port)}`;
  if (connection.phase === 'connecting')
    return new TransportError('CONNECT_TIMEOUT', `No answer from ${where} in time.`, {
      hint: 'Check the address and port, and that no firewall drops the connection.',
      retryable: true,
    });
  return new LoginError('LOGIN_TIMEOUT', `${where} accepted the connection but did not finish the login in time.`, {
    hint: 'Something listens there, but it may not speak iSCSI, or the target may be overloaded.',
    retryable: true,
  });
}
