import { describe, expect, it } from 'vitest';
import { toHex } from '../../../core/bytes/index.ts';
import {
  adviseOnSecret,
  ChallengeLog,
  chapResponse,
  type ChapAlgorithm,
  type InitiatorChap,
  type TargetAuth,
} from '../../../core/login/index.ts';
import { equalBytes } from '../../../core/login/chap.ts';
import {
  chapDigest,
  errorOf,
  hex,
  initiatorConfig,
  InitiatorLogin,
  keysOf,
  requestBhs,
  responseBhs,
  resultOf,
  sentBy,
  seeded,
  TARGET,
  TargetLogin,
  targetConfig,
  text,
} from './support.ts';

/** Computed with Python's hashlib over bytes([identifier]) + secret + challenge. */
const VECTORS: readonly [ChapAlgorithm, string, string, string][] = [
  [5, '900150983cd24fb0d6963f7d28e17f72', '1ea37fb5aa919459b380a01e551110a0', '70f1d5093b68320a9f4491b6e77ed74b'],
  [
    6,
    'a9993e364706816aba3e25717850c26c9cd0d89d',
    'f78856e51ee8d74fdb9fbf33fea7cb1018302aae',
    '5f55c389b634f8fb45ed7383c66e14b1f61e611e',
  ],
  [
    7,
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    '6d8ff70dd482540673094695e0fd90a29ff0a7ac7fc832582abc92505788b071',
    'fc453fef9a7a9035a39d983a27e1c736fc81e6f0c5cbeb9c673f77b41f7de746',
  ],
  [
    8,
    '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532',
    'bc89c43ebb5bbeeb9f5760b1a35d526d17fe502b5d12e6eec5b341f746435984',
    'b5b29b9cc709552b42e9d651612755e3ab153aad853c7ab91722f952e903de42',
  ],
];
const CHALLENGE = Uint8Array.from({ length: 32 }, (_, i) => 16 + i);
const CHALLENGE_HEX = `0x${toHex(CHALLENGE)}`;
const OURS = Uint8Array.from({ length: 32 }, (_, i) => 0xa0 + i);

describe('CHAP digests', () => {
  it.each(VECTORS)('algorithm %i hashes "abc" and two challenges as published', (algorithm, abc, first, second) => {
    expect(toHex(chapDigest(algorithm, new TextEncoder().encode('abc')))).toBe(abc);
    expect(toHex(chapResponse(chapDigest, algorithm, 0x27, 'correct horse battery', CHALLENGE))).toBe(first);
    expect(toHex(chapResponse(chapDigest, algorithm, 0x9a, 'target proves itself', OURS))).toBe(second);
  });

  it('compares bytes of any length', () => {
    expect(equalBytes(hex('0102'), hex('0102'))).toBe(true);
    expect(equalBytes(hex('0102'), hex('0103'))).toBe(false);
    expect(equalBytes(hex('0102'), hex('010200'))).toBe(false);
    expect(equalBytes(hex('010200'), hex('0102'))).toBe(false);
    expect(equalBytes(hex(''), hex(''))).toBe(true);
  });

  it('advises against short secrets', () => {
    expect(adviseOnSecret('elevenbytes', 'initiator')).toContain('11 bytes');
    expect(adviseOnSecret('twelve bytes', 'target')).toBeUndefined();
    expect(adviseOnSecret(new Uint8Array(3), 'target')).toContain('of the target');
  });

  it('remembers challenges up to its limit', () => {
    const log = new ChallengeLog(2);
    expect([1, 2, 1, 3, 1].map((n) => log.note(Uint8Array.of(n)))).toEqual([true, true, false, true, true]);
  });
});

/** Brings an initiator to the point where it has offered its algorithms. */
function offering(chap: Partial<InitiatorChap> = {}, challenges?: ChallengeLog): InitiatorLogin {
  // The first draw of randomness is the challenge of the initiator, the second its identifier.
  const random = (length: number) => (length === 32 ? OURS : Uint8Array.of(0x9a));
  const login = new InitiatorLogin(
    initiatorConfig({
      chap: { user: 'alice', secret: 'correct horse battery', ...chap },
      random,
      ...(challenges && { challenges }),
    }),
  );
  sentBy(login.start());
  const proposal = sentBy(
    login.receive(responseBhs({ statSn: 1 }), text({ TargetPortalGroupTag: '1', AuthMethod: 'CHAP' })),
  );
  expect(Array.from(keysOf(proposal))).toEqual([['CHAP_A', (chap.algorithms ?? [8, 7, 6, 5]).join(',')]]);
  expect(proposal.bhs[1]).toBe(0);
  return login;
}

const challenged = (login: InitiatorLogin, keys: Record<string, string> = {}) =>
  login.receive(responseBhs({ statSn: 2 }), text({ CHAP_A: '5', CHAP_I: '39', CHAP_C: CHALLENGE_HEX, ...keys }));

const MUTUAL = { mutual: { user: 'back', secret: 'target proves itself' } };

describe('the initiator in CHAP', () => {
  it.each(VECTORS)('answers with algorithm %i and takes the proof of the target', (algorithm, _abc, answer, proof) => {
    const login = offering(MUTUAL);
    const pdu = sentBy(challenged(login, { CHAP_A: String(algorithm) }));
    expect(Array.from(keysOf(pdu))).toEqual([
      ['CHAP_N', 'alice'],
      ['CHAP_R', `0x${answer}`],
      ['CHAP_I', '154'],
      ['CHAP_C', `0x${toHex(OURS)}`],
    ]);
    expect(pdu.bhs[1]).toBe(0x81);
    const next = sentBy(
      login.receive(
        responseBhs({ flags: 0x81, statSn: 3 }),
        text({ CHAP_N: 'back', CHAP_R: `0x${proof.toUpperCase()}` }),
      ),
    );
    expect(next.bhs[1]).toBe(0x87);
    const result = resultOf(login.receive(responseBhs({ flags: 0x87, statSn: 4, tsih: 7 }), text({})));
    expect(result).toMatchObject({ targetProven: true, chapAlgorithm: algorithm, authMethod: 'CHAP' });
  });

  it('takes base64 and upper-case hex, 1024 bytes of challenge, and an identifier in hex', () => {
    const keys = keysOf(
      sentBy(challenged(offering(), { CHAP_C: '0bEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8=', CHAP_I: '0x27' })),
    );
    expect(keys.get('CHAP_R')).toBe('0x1ea37fb5aa919459b380a01e551110a0');
    expect(
      keysOf(sentBy(challenged(offering(), { CHAP_C: CHALLENGE_HEX.toUpperCase().replace('0X', '0x') }))).get('CHAP_R'),
    ).toBe('0x1ea37fb5aa919459b380a01e551110a0');
    expect(challenged(offering(), { CHAP_C: `0x${'5A'.repeat(1024)}` }).kind).toBe('send');
  });

  it.each([
    [{ CHAP_C: `0x${'5A'.repeat(1025)}` }, 'CHAP_C'],
    [{ CHAP_C: '0x' }, 'CHAP_C'],
    [{ CHAP_C: 'hello' }, 'CHAP_C'],
    [{ CHAP_I: '256' }, 'CHAP_I'],
    [{ CHAP_I: '-1' }, 'CHAP_I'],
    [{ CHAP_N: 'mallory' }, 'CHAP_N'],
  ])('refuses the challenge %j', (keys, step) => {
    expect(errorOf(challenged(offering(), keys))).toMatchObject({
      code: 'AUTH_CHALLENGE',
      details: { side: 'target', step },
    });
  });

  it.each([{ CHAP_A: '5', CHAP_I: '1' }, { CHAP_A: '5', CHAP_C: '0x01' }, { CHAP_I: '1', CHAP_C: '0x01' }, {}])(
    'misses a key in %j',
    (keys) => {
      expect(errorOf(offering().receive(responseBhs({ statSn: 2 }), text(keys)))).toMatchObject({
        code: 'AUTH_CHALLENGE',
      });
    },
  );

  it('refuses a key that comes twice', () => {
    const twice = text(['CHAP_A=5', 'CHAP_I=1', 'CHAP_I=1', 'CHAP_C=0x01']);
    expect(errorOf(offering().receive(responseBhs({ statSn: 2 }), twice))).toMatchObject({
      code: 'AUTH_CHALLENGE',
      details: { step: 'CHAP_I' },
    });
  });

  it.each(['4', '5,7', 'Reject', 'MD5'])('refuses the algorithm %s, and advises MD5 alone', (value) => {
    const step = challenged(offering(), { CHAP_A: value });
    expect(errorOf(step)).toMatchObject({ code: 'AUTH_METHOD', details: { step: 'CHAP_A' } });
    expect(step).toMatchObject({ retryAdvice: { algorithms: [5] } });
  });

  it('refuses an algorithm it did not offer', () => {
    expect(errorOf(challenged(offering({ algorithms: [8, 7] })))).toMatchObject({ code: 'AUTH_METHOD' });
  });

  it.each([
    [0x0200, [8, 7, 6, 5] as const, true],
    [0x0201, [7, 5] as const, true],
    [0x0201, [5] as const, false],
    [0x0201, [8, 7] as const, false],
    [0x0302, [8, 7, 6, 5] as const, false],
  ])('after status %i with algorithms %j advises MD5: %s', (status, algorithms, advised) => {
    const login = offering({ algorithms });
    sentBy(challenged(login, { CHAP_A: String(algorithms[algorithms.length - 1]) }));
    expect(login.retryAdvice !== undefined).toBe(
      algorithms.length > 1 && (algorithms as readonly number[]).includes(5),
    );
    const step = login.receive(responseBhs({ status, itt: 99, isid: new Uint8Array(6) }), text({}));
    expect('retryAdvice' in step).toBe(advised);
    expect(login.retryAdvice).toBeUndefined();
  });

  it('refuses a challenge that was used before, on this or another connection', () => {
    const log = new ChallengeLog();
    sentBy(challenged(offering({}, log)));
    expect(errorOf(challenged(offering({}, log)))).toMatchObject({ code: 'AUTH_CHALLENGE' });
  });

  it('refuses its own challenge, reflected on another connection', () => {
    const log = new ChallengeLog();
    sentBy(challenged(offering(MUTUAL, log)));
    expect(errorOf(challenged(offering({}, log), { CHAP_C: `0x${toHex(OURS)}` }))).toMatchObject({
      code: 'AUTH_CHALLENGE',
    });
  });

  it('notices a source of randomness that repeats itself', () => {
    expect(errorOf(challenged(offering(MUTUAL), { CHAP_C: `0x${toHex(OURS)}` }))).toMatchObject({
      code: 'AUTH_CHALLENGE',
      details: { side: 'initiator' },
    });
  });

  it.each([
    [{}, 'CHAP_N'],
    [{ CHAP_N: 'back' }, 'CHAP_R'],
    [{ CHAP_R: '0x00' }, 'CHAP_N'],
    [{ CHAP_N: 'other', CHAP_R: '0x70f1d5093b68320a9f4491b6e77ed74b' }, 'CHAP_N'],
    [{ CHAP_N: 'back', CHAP_R: '0x70f1d5093b68320a9f4491b6e77ed74c' }, 'CHAP_R'],
    [{ CHAP_N: 'back', CHAP_R: '0x70f1d5093b68320a9f4491b6e77ed7' }, 'CHAP_R'],
  ])('does not believe a target that proves itself with %j', (keys, step) => {
    const login = offering(MUTUAL);
    sentBy(challenged(login));
    const end = login.receive(responseBhs({ flags: 0x81, statSn: 3 }), text(keys));
    expect(errorOf(end)).toMatchObject({ code: 'AUTH_TARGET_UNPROVEN', details: { side: 'target', step } });
  });

  it('does not believe a target that answers with the secret of the initiator', () => {
    const login = offering(MUTUAL);
    sentBy(challenged(login));
    const mirrored = chapResponse(chapDigest, 5, 0x9a, 'correct horse battery', OURS);
    const end = login.receive(
      responseBhs({ flags: 0x81, statSn: 3 }),
      text({ CHAP_N: 'back', CHAP_R: `0x${toHex(mirrored)}` }),
    );
    expect(errorOf(end).message).toContain('secret of the initiator');
  });

  it('takes any name where none was given, and a transition that comes a round late', () => {
    const login = offering({ mutual: { secret: 'target proves itself' } });
    sentBy(challenged(login));
    const late = sentBy(
      login.receive(
        responseBhs({ statSn: 3 }),
        text({ CHAP_N: 'whoever', CHAP_R: '0x70f1d5093b68320a9f4491b6e77ed74b' }),
      ),
    );
    expect([late.bhs[1], late.data?.length]).toEqual([0x81, 0]);
    expect(sentBy(login.receive(responseBhs({ flags: 0x81, statSn: 4 }), text({}))).bhs[1]).toBe(0x87);
  });

  it('warns where a proof comes unasked', () => {
    const login = offering();
    sentBy(challenged(login));
    sentBy(login.receive(responseBhs({ flags: 0x81, statSn: 3 }), text({ CHAP_N: 'x', CHAP_R: '0x00' })));
    const { warnings } = resultOf(login.receive(responseBhs({ flags: 0x87, statSn: 4, tsih: 1 }), text({})));
    expect(warnings.some((sentence) => sentence.includes('CHAP_N, CHAP_R'))).toBe(true);
  });

  it.each<[Partial<InitiatorChap>, string]>([
    [{ user: '' }, 'user name is empty'],
    [{ algorithms: [] }, 'list of CHAP algorithms'],
    [{ mutual: { secret: new TextEncoder().encode('correct horse battery') } }, 'secrets of the two directions'],
    [{ ...MUTUAL, allowNone: true }, 'cannot be asked to prove itself'],
  ])('does not start with %j', (chap, words) => {
    expect(
      () => new InitiatorLogin(initiatorConfig({ chap: { user: 'alice', secret: 'correct horse battery', ...chap } })),
    ).toThrow(words);
  });

  it('warns about short secrets', () => {
    const login = offering({ secret: 'short', mutual: { secret: 'brief' } });
    const answer = keysOf(sentBy(challenged(login)));
    const proof = chapResponse(chapDigest, 5, Number(answer.get('CHAP_I')), 'brief', OURS);
    sentBy(login.receive(responseBhs({ flags: 0x81, statSn: 3 }), text({ CHAP_N: 'x', CHAP_R: `0x${toHex(proof)}` })));
    const { warnings } = resultOf(login.receive(responseBhs({ flags: 0x87, statSn: 4, tsih: 1 }), text({})));
    expect(warnings.filter((sentence) => sentence.includes('guessed'))).toHaveLength(2);
  });
});

describe('the target in CHAP', () => {
  const auth: TargetAuth = {
    kind: 'chap',
    accounts: new Map([['alice', 'correct horse battery']]),
    mutual: { user: 'back', secret: 'target proves itself' },
  };

  function challenging(algorithms = '5', challenges?: ChallengeLog) {
    const random = (length: number) => (length === 32 ? CHALLENGE : Uint8Array.from({ length }, () => 0x27));
    const target = new TargetLogin(
      targetConfig({ random, resolveTarget: () => ({ kind: 'found', auth }), ...(challenges && { challenges }) }),
    );
    const hello = text({ InitiatorName: 'iqn.2026-01.org.a', TargetName: TARGET, AuthMethod: 'CHAP,None' });
    const method = target.receive(requestBhs({ flags: 0x81 }), hello);
    expect(method.send[0]?.bhs[1]).toBe(0);
    expect(keysOf(method.send[0]!).get('AuthMethod')).toBe('CHAP');
    return { target, challenge: target.receive(requestBhs(), text({ CHAP_A: algorithms })) };
  }

  it.each(VECTORS)(
    'challenges with algorithm %i, believes the right answer and proves itself',
    (algorithm, _abc, answer) => {
      const { target, challenge } = challenging(`99,${algorithm}`);
      expect(Array.from(keysOf(challenge.send[0]!))).toEqual([
        ['CHAP_A', String(algorithm)],
        ['CHAP_I', '39'],
        ['CHAP_C', CHALLENGE_HEX],
      ]);
      const proof = target.receive(
        requestBhs({ flags: 0x81 }),
        text({ CHAP_N: 'alice', CHAP_R: `0x${answer}`, CHAP_I: '154', CHAP_C: `0x${toHex(OURS)}` }),
      );
      expect(proof.send[0]?.bhs[1]).toBe(0x81);
      const own = chapResponse(chapDigest, algorithm, 154, 'target proves itself', OURS);
      expect(Array.from(keysOf(proof.send[0]!))).toEqual([
        ['CHAP_N', 'back'],
        ['CHAP_R', `0x${toHex(own)}`],
      ]);
    },
  );

  it.each<[Record<string, string>, number]>([
    [{ CHAP_N: 'alice', CHAP_R: '0x1ea37fb5aa919459b380a01e551110a1' }, 0x0201],
    [{ CHAP_N: 'bob', CHAP_R: '0x1ea37fb5aa919459b380a01e551110a0' }, 0x0201],
    [{ CHAP_N: 'alice', CHAP_R: '0x1ea37fb5aa919459b380a01e551110' }, 0x0201],
    [{ CHAP_N: 'alice' }, 0x0201],
    [{ CHAP_R: '0x00' }, 0x0201],
    [{ CHAP_N: 'alice', CHAP_R: 'zz' }, 0x0201],
    [{ CHAP_N: 'alice', CHAP_R: '0x1ea37fb5aa919459b380a01e551110a0', CHAP_I: '1' }, 0x0201],
    [{ CHAP_N: 'alice', CHAP_R: '0x1ea37fb5aa919459b380a01e551110a0', CHAP_C: '0x01' }, 0x0201],
    [{ CHAP_N: 'alice', CHAP_R: '0x1ea37fb5aa919459b380a01e551110a0', CHAP_I: '1', CHAP_C: CHALLENGE_HEX }, 0x0201],
    [{ CHAP_N: 'alice', CHAP_R: '0x1ea37fb5aa919459b380a01e551110a0', CHAP_A: '5' }, 0x0201],
    [{ CHAP_N: 'alice', CHAP_R: '0x1ea37fb5aa919459b380a01e551110a0', SRP_A: '0x00' }, 0x0200],
  ])('refuses the answer %j with status %i', (keys, status) => {
    const { target } = challenging();
    const { outcome, send } = target.receive(requestBhs({ flags: 0x81 }), text(keys));
    expect(outcome).toMatchObject({ kind: 'refused', statusClass: status >> 8, statusDetail: status & 255 });
    expect([send[0]?.bhs[36], send[0]?.bhs[37]]).toEqual([status >> 8, status & 255]);
  });

  it.each(['1,2,3', '', '5,,6', 'Reject'])('refuses the algorithms %j', (value) => {
    expect(challenging(value).challenge.outcome).toMatchObject({ kind: 'refused', statusClass: 2, statusDetail: 1 });
  });

  it('refuses a challenge that was used before', () => {
    const log = new ChallengeLog();
    log.note(OURS);
    const { target } = challenging('5', log);
    const answer = {
      CHAP_N: 'alice',
      CHAP_R: '0x1ea37fb5aa919459b380a01e551110a0',
      CHAP_I: '1',
      CHAP_C: `0x${toHex(OURS)}`,
    };
    expect(target.receive(requestBhs({ flags: 0x81 }), text(answer)).outcome).toMatchObject({
      kind: 'refused',
      statusDetail: 1,
    });
  });

  it('draws another challenge for every login', () => {
    const random = seeded(5);
    const draw = () => {
      const target = new TargetLogin(targetConfig({ random, resolveTarget: () => ({ kind: 'found', auth }) }));
      target.receive(
        requestBhs(),
        text({ InitiatorName: 'iqn.2026-01.org.a', TargetName: TARGET, AuthMethod: 'CHAP' }),
      );
      return keysOf(target.receive(requestBhs(), text({ CHAP_A: '8' })).send[0]!).get('CHAP_C');
    };
    expect(new Set([draw(), draw(), draw()]).size).toBe(3);
  });
});
