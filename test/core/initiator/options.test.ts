import { describe, expect, it } from 'vitest';
import type { ConnectOptions } from '../../../core/initiator/index.ts';
import { DEFAULTS, sessionOptions } from '../../../core/initiator/options.ts';

const PORTAL = { host: '192.0.2.1' };
const TARGET = 'iqn.2026-01.org.example:disks';
const made = (options: object) =>
  sessionOptions(PORTAL, { target: TARGET, ...(options as Partial<ConnectOptions>) }, 'Normal');

describe('options that are left out', () => {
  it('have the defaults the documentation names', () => {
    const options = made({});
    expect(options).toMatchObject({
      targetName: TARGET,
      portal: { host: '192.0.2.1', port: 3260, groupTag: null },
      digestOrder: 'little',
      connectTimeoutMs: 10_000,
      loginTimeoutMs: 15_000,
      commandTimeoutMs: 30_000,
      logoutTimeoutMs: 5000,
      abortTimeoutMs: 5000,
      keepaliveIntervalMs: 5000,
      keepaliveTimeoutMs: 5000,
      snackTimeoutMs: 5000,
      maxRedirects: 4,
      maxReconnectAttempts: 20,
      reconnectBackoffMs: 1000,
      queueLimit: 65_536,
      textLimit: 8 * 1024 * 1024,
      offers: {
        headerDigest: ['None'],
        dataDigest: ['None'],
        initialR2T: false,
        immediateData: true,
        maxRecvDataSegmentLength: 262_144,
        firstBurstLength: 262_144,
        maxBurstLength: 1_048_576,
        maxOutstandingR2T: 1,
        maxConnections: 1,
        errorRecoveryLevel: 0,
        defaultTime2Wait: 2,
        defaultTime2Retain: 20,
      },
    });
    expect(options.initiatorName).toMatch(/^iqn\.2026-01\.org\.lunascope:[0-9a-f]{12}$/u);
    expect(options.isid).toHaveLength(6);
    expect(made({}).initiatorName).not.toBe(options.initiatorName);
  });

  it('let discovery end with its connection', () => {
    expect(sessionOptions(PORTAL, { maxReconnectAttempts: 5 }, 'Discovery')).toMatchObject({ maxReconnectAttempts: 0 });
  });
});

describe('options that are given', () => {
  it('are kept as they are', () => {
    const chap = {
      user: 'me',
      secret: 'secretsecret',
      mutual: { secret: 'othersecret1' },
      algorithms: [7, 5] as const,
    };
    expect(
      made({ chap, initiatorAlias: 'lab', digestByteOrder: 'big', operationalOverrides: { MaxBurstLength: '4096' } }),
    ).toMatchObject({
      chap,
      initiatorAlias: 'lab',
      digestOrder: 'big',
      overrides: new Map([['MaxBurstLength', '4096']]),
    });
    expect(made({ keepaliveIntervalMs: 0, maxReconnectAttempts: 0, maxRedirects: 0 })).toMatchObject({
      keepaliveIntervalMs: 0,
      maxReconnectAttempts: 0,
      maxRedirects: 0,
    });
  });

  it.each([
    [{ chap: { user: '', secret: 'x' } }, /user name/u],
    [{ chap: { user: 'a', secret: '' } }, /needs a secret/u],
    [{ chap: { user: 'a', secret: 'b', algorithms: [9] } }, /5, 6, 7 and 8, not 9/u],
    [{ digestByteOrder: 'middle' }, /little or big, not middle/u],
    [{ isid: new Uint8Array(7) }, /An ISID has 6 bytes; 7/u],
    [{ initiatorName: 'me' }, /"me" is no initiator name/u],
    [{ target: 'me' }, /"me" is no target name/u],
    [{ target: `iqn.2026-01.org.example:${'x'.repeat(300)}` }, /x\.\.\." is no target name/u],
    [{ target: 'iqn.2026-01.org.example:a\u0000b' }, /is no target name/u],
    [{ connectTimeoutMs: 0 }, /connectTimeoutMs is a whole number from 1 to 86400000; 0 is not/u],
    [{ commandTimeoutMs: NaN }, /commandTimeoutMs .* NaN is not/u],
    [{ maxConnections: 65_536 }, /maxConnections is a whole number from 1 to 65535/u],
    [{ maxOutstandingR2T: 0 }, /maxOutstandingR2T/u],
    [{ defaultTime2Wait: 3601 }, /from 0 to 3600/u],
    [{ reconnectBackoffMs: 30_001 }, /from 1 to 30000/u],
    [{ textLimit: 1 }, /textLimit/u],
    [{ queueLimit: 0 }, /queueLimit/u],
    [{ errorRecoveryLevel: 3 }, /errorRecoveryLevel is a whole number from 0 to 2; 3 is not/u],
    [{ maxBurstLength: 511 }, /maxBurstLength is a whole number from 512 to 16777215; 511 is not/u],
  ])('%# is refused with its name and its range', (options, sentence) => {
    expect(() => made(options)).toThrow(sentence);
  });

  it('need a host and a port that is one', () => {
    expect(() => sessionOptions({ host: ' ' }, {}, 'Discovery')).toThrow(/no host/u);
    expect(() => sessionOptions({ host: 'a', port: 65_536 }, {}, 'Discovery')).toThrow(/port is a whole number/u);
    expect(Object.keys(DEFAULTS)).toHaveLength(18);
  });
});
