import { toHex } from '../bytes/index.ts';
import { AuthError } from '../errors/index.ts';
import { keySpec, parseKeyValue, quote, type KeyValue, type TextPair } from '../pdu/index.ts';
import type { ChapAlgorithm, ChapDigest, ChapSecret, LoginSide, RandomBytes } from './types.ts';

/** Names of the CHAP algorithms. */
export const CHAP_ALGORITHM_NAMES: Readonly<Record<ChapAlgorithm, string>> = {
  5: 'MD5',
  6: 'SHA-1',
  7: 'SHA-256',
  8: 'SHA3-256',
};

/** Every algorithm, the strongest first. */
export const CHAP_ALGORITHMS: readonly ChapAlgorithm[] = [8, 7, 6, 5];

/** Shortest secret that is not advised against: 96 bits (RFC 7143 12.1.3). */
export const SECRET_BYTES = 12;

const CHALLENGE_BYTES = 32;

/** The algorithm with a number, or undefined where this library has none. */
export function chapAlgorithm(text: string): ChapAlgorithm | undefined {
  return CHAP_ALGORITHMS.find((number) => String(number) === text);
}

/** A secret's bytes; text is UTF-8. */
export function secretBytes(secret: ChapSecret): Uint8Array {
  return typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
}

/** The answer to a challenge: hash of identifier, secret and challenge (RFC 1994 4.1). */
export function chapResponse(
  digest: ChapDigest,
  algorithm: ChapAlgorithm,
  identifier: number,
  secret: ChapSecret,
  challenge: Uint8Array,
): Uint8Array {
  const key = secretBytes(secret);
  const bytes = new Uint8Array(1 + key.length + challenge.length);
  bytes[0] = identifier;
  bytes.set(key, 1);
  bytes.set(challenge, 1 + key.length);
  return digest(algorithm, bytes);
}

/** Whether two byte strings are equal, in a time that does not tell where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Advice on a secret that is easy to guess, or undefined where there is none. */
export function adviseOnSecret(secret: ChapSecret, whose: LoginSide): string | undefined {
  const length = secretBytes(secret).length;
  if (length >= SECRET_BYTES) return undefined;
  return `The CHAP secret of the ${whose} has ${length} bytes; one below ${SECRET_BYTES} bytes is guessed quickly from a recorded login.`;
}

/** Remembers the challenges of many logins, so that one seen before is noticed; the oldest are forgotten. */
export class ChallengeLog {
  readonly #limit: number;
  readonly #seen = new Set<string>();

  constructor(limit = 4096) {
    this.#limit = limit;
  }

  /** Notes a challenge; false where it was noted before. */
  note(challenge: Uint8Array): boolean {
    const key = toHex(challenge);
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= this.#limit) break;
      this.#seen.delete(oldest);
    }
    return true;
  }
}

/** A challenge of one's own: an identifier and random bytes. */
export interface Challenge {
  readonly identifier: number;
  readonly bytes: Uint8Array;
}

/** Draws a challenge and notes it. */
export function drawChallenge(random: RandomBytes, log: ChallengeLog, side: LoginSide): Challenge {
  const bytes = random(CHALLENGE_BYTES);
  if (bytes.length < CHALLENGE_BYTES || !log.note(bytes))
    throw new AuthError('AUTH_CHALLENGE', 'The source of randomness gave a challenge that was used before.', {
      details: { side, step: 'CHAP_C' },
    });
  return { identifier: random(1)[0] ?? 0, bytes };
}

/** Writes the keys of a challenge. */
export function challengePairs(challenge: Challenge): TextPair[] {
  return [
    { key: 'CHAP_I', value: String(challenge.identifier) },
    { key: 'CHAP_C', value: `0x${toHex(challenge.bytes)}` },
  ];
}

/** The CHAP keys of one text, read one by one; every failure is an AuthError that names the step and who sent it. */
export class ChapKeys {
  readonly #pairs = new Map<string, string>();
  readonly #sender: LoginSide;

  constructor(pairs: readonly TextPair[], sender: LoginSide) {
    this.#sender = sender;
    for (const { key, value } of pairs) {
      if (this.#pairs.has(key)) throw this.error('AUTH_CHALLENGE', key, `The ${sender} sent ${key} twice in one text.`);
      this.#pairs.set(key, value);
    }
  }

  /** Whether a key came. */
  has(key: string): boolean {
    return this.#pairs.has(key);
  }

  /** Names that came, but for the expected ones. */
  besides(expected: readonly string[]): string[] {
    return Array.from(this.#pairs.keys()).filter((key) => !expected.includes(key));
  }

  /** The text of a key. */
  text(key: string): string {
    const text = this.#pairs.get(key);
    if (text === undefined) throw this.error('AUTH_CHALLENGE', key, `The ${this.#sender} left out ${key}.`);
    return text;
  }

  /** The number of a key. */
  number(key: string): number {
    return this.#read(key, 'number').number;
  }

  /** The bytes of a key, at least one. */
  bytes(key: string): Uint8Array {
    return this.#read(key, 'binary').bytes;
  }

  /** The list of a key. */
  list(key: string): readonly string[] {
    return this.#read(key, 'list').list;
  }

  /** An error about a key of this text. */
  error(code: AuthError['code'], step: string, message: string, hint?: string): AuthError {
    return new AuthError(code, message, {
      ...(hint === undefined ? {} : { hint }),
      details: { side: this.#sender, step },
    });
  }

  #read<K extends KeyValue['kind']>(key: string, kind: K): Extract<KeyValue, { kind: K }> {
    const text = this.text(key);
    const spec = keySpec(key);
    const value = spec && parseKeyValue(spec, text);
    if (value?.kind === kind) return value as Extract<KeyValue, { kind: K }>;
    const fault = value?.kind === 'fault' ? value.fault : `is no ${kind}`;
    throw this.error('AUTH_CHALLENGE', key, `The ${this.#sender} sent ${key} = ${quote(text)}: the value ${fault}.`);
  }
}
