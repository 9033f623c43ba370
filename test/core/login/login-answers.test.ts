import { describe, expect, it } from 'vitest';
import { InitiatorLogin } from '../../../core/login/index.ts';
import { errorOf, initiatorConfig, keysOf, responseBhs, resultOf, rowsOf, sentBy, text } from './support.ts';
import { ANSWERS, LAST, offered, ended } from './usual-answers.ts';

describe('what an initiator makes of the answers', () => {
  it('records who offered, answered and limited', () => {
    const { parameters, warnings } = resultOf(
      ended({ TargetAlias: 'disk', MaxConnections: '1', MaxOutstandingR2T: '1' }),
    );
    expect(warnings).toEqual([]);
    expect(rowsOf(parameters.negotiated, 'MaxOutstandingR2T')).toEqual([
      {
        key: 'MaxOutstandingR2T',
        origin: 'offered by initiator',
        offered: '8',
        answered: '1',
        result: '1',
        defaultValue: '1',
        limitedBy: 'target',
      },
    ]);
    expect(rowsOf(parameters.negotiated, 'MaxRecvDataSegmentLength')).toMatchObject([
      { origin: 'declared by initiator', offered: '262144', answered: null, result: '262144', limitedBy: null },
      { origin: 'declared by target', offered: '65536', answered: null, result: '65536' },
    ]);
    expect(rowsOf(parameters.negotiated, 'TargetPortalGroupTag')).toMatchObject([
      { origin: 'declared by target', result: '1', defaultValue: null },
    ]);
    expect(rowsOf(parameters.negotiated, 'TaskReporting')).toMatchObject([{ origin: 'default', result: 'RFC3720' }]);
    expect(parameters).toMatchObject({
      ownMaxRecvDataSegmentLength: 262144,
      peerMaxRecvDataSegmentLength: 65536,
      targetAlias: 'disk',
    });
  });

  it('takes 8192 where the target declares nothing', () => {
    const { MaxRecvDataSegmentLength: _, ...silent } = ANSWERS;
    const { parameters } = resultOf(offered().receive(responseBhs(LAST), text(silent)));
    expect(parameters.peerMaxRecvDataSegmentLength).toBe(8192);
    expect(rowsOf(parameters.negotiated, 'MaxRecvDataSegmentLength')[1]).toMatchObject({
      origin: 'default',
      result: '8192',
      note: 'The target did not declare it.',
    });
  });

  it.each([
    ['MaxBurstLength', 'banana'],
    ['MaxBurstLength', '-1'],
    ['MaxBurstLength', '1000000000'],
    ['MaxBurstLength', '511'],
    ['MaxBurstLength', ''],
    ['MaxBurstLength', '262145'],
    ['DefaultTime2Wait', '1'],
    ['DefaultTime2Retain', '21'],
    ['MaxOutstandingR2T', '9'],
    ['MaxConnections', '2'],
    ['ErrorRecoveryLevel', '1'],
    ['ErrorRecoveryLevel', '3'],
    ['InitialR2T', 'maybe'],
    ['DataPDUInOrder', 'No'],
    ['HeaderDigest', 'CRC32'],
    ['HeaderDigest', 'None,CRC32C'],
    ['HeaderDigest', 'Y-acme'],
    ['MaxRecvDataSegmentLength', '0'],
    ['MaxRecvDataSegmentLength', '16777216'],
    ['TargetPortalGroupTag', '65536'],
    ['TargetPortalGroupTag', '2'],
    ['TaskReporting', 'Whatever'],
    ['InitiatorName', 'iqn.mallory'],
    ['SendTargets', 'All'],
    ['CHAP_A', '5'],
    ['SRP_B', '0x00'],
    ['AuthMethod', 'None'],
    ['TargetAlias', 'x'.repeat(256)],
    ['FirstBurstLength', '+1024'],
  ])('refuses %s=%s and quotes both', (key, value) => {
    const error = errorOf(ended({ [key]: value }));
    expect(error.code).toBe('LOGIN_NEGOTIATION');
    expect(error.message).toContain(key);
    expect(error.message).toContain(`"${value.slice(0, 64)}`);
  });

  it.each([
    ['ImmediateData', 'Yes', { offers: { immediateData: false } }],
    ['InitialR2T', 'No', { offers: { initialR2T: true } }],
    ['HeaderDigest', 'CRC32C', { offers: { headerDigest: ['None'] } }],
  ] as const)('refuses %s=%s, which overrules the offer', (key, value, changes) => {
    expect(errorOf(ended({ [key]: value }, changes)).code).toBe('LOGIN_NEGOTIATION');
  });

  it('refuses a key that is answered twice, in one text or in two', () => {
    const twice = text([...Object.entries(ANSWERS).map(([k, v]) => `${k}=${v}`), 'MaxBurstLength=512']);
    expect(errorOf(offered().receive(responseBhs(LAST), twice)).message).toContain('comes twice');
    const login = offered();
    sentBy(login.receive(responseBhs({ flags: 0x04, statSn: 1 }), text({ MaxBurstLength: '65536' })));
    const error = errorOf(login.receive(responseBhs({ ...LAST, statSn: 2 }), text({ MaxBurstLength: '32768' })));
    expect(error.message).toContain('"65536" was said before');
    const again = offered();
    sentBy(
      again.receive(
        responseBhs({ flags: 0x04, statSn: 1 }),
        text({ MaxRecvDataSegmentLength: '65536', TargetAlias: 'a' }),
      ),
    );
    expect(errorOf(again.receive(responseBhs({ ...LAST, statSn: 2 }), text({ TargetAlias: 'b' }))).message).toContain(
      '"a" was said before',
    );
  });

  it.each([
    ['Irrelevant', 0],
    ['Reject', 1],
    ['NotUnderstood', 1],
  ])('keeps what is safe where a key is answered %s', (answer, warned) => {
    const { parameters, warnings } = resultOf(
      ended({ MaxBurstLength: answer }, { offers: { maxBurstLength: 1048576 } }),
    );
    expect(parameters.maxBurstLength).toBe(262144);
    expect(warnings).toHaveLength(warned);
    expect(rowsOf(parameters.negotiated, 'MaxBurstLength')).toMatchObject([
      { offered: '1048576', answered: answer, result: answer === 'Irrelevant' ? null : '262144' },
    ]);
    expect(
      resultOf(ended({ MaxBurstLength: answer, FirstBurstLength: '4096' }, { offers: { maxBurstLength: 65536 } }))
        .parameters.maxBurstLength,
    ).toBe(65536);
    expect(
      resultOf(ended({ ImmediateData: answer }, { offers: { immediateData: false } })).parameters.immediateData,
    ).toBe(false);
  });

  it('fails where a digest is rejected, or cannot be done without', () => {
    expect(errorOf(ended({ HeaderDigest: 'Reject' })).message).toContain('HeaderDigest');
    expect(errorOf(ended({ DataDigest: 'NotUnderstood' }, { offers: { dataDigest: ['CRC32C'] } })).code).toBe(
      'LOGIN_NEGOTIATION',
    );
    expect(resultOf(ended({ DataDigest: 'NotUnderstood' })).parameters.dataDigest).toBe('None');
    const { HeaderDigest: _, ...silent } = ANSWERS;
    expect(
      errorOf(offered({ offers: { headerDigest: ['CRC32C'] } }).receive(responseBhs(LAST), text(silent))).message,
    ).toContain('did not answer it');
    const result = resultOf(offered().receive(responseBhs(LAST), text(silent)));
    expect(result.parameters.headerDigest).toBe('None');
    expect(result.warnings).toEqual(['The target did not answer HeaderDigest.']);
  });

  it('sends no more unasked than a burst holds, and says so', () => {
    const { parameters, warnings } = resultOf(ended({ MaxBurstLength: '4096', FirstBurstLength: '65536' }));
    expect(parameters).toMatchObject({ maxBurstLength: 4096, firstBurstLength: 4096 });
    expect(warnings[0]).toContain('65536');
  });

  it('answers what the target offers by itself, and what it does not know', () => {
    const login = offered({ offers: {}, overrides: new Map([['InitialR2T', 'Yes']]) });
    const keys = text({
      IFMarker: 'Yes',
      OFMarkInt: '4~8',
      TaskReporting: 'ResponseFence,RFC3720',
      iSCSIProtocolLevel: '2',
      'X-com.acme.colour': 'red',
    });
    const reply = sentBy(login.receive(responseBhs({ flags: 0x04, statSn: 1 }), keys));
    expect(reply.bhs[1]).toBe(0x87);
    expect(Object.fromEntries(keysOf(reply))).toEqual({
      IFMarker: 'No',
      OFMarkInt: 'Reject',
      TaskReporting: 'RFC3720',
      iSCSIProtocolLevel: '1',
      'X-com.acme.colour': 'NotUnderstood',
    });
    const { parameters } = resultOf(
      login.receive(responseBhs({ ...LAST, statSn: 2 }), text({ ...ANSWERS, InitialR2T: 'Yes' })),
    );
    expect(rowsOf(parameters.negotiated, 'iSCSIProtocolLevel')).toMatchObject([
      { origin: 'offered by target', offered: '2', answered: '1', limitedBy: 'initiator' },
    ]);
    expect(rowsOf(parameters.negotiated, 'X-com.acme.colour')).toMatchObject([
      { answered: 'NotUnderstood', result: null, defaultValue: null },
    ]);
  });

  it.each([[{ TaskReporting: 'NoSuch' }], [{ 'X key': '1' }], [{ IFMarker: 'perhaps' }]])(
    'refuses the offer %j',
    (keys) => {
      expect(errorOf(ended(keys as unknown as Record<string, string>)).code).toBe('LOGIN_NEGOTIATION');
    },
  );

  it('rejects offers it shares nothing with, and says what came too late', () => {
    const { warnings, parameters } = resultOf(ended({ TaskReporting: 'FastAbort', OFMarker: 'No' }));
    expect(rowsOf(parameters.negotiated, 'TaskReporting')).toMatchObject([{ answered: 'Reject', result: 'RFC3720' }]);
    expect(warnings).toEqual(['The target offered TaskReporting, OFMarker in its last answer, too late for a reply.']);
  });

  it('lives with echoes, repeated declarations, answers to nothing and early keys, and says so', () => {
    const login = new InitiatorLogin(initiatorConfig());
    sentBy(login.start());
    sentBy(
      login.receive(
        responseBhs({ flags: 0x81 }),
        text({
          AuthMethod: 'None',
          TargetPortalGroupTag: '1',
          SessionType: 'Normal',
          MaxRecvDataSegmentLength: '4096',
        }),
      ),
    );
    const keys = text({
      ...ANSWERS,
      MaxRecvDataSegmentLength: '4096',
      TargetPortalGroupTag: '1',
      'X-unasked': 'Reject',
      TaskReporting: 'Irrelevant',
    });
    expect(resultOf(login.receive(responseBhs(LAST), keys)).warnings).toEqual([
      'The target echoed SessionType, which only the initiator sends.',
      'The target sent MaxRecvDataSegmentLength already in the security stage.',
      'The target declared MaxRecvDataSegmentLength twice with the same value.',
      'The target declared TargetPortalGroupTag twice with the same value.',
      'The target answered "X-unasked" with Reject, which nobody offered.',
      'The target answered TaskReporting with Irrelevant, which nobody offered.',
    ]);
  });

  it('notes answers to declarations, and refuses one to a declaration nobody made', () => {
    const { warnings } = resultOf(ended({ MaxRecvDataSegmentLength: 'Reject' }));
    expect(warnings).toEqual([
      'The target answered MaxRecvDataSegmentLength with Reject, though declarations take no answer.',
    ]);
    expect(errorOf(ended({ InitiatorAlias: 'NotUnderstood' })).message).toContain('nobody made');
  });
});
