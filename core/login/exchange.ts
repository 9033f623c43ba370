import { LoginError } from '../errors/index.ts';
import { encodeText, keySpec, quote, splitText, type TextPair } from '../pdu/index.ts';
import { DEFAULT_SEGMENT_LENGTH } from './parameters.ts';
import type { LoginExchange, LoginSide } from './types.ts';

/** Login requests after which a login counts as endless. */
export const EXCHANGE_LIMIT = 64;

/** Bytes of text one side may say at a time during login. */
export const LOGIN_TEXT_LIMIT = 65536;

/** Keys one side may say at a time during login. */
export const LOGIN_KEY_LIMIT = 256;

/** Numbers of the login stages (RFC 7143 11.12.3). */
export const STAGE = { security: 0, operational: 1, fullFeature: 3 } as const;

/** Text on its way out, in segments small enough for login. */
export class TextOut {
  #segments: Uint8Array[] = [];

  /** Whether segments are left. */
  get pending(): boolean {
    return this.#segments.length > 0;
  }

  /** How many segments are left. */
  get segments(): number {
    return this.#segments.length;
  }

  /** Takes pairs to send; without any, one empty segment. */
  load(pairs: readonly TextPair[]): void {
    this.#segments = splitText(encodeText(pairs), DEFAULT_SEGMENT_LENGTH);
  }

  /** The next segment, empty where none is left. */
  next(): Uint8Array {
    return this.#segments.shift() ?? new Uint8Array(0);
  }
}

/** The keys of one text, sorted by who handles them. */
export interface SortedPairs {
  readonly chap: readonly TextPair[];
  readonly rest: readonly TextPair[];
}

/** Takes CHAP's keys apart from those that are negotiated; a key of another authentication method, or too many keys, is a LoginError. */
export function sortPairs(pairs: readonly TextPair[], sender: LoginSide): SortedPairs {
  if (pairs.length > LOGIN_KEY_LIMIT)
    throw new LoginError(
      'LOGIN_NEGOTIATION',
      `The ${sender} sent ${pairs.length} keys at once; at most ${LOGIN_KEY_LIMIT} are taken.`,
    );
  const chap: TextPair[] = [];
  const rest: TextPair[] = [];
  for (const pair of pairs) {
    const stages = keySpec(pair.key)?.stages ?? [];
    const securityOnly = stages.length === 1 && stages[0] === 'security' && pair.key !== 'AuthMethod';
    if (!securityOnly) rest.push(pair);
    else if (pair.key.startsWith('CHAP_')) chap.push(pair);
    else throw strayKey(pair, sender);
  }
  return { chap, rest };
}

/** The error for a key at a step it does not belong to. */
export function strayKey(pair: TextPair, sender: LoginSide): LoginError {
  return new LoginError(
    'LOGIN_NEGOTIATION',
    `The ${sender} sent ${quote(pair.key)} = ${quote(redact(pair).value)} at a step it does not belong to.`,
    {
      details: { key: pair.key, value: redact(pair).value.slice(0, 255), side: sender },
    },
  );
}

function redact(pair: TextPair): TextPair {
  return pair.key === 'CHAP_R' ? { key: pair.key, value: '(hidden)' } : pair;
}

/** One exchange for display, without proofs. */
export function exchangeOf(
  stage: LoginExchange['stage'],
  sent: readonly TextPair[],
  received: readonly TextPair[],
  transit: boolean,
): LoginExchange {
  return { stage, sent: sent.map(redact), received: received.map(redact), transit };
}
