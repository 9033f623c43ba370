/** Bytes of iSCSI as RFC 7143 section 11 draws them, written by hand so that nothing is shared with what is tested. */
export const NO_TAG = 0xffffffff;

/** A PDU an initiator sent, taken apart no further than its header. */
export interface Request {
  readonly bhs: Buffer;
  readonly ahs: Buffer;
  readonly data: Buffer;
  readonly opcode: number;
  readonly immediate: boolean;
  readonly flags: number;
  readonly itt: number;
  readonly ttt: number;
  readonly cmdSn: number;
  readonly expStatSn: number;
  readonly cdb: Buffer;
}

/** Fields of a PDU a target sends; what is left out is zero, tags are reserved. */
export interface Answer {
  readonly opcode: number;
  readonly flags?: number;
  readonly byte2?: number;
  readonly byte3?: number;
  readonly lun?: Buffer;
  readonly itt?: number;
  readonly ttt?: number;
  readonly statSn?: number;
  readonly expCmdSn?: number;
  readonly maxCmdSn?: number;
  readonly word36?: number;
  readonly word40?: number;
  readonly word44?: number;
  readonly data?: Uint8Array;
  /** DataSegmentLength to claim in place of the true one. */
  readonly claim?: number;
  readonly ahsWords?: number;
}

const TABLE = new Uint32Array(256).map((_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = (c & 1) !== 0 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  return c >>> 0;
});

/** CRC32C, the slow way. */
export function crc32c(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = (c >>> 8) ^ (TABLE[(c ^ byte) & 0xff] ?? 0);
  return (c ^ 0xffffffff) >>> 0;
}

export interface WireDigests {
  readonly header: boolean;
  readonly data: boolean;
}

function digest(bytes: Uint8Array): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(crc32c(bytes));
  return out;
}

/** The bytes of an answer. */
export function encode(answer: Answer, digests: WireDigests = { header: false, data: false }): Buffer {
  const data = Buffer.from(answer.data ?? []);
  const bhs = Buffer.alloc(48);
  bhs[0] = answer.opcode;
  bhs[1] = answer.flags ?? 0x80;
  bhs[2] = answer.byte2 ?? 0;
  bhs[3] = answer.byte3 ?? 0;
  bhs[4] = answer.ahsWords ?? 0;
  bhs.writeUIntBE(answer.claim ?? data.length, 5, 3);
  answer.lun?.copy(bhs, 8);
  bhs.writeUInt32BE(answer.itt ?? NO_TAG, 16);
  bhs.writeUInt32BE(answer.ttt ?? NO_TAG, 20);
  bhs.writeUInt32BE(answer.statSn ?? 0, 24);
  bhs.writeUInt32BE(answer.expCmdSn ?? 0, 28);
  bhs.writeUInt32BE(answer.maxCmdSn ?? 0, 32);
  bhs.writeUInt32BE(answer.word36 ?? 0, 36);
  bhs.writeUInt32BE(answer.word40 ?? 0, 40);
  bhs.writeUInt32BE(answer.word44 ?? 0, 44);
  const ahs = Buffer.alloc((answer.ahsWords ?? 0) * 4);
  const padding = Buffer.alloc(-data.length & 3);
  const parts: Buffer[] = [bhs, ahs];
  if (digests.header) parts.push(digest(Buffer.concat([bhs, ahs])));
  parts.push(data, padding);
  if (digests.data && data.length > 0) parts.push(digest(Buffer.concat([data, padding])));
  return Buffer.concat(parts);
}

/** Cuts what an initiator sends into PDUs. */
export class Splitter {
  digests: WireDigests = { header: false, data: false };
  #held = Buffer.alloc(0);

  take(bytes: Uint8Array): Request[] {
    this.#held = Buffer.concat([this.#held, bytes]);
    const out: Request[] = [];
    for (;;) {
      const held = this.#held;
      if (held.length < 48) return out;
      const ahsLength = (held[4] ?? 0) * 4;
      const dataLength = held.readUIntBE(5, 3);
      const dataAt = 48 + ahsLength + (this.digests.header ? 4 : 0);
      const end = dataAt + dataLength + (-dataLength & 3) + (this.digests.data && dataLength > 0 ? 4 : 0);
      if (held.length < end) return out;
      const bhs = held.subarray(0, 48);
      out.push({
        bhs,
        ahs: held.subarray(48, 48 + ahsLength),
        data: held.subarray(dataAt, dataAt + dataLength),
        opcode: (bhs[0] ?? 0) & 0x3f,
        immediate: ((bhs[0] ?? 0) & 0x40) !== 0,
        flags: bhs[1] ?? 0,
        itt: bhs.readUInt32BE(16),
        ttt: bhs.readUInt32BE(20),
        cmdSn: bhs.readUInt32BE(24),
        expStatSn: bhs.readUInt32BE(28),
        cdb: bhs.subarray(32, 48),
      });
      this.#held = held.subarray(end);
    }
  }
}

/** Text keys as they go on the wire. */
export function keys(pairs: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(
    Object.entries(pairs)
      .map(([key, value]) => `${key}=${value}\0`)
      .join(''),
  );
}

/** Text keys as they came. */
export function readKeys(data: Uint8Array): Map<string, string> {
  const out = new Map<string, string>();
  for (const line of Buffer.from(data).toString().split('\0')) {
    const cut = line.indexOf('=');
    if (cut > 0) out.set(line.slice(0, cut), line.slice(cut + 1));
  }
  return out;
}
