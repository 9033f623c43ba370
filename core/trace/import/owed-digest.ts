import type { DigestState } from '../connection.ts';

type Which = 'headerDigest' | 'dataDigest';

/** Who is told which digests there are. */
interface DigestLearner {
  learnDigest(which: Which, state: DigestState): void;
}

/** Whether the four bytes at `at` are this checksum. */
export function isDigest(crc: number, bytes: Uint8Array, at: number): boolean {
  const wire =
    ((bytes[at + 3] as number) << 24) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 1] as number) << 8) |
    (bytes[at] as number);
  return wire >>> 0 === crc;
}

/** A digest that the next bytes may be: what it is of ended with its segment, and nothing has told whether there are any. */
export class OwedDigest {
  #which: Which | undefined;
  #crc = 0;

  owe(which: Which, crc: number): void {
    this.#which = which;
    this.#crc = crc;
  }

  clear(): void {
    this.#which = undefined;
  }

  /** Tells by the next bytes whether it is there; answers where what comes behind it begins. */
  settle(bytes: Uint8Array, at: number, end: number, peer: DigestLearner): number {
    const which = this.#which;
    if (which === undefined) return at;
    this.#which = undefined;
    if (end - at < 4) return at;
    const isThere = isDigest(this.#crc, bytes, at);
    peer.learnDigest(which, isThere ? 'crc32c' : 'none');
    return isThere ? at + 4 : at;
  }
}
