import type { NetworkInterfaceInfo } from 'node:os';
import { expect, it } from 'vitest';
import { localAddresses } from '../../electron/main/shell/addresses.ts';

const at = (address: string, internal = false): NetworkInterfaceInfo =>
  ({ address, internal, family: address.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo;

it('tells the addresses of the networks, and none that an interface gives itself', () => {
  const found = localAddresses({
    lo: [at('127.0.0.1', true), at('::1', true)],
    wlan0: [at('192.0.2.7'), at('fe80::1'), at('2001:db8::7')],
    veth1: [at('fe80::2'), at('169.254.3.4')],
    gone: undefined,
  });
  expect(found).toEqual(['wlan0 192.0.2.7', 'wlan0 2001:db8::7']);
});
