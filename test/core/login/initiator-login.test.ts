import { describe, expect, it } from 'vitest';
import { InitiatorLogin, type InitiatorLoginConfig } from '../../../core/login/index.ts';
import { hex, initiatorConfig, keysOf, responseBhs, resultOf, rowsOf, sentBy, text } from './support.ts';
import { ANSWERS, LAST } from './usual-answers.ts';

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
