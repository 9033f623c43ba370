import { LONGEST_PATTERN, type BytePattern, type Pattern, type RegexPattern } from './pattern.ts';

/** A place where a pattern was found. */
export interface Match {
  readonly offset: bigint;
  readonly length: number;
}

/** Finds a pattern in bytes that arrive in pieces; what spans two pieces is found once. */
export interface Matcher {
  /** Takes the next piece, which must begin where the last one ended, and gives what is now certain. */
  push(offset: bigint, bytes: Uint8Array): Match[];
  /** Ends a run of pieces: gives what was still uncertain. The next piece may begin anywhere. */
  flush(): Match[];
}

/** A matcher for a pattern; `toLetters` turns bytes into the letters of Latin-1 where the runtime has a faster way. */
export function createMatcher(pattern: Pattern, toLetters: (bytes: Uint8Array) => string = latin1): Matcher {
  return pattern.type === 'bytes' ? new BytesMatcher(pattern) : new RegexMatcher(pattern, toLetters);
}

const isLetter = (code: number): boolean => (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);

class Carry {
  #bytes = new Uint8Array(0);
  #offset = 0n;

  /** What was kept, with the new piece behind it. */
  join(offset: bigint, bytes: Uint8Array): { readonly bytes: Uint8Array; readonly offset: bigint } {
    if (this.#bytes.length === 0) return { bytes, offset };
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    return { bytes: joined, offset: this.#offset };
  }

  keep(bytes: Uint8Array, offset: bigint, from: number): void {
    this.#bytes = bytes.slice(from);
    this.#offset = offset + BigInt(from);
  }

  get rest(): { readonly bytes: Uint8Array; readonly offset: bigint } {
    return { bytes: this.#bytes, offset: this.#offset };
  }

  clear(): void {
    this.#bytes = new Uint8Array(0);
  }
}

class BytesMatcher implements Matcher {
  readonly #values: Uint8Array;
  readonly #masks: Uint8Array;
  /** The position in the pattern whose byte is looked for first, and that byte in its one or two spellings. */
  readonly #anchor: number;
  readonly #spellings: readonly number[];
  readonly #carry = new Carry();

  constructor(pattern: BytePattern) {
    this.#values = pattern.values.slice();
    this.#masks = pattern.masks.slice();
    if (pattern.foldCase)
      for (let i = 0; i < this.#values.length; i += 1) if (isLetter(this.#values[i] ?? 0)) this.#masks[i] = 0xdf;
    for (let i = 0; i < this.#values.length; i += 1) this.#values[i] = (this.#values[i] ?? 0) & (this.#masks[i] ?? 0);
    this.#anchor = this.#rarest();
    const value = this.#values[this.#anchor] ?? 0;
    const mask = this.#masks[this.#anchor] ?? 0;
    this.#spellings = mask === 0xff ? [value] : mask === 0xdf ? [value, value | 0x20] : [];
  }

  /** A whole byte that is not zero jumps best, since disks are full of zeros. */
  #rarest(): number {
    const rank = (i: number): number => {
      const mask = this.#masks[i] ?? 0;
      if (mask !== 0xff) return mask === 0xdf ? 1 : 0;
      const value = this.#values[i] ?? 0;
      return value === 0 || value === 0xff || value === 0x20 ? 2 : 3;
    };
    let best = 0;
    for (let i = 1; i < this.#values.length; i += 1) if (rank(i) > rank(best)) best = i;
    return best;
  }

  push(offset: bigint, bytes: Uint8Array): Match[] {
    const joined = this.#carry.join(offset, bytes);
    const found = this.#search(joined.bytes, joined.offset);
    this.#carry.keep(joined.bytes, joined.offset, Math.max(0, joined.bytes.length - this.#values.length + 1));
    return found;
  }

  flush(): Match[] {
    this.#carry.clear();
    return [];
  }

  #search(bytes: Uint8Array, base: bigint): Match[] {
    const found: Match[] = [];
    const length = this.#values.length;
    const last = bytes.length - length;
    let at = this.#nextStart(bytes, 0);
    while (at <= last) {
      if (this.#matches(bytes, at)) found.push({ offset: base + BigInt(at), length });
      at = this.#nextStart(bytes, at + 1);
    }
    return found;
  }

  #nextStart(bytes: Uint8Array, from: number): number {
    if (this.#spellings.length === 0) return from;
    let best = Infinity;
    for (const value of this.#spellings) {
      const hit = bytes.indexOf(value, from + this.#anchor);
      if (hit !== -1) best = Math.min(best, hit - this.#anchor);
    }
    return best;
  }

  #matches(bytes: Uint8Array, at: number): boolean {
    for (let i = 0; i < this.#values.length; i += 1)
      if (((bytes[at + i] ?? 0) & (this.#masks[i] ?? 0)) !== this.#values[i]) return false;
    return true;
  }
}

const SLICE = 8192;

/** Bytes as the letters of Latin-1, byte for byte. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += SLICE)
    text += String.fromCharCode(...bytes.subarray(at, Math.min(bytes.length, at + SLICE)));
  return text;
}

class RegexMatcher implements Matcher {
  readonly #source: string;
  readonly #flags: string;
  readonly #toLetters: (bytes: Uint8Array) => string;
  readonly #carry = new Carry();

  constructor(pattern: RegexPattern, toLetters: (bytes: Uint8Array) => string) {
    this.#toLetters = toLetters;
    this.#source = pattern.source;
    this.#flags = pattern.flags;
  }

  push(offset: bigint, bytes: Uint8Array): Match[] {
    const joined = this.#carry.join(offset, bytes);
    // A match that begins in the tail might grow with the next piece, so the tail is looked at again with it.
    const certain = Math.max(0, joined.bytes.length - LONGEST_PATTERN);
    const { found, next } = this.#search(joined.bytes, joined.offset, certain);
    this.#carry.keep(joined.bytes, joined.offset, next);
    return found;
  }

  flush(): Match[] {
    const { bytes, offset } = this.#carry.rest;
    const { found } = this.#search(bytes, offset, bytes.length);
    this.#carry.clear();
    return found;
  }

  #search(bytes: Uint8Array, base: bigint, certain: number): { found: Match[]; next: number } {
    const found: Match[] = [];
    const regex = new RegExp(this.#source, this.#flags);
    const text = this.#toLetters(bytes);
    let next = certain;
    for (let hit = regex.exec(text); hit !== null && hit.index < certain; hit = regex.exec(text)) {
      if (hit[0].length === 0) {
        regex.lastIndex += 1;
        continue;
      }
      // What is longer than the overlap is reported as far as it can be seen.
      found.push({ offset: base + BigInt(hit.index), length: Math.min(hit[0].length, LONGEST_PATTERN) });
      next = Math.max(next, hit.index + hit[0].length);
    }
    return { found, next: Math.min(next, bytes.length) };
  }
}
