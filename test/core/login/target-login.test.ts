import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  TargetLogin,
  type TargetAuth,
  type TargetLoginConfig,
  type TargetLoginOutcome,
} from '../../../core/login/index.ts';
import { hex, ISID, keysOf, requestBhs, rowsOf, TARGET, targetConfig, text, type RequestFields } from './support.ts';

const HELLO = { InitiatorName: 'iqn.2026-01.org.a', TargetName: TARGET, SessionType: 'Normal' };
const NONE = text({});

const login = (changes: Partial<TargetLoginConfig> = {}) => new TargetLogin(targetConfig(changes));
const status = (outcome: TargetLoginOutcome | undefined) =>
  outcome?.kind === 'refused' ? (outcome.statusClass << 8) | outcome.statusDetail : undefined;

/** A target whose initiator is in the operational stage. */
function operational(changes: Partial<TargetLoginConfig> = {}): TargetLogin {
  const target = login(changes);
  expect(target.receive(requestBhs({ flags: 0x04 }), text(HELLO)).outcome).toBeUndefined();
  return target;
}

describe('what a target answers', () => {
  it('is the response of RFC 7143, byte by byte', () => {
    const target = login();
    const { send } = target.receive(requestBhs({ flags: 0x81 }), text({ ...HELLO, AuthMethod: 'None' }));
    expect(send).toHaveLength(1);
    expect(send[0]?.bhs).toEqual(
      hex(`23 81 00 00 00 00 00 27
           80 12 34 56 78 9a 00 00
           00 00 00 05 00 00 00 00
           00 00 01 00 00 00 00 09
           00 00 00 28 00 00 00 00
           00 00 00 00 00 00 00 00`),
    );
    expect(new TextDecoder().decode(send[0]?.data)).toBe('TargetPortalGroupTag=1\0AuthMethod=None\0');
    const last = target.receive(requestBhs({ flags: 0x87 }), NONE);
    expect(last.send[0]?.bhs).toEqual(
      hex(`23 87 00 00 00 00 00 20
           80 12 34 56 78 9a 4a 01
           00 00 00 05 00 00 00 00
           00 00 01 01 00 00 00 09
           00 00 00 28 00 00 00 00
           00 00 00 00 00 00 00 00`),
    );
    expect(new TextDecoder().decode(last.send[0]?.data)).toBe('MaxRecvDataSegmentLength=262144\0');
    expect(last.outcome).toMatchObject({
      kind: 'accepted',
      tsih: 0x4a01,
      statSn: 0x102,
      request: {
        initiatorName: 'iqn.2026-01.org.a',
        targetName: TARGET,
        sessionType: 'Normal',
        isid: ISID,
        tsih: 0,
        cid: 1,
        cmdSn: 9,
      },
    });
  });

  it('answers each kind of offer by its rule', () => {
    const target = operational({
      offers: {
        maxConnections: 4,
        maxOutstandingR2T: 16,
        initialR2T: true,
        taskReporting: ['ResponseFence', 'RFC3720'],
      },
    });
    const { send, outcome } = target.receive(
      requestBhs({ flags: 0x87 }),
      text({
        HeaderDigest: 'CRC32C,None',
        DataDigest: 'Y-acme,None',
        MaxConnections: '8',
        InitialR2T: 'No',
        ImmediateData: 'No',
        MaxBurstLength: '0x400',
        FirstBurstLength: 'banana',
        DefaultTime2Wait: '5',
        DefaultTime2Retain: '5',
        MaxOutstandingR2T: '999999',
        IFMarker: 'Yes',
        OFMarkInt: '2048',
        TaskReporting: 'FastAbort,RFC3720',
        iSCSIProtocolLevel: '2',
        MaxRecvDataSegmentLength: '4096',
        'X-com.acme': '1',
        AuthMethodX: '2',
      }),
    );
    expect(Object.fromEntries(keysOf(send[0]!))).toEqual({
      HeaderDigest: 'CRC32C',
      DataDigest: 'None',
      MaxConnections: '4',
      InitialR2T: 'Yes',
      ImmediateData: 'No',
      MaxBurstLength: '1024',
      FirstBurstLength: 'Reject',
      DefaultTime2Wait: '5',
      DefaultTime2Retain: '5',
      MaxOutstandingR2T: 'Reject',
      IFMarker: 'No',
      OFMarkInt: 'Reject',
      TaskReporting: 'RFC3720',
      iSCSIProtocolLevel: '1',
      'X-com.acme': 'NotUnderstood',
      AuthMethodX: 'NotUnderstood',
    });
    expect(outcome).toMatchObject({
      kind: 'accepted',
      parameters: {
        headerDigest: 'CRC32C',
        peerMaxRecvDataSegmentLength: 4096,
        maxBurstLength: 1024,
        firstBurstLength: 1024,
        maxOutstandingR2T: 1,
      },
    });
  });

  it('goes from the security stage straight to full feature', () => {
    const { outcome } = login().receive(requestBhs({ flags: 0x83 }), text(HELLO));
    expect(outcome).toMatchObject({
      kind: 'accepted',
      parameters: { maxBurstLength: 262144, ownMaxRecvDataSegmentLength: 8192 },
    });
  });

  it('adds its alias, and its own limits where the initiator says nothing of them', () => {
    const target = login({
      resolveTarget: () => ({
        kind: 'found',
        auth: { kind: 'none' },
        alias: 'Disk',
        offers: { maxBurstLength: 65536, headerDigest: ['CRC32C'] },
      }),
    });
    const first = target.receive(requestBhs({ flags: 0x87 }), text(HELLO));
    expect(first.outcome).toBeUndefined();
    expect(first.send[0]?.bhs[1]).toBe(0x04);
    expect(Object.fromEntries(keysOf(first.send[0]!))).toEqual({
      TargetPortalGroupTag: '1',
      TargetAlias: 'Disk',
      MaxRecvDataSegmentLength: '262144',
      HeaderDigest: 'CRC32C',
      MaxBurstLength: '65536',
    });
    const last = target.receive(requestBhs({ flags: 0x87 }), text({ HeaderDigest: 'CRC32C', MaxBurstLength: '32768' }));
    expect(last.outcome).toMatchObject({
      kind: 'accepted',
      parameters: { headerDigest: 'CRC32C', maxBurstLength: 32768 },
    });
    const rows = last.outcome?.kind === 'accepted' ? last.outcome.parameters.negotiated : [];
    expect(rowsOf(rows, 'MaxBurstLength')).toMatchObject([{ origin: 'offered by target', limitedBy: 'initiator' }]);
  });

  it('warns of an irregular initiator name and lets it in', () => {
    expect(
      login().receive(requestBhs({ flags: 0x87 }), text({ ...HELLO, InitiatorName: 'My Host' })).outcome,
    ).toMatchObject({
      kind: 'accepted',
      warnings: [expect.stringContaining('irregular') as string],
    });
  });

  it('gathers a text over several PDUs, cut anywhere', () => {
    const whole = text({ ...HELLO, AuthMethod: 'None' });
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const target = login();
      const first = target.receive(requestBhs({ flags: 0x40 }), whole.subarray(0, cut));
      expect([first.send[0]?.bhs[1], first.send[0]?.data?.length, first.outcome]).toEqual([0, 0, undefined]);
      const second = target.receive(requestBhs({ flags: 0x81 }), whole.subarray(cut));
      expect(second.send[0]?.bhs[1]).toBe(0x81);
    }
  });
});

describe('what a target bears with', () => {
  it('a login request that is not marked as immediate', () => {
    const { send, outcome } = login().receive(requestBhs({ first: 0x03, flags: 0x87 }), text(HELLO));
    expect(outcome?.kind).not.toBe('refused');
    expect([send[0]?.bhs[0], send[0]?.bhs[36], send[0]?.bhs[37]]).toEqual([0x23, 0, 0]);
  });
});

describe('what a target refuses', () => {
  it.each<[string, RequestFields, Uint8Array, number]>([
    ['no names', { flags: 0x87 }, NONE, 0x0207],
    ['no initiator name', { flags: 0x87 }, text({ TargetName: TARGET }), 0x0207],
    ['an empty initiator name', { flags: 0x87 }, text({ ...HELLO, InitiatorName: '' }), 0x0207],
    ['no target name', { flags: 0x87 }, text({ InitiatorName: 'iqn.a' }), 0x0207],
    ['a name of 300 bytes', { flags: 0x87 }, text({ ...HELLO, InitiatorName: `iqn.${'x'.repeat(296)}` }), 0x0200],
    ['an unknown target', { flags: 0x87 }, text({ ...HELLO, TargetName: 'iqn.b' }), 0x0203],
    ['another session type', { flags: 0x87 }, text({ ...HELLO, SessionType: 'Party' }), 0x0209],
    ['a session that does not exist', { flags: 0x87, tsih: 9 }, text(HELLO), 0x020a],
    ['a later version', { flags: 0x87, versionMin: 1 }, text(HELLO), 0x0205],
    ['a SCSI command', { first: 0x01, flags: 0x80 }, NONE, 0x020b],
    ['a text request', { first: 0x44, flags: 0x80 }, text({ SendTargets: 'All' }), 0x020b],
    ['T and C at once', { flags: 0xc7 }, text(HELLO), 0x0200],
    ['a stage backwards', { flags: 0x84 }, text(HELLO), 0x0200],
    ['a stage to itself', { flags: 0x85 }, text(HELLO), 0x0200],
    ['a stage to nowhere', { flags: 0x82 }, text(HELLO), 0x0200],
    ['a stage that does not exist', { flags: 0x08 }, text(HELLO), 0x0200],
    ['full feature as a stage', { flags: 0x0c }, text(HELLO), 0x0200],
    ['too much at once', { flags: 0x87 }, new Uint8Array(8193), 0x0200],
    ['10,000 keys', { flags: 0x87 }, text(Array.from({ length: 1000 }, (_, i) => `X-${i}=`)), 0x0200],
    ['a key of 300 bytes', { flags: 0x87 }, text([`${'K'.repeat(300)}=1`]), 0x0200],
    ['a key that is no name', { flags: 0x87 }, text({ ...HELLO, 'X y': '1' }), 0x0200],
    [
      'a key twice',
      { flags: 0x87 },
      text([...Object.entries(HELLO).map(([k, v]) => `${k}=${v}`), 'TargetName=iqn.b']),
      0x0200,
    ],
    ['operational keys in the security stage', { flags: 0x81 }, text({ ...HELLO, MaxBurstLength: '512' }), 0x0200],
    ['security keys in the operational stage', { flags: 0x87 }, text({ ...HELLO, AuthMethod: 'None' }), 0x0200],
    ['keys only targets send', { flags: 0x87 }, text({ ...HELLO, TargetAlias: 'x' }), 0x0200],
    ['a declaration out of range', { flags: 0x87 }, text({ ...HELLO, MaxRecvDataSegmentLength: '511' }), 0x0200],
    ['SendTargets', { flags: 0x87 }, text({ ...HELLO, SendTargets: 'All' }), 0x0200],
    ['CHAP out of order', { flags: 0x80 }, text({ ...HELLO, AuthMethod: 'CHAP', CHAP_A: '5' }), 0x0200],
    ['CHAP where it has none', { flags: 0x81 }, text({ ...HELLO, AuthMethod: 'CHAP' }), 0x0201],
    ['Kerberos', { flags: 0x81 }, text({ ...HELLO, AuthMethod: 'KRB5' }), 0x0201],
    ['a list that is none', { flags: 0x81 }, text({ ...HELLO, AuthMethod: 'CHAP,,None' }), 0x0201],
    ['SRP keys', { flags: 0x81 }, text({ ...HELLO, SRP_U: 'me' }), 0x0200],
    ['text without a key', { flags: 0x81 }, text(['=1']), 0x0200],
  ])('%s', (_what, fields, data, code) => {
    const target = login();
    const { send, outcome } = target.receive(requestBhs(fields), data);
    expect(status(outcome)).toBe(code);
    expect(send).toHaveLength(1);
    expect(Array.from(send[0]!.bhs.subarray(0, 2))).toEqual([
      0x23,
      (fields.flags ?? 0) & ((fields.first ?? 0x43) === 0x01 || fields.first === 0x44 ? 0 : 0x0c),
    ]);
    expect([send[0]?.bhs[36], send[0]?.bhs[37]]).toEqual([code >> 8, code & 255]);
    expect(outcome).toMatchObject({ reason: expect.stringMatching(/\.$/u) as string });
    const after = target.receive(requestBhs({ flags: 0x87 }), text(HELLO));
    expect([after.send, status(after.outcome)]).toEqual([[], 0x020b]);
  });

  it.each<[string, RequestFields]>([
    ['task tag', { itt: 6 }],
    ['ISID', { isid: hex('801234567800') }],
    ['TSIH', { tsih: 1 }],
    ['CID', { cid: 2 }],
    ['CmdSN', { cmdSn: 10 }],
    ['stage', { flags: 0x00 }],
  ])('another %s in the middle of the login', (_what, fields) => {
    expect(status(operational().receive(requestBhs({ flags: 0x87, ...fields }), NONE).outcome)).toBe(0x0200);
  });

  it('an unproven initiator, whatever stage it tries', () => {
    const auth: TargetAuth = { kind: 'chap', accounts: new Map([['a', 'a secret of sixteen']]) };
    const proving = () => login({ resolveTarget: () => ({ kind: 'found', auth }) });
    expect(status(proving().receive(requestBhs({ flags: 0x87 }), text(HELLO)).outcome)).toBe(0x0201);
    expect(status(proving().receive(requestBhs({ flags: 0x83 }), text(HELLO)).outcome)).toBe(0x0201);
    expect(status(proving().receive(requestBhs({ flags: 0x81 }), text({ ...HELLO, AuthMethod: 'None' })).outcome)).toBe(
      0x0201,
    );
    const slow = proving();
    expect(slow.receive(requestBhs(), text(HELLO)).send[0]?.bhs[1]).toBe(0);
    expect(slow.receive(requestBhs({ flags: 0x81 }), text({ AuthMethod: 'CHAP' })).send[0]?.bhs[1]).toBe(0);
    expect(slow.receive(requestBhs({ flags: 0x81 }), text({ CHAP_A: '5' })).send[0]?.bhs[1]).toBe(0);
    expect(status(slow.receive(requestBhs({ flags: 0x81 }), NONE).outcome)).toBe(0x0201);
    const early = proving();
    early.receive(requestBhs(), text({ ...HELLO, AuthMethod: 'CHAP' }));
    expect(status(early.receive(requestBhs({ flags: 0x81 }), text({ CHAP_N: 'a', CHAP_R: '0x00' })).outcome)).toBe(
      0x0201,
    );
    const twice = proving();
    twice.receive(requestBhs(), text({ ...HELLO, AuthMethod: 'CHAP' }));
    expect(status(twice.receive(requestBhs(), text({ AuthMethod: 'CHAP', CHAP_A: '5' })).outcome)).toBe(0x0200);
  });

  it('a login without an end', () => {
    const target = operational();
    let step = target.receive(requestBhs({ flags: 0x04 }), NONE);
    let count = 2;
    for (; step.outcome === undefined; count += 1) step = target.receive(requestBhs({ flags: 0x04 }), NONE);
    expect([status(step.outcome), count]).toEqual([0x0200, 65]);
  });

  it('text without an end', () => {
    const target = login();
    let step = target.receive(requestBhs({ flags: 0x40 }), new Uint8Array(8192));
    for (let i = 0; step.outcome === undefined && i < 100; i += 1)
      step = target.receive(requestBhs({ flags: 0x40 }), new Uint8Array(8192));
    expect(step.outcome).toMatchObject({ reason: expect.stringContaining('65536') as string });
  });

  it('an initiator that talks while it is being answered', () => {
    const keys = text(Array.from({ length: 150 }, (_, i) => `X-${'k'.repeat(50)}${i}=v`));
    const answering = () => {
      const target = operational();
      target.receive(requestBhs({ flags: 0x44 }), keys.subarray(0, 8000));
      const { send, outcome } = target.receive(requestBhs({ flags: 0x87 }), keys.subarray(8000));
      expect([send[0]!.bhs[1], outcome]).toEqual([0x44, undefined]);
      return target;
    };
    expect(status(answering().receive(requestBhs({ flags: 0x04 }), text({ 'X-a': '1' })).outcome)).toBe(0x0200);
    expect(status(answering().receive(requestBhs({ flags: 0x87 }), NONE).outcome)).toBe(0x0200);
    const target = answering();
    expect(target.receive(requestBhs({ flags: 0x04 }), NONE).send[0]?.bhs[1]).toBe(0x04);
    expect(target.receive(requestBhs({ flags: 0x87 }), NONE).outcome?.kind).toBe('accepted');
  });

  it('to work with a configuration that is wrong, as its own fault', () => {
    const target = login({ offers: { maxBurstLength: 1 } });
    expect(status(target.receive(requestBhs({ flags: 0x87 }), text(HELLO)).outcome)).toBe(0x0300);
  });

  it('throws on what its own callbacks throw, and on nothing a peer sends', () => {
    const broken = login({
      resolveTarget: () => {
        throw new RangeError('mine');
      },
    });
    expect(() => broken.receive(requestBhs({ flags: 0x87 }), text(HELLO))).toThrow('mine');
    const line = fc.tuple(
      fc.constantFrom(
        'InitiatorName',
        'TargetName',
        'SessionType',
        'AuthMethod',
        'CHAP_A',
        'CHAP_N',
        'CHAP_R',
        'CHAP_C',
        'MaxBurstLength',
        'HeaderDigest',
        'X-a',
        '__proto__',
      ),
      fc.oneof(
        fc.constantFrom('iqn.a', TARGET, 'CHAP', 'None', '5', '512', '0x00', 'Reject', 'Discovery', 'Normal', ''),
        fc.string(),
      ),
    );
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.array(line, { maxLength: 6 }).map((lines) => text(lines.map(([k, v]) => `${k}=${v}`))),
    );
    const bhs = fc.oneof(
      fc.uint8Array({ minLength: 48, maxLength: 48 }),
      fc.record({ flags: fc.integer({ min: 0, max: 255 }) }).map(requestBhs),
    );
    const auth: TargetAuth = {
      kind: 'chap',
      accounts: new Map([['a', 'a secret of sixteen']]),
      mutual: { user: 'b', secret: 'another of these' },
    };
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.tuple(bhs, data), { minLength: 1, maxLength: 5 }),
        (chap, begun, inputs) => {
          const target = login({
            resolveTarget: () => ({ kind: 'found', auth: chap ? auth : { kind: 'none' } }),
            discoveryAuth: auth,
          });
          if (begun) target.receive(requestBhs(), text({ ...HELLO, AuthMethod: chap ? 'CHAP' : 'None' }));
          for (const [header, body] of inputs) {
            const { send, outcome } = target.receive(header, body);
            for (const pdu of send) expect([pdu.bhs.length, pdu.bhs[0]]).toEqual([48, 0x23]);
            if (chap) expect(outcome?.kind).not.toBe('accepted');
            if (outcome !== undefined) return;
            expect(send).toHaveLength(1);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
