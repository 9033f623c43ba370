import { ProtocolError } from '../../errors/index.ts';
import { APPLICATION, SECTION_OPENING } from '../application.ts';
import { BLOCK_LIMIT, type ContainerParser, type PacketSink } from './container.ts';
import { readNames } from './names-block.ts';
import { OPTIONS, readOptions } from './options.ts';

/** Block types of pcapng. */
export const BLOCKS = {
  section: 0x0a0d0d0a,
  interface: 1,
  packet: 2,
  simplePacket: 3,
  nameResolution: 4,
  interfaceStatistics: 5,
  enhancedPacket: 6,
} as const;

/** The byte-order mark of a section header. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

const DECODER = new TextDecoder();
const INTERFACE_LIMIT = 4096;
const TWO_32 = 2 ** 32;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Ticks of its clock in a second. */
  readonly ticksPerSecond: bigint;
  readonly offsetSeconds: bigint;
  readonly nsPerTick: number;
  /** Ticks at the trace's base, and what the base lies behind that tick. */
  baseHigh: number;
  baseLow: number;
  baseRestNs: number;
}

/** Whether bytes begin as a pcapng file does. */
export function isPcapng(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === BLOCKS.section;
}

function damaged(text: string, offset: number): ProtocolError {
  return new ProtocolError('PROTOCOL_MALFORMED', `The capture is damaged at byte ${offset}: ${text}.`, {
    hint: 'What came before this place has been read.',
    details: { offset },
  });
}

/** Reads pcapng with several sections and interfaces; blocks it has no use for are passed over. */
export class PcapngParser implements ContainerParser {
  readonly #sink: PacketSink;
  #little = true;
  #interfaces: Interface[] = [];
  #baseNs: bigint | undefined;
  #unknownInterfaces = 0;
  #sections = 0;
  /** Whether the section is this program's own, whose comments tell of PDUs. */
  #own = false;
  /** Whether it has packets of this program's own, and so what is known of PDUs that they cannot show. */
  #hasOwn = false;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  feed(bytes: Uint8Array, from: number, to: number, offset: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = from;
    while (to - at >= 12) {
      const place = offset + at - from;
      let type = view.getUint32(at, this.#little);
      if (type === BLOCKS.section) {
        const magic = view.getUint32(at + 8, true);
        this.#little = magic === BYTE_ORDER_MAGIC;
        if (!this.#little && view.getUint32(at + 8, false) !== BYTE_ORDER_MAGIC)
          throw damaged('a section has no byte-order mark', place);
        type = BLOCKS.section;
      } else if (this.#sections === 0) throw damaged('it does not begin with a section header', place);
      const length = view.getUint32(at + 4, this.#little);
      if (length < 12 || length % 4 !== 0) throw damaged(`a block claims a length of ${length} bytes`, place);
      if (length > BLOCK_LIMIT) {
        if (type === BLOCKS.enhancedPacket || type === BLOCKS.simplePacket || type === BLOCKS.packet)
          throw damaged(`a packet block claims ${length} bytes`, place);
        this.#sink.note(`A block of type ${type} and ${length} bytes was passed over.`, place);
        return at + length;
      }
      if (at + length > to) return at;
      if (view.getUint32(at + length - 4, this.#little) !== length)
        throw damaged('the two lengths of a block differ', place);
      this.#handle(type, view, bytes, at, length, place);
      at += length;
    }
    return at;
  }

  #handle(type: number, view: DataView, bytes: Uint8Array, at: number, length: number, place: number): void {
    switch (type) {
      case BLOCKS.enhancedPacket:
        this.#packet(view, bytes, at, length, place, view.getUint32(at + 8, this.#little));
        return;
      case BLOCKS.packet:
        this.#packet(view, bytes, at, length, place, view.getUint16(at + 8, this.#little));
        return;
      case BLOCKS.interface:
        this.#interface(view, at, length, place);
        return;
      case BLOCKS.simplePacket:
        this.#simple(view, bytes, at, length, place);
        return;
      case BLOCKS.nameResolution:
        if (this.#own) this.#names(view, at + 8, at + length - 4, place);
        return;
      case BLOCKS.section:
        if (length < 28) throw damaged('a section header is too short', place);
        this.#sections += 1;
        this.#interfaces = [];
        this.#section(view, bytes, at, length);
        return;
      default:
    }
  }

  #section(view: DataView, bytes: Uint8Array, at: number, length: number): void {
    const texts = new Map<number, string>();
    const end = at + length - 4;
    readOptions(view, at + 24, end, this.#little, (code, value, size) => {
      texts.set(code, DECODER.decode(bytes.subarray(value, value + size)));
    });
    const application = texts.get(OPTIONS.userApplication) ?? '';
    this.#own = application === APPLICATION;
    const comment = texts.get(OPTIONS.comment) ?? '';
    this.#hasOwn = this.#own || comment.startsWith(SECTION_OPENING);
    this.#sink.section(application, comment);
  }

  /** Hands on the names of a section of this program's own: they tell of logins that it may lack. */
  #names(view: DataView, from: number, end: number, place: number): void {
    let leftOut = 0;
    const wrong = readNames(view, from, end, this.#little, (address, name) => {
      if (!this.#sink.name(address, name)) leftOut += 1;
    });
    if (wrong !== '') this.#sink.note(wrong, place);
    if (leftOut > 0) this.#sink.note(`${leftOut} names of addresses were left out to bound memory.`, place);
  }

  #packet(view: DataView, bytes: Uint8Array, at: number, length: number, place: number, id: number): void {
    if (length < 32) throw damaged('a packet block is too short', place);
    const port = this.#interfaces[id];
    if (port === undefined) {
      this.#unknownInterfaces += 1;
      if (this.#unknownInterfaces === 1)
        this.#sink.note(`Packets of interface ${id}, which the capture does not describe, were left out.`, place);
      return;
    }
    const captured = view.getUint32(at + 20, this.#little);
    if (captured > length - 32) throw damaged(`a packet of ${captured} bytes does not fit its block`, place);
    const original = view.getUint32(at + 24, this.#little);
    const high = view.getUint32(at + 12, this.#little);
    const low = view.getUint32(at + 16, this.#little);
    if (this.#baseNs === undefined) this.#setBase(port, high, low);
    const ticks = (high - port.baseHigh) * TWO_32 + (low - port.baseLow);
    const timeNs = (port.nsPerTick === 1 ? ticks : Math.round(ticks * port.nsPerTick)) + port.baseRestNs;
    if (this.#hasOwn) this.#remark(view, bytes, at + 28 + ((captured + 3) & ~3), at + length - 4);
    this.#sink.packet(timeNs, port.linkType, bytes, at + 28, captured, original, place + 28);
  }

  /** Hands on the comments of a packet but the first, which is for people. */
  #remark(view: DataView, bytes: Uint8Array, from: number, end: number): void {
    let comments = 0;
    readOptions(view, from, end, this.#little, (code, at, size) => {
      if (code !== OPTIONS.comment) return;
      comments += 1;
      if (comments > 1) this.#sink.remark(DECODER.decode(bytes.subarray(at, at + size)), comments === 2);
    });
  }

  /** A simple packet has no time of its own: it gets the base's. */
  #simple(view: DataView, bytes: Uint8Array, at: number, length: number, place: number): void {
    const port = this.#interfaces[0];
    if (length < 16 || port === undefined)
      throw damaged('a simple packet block has no interface or is too short', place);
    const original = view.getUint32(at + 8, this.#little);
    const snapped = port.snapLength === 0 ? original : Math.min(original, port.snapLength);
    const captured = Math.min(snapped, length - 16);
    this.#sink.packet(0, port.linkType, bytes, at + 12, captured, original, place + 12);
  }

  #interface(view: DataView, at: number, length: number, place: number): void {
    if (length < 20) throw damaged('an interface block is too short', place);
    if (this.#interfaces.length >= INTERFACE_LIMIT)
      throw damaged(`it has more than ${INTERFACE_LIMIT} interfaces`, place);
    let ticksPerSecond = 1_000_000n;
    let offsetSeconds = 0n;
    const end = at + length - 4;
    const isWhole = readOptions(view, at + 16, end, this.#little, (code, option, size) => {
      if (code === OPTIONS.tsresol && size === 1) {
        const value = view.getUint8(option);
        const power = BigInt(value & 0x7f);
        if ((value & 0x7f) > ((value & 0x80) === 0 ? 18 : 62))
          throw damaged('an interface has a clock finer than can be', place);
        ticksPerSecond = (value & 0x80) === 0 ? 10n ** power : 2n ** power;
      } else if (code === OPTIONS.tsoffset && size === 8) offsetSeconds = view.getBigInt64(option, this.#little);
    });
    if (!isWhole)
      this.#sink.note('An option of an interface block leaves its block; the rest of its options was ignored.', place);
    const port: Interface = {
      linkType: view.getUint16(at + 8, this.#little),
      snapLength: view.getUint32(at + 12, this.#little),
      ticksPerSecond,
      offsetSeconds,
      nsPerTick: 1e9 / Number(ticksPerSecond),
      baseHigh: 0,
      baseLow: 0,
      baseRestNs: 0,
    };
    this.#interfaces.push(port);
    if (this.#baseNs !== undefined) align(port, this.#baseNs);
  }

  #setBase(port: Interface, high: number, low: number): void {
    const ticks = BigInt(high) * BigInt(TWO_32) + BigInt(low);
    this.#baseNs = (ticks * 1_000_000_000n) / port.ticksPerSecond + port.offsetSeconds * 1_000_000_000n;
    this.#sink.setBase(this.#baseNs);
    for (const other of this.#interfaces) align(other, this.#baseNs);
  }
}

/** Finds the tick of an interface's clock at the base, so that later times are small differences that a double holds. */
function align(port: Interface, baseNs: bigint): void {
  const ns = baseNs - port.offsetSeconds * 1_000_000_000n;
  const ticks = (ns * port.ticksPerSecond) / 1_000_000_000n;
  port.baseHigh = Number(ticks >> 32n);
  port.baseLow = Number(ticks & 0xffffffffn);
  port.baseRestNs = Number((ticks * 1_000_000_000n) / port.ticksPerSecond - ns);
}
