import { toHex } from '../bytes/index.ts';
import type { TextPair } from '../pdu/index.ts';
import {
  CHAP_ALGORITHMS,
  chapAlgorithm,
  challengePairs,
  ChapKeys,
  chapResponse,
  drawChallenge,
  equalBytes,
  secretBytes,
  type Challenge,
  type ChallengeLog,
} from './chap.ts';
import type { ChapAlgorithm, ChapDigest, ChapSecret, RandomBytes, TargetAuth } from './types.ts';

/** What a target asks for where it wants CHAP. */
export type TargetChap = Extract<TargetAuth, { kind: 'chap' }>;

/** The target's part of CHAP, one or both directions (RFC 7143 12.1.3). */
export class ChapTarget {
  readonly #auth: TargetChap;
  readonly #digest: ChapDigest;
  readonly #random: RandomBytes;
  readonly #log: ChallengeLog;
  #algorithm: ChapAlgorithm | null = null;
  #own: Challenge | undefined;
  #user: string | null = null;

  constructor(auth: TargetChap, digest: ChapDigest, random: RandomBytes, log: ChallengeLog) {
    this.#auth = auth;
    this.#digest = digest;
    this.#random = random;
    this.#log = log;
  }

  /** Algorithm chosen, null before. */
  get algorithm(): ChapAlgorithm | null {
    return this.#algorithm;
  }

  /** Name the initiator proved, null before. */
  get user(): string | null {
    return this.#user;
  }

  /** Chooses an algorithm and challenges the initiator. */
  challenge(pairs: readonly TextPair[]): TextPair[] {
    const keys = new ChapKeys(pairs, 'initiator');
    const offered = keys.list('CHAP_A');
    this.#noStrangers(keys, ['CHAP_A']);
    const accepted = this.#auth.algorithms ?? CHAP_ALGORITHMS;
    const algorithm = offered.map(chapAlgorithm).find((number) => number !== undefined && accepted.includes(number));
    if (algorithm === undefined)
      throw keys.error(
        'AUTH_METHOD',
        'CHAP_A',
        `The initiator offers no CHAP algorithm this target takes (${accepted.join(', ')}).`,
      );
    this.#algorithm = algorithm;
    this.#own = drawChallenge(this.#random, this.#log, 'target');
    return [{ key: 'CHAP_A', value: String(algorithm) }, ...challengePairs(this.#own)];
  }

  /** Checks the initiator's proof, and gives the target's own where it was asked for. */
  verify(pairs: readonly TextPair[]): TextPair[] {
    const keys = new ChapKeys(pairs, 'initiator');
    const own = this.#own;
    const algorithm = this.#algorithm;
    if (own === undefined || algorithm === null)
      throw keys.error('AUTH_CHALLENGE', 'CHAP_R', 'The initiator answered a challenge nobody made.');
    const user = keys.text('CHAP_N');
    const proof = keys.bytes('CHAP_R');
    this.#noStrangers(keys, ['CHAP_N', 'CHAP_R', 'CHAP_I', 'CHAP_C']);
    const secret = this.#auth.accounts.get(user);
    // An unknown name takes the same work as a known one, so that the time does not tell which names exist.
    const expected = chapResponse(this.#digest, algorithm, own.identifier, secret ?? this.#random(16), own.bytes);
    if (!equalBytes(proof, expected) || secret === undefined)
      throw keys.error('AUTH_REFUSED', 'CHAP_R', 'The initiator did not prove itself: its name or secret is wrong.');
    const answer = keys.has('CHAP_I') || keys.has('CHAP_C') ? this.#prove(keys, algorithm, own, secret) : [];
    this.#user = user;
    return answer;
  }

  #prove(keys: ChapKeys, algorithm: ChapAlgorithm, own: Challenge, secret: ChapSecret): TextPair[] {
    const identifier = keys.number('CHAP_I');
    const challenge = keys.bytes('CHAP_C');
    const mutual = this.#auth.mutual;
    if (mutual === undefined)
      throw keys.error(
        'AUTH_METHOD',
        'CHAP_C',
        'The initiator wants this target to prove itself, and it has no secret for that.',
      );
    if (equalBytes(secretBytes(mutual.secret), secretBytes(secret)))
      throw keys.error(
        'AUTH_CONFIG',
        'configuration',
        'The secrets of the two directions are the same; give the target one of its own.',
      );
    if (equalBytes(challenge, own.bytes))
      throw keys.error('AUTH_CHALLENGE', 'CHAP_C', "The initiator sent the target's own challenge back.");
    if (!this.#log.note(challenge))
      throw keys.error('AUTH_CHALLENGE', 'CHAP_C', 'The initiator sent a challenge that was used before.');
    return [
      { key: 'CHAP_N', value: mutual.user },
      {
        key: 'CHAP_R',
        value: `0x${toHex(chapResponse(this.#digest, algorithm, identifier, mutual.secret, challenge))}`,
      },
    ];
  }

  #noStrangers(keys: ChapKeys, expected: readonly string[]): void {
    const [stranger] = keys.besides(expected);
    if (stranger !== undefined)
      throw keys.error(
        'AUTH_CHALLENGE',
        stranger,
        `The initiator sent ${stranger} at a step of CHAP it does not belong to.`,
      );
  }
}
