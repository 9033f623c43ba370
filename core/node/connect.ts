import { lookup } from 'node:dns';
import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import type { PortalAddress } from '../login/index.ts';
import { transportError } from './socket-errors.ts';
import type { LunascopeError } from '../errors/index.ts';

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

/** Connects to a portal, by any of the addresses its name has; `onread` is given to the socket. */
export function connectPortal(
  address: PortalAddress,
  onread: () => OnReadOpts,
  callbacks: ConnectCallbacks,
): ConnectAttempt {
  const where = describePortal(address);
  const sockets = new Set<Socket>();
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  let waiting: string[] = [];

  const stop = (): void => {
    over = true;
    if (timer !== undefined) clearTimeout(timer);
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };

  const tryNext = (): void => {
    const host = waiting.shift();
    if (over || host === undefined) return;
    if (timer !== undefined) clearTimeout(timer);
    timer = waiting.length > 0 ? setTimeout(tryNext, STAGGER_MS) : undefined;
    const socket = connect({ host, port: address.port, noDelay: true, onread: onread() });
    sockets.add(socket);
    const fail = (cause: Error): void => {
      sockets.delete(socket);
      socket.destroy();
      if (over) return;
      if (waiting.length > 0) tryNext();
      else if (sockets.size === 0) {
        stop();
        callbacks.failed(transportError(cause, where));
      }
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      if (over) return;
      sockets.delete(socket);
      socket.removeListener('error', fail);
      stop();
      callbacks.connected(socket);
    });
  };

  const begin = (hosts: string[]): void => {
    if (over) return;
    waiting = hosts;
    callbacks.resolved(hosts);
    tryNext();
  };

  const bare = address.host.split('%')[0] ?? '';
  if (isIP(bare) !== 0) process.nextTick(begin, [address.host]);
  else
    lookup(address.host, { all: true }, (error, found) => {
      if (error !== null) {
        if (!over) callbacks.failed(transportError(error, where));
      } else begin(found.map((each) => each.address));
    });
  return { cancel: stop };
}

/** A portal as people write it. */
export function describePortal(address: PortalAddress): string {
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${String(address.port)}`;
}
