import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildPolicy,
  Negotiator,
  renegotiated,
  type LoginSide,
  type SessionParameters,
} from '../../../core/login/index.ts';
import { combine, faultOfAnswer } from '../../../core/login/rules.ts';
import { keySpec, parseKeyValue, type KeyValue } from '../../../core/pdu/index.ts';
import {
  initiatorConfig,
  InitiatorLogin,
  resultOf,
  rowsOf,
  runPair,
  TargetLogin,
  targetConfig,
  text,
} from './support.ts';

const later = (side: LoginSide, maxRecvDataSegmentLength?: number) =>
  new Negotiator({
    side,
    sessionType: 'Normal',
    leading: true,
    policy: buildPolicy({
      side,
      sessionType: 'Normal',
      leading: true,
      offers: maxRecvDataSegmentLength === undefined ? {} : { maxRecvDataSegmentLength },
    }),
  });
const parameters: SessionParameters = resultOf(
  runPair(new InitiatorLogin(initiatorConfig()), new TargetLogin(targetConfig())).step,
).parameters;
const pairs = (keys: Record<string, string>) => Object.entries(keys).map(([key, value]) => ({ key, value }));
const value = (key: string, text_: string) => {
  const parsed = parseKeyValue(keySpec(key)!, text_);
  if (parsed.kind === 'fault') throw new Error(parsed.fault);
  return parsed;
};

describe('negotiation in full feature phase', () => {
  it('declares segment lengths anew, each side its own', () => {
    const mine = later('initiator');
    mine.name('MaxRecvDataSegmentLength', '65536');
    const theirs = later('target', 4096);
    theirs.receive(mine.takeOutgoing(), 'full feature');
    theirs.declareOnce('MaxRecvDataSegmentLength');
    theirs.declareOnce('MaxRecvDataSegmentLength');
    const answer = theirs.takeOutgoing();
    expect(answer).toEqual([{ key: 'MaxRecvDataSegmentLength', value: '4096' }]);
    mine.receive(answer, 'full feature');
    expect(mine.unanswered).toEqual([]);
    const after = renegotiated(parameters, mine);
    expect(after).toMatchObject({
      ownMaxRecvDataSegmentLength: 65536,
      peerMaxRecvDataSegmentLength: 4096,
      maxBurstLength: parameters.maxBurstLength,
    });
    expect(rowsOf(after.negotiated, 'MaxRecvDataSegmentLength').map((row) => row.result)).toEqual(['65536', '4096']);
    expect(after.negotiated).toHaveLength(parameters.negotiated.length);
    expect(renegotiated(parameters, theirs)).toMatchObject({
      ownMaxRecvDataSegmentLength: 4096,
      peerMaxRecvDataSegmentLength: 65536,
    });
  });

  it('changes aliases, and leaves the rest as it was', () => {
    const mine = later('initiator');
    mine.name('InitiatorAlias', 'here');
    mine.receive(pairs({ TargetAlias: 'there' }), 'full feature');
    expect(renegotiated(parameters, mine)).toMatchObject({
      initiatorAlias: 'here',
      targetAlias: 'there',
      ownMaxRecvDataSegmentLength: 262144,
    });
    expect(renegotiated(parameters, later('initiator'))).toEqual(parameters);
  });

  it('rejects what belongs to login, and does not understand what it does not know', () => {
    const target = later('target');
    target.receive(
      pairs({
        MaxBurstLength: '512',
        HeaderDigest: 'CRC32C',
        InitiatorName: 'iqn.a',
        'X-a': '1',
        ImmediateData: 'Reject',
      }),
      'full feature',
    );
    expect(target.takeOutgoing()).toEqual(
      pairs({ MaxBurstLength: 'Reject', HeaderDigest: 'Reject', InitiatorName: 'Reject', 'X-a': 'NotUnderstood' }),
    );
    expect(renegotiated(parameters, target)).toMatchObject({ maxBurstLength: 262144, headerDigest: 'None' });
    expect(target.takeOutgoing()).toEqual([]);
  });

  it('lets a rejected offer be rejected once more, as tgt does, and refuses a value for it', () => {
    const joining = () => {
      const mine = new Negotiator({
        side: 'initiator',
        sessionType: 'Normal',
        leading: false,
        policy: buildPolicy({ side: 'initiator', sessionType: 'Normal', leading: false, offers: {} }),
      });
      mine.receive(pairs({ MaxConnections: '4' }), 'operational');
      expect(mine.takeOutgoing()).toEqual(pairs({ MaxConnections: 'Reject' }));
      return mine;
    };
    const mine = joining();
    mine.receive(pairs({ MaxConnections: 'Reject' }), 'operational');
    expect(mine.takeOutgoing()).toEqual([]);
    expect(mine.warnings).toContain('The target answered Reject to the Reject of its MaxConnections.');
    expect(() => joining().receive(pairs({ MaxConnections: '2' }), 'operational')).toThrow('is a second one');
  });

  it('refuses a key that comes twice or out of range', () => {
    expect(() =>
      later('target').receive(
        [...pairs({ MaxRecvDataSegmentLength: '512' }), ...pairs({ MaxRecvDataSegmentLength: '512' })],
        'full feature',
      ),
    ).toThrow('comes twice');
    expect(() => later('initiator').receive(pairs({ MaxRecvDataSegmentLength: '0' }), 'full feature')).toThrow(
      '512 to 16777215',
    );
    const asked = later('initiator');
    asked.name('X-a', '1');
    asked.receive(pairs({ 'X-a': 'Irrelevant' }), 'full feature');
    expect(asked.agreed('X-a')).toMatchObject({ answered: 'Irrelevant', value: undefined });
    expect(() => asked.receive(pairs({ 'X-a': '2' }), 'full feature')).toThrow('"Irrelevant" was said before');
  });

  it('finishes without an answer to a key of its own', () => {
    const asked = later('initiator');
    asked.name('X-a', '1');
    asked.finish();
    expect(asked.warnings).toEqual(['The target did not answer X-a.']);
    expect(asked.declared('target', 'TargetAlias')).toBeUndefined();
  });
});

describe('the rules', () => {
  it.each([
    ['MaxBurstLength', '512', '1024', '512'],
    ['DefaultTime2Wait', '5', '9', '9'],
    ['ImmediateData', 'Yes', 'No', 'No'],
    ['ImmediateData', 'Yes', 'Yes', 'Yes'],
    ['InitialR2T', 'No', 'No', 'No'],
    ['InitialR2T', 'Yes', 'No', 'Yes'],
  ])('%s: %s and %s make %s', (key, a, b, result) => {
    const spec = keySpec(key)!;
    expect(combine(spec, value(key, a), value(key, b))).toEqual(value(key, result));
    expect(combine(spec, value(key, b), value(key, a))).toEqual(value(key, result));
  });

  it('let the order of the offer decide a choice', () => {
    const spec = keySpec('HeaderDigest')!;
    expect(combine(spec, value('HeaderDigest', 'Y-a,CRC32C,None'), value('HeaderDigest', 'None,CRC32C'))).toEqual({
      kind: 'list',
      list: ['CRC32C'],
    });
    expect(combine(spec, value('HeaderDigest', 'Y-a'), value('HeaderDigest', 'None'))).toBeUndefined();
  });

  it('have nothing to say about declarations, or values that do not go together', () => {
    const declared = keySpec('MaxRecvDataSegmentLength')!;
    const length = value('MaxRecvDataSegmentLength', '512');
    expect(combine(declared, length, length)).toBeUndefined();
    expect(combine(keySpec('MaxBurstLength')!, length, { kind: 'boolean', yes: true })).toBeUndefined();
    expect(combine({ ...declared, rule: 'and' }, length, length)).toBeUndefined();
    expect(
      combine({ ...keySpec('InitialR2T')!, rule: 'choice' }, value('InitialR2T', 'Yes'), value('InitialR2T', 'No')),
    ).toBeUndefined();
    expect(combine(keySpec('TargetAlias')!, value('TargetAlias', 'a'), value('TargetAlias', 'a'))).toBeUndefined();
  });

  it('never make an answer that the other side would refuse', () => {
    const number: fc.Arbitrary<KeyValue> = fc
      .integer({ min: 512, max: 4000 })
      .map((n) => ({ kind: 'number', number: n }));
    const yes: fc.Arbitrary<KeyValue> = fc.boolean().map((b) => ({ kind: 'boolean', yes: b }));
    const list: fc.Arbitrary<KeyValue> = fc
      .uniqueArray(fc.constantFrom('CRC32C', 'None', 'Y-a'), { minLength: 1 })
      .map((l) => ({ kind: 'list', list: l }));
    const cases = fc.oneof(
      fc.tuple(fc.constantFrom('MaxBurstLength', 'DefaultTime2Wait'), number, number),
      fc.tuple(fc.constantFrom('InitialR2T', 'ImmediateData'), yes, yes),
      fc.tuple(fc.constant('HeaderDigest'), list, list),
    );
    fc.assert(
      fc.property(cases, ([key, offer, own]) => {
        const result = combine(keySpec(key)!, offer, own);
        if (result !== undefined) expect(faultOfAnswer(keySpec(key)!, offer, result)).toBeUndefined();
        else expect(key).toBe('HeaderDigest');
      }),
    );
  });
});

describe('a target that cannot have its way', () => {
  it('ends where the initiator does not take its digest, or answers out of bounds', () => {
    for (const [answer, status] of [
      ['None', 0],
      ['Reject', 0],
      ['CRC32C', undefined],
    ] as const) {
      const target = new TargetLogin(targetConfig({ offers: { headerDigest: ['CRC32C'] } }));
      const bhs = Uint8Array.from({ length: 48 }, (_, i) => (i === 0 ? 0x43 : i === 1 ? 0x87 : 0));
      target.receive(bhs, text({ InitiatorName: 'iqn.2026-01.org.a', TargetName: 'iqn.2026-01.test.demo:disk' }));
      const { outcome } = target.receive(bhs, text({ HeaderDigest: answer }));
      expect(outcome?.kind === 'refused' ? outcome.statusDetail : undefined).toBe(status);
    }
  });
});
