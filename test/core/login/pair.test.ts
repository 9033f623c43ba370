import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChapAlgorithm, OperationalOffers, SessionParameters, TargetAuth } from '../../../core/login/index.ts';
import {
  INITIATOR,
  initiatorConfig,
  InitiatorLogin,
  keysOf,
  resultOf,
  rowsOf,
  runPair,
  TARGET,
  TargetLogin,
  targetConfig,
} from './support.ts';

const ALICE = 'a secret of sixteen';
const BACK = 'the other direction';
const chapAuth = (changes: object = {}): TargetAuth => ({
  kind: 'chap',
  accounts: new Map([['alice', ALICE]]),
  ...changes,
});
const asking = (auth: TargetAuth) => targetConfig({ resolveTarget: () => ({ kind: 'found', auth }) });

function login(initiator: Parameters<typeof initiatorConfig>[0] = {}, target = targetConfig()) {
  return runPair(new InitiatorLogin(initiatorConfig(initiator)), new TargetLogin(target));
}

describe('an initiator and a target in memory', () => {
  it('log in without authentication in two rounds', () => {
    const { step, outcome, requests } = login();
    const result = resultOf(step);
    expect(requests).toHaveLength(2);
    expect(requests.map((pdu) => pdu.bhs[1])).toEqual([0x81, 0x87]);
    expect(result).toMatchObject({
      tsih: 0x4a01,
      expStatSn: 0x102,
      expCmdSn: 0x01020304,
      maxCmdSn: 0x01020323,
      authMethod: 'None',
      chapAlgorithm: null,
    });
    expect(result.warnings).toEqual([]);
    expect(result.parameters).toMatchObject({
      sessionType: 'Normal',
      headerDigest: 'None',
      dataDigest: 'None',
      maxConnections: 1,
      initialR2T: false,
      immediateData: true,
      ownMaxRecvDataSegmentLength: 262144,
      peerMaxRecvDataSegmentLength: 262144,
      maxBurstLength: 262144,
      firstBurstLength: 65536,
      defaultTime2Wait: 2,
      defaultTime2Retain: 20,
      maxOutstandingR2T: 8,
      dataPduInOrder: true,
      dataSequenceInOrder: true,
      errorRecoveryLevel: 0,
      taskReporting: 'RFC3720',
      protocolLevel: 1,
      targetPortalGroupTag: 1,
      targetAlias: null,
    });
    expect(outcome).toMatchObject({
      kind: 'accepted',
      tsih: 0x4a01,
      statSn: 0x102,
      chapUser: null,
      request: { targetName: TARGET, sessionType: 'Normal' },
    });
  });

  it('log in straight to operational negotiation in one round', () => {
    const { step, requests } = login({ skipSecurity: true });
    expect(requests).toHaveLength(1);
    expect(resultOf(step).parameters.targetPortalGroupTag).toBe(1);
  });

  it.each([5, 6, 7, 8] as const)('agree on CHAP algorithm %i, one way and mutual', (algorithm) => {
    const chap = { user: 'alice', secret: ALICE, algorithms: [algorithm] };
    const oneWay = login({ chap }, asking(chapAuth()));
    expect(resultOf(oneWay.step)).toMatchObject({ authMethod: 'CHAP', chapAlgorithm: algorithm, targetProven: false });
    expect(oneWay.outcome).toMatchObject({ kind: 'accepted', chapUser: 'alice', chapAlgorithm: algorithm });
    const mutual = login(
      { chap: { ...chap, mutual: { user: 'back', secret: BACK } } },
      asking(chapAuth({ mutual: { user: 'back', secret: BACK } })),
    );
    expect(resultOf(mutual.step)).toMatchObject({ authMethod: 'CHAP', targetProven: true });
  });

  it('take the first algorithm of the initiator that the target allows', () => {
    const algorithms: readonly ChapAlgorithm[] = [6, 5];
    const { step, responses } = login({ chap: { user: 'alice', secret: ALICE } }, asking(chapAuth({ algorithms })));
    expect(resultOf(step).chapAlgorithm).toBe(6);
    expect(keysOf(responses[1]!).get('CHAP_A')).toBe('6');
  });

  it('hide proofs in the history', () => {
    const { step } = login(
      { chap: { user: 'alice', secret: ALICE, mutual: { secret: BACK } } },
      asking(chapAuth({ mutual: { user: 'b', secret: BACK } })),
    );
    const said = resultOf(step).history.flatMap((exchange) => [...exchange.sent, ...exchange.received]);
    expect(rowsOf(said, 'CHAP_R').map((pair) => pair.value)).toEqual(['(hidden)', '(hidden)']);
    expect(rowsOf(said, 'CHAP_C')).toHaveLength(2);
    expect(resultOf(step).history.map((exchange) => exchange.stage)).toEqual([
      'security',
      'security',
      'security',
      'operational',
    ]);
  });

  it('refuse a wrong secret and a wrong name alike, with 0201', () => {
    for (const chap of [
      { user: 'alice', secret: 'something else entirely' },
      { user: 'mallory', secret: ALICE },
    ]) {
      const { step, outcome } = login({ chap: { ...chap, algorithms: [5] } }, asking(chapAuth()));
      expect(step).toMatchObject({
        kind: 'failed',
        error: {
          code: 'AUTH_REFUSED',
          message:
            'The target does not believe this initiator: the CHAP user name or secret is wrong. (Authentication failure, status 0x0201, at the step CHAP_R)',
          details: { side: 'initiator', statusClass: 2, statusDetail: 1 },
        },
      });
      expect(step).not.toHaveProperty('retryAdvice');
      expect(outcome).toMatchObject({ kind: 'refused', statusClass: 2, statusDetail: 1 });
    }
  });

  it('end without belief in a target that knows another secret', () => {
    const { step } = login(
      { chap: { user: 'alice', secret: ALICE, mutual: { secret: 'not the one it has' } } },
      asking(chapAuth({ mutual: { user: 'back', secret: BACK } })),
    );
    expect(step).toMatchObject({
      kind: 'failed',
      error: { code: 'AUTH_TARGET_UNPROVEN', details: { side: 'target', step: 'CHAP_R' } },
    });
  });

  it('refuse to prove a target that has the secret of the initiator', () => {
    const { outcome } = login(
      { chap: { user: 'alice', secret: ALICE, mutual: { secret: 'x' } } },
      asking(chapAuth({ mutual: { user: 'b', secret: ALICE } })),
    );
    expect(outcome).toMatchObject({ kind: 'refused', statusClass: 3, statusDetail: 0 });
  });

  it('refuse mutual CHAP where the target has no secret for it', () => {
    const { outcome } = login({ chap: { user: 'alice', secret: ALICE, mutual: { secret: BACK } } }, asking(chapAuth()));
    expect(outcome).toMatchObject({ kind: 'refused', statusClass: 2, statusDetail: 1 });
  });

  it('let an initiator in unproven only where both allow it', () => {
    const chap = { user: 'alice', secret: ALICE };
    expect(resultOf(login({ chap: { ...chap, allowNone: true } }).step).authMethod).toBe('None');
    expect(login({ chap }).step).toMatchObject({ error: { code: 'AUTH_REFUSED' } });
    expect(login({}, asking(chapAuth())).step).toMatchObject({
      error: { code: 'AUTH_REFUSED', hint: 'Give a CHAP user name and secret.' },
    });
    expect(login({ skipSecurity: true }, asking(chapAuth())).outcome).toMatchObject({
      statusClass: 2,
      statusDetail: 1,
    });
  });

  it('discover without a target name, with and without CHAP', () => {
    const { targetName: _, ...discovery } = initiatorConfig({ sessionType: 'Discovery' });
    const plain = runPair(new InitiatorLogin(discovery), new TargetLogin(targetConfig()));
    expect(resultOf(plain.step).parameters).toMatchObject({
      sessionType: 'Discovery',
      headerDigest: 'None',
      peerMaxRecvDataSegmentLength: 262144,
    });
    const keys = keysOf(plain.requests[1]!);
    expect(keys.get('HeaderDigest')).toBe('None');
    expect(keys.has('MaxBurstLength')).toBe(false);
    const chap = { user: 'alice', secret: ALICE };
    const proven = runPair(
      new InitiatorLogin({ ...discovery, chap }),
      new TargetLogin(targetConfig({ discoveryAuth: chapAuth() })),
    );
    expect(resultOf(proven.step).authMethod).toBe('CHAP');
  });

  it('answer session keys with Irrelevant in discovery', () => {
    const { targetName: _, ...discovery } = initiatorConfig({
      sessionType: 'Discovery',
      offers: { maxBurstLength: 4096, firstBurstLength: 1024 },
    });
    const { step } = runPair(new InitiatorLogin(discovery), new TargetLogin(targetConfig()));
    const [row] = rowsOf(resultOf(step).parameters.negotiated, 'MaxBurstLength');
    expect(row).toMatchObject({ offered: '4096', answered: 'Irrelevant', result: null });
  });

  it('redirect, temporarily and for good', () => {
    for (const permanent of [false, true]) {
      const target = targetConfig({
        resolveTarget: () => ({
          kind: 'redirect',
          permanent,
          address: { host: 'fe80::1%eth0', port: 3261, groupTag: null },
        }),
      });
      const { step, outcome } = login({}, target);
      expect(step).toEqual({
        kind: 'redirect',
        permanent,
        address: { host: 'fe80::1%eth0', port: 3261, groupTag: null },
      });
      expect(outcome).toMatchObject({ kind: 'refused', statusClass: 1, statusDetail: permanent ? 2 : 1 });
    }
  });

  it.each([
    ['notFound', 3],
    ['removed', 4],
    ['forbidden', 2],
  ] as const)('refuse a target that is %s', (kind, statusDetail) => {
    expect(login({}, targetConfig({ resolveTarget: () => ({ kind }) })).outcome).toMatchObject({
      kind: 'refused',
      statusClass: 2,
      statusDetail,
      request: { initiatorName: INITIATOR, targetName: TARGET },
    });
  });

  it('say that a target is not ready', () => {
    const { step } = login({}, targetConfig({ resolveTarget: () => ({ kind: 'unavailable' }) }));
    expect(step).toMatchObject({
      error: { code: 'LOGIN_REFUSED', retryable: true, details: { statusClass: 3, statusDetail: 1 } },
    });
  });

  it('refuse what the caller does not admit', () => {
    const { step } = login(
      {},
      targetConfig({ admit: () => ({ kind: 'refused', statusClass: 3, statusDetail: 2, reason: 'Full.' }) }),
    );
    expect(step).toMatchObject({ error: { code: 'LOGIN_REFUSED', retryable: true } });
    expect((step as { error: { hint: string } }).error.hint).toMatch(/^Credentials were accepted/u);
  });

  it('add a connection to a session, which keeps what it agreed on', () => {
    const first = resultOf(
      login({ offers: { maxConnections: 4 } }, targetConfig({ offers: { maxConnections: 2 } })).step,
    );
    const target = targetConfig({ sessionOf: (tsih) => (tsih === 0x4a01 ? first.parameters : undefined) });
    const second = login(
      { tsih: 0x4a01, cid: 2, session: first.parameters, offers: { headerDigest: ['CRC32C'] } },
      target,
    );
    expect(Array.from(keysOf(second.requests[1]!).keys())).toEqual([
      'HeaderDigest',
      'DataDigest',
      'MaxRecvDataSegmentLength',
    ]);
    expect(resultOf(second.step).parameters).toMatchObject({
      maxConnections: 2,
      headerDigest: 'CRC32C',
      initialR2T: false,
    });
    expect(rowsOf(resultOf(second.step).parameters.negotiated, 'MaxConnections')).toMatchObject([
      { origin: 'session', result: '2' },
    ]);
    const lost = login({ tsih: 0x4a02, session: first.parameters }, target);
    expect(lost.step).toMatchObject({ error: { code: 'LOGIN_REFUSED', details: { statusDetail: 0x0a } } });
  });

  it('offer what the target needs and the initiator did not name', () => {
    const overrides = new Map<string, string>();
    const target = targetConfig({ offers: { dataDigest: ['CRC32C'], immediateData: false } });
    const quiet = new InitiatorLogin(initiatorConfig({ overrides }));
    const { step, responses } = runPair(quiet, new TargetLogin(target));
    expect(resultOf(step).parameters).toMatchObject({ dataDigest: 'CRC32C', immediateData: false });
    expect(keysOf(responses[1]!).get('DataDigest')).toBe('CRC32C');
  });

  it('fail with both reasons where digests have nothing in common', () => {
    const { step, outcome } = login(
      { offers: { headerDigest: ['None'] } },
      targetConfig({ offers: { headerDigest: ['CRC32C'] } }),
    );
    expect(step).toMatchObject({ error: { code: 'LOGIN_REFUSED' } });
    expect(outcome).toMatchObject({ kind: 'refused', statusClass: 2, statusDetail: 0 });
    expect((outcome as { reason: string }).reason).toContain('HeaderDigest');
  });

  it('carry long texts over several PDUs, both ways', () => {
    const overrides = new Map(Array.from({ length: 80 }, (_, i) => [`X-org.lunascope.${i}`, 'v'.repeat(250)]));
    const { step, requests, responses } = login({ overrides });
    const result = resultOf(step);
    expect(requests.filter((pdu) => (pdu.bhs[1]! & 0x40) !== 0).length).toBeGreaterThanOrEqual(2);
    expect([...requests, ...responses].every((pdu) => (pdu.data?.length ?? 0) <= 8192)).toBe(true);
    expect(rowsOf(result.parameters.negotiated, 'X-org.lunascope.79')).toMatchObject([
      { answered: 'NotUnderstood', result: null },
    ]);
    const long = new Map(Array.from({ length: 200 }, (_, i) => [`X-${'k'.repeat(55)}${i}`, 'v']));
    const back = login({ overrides: long });
    expect(back.responses.some((pdu) => (pdu.bhs[1]! & 0x40) !== 0)).toBe(true);
    expect(rowsOf(resultOf(back.step).parameters.negotiated, `X-${'k'.repeat(55)}199`)).toMatchObject([
      { answered: 'NotUnderstood' },
    ]);
  });

  const segment = fc.integer({ min: 512, max: 0xffffff });
  const digests = fc.constantFrom<OperationalOffers['headerDigest']>(
    ['None'],
    ['CRC32C'],
    ['None', 'CRC32C'],
    ['CRC32C', 'None'],
  );
  const offers: fc.Arbitrary<OperationalOffers> = fc
    .record(
      {
        headerDigest: digests,
        dataDigest: digests,
        maxConnections: fc.integer({ min: 1, max: 65535 }),
        initialR2T: fc.boolean(),
        immediateData: fc.boolean(),
        maxRecvDataSegmentLength: segment,
        maxBurstLength: segment,
        firstBurstLength: segment,
        defaultTime2Wait: fc.integer({ min: 0, max: 3600 }),
        defaultTime2Retain: fc.integer({ min: 0, max: 3600 }),
        maxOutstandingR2T: fc.integer({ min: 1, max: 65535 }),
        dataPduInOrder: fc.boolean(),
        dataSequenceInOrder: fc.boolean(),
        errorRecoveryLevel: fc.constantFrom(0 as const, 1 as const, 2 as const),
        protocolLevel: fc.integer({ min: 0, max: 31 }),
      },
      { requiredKeys: [] },
    )
    .filter(
      (o) => (o.firstBurstLength ?? 65536) <= (o.maxBurstLength ?? 262144) || o.firstBurstLength === undefined,
    ) as fc.Arbitrary<OperationalOffers>;

  it('always agree on the same values, whatever both offer', () => {
    fc.assert(
      fc.property(offers, offers, (mine, theirs) => {
        const { step, outcome } = login({ offers: mine }, targetConfig({ offers: theirs }));
        const common = (key: 'headerDigest' | 'dataDigest') =>
          (mine[key] ?? ['None', 'CRC32C']).some((d) => (theirs[key] ?? ['None', 'CRC32C']).includes(d));
        if (!common('headerDigest') || !common('dataDigest')) {
          expect(step.kind).toBe('failed');
          return;
        }
        const ours: SessionParameters = resultOf(step).parameters;
        if (outcome?.kind !== 'accepted') throw new Error('The target did not accept.');
        const { negotiated: _a, ownMaxRecvDataSegmentLength: own, peerMaxRecvDataSegmentLength: peer, ...a } = ours;
        const {
          negotiated: _b,
          ownMaxRecvDataSegmentLength: ownB,
          peerMaxRecvDataSegmentLength: peerB,
          ...b
        } = outcome.parameters;
        expect(a).toEqual(b);
        expect([own, peer]).toEqual([peerB, ownB]);
        expect(a.maxBurstLength).toBe(Math.min(mine.maxBurstLength ?? 262144, theirs.maxBurstLength ?? 262144));
        expect(a.defaultTime2Wait).toBe(Math.max(mine.defaultTime2Wait ?? 2, theirs.defaultTime2Wait ?? 2));
        expect(a.immediateData).toBe((mine.immediateData ?? true) && (theirs.immediateData ?? true));
        expect(a.initialR2T).toBe((mine.initialR2T ?? false) || (theirs.initialR2T ?? false));
        expect(a.firstBurstLength).toBeLessThanOrEqual(a.maxBurstLength);
        expect(own).toBe(mine.maxRecvDataSegmentLength ?? 262144);
      }),
      { numRuns: 300 },
    );
  });
});
