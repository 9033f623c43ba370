import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InitiatorLogin, type InitiatorLoginConfig } from '../../../core/login/index.ts';
import {
  errorOf,
  hex,
  initiatorConfig,
  keysOf,
  responseBhs,
  resultOf,
  rowsOf,
  seeded,
  sentBy,
  text,
  type ResponseFields,
} from './support.ts';

/** What a well-behaved target answers to the usual offers. */
const ANSWERS = {
  HeaderDigest: 'None',
  DataDigest: 'None',
  MaxConnections: '1',
  InitialR2T: 'No',
  ImmediateData: 'Yes',
  MaxRecvDataSegmentLength: '65536',
  MaxBurstLength: '262144',
  FirstBurstLength: '65536',
  DefaultTime2Wait: '2',
  DefaultTime2Retain: '20',
  MaxOutstandingR2T: '1',
  DataPDUInOrder: 'Yes',
  DataSequenceInOrder: 'Yes',
  ErrorRecoveryLevel: '0',
};

/** An initiator whose operational offers are on their way. */
function offered(changes: Partial<InitiatorLoginConfig> = {}): InitiatorLogin {
  const login = new InitiatorLogin(initiatorConfig(changes));
  sentBy(login.start());
  if (changes.skipSecurity !== true)
    sentBy(login.receive(responseBhs({ flags: 0x81 }), text({ TargetPortalGroupTag: '1', AuthMethod: 'None' })));
  return login;
}

const LAST: ResponseFields = { flags: 0x87, statSn: 1, tsih: 0x4a01 };
const ended = (keys: Record<string, string>, changes: Partial<InitiatorLoginConfig> = {}) =>
  offered(changes).receive(responseBhs(LAST), text({ ...ANSWERS, ...keys }));

describe('what an initiator sends', () => {
  it('is the first request of RFC 7143, byte by byte', () => {
    const login = new InitiatorLogin(
      initiatorConfig({ initiatorName: 'iqn.a', targetName: 'iqn.b', cid: 0x0102, itt: 0x0a0b0c0d }),
    );
    const { bhs, data } = sentBy(login.start());
    expect(bhs).toEqual(
      hex(`43 81 00 00 00 00 00 48
           80 12 34 56 78 9a 00 00
           0a 0b 0c 0d 01 02 00 00
           01 02 03 04 00 00 00 00
           00 00 00 00 00 00 00 00
           00 00 00 00 00 00 00 00`),
    );
    expect(new TextDecoder().decode(data)).toBe(
      'InitiatorName=iqn.a\0TargetName=iqn.b\0SessionType=Normal\0AuthMethod=None\0',
    );
  });

  it('keeps task tag, CmdSN and the I bit, and follows StatSN', () => {
    const login = new InitiatorLogin(initiatorConfig({ itt: 3, tsih: 0 }));
    sentBy(login.start());
    const second = sentBy(
      login.receive(responseBhs({ flags: 0x81, itt: 3, statSn: 0xffffffff }), text({ AuthMethod: 'None' })),
    );
    expect(Array.from(second.bhs.subarray(0, 2))).toEqual([0x43, 0x87]);
    expect(Array.from(second.bhs.subarray(16, 32))).toEqual([0, 0, 0, 3, 0, 1, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0]);
    const third = sentBy(login.receive(responseBhs({ flags: 0x04, itt: 3, statSn: 0 }), text({})));
    expect(Array.from(third.bhs.subarray(28, 32))).toEqual([0, 0, 0, 1]);
  });

  it('are the offers it was configured with, and overrides before them', () => {
    const login = new InitiatorLogin(
      initiatorConfig({
        initiatorAlias: 'my host',
        offers: {
          headerDigest: ['CRC32C', 'None'],
          maxBurstLength: 1048576,
          errorRecoveryLevel: 2,
          taskReporting: ['FastAbort', 'RFC3720'],
          protocolLevel: 2,
        },
        overrides: new Map([
          ['MaxBurstLength', '0x10000'],
          ['InitialR2T', 'Yes'],
          ['X-org.lunascope.hello', 'world'],
          ['X#NodeArchitecture', 'test'],
        ]),
      }),
    );
    expect(keysOf(sentBy(login.start())).get('InitiatorAlias')).toBe('my host');
    const keys = keysOf(sentBy(login.receive(responseBhs({ flags: 0x81 }), text({ AuthMethod: 'None' }))));
    expect(Object.fromEntries(keys)).toMatchObject({
      HeaderDigest: 'CRC32C,None',
      MaxBurstLength: '0x10000',
      FirstBurstLength: '65536',
      InitialR2T: 'Yes',
      ErrorRecoveryLevel: '2',
      TaskReporting: 'FastAbort,RFC3720',
      iSCSIProtocolLevel: '2',
      'X-org.lunascope.hello': 'world',
      'X#NodeArchitecture': 'test',
    });
    const answers = text({
      ...ANSWERS,
      InitialR2T: 'Yes',
      HeaderDigest: 'CRC32C',
      MaxBurstLength: '65536',
      TaskReporting: 'FastAbort',
      iSCSIProtocolLevel: '1',
      'X-org.lunascope.hello': 'you',
    });
    const { parameters } = resultOf(login.receive(responseBhs(LAST), answers));
    expect(parameters).toMatchObject({
      headerDigest: 'CRC32C',
      taskReporting: 'FastAbort',
      protocolLevel: 1,
      maxBurstLength: 65536,
      initiatorAlias: 'my host',
    });
    expect(rowsOf(parameters.negotiated, 'X-org.lunascope.hello')).toMatchObject([
      { offered: 'world', answered: 'you', result: 'you' },
    ]);
    expect(rowsOf(parameters.negotiated, 'MaxBurstLength')).toMatchObject([
      { offered: '0x10000', result: '65536', limitedBy: null },
    ]);
  });

  it('shrinks the first burst to a smaller burst unless it was told both', () => {
    const keys = keysOf(
      sentBy(new InitiatorLogin(initiatorConfig({ skipSecurity: true, offers: { maxBurstLength: 8192 } })).start()),
    );
    expect(keys.get('FirstBurstLength')).toBe('8192');
  });

  it.each<[string, Partial<InitiatorLoginConfig>, string]>([
    ['no name', { initiatorName: '' }, 'initiator name'],
    ['a long name', { initiatorName: `iqn.${'x'.repeat(220)}` }, '224'],
    ['a short ISID', { isid: new Uint8Array(5) }, '6 bytes'],
    ['no target', { targetName: '' }, 'target name'],
    ['no parameters of its session', { tsih: 3 }, 'parameters'],
    ['CHAP without its stage', { skipSecurity: true, chap: { user: 'a', secret: 'b' } }, 'security stage'],
    ['a length below its range', { offers: { maxRecvDataSegmentLength: 511 } }, 'MaxRecvDataSegmentLength'],
    ['a length above its range', { offers: { maxRecvDataSegmentLength: 16777216 } }, '512 to 16777215'],
    ['half a byte', { offers: { maxBurstLength: 1000.5 } }, 'MaxBurstLength'],
    ['no number', { offers: { maxBurstLength: Number.NaN } }, 'NaN'],
    ['no digest at all', { offers: { dataDigest: [] } }, 'DataDigest'],
    ['bursts that do not fit', { offers: { maxBurstLength: 1024, firstBurstLength: 2048 } }, 'FirstBurstLength 2048'],
    ['an unknown override', { overrides: new Map([['maxburstlength', '1']]) }, 'cannot be overridden'],
    ['an override of its name', { overrides: new Map([['InitiatorName', 'iqn.x']]) }, 'cannot be overridden'],
    ['an override out of range', { overrides: new Map([['MaxBurstLength', '1']]) }, '512 to 16777215'],
    ['an override of a digest nobody has', { overrides: new Map([['HeaderDigest', 'None,Y-acme']]) }, 'Y-acme'],
    ['a key that cannot be sent', { overrides: new Map([['X-a b', '1']]) }, 'text key'],
    ['a value that cannot be sent', { overrides: new Map([['X-a', '1\u00002']]) }, 'text key'],
  ])('does not start with %s', (_what, changes, words) => {
    expect(() => new InitiatorLogin(initiatorConfig(changes))).toThrow(words);
  });
});

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

describe('the steps of a login', () => {
  it('takes a target that grants nothing at first, and one that needs empty rounds', () => {
    const login = new InitiatorLogin(initiatorConfig());
    sentBy(login.start());
    const round = sentBy(login.receive(responseBhs(), text({})));
    expect([round.bhs[1], round.data?.length]).toEqual([0x81, 0]);
    const leave = sentBy(
      login.receive(responseBhs({ statSn: 1 }), text({ AuthMethod: 'None', TargetPortalGroupTag: '1' })),
    );
    expect([leave.bhs[1], leave.data?.length]).toEqual([0x81, 0]);
    sentBy(login.receive(responseBhs({ statSn: 2 }), text({})));
    const offers = sentBy(login.receive(responseBhs({ statSn: 3, flags: 0x81 }), text({})));
    expect(keysOf(offers).size).toBe(14);
    const late = sentBy(login.receive(responseBhs({ statSn: 4, flags: 0x04 }), text(ANSWERS)));
    expect([late.bhs[1], late.data?.length]).toEqual([0x87, 0]);
    expect(resultOf(login.receive(responseBhs({ ...LAST, statSn: 5 }), text({}))).history.length).toBe(6);
  });

  it('goes on where a straight login is held back', () => {
    const login = offered({ skipSecurity: true });
    const again = sentBy(
      login.receive(responseBhs({ flags: 0x04 }), text({ TargetPortalGroupTag: '1', ...ANSWERS, IFMarker: 'No' })),
    );
    expect(Object.fromEntries(keysOf(again))).toEqual({ IFMarker: 'No' });
    expect(resultOf(login.receive(responseBhs(LAST), text({}))).parameters.targetPortalGroupTag).toBe(1);
  });

  it('gathers an answer over several PDUs, cut anywhere', () => {
    const whole = text(ANSWERS);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const login = offered();
      const ask = sentBy(login.receive(responseBhs({ flags: 0x44, statSn: 1 }), whole.subarray(0, cut)));
      expect([ask.bhs[1], ask.data?.length]).toEqual([0x04, 0]);
      const more = sentBy(login.receive(responseBhs({ flags: 0x04, statSn: 2 }), whole.subarray(cut)));
      expect(more.bhs[1]).toBe(0x87);
      expect(resultOf(login.receive(responseBhs({ ...LAST, statSn: 3 }), text({}))).parameters.maxOutstandingR2T).toBe(
        1,
      );
    }
  });

  it('gives up on texts and logins without an end', () => {
    const endless = offered();
    let step = endless.receive(responseBhs({ flags: 0x44, statSn: 1 }), new Uint8Array(8192));
    for (let i = 0; step.kind === 'send'; i += 1)
      step = endless.receive(responseBhs({ flags: 0x44, statSn: 2 + i }), new Uint8Array(8192));
    expect(errorOf(step).code).toBe('PROTOCOL_TOO_LARGE');
    const round = offered();
    let count = 2;
    for (step = round.receive(responseBhs({ flags: 0x04 }), text({})); step.kind === 'send'; count += 1)
      step = round.receive(responseBhs({ flags: 0x04 }), text({}));
    expect(errorOf(step).message).toContain('64 requests');
    expect(count).toBe(64);
    const short = offered({ exchangeLimit: 2 });
    expect(errorOf(short.receive(responseBhs({ flags: 0x04 }), text({}))).message).toContain('2 requests');
    const many = text(Array.from({ length: 300 }, (_, i) => `X-${i}=1`));
    expect(errorOf(offered().receive(responseBhs({ flags: 0x04 }), many)).message).toContain('300 keys');
  });

  it.each<[string, ResponseFields, Uint8Array]>([
    ['another task tag', { ...LAST, itt: 1 }, text(ANSWERS)],
    ['another ISID', { ...LAST, isid: hex('801234567800') }, text(ANSWERS)],
    ['another version', { ...LAST, versionActive: 1 }, text(ANSWERS)],
    ['another stage', { ...LAST, flags: 0x81 }, text(ANSWERS)],
    ['a stage that does not exist', { ...LAST, flags: 0x8b }, text(ANSWERS)],
    ['T and C at once', { ...LAST, flags: 0xc7 }, text(ANSWERS)],
    ['the wrong next stage', { ...LAST, flags: 0x85 }, text(ANSWERS)],
    ['too much at once', LAST, new Uint8Array(8193)],
    ['text without a key', LAST, text(['=x'])],
    ['text without an equals sign', LAST, text(['hello'])],
    ['a key of 300 bytes', LAST, text([`${'k'.repeat(300)}=1`])],
    ['text that is not UTF-8', LAST, Uint8Array.of(0x41, 0x3d, 0xff, 0)],
    ['a NOP-In', { ...LAST, opcode: 0x20 }, text({})],
    ['an opcode nobody knows', { ...LAST, opcode: 0x2a }, text({})],
    ['a Reject', { opcode: 0x3f, flags: 0x80 }, new Uint8Array(48)],
  ])('ends at %s with a ProtocolError', (_what, fields, data) => {
    const login = offered();
    const error = errorOf(login.receive(responseBhs(fields), data));
    expect(error.name).toBe('ProtocolError');
    expect(error.message).toMatch(/\.$/u);
    expect(errorOf(login.receive(responseBhs(LAST), text(ANSWERS))).code).toBe('PROTOCOL_UNEXPECTED');
  });

  it('names the reason of a Reject', () => {
    const bhs = responseBhs({ opcode: 0x3f, flags: 0x80 });
    bhs[2] = 0x04;
    expect(errorOf(offered().receive(bhs, new Uint8Array(48))).message).toContain('Protocol error');
    bhs[2] = 0x7f;
    expect(errorOf(offered().receive(bhs, new Uint8Array(48))).message).toContain('reason 127');
  });

  it('does not take a transition it did not ask for, or text before its own was whole', () => {
    const chap = { user: 'alice', secret: 'a secret of sixteen' };
    const login = new InitiatorLogin(initiatorConfig({ chap }));
    sentBy(login.start());
    expect(errorOf(login.receive(responseBhs({ flags: 0x81 }), text({ AuthMethod: 'CHAP' }))).message).toContain(
      'without being asked',
    );
    const long = offered({ overrides: new Map(Array.from({ length: 40 }, (_, i) => [`X-${i}`, 'v'.repeat(240)])) });
    expect(
      errorOf(long.receive(responseBhs({ flags: 0x04, statSn: 1 }), text({ MaxBurstLength: '512' }))).message,
    ).toContain('before it had all');
  });

  it('joins only the session it asked for', () => {
    const { parameters } = resultOf(ended({}));
    const joining = offered({ tsih: 7, session: parameters });
    expect(
      errorOf(joining.receive(responseBhs({ ...LAST, tsih: 8 }), text({ HeaderDigest: 'None', DataDigest: 'None' })))
        .message,
    ).toContain('session 8');
    const offering = offered({ tsih: 7, session: parameters });
    const reply = sentBy(offering.receive(responseBhs({ flags: 0x04, statSn: 1 }), text({ MaxBurstLength: '512' })));
    expect(Object.fromEntries(keysOf(reply))).toEqual({ MaxBurstLength: 'Reject' });
  });

  it('is refused a method as an AuthError', () => {
    for (const value of ['Reject', 'NotUnderstood']) {
      const login = new InitiatorLogin(initiatorConfig({ chap: { user: 'a', secret: 'b', allowNone: true } }));
      sentBy(login.start());
      expect(errorOf(login.receive(responseBhs(), text({ AuthMethod: value })))).toMatchObject({
        code: 'AUTH_METHOD',
        details: { step: 'AuthMethod' },
      });
    }
    const login = new InitiatorLogin(initiatorConfig({ chap: { user: 'a', secret: 'b' } }));
    sentBy(login.start());
    expect(errorOf(login.receive(responseBhs(), text({ AuthMethod: 'None' }))).message).toContain(
      'not among what was offered (CHAP)',
    );
  });

  it('warns of a missing handle, a missing ISID and status numbers out of order', () => {
    const login = new InitiatorLogin(initiatorConfig());
    sentBy(login.start());
    const isid = new Uint8Array(6);
    sentBy(login.receive(responseBhs({ flags: 0x81, isid }), text({ AuthMethod: 'None' })));
    const { warnings, expStatSn } = resultOf(
      login.receive(responseBhs({ flags: 0x87, isid, statSn: 9 }), text(ANSWERS)),
    );
    expect(expStatSn).toBe(10);
    expect(warnings).toHaveLength(3);
  });

  it('follows a redirection only to an address', () => {
    const moved = (status: number, data: Uint8Array) => offered().receive(responseBhs({ status }), data);
    expect(moved(0x0101, text({ TargetAddress: '[fe80::2%en0]:3261,4' }))).toEqual({
      kind: 'redirect',
      permanent: false,
      address: { host: 'fe80::2%en0', port: 3261, groupTag: 4 },
    });
    expect(moved(0x0102, text({ TargetAddress: 'san' }))).toMatchObject({ kind: 'redirect', permanent: true });
    expect(errorOf(moved(0x0101, text({})))).toMatchObject({ code: 'LOGIN_REDIRECT' });
    expect(errorOf(moved(0x0101, text({ TargetAddress: 'nowhere:x' }))).message).toContain('"nowhere:x"');
    expect(errorOf(moved(0x0101, text(['x']))).code).toBe('PROTOCOL_MALFORMED');
  });

  it('turns every status into its error', () => {
    for (let code = 0x0200; code < 0x10000; code += 1) {
      const error = errorOf(offered().receive(responseBhs({ status: code }), text({})));
      expect(error.details).toMatchObject({ statusClass: code >> 8, statusDetail: code & 255 });
      expect(error.code).toBe(code === 0x0201 ? 'AUTH_REFUSED' : 'LOGIN_REFUSED');
      if (code === 0x0400) code = 0xfeff;
    }
  });

  it('knows no step before it starts or after it ends', () => {
    expect(errorOf(new InitiatorLogin(initiatorConfig()).receive(responseBhs(LAST), text({}))).code).toBe(
      'PROTOCOL_UNEXPECTED',
    );
    const login = offered();
    resultOf(login.receive(responseBhs(LAST), text(ANSWERS)));
    expect(errorOf(login.receive(responseBhs(LAST), text(ANSWERS))).code).toBe('PROTOCOL_UNEXPECTED');
    expect(errorOf(offered().start()).code).toBe('PROTOCOL_UNEXPECTED');
  });

  it('ends in a typed error, or goes on, at every state and whatever comes', () => {
    const states = ['method', 'chap method', 'challenge', 'proof', 'leave', 'operational'] as const;
    const reach = (state: (typeof states)[number]) => {
      if (state === 'operational') return offered();
      const proving = state !== 'method' && state !== 'leave';
      const login = new InitiatorLogin(
        initiatorConfig(
          proving
            ? { chap: { user: 'alice', secret: 'a secret of sixteen', mutual: { secret: 'another of these' } } }
            : {},
        ),
      );
      sentBy(login.start());
      if (state === 'leave') sentBy(login.receive(responseBhs(), text({ AuthMethod: 'None' })));
      if (state === 'challenge' || state === 'proof')
        sentBy(login.receive(responseBhs(), text({ AuthMethod: 'CHAP' })));
      if (state === 'proof')
        sentBy(login.receive(responseBhs({ statSn: 1 }), text({ CHAP_A: '7', CHAP_I: '1', CHAP_C: '0x0102' })));
      return login;
    };
    const line = fc.tuple(
      fc.constantFrom(
        'AuthMethod',
        'CHAP_A',
        'CHAP_I',
        'CHAP_C',
        'CHAP_N',
        'CHAP_R',
        'MaxBurstLength',
        'HeaderDigest',
        'InitialR2T',
        'TargetAddress',
        'X-a',
        '__proto__',
        'k',
      ),
      fc.oneof(fc.constantFrom('CHAP', 'None', 'Yes', '5', '512', '0x00', 'Reject', 'Irrelevant', ''), fc.string()),
    );
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.array(line, { maxLength: 5 }).map((lines) => text(lines.map(([k, v]) => `${k}=${v}`))),
    );
    const bhs = fc.oneof(
      fc.uint8Array({ minLength: 48, maxLength: 48 }),
      fc
        .record({
          flags: fc.integer({ min: 0, max: 255 }),
          status: fc.constantFrom(0, 0, 0, 0x0101, 0x0200, 0x0201, 0x0302),
        })
        .map(responseBhs),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...states),
        fc.array(fc.tuple(bhs, data), { minLength: 1, maxLength: 4 }),
        (state, inputs) => {
          const login = reach(state);
          for (const [header, body] of inputs) {
            const step = login.receive(header, body);
            if (step.kind === 'failed') expect(['LoginError', 'AuthError', 'ProtocolError']).toContain(step.error.name);
            if (step.kind !== 'send') return;
            expect(step.pdu.bhs[0]).toBe(0x43);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('draws nothing from an answer that ends early', () => {
    const whole = text(ANSWERS);
    for (let length = 0; length < whole.length; length += 1) {
      const step = offered({ random: seeded(1) }).receive(responseBhs(LAST), whole.subarray(0, length));
      if (step.kind === 'done') expect(step.result.parameters.maxBurstLength).toBe(262144);
      else expect(step.kind).toBe('failed');
    }
  });
});
