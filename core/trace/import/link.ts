import { readU16 } from '../../bytes/index.ts';

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const VLAN_TYPES = new Set([0x8100, 0x88a8, 0x9100]);
const MPLS_TYPES = new Set([0x8847, 0x8848]);
const PPPOE_SESSION = 0x8864;
/** A whole Ethernet frame, as tunnels carry it. */
const BRIDGED = 0x6558;
/** What PPP calls IPv4 and IPv6. */
const PPP_TYPES: Readonly<Record<number, number>> = { 0x21: ETHERTYPE_IPV4, 0x57: ETHERTYPE_IPV6 };
const TAG_DEPTH = 8;
/** Longest frame that tells its length where others tell a type. */
const LENGTH_LIMIT = 1500;
/** LLC's header of a SNAP frame whose types are Ethernet's. */
const SNAP = [0xaa, 0xaa, 0x03, 0, 0, 0] as const;
/** Length of an LLC header, and what it begins with where it is SNAP's or that of spanning trees, which bridges send all the time. */
const LLC_LENGTH = 3;
const KNOWN_LLC = new Set([0xaa, 0x42]);
/** What stands for the place of IP in frames of which LLC says what they carry, but not as SNAP does: it is not read. */
export const UNREAD_LLC = -2;

/** Link types that are read, by their number in pcap and pcapng. */
export const LINK_TYPES: Readonly<Record<number, string>> = {
  0: 'BSD loopback',
  1: 'Ethernet',
  101: 'raw IP',
  108: 'OpenBSD loopback',
  113: 'Linux cooked capture',
  228: 'raw IPv4',
  229: 'raw IPv6',
  276: 'Linux cooked capture 2',
};

/** What lies behind a stack of MPLS labels: they do not tell, so its first four bits do, and nothing but IP is read. */
function behindLabels(bytes: Uint8Array, at: number, end: number): number {
  for (let place = at; place + 4 < end; place += 4) {
    if (((bytes[place + 2] as number) & 1) === 0) continue;
    const version = (bytes[place + 4] as number) >> 4;
    return version === 4 || version === 6 ? place + 4 : -1;
  }
  return -1;
}

/** What is told of a frame that carries no IP that is read: whether that is for its LLC header. */
function unread(kind: number, bytes: Uint8Array, at: number, end: number): number {
  const isLlc = kind >= LLC_LENGTH && kind <= LENGTH_LIMIT && at + LLC_LENGTH <= end;
  return isLlc && !KNOWN_LLC.has(bytes[at] as number) ? UNREAD_LLC : -1;
}

/** Where the IP header begins in what stands at `at` and is of this type of Ethernet's, behind any tags, or less than 0. */
export function findCarried(type: number, bytes: Uint8Array, at: number, end: number): number {
  let kind = type;
  let place = at;
  for (let depth = 0; depth < TAG_DEPTH && place <= end; depth += 1) {
    if (kind === ETHERTYPE_IPV4 || kind === ETHERTYPE_IPV6) return place;
    if (VLAN_TYPES.has(kind) && place + 4 <= end) {
      kind = readU16(bytes, place + 2);
      place += 4;
    } else if (kind === PPPOE_SESSION && place + 8 <= end) {
      kind = PPP_TYPES[readU16(bytes, place + 6)] ?? 0;
      place += 8;
    } else if (kind === BRIDGED && place + 14 <= end) {
      kind = readU16(bytes, place + 12);
      place += 14;
    } else if (kind <= LENGTH_LIMIT && place + 8 <= end && SNAP.every((byte, i) => bytes[place + i] === byte)) {
      kind = readU16(bytes, place + 6);
      place += 8;
    } else return MPLS_TYPES.has(kind) ? behindLabels(bytes, place, end) : unread(kind, bytes, place, end);
  }
  return -1;
}

/** Where the IP header of an Ethernet frame begins, or less than 0. */
export function findInEthernet(bytes: Uint8Array, at: number, end: number): number {
  return at + 14 <= end ? findCarried(readU16(bytes, at + 12), bytes, at + 14, end) : -1;
}

/** Where the IP header of a frame begins, or less than 0 where it carries no IP; the version is left for the IP reader to check. */
export function findIp(linkType: number, bytes: Uint8Array, at: number, end: number): number {
  switch (linkType) {
    case 1:
      return findInEthernet(bytes, at, end);
    case 0:
    case 108:
      return at + 4 < end ? at + 4 : -1;
    case 101:
    case 228:
    case 229:
      return at < end ? at : -1;
    case 113:
      return at + 16 <= end ? findCarried(readU16(bytes, at + 14), bytes, at + 16, end) : -1;
    case 276:
      // The type stands first, and what it is of behind the header.
      return at + 20 < end ? findCarried(readU16(bytes, at), bytes, at + 20, end) : -1;
    default:
      return -1;
  }
}
