import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InitiatorLogin, TargetLogin, type InitiatorLoginConfig, type LoginStep } from '../../../core/login/index.ts';
import { chapDigest, hex, keysOf, resultOf, rowsOf, targetConfig } from './support.ts';

/** Login PDUs of libiscsi 1.19 and a raw client with tgt 1.0.85, istgt 0.4 and a Rust target: header and data without padding, in order. */
const CAPTURES = JSON.parse(
  readFileSync(new URL('../../fixtures/login-captures.json', import.meta.url), 'utf8'),
) as Record<string, string[]>;

function pdusOf(name: string, opcode: number) {
  const all = CAPTURES[name]!.map(hex).map((bytes) => ({ bhs: bytes.subarray(0, 48), data: bytes.subarray(48) }));
  return all.filter((pdu) => (pdu.bhs[0]! & 0x3f) === opcode);
}

/** Plays a target's recorded responses to an initiator that takes the place of the recorded one. */
function replay(name: string, changes: Partial<InitiatorLoginConfig>): LoginStep {
  const [request] = pdusOf(name, 0x03);
  const view = new DataView(request!.bhs.buffer, request!.bhs.byteOffset, 48);
  const login = new InitiatorLogin({
    initiatorName: 'iqn.2026-01.org.lunascope:replay',
    targetName: 'iqn.2026-01.test',
    sessionType: 'Normal',
    tsih: 0,
    cid: view.getUint16(20),
    isid: request!.bhs.slice(8, 14),
    itt: view.getUint32(16),
    cmdSn: view.getUint32(24),
    random: (length) => new Uint8Array(length),
    chapDigest,
    ...changes,
  });
  let step = login.start();
  for (const { bhs, data } of pdusOf(name, 0x23)) {
    if (step.kind !== 'send') break;
    step = login.receive(bhs, data);
  }
  return step;
}

const LIBISCSI = {
  skipSecurity: true,
  offers: { defaultTime2Retain: 0, firstBurstLength: 262144, maxOutstandingR2T: 1 },
} as const;

describe('recorded logins', () => {
  it('of a target that adds its group tag and declares no length (tgt)', () => {
    const { parameters, warnings, expStatSn } = resultOf(replay('tgtDigest', LIBISCSI));
    expect(parameters).toMatchObject({
      headerDigest: 'CRC32C',
      dataDigest: 'None',
      initialR2T: true,
      firstBurstLength: 65536,
      maxBurstLength: 262144,
      peerMaxRecvDataSegmentLength: 8192,
      targetPortalGroupTag: 1,
      defaultTime2Retain: 0,
    });
    expect(rowsOf(parameters.negotiated, 'IFMarker')).toMatchObject([
      { origin: 'offered by target', offered: 'No', result: 'No' },
    ]);
    expect(warnings).toEqual(['The target offered IFMarker, OFMarker in its last answer, too late for a reply.']);
    expect(expStatSn).toBe(1);
  });

  it('of discovery (tgt, istgt with Irrelevant)', () => {
    const discovery = { sessionType: 'Discovery', skipSecurity: true, offers: { defaultTime2Retain: 0 } } as const;
    expect(resultOf(replay('tgtDiscovery', discovery)).parameters).toMatchObject({
      sessionType: 'Discovery',
      peerMaxRecvDataSegmentLength: 8192,
    });
    const { parameters, tsih } = resultOf(replay('istgtDiscovery', discovery));
    expect([parameters.peerMaxRecvDataSegmentLength, tsih]).toEqual([262144, 1]);
  });

  it('of CHAP with a challenge of 1024 bytes (istgt)', () => {
    const chap = { user: 'alice', secret: 'whatever the recording took', algorithms: [5] } as const;
    const { parameters, chapAlgorithm } = resultOf(
      replay('istgtChap', { chap, offers: { defaultTime2Retain: 0, firstBurstLength: 262144, maxOutstandingR2T: 1 } }),
    );
    expect([parameters.initialR2T, parameters.peerMaxRecvDataSegmentLength, chapAlgorithm]).toEqual([true, 262144, 5]);
  });

  it('of a wrong password and an unknown target (tgt)', () => {
    const chap = { user: 'alice', secret: 'not the right one', algorithms: [5] } as const;
    expect(replay('tgtBadPassword', { chap })).toMatchObject({ error: { code: 'AUTH_REFUSED' } });
    expect(replay('tgtNotFound', LIBISCSI)).toMatchObject({
      error: { code: 'LOGIN_REFUSED', details: { statusCode: '0x0203' } },
    });
  });

  it('of a target that leaves out ISID and TSIH', () => {
    const { warnings, parameters } = resultOf(replay('rustSeed', LIBISCSI));
    expect(parameters).toMatchObject({ headerDigest: 'CRC32C', targetAlias: 'iSCSI Target' });
    expect(warnings).toHaveLength(3);
  });

  it('of a proof that does not fit this challenge (tgt, mutual)', () => {
    const chap = {
      user: 'alice',
      secret: 'whatever the recording took',
      mutual: { secret: 'another of these' },
      algorithms: [5],
    } as const;
    const random = (length: number) => new Uint8Array(length).fill(3);
    expect(replay('tgtChapMutual', { chap, random })).toMatchObject({ error: { code: 'AUTH_TARGET_UNPROVEN' } });
  });
});

describe('recorded initiators', () => {
  const first = (name: string, changes = {}) => {
    const target = new TargetLogin(
      targetConfig({ resolveTarget: () => ({ kind: 'found', auth: { kind: 'none' } }), ...changes }),
    );
    const [request] = pdusOf(name, 0x03);
    return target.receive(request!.bhs, request!.data);
  };

  it('get in at once where they skip the security stage (libiscsi)', () => {
    const { outcome, send } = first('tgtDigest');
    expect(outcome).toMatchObject({
      kind: 'accepted',
      warnings: [],
      parameters: { headerDigest: 'None', firstBurstLength: 65536, maxBurstLength: 262144, initialR2T: false },
    });
    expect(keysOf(send[0]!).get('IFMarker')).toBe('No');
    expect(send[0]?.bhs[1]).toBe(0x87);
  });

  it('discover (libiscsi)', () => {
    const { outcome, send } = first('tgtDiscovery');
    expect(outcome).toMatchObject({ kind: 'accepted', request: { targetName: null, sessionType: 'Discovery' } });
    expect(keysOf(send[0]!).get('MaxBurstLength')).toBe('Irrelevant');
  });

  it('are led through CHAP although they ask for the transition at once (libiscsi)', () => {
    const { send } = first('istgtChap', {
      resolveTarget: () => ({ kind: 'found', auth: { kind: 'chap', accounts: new Map() } }),
    });
    expect([send[0]?.bhs[1], keysOf(send[0]!).get('AuthMethod')]).toEqual([0, 'CHAP']);
  });

  it('may add a connection that names session keys again; those are rejected one by one', () => {
    const requests = pdusOf('tgtMcs', 0x03);
    const begin = new TargetLogin(
      targetConfig({ resolveTarget: () => ({ kind: 'found', auth: { kind: 'none' } }), offers: { maxConnections: 4 } }),
    );
    begin.receive(requests[0]!.bhs, requests[0]!.data);
    const { outcome } = begin.receive(requests[1]!.bhs, requests[1]!.data);
    if (outcome?.kind !== 'accepted') throw new Error('The first connection was not accepted.');
    const join = new TargetLogin(
      targetConfig({
        resolveTarget: () => ({ kind: 'found', auth: { kind: 'none' } }),
        sessionOf: () => outcome.parameters,
      }),
    );
    join.receive(requests[2]!.bhs, requests[2]!.data);
    const second = join.receive(requests[3]!.bhs, requests[3]!.data);
    expect(second.outcome).toMatchObject({
      kind: 'accepted',
      request: { tsih: 0x4a01, cid: 2 },
      parameters: { maxConnections: 4 },
    });
    expect(keysOf(second.send[0]!).get('MaxConnections')).toBe('Reject');
  });
});
