import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasIscsiadm, LinuxInitiator, MockInitiator } from '../../../core/node/system-initiator/index.ts';

let folder = '';
let program = '';

/** Answers as iscsiadm(8) says, from what its folder tells it; notes how it was called. */
const STAND_IN = `#!/usr/bin/env node
const { appendFileSync, readFileSync } = require('node:fs');
const folder = require('node:path').dirname(process.argv[1]);
const args = process.argv.slice(2);
appendFileSync(folder + '/calls', JSON.stringify(args) + '\\n');
const plan = JSON.parse(readFileSync(folder + '/plan.json', 'utf8'));
const step = plan[Object.keys(plan).find((key) => args.join(' ').includes(key))] ?? { exit: 7, err: 'iscsiadm: bad arguments' };
process.stdout.write(step.out ?? '');
process.stderr.write(step.err ?? '');
process.exit(step.exit ?? 0);
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iscsiadm-'));
  program = join(folder, 'iscsiadm');
  await writeFile(program, STAND_IN);
  await chmod(program, 0o755);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function planned(plan: Record<string, { out?: string; err?: string; exit?: number }>): Promise<LinuxInitiator> {
  await writeFile(join(folder, 'plan.json'), JSON.stringify(plan));
  await writeFile(join(folder, 'calls'), '');
  return new LinuxInitiator({ program });
}

async function calls(): Promise<string[][]> {
  const text = await readFile(join(folder, 'calls'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as string[]);
}

const TARGET = { portal: '10.0.0.1:3260', groupTag: '1', target: 'iqn.2026-01.test:a' };

describe("this computer's initiator", () => {
  it('is there to be asked where its program is, under whatever root, and may be run', async () => {
    const root = await mkdtemp(join(tmpdir(), 'iscsiadm-root-'));
    try {
      expect(await hasIscsiadm(root)).toBe(false);
      await mkdir(join(root, 'sbin'));
      await writeFile(join(root, 'sbin', 'iscsiadm'), '', { mode: 0o644 });
      expect(await hasIscsiadm(root)).toBe(false);
      await chmod(join(root, 'sbin', 'iscsiadm'), 0o755);
      expect(await hasIscsiadm(root)).toBe(true);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  it('lists targets, and passes over lines that are none', async () => {
    const out = [
      '10.0.0.1:3260,1 iqn.2026-01.test:a',
      '[fe80::1]:3260,-1 iqn.2026-01.test:b',
      'Logging in to nowhere',
      '10.0.0.1:99999,1 iqn.2026-01.test:c',
      '10.0.0.1:3260,1 <script>',
      '10.0.0.2:3260,1 iqn.2004-01.com.example:NAS_1.Target-1',
      '; rm -rf /',
      '',
    ].join('\n');
    const initiator = await planned({ discovery: { out } });
    expect(await initiator.discoverTargets('10.0.0.1', false)).toEqual([
      { ...TARGET, login: 'not asked' },
      { portal: '[fe80::1]:3260', groupTag: '-1', target: 'iqn.2026-01.test:b', login: 'not asked' },
      { portal: '10.0.0.2:3260', groupTag: '1', target: 'iqn.2004-01.com.example:NAS_1.Target-1', login: 'not asked' },
    ]);
    expect(await calls()).toEqual([['-m', 'discovery', '-t', 'sendtargets', '-p', '10.0.0.1:3260']]);
    expect(initiator.isMock).toBe(false);
    expect(initiator.getOptions()).toEqual({});
  });

  it('logs in to each target, and tells which logins failed', async () => {
    const initiator = await planned({
      discovery: { out: ['a', 'b', 'c'].map((name) => `10.0.0.1:3260,1 iqn.2026-01.test:${name}`).join('\n') },
      'test:a -p': { out: 'Login successful' },
      'test:b -p': { exit: 24, err: 'iscsiadm: Could not login (authorization failure)' },
      'test:c -p': { exit: 15, err: 'iscsiadm: session exists' },
    });
    const found = await initiator.discoverTargets('10.0.0.1:3260', true);
    expect(found.map((each) => each.login)).toEqual(['done', 'failed', 'done']);
    expect(found[1]?.error).toMatchObject({ code: 'AUTH_REFUSED', details: { exit: 24 } });
    expect((await calls()).slice(1)).toEqual(
      ['a', 'b', 'c'].map((name) => ['-m', 'node', '-T', `iqn.2026-01.test:${name}`, '-p', '10.0.0.1:3260', '--login']),
    );
  });

  it('takes no targets, no session and nothing to rescan as answers', async () => {
    const none = { exit: 21, err: 'iscsiadm: No records found' };
    const initiator = await planned({ discovery: none, '--logout': none, '--rescan': none });
    expect(await initiator.discoverTargets('10.0.0.1', true)).toEqual([]);
    await initiator.performLogout(TARGET);
    await initiator.performRescan();
  });

  it.each([
    [4, 'CONNECT_REFUSED'],
    [8, 'CONNECT_TIMEOUT'],
    [12, 'UNSUPPORTED'],
    [13, 'UNSUPPORTED'],
    [20, 'UNSUPPORTED'],
    [19, 'LOGIN_REFUSED'],
    [99, 'IO_FAILED'],
  ])('makes exit %i a %s with a sentence', async (exit, code) => {
    const initiator = await planned({ '--login': { exit, err: 'iscsiadm: initiator reported error' } });
    const failure = await initiator.performLogin(TARGET).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, details: { exit, said: 'iscsiadm: initiator reported error' } });
    expect((failure as Error).message).toContain('iqn.2026-01.test:a');
  });

  it('lets nothing become an option of the program', async () => {
    const initiator = await planned({});
    for (const address of ['--help', '-x y', '$(reboot)', 'a b'])
      await expect(initiator.discoverTargets(address, false)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(initiator.performLogin({ ...TARGET, target: '--op=delete' })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
    await expect(initiator.performLogin({ ...TARGET, portal: '$(reboot)' })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
  });

  it('says so where there is no iscsiadm, and where it does not end', async () => {
    const missing = new LinuxInitiator({ program: join(folder, 'nothing') });
    await expect(missing.performRescan()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    const slow = join(folder, 'slow');
    await writeFile(slow, '#!/bin/sh\nexec sleep 60\n');
    await chmod(slow, 0o755);
    await expect(new LinuxInitiator({ program: slow, timeoutMs: 100 }).performRescan()).rejects.toMatchObject({
      code: 'IO_FAILED',
    });
  });

  it('reads initiator names, from a file of its own too, and below another root', async () => {
    const initiator = await planned({});
    const file = join(folder, 'names');
    await writeFile(file, '## comment\nInitiatorName=iqn.1993-08.org.debian:01:abc\nInitiatorName=rubbish\nIsid=1\n');
    expect(await initiator.getInitiators(file)).toEqual(['iqn.1993-08.org.debian:01:abc']);
    await mkdir(join(folder, 'root/etc/iscsi'), { recursive: true });
    await writeFile(
      join(folder, 'root/etc/iscsi/initiatorname.iscsi'),
      'InitiatorName=iqn.1993-08.org.debian:01:root\n',
    );
    const rooted = new LinuxInitiator({ chrootDirectory: join(folder, 'root') });
    expect(await rooted.getInitiators()).toEqual(['iqn.1993-08.org.debian:01:root']);
    expect(rooted.getOptions()).toEqual({ chrootDirectory: join(folder, 'root') });
    await expect(initiator.getInitiators(join(folder, 'absent'))).rejects.toMatchObject({ code: 'IO_FAILED' });
  });
});

describe('the mock', () => {
  it('has one target and one initiator where nothing is said', async () => {
    const mock = new MockInitiator();
    expect(mock.isMock).toBe(true);
    expect(mock.getOptions()).toEqual({});
    expect(await mock.getInitiators()).toHaveLength(1);
    expect(await mock.discoverTargets('10.0.0.1:3260', false)).toHaveLength(1);
  });

  it('has as many as it is told, and fails where it is told', async () => {
    const mock = new MockInitiator({ numberOfTargets: '3', numberOfInitiators: '2' });
    expect(await mock.getInitiators()).toHaveLength(2);
    mock.failingTargets.add('iqn.2026-01.org.lunascope.mock:target2');
    const found = await mock.discoverTargets('10.0.0.1:3260', true);
    expect(found.map((each) => each.login)).toEqual(['done', 'failed', 'done']);
    expect(mock.sessions).toHaveLength(2);
    for (const target of found) await mock.performLogout(target);
    await mock.performRescan();
    expect(mock.sessions).toEqual([]);
    for (const call of ['discovery', 'initiators', 'login', 'logout', 'rescan'] as const) mock.failing.add(call);
    const [target] = found;
    if (target === undefined) throw new Error('no target');
    await expect(mock.discoverTargets('x', false)).rejects.toMatchObject({ code: 'CONNECT_REFUSED' });
    await expect(mock.getInitiators()).rejects.toMatchObject({ code: 'IO_FAILED' });
    await expect(mock.performLogin(target)).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
    await expect(mock.performLogout(target)).rejects.toMatchObject({ code: 'IO_FAILED' });
    await expect(mock.performRescan()).rejects.toMatchObject({ code: 'IO_FAILED' });
  });

  it('takes no counts that are none', () => {
    expect(() => new MockInitiator({ numberOfTargets: '-1' })).toThrow(/whole number/u);
    expect(() => new MockInitiator({ numberOfInitiators: 'many' })).toThrow(/whole number/u);
  });
});
