/** Kinds of records in a names block. */
export const NAME_RECORDS = { end: 0, ipv4: 1, ipv6: 2 } as const;

/** Reads the records of a names block between two places, its options left out; answers what is wrong with it, or nothing. */
export function readNames(
  view: DataView,
  from: number,
  end: number,
  little: boolean,
  tell: (address: Uint32Array, name: string) => void,
): string {
  for (let at = from; at + 4 <= end;) {
    const kind = view.getUint16(at, little);
    const size = view.getUint16(at + 2, little);
    if (kind === NAME_RECORDS.end) return '';
    const after = at + 4 + size;
    if (after > end) return 'A record of a names block leaves its block; the rest of its names was ignored.';
    const width = kind === NAME_RECORDS.ipv4 ? 4 : kind === NAME_RECORDS.ipv6 ? 16 : size;
    if (size < width)
      return 'A record of a names block is too short for its address; the rest of its names was ignored.';
    const text = new Uint8Array(view.buffer, view.byteOffset + at + 4 + width, size - width);
    // An address may have several names, each with a zero behind it.
    for (const name of new TextDecoder('utf-8', { ignoreBOM: true }).decode(text).split('\0'))
      if (name !== '') tell(addressAt(view, at + 4, width), name);
    at = after + (-size & 3);
  }
  return '';
}

/** An address as it stands in a packet, as four words. */
function addressAt(view: DataView, at: number, width: number): Uint32Array {
  if (width === 4) return Uint32Array.of(0, 0, 0xffff, view.getUint32(at));
  return Uint32Array.from({ length: 4 }, (_, i) => view.getUint32(at + i * 4));
}
