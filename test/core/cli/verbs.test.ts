import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Cleanup, patterned, startRig, TARGET, type Rig } from '../initiator/support.ts';
import { cli } from './support.ts';

const ANY_NUMBER: unknown = expect.any(Number);
const ANY_TEXT: unknown = expect.any(String);
const HEX: unknown = expect.stringMatching(/^[0-9a-f]+$/u);
const HAS_MAX_BURST: unknown = expect.arrayContaining([expect.objectContaining({ key: 'MaxBurstLength' })]);
const containing = (text: string): unknown => expect.stringContaining(text);

const cleanup = new Cleanup();
const { store, bytes } = patterned(2048);
let rig: Rig;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lunascope-cli-'));
  cleanup.add(() => rm(folder, { recursive: true }));
  rig = await startRig(cleanup, [store]);
});
afterEach(() => cleanup.run());

const url = (lun = '/0'): string => `iscsi://127.0.0.1:${String(rig.port)}/${TARGET}${lun}`;

describe('with --json', () => {
  it('discover prints portal, targets and warnings', async () => {
    const run = await cli(['discover', `127.0.0.1:${String(rig.port)}`, '--json']);
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.json()).toEqual({
      portal: { host: '127.0.0.1', port: rig.port },
      targets: [{ name: TARGET, portals: [{ host: '127.0.0.1', port: rig.port, groupTag: 1 }] }],
      warnings: [],
    });
  });

  it('luns prints one object a LUN, 64-bit numbers as text', async () => {
    const run = await cli(['luns', url(''), '--json']);
    expect(run.json()).toEqual({
      luns: [
        {
          lun: '0000000000000000',
          number: 0,
          type: 'disk',
          vendor: ANY_TEXT,
          product: ANY_TEXT,
          blocks: '2048',
          blockSize: 512,
          error: null,
        },
      ],
    });
  });

  it('info prints every fact with its raw bytes, or its error', async () => {
    const info = (await cli(['info', url(), '--json'])).json() as Record<string, unknown>;
    expect(Object.keys(info)).toEqual([
      'lun',
      'identity',
      'inquiry',
      'capacity',
      'vpd',
      'mode',
      'portGroups',
      'reservation',
      'reservationKeys',
      'commands',
      'session',
    ]);
    expect(info['identity']).toMatchObject({ serial: containing('SN0') });
    expect(info['capacity']).toMatchObject({
      value: { blocks: '2048', blockSize: 512 },
      raw: HEX,
      error: null,
    });
    expect(info['session']).toMatchObject({
      target: TARGET,
      negotiated: HAS_MAX_BURST,
    });
  });

  it('bench prints its five figures', async () => {
    const run = await cli([
      'bench',
      url(),
      '--rw',
      'randread',
      '--block',
      '4k',
      '--qd',
      '4',
      '--seconds',
      '1',
      '--json',
    ]);
    expect(run.json()).toEqual({
      iops: ANY_NUMBER,
      mbps: ANY_NUMBER,
      cpuUsPerIo: ANY_NUMBER,
      p50Us: ANY_NUMBER,
      p99Us: ANY_NUMBER,
    });
  });

  it('an error is one object on standard error', async () => {
    const run = await cli(['luns', 'iscsi://127.0.0.1:1/iqn.2026-01.org.example:x', '--json']);
    expect(run).toMatchObject({ code: 1, out: '' });
    expect(JSON.parse(run.err)).toMatchObject({
      code: 'CONNECT_REFUSED',
      message: containing('127.0.0.1:1'),
      hint: ANY_TEXT,
      details: { systemCode: 'ECONNREFUSED' },
    });
  });
});

describe('for people', () => {
  it('every verb says what it found', async () => {
    expect((await cli(['discover', `127.0.0.1:${String(rig.port)}`])).out).toBe(
      `${TARGET}\n  127.0.0.1:${String(rig.port)}, group 1\n`,
    );
    expect((await cli(['luns', url('')])).out).toMatch(/^LUN 0 {2}disk .* 1\.00 MiB, 512 B blocks\n$/u);
    const info = await cli(['info', url()]);
    expect(info.out).toMatch(/Serial number +SN0/u);
    expect(info.out).toMatch(/MaxBurstLength +\d+/u);
    const dump = await cli(['read', url(), '--lba', '1', '--count', '1']);
    expect(dump.out.split('\n')[0]).toBe(
      '000000000200  01 20 3f 5e 7d 9c bb da  f9 18 37 56 75 94 b3 d2  |. ?^}.....7Vu...|',
    );
    const bench = ['bench', url(), '--rw', 'read', '--block', '4k', '--qd', '1', '--seconds', '1'];
    expect((await cli(bench)).out).toMatch(/1 s to warm up: \d+ IOPS/u);
    expect((await cli([...bench, '--ramp', '0'])).out).toMatch(/0 s to warm up: \d+ IOPS/u);
  });

  it('help is there for all and for each', async () => {
    expect((await cli([])).code).toBe(2);
    const help = await cli(['help']);
    expect(help.code).toBe(0);
    for (const verb of ['discover', 'luns', 'info', 'read', 'write', 'bench', 'serve', 'decode'])
      expect(help.out).toContain(verb);
    expect((await cli(['read', '--help'])).out).toMatch(/--lba VALUE/u);
    expect((await cli(['help', 'read'])).out).toBe((await cli(['read', '--help'])).out);
    expect(await cli(['help', 'reed'])).toMatchObject({ code: 2, err: containing('no verb "reed"') });
  });
});

describe('data', () => {
  it('goes to a file with its SHA-256, and back', async () => {
    const file = join(folder, 'out.img');
    const read = await cli(['read', url(), '--lba', '3', '--count', '500', '--out', file, '--json']);
    const { createHash } = await import('node:crypto');
    const wanted = bytes.subarray(3 * 512, 503 * 512);
    expect(read.json()).toEqual({
      lba: '3',
      count: '500',
      blockSize: 512,
      bytes: 256000,
      sha256: createHash('sha256').update(wanted).digest('hex'),
      file,
    });
    expect(Buffer.compare(await readFile(file), wanted)).toBe(0);
    await writeFile(file, new Uint8Array(512 * 7).fill(0xab));
    expect((await cli(['write', url(), '--lba', '9', '--in', file])).err).toMatch(/nothing was sent[\s\S]*--yes/u);
    const written = await cli(['write', url(), '--lba', '9', '--in', file, '--yes']);
    expect(written).toMatchObject({ code: 0, out: '3584 bytes written to blocks 9 to 15 and flushed.\n' });
    const back = (await cli(['read', url(), '--lba', '15', '--json'])).json();
    expect(back).toMatchObject({ data: 'ab'.repeat(512) });
  });

  it('is not touched where the call is wrong', async () => {
    const odd = join(folder, 'odd');
    await writeFile(odd, 'not whole blocks');
    const cases: readonly (readonly [readonly string[], RegExp, number])[] = [
      [['write', url(), '--in', odd, '--yes'], /--lba is needed/u, 2],
      [['write', url(), '--lba', '0', '--in', odd, '--yes'], /whole blocks of 512/u, 2],
      [
        ['write', url(), '--lba', '0', '--in', join(folder, 'none'), '--yes'],
        /none cannot be read: there is no such file/u,
        2,
      ],
      [['write', url(), '--lba', '0', '--in', folder, '--yes'], /cannot be read: it is a folder/u, 2],
      [['write', url(), '--lba', '0', '--yes'], /--in is needed/u, 2],
      [['read', url(), '--out', folder], /could not be written: it is a folder/u, 1],
      [['read', url(), '--out', join(folder, 'none', 'x')], /could not be written: there is no such folder/u, 1],
      [['write', url(), '--lba', '2048', '--in', odd, '--yes'], /whole blocks/u, 2],
      [['read', url(), '--lba', '2048'], /last block is 2047/u, 1],
      [['read', url(), '--lba', 'x'], /below 2\^64, not "x"/u, 2],
      [['read', url('')], /names no LUN/u, 2],
      [['read', url(), '--nonsense'], /--nonsense/u, 2],
      [['read', url(), 'more'], /"more" is one argument too many/u, 2],
      [['read'], /1 argument is needed/u, 2],
      [['bench', url(), '--rw', 'write'], /nothing was sent/u, 2],
      [
        ['bench', `iscsi://127.0.0.1:${String(rig.port)}/iqn.2026-01.test:perf-prod/0`, '--rw', 'write'],
        /nothing was sent/u,
        2,
      ],
      [
        ['bench', `iscsi://127.0.0.1:${String(rig.port)}/iqn.2026-01.test:perf/0`, '--rw', 'write'],
        /LOGIN_REFUSED/u,
        1,
      ],
      [['bench', url(), '--rw', 'sideways'], /not "sideways"/u, 2],
      [['bench', url(), '--block', '4q'], /size such as 4k/u, 2],
      [['bench', url(), '--qd', '0'], /from 1 to 4096/u, 2],
      [['bench', url(), '--ramp', '3601'], /from 0 to 3600/u, 2],
      [['info', url('/7')], /no unit at LUN 7|LUN/u, 1],
      [['discover', 'no spaces allowed'], /not a host/u, 2],
      [['discover', 'iser://host'], /RDMA/u, 2],
      [['luns', `iscsi://127.0.0.1:${String(rig.port)}/`], /names no target/u, 2],
      [['luns', url(''), '--digests', 'sha'], /not "sha"/u, 2],
      [['luns', url(''), '--user', 'a'], /no secret/u, 2],
      [
        ['luns', url(''), '--user', 'a', '--secret-file', join(folder, 'none')],
        /secret file .*: there is no such file/u,
        2,
      ],
      [['luns', url(''), '--secret-file', odd], /--secret-file says how to sign in, and no user is given/u, 2],
      [['luns', url(''), '--chap-algorithms', '5'], /--chap-algorithms says how to sign in/u, 2],
      [['luns', url(''), '--target-user', 'b'], /--target-user says how to sign in/u, 2],
      [['luns', url(''), '--user', 'a', '--secret-file', odd, '--target-user', 'b'], /no secret of it is given/u, 2],
      [['luns', url(''), '--trace', 'some'], /off, headers or full/u, 2],
      [['frobnicate'], /no verb "frobnicate"/u, 2],
    ];
    for (const [args, message, code] of cases) {
      const run = await cli(args);
      expect(run.err, args.join(' ')).toMatch(message);
      expect(run.code, args.join(' ')).toBe(code);
    }
    expect((await cli(['read', url(), '--lba', '0', '--json'])).json()).toMatchObject({
      data: Buffer.from(bytes.subarray(0, 512)).toString('hex'),
    });
  });

  it('what a link says and nobody understands is told of', async () => {
    const run = await cli(['luns', `${url('')}?target_pasword=x`]);
    expect(run.err).toBe('warning: "target_pasword" in the link means nothing here and is left out.\n');
    expect(run.code).toBe(0);
  });

  it('a secret on the command line is warned about, one from the environment is not', async () => {
    const direct = await cli(['luns', url(''), '--user', 'a', '--secret', 'secretsecret']);
    expect(direct.err).toMatch(/warning: --secret shows the secret/u);
    const linked = await cli(['luns', url('').replace('://', '://a%secretsecret@')]);
    expect(linked.err).toMatch(/^warning: a secret in the link is shown to everyone/u);
    const quiet = await cli(['luns', url(''), '--user', 'a'], { LUNASCOPE_CHAP_SECRET: 'secretsecret' });
    expect(quiet.err).not.toMatch(/warning/u);
  });
});
