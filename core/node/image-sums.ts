import { createHash, webcrypto } from 'node:crypto';

/** The sums a range can be told by. */
export type SumName = 'md5' | 'sha1' | 'sha256';

/** Sums that are fed piece by piece. */
export interface RunningSums {
  update(bytes: Uint8Array): void;
  /** In hex. */
  digest(): Readonly<Record<SumName, string>>;
}

/** Sums bytes in some ways at once; what was not asked for is empty. */
export function createSums(names: readonly SumName[]): RunningSums {
  const hashes = names.map((name) => [name, createHash(name)] as const);
  return {
    update: (bytes) => {
      for (const [, hash] of hashes) hash.update(bytes);
    },
    digest: () => ({
      md5: '',
      sha1: '',
      sha256: '',
      ...Object.fromEntries(hashes.map(([name, hash]) => [name, hash.digest('hex')])),
    }),
  };
}

/** SHA-256 in hex of something short. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** SHA-256 in hex, summed beside the loop; the bytes must stay as they are until it is there. */
export async function sha256Aside(bytes: Uint8Array): Promise<string> {
  const sum = await webcrypto.subtle.digest('SHA-256', bytes);
  return Buffer.from(sum).toString('hex');
}

const ZEROS = Buffer.alloc(64 * 1024);

/** Whether all bytes are zero. */
export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length);
    if (ZEROS.compare(part, 0, part.length, 0, part.length) !== 0) return false;
  }
  return true;
}
