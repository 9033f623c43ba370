import { NAME_RECORDS } from '../import/names-block.ts';
import { OPTIONS } from '../import/options.ts';
import { BLOCKS, BYTE_ORDER_MAGIC } from '../import/pcapng.ts';

/** Link type of packets that begin with their IP header. */
export const LINK_RAW = 101;

const OPTION_INTERFACE_NAME = 2;
const OPTION_PACKET_FLAGS = 2;
const OPTION_START = 2;
const OPTION_END = 3;
const OPTION_RECEIVED = 4;
const OPTION_LIMIT = 60_000;

/** What an option block holds: its code and its bytes. */
type Option = readonly [code: number, value: Uint8Array];

function utf8(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= OPTION_LIMIT) return bytes;
  let end = OPTION_LIMIT;
  while (((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

/** A comment as a file keeps it: not over 60,000 bytes, and UTF-8. */
export function cutComment(text: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8(text));
}

function word(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value, true);
  return out;
}

/** A time as the two words pcapng wants, the higher first. */
function stamp(timeNs: bigint): Uint8Array {
  const out = new Uint8Array(8);
  const view = new DataView(out.buffer);
  view.setUint32(0, Number((timeNs >> 32n) & 0xffffffffn), true);
  view.setUint32(4, Number(timeNs & 0xffffffffn), true);
  return out;
}

function long(value: number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value), true);
  return out;
}

function optionsLength(options: readonly Option[]): number {
  return options.length === 0 ? 0 : options.reduce((sum, [, value]) => sum + 4 + ((value.length + 3) & ~3), 4);
}

function writeOptions(view: DataView, bytes: Uint8Array, from: number, options: readonly Option[]): void {
  let at = from;
  for (const [code, value] of options) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    bytes.set(value, at + 4);
    at += 4 + ((value.length + 3) & ~3);
  }
}

function block(type: number, body: number, options: readonly Option[]): { bytes: Uint8Array; view: DataView } {
  const length = 12 + body + optionsLength(options);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  view.setUint32(length - 4, length, true);
  writeOptions(view, bytes, 8 + body, options);
  return { bytes, view };
}

/** The block a file begins with. */
export function sectionBlock(application: string, comment: string): Uint8Array {
  const { bytes, view } = block(BLOCKS.section, 16, [
    [OPTIONS.comment, utf8(comment)],
    [OPTIONS.userApplication, utf8(application)],
  ]);
  view.setUint32(8, BYTE_ORDER_MAGIC, true);
  view.setUint16(12, 1, true);
  view.setBigInt64(16, -1n, true);
  return bytes;
}

/** An interface of raw IP packets with times in ns. */
export function interfaceBlock(name: string): Uint8Array {
  const { bytes, view } = block(BLOCKS.interface, 8, [
    [OPTION_INTERFACE_NAME, utf8(name)],
    [OPTIONS.tsresol, Uint8Array.of(9)],
  ]);
  view.setUint16(8, LINK_RAW, true);
  return bytes;
}

/** One packet: where it went, seen from the initiator, and what is to be said of it. */
export function packetBlock(
  timeNs: bigint,
  packet: Uint8Array,
  outgoing: boolean,
  comments: readonly string[],
): Uint8Array {
  const options: Option[] = comments.map((comment) => [OPTIONS.comment, utf8(comment)]);
  options.push([OPTION_PACKET_FLAGS, word(outgoing ? 2 : 1)]);
  const padded = (packet.length + 3) & ~3;
  const { bytes, view } = block(BLOCKS.enhancedPacket, 20 + padded, options);
  bytes.set(stamp(timeNs), 12);
  view.setUint32(20, packet.length, true);
  view.setUint32(24, packet.length, true);
  bytes.set(packet, 28);
  return bytes;
}

/** Names of addresses, of 4 or 16 bytes each. */
export function namesBlock(names: readonly (readonly [address: Uint8Array, name: string])[]): Uint8Array {
  const records = names.map(([address, name]) => {
    const text = utf8(`${name}\0`);
    const length = address.length + text.length;
    const record = new Uint8Array(4 + ((length + 3) & ~3));
    const view = new DataView(record.buffer);
    view.setUint16(0, address.length === 4 ? NAME_RECORDS.ipv4 : NAME_RECORDS.ipv6, true);
    view.setUint16(2, length, true);
    record.set(address, 4);
    record.set(text, 4 + address.length);
    return record;
  });
  const body = records.reduce((sum, record) => sum + record.length, 4);
  const { bytes } = block(BLOCKS.nameResolution, body, []);
  let at = 8;
  for (const record of records) {
    bytes.set(record, at);
    at += record.length;
  }
  return bytes;
}

/** What went over the interface in all. */
export function statisticsBlock(startNs: bigint, endNs: bigint, packets: number): Uint8Array {
  const { bytes } = block(BLOCKS.interfaceStatistics, 12, [
    [OPTION_START, stamp(startNs)],
    [OPTION_END, stamp(endNs)],
    [OPTION_RECEIVED, long(packets)],
  ]);
  bytes.set(stamp(endNs), 12);
  return bytes;
}
