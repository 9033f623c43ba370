const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const VLAN_TYPES = new Set([0x8100, 0x88a8, 0x9100]);
const VLAN_DEPTH = 8;

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

function isVlan(bytes: Uint8Array, typeAt: number): boolean {
  return VLAN_TYPES.has(((bytes[typeAt] as number) << 8) | (bytes[typeAt + 1] as number));
}

function ether(bytes: Uint8Array, typeAt: number, end: number): number {
  let at = typeAt;
  for (let depth = 0; depth < VLAN_DEPTH && at + 2 <= end; depth += 1) {
    const type = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return at + 2;
    if (!isVlan(bytes, at)) return -1;
    at += 4;
  }
  return -1;
}

/** Where the IP header of a frame begins, or -1 where it carries no IP; the version is left for the IP reader to check. */
export function findIp(linkType: number, bytes: Uint8Array, at: number, end: number): number {
  switch (linkType) {
    case 1:
      return ether(bytes, at + 12, end);
    case 0:
    case 108:
      return at + 4 < end ? at + 4 : -1;
    case 101:
    case 228:
    case 229:
      return at < end ? at : -1;
    case 113:
      return ether(bytes, at + 14, end);
    case 276:
      // The type stands first; where it is a tag's, the rest of the tag lies behind the header.
      if (at + 20 >= end) return -1;
      if (isVlan(bytes, at)) return ether(bytes, at + 22, end);
      return ether(bytes, at, at + 2) < 0 ? -1 : at + 20;
    default:
      return -1;
  }
}
