/**
 * Captures written by hand for tests: pcap and pcapng, several link types, IPv4 and IPv6, TCP cut wherever a test wants.
 * It shares no code with the readers and writers under test.
 */
export interface Endpoint {
  readonly ip: string;
  readonly port: number;
}

/** One TCP segment to be put in a packet. */
export interface TcpPiece {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

const u16 = (value: number): number[] => [(value >>> 8) & 255, value & 255];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];

export function join(...parts: (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function ipv4(text: string): number[] {
  return text.split('.').map(Number);
}

function ipv6(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((hex) => parseInt(hex, 16)));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = new Array<number>(8 - left.length - right.length).fill(0);
  return [...left, ...middle, ...right].flatMap(u16);
}

function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** A TCP header; the window is scaled by the SYN's option. */
export function tcpHeader({ from, to, seq, ack, flags }: TcpPiece): number[] {
  const options = (flags & SYN) === 0 ? [] : [2, 4, ...u16(0xffd7), 1, 3, 3, 14];
  return [
    ...u16(from.port),
    ...u16(to.port),
    ...u32(seq >>> 0),
    ...u32((flags & ACK) === 0 ? 0 : ack >>> 0),
    ((20 + options.length) / 4) << 4,
    flags,
    ...u16(0xffff),
    0,
    0,
    0,
    0,
    ...options,
  ];
}

let identification = 1;

/** IPv4 around a payload; `fragment` is the flags and offset word. */
export function ipv4Packet(
  from: string,
  to: string,
  protocol: number,
  body: Uint8Array,
  fragment = 0x4000,
  id?: number,
): Uint8Array {
  identification = (identification + 1) & 0xffff;
  const head = [
    0x45,
    0,
    ...u16(20 + body.length),
    ...u16(id ?? identification),
    ...u16(fragment),
    64,
    protocol,
    0,
    0,
    ...ipv4(from),
    ...ipv4(to),
  ];
  const sum = checksum(head);
  head[10] = sum >>> 8;
  head[11] = sum & 255;
  return join(head, body);
}

/** IPv6 around a payload with a first header type. */
export function ipv6Packet(from: string, to: string, next: number, body: Uint8Array): Uint8Array {
  return join([0x60, 0, 0, 0, ...u16(body.length), next, 64, ...ipv6(from), ...ipv6(to)], body);
}

/** The IP packet of a segment, of the version its addresses have. */
export function ipPacket(piece: TcpPiece): Uint8Array {
  const body = join(tcpHeader(piece), piece.payload);
  return piece.from.ip.includes(':')
    ? ipv6Packet(piece.from.ip, piece.to.ip, 6, body)
    : ipv4Packet(piece.from.ip, piece.to.ip, 6, body);
}

/** A TCP conversation: its ends, and the sequence number each sends next. */
export interface Conversation {
  readonly ends: readonly [Endpoint, Endpoint];
  readonly seq: [number, number];
}

/** The IP packet of the next segment of one side, whose sequence number moves on past it. */
export function nextPacket({ ends, seq }: Conversation, side: 0 | 1, flags: number, payload: Uint8Array): Uint8Array {
  const other = side === 0 ? 1 : 0;
  const packet = ipPacket({ from: ends[side], to: ends[other], seq: seq[side], ack: seq[other], flags, payload });
  seq[side] = (seq[side] + payload.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1)) >>> 0;
  return packet;
}

/** Puts an IP packet into a frame of a link type; `vlans` tags go around it on Ethernet and in Linux cooked v2. */
export function frame(linkType: number, packet: Uint8Array, vlans: readonly number[] = []): Uint8Array {
  const type = (packet[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800;
  switch (linkType) {
    case 0:
      return join([type === 0x86dd ? 24 : 2, 0, 0, 0], packet);
    case 108:
      return join([0, 0, 0, type === 0x86dd ? 24 : 2], packet);
    case 1:
      return join(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        vlans.flatMap((id, i) => [...u16(i === 0 && vlans.length > 1 ? 0x88a8 : 0x8100), ...u16(id)]),
        u16(type),
        packet,
      );
    case 113:
      return join([0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0], u16(type), packet);
    case 276: {
      // Each tag's number is followed by the type of what comes next, and the first type stands in front.
      const types = [...vlans.map((_, i) => (i === 0 && vlans.length > 1 ? 0x88a8 : 0x8100)), type];
      return join(
        u16(types[0] ?? type),
        [0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0],
        vlans.flatMap((id, i) => [...u16(id), ...u16(types[i + 1] ?? type)]),
        packet,
      );
    }
    default:
      return packet;
  }
}

const MAC = [2, 1, 2, 3, 4, 5, 2, 7, 8, 9, 10, 11];
const [OUTER_A, OUTER_B] = ['192.168.70.1', '192.168.70.2'];
const udp = (port: number, body: Uint8Array): Uint8Array =>
  ipv4Packet(OUTER_A, OUTER_B, 17, join(u16(49_200), u16(port), u16(8 + body.length), [0, 0], body));
const gre = (flags: number, type: number, ...body: (Uint8Array | readonly number[])[]): Uint8Array =>
  ipv4Packet(OUTER_A, OUTER_B, 47, join(u16(flags), u16(type), ...body));
const kind = (packet: Uint8Array): number => ((packet[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800);
const ethernet = (type: number, ...body: (Uint8Array | readonly number[])[]): Uint8Array =>
  join(MAC, u16(type), ...body);
const bridged = (packet: Uint8Array): Uint8Array => ethernet(kind(packet), packet);

/** Tunnels, each as the IP packet around an IP packet. */
export const TUNNELS: Readonly<Record<string, (packet: Uint8Array) => Uint8Array>> = {
  'IP in IP': (packet) => ipv4Packet(OUTER_A, OUTER_B, kind(packet) === 0x0800 ? 4 : 41, packet),
  'IP in IPv6': (packet) => ipv6Packet('fd70::1', 'fd70::2', kind(packet) === 0x0800 ? 4 : 41, packet),
  GRE: (packet) => gre(0, kind(packet), packet),
  'GRE with all its fields': (packet) => gre(0xb000, kind(packet), [1, 2, 0, 0], u32(77), u32(5), packet),
  'Ethernet in GRE': (packet) => gre(0x2000, 0x6558, u32(0x1234), bridged(packet)),
  VXLAN: (packet) => udp(4789, join([8, 0, 0, 0], u32(0x123400), bridged(packet))),
  'VXLAN of a tagged frame': (packet) =>
    udp(4789, join([8, 0, 0, 0], u32(0x100), ethernet(0x8100, u16(7), u16(kind(packet)), packet))),
  GENEVE: (packet) => udp(6081, join([0, 0], u16(0x6558), u32(0x100), bridged(packet))),
  'GENEVE with options': (packet) =>
    udp(6081, join([2, 0], u16(kind(packet)), u32(0x100), [1, 2, 3, 1, 9, 9, 9, 9], packet)),
  'ERSPAN I': (packet) => gre(0, 0x88be, bridged(packet)),
  'ERSPAN II': (packet) => gre(0x1000, 0x88be, u32(9), [0x10, 7, 0, 1, 0, 0, 0, 2], bridged(packet)),
  'ERSPAN III': (packet) => gre(0x1000, 0x22eb, u32(9), [0x20, 7, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], bridged(packet)),
};

/** Labels and headers between Ethernet and IP, each as the frame around an IP packet. */
export const ENVELOPES: Readonly<Record<string, (packet: Uint8Array) => Uint8Array>> = {
  MPLS: (packet) => ethernet(0x8847, u32((1000 << 12) | 64), u32((2000 << 12) | 0x100 | 64), packet),
  'MPLS behind a tag': (packet) => ethernet(0x8100, u16(9), u16(0x8847), u32((3000 << 12) | 0x100 | 64), packet),
  PPPoE: (packet) =>
    ethernet(0x8864, [0x11, 0], u16(5), u16(packet.length + 2), u16(kind(packet) === 0x0800 ? 0x21 : 0x57), packet),
};

/** A frame with its time and, where it was sliced, the length it had. */
export interface TimedFrame {
  readonly timeNs: bigint;
  readonly bytes: Uint8Array;
  readonly original?: number;
}

export interface PcapOptions {
  readonly linkType: number;
  readonly nanoseconds?: boolean;
  readonly bigEndian?: boolean;
}

/** A pcap file. */
export function pcapFile(
  frames: readonly TimedFrame[],
  { linkType, nanoseconds = false, bigEndian = false }: PcapOptions,
): Uint8Array {
  const word = (value: number): number[] => (bigEndian ? u32(value) : u32(value).reverse());
  const half = (value: number): number[] => (bigEndian ? u16(value) : u16(value).reverse());
  const parts: (Uint8Array | number[])[] = [
    [
      ...word(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
      ...half(2),
      ...half(4),
      ...word(0),
      ...word(0),
      ...word(262144),
      ...word(linkType),
    ],
  ];
  for (const { timeNs, bytes, original } of frames) {
    const fraction = Number(timeNs % 1_000_000_000n);
    parts.push(
      [
        ...word(Number(timeNs / 1_000_000_000n)),
        ...word(nanoseconds ? fraction : Math.floor(fraction / 1000)),
        ...word(bytes.length),
        ...word(original ?? bytes.length),
      ],
      bytes,
    );
  }
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A pcapng block with options already encoded in its body. */
export function pcapngBlock(type: number, body: readonly number[] | Uint8Array, bigEndian = false): Uint8Array {
  const word = (value: number): number[] => (bigEndian ? u32(value) : u32(value).reverse());
  const padding = new Array<number>((4 - (body.length % 4)) % 4).fill(0);
  const length = 12 + body.length + padding.length;
  return join(word(type), word(length), body, padding, word(length));
}

/** A pcapng file of one section; `tsresol` is the option's byte. */
export function pcapngFile(
  frames: readonly TimedFrame[],
  linkType: number,
  tsresol = 6,
  bigEndian = false,
): Uint8Array {
  const word = (value: number): number[] => (bigEndian ? u32(value >>> 0) : u32(value >>> 0).reverse());
  const half = (value: number): number[] => (bigEndian ? u16(value) : u16(value).reverse());
  const blocks = [
    pcapngBlock(
      0x0a0d0d0a,
      [...word(0x1a2b3c4d), ...half(1), ...half(0), ...word(0xffffffff), ...word(0xffffffff)],
      bigEndian,
    ),
    pcapngBlock(
      1,
      [...half(linkType), ...half(0), ...word(0), ...half(9), ...half(1), tsresol, 0, 0, 0, ...half(0), ...half(0)],
      bigEndian,
    ),
    ...frames.map(({ timeNs, bytes, original }) => {
      const perSecond = (tsresol & 0x80) === 0 ? 10n ** BigInt(tsresol) : 2n ** BigInt(tsresol & 0x7f);
      const ticks = (timeNs * perSecond) / 1_000_000_000n;
      const head = [
        ...word(0),
        ...word(Number(ticks >> 32n)),
        ...word(Number(ticks & 0xffffffffn)),
        ...word(bytes.length),
        ...word(original ?? bytes.length),
      ];
      return pcapngBlock(6, join(head, bytes), bigEndian);
    }),
  ];
  return join(...blocks);
}
