import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

/** An address that every interface gives itself, containers' included, says nothing about the network. */
const OWN = /^(?:fe[89ab][0-9a-f]:|169\.254\.)/i;

/** The addresses this computer has on its networks, each with the name of its interface; loopback is none. */
export function localAddresses(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>> = networkInterfaces(),
): string[] {
  return Object.entries(interfaces)
    .flatMap(([name, all]) =>
      (all ?? [])
        .filter(({ internal, address }) => !internal && !OWN.test(address))
        .map(({ address }) => `${name} ${address}`),
    )
    .sort();
}
