import { parseDecimal } from '../bytes/index.ts';
import { ProtocolError } from '../errors/index.ts';
import { isReservedValue, quote, type TextPair } from '../pdu/index.ts';
import { checkIscsiName } from './names.ts';
import type { DiscoveredTarget, PortalAddress } from './types.ts';

/** The port iSCSI has with IANA. */
export const ISCSI_PORT = 3260;

const ADDRESS_LENGTH = 300;
const IPV6 = /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%[A-Za-z0-9._~-]{1,32})?$/u;
const HOST = /^[\p{L}\p{N}]([\p{L}\p{N}._-]{0,252}[\p{L}\p{N}.])?$/u;

function numberIn(text: string, min: number, max: number): number | undefined {
  const number = parseDecimal(text);
  return number === undefined || number < BigInt(min) || number > BigInt(max) ? undefined : Number(number);
}

function parseHostPort(text: string): { host: string; port: number } | undefined {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/u.exec(text);
  if (bracketed === null && IPV6.test(text) && text.indexOf(':') !== text.lastIndexOf(':'))
    return { host: text, port: ISCSI_PORT };
  const plain = bracketed ?? /^([^:]*)(?::(.*))?$/u.exec(text);
  if (plain === null) return undefined;
  const host = plain[1] ?? '';
  if (!(bracketed === null ? HOST : IPV6).test(host)) return undefined;
  const port = plain[2] === undefined ? ISCSI_PORT : numberIn(plain[2], 1, 65535);
  return port === undefined ? undefined : { host, port };
}

/**
 * Reads host, port and portal group tag as TargetAddress writes them (RFC 7143 13.8): IPv6 in brackets, zone ids allowed,
 * port 3260 where none is given, tag -1 where the target has none. Undefined on anything else.
 */
export function parseTargetAddress(text: string): PortalAddress | undefined {
  if (text.length > ADDRESS_LENGTH) return undefined;
  const cut = text.indexOf(',');
  const where = parseHostPort(cut < 0 ? text : text.slice(0, cut));
  if (where === undefined) return undefined;
  if (cut < 0) return { ...where, groupTag: null };
  const tag = text.slice(cut + 1);
  const groupTag = tag === '-1' ? -1 : numberIn(tag, 0, 65535);
  return groupTag === undefined ? undefined : { ...where, groupTag };
}

/** Writes a portal as TargetAddress does. */
export function formatTargetAddress(address: PortalAddress): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}${address.groupTag === null ? '' : `,${address.groupTag}`}`;
}

/** What a SendTargets answer says. */
export interface SendTargetsResult {
  readonly targets: readonly DiscoveredTarget[];
  /** What was odd about the answer, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads the keys of a SendTargets answer (RFC 7143 appendix C). A target without an address is at the portal that was asked;
 * names are kept as they came; what cannot be used is left out with a warning. A refusal is a ProtocolError.
 */
export function parseSendTargets(pairs: readonly TextPair[], asked: PortalAddress): SendTargetsResult {
  const found = new Map<string, { addressed: boolean; readonly portals: Map<string, PortalAddress> }>();
  const warnings: string[] = [];
  let current: { addressed: boolean; readonly portals: Map<string, PortalAddress> } | undefined;
  for (const { key, value } of pairs) {
    if (key === 'TargetName') {
      const { problem } = checkIscsiName(value);
      if (problem !== null) warnings.push(`The target name ${quote(value)} is irregular. ${problem}`);
      current = found.get(value) ?? { addressed: false, portals: new Map() };
      found.set(value, current);
    } else if (key === 'TargetAddress') {
      const address = parseTargetAddress(value);
      if (current !== undefined) current.addressed = true;
      if (current === undefined)
        warnings.push(`The address ${quote(value)} came before any target name and was left out.`);
      else if (address === undefined) warnings.push(`The address ${quote(value)} cannot be read and was left out.`);
      else current.portals.set(formatTargetAddress(address), address);
    } else if (key === 'SendTargets' && isReservedValue(value)) {
      throw new ProtocolError(
        'PROTOCOL_UNEXPECTED',
        `The target does not list its targets: it answered SendTargets=${value}.`,
        {
          hint: 'Log in to a target by its name, without discovery.',
        },
      );
    } else if (key !== 'TargetAlias') {
      warnings.push(`The answer holds ${quote(key)}, which does not belong in a list of targets.`);
    }
  }
  const targets = Array.from(found, ([name, { addressed, portals }]) => ({
    name,
    portals: addressed ? Array.from(portals.values()) : [asked],
  }));
  return { targets, warnings };
}
