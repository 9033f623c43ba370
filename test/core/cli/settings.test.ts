import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../../core/initiator/index.ts';
import { SETTINGS, shareStore } from '../../../core/node/index.ts';
import { TlsTerminator } from '../../support/tls-terminator.ts';
import { Cleanup, patterned, startRig, TARGET, type Rig } from '../initiator/support.ts';
import { cli } from './support.ts';

const cleanup = new Cleanup();
let rig: Rig;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lunascope-settings-'));
  cleanup.add(() => rm(folder, { recursive: true }));
  rig = await startRig(cleanup, [patterned(2048).store]);
});
afterEach(() => cleanup.run());

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const where = (): string => `host: 127.0.0.1\nport: ${String(rig.port)}\ntarget: ${TARGET}\nlun: 0\n`;

interface Info {
  readonly session: {
    readonly negotiated: readonly { readonly key: string; readonly offered: string | null }[];
    readonly tuning: { readonly transferBytes: number | null };
  };
}

async function offered(args: readonly string[]): Promise<(key: string) => string | null | undefined> {
  const run = await cli(['info', ...args, '--json']);
  expect(run.err).toBe('');
  const { negotiated } = (run.json() as Info).session;
  return (key) => negotiated.find((each) => each.key === key)?.offered;
}

describe('a file of settings', () => {
  it('stands in for the link with every verb', async () => {
    const config = await file('session.yaml', where());
    expect((await cli(['discover', '--config', config])).out).toContain(TARGET);
    expect((await cli(['luns', '--config', config])).out).toMatch(/^LUN 0/u);
    expect((await cli(['info', '--config', config])).out).toMatch(/Serial number +SN0/u);
    expect((await cli(['read', '--config', config, '--lba', '1'])).out).toMatch(/^000000000200/u);
    const data = await file('data', 'x'.repeat(512));
    expect((await cli(['write', '--config', config, '--lba', '3', '--in', data, '--yes'])).out).toMatch(/^512 bytes/u);
    const bench = ['bench', '--config', config, '--rw', 'read', '--seconds', '1', '--json'];
    expect(Object.keys((await cli(bench)).json() as object)).toContain('iops');
    const link = `iscsi://127.0.0.1:${String(rig.port)}/${TARGET}/0`;
    const recorded = ['record', link, '--out', join(folder, 'r.pcapng'), '--', 'luns', '--config', config];
    expect((await cli(recorded)).code).toBe(0);
  });

  it('sets what the session offers, and flags come before it', async () => {
    const config = await file(
      'session.json',
      JSON.stringify({
        host: '127.0.0.1',
        port: rig.port,
        target: TARGET,
        lun: 0,
        maxBurstLength: 65536,
        firstBurstLength: 4096,
        maxRecvDataSegmentLength: 12288,
        initialR2T: true,
        immediateData: false,
        headerDigest: ['CRC32C', 'None'],
        errorRecoveryLevel: 1,
        defaultTime2Wait: 7,
      }),
    );
    const fromFile = await offered(['--config', config]);
    expect(fromFile('MaxBurstLength')).toBe('65536');
    expect(fromFile('FirstBurstLength')).toBe('4096');
    expect(fromFile('MaxRecvDataSegmentLength')).toBe('12288');
    expect(fromFile('InitialR2T')).toBe('Yes');
    expect(fromFile('ImmediateData')).toBe('No');
    expect(fromFile('HeaderDigest')).toBe('CRC32C,None');
    expect(fromFile('ErrorRecoveryLevel')).toBe('1');
    expect(fromFile('DefaultTime2Wait')).toBe('7');
    const flags =
      '--max-burst 131072 --mrdsl 8192 --no-initial-r2t --immediate --digests none --error-recovery-level 0';
    const fromFlags = await offered(['--config', config, ...flags.split(' ')]);
    expect(fromFlags('MaxBurstLength')).toBe('131072');
    expect(fromFlags('FirstBurstLength')).toBe('4096');
    expect(fromFlags('MaxRecvDataSegmentLength')).toBe('8192');
    expect(fromFlags('InitialR2T')).toBe('No');
    expect(fromFlags('ImmediateData')).toBe('Yes');
    expect(fromFlags('HeaderDigest')).toBe('None');
    expect(fromFlags('ErrorRecoveryLevel')).toBe('0');
  });

  it('takes its secret from a file beside it, before the environment', async () => {
    const auth = { kind: 'chap', accounts: new Map([['me', 'secretsecret']]) } as const;
    const share = await shareStore(patterned(16).store, { port: 0, auth });
    cleanup.add(() => share.close());
    const at = `host: 127.0.0.1\nport: ${String(share.port)}\ntarget: ${share.targetName}\nchap:\n  user: me\n`;
    await file('secret', 'secretsecret\n');
    const config = await file('chap.yaml', `${at}  secretFile: secret\n`);
    expect(await cli(['luns', '--config', config], { LUNASCOPE_CHAP_SECRET: 'x' })).toMatchObject({ code: 0, err: '' });
    const missing = await file('none.yaml', `${at}  secretFile: not-there\n`);
    expect((await cli(['luns', '--config', missing])).err).toMatch(/not-there cannot/u);
    const other = await file('other', 'anothersecret\n');
    expect((await cli(['luns', '--config', config, '--secret-file', other])).err).toMatch(/AUTH_REFUSED/u);
    const nobody = await file('nobody.yaml', at.replace('  user: me\n', '  secretFile: secret\n'));
    expect(await cli(['luns', '--config', nobody])).toMatchObject({
      code: 2,
      err: expect.stringContaining('chap.secretFile in the file of settings says how to sign in') as unknown,
    });
  });

  it.each([
    [
      'maxBurstLength: 12',
      /^maxBurstLength takes a whole number from 512 to 16777215, not "12" \(.*s\.yaml, line 1\)\./u,
    ],
    ['colour: blue', /^There is no setting "colour" \(.*s\.yaml, line 1\)\.[\s\S]*The settings are host, port/u],
    ['chap:\n  secret: x', /There is no setting "chap\.secret" \(.*line 2\)/u],
    ['host 127.0.0.1', /A line reads "name: value" \(.*line 1\)/u],
    ['{', /are not JSON \(.*s\.yaml\)/u],
    ['host: 127.0.0.1', /names no target/u],
    ['target: iqn.2026-01.test:a', /1 argument is needed, 0 given[\s\S]*--config/u],
  ])('%j is refused with file, line and what is allowed', async (text, sentence) => {
    const run = await cli(['luns', '--config', await file('s.yaml', text)]);
    expect(run.err).toMatch(sentence);
    expect(run).toMatchObject({ code: 2, out: '' });
  });

  it('that is not there is named', async () => {
    expect((await cli(['luns', '--config', join(folder, 'none')])).err).toMatch(
      /The settings in .*none cannot be read/u,
    );
  });

  it('tunes bursts for a size of transfer, and info says how', async () => {
    const config = await file('tuned.yaml', `${where()}transferBytes: 1048576\nmaxBurstLength: 262144\n`);
    const { out } = await cli(['info', '--config', config]);
    expect(out).toMatch(/^MaxRecvDataSegmentLength {2}262144, chosen for the size of transfers$/mu);
    expect(out).toMatch(/^MaxBurstLength {12}262144, fixed by hand$/mu);
    expect(out).toMatch(/^1048576 bytes {13}a read in 4 segments, a write with \d+ bytes unasked and 3 R2Ts$/mu);
    const flag = (await cli(['info', '--config', config, '--transfer-size', '64k', '--json'])).json() as Info;
    expect(flag.session.tuning.transferBytes).toBe(65_536);
  });

  it('knows every option that has a default', () => {
    for (const option of Object.keys(DEFAULTS)) expect(SETTINGS.has(option), option).toBe(true);
  });
});

describe('TLS on the command line', () => {
  const ca = new URL('../../fixtures/tls/ca.pem', import.meta.url).pathname;

  it('is switched on by flags or file, and told apart from bare TCP', async () => {
    const terminator = await TlsTerminator.start({ host: '127.0.0.1', port: rig.port });
    cleanup.add(() => terminator.stop());
    const at = `127.0.0.1:${String(terminator.port)}`;
    expect((await cli(['discover', at, '--tls-ca', ca])).out).toContain(TARGET);
    const config = await file(
      'tls.yaml',
      `host: 127.0.0.1\nport: ${String(terminator.port)}\ntarget: ${TARGET}\ntls:\n  caFile: ${ca}\n`,
    );
    expect(await cli(['luns', '--config', config])).toMatchObject({ code: 0, err: '' });
    expect((await cli(['luns', '--config', config, '--no-tls', '--login-timeout', '500'])).code).toBe(1);
    expect((await cli(['discover', at, '--tls'])).err).toMatch(
      /authority that is not known.*\(TLS_FAILED\)\n.*\(ca\)/u,
    );
    const unverified = await cli(['discover', at, '--tls-no-verify']);
    expect(unverified).toMatchObject({ code: 0 });
    expect(unverified.err).toMatch(/^warning: the certificate is not verified/u);
    expect((await cli(['discover', at, '--tls-ca', ca, '--tls-servername', 'x.test'])).err).toMatch(/made out to DNS/u);
  });

  it('is refused where files or flags do not go together', async () => {
    expect((await cli(['discover', 'h', '--tls', '--no-tls'])).err).toMatch(/opposites/u);
    expect((await cli(['discover', 'h', '--tls-ca', join(folder, 'none')])).err).toMatch(
      /TLS authority .*none cannot/u,
    );
    expect((await cli(['discover', 'h', '--tls-cert', ca])).err).toMatch(/go together/u);
  });
});

describe('a wrong flag', () => {
  const link = 'iscsi://127.0.0.1:1/iqn.2026-01.org.example:x/0';
  it.each([
    [['read', link, '--lba', '-1'], '--lba takes a number below 2^64, not "-1".'],
    [['read', link, '--lba=-1'], '--lba takes a number below 2^64, not "-1".'],
    [['read', link, '--lba', ''], '--lba takes a number below 2^64, not "".'],
    [['read', link, '--count', '1e3'], '--count takes a number below 2^64, not "1e3".'],
    [['read', link, '--lba', '18446744073709551616'], '--lba takes a number below 2^64, not "18446744073709551616".'],
    [['read', link, '--lba'], '--lba needs a value.'],
    [['read', link, '--lba', '--verbose'], '--lba needs a value.'],
    [['read', link, '--verbose=yes'], '--verbose takes no value, yet "yes" was given.'],
    [['read', link, '-5'], 'There is no flag -5 here.'],
    [['read', link, '--nonsense=1'], 'There is no flag --nonsense here.'],
    [['read', link, '--__proto__', 'x'], 'There is no flag --__proto__ here.'],
    [['bench', link, '--block', '-4k'], '--block takes a size such as 4k, 128M or 1G, not "-4k".'],
    [['bench', link, '--qd', '-1'], '--qd takes a whole number from 1 to 4096, not "-1".'],
    [['bench', link, '--seconds', '-1'], '--seconds takes a whole number from 1 to 86400, not "-1".'],
    [['luns', link, '--mrdsl', '-512'], '--mrdsl takes a whole number from 512 to 16777215, not "-512".'],
    [['luns', link, '--connect-timeout', '-1'], '--connect-timeout takes a whole number from 1 to 86400000, not "-1".'],
    [
      ['luns', link, '--reconnect-attempts', '-1'],
      '--reconnect-attempts takes a whole number from 0 to 1048576, not "-1".',
    ],
    [['luns', link, '--transfer-size', '-1'], '--transfer-size takes a size such as 4k, 128M or 1G, not "-1".'],
    [
      ['luns', link, '--immediate', '--no-immediate'],
      '--immediate and --no-immediate are opposites; only one can hold.',
    ],
    [['serve', '--memory', '-1'], '--memory takes a size such as 4k, 128M or 1G, not "-1".'],
    [['serve', '--memory', '1M', '--port', '-1'], '--port takes a whole number from 0 to 65535, not "-1".'],
    [['luns', '--trace', '-x', link], '--trace takes off, headers or full, not "-x".'],
  ])('%j is told in a sentence of its own', async (args, sentence) => {
    const run = await cli(args);
    expect(run.err.split('\n')[0]).toBe(`${sentence} (BAD_ARGUMENT)`);
    expect(run.code).toBe(2);
  });

  it('is not a value that begins with a dash, nor what follows --', async () => {
    expect((await cli(['decode', '--', '-no-such-capture'])).err).toMatch(/-no-such-capture/u);
    expect((await cli(['read', link, '--out', '-x', '--connect-timeout', '500'])).err).toMatch(/Nothing accepts/u);
  });
});
