import { readU16, readU32 } from '../../bytes/index.ts';

/** A stretch of a datagram and where its bytes lie in the input. */
export interface Fragment {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** A datagram put together again. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly parts: readonly Fragment[];
}

interface Pending {
  readonly parts: Fragment[];
  length: number;
  gathered: number;
}

const DATAGRAM_LIMIT = 65_535;
const PENDING_LIMIT = 256;

/** Puts fragmented IP datagrams together; the oldest unfinished one goes when too many wait. */
export class FragmentTable {
  readonly #pending = new Map<string, Pending>();
  /** Unfinished datagrams that were given up. */
  dropped = 0;

  /** Adds a fragment's payload; answers the whole once nothing is missing. Overlaps give the datagram up. */
  add(key: string, at: number, more: boolean, payload: Uint8Array, offset: number): Datagram | undefined {
    if (at + payload.length > DATAGRAM_LIMIT) return undefined;
    let entry = this.#pending.get(key);
    if (entry === undefined) {
      if (this.#pending.size >= PENDING_LIMIT) this.#dropOldest();
      entry = { parts: [], length: -1, gathered: 0 };
      this.#pending.set(key, entry);
    }
    if (entry.parts.some((part) => part.at === at && part.bytes.length === payload.length)) return undefined;
    if (entry.parts.some((part) => part.at < at + payload.length && at < part.at + part.bytes.length)) {
      this.#pending.delete(key);
      this.dropped += 1;
      return undefined;
    }
    entry.parts.push({ at, bytes: payload.slice(), offset });
    entry.gathered += payload.length;
    if (!more) entry.length = at + payload.length;
    if (entry.gathered !== entry.length) return undefined;
    this.#pending.delete(key);
    const bytes = new Uint8Array(entry.length);
    entry.parts.sort((a, b) => a.at - b.at);
    for (const part of entry.parts) bytes.set(part.bytes, part.at);
    return { bytes, parts: entry.parts };
  }

  #dropOldest(): void {
    for (const key of this.#pending.keys()) {
      this.#pending.delete(key);
      this.dropped += 1;
      return;
    }
  }
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
