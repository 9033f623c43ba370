import { copyFileSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TraceLibrary, TraceState } from '../../electron/contract/trace.ts';
import { CAPTURES, stageTraces } from './traces-stage.ts';

const stage = stageTraces();
const { ask, until } = stage;

describe('recordings', () => {
  it('hold every session from its first byte, also a login that fails, and can be purged', async () => {
    const demo = await ask('demo.start', undefined);
    const [portal] = demo.portals;
    const target = demo.targets.find(({ credentials }) => credentials === null);
    if (portal === undefined || target === undefined) throw new Error('The demo SAN is empty.');
    const place = { host: portal.host, port: portal.port, chap: null, options: {}, save: false, keepSecrets: false };
    const [way] = target.portals;
    const entry = await ask('sessions.login', {
      ...place,
      port: way?.port ?? portal.port,
      attempt: 'a',
      target: target.name,
    });
    const live = await until<TraceLibrary>('trace.library', undefined, ({ recordings }) =>
      recordings.some(({ session }) => session === entry.id),
    );
    const [own] = live.recordings;
    expect(own).toMatchObject({ state: 'recording', mode: 'headers', target: target.name, number: 1 });
    const { trace } = await ask('trace.open', { recording: own?.id ?? '' });
    await until<TraceState>('trace.state', { trace }, ({ phase, pdus }) => phase === 'following' && pdus > 4);
    const { rows } = await ask('trace.pdus', { trace, view: '', from: 0, count: 1 });
    expect(rows[0]?.name).toBe('Login Request');

    await ask('trace.record', { session: entry.id, mode: 'full', capBytes: 4 << 20 });
    await until<TraceState>('trace.state', { trace }, ({ phase }) => phase === 'done');
    await ask('sessions.logout', { id: entry.id });
    await expect(
      ask('sessions.login', { ...place, attempt: 'b', target: 'iqn.2026-11.example:none' }),
    ).rejects.toThrow();
    const all = await until<TraceLibrary>(
      'trace.library',
      undefined,
      ({ recordings }) => recordings.length === 3 && recordings.every(({ state }) => state === 'ended'),
    );
    expect(all.recordings.map(({ mode }) => mode).sort()).toEqual(['full', 'headers', 'headers']);
    for (const name of readdirSync(all.folder).filter((entryName) => entryName.includes('lunatrace')))
      expect(statSync(join(all.folder, name)).mode & 0o777).toBe(0o600);

    const open = await ask('trace.open', { recording: own?.id ?? '' });
    const gone = until<TraceState>('trace.state', open, () => false);
    await ask('trace.purge', { ids: all.recordings.map(({ id }) => id) });
    await expect(gone).rejects.toThrow('This recording was deleted.');
    expect(readdirSync(all.folder).filter((name) => name.includes('lunatrace'))).toEqual([]);
  });

  it('hold a discovery too, and are found from the error it or a sign-in ended with', async () => {
    const demo = await ask('demo.start', undefined);
    const [portal] = demo.portals;
    if (portal === undefined) throw new Error('The demo SAN is empty.');
    const place = { host: portal.host, port: portal.port, save: false, keepSecrets: false };
    await ask('portals.discover', { ...place, chap: null, attempt: 'd' });
    const ended = await until<TraceLibrary>('trace.library', undefined, ({ recordings }) =>
      recordings.some(({ kind, state }) => kind === 'discovery' && state === 'ended'),
    );
    const [found] = ended.recordings;
    expect(found).toMatchObject({ session: null, number: 0, target: '', portal: `${portal.host}:${portal.port}` });
    const { trace } = await ask('trace.open', { recording: found?.id ?? '' });
    const state = await until<TraceState>('trace.state', { trace }, ({ phase }) => phase === 'done');
    expect(state.title).toBe(`Discovery of ${portal.host}:${portal.port}`);
    const { rows } = await ask('trace.pdus', { trace, view: '', from: 0, count: 1000 });
    expect(rows.some(({ text }) => text.includes('SendTargets=All'))).toBe(true);

    const input = { ...place, chap: null, options: {}, attempt: 'e', target: 'iqn.2026-11.example:none' };
    const answer = await stage.answer('sessions.login', input);
    const about = answer.ok ? undefined : answer.error.recorded;
    expect(about).toMatch(/^session-/);
    const after = await until<TraceLibrary>('trace.library', undefined, ({ recordings }) =>
      recordings.some((one) => one.about === about && one.state === 'ended'),
    );
    const failed = after.recordings.find((one) => one.about === about);
    const opened = await ask('trace.open', { recording: failed?.id ?? '' });
    await until<TraceState>('trace.state', opened, ({ phase }) => phase === 'done');
    const login = await ask('trace.logins', opened);
    expect(login[0]?.ok).toBe(false);
  });

  it('are named by their file where what was said of them is lost', async () => {
    await stage.restart(() => {
      const traces = join(stage.dataDir, 'traces');
      copyFileSync(join(CAPTURES, 'istgt-rw.pcapng'), join(traces, '20260101-000000-lost.lunatrace'));
    });
    const { recordings } = await until<TraceLibrary>('trace.library', undefined, () => true);
    expect(recordings).toMatchObject([{ id: '20260101-000000-lost', number: 0, target: '' }]);
    const { trace } = await ask('trace.open', { recording: '20260101-000000-lost' });
    const state = await until<TraceState>('trace.state', { trace }, ({ phase }) => phase !== 'loading');
    expect(state.title).toBe('20260101-000000-lost');
  });

  it('keep CHAP responses only where that was asked for', async () => {
    const demo = await ask('demo.start', undefined);
    const target = demo.targets.find(({ credentials }) => credentials !== null);
    const [way] = target?.portals ?? [];
    const { credentials } = target ?? { credentials: null };
    if (target === undefined || credentials === null || way === undefined)
      throw new Error('The demo SAN has no target with CHAP.');
    const { user, secret } = credentials;
    const login = {
      host: way.host,
      port: way.port,
      target: target.name,
      chap: { user, secret, mutual: null },
      options: {},
      attempt: 'c',
      save: false,
      keepSecrets: false,
    };
    const dropped = await ask('sessions.login', login);
    await ask('sessions.logout', { id: dropped.id });
    await ask('trace.setPrefs', { keepChap: true });
    const kept = await ask('sessions.login', login);
    await ask('sessions.logout', { id: kept.id });
    const { recordings, folder: at } = await until<TraceLibrary>('trace.library', undefined, ({ recordings: all }) =>
      [dropped, kept].every(({ id }) => all.some((one) => one.about === id && one.state === 'ended')),
    );
    const holds = ({ id }: { readonly id: string }): [boolean | undefined, boolean] => {
      const one = recordings.find(({ about }) => about === id);
      return [one?.chapKept, /CHAP_R=0[xb]/i.test(readFileSync(join(at, `${one?.id ?? ''}.lunatrace`), 'latin1'))];
    };
    expect(holds(dropped)).toEqual([false, false]);
    expect(holds(kept)).toEqual([true, true]);
  });
});
