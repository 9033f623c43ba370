import { toHex } from '../bytes/index.ts';
import { AuthError } from '../errors/index.ts';
import { quote, type TextPair } from '../pdu/index.ts';
import {
  adviseOnSecret,
  CHAP_ALGORITHM_NAMES,
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
import type { ChapAlgorithm, ChapDigest, InitiatorChap, RandomBytes } from './types.ts';

const OWN = { side: 'initiator', step: 'configuration' } as const;

/** Checks a CHAP configuration; identical secrets, an empty name or no algorithm are an AuthError. */
function checkConfig(config: InitiatorChap): void {
  const mutual = config.mutual;
  if (config.user === '') throw new AuthError('AUTH_CONFIG', 'The CHAP user name is empty.', { details: OWN });
  if (config.algorithms?.length === 0)
    throw new AuthError('AUTH_CONFIG', 'The list of CHAP algorithms is empty.', { details: OWN });
  if (mutual !== undefined && config.allowNone === true)
    throw new AuthError(
      'AUTH_CONFIG',
      'A target that may let the initiator in unproven cannot be asked to prove itself.',
      { details: OWN },
    );
  if (mutual !== undefined && equalBytes(secretBytes(config.secret), secretBytes(mutual.secret))) {
    throw new AuthError(
      'AUTH_CONFIG',
      'The secrets of the two directions are the same, so either side could answer for the other.',
      {
        hint: 'Give the target a secret of its own (RFC 7143 12.1.3).',
        details: OWN,
      },
    );
  }
}

/** The initiator's part of CHAP, one or both directions (RFC 7143 12.1.3). */
export class ChapInitiator {
  readonly #config: InitiatorChap;
  readonly #digest: ChapDigest;
  readonly #random: RandomBytes;
  readonly #log: ChallengeLog;
  readonly #warnings: string[] = [];
  readonly #algorithms: readonly ChapAlgorithm[];
  #algorithm: ChapAlgorithm | null = null;
  #own: Challenge | undefined;

  constructor(config: InitiatorChap, digest: ChapDigest, random: RandomBytes, log: ChallengeLog) {
    checkConfig(config);
    this.#config = config;
    this.#digest = digest;
    this.#random = random;
    this.#log = log;
    this.#algorithms = config.algorithms ?? CHAP_ALGORITHMS;
    const advice = [
      adviseOnSecret(config.secret, 'initiator'),
      config.mutual === undefined ? undefined : adviseOnSecret(config.mutual.secret, 'target'),
    ];
    for (const sentence of advice) if (sentence !== undefined) this.#warnings.push(sentence);
  }

  /** Algorithm the target chose, null before. */
  get algorithm(): ChapAlgorithm | null {
    return this.#algorithm;
  }

  /** Algorithms offered. */
  get algorithms(): readonly ChapAlgorithm[] {
    return this.#algorithms;
  }

  /** Whether the target is to prove itself. */
  get mutual(): boolean {
    return this.#config.mutual !== undefined;
  }

  /** What was odd so far, a sentence each. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** The algorithms, to send first. */
  propose(): TextPair[] {
    return [{ key: 'CHAP_A', value: this.#algorithms.join(',') }];
  }

  /** Answers the target's challenge, and challenges it where it is to prove itself. */
  answer(pairs: readonly TextPair[]): TextPair[] {
    const keys = new ChapKeys(pairs, 'target');
    const algorithm = this.#chosen(keys);
    const identifier = keys.number('CHAP_I');
    const challenge = keys.bytes('CHAP_C');
    this.#noStrangers(keys, ['CHAP_A', 'CHAP_I', 'CHAP_C']);
    if (!this.#log.note(challenge)) {
      throw keys.error(
        'AUTH_CHALLENGE',
        'CHAP_C',
        'The target sent a challenge that was used before; answering it would prove nothing, or prove it to somebody else.',
        'Something may stand between this initiator and the target; ask who operates it.',
      );
    }
    this.#algorithm = algorithm;
    const response = chapResponse(this.#digest, algorithm, identifier, this.#config.secret, challenge);
    const out: TextPair[] = [
      { key: 'CHAP_N', value: this.#config.user },
      { key: 'CHAP_R', value: `0x${toHex(response)}` },
    ];
    if (!this.mutual) return out;
    this.#own = drawChallenge(this.#random, this.#log, 'initiator');
    return [...out, ...challengePairs(this.#own)];
  }

  /** Takes what came with the end of the security stage: in mutual CHAP the target's proof, which must be right. */
  verify(pairs: readonly TextPair[]): void {
    const keys = new ChapKeys(pairs, 'target');
    const mutual = this.#config.mutual;
    if (mutual === undefined) {
      const extra = keys.besides([]);
      if (extra.length > 0)
        this.#warnings.push(`The target sent ${extra.join(', ')}, though it was not asked to prove itself.`);
      return;
    }
    for (const key of ['CHAP_N', 'CHAP_R']) {
      if (!keys.has(key))
        throw keys.error(
          'AUTH_TARGET_UNPROVEN',
          key,
          `The target was asked to prove itself and did not: it left out ${key}.`,
          'Set up mutual CHAP on the target, or do without it here.',
        );
    }
    this.#noStrangers(keys, ['CHAP_N', 'CHAP_R']);
    const name = keys.text('CHAP_N');
    if (mutual.user !== undefined && mutual.user !== name)
      throw keys.error(
        'AUTH_TARGET_UNPROVEN',
        'CHAP_N',
        `The target calls itself ${quote(name)} in CHAP, not ${quote(mutual.user)}.`,
      );
    this.#checkProof(keys, mutual.secret);
  }

  #checkProof(keys: ChapKeys, secret: string | Uint8Array): void {
    const own = this.#own;
    const algorithm = this.#algorithm;
    if (own === undefined || algorithm === null)
      throw keys.error('AUTH_TARGET_UNPROVEN', 'CHAP_R', 'The target answered a challenge nobody made.');
    const proof = keys.bytes('CHAP_R');
    if (equalBytes(proof, chapResponse(this.#digest, algorithm, own.identifier, secret, own.bytes))) return;
    const mirrored = equalBytes(
      proof,
      chapResponse(this.#digest, algorithm, own.identifier, this.#config.secret, own.bytes),
    );
    throw keys.error(
      'AUTH_TARGET_UNPROVEN',
      'CHAP_R',
      mirrored
        ? 'The target answered with the secret of the initiator; the two must differ.'
        : 'The target did not prove itself: its answer does not fit the secret it should know.',
      mirrored
        ? 'Give the target a secret of its own.'
        : "Check the target's (mutual) CHAP secret on both sides; if it is right, this may not be the target you mean.",
    );
  }

  #chosen(keys: ChapKeys): ChapAlgorithm {
    const text = keys.text('CHAP_A');
    const algorithm = chapAlgorithm(text);
    if (algorithm !== undefined && this.#algorithms.includes(algorithm)) return algorithm;
    const offered = this.#algorithms.map((a) => `${a} ${CHAP_ALGORITHM_NAMES[a]}`).join(', ');
    throw keys.error(
      'AUTH_METHOD',
      'CHAP_A',
      `The target answered CHAP_A = ${quote(text)}; offered were ${offered}.`,
      'Allow an algorithm on the target that was offered, or offer another one.',
    );
  }

  #noStrangers(keys: ChapKeys, expected: readonly string[]): void {
    const [stranger] = keys.besides(expected);
    if (stranger !== undefined)
      throw keys.error(
        'AUTH_CHALLENGE',
        stranger,
        `The target sent ${stranger} at a step of CHAP it does not belong to.`,
      );
  }
}
