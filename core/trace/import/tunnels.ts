import { readU16 } from '../../bytes/index.ts';
import { findCarried, findInEthernet } from './link.ts';

/** What an IP packet carries, by number. */
const PROTOCOLS = { ipv4: 4, udp: 17, ipv6: 41, gre: 47 } as const;
/** VXLAN's port, and the one Linux took before it had a number. */
const VXLAN_PORTS = new Set([4789, 8472]);
const GENEVE_PORT = 6081;
/** What a switch mirrors ports with: in the first two versions and in the third. */
const ERSPAN_TYPE = 0x88be;
const ERSPAN_III_TYPE = 0x22eb;
const GRE_FLAGS = { checksum: 0x8000, routing: 0x4000, key: 0x2000, sequence: 0x1000, version: 7 } as const;

/** RFC 2784 and 2890; what it carries is named as on Ethernet. */
function behindGre(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 > end) return -1;
  const flags = readU16(bytes, at);
  if ((flags & (GRE_FLAGS.routing | GRE_FLAGS.version)) !== 0) return -1;
  const type = readU16(bytes, at + 2);
  let place = at + 4;
  for (const flag of [GRE_FLAGS.checksum, GRE_FLAGS.key, GRE_FLAGS.sequence]) if ((flags & flag) !== 0) place += 4;
  // The first version of ERSPAN has neither a header nor numbers.
  if (type === ERSPAN_TYPE) return findInEthernet(bytes, (flags & GRE_FLAGS.sequence) === 0 ? place : place + 8, end);
  if (type !== ERSPAN_III_TYPE) return findCarried(type, bytes, place, end);
  if (place + 12 > end) return -1;
  const more = (bytes[place + 11] as number) & 1;
  return findInEthernet(bytes, place + 12 + more * 8, end);
}

/** VXLAN (RFC 7348) and GENEVE (RFC 8926), by their ports. */
function behindUdp(bytes: Uint8Array, at: number, end: number): number {
  if (at + 16 > end) return -1;
  const port = readU16(bytes, at + 2);
  const inner = at + 8;
  const first = bytes[inner] as number;
  if (VXLAN_PORTS.has(port)) return (first & 8) === 0 ? -1 : findInEthernet(bytes, inner + 8, end);
  if (port !== GENEVE_PORT || first >> 6 !== 0) return -1;
  return findCarried(readU16(bytes, inner + 2), bytes, inner + 8 + (first & 63) * 4, end);
}

/** Where the IP header begins that a packet's payload at `at` carries in a tunnel, or less than 0 where it is no tunnel that is known. */
export function findTunnelled(protocol: number, bytes: Uint8Array, at: number, end: number): number {
  switch (protocol) {
    case PROTOCOLS.ipv4:
    case PROTOCOLS.ipv6:
      return at < end ? at : -1;
    case PROTOCOLS.gre:
      return behindGre(bytes, at, end);
    case PROTOCOLS.udp:
      return behindUdp(bytes, at, end);
    default:
      return -1;
  }
}
