/** PDUs put together byte by byte as RFC 7143 draws them, so that a peer can be told anything, lies included. */
export interface RawFields {
  readonly opcode: number;
  readonly immediate?: boolean;
  /** The second byte. */
  readonly flags?: number;
  readonly byte2?: number;
  readonly byte3?: number;
  /** Eight bytes as two numbers, or the LUN's number. */
  readonly lun?: number;
  readonly itt?: number;
  /** Bytes 20 to 47 as seven 32-bit words. */
  readonly words?: readonly number[];
  readonly data?: Uint8Array;
  /** Told instead of the real length. */
  readonly dataLength?: number;
  /** Bytes 32 to 47, for a SCSI command. */
  readonly cdb?: readonly number[];
  /** ISID and TSIH, for a login. */
  readonly isid?: readonly number[];
  readonly tsih?: number;
}

/** The bytes of a PDU without digests. */
export function rawPdu(fields: RawFields): Uint8Array {
  const data = fields.data ?? new Uint8Array(0);
  const bytes = new Uint8Array(48 + data.length + (-data.length & 3));
  const view = new DataView(bytes.buffer);
  bytes[0] = fields.opcode | (fields.immediate === true ? 0x40 : 0);
  bytes[1] = fields.flags ?? 0x80;
  bytes[2] = fields.byte2 ?? 0;
  bytes[3] = fields.byte3 ?? 0;
  view.setUint32(4, fields.dataLength ?? data.length);
  if (fields.lun !== undefined) view.setUint16(8, fields.lun < 256 ? fields.lun : 0x4000 | fields.lun);
  if (fields.isid !== undefined) bytes.set(fields.isid, 8);
  if (fields.tsih !== undefined) view.setUint16(14, fields.tsih);
  view.setUint32(16, fields.itt ?? 0);
  fields.words?.forEach((word, i) => {
    view.setUint32(20 + i * 4, word >>> 0);
  });
  if (fields.cdb !== undefined) bytes.set(fields.cdb, 32);
  bytes.set(data, 48);
  return bytes;
}

/** Keys as text segments hold them. */
export function keyText(pairs: Readonly<Record<string, string>>): Uint8Array {
  return new TextEncoder().encode(
    Object.entries(pairs)
      .map(([key, value]) => `${key}=${value}\0`)
      .join(''),
  );
}

/** What a peer sent, taken apart as far as tests look at it. */
export interface SeenPdu {
  readonly opcode: number;
  readonly flags: number;
  readonly byte2: number;
  readonly status: number;
  readonly itt: number;
  /** Bytes 20 to 47. */
  readonly words: readonly number[];
  readonly data: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Cuts a stream without digests into PDUs. */
export class RawReader {
  #held = new Uint8Array(0);

  /** Takes bytes and returns the PDUs they complete. */
  add(bytes: Uint8Array): SeenPdu[] {
    const all = new Uint8Array(this.#held.length + bytes.length);
    all.set(this.#held);
    all.set(bytes, this.#held.length);
    const pdus: SeenPdu[] = [];
    let at = 0;
    while (all.length - at >= 48) {
      const view = new DataView(all.buffer, at);
      const length = view.getUint32(4) & 0xffffff;
      const whole = 48 + length + (-length & 3);
      if (all.length - at < whole) break;
      pdus.push({
        opcode: (all[at] ?? 0) & 0x3f,
        flags: all[at + 1] ?? 0,
        byte2: all[at + 2] ?? 0,
        status: all[at + 3] ?? 0,
        itt: view.getUint32(16),
        words: Array.from({ length: 7 }, (_, i) => view.getUint32(20 + i * 4)),
        data: all.slice(at + 48, at + 48 + length),
        bytes: all.slice(at, at + whole),
      });
      at += whole;
    }
    this.#held = all.slice(at);
    return pdus;
  }
}

/** A Login Request; `stage` is the second byte: T, C, CSG, NSG. */
export function loginPdu(
  pairs: Readonly<Record<string, string>> | Uint8Array,
  fields: Partial<RawFields> & { readonly cid?: number; readonly cmdSn?: number } = {},
): Uint8Array {
  const { cid = 0, cmdSn = 1, ...rest } = fields;
  const data = pairs instanceof Uint8Array ? pairs : keyText(pairs);
  return rawPdu({
    opcode: 0x03,
    immediate: true,
    flags: 0x87,
    isid: [0x80, 1, 2, 3, 0, 1],
    words: [cid << 16, cmdSn, 0],
    data,
    ...rest,
  });
}
