import { createCipheriv, createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import assert from 'node:assert/strict';

/** Endless bytes that look random and are the same for the same seed, so that misplaced blocks cannot go unseen. */
export class Keystream {
  readonly #cipher;
  constructor(seed: string) {
    const key = createHash('sha256').update(seed).digest();
    this.#cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  }

  next(length: number): Uint8Array {
    return new Uint8Array(this.#cipher.update(Buffer.alloc(length)));
  }
}

/** A new SHA-256. */
export function sha256(): Hash {
  return createHash('sha256');
}

/** Reads part of a file, exactly. */
export async function readFilePart(path: string, offset: number, length: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    assert.equal(bytesRead, length, `${path} ends before ${offset + length}`);
    return bytes;
  } finally {
    await file.close();
  }
}

/** The SHA-256 of a part of a file, in hex. */
export async function hashFilePart(path: string, offset: number, length: number): Promise<string> {
  const hash = sha256();
  const file = await open(path, 'r');
  try {
    for await (const chunk of file.createReadStream({
      start: offset,
      end: offset + length - 1,
      highWaterMark: 1 << 20,
    }))
      hash.update(chunk as Buffer);
  } finally {
    await file.close().catch(() => undefined);
  }
  return hash.digest('hex');
}

/** Fails, naming the first byte that differs. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  if (Buffer.compare(actual, expected) === 0) return;
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  assert.fail(`${what}: byte ${at} is ${String(actual[at])}, not ${String(expected[at])}`);
}

/** The value of a promise that must fail, as the error of a given class and code. */
export async function failure<E extends Error>(
  promise: Promise<unknown>,
  kind: abstract new (...args: never[]) => E,
  ...codes: readonly string[]
): Promise<E> {
  const outcome = await promise.then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in outcome) assert.fail(`expected ${kind.name}, but it succeeded`);
  const { error } = outcome;
  if (!(error instanceof kind)) throw error;
  const { code } = error as E & { readonly code?: string };
  if (codes.length > 0)
    assert.ok(codes.includes(code ?? ''), `${String(code)} is none of ${codes.join(', ')}: ${error.message}`);
  return error;
}
