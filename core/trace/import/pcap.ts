import { ProtocolError } from '../../errors/index.ts';
import { BLOCK_LIMIT, type ContainerParser, type PacketSink } from './container.ts';

const HEADER_LENGTH = 24;
const RECORD_LENGTH = 16;
const MAGIC_US = 0xa1b2c3d4;
const MAGIC_NS = 0xa1b23c4d;

/** Whether bytes begin as a pcap file does, in either byte order. */
export function isPcap(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return [true, false].some((little) => [MAGIC_US, MAGIC_NS].includes(view.getUint32(0, little)));
}

/** Reads pcap files with microseconds or nanoseconds, of either byte order. */
export class PcapParser implements ContainerParser {
  readonly #sink: PacketSink;
  #little = true;
  #fractionNs = 1000;
  #linkType = -1;
  #baseSeconds = -1;
  #baseRestNs = 0;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  feed(bytes: Uint8Array, from: number, to: number, offset: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = from;
    if (this.#linkType < 0) {
      if (to - at < HEADER_LENGTH) return at;
      this.#readHeader(view, at);
      at += HEADER_LENGTH;
    }
    const little = this.#little;
    while (to - at >= RECORD_LENGTH) {
      const captured = view.getUint32(at + 8, little);
      if (captured > BLOCK_LIMIT)
        throw new ProtocolError(
          'PROTOCOL_TOO_LARGE',
          `The capture is damaged at byte ${offset + at - from}: a packet claims ${captured} bytes.`,
          { details: { offset: offset + at - from, captured } },
        );
      const body = at + RECORD_LENGTH;
      if (body + captured > to) return at;
      const seconds = view.getUint32(at, little);
      const restNs = view.getUint32(at + 4, little) * this.#fractionNs;
      const original = view.getUint32(at + 12, little);
      if (this.#baseSeconds < 0) {
        this.#baseSeconds = seconds;
        this.#baseRestNs = restNs;
        this.#sink.setBase(BigInt(seconds) * 1_000_000_000n + BigInt(restNs));
      }
      const timeNs = (seconds - this.#baseSeconds) * 1e9 + restNs - this.#baseRestNs;
      this.#sink.packet(timeNs, this.#linkType, bytes, body, captured, original, offset + body - from);
      at = body + captured;
    }
    return at;
  }

  #readHeader(view: DataView, at: number): void {
    const magic = view.getUint32(at, true);
    this.#little = magic === MAGIC_US || magic === MAGIC_NS;
    this.#fractionNs = view.getUint32(at, this.#little) === MAGIC_NS ? 1 : 1000;
    this.#linkType = view.getUint32(at + 20, this.#little) & 0xffff;
  }
}
