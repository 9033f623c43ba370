import { readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_CREDENTIALS } from '../../core/demo/index.ts';
import type { Answer } from '../../electron/contract/errors.ts';
import type { DemoState } from '../../electron/contract/demo.ts';
import type { ExplorerState } from '../../electron/contract/explorer.ts';
import type { Job } from '../../electron/contract/jobs.ts';
import type { RequestName } from '../../electron/contract/names.ts';
import type { RequestInput, RequestOutput } from '../../electron/contract/requests.ts';
import type { SessionDetail, SessionEntry } from '../../electron/contract/sessions.ts';
import { answerRequest } from '../../electron/main/ipc/dispatch.ts';
import type { Subscriber } from '../../electron/main/ipc/stream-hub.ts';
import { createBackend, type Backend } from '../../electron/main/services/index.ts';
import { createNodeHost } from '../e2e/support/node-host.ts';
import { TlsTerminator, tlsFixture } from '../support/tls-terminator.ts';

const host = '127.0.0.1';

describe('portals and sessions behind the window', () => {
  const node = createNodeHost();
  let backend: Backend;
  let demo: DemoState;
  let silent: Server;
  let latest: ExplorerState | null = null;

  const ask = <N extends RequestName>(name: N, input: RequestInput<N>): Promise<Answer<RequestOutput<N>>> =>
    answerRequest(backend.handlers, name, input, (error) => {
      throw error;
    });
  const valueOf = async <N extends RequestName>(name: N, input: RequestInput<N>): Promise<RequestOutput<N>> => {
    const answer = await ask(name, input);
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value;
  };
  const login = (target: string, change: Partial<RequestInput<'sessions.login'>> = {}) =>
    ask('sessions.login', {
      attempt: `login ${Math.random()}`,
      host,
      port: demo.portals[0]!.port,
      target: `iqn.2026-01.org.lunascope.demo:${target}`,
      chap: null,
      options: {},
      save: false,
      keepSecrets: false,
      ...change,
    });
  const told = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

  beforeAll(async () => {
    backend = await createBackend(node, (error) => {
      throw error;
    });
    demo = await valueOf('demo.start', undefined);
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, host, resolve));
    const sink: Subscriber = {
      send: (message) => {
        if (message.kind !== 'items') return;
        latest = message.items.at(-1) as ExplorerState;
        backend.hub.credit(sink, 1, 1);
      },
    };
    backend.hub.open(sink, 1, 'explorer.state', undefined);
  });
  afterAll(async () => {
    await backend.close();
    silent.close();
    rmSync(node.dataDir, { recursive: true, force: true });
  });

  it('asks every known portal, and a dead one keeps no other from answering', async () => {
    await valueOf('portals.add', { host, port: 1 });
    await valueOf('portals.discoverAll', undefined);
    await told();
    const states = latest?.portals.map(({ port, state }) => [port === 1, state]);
    expect(states).toContainEqual([true, 'failed']);
    expect(states?.filter(([dead, state]) => dead !== true && state === 'answered')).toHaveLength(2);
    expect(latest?.portals.find(({ port }) => port === 1)?.error?.code).toBe('CONNECT_REFUSED');
  });

  it('keeps no portal that never answered, though it was to be saved', async () => {
    const asked = { attempt: 'mistyped', host, port: 2, chap: null, save: true, keepSecrets: false };
    expect((await ask('portals.discover', asked)).ok).toBe(false);
    await told();
    expect(latest?.portals.find(({ port }) => port === 2)).toMatchObject({ origin: 'found', state: 'failed' });
    expect(readFileSync(join(node.dataDir, 'portals.json'), 'utf8')).not.toContain('"port": 2,');
    expect(await valueOf('portals.add', { host, port: 2 })).toMatchObject({ origin: 'saved' });
    await valueOf('portals.remove', { host, port: 2 });
  });

  it('calls a discovery off, and takes back what it said of the portal', async () => {
    const { port } = silent.address() as AddressInfo;
    const connected = new Promise<void>((resolve) => silent.once('connection', () => resolve()));
    const asked = ask('portals.discover', { attempt: 'slow', host, port, chap: null, save: false, keepSecrets: false });
    await connected;
    await valueOf('attempt.cancel', { attempt: 'slow' });
    expect(await asked).toMatchObject({ ok: false, error: { code: 'CANCELLED' } });
    await told();
    expect(latest?.portals.find((portal) => portal.port === port)?.state).toBe('unchecked');
  });

  it('forgets the CHAP name of a discovery once it is asked without', async () => {
    const { port } = demo.portals[0]!;
    const asked = { attempt: 'chap or not', host, port, save: false, keepSecrets: false };
    const chap = { user: 'reader', secret: 'twelve letters', mutual: null };
    // The demo SAN has no CHAP for discovery, and says so.
    expect(await ask('portals.discover', { ...asked, chap })).toMatchObject({
      ok: false,
      error: { code: 'AUTH_REFUSED' },
    });
    await told();
    expect(latest?.portals.find((portal) => portal.port === port)).toMatchObject({ state: 'failed', user: 'reader' });
    expect(await valueOf('portals.discover', { ...asked, chap: null })).toMatchObject({
      state: 'answered',
      user: null,
    });
  });

  it('signs in and tells who each LUN is', async () => {
    const answer = await login('huge');
    if (!answer.ok) throw new Error(answer.error.message);
    expect(answer.value.state).toBe('full');
    expect(answer.value.luns?.map(({ product, bytes, thin, readOnly }) => [product, bytes, thin, readOnly])).toEqual([
      ['Thin 8 TiB', '8796093022208', true, false],
      ['Generated 8 EiB', '9223372036854775808', false, true],
    ]);
  });

  it('keeps a secret for exactly the place it was given for, and shows it nowhere', async () => {
    const { user, secret } = DEMO_CREDENTIALS;
    const first = await login('vault', { chap: { user, secret, mutual: null }, save: true });
    expect(first.ok).toBe(true);
    expect((await login('vault', { chap: { user, secret: null, mutual: null } })).ok).toBe(true);
    const elsewhere = await login('vault', { port: demo.portals[1]!.port, chap: { user, secret: null, mutual: null } });
    expect(elsewhere).toMatchObject({ ok: false, error: { code: 'AUTH_CONFIG' } });
    await told();
    expect(latest?.profiles).toMatchObject([{ user, secrets: 'run' }]);
    // The ports of a demo SAN are those of this run alone.
    expect(readFileSync(join(node.dataDir, 'portals.json'), 'utf8')).not.toContain(user);
    expect(JSON.stringify([latest, first])).not.toContain(secret);
  });

  it('resets only for those who typed the name of the target', async () => {
    const answer = await login('disks');
    if (!answer.ok) throw new Error(answer.error.message);
    const { id, target, luns }: SessionEntry = answer.value;
    const reset = { id, function: 'lunReset', lun: luns?.[0]?.lun ?? null } as const;
    expect(await ask('sessions.manageTasks', { ...reset, typedName: null })).toMatchObject({
      ok: false,
      error: { code: 'BAD_ARGUMENT' },
    });
    expect(await ask('sessions.manageTasks', { ...reset, typedName: `${target}x` })).toMatchObject({ ok: false });
    expect(await ask('sessions.manageTasks', { ...reset, typedName: target })).toMatchObject({
      ok: true,
      value: { complete: true },
    });
  });

  it('keeps which path a disk is read through until it is taken back, but none of a demo SAN over restarts', async () => {
    const unit = 'NAA 6001';
    const target = 'iqn.2026-01.test:a';
    const path = { host: '192.0.2.7', port: 3260, target, lun: '0001000000000000' };
    const ofDemo = { host, port: demo.portals[1]!.port, target, lun: '0000000000000000' };
    await valueOf('luns.choosePath', { unit, path });
    await valueOf('luns.choosePath', { unit: 'NAA demo', path: ofDemo });
    await told();
    expect(latest?.paths).toEqual([
      { ...path, unit },
      { ...ofDemo, unit: 'NAA demo' },
    ]);
    const kept = JSON.parse(readFileSync(join(node.dataDir, 'portals.json'), 'utf8')) as { paths: unknown };
    expect(kept.paths).toEqual([{ ...path, unit }]);
    await valueOf('luns.choosePath', { unit, path: null });
    await told();
    expect(latest?.paths.map((one) => one.unit)).toEqual(['NAA demo']);
  });

  it('keeps what was measured before it was called off', async () => {
    const answer = await login('disks');
    if (!answer.ok) throw new Error(answer.error.message);
    const place = { id: answer.value.id, lun: '0000000000000000' };
    const running = new Promise<string>((resolve) => {
      const sink: Subscriber = {
        send: (message) => {
          const job = message.kind === 'items' ? (message.items.at(-1) as Job[])[0] : undefined;
          if (job?.state === 'running' && (job.progress ?? 0) > 0 && /^[1-9]\d* IOPS$/.test(job.rate ?? ''))
            resolve(job.id);
          backend.hub.credit(sink, 4, 1);
        },
      };
      backend.hub.open(sink, 4, 'jobs.state', undefined);
    });
    const measured = ask('luns.measure', { ...place, access: 'read', blockBytes: 4096, queueDepth: 1, seconds: 60 });
    await valueOf('jobs.cancel', { id: await running });
    const outcome = await measured;
    if (!outcome.ok) throw new Error(outcome.error.message);
    expect(outcome.value.operations).toBeGreaterThan(0);
    expect(outcome.value.seconds).toBeLessThan(30);
  });

  it('times single reads of a path', async () => {
    const answer = await login('multipath');
    if (!answer.ok) throw new Error(answer.error.message);
    const times = await valueOf('luns.time', { id: answer.value.id, lun: '0000000000000000' });
    expect(times.reads).toBe(16);
    expect(times.leastMs).toBeGreaterThan(0);
    expect(times.medianMs).toBeGreaterThanOrEqual(times.leastMs);
    expect(times.mostMs).toBeGreaterThanOrEqual(times.medianMs);
  });

  it('gives a LUN’s facts as words beside the bytes they stand for', async () => {
    const answer = await login('multipath');
    if (!answer.ok) throw new Error(answer.error.message);
    const facts = await valueOf('luns.facts', { id: answer.value.id, lun: '0000000000000000' });
    const inquiry = facts.pages.find(({ id }) => id === 'inquiry');
    const vendor = inquiry?.tree?.children.find(({ label }) => label === 'T10 vendor identification');
    expect(
      Buffer.from(inquiry?.bytes ?? '', 'hex')
        .subarray(vendor?.offset, (vendor?.offset ?? 0) + (vendor?.length ?? 0))
        .toString(),
    ).toBe('LUNASCPE');
    expect(facts.pathStates.map(({ state, own }) => [state, own])).toEqual([
      ['Active/optimized', true],
      ['Active/non-optimized', false],
    ]);
  });

  it('says the same of a path in the lists as in the facts, once they are read again', async () => {
    const answer = await login('multipath');
    if (!answer.ok) throw new Error(answer.error.message);
    const { id } = answer.value;
    let sessions: SessionEntry[] = [];
    const sink: Subscriber = {
      send: (message) => {
        if (message.kind === 'items') sessions = message.items.at(-1) as SessionEntry[];
        backend.hub.credit(sink, 3, 1);
      },
    };
    backend.hub.open(sink, 3, 'sessions.state', undefined);
    const states = async (): Promise<(string | undefined)[]> => {
      const facts = await valueOf('luns.facts', { id, lun: '0000000000000000' });
      await told();
      const listed = sessions.find((one) => one.id === id)?.luns?.[0]?.path?.state;
      return [facts.pathStates.find(({ own }) => own)?.state, listed];
    };
    expect(await states()).toEqual(['Active/optimized', 'Active/optimized']);
    await valueOf('demo.setScenario', { id: 'path-failover', on: true });
    expect(await states()).toEqual(['Standby', 'Standby']);
    await valueOf('demo.setScenario', { id: 'path-failover', on: false });
    expect(await states()).toEqual(['Active/optimized', 'Active/optimized']);
  });

  it('takes a session that was signed out of for what it is, not for one that was lost', async () => {
    const answer = await login('disks');
    if (!answer.ok) throw new Error(answer.error.message);
    const { id } = answer.value;
    const states: SessionEntry[][] = [];
    const sink: Subscriber = {
      send: (message) => {
        if (message.kind === 'items') states.push(message.items.at(-1) as SessionEntry[]);
        backend.hub.credit(sink, 2, 1);
      },
    };
    backend.hub.open(sink, 2, 'sessions.state', undefined);
    await valueOf('sessions.logout', { id });
    await told();
    const last = states.at(-1)?.find((one) => one.id === id);
    expect([last?.state, last?.error]).toEqual(['closed', null]);
    backend.hub.close(sink, 2);
  });

  it('signs in inside TLS with the certificates it was given, and says what the handshake came to', async () => {
    const terminator = await TlsTerminator.start(demo.portals[0]!);
    try {
      const { port } = terminator;
      const refused = await login('disks', { port, options: { tls: 'verify' } });
      expect(refused).toMatchObject({ ok: false, error: { name: 'TransportError' } });
      const options = { tls: 'verify', tlsCa: tlsFixture('ca.pem') } as const;
      const answer = await login('disks', { port, options, save: true });
      if (!answer.ok) throw new Error(answer.error.message);
      expect(answer.value.luns?.length).toBe(5);
      const details: SessionDetail[] = [];
      const sink: Subscriber = {
        send: (message) => {
          if (message.kind === 'items') details.push(message.items.at(-1) as SessionDetail);
        },
      };
      backend.hub.open(sink, 3, 'sessions.detail', { id: answer.value.id });
      await told();
      expect(details.at(-1)?.tls).toMatchObject({ verified: true, protocol: expect.stringMatching(/^TLS/) as string });
      expect(latest?.profiles.find((profile) => profile.port === port)?.options).toEqual(options);
      backend.hub.close(sink, 3);
      await valueOf('sessions.logout', { id: answer.value.id });
    } finally {
      await terminator.stop();
    }
  });

  it('discovers and signs in inside TLS with a certificate of its own, whose key it keeps and tells nobody', async () => {
    const terminator = await TlsTerminator.start(demo.portals[0]!, { wantsClient: true });
    try {
      const { port } = terminator;
      const tls = { tls: 'verify', tlsCa: tlsFixture('ca.pem'), tlsCert: tlsFixture('client.pem') } as const;
      const tlsKey = tlsFixture('client.key');
      const asked = { attempt: 'inside TLS', host, port, chap: null, tls, save: true, keepSecrets: true };
      expect(await ask('portals.discover', asked)).toMatchObject({ ok: false, error: { code: 'BAD_ARGUMENT' } });
      expect((await valueOf('portals.discover', { ...asked, tlsKey })).targets).toHaveLength(5);
      expect(await valueOf('portals.discover', asked)).toMatchObject({ state: 'answered', tls });
      expect(await login('disks', { port, options: tls })).toMatchObject({
        ok: false,
        error: { code: 'BAD_ARGUMENT' },
      });
      const answer = await login('disks', { port, options: tls, tlsKey });
      if (!answer.ok) throw new Error(answer.error.message);
      expect(terminator.secured).toBe(3);
      await valueOf('sessions.logout', { id: answer.value.id });
      await told();
      const written = readFileSync(join(node.dataDir, 'portals.json'), 'utf8');
      expect(written).toContain('tlsCert');
      const line = tlsKey.split('\n')[1] ?? '';
      expect(line.length).toBeGreaterThan(20);
      expect(written + JSON.stringify(latest)).not.toContain(line);
    } finally {
      await terminator.stop();
    }
  });

  it('gives no session the number under which a failed sign-in was recorded', async () => {
    const before = await login('disks');
    expect((await login('nowhere')).ok).toBe(false);
    const after = await login('disks');
    if (!before.ok || !after.ok) throw new Error('The demo SAN lets nobody in.');
    expect(after.value.number - before.value.number).toBe(2);
  });

  it('refuses a session that is not there with a sentence', async () => {
    expect(await ask('sessions.ping', { id: 'session-99' })).toMatchObject({
      ok: false,
      error: { hint: 'Sign in to the target again.' },
    });
  });
});
