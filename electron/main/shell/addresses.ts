import { networkInterfaces } from 'node:os';

/** The addresses this computer has on its networks, each with the name of its interface; loopback is none. */
export function localAddresses(): string[] {
  return Object.entries(networkInterfaces())
    .flatMap(([name, all]) =>
      (all ?? []).filter(({ internal }) => !internal).map(({ address }) => `${name} ${address}`),
    )
    .sort();
}
