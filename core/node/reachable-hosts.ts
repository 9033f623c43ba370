import { networkInterfaces } from 'node:os';

/** Where other computers reach what listens on `host`: this computer's addresses where it listens on all of them. */
export function reachableHosts(host: string): readonly [string, ...string[]] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const loopback = host === '::' ? '::1' : '127.0.0.1';
  const [first, ...others] = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    // Link-local addresses mean nothing without the interface they are on.
    .filter(({ internal, address }) => !internal && !/^fe80:/iu.test(address))
    .filter(({ family }) => host === '::' || family === 'IPv4')
    .map(({ address }) => address);
  return first === undefined ? [loopback] : [first, ...others];
}

/** An address as a URL holds it. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
