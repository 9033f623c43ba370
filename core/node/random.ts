import { randomBytes } from 'node:crypto';

/** Unpredictable bytes from the system. */
export function secureRandom(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
