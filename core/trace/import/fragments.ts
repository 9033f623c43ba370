import { readU16, readU32 } from '../../bytes/index.ts';

/** TCP's number in IP headers. */
export const PROTOCOL_TCP = 6;

/** A stretch of a datagram and where its bytes lie in the input. */
export interface Fragment {
  readonly at: number;
  readonly length: number;
  readonly offset: number;
}

/** A datagram put together again. */
export interface Datagram {
  readonly bytes: Uint8Array;
  /** What its first fragment says it begins with. */
  readonly protocol: number;
  readonly parts: readonly Fragment[];
}

interface Part extends Fragment {
  /** Where its bytes are kept. */
  readonly kept: number;
}

interface Pending {
  /** In the order of the datagram. */
  readonly parts: Part[];
  /** What had been kept in all when the first of it came. */
  readonly from: number;
  length: number;
  gathered: number;
  protocol: number;
}

const DATAGRAM_LIMIT = 65_535;
const PENDING_LIMIT = 256;
/** Fragments of all unfinished datagrams together. */
const PART_LIMIT = 16_384;
/** Bytes of all fragments that are kept; newer ones overwrite older ones. */
const RING_BYTES = 4 << 20;

/** Puts fragmented IP datagrams together; the oldest unfinished one goes when too much waits. */
export class FragmentTable {
  readonly #pending = new Map<string, Pending>();
  #ring = new Uint8Array(0);
  /** Bytes of the ring that were used in all, those skipped at its end included. */
  #used = 0;
  #parts = 0;
  /** Unfinished datagrams that were given up. */
  dropped = 0;

  /** Datagrams that wait for fragments. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Fragments that are kept. */
  get parts(): number {
    return this.#parts;
  }

  /** Adds a fragment's payload; answers the whole once nothing is missing. Two that differ in the same place give the datagram up. */
  add(
    key: string,
    at: number,
    more: boolean,
    payload: Uint8Array,
    offset: number,
    protocol = PROTOCOL_TCP,
  ): Datagram | undefined {
    const end = at + payload.length;
    if (end > DATAGRAM_LIMIT || payload.length === 0) return undefined;
    let entry = this.#pending.get(key);
    const next = entry === undefined ? 0 : placeOf(entry.parts, at);
    if (entry !== undefined) {
      const [before, behind] = [entry.parts[next - 1], entry.parts[next]];
      if (behind?.at === at && behind.length === payload.length) return undefined;
      const overlaps =
        (before !== undefined && before.at + before.length > at) || (behind !== undefined && behind.at < end);
      const last = entry.parts[entry.parts.length - 1] as Part;
      const longest = entry.length >= 0 ? entry.length : Infinity;
      const leaves = more ? end > longest : entry.length >= 0 ? end !== longest : last.at + last.length > end;
      if (leaves || (overlaps && !this.#agrees(entry, at, payload))) {
        this.#drop(key, entry);
        return undefined;
      }
      if (overlaps) return this.#addRest(key, entry, at, more, payload, offset, protocol);
    }
    const kept = this.#keep(payload);
    // Making room may have taken the datagram itself.
    entry = this.#pending.get(key);
    if (entry === undefined) {
      entry = { parts: [], from: this.#used - payload.length, length: -1, gathered: 0, protocol };
      this.#pending.set(key, entry);
    }
    entry.parts.splice(placeOf(entry.parts, at), 0, { at, length: payload.length, offset, kept });
    this.#parts += 1;
    entry.gathered += payload.length;
    if (at === 0) entry.protocol = protocol;
    if (!more) entry.length = end;
    return this.#take(key, entry);
  }

  /** The datagram, if nothing of it is missing. */
  #take(key: string, entry: Pending): Datagram | undefined {
    if (entry.gathered !== entry.length) return undefined;
    this.#remove(key, entry);
    const bytes = new Uint8Array(entry.length);
    for (const part of entry.parts) bytes.set(this.#ring.subarray(part.kept, part.kept + part.length), part.at);
    return { bytes, protocol: entry.protocol, parts: entry.parts };
  }

  /** Whether a payload has the same bytes as what there is already of its place. */
  #agrees(entry: Pending, at: number, payload: Uint8Array): boolean {
    return entry.parts.every((part) => {
      const shift = part.kept - part.at;
      const stop = Math.min(part.at + part.length, at + payload.length);
      for (let i = Math.max(part.at, at); i < stop; i += 1) if (this.#ring[shift + i] !== payload[i - at]) return false;
      return true;
    });
  }

  /** Adds what is new of a fragment that overlaps others. */
  #addRest(
    key: string,
    entry: Pending,
    at: number,
    more: boolean,
    payload: Uint8Array,
    offset: number,
    protocol: number,
  ): Datagram | undefined {
    const end = at + payload.length;
    const fresh: (readonly [from: number, to: number])[] = [];
    let from = at;
    for (const part of entry.parts) {
      if (part.at > from && part.at < end) fresh.push([from, part.at]);
      from = Math.max(from, part.at + part.length);
    }
    if (from < end) fresh.push([from, end]);
    let whole: Datagram | undefined;
    for (const [start, stop] of fresh)
      whole = this.add(key, start, true, payload.subarray(start - at, stop - at), offset + start - at, protocol);
    if (more || this.#pending.get(key) !== entry) return whole;
    entry.length = end;
    return this.#take(key, entry);
  }

  /** Copies a payload into the ring and answers where it lies; whose bytes are in its way goes. */
  #keep(payload: Uint8Array): number {
    if (this.#ring.length === 0) this.#ring = new Uint8Array(RING_BYTES);
    let place = this.#used % RING_BYTES;
    if (place + payload.length > RING_BYTES) {
      this.#used += RING_BYTES - place;
      place = 0;
    }
    this.#used += payload.length;
    for (const [key, entry] of this.#pending) {
      const fits = this.#used - entry.from <= RING_BYTES;
      if (fits && this.#pending.size < PENDING_LIMIT && this.#parts < PART_LIMIT) break;
      this.#drop(key, entry);
    }
    this.#ring.set(payload, place);
    return place;
  }

  #drop(key: string, entry: Pending): void {
    this.#remove(key, entry);
    this.dropped += 1;
  }

  #remove(key: string, entry: Pending): void {
    this.#pending.delete(key);
    this.#parts -= entry.parts.length;
  }
}

/** How many parts begin before a place. */
function placeOf(parts: readonly Part[], at: number): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((parts[middle] as Part).at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Names the datagram an IPv4 header belongs to. */
export function ipv4Key(bytes: Uint8Array, at: number): string {
  return `4:${readU32(bytes, at + 12)}:${readU32(bytes, at + 16)}:${readU16(bytes, at + 4)}`;
}

/** Names the datagram an IPv6 fragment header belongs to. */
export function ipv6Key(bytes: Uint8Array, ip: number, fragment: number): string {
  const address = Array.from({ length: 8 }, (_, i) => readU32(bytes, ip + 8 + i * 4)).join('.');
  return `6:${address}:${readU32(bytes, fragment + 4)}`;
}
