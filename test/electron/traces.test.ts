import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerRequest } from '../../electron/main/ipc/dispatch.ts';
import type { StreamMessage } from '../../electron/contract/bridge.ts';
import type { RequestName } from '../../electron/contract/names.ts';
import type { ParsedInput, RequestOutput } from '../../electron/contract/requests.ts';
import type { FilterState, FindingsState, TraceLibrary, TraceState } from '../../electron/contract/trace.ts';
import { createBackend, type Backend } from '../../electron/main/services/index.ts';
import { createNodeHost } from '../e2e/support/node-host.ts';

const captures = join(import.meta.dirname, '..', 'fixtures', 'captures');
const errors: unknown[] = [];
const log = (error: unknown): void => void errors.push(error);

let folder: string;
let saveTo: string | null;
let backend: Backend;
let dataDir: string;

async function ask<N extends RequestName>(name: N, input: ParsedInput<N>): Promise<RequestOutput<N>> {
  const answer = await answerRequest(backend.handlers, name, input, log);
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer.value;
}

/** Follows a stream until an item holds. */
function until<T>(name: string, params: unknown, holds: (item: T) => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    const subscriber = {
      send: (message: StreamMessage) => {
        if (message.kind === 'end') {
          if (message.error !== null) reject(new Error(message.error.message));
          return;
        }
        backend.hub.credit(subscriber, 1, 1);
        const found = (message.items as T[]).find(holds);
        if (found === undefined) return;
        resolve(found);
      },
    };
    backend.hub.open(subscriber, 1, name, params);
  });
}

async function openCapture(name: string): Promise<{ trace: string; state: TraceState }> {
  const path = join(captures, name);
  await backend.openings.take(path);
  const { trace } = await ask('trace.open', { path, follow: false });
  const state = await until<TraceState>('trace.state', { trace }, ({ phase }) => phase === 'done');
  return { trace, state };
}

async function runFilter(trace: string, expression: string): Promise<FilterState> {
  return until<FilterState>('trace.filter', { trace, view: 'v', expression }, ({ done }) => done);
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lunascope-traces-'));
  saveTo = null;
  errors.length = 0;
  const host = createNodeHost();
  dataDir = host.dataDir;
  backend = await createBackend({ ...host, chooseSave: () => Promise.resolve(saveTo) }, log);
});

afterEach(async () => {
  await backend.close();
  rmSync(folder, { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
  expect(errors).toEqual([]);
});

describe('an open capture', () => {
  it('is read in a thread and paged by rows', async () => {
    const { trace, state } = await openCapture('tgt-chap-mutual.pcapng');
    expect(state).toMatchObject({ title: 'tgt-chap-mutual.pcapng', source: 'capture', error: null });
    const { total, rows } = await ask('trace.pdus', { trace, view: '', from: 0, count: 4 });
    expect(total).toBe(state.pdus);
    expect(rows.map(({ row }) => row)).toEqual([0, 1, 2, 3]);
    expect(rows[0]).toMatchObject({ out: true, kind: 'login', name: 'Login Request' });
    const tasks = await ask('trace.tasks', { trace, view: '', from: 0, count: 1000 });
    expect(tasks.rows).toHaveLength(state.tasks);
    const inquiry = tasks.rows.find(({ name }) => name === 'INQUIRY');
    expect(inquiry).toMatchObject({ ok: true, status: 'GOOD', lun: '1' });
  });

  it('says of requests that are no commands what they were about and how they ended', async () => {
    const rowsOf = async (capture: string): Promise<string[]> => {
      const { trace } = await openCapture(capture);
      const { rows } = await ask('trace.tasks', { trace, view: '', from: 0, count: 1000 });
      return rows.map(({ text, status }) => `${text}: ${status ?? ''}`);
    };
    expect(await rowsOf('tgt-raw-tmf.pcapng')).toContain(
      'Task Management Request ABORT TASK, LUN 1: Task does not exist',
    );
    expect(await rowsOf('tgt-loginfail-notfound.pcapng')).toContain('Login Request: Not found (0x0203)');
  });

  it('never shows what CHAP answered, in no field, byte or copy', async () => {
    const { trace } = await openCapture('tgt-chap-mutual.pcapng');
    const logins = await ask('trace.logins', { trace });
    const responses = logins.flatMap(({ steps }) =>
      steps.flatMap(({ pairs }) => pairs.filter(({ key }) => key === 'CHAP_R')),
    );
    expect(responses.length).toBeGreaterThan(0);
    for (const { value, hidden } of responses) {
      expect(value).toMatch(/^\d+ characters, not shown$/);
      expect(hidden).toBe(true);
    }
    const [answer] = logins.flatMap(({ keys }) => keys.filter(({ key }) => key.startsWith('CHAP_R')));
    expect(answer).toMatchObject({
      fault: null,
      result: expect.stringMatching(/^\(\d{2,} characters, not shown\)$/u) as string,
    });
    const row = logins[0]?.steps.find(({ pairs }) => pairs.some(({ key }) => key === 'CHAP_R'))?.row ?? -1;
    const detail = await ask('trace.detail', { trace, row });
    const text = Buffer.from(detail.bytes, 'hex').toString('latin1');
    expect(text).toMatch(/CHAP_R=\*{16,}\0/);
  });

  it('runs filters, says how many hold, and pages what they let through', async () => {
    const { trace } = await openCapture('tgt-checkcond-readonly.pcapng');
    const failed = await runFilter(trace, 'failed');
    expect(failed).toMatchObject({ done: true, error: null, streams: false });
    expect(failed.pdus).toBeGreaterThan(0);
    const { rows, total } = await ask('trace.tasks', { trace, view: 'v', from: 0, count: 50 });
    expect(total).toBe(failed.tasks);
    expect(rows.every(({ ok, kind }) => ok === false && kind === 'err')).toBe(true);
    const whole = await ask('trace.pdus', { trace, view: '', from: 0, count: 50 });
    expect(rows.map(({ statSn }) => statSn)).toEqual(
      rows.map(({ lastPdu }) => whole.rows.find(({ row }) => row === lastPdu)?.statSn),
    );
    const { steps } = await ask('trace.ladder', { trace, view: '', from: 0, count: 50 });
    expect(steps.filter(({ kind }) => kind === 'err').map(({ row }) => row)).toEqual(
      rows.map(({ lastPdu }) => lastPdu),
    );
    const at = rows[0]?.firstPdu ?? -1;
    expect((await ask('trace.locate', { trace, view: 'v', row: at })).task).toBe(0);
    const bad = await runFilter(trace, 'latencey > 3ms');
    expect(bad.error).toMatchObject({ code: 'BAD_ARGUMENT', details: { from: 0, to: 8, suggestion: 'latency' } });
  });

  it('steps through the PDUs of a task and leads from a read to its sectors', async () => {
    const { trace } = await openCapture('istgt-rw.pcapng');
    const { rows } = await ask('trace.tasks', { trace, view: '', from: 0, count: 1000 });
    const write = rows.find(({ name, pdus }) => name.startsWith('WRITE') && pdus > 1);
    if (write === undefined) throw new Error('The capture has no write.');
    const walked = [write.firstPdu];
    for (let at: number | null = write.firstPdu; at !== null;) {
      at = (await ask('trace.step', { trace, row: at, by: 1 })).row;
      if (at !== null) walked.push(at);
    }
    expect(walked).toHaveLength(write.pdus);
    expect(walked.at(-1)).toBe(write.lastPdu);
    const detail = await ask('trace.detail', { trace, row: write.lastPdu });
    expect(detail.related.map(({ row }) => row)).toEqual(walked);
    expect(detail.sectors).toMatchObject({ lun: '0000000000000000', lba: write.lba, blocks: write.blocks });
  });

  it('tells the PDUs of a stretch of lines, and of whole tasks', async () => {
    const { trace, state } = await openCapture('istgt-rw.pcapng');
    const { rows } = await ask('trace.lines', { trace, view: '', list: 'tasks', from: 0, to: state.tasks + 50 });
    const tasks = await ask('trace.tasks', { trace, view: '', from: 0, count: 1000 });
    expect(rows).toEqual(tasks.rows.map(({ firstPdu }) => firstPdu));
    const write = tasks.rows.find(({ name, pdus }) => name.startsWith('WRITE') && pdus > 1);
    const whole = await ask('trace.wholeTasks', { trace, rows: [write?.firstPdu ?? -1] });
    expect(whole.rows).toHaveLength(write?.pdus ?? 0);
    const last = whole.rows.at(-1) ?? -1;
    expect((await ask('trace.wholeTasks', { trace, rows: [last] })).rows).toEqual([last]);
    const all = await ask('trace.wholeTasks', { trace, rows });
    expect(all.rows).toHaveLength(tasks.rows.reduce((sum, { pdus }) => sum + pdus, 0));
    const pdus = await ask('trace.lines', { trace, view: '', list: 'pdus', from: 3, to: 5 });
    expect(pdus.rows).toEqual([3, 4, 5]);
  });

  it('is searched for findings a slice at a time, and tells them at the end', async () => {
    const { trace } = await openCapture('tgt-raw-tmf.pcapng');
    const { findings, done, total } = await until<FindingsState>(
      'trace.findings',
      { trace },
      (one) => one.findings !== null,
    );
    expect(done).toBe(total);
    expect(findings?.map(({ rule }) => rule)).toContain('tmf-failed');
  });

  it('draws latency, time, ladder and negotiation', async () => {
    const { trace, state } = await openCapture('istgt-rw.pcapng');
    const { starts, groups, total } = await ask('trace.latencies', { trace, view: '' });
    const counted = groups.filter(({ lun }) => lun === null).reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBeGreaterThan(0);
    expect(total?.count).toBe(counted);
    expect(total?.histogram.reduce((a, b) => a + b, 0)).toBe(counted);
    for (const { histogram, count } of groups) expect(histogram.reduce((a, b) => a + b, 0)).toBe(count);
    expect(starts).toHaveLength((groups[0]?.histogram.length ?? 0) + 1);
    const time = await ask('trace.timeline', { trace, view: '', steps: 100 });
    expect(time.commands.reduce((a, b) => a + b, 0)).toBe(counted);
    const ladder = await ask('trace.ladder', { trace, view: '', from: 0, count: 1000 });
    expect(ladder.steps.reduce((sum, { rows }) => sum + rows, 0)).toBe(state.pdus);
    expect(ladder.next).toBe(state.pdus);
    const [login] = await ask('trace.logins', { trace });
    expect(login).toMatchObject({ ok: true, outcome: 'Logged in' });
    expect(login?.keys.map(({ key }) => key)).toContain('MaxBurstLength');
  });

  it('writes what is asked for, as a job, and shows no other file in the folder', async () => {
    const { trace, state } = await openCapture('istgt-rw.pcapng');
    const base = { trace, view: '', rows: [], safe: false, serverPort: null };
    for (const format of ['jsonl', 'csv', 'pcapng'] as const) {
      saveTo = join(folder, `out.${format}`);
      const estimated = await ask('trace.estimate', { ...base, scope: 'all', format });
      expect(estimated.pdus).toBe(state.pdus);
      const { path } = await ask('trace.export', { ...base, scope: 'all', format });
      await until<{ state: string; detail: string }[]>('jobs.state', undefined, (jobs) =>
        jobs.some(
          ({ state: now, detail }) => now === 'done' && detail.endsWith(`, NOT safe to share, in ${saveTo ?? ''}`),
        ),
      );
      expect(path).toBe(saveTo);
      const size = statSync(saveTo).size;
      expect(size).toBeGreaterThan(estimated.bytes / 3);
      expect(size).toBeLessThan(estimated.bytes * 3);
      expect(statSync(saveTo).mode & 0o777).toBe(0o600);
      await ask('trace.reveal', { path: saveTo });
    }
    expect(readFileSync(join(folder, 'out.jsonl'), 'utf8').trim().split('\n')).toHaveLength(state.pdus);
    expect(readFileSync(join(folder, 'out.csv'), 'utf8').trim().split('\n')).toHaveLength(state.pdus + 1);
    await expect(ask('trace.reveal', { path: '/etc/passwd' })).rejects.toThrow('Only files exported');
  });

  it('tells no names in lines that are safe to share', async () => {
    const { trace } = await openCapture('tgt-chap-mutual.pcapng');
    for (const format of ['jsonl', 'csv'] as const) {
      saveTo = join(folder, `safe.${format}`);
      await ask('trace.export', { trace, view: '', rows: [], scope: 'all', format, safe: true, serverPort: null });
      await until<{ state: string; detail: string }[]>('jobs.state', undefined, (jobs) =>
        jobs.some(({ state, detail }) => state === 'done' && detail.endsWith(`, safe to share, in ${saveTo ?? ''}`)),
      );
      expect(readFileSync(saveTo, 'utf8')).not.toMatch(/tgt:mutual|sahlberg|alice|tgtuser|127\.0\.0\.1/);
    }
  });

  it('carries marks and comments into every export that is not safe to share', async () => {
    const { trace } = await openCapture('tgt-discovery.pcapng');
    await ask('trace.annotate', { trace, mark: { row: 1, marked: true, comment: '' } });
    await ask('trace.annotate', { trace, mark: { row: 2, marked: false, comment: 'look, here' } });
    for (const format of ['jsonl', 'csv', 'pcapng'] as const)
      for (const safe of [false, true]) {
        saveTo = join(folder, `${safe ? 'safe' : 'own'}.${format}`);
        await ask('trace.export', { trace, view: '', rows: [], scope: 'all', format, safe, serverPort: null });
        const ending = `in ${saveTo}`;
        await until<{ state: string; detail: string }[]>('jobs.state', undefined, (jobs) =>
          jobs.some(({ state, detail }) => state === 'done' && detail.endsWith(ending)),
        );
        expect(readFileSync(saveTo, 'latin1').includes('look, here')).toBe(!safe);
      }
    const objects = readFileSync(join(folder, 'own.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { note?: string });
    expect(objects.slice(0, 4).map(({ note }) => note)).toEqual([undefined, 'Marked', 'look, here', undefined]);
    const [head, , marked, commented] = readFileSync(join(folder, 'own.csv'), 'utf8').split('\n');
    expect(head).toMatch(/,info,note$/);
    expect([marked?.endsWith(',Marked'), commented?.endsWith(',"look, here"')]).toEqual([true, true]);
    expect(readFileSync(join(folder, 'safe.csv'), 'utf8').split('\n')[0]).toMatch(/,info$/);
  });

  it('keeps marks and comments', async () => {
    const { trace } = await openCapture('tgt-discovery.pcapng');
    await ask('trace.annotate', { trace, mark: { row: 2, marked: true, comment: 'here' } });
    const state = await until<TraceState>('trace.state', { trace }, ({ marks }) => marks.length > 0);
    expect(state.marks).toEqual([{ row: 2, marked: true, comment: 'here' }]);
  });

  it('can be one that comes with the program', async () => {
    const { path } = await ask('trace.sample', { name: 'mutual-chap' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { trace } = await ask('trace.open', { path, follow: false });
    const state = await until<TraceState>('trace.state', { trace }, ({ phase }) => phase === 'done');
    expect(state).toMatchObject({ title: 'mutual-chap.pcapng', pdus: 18 });
  });

  it.skipIf(process.platform === 'win32')('can be a pipe, which is live until it is closed', async () => {
    const path = join(folder, 'live.pcap');
    execFileSync('mkfifo', [path]);
    await backend.openings.take(path);
    const { trace } = await ask('trace.open', { path, follow: true });
    const bytes = readFileSync(join(captures, 'istgt-rw.pcapng'));
    const pipe = createWriteStream(path);
    pipe.write(bytes.subarray(0, 8000));
    const live = await until<TraceState>(
      'trace.state',
      { trace },
      ({ phase, pdus }) => phase === 'following' && pdus > 3,
    );
    pipe.end(bytes.subarray(8000));
    const state = await until<TraceState>('trace.state', { trace }, ({ phase }) => phase === 'done');
    expect(state.pdus).toBeGreaterThan(live.pdus);
  });

  it('is refused unless it was chosen', async () => {
    const path = join(folder, 'other.pcapng');
    writeFileSync(path, 'no capture');
    await expect(ask('trace.open', { path, follow: false })).rejects.toThrow('Only files that were chosen');
    await backend.openings.take(path);
    const { trace } = await ask('trace.open', { path, follow: false });
    const state = await until<TraceState>('trace.state', { trace }, ({ phase }) => phase === 'failed');
    expect(state.error?.code).toBe('PROTOCOL_MALFORMED');
  });
});

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
    const answer = await answerRequest(backend.handlers, 'sessions.login', input, log);
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
    await backend.close();
    const traces = join(dataDir, 'traces');
    copyFileSync(join(captures, 'istgt-rw.pcapng'), join(traces, '20260101-000000-lost.lunatrace'));
    backend = await createBackend(createNodeHost({ dataDir }), log);
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
