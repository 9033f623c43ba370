import { parseAddress } from '../import/addresses.ts';
import type { AddressFamily } from './field-types.ts';
import type { Comparison } from './parse.ts';

/** Addresses from one to another, IPv4 as IPv6 maps it (RFC 4291 2.5.5.2). */
export interface AddressRange {
  readonly low: bigint;
  readonly high: bigint;
}

const MAPPED = 0xffffn << 32n;
const PREFIXED = /^(?<host>[^/]+)(?:\/(?<prefix>\d{1,3}))?$/u;

/** The number an address is, or undefined where a text is none. */
export function addressNumber(text: string): bigint | undefined {
  const words = parseAddress(text);
  return words?.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
}

/** The family an address belongs to. */
export function familyOf(address: bigint): AddressFamily {
  return (address >> 32n) << 32n === MAPPED ? 'ip' : 'ipv6';
}

/** An address, or all of a network where a prefix follows (RFC 4632 3.1); undefined where the text is neither. */
export function parseNetwork(text: string): AddressRange | undefined {
  const { host = '', prefix } = PREFIXED.exec(text)?.groups ?? {};
  const address = addressNumber(host);
  if (address === undefined) return undefined;
  const length = familyOf(address) === 'ip' && !host.includes(':') ? 32 : 128;
  const kept = prefix === undefined ? length : Number(prefix);
  if (kept > length) return undefined;
  const rest = (1n << BigInt(length - kept)) - 1n;
  return { low: address - (address & rest), high: address | rest };
}

/** Whether one of several addresses compares; with `!=` whether there are any and all of them do. */
export function compareAddresses(
  addresses: readonly bigint[],
  op: Comparison,
  ranges: readonly AddressRange[],
): boolean {
  const inside = (one: bigint): boolean => ranges.some(({ low, high }) => one >= low && one <= high);
  const some = (test: (one: bigint, range: AddressRange) => boolean): boolean =>
    addresses.some((one) => ranges.some((range) => test(one, range)));
  switch (op) {
    case '==':
      return addresses.some(inside);
    case '!=':
      return addresses.length > 0 && !addresses.some(inside);
    case '<':
      return some((one, { low }) => one < low);
    case '<=':
      return some((one, { high }) => one <= high);
    case '>':
      return some((one, { high }) => one > high);
    case '>=':
      return some((one, { low }) => one >= low);
  }
}
