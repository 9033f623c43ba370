import { readU16, readU32 } from '../../bytes/index.ts';
import type { PacketSink } from './container.ts';
import { FragmentTable, ipv4Key, ipv6Key, PROTOCOL_TCP, type Datagram } from './fragments.ts';
import { findIp, LINK_TYPES, UNREAD_LLC } from './link.ts';
import { findTunnelled } from './tunnels.ts';

/** One TCP segment; one object is used for all of them. Addresses are four words, IPv4 as ::ffff:a.b.c.d. */
export interface Segment {
  timeNs: number;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  fromPort: number;
  toPort: number;
  seq: number;
  ack: number;
  flags: number;
  bytes: Uint8Array;
  at: number;
  /** Payload bytes on the wire, and how many of these were captured. */
  length: number;
  captured: number;
  /** Where the payload lies in the input. */
  offset: number;
}

/** Bits of a TCP header's flags. */
export const TCP = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

const FRAGMENT_HEADER = 44;
const AUTHENTICATION = 51;
/** IPv6 extension headers with a length of their own in words of eight: hop-by-hop, routing, destination, mobility, HIP, shim6. */
const EXTENSIONS = new Set([0, 43, 60, 135, 139, 140]);
const EXTENSION_LIMIT = 16;
/** Packets within a packet that are looked into. */
const TUNNEL_DEPTH = 4;

/** A header of an IPv6 packet: its kind and where it begins. */
interface Place {
  next: number;
  at: number;
}

/** Moves `place` over the extension headers there are to what follows them. */
function skipExtensions(place: Place, bytes: Uint8Array, end: number): void {
  for (let depth = 0; depth < EXTENSION_LIMIT && place.at + 8 <= end; depth += 1) {
    const { next, at } = place;
    const words = bytes[at + 1] as number;
    if (next === AUTHENTICATION) place.at += (words + 2) * 4;
    else if (EXTENSIONS.has(next)) place.at += (words + 1) * 8;
    // A fragment that is the whole of its datagram.
    else if (next === FRAGMENT_HEADER && (readU16(bytes, at + 2) & 0xfff9) === 0) place.at += 8;
    else return;
    place.next = bytes[at] as number;
  }
}

/** Where what is no packet goes. */
type Remarks = Omit<PacketSink, 'packet'>;

/** Finds the TCP segments in packets of any link type, over IPv4 and IPv6, in tunnels or not, fragments put together. */
export class PacketReader implements PacketSink {
  readonly #segment: Segment;
  readonly #handle: (segment: Segment) => void;
  readonly #sink: Remarks;
  readonly #fragments = new FragmentTable();
  readonly #unread = new Set<number>();
  readonly #place: Place = { next: 0, at: 0 };
  #unreadLlc = 0;
  /** Packets there were. */
  packets = 0;

  constructor(handle: (segment: Segment) => void, sink: Remarks) {
    this.#handle = handle;
    this.#sink = sink;
    this.#segment = {
      timeNs: 0,
      from: new Uint32Array(4),
      to: new Uint32Array(4),
      fromPort: 0,
      toPort: 0,
      seq: 0,
      ack: 0,
      flags: 0,
      bytes: new Uint8Array(0),
      at: 0,
      length: 0,
      captured: 0,
      offset: 0,
    };
  }

  note(text: string, offset?: number): void {
    this.#sink.note(text, offset);
  }

  setBase(baseNs: bigint): void {
    this.#sink.setBase(baseNs);
  }

  remark(text: string, isSecond: boolean): void {
    this.#sink.remark(text, isSecond);
  }

  section(application: string, comment: string): void {
    this.#sink.section(application, comment);
  }

  name(address: Uint32Array, name: string): boolean {
    return this.#sink.name(address, name);
  }

  packet(
    timeNs: number,
    linkType: number,
    bytes: Uint8Array,
    at: number,
    captured: number,
    original: number,
    offset: number,
  ): void {
    this.packets += 1;
    const end = at + captured;
    const ip = findIp(linkType, bytes, at, end);
    if (ip < 0) {
      if (LINK_TYPES[linkType] === undefined) this.#noteLink(linkType, offset);
      if (ip === UNREAD_LLC) this.#unreadLlc += 1;
      return;
    }
    this.#segment.timeNs = timeNs;
    const lost = Math.max(0, original - captured);
    this.#readIp(bytes, ip, end, lost, offset + ip - at, 0);
  }

  /** The input has ended: tells of datagrams that stayed in pieces, and of what was passed over. */
  finish(): void {
    if (this.#unreadLlc > 0)
      this.#sink.note(
        `${this.#unreadLlc} packets with an LLC header that is not SNAP's were passed over: what they carry is not read.`,
      );
    const lost = this.#fragments.dropped + this.#fragments.waiting;
    if (lost > 0)
      this.#sink.note(
        `${lost} fragmented IP datagrams were left out: fragments are missing, overlap, or came with too many others.`,
      );
  }

  #noteLink(linkType: number, offset: number): void {
    if (this.#unread.has(linkType) || this.#unread.size > 64) return;
    this.#unread.add(linkType);
    this.#sink.note(`Packets of link type ${linkType} are not read.`, offset);
  }

  #readIp(bytes: Uint8Array, ip: number, end: number, lost: number, offset: number, depth: number): void {
    const version = (bytes[ip] as number) >> 4;
    if (version === 4) this.#readIpv4(bytes, ip, end, lost, offset, depth);
    else if (version === 6) this.#readIpv6(bytes, ip, end, lost, offset, depth);
  }

  /** Reads the packet that one carries at `at`, if it does. */
  #readTunnel(
    protocol: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    lost: number,
    offset: number,
    depth: number,
  ): void {
    const ip = depth < TUNNEL_DEPTH ? findTunnelled(protocol, bytes, at, end) : -1;
    if (ip === UNREAD_LLC) this.#unreadLlc += 1;
    if (ip >= 0 && ip < end) this.#readIp(bytes, ip, end, lost, offset + ip - at, depth + 1);
  }

  #readIpv4(bytes: Uint8Array, ip: number, end: number, lost: number, offset: number, depth: number): void {
    if (ip + 20 > end) return;
    const header = ((bytes[ip] as number) & 15) * 4;
    if (header < 20 || ip + header > end) return;
    const announced = readU16(bytes, ip + 2);
    // Segmentation offload leaves zero here: then the frame tells the length.
    const total = announced === 0 ? end - ip + lost : announced;
    if (total < header) return;
    const fragment = readU16(bytes, ip + 6);
    const whole = (fragment & 0x3fff) === 0;
    const payloadEnd = Math.min(end, ip + total);
    const protocol = bytes[ip + 9] as number;
    if (protocol !== PROTOCOL_TCP) {
      const missing = ip + total - payloadEnd;
      if (whole) this.#readTunnel(protocol, bytes, ip + header, payloadEnd, missing, offset + header, depth);
      return;
    }
    const { from, to } = this.#segment;
    from[0] = from[1] = to[0] = to[1] = 0;
    from[2] = to[2] = 0xffff;
    from[3] = readU32(bytes, ip + 12);
    to[3] = readU32(bytes, ip + 16);
    if (whole) this.#readTcp(bytes, ip + header, payloadEnd, ip + total - payloadEnd, offset + header);
    else if (payloadEnd === ip + total) {
      const payload = bytes.subarray(ip + header, payloadEnd);
      const more = (fragment & 0x2000) !== 0;
      this.#readWhole(this.#fragments.add(ipv4Key(bytes, ip), (fragment & 0x1fff) * 8, more, payload, offset + header));
    }
  }

  #readIpv6(bytes: Uint8Array, ip: number, end: number, lost: number, offset: number, depth: number): void {
    if (ip + 40 > end) return;
    const { from, to } = this.#segment;
    for (let i = 0; i < 4; i += 1) {
      from[i] = readU32(bytes, ip + 8 + i * 4);
      to[i] = readU32(bytes, ip + 24 + i * 4);
    }
    const announced = readU16(bytes, ip + 4);
    const total = announced === 0 ? end - ip + lost : 40 + announced;
    const payloadEnd = Math.min(end, ip + total);
    const place = this.#place;
    place.next = bytes[ip + 6] as number;
    place.at = ip + 40;
    skipExtensions(place, bytes, payloadEnd);
    const { next, at } = place;
    if (next === PROTOCOL_TCP) this.#readTcp(bytes, at, payloadEnd, ip + total - payloadEnd, offset + at - ip);
    else if (next !== FRAGMENT_HEADER)
      this.#readTunnel(next, bytes, at, payloadEnd, ip + total - payloadEnd, offset + at - ip, depth);
    else if (at + 8 <= payloadEnd && payloadEnd === ip + total) {
      const inner = bytes[at] as number;
      if (inner !== PROTOCOL_TCP && inner !== AUTHENTICATION && !EXTENSIONS.has(inner)) return;
      const word = readU16(bytes, at + 2);
      const payload = bytes.subarray(at + 8, payloadEnd);
      const key = ipv6Key(bytes, ip, at);
      this.#readWhole(this.#fragments.add(key, word & 0xfff8, (word & 1) !== 0, payload, offset + at + 8 - ip, inner));
    }
  }

  /** Hands a reassembled datagram on in the parts it lies in, so that every byte keeps its place in the input. */
  #readWhole(datagram: Datagram | undefined): void {
    if (datagram === undefined) return;
    const { bytes, protocol, parts } = datagram;
    const place = this.#place;
    place.next = protocol;
    place.at = 0;
    skipExtensions(place, bytes, bytes.length);
    const tcp = place.at;
    if (place.next !== PROTOCOL_TCP || tcp + 20 > bytes.length) return;
    const length = ((bytes[tcp + 12] as number) >> 4) * 4;
    const header = tcp + length;
    if (length < 20 || header > bytes.length) return;
    const segment = this.#segment;
    const flags = bytes[tcp + 13] as number;
    this.#takeHeader(bytes, tcp);
    const seq = segment.seq;
    let handed = false;
    for (const part of parts) {
      const start = Math.max(part.at, header);
      const end = part.at + part.length;
      if (start >= end) continue;
      segment.flags = handed ? flags & ~(TCP.syn | TCP.fin) : flags & ~TCP.fin;
      segment.seq = handed ? (seq + start - header) >>> 0 : seq;
      segment.bytes = bytes;
      segment.at = start;
      segment.length = segment.captured = end - start;
      segment.offset = part.offset + start - part.at;
      this.#handle(segment);
      handed = true;
    }
    if (handed && (flags & TCP.fin) === 0) return;
    segment.flags = flags;
    segment.seq = (seq + bytes.length - header) >>> 0;
    segment.length = segment.captured = 0;
    this.#handle(segment);
  }

  #takeHeader(bytes: Uint8Array, at: number): void {
    const segment = this.#segment;
    segment.fromPort = readU16(bytes, at);
    segment.toPort = readU16(bytes, at + 2);
    segment.seq = readU32(bytes, at + 4);
    segment.ack = readU32(bytes, at + 8);
    segment.flags = bytes[at + 13] as number;
  }

  #readTcp(bytes: Uint8Array, at: number, end: number, lost: number, offset: number): void {
    if (at + 20 > end) return;
    const header = ((bytes[at + 12] as number) >> 4) * 4;
    if (header < 20) return;
    this.#takeHeader(bytes, at);
    const segment = this.#segment;
    segment.length = Math.max(0, end + lost - at - header);
    segment.captured = Math.max(0, Math.min(segment.length, end - at - header));
    segment.bytes = bytes;
    segment.at = at + header;
    segment.offset = offset + header;
    this.#handle(segment);
  }
}
