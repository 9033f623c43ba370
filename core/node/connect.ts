import { lookup } from 'node:dns';
import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import type { PortalAddress } from '../login/index.ts';
import type { LunascopeError } from '../errors/index.ts';
import { transportError } from './socket-errors.ts';
import { isTlsSocket, startTls, tlsFacts, type TlsFacts, type TlsSettings } from './tls.ts';
import { tlsError, tlsTimeout } from './tls-errors.ts';

/** Addresses of one name are tried this long after one another, the first to answer wins. */
const STAGGER_MS = 250;

/** What became of an attempt to connect. */
export interface ConnectCallbacks {
  /** The name was found to have these addresses. */
  resolved(addresses: readonly string[]): void;
  connected(socket: Socket): void;
  failed(error: LunascopeError): void;
}

/** An attempt under way. */
export interface ConnectAttempt {
  cancel(): void;
}

/** Connects to a portal; `onread` is given to the socket. */
export type PortalConnector = (
  address: PortalAddress,
  onread: () => OnReadOpts,
  callbacks: ConnectCallbacks,
) => ConnectAttempt;

/** TLS for every connection of a session. */
export interface PortalTls {
  readonly settings: TlsSettings;
  /** For TCP and handshake together. */
  readonly timeoutMs: number;
  secured(facts: TlsFacts): void;
}

/** The handshake's own clock strikes a little before the one for the connection as a whole, whose error says less. */
const HANDSHAKE_SHARE = 0.95;

/** Connects by any of the addresses the portal's name has, in TLS where that is given. */
export function connectPortal(
  address: PortalAddress,
  onread: () => OnReadOpts,
  callbacks: ConnectCallbacks,
  tls?: PortalTls,
): ConnectAttempt {
  const where = describePortal(address);
  const sockets = new Set<Socket>();
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  let waiting: string[] = [];
  let handshake: NodeJS.Timeout | undefined;

  const stop = (): void => {
    over = true;
    if (timer !== undefined) clearTimeout(timer);
    if (handshake !== undefined) clearTimeout(handshake);
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };

  const tryNext = (): void => {
    const host = waiting.shift();
    if (over || host === undefined) return;
    if (timer !== undefined) clearTimeout(timer);
    timer = waiting.length > 0 ? setTimeout(tryNext, STAGGER_MS) : undefined;
    let reached = false;
    const fail = (cause: Error): void => {
      sockets.delete(socket);
      socket.destroy();
      if (over) return;
      if (waiting.length > 0) tryNext();
      else if (sockets.size === 0) {
        stop();
        const shaking = reached && tls !== undefined;
        callbacks.failed((shaking ? tlsError(cause, where) : undefined) ?? transportError(cause, where));
      }
    };
    const succeed = (): void => {
      if (over) return;
      sockets.delete(socket);
      socket.removeListener('error', fail);
      stop();
      callbacks.connected(socket);
    };
    const socket = open(host);
    sockets.add(socket);
    socket.once('error', fail);
    socket.once('connect', () => {
      reached = true;
      if (tls === undefined) succeed();
    });
    if (tls !== undefined)
      socket.once('secureConnect', () => {
        if (!over && isTlsSocket(socket)) tls.secured(tlsFacts(socket));
        succeed();
      });
  };

  const open = (host: string): Socket =>
    tls === undefined
      ? connect({ host, port: address.port, noDelay: true, onread: onread() })
      : startTls(tls.settings, address.host, host, address.port, onread());

  const begin = (hosts: string[]): void => {
    if (over) return;
    waiting = hosts;
    callbacks.resolved(hosts);
    tryNext();
  };

  if (tls !== undefined)
    handshake = setTimeout(() => {
      const reached = [...sockets].some((socket) => !socket.connecting);
      if (over || !reached) return;
      stop();
      callbacks.failed(tlsTimeout(where, tls.timeoutMs));
    }, tls.timeoutMs * HANDSHAKE_SHARE);

  const bare = address.host.split('%')[0] ?? '';
  if (isIP(bare) !== 0) process.nextTick(begin, [address.host]);
  else
    lookup(address.host, { all: true }, (error, found) => {
      if (error !== null) {
        if (over) return;
        stop();
        callbacks.failed(transportError(error, where));
      } else begin(found.map((each) => each.address));
    });
  return { cancel: stop };
}

/** A portal as people write it. */
export function describePortal(address: PortalAddress): string {
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${String(address.port)}`;
}
