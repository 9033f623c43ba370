import { writeU16, writeU32 } from '../../bytes/index.ts';

/** One end of a synthesised conversation: its address as four words, its port, and the next byte it will send. */
export interface TcpEnd {
  readonly address: Uint32Array;
  readonly port: number;
  seq: number;
}

/** Largest payload of a segment that still fits an IP packet. */
export const SEGMENT_BYTES = 65_495;

const TCP_HEADER = 20;
const WINDOW = 0xffff;
/** Maximum segment size and a window scale of 14, so that no window ever looks full. */
const SYN_OPTIONS = Uint8Array.of(2, 4, 0xff, 0xd7, 1, 3, 3, 14);
const SYN = 2;

function isIpv4(address: Uint32Array): boolean {
  return address[0] === 0 && address[1] === 0 && address[2] === 0xffff;
}

function sum16(bytes: Uint8Array, from: number, to: number, start: number): number {
  let sum = start;
  const even = from + ((to - from) & ~1);
  for (let at = from; at < even; at += 2) sum += ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  if (even < to) sum += (bytes[even] as number) << 8;
  return sum;
}

function fold(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return ~rest & 0xffff;
}

function writeAddress(out: Uint8Array, at: number, address: Uint32Array, four: boolean): void {
  if (four) writeU32(out, at, address[3] as number);
  else for (let i = 0; i < 4; i += 1) writeU32(out, at + i * 4, address[i] as number);
}

/** The bytes of an address: 4 or 16. */
export function addressBytes(address: Uint32Array): Uint8Array {
  const four = isIpv4(address);
  const out = new Uint8Array(four ? 4 : 16);
  writeAddress(out, 0, address, four);
  return out;
}

/** An IP packet with one TCP segment; both checksums are right. */
export function buildTcpPacket(from: TcpEnd, to: TcpEnd, flags: number, payload: Uint8Array): Uint8Array {
  const four = isIpv4(from.address) && isIpv4(to.address);
  const options = (flags & SYN) === 0 ? new Uint8Array(0) : SYN_OPTIONS;
  const ip = four ? 20 : 40;
  const tcpLength = TCP_HEADER + options.length + payload.length;
  const out = new Uint8Array(ip + tcpLength);
  if (four) {
    out[0] = 0x45;
    writeU16(out, 2, out.length);
    out[6] = 0x40;
    out[8] = 64;
    out[9] = 6;
    writeAddress(out, 12, from.address, true);
    writeAddress(out, 16, to.address, true);
    writeU16(out, 10, fold(sum16(out, 0, 20, 0)));
  } else {
    out[0] = 0x60;
    writeU16(out, 4, tcpLength);
    out[6] = 6;
    out[7] = 64;
    writeAddress(out, 8, from.address, false);
    writeAddress(out, 24, to.address, false);
  }
  writeU16(out, ip, from.port);
  writeU16(out, ip + 2, to.port);
  writeU32(out, ip + 4, from.seq);
  writeU32(out, ip + 8, (flags & 0x10) === 0 ? 0 : to.seq);
  out[ip + 12] = ((TCP_HEADER + options.length) / 4) << 4;
  out[ip + 13] = flags;
  writeU16(out, ip + 14, WINDOW);
  out.set(options, ip + TCP_HEADER);
  out.set(payload, ip + TCP_HEADER + options.length);
  const pseudo = sum16(out, four ? 12 : 8, ip, 6 + tcpLength);
  writeU16(out, ip + 16, fold(sum16(out, ip, out.length, pseudo)));
  return out;
}
