import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompareItem, ImageEntry, SearchItem } from '../../electron/contract/blocks.ts';
import type { StreamMessage } from '../../electron/contract/bridge.ts';
import type { Job } from '../../electron/contract/jobs.ts';
import type { RequestName, StreamName } from '../../electron/contract/names.ts';
import type { RequestInput, RequestOutput } from '../../electron/contract/requests.ts';
import type { SessionEntry } from '../../electron/contract/sessions.ts';
import { answerRequest } from '../../electron/main/ipc/dispatch.ts';
import { createBackend, type Backend } from '../../electron/main/services/index.ts';
import { startDemoSan, type DemoSan } from '../../core/demo/index.ts';
import { createNodeHost } from '../e2e/support/node-host.ts';

const MIB = 1024 * 1024;
const lunHex = (lun: number): string => `00${lun.toString(16).padStart(2, '0')}000000000000`;

let folder: string;
let san: DemoSan;
let backend: Backend;
let saveTo: string | null = null;
let chosen: string | null = null;
const copied: string[] = [];
const sessions = new Map<string, SessionEntry>();

async function ask<N extends RequestName>(name: N, input: RequestInput<N>): Promise<RequestOutput<N>> {
  const answer = await answerRequest(backend.handlers, name, input, (error) => {
    throw error;
  });
  if (!answer.ok) throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
  return answer.value;
}

let lastStream = 0;

/** Follows a stream; gives its items, its end, and a way to leave. */
function follow<T>(name: StreamName, params: unknown) {
  lastStream += 1;
  const id = lastStream;
  const items: T[] = [];
  const waiting: { test: (item: T) => boolean; resolve: (item: T) => void }[] = [];
  let finish: (error: string | null) => void = () => undefined;
  const ended = new Promise<string | null>((resolve) => (finish = resolve));
  const subscriber = {
    send: (message: StreamMessage) => {
      if (message.kind === 'end') {
        finish(message.error?.message ?? null);
        return;
      }
      for (const item of message.items as T[]) {
        items.push(item);
        for (const each of waiting.splice(0)) {
          if (each.test(item)) each.resolve(item);
          else waiting.push(each);
        }
      }
      queueMicrotask(() => backend.hub.credit(subscriber, id, 1));
    },
  };
  backend.hub.open(subscriber, id, name, params);
  const until = (test: (item: T) => boolean): Promise<T> => {
    const found = items.find(test);
    return found === undefined ? new Promise((resolve) => waiting.push({ test, resolve })) : Promise.resolve(found);
  };
  return { items, ended, until, leave: () => backend.hub.close(subscriber, id) };
}

async function signIn(id: string): Promise<SessionEntry> {
  const target = san.targets.find((one) => one.id === id)!;
  const portal = san.portals[0]!;
  const entry = await ask('sessions.login', {
    attempt: `a-${id}`,
    host: portal.host,
    port: portal.port,
    target: target.name,
    chap: null,
    options: {},
    save: false,
    keepSecrets: false,
  });
  sessions.set(id, entry);
  return entry;
}

const at = (target: string, lun: number) => ({ id: sessions.get(target)!.id, lun: lunHex(lun) });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lunascope-blocks-'));
  san = await startDemoSan();
  const host = createNodeHost();
  backend = await createBackend(
    {
      ...host,
      dataDir: folder,
      chooseSave: () => Promise.resolve(saveTo),
      chooseFile: () => Promise.resolve(chosen),
      writeClipboard: (text) => {
        copied.push(text);
        return Promise.resolve();
      },
    },
    (error) => {
      throw error;
    },
  );
  for (const id of ['disks', 'huge', 'troubled']) await signIn(id);
});
afterAll(async () => {
  await backend.close();
  await san.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('reading', () => {
  it('opens a LUN and gives the bytes of any range of it', async () => {
    const facts = await ask('blocks.open', at('huge', 1));
    expect([facts.blockSize, facts.blocks, facts.bytes]).toEqual([512, String(2n ** 54n), String(2n ** 63n)]);
    const { bytes, bad } = await ask('blocks.read', {
      ...at('huge', 1),
      offset: String(2n ** 63n - 300n),
      length: 300,
      ticket: 1,
    });
    expect([bytes.length, bad]).toEqual([300, []]);
    const whole = await ask('blocks.read', {
      ...at('huge', 1),
      offset: String(2n ** 63n - 512n),
      length: 512,
      ticket: 2,
    });
    expect(whole.bytes.subarray(212)).toEqual(bytes);
    await expect(
      ask('blocks.read', { ...at('huge', 1), offset: String(2n ** 63n - 1n), length: 2, ticket: 3 }),
    ).rejects.toThrow(/ends at byte/);
  });

  it('names the blocks that the medium refuses, and gives the others', async () => {
    san.setScenario('medium-error', true);
    try {
      const { bytes, bad } = await ask('blocks.read', {
        ...at('troubled', 0),
        offset: String(4090 * 512),
        length: 32 * 512,
        ticket: 4,
      });
      expect(bad.map(({ offset }) => offset / 512)).toEqual([6, 7, 8, 9, 10, 11, 12, 13]);
      expect(bad[0]?.error).toMatch(/medium/i);
      expect(Buffer.from(bytes.subarray(0, 4)).toString('latin1')).not.toBe('\0\0\0\0');
    } finally {
      san.setScenario('medium-error', false);
    }
  });

  it('calls a read off', async () => {
    san.setScenario('slow', true);
    try {
      const read = ask('blocks.read', { ...at('troubled', 0), offset: '0', length: 4096, ticket: 5 });
      setTimeout(() => void ask('blocks.cancel', { tickets: [5] }), 200);
      await expect(read).rejects.toMatchObject({ code: 'CANCELLED' });
    } finally {
      san.setScenario('slow', false);
    }
  });

  it('finds the structures of a 4Kn disk', async () => {
    const { structures, problems } = await ask('blocks.structures', at('disks', 2));
    expect(problems).toEqual([]);
    const partition = structures.find(({ kind }) => kind === 'partition');
    expect(partition?.children.map(({ kind }) => kind)).toEqual(['ext4']);
  });

  it('copies a range in the wanted form', async () => {
    await ask('blocks.copy', { ...at('disks', 0), offset: '512', length: '8', form: 'c' });
    expect(copied.at(-1)).toBe(
      'const unsigned char data[8] = {\n  0x45, 0x46, 0x49, 0x20, 0x50, 0x41, 0x52, 0x54\n};\n',
    );
  });

  it('keeps bookmarks by what the unit calls itself', async () => {
    const { identity } = await ask('blocks.open', at('disks', 0));
    const bookmarks = [{ id: '1', offset: String(2n ** 63n), length: '16', colour: 3, note: 'here' }];
    await ask('bookmarks.write', { identity, bookmarks });
    expect(await ask('bookmarks.read', { identity })).toEqual(bookmarks);
    expect(await ask('bookmarks.read', { identity: 'another' })).toEqual([]);
  });
});

describe('searching', () => {
  it('streams what it finds on a thin disk of 8 TiB, and skips what is not mapped', async () => {
    const stream = follow<SearchItem>('blocks.search', {
      ...at('huge', 0),
      query: { kind: 'hex', words: '45 46 49 20 50 41 52 54' },
      from: '0',
      to: String(8n * 1024n ** 4n),
      backward: false,
      limit: 100,
    });
    expect(await stream.ended).toBeNull();
    const hits = stream.items.flatMap((item) => item.hits.map(({ offset }) => BigInt(offset)));
    expect(hits).toEqual([512n, 8n * 1024n ** 4n - 512n]);
    const last = stream.items.at(-1)!;
    expect(last.ended).toBe('done');
    expect(BigInt(last.skippedBytes)).toBeGreaterThan(8n * 1024n ** 4n - 64n * 1024n ** 2n);
  });

  it('keeps its hits when it is stopped in the jobs panel', async () => {
    const jobs = follow<Job[]>('jobs.state', undefined);
    const stream = follow<SearchItem>('blocks.search', {
      ...at('huge', 1),
      query: { kind: 'hex', words: '00' },
      from: '0',
      to: String(2n ** 63n),
      backward: false,
      limit: 100_000,
    });
    // The limit is met long before the end of the disk; a search without hits is the one to stop.
    expect(await stream.ended).toBeNull();
    expect(stream.items.at(-1)?.ended).toBe('limit');
    const endless = follow<SearchItem>('blocks.search', {
      ...at('huge', 1),
      query: { kind: 'text', words: 'nowhere on this generated disk' },
      from: '0',
      to: String(2n ** 63n),
      backward: false,
      limit: 10,
    });
    const list = await jobs.until((all) =>
      all.some(({ title, state, progress }) => title === 'Search' && state === 'running' && progress !== null),
    );
    await ask('jobs.cancel', { id: list.find(({ state }) => state === 'running')!.id });
    expect(await endless.ended).toBeNull();
    expect(endless.items.at(-1)?.ended).toBe('cancelled');
    jobs.leave();
  });

  it('stops an expression that would run for years, and stays awake meanwhile', async () => {
    const jobs = follow<Job[]>('jobs.state', undefined);
    const stream = follow<SearchItem>('blocks.search', {
      ...at('huge', 0),
      query: { kind: 'regex', words: '(\\x00|\\x00\\x00)+\\x01{77}' },
      from: '0',
      to: String(MIB),
      backward: false,
      limit: 10,
    });
    const list = await jobs.until((all) => all.some(({ title, state }) => title === 'Search' && state === 'running'));
    await ask('blocks.read', { ...at('huge', 0), offset: '0', length: 512, ticket: 77 });
    await ask('jobs.cancel', { id: list.find(({ state }) => state === 'running')!.id });
    expect(await stream.ended).toBeNull();
    expect(stream.items.at(-1)?.ended).toBe('cancelled');
    jobs.leave();
  });

  it('refuses what cannot be searched with a sentence', async () => {
    const stream = follow<SearchItem>('blocks.search', {
      ...at('disks', 0),
      query: { kind: 'hex', words: 'abc' },
      from: '0',
      to: '512',
      backward: false,
      limit: 1,
    });
    expect(await stream.ended).toMatch(/pairs/);
  });
});

describe('images', () => {
  it('saves a whole LUN, tells its sum, and lists it', async () => {
    saveTo = join(folder, 'gpt.img');
    const images = follow<ImageEntry[]>('blocks.images', undefined);
    await ask('blocks.save', { ...at('disks', 0), firstLba: '0', blocks: String((64 * MIB) / 512) });
    const list = await images.until((all) =>
      all.some(({ path, state }) => path === saveTo && (state === 'done' || state === 'interrupted')),
    );
    const bytes = readFileSync(saveTo);
    expect(list.find(({ path }) => path === saveTo)?.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(bytes.subarray(512, 520).toString('latin1')).toBe('EFI PART');
    expect(statSync(saveTo).blocks * 512).toBeLessThan(4 * MIB);
    const report = JSON.parse(readFileSync(`${saveTo}.report.json`, 'utf8')) as { sha256: string };
    expect(report.sha256).toMatch(/^[0-9a-f]{64}$/);
    images.leave();
  });

  it('fills unreadable blocks with zeros, and says which', async () => {
    san.setScenario('medium-error', true);
    try {
      saveTo = join(folder, 'troubled.img');
      const images = follow<ImageEntry[]>('blocks.images', undefined);
      await ask('blocks.save', { ...at('troubled', 0), firstLba: '4000', blocks: '200' });
      const list = await images.until((all) =>
        all.some(({ path, state }) => path === saveTo && (state === 'done' || state === 'interrupted')),
      );
      const entry = list.find(({ path }) => path === saveTo)!;
      if (entry.error !== null) throw new Error(JSON.stringify(entry.error));
      expect(entry.bad).toEqual(Array.from({ length: 8 }, (_, i) => String(4096 + i)));
      expect(
        readFileSync(saveTo)
          .subarray(96 * 512, 104 * 512)
          .every((byte) => byte === 0),
      ).toBe(true);
      images.leave();
    } finally {
      san.setScenario('medium-error', false);
    }
  });

  it('goes on over lost connections until it is whole', async () => {
    const clean = await ask('blocks.checksum', { ...at('troubled', 0), offset: '0', length: String(16 * MIB) });
    san.setScenario('drop', true);
    try {
      saveTo = join(folder, 'dropped.img');
      const images = follow<ImageEntry[]>('blocks.images', undefined);
      await ask('blocks.save', { ...at('troubled', 0), firstLba: '0', blocks: String((16 * MIB) / 512) });
      await images.until((all) =>
        all.some(({ path, state, progress }) => path === saveTo && (progress > 0 || state === 'waiting')),
      );
      setTimeout(() => san.setScenario('drop', false), 1500);
      const list = await images.until((all) =>
        all.some(({ path, state }) => path === saveTo && (state === 'done' || state === 'interrupted')),
      );
      const entry = list.find(({ path }) => path === saveTo)!;
      expect([entry.state, entry.error]).toEqual(['done', null]);
      expect(entry.sha256).toBe(clean.sha256);
      images.leave();
    } finally {
      san.setScenario('drop', false);
    }
  }, 60_000);

  it('pauses, goes on, is cancelled, and resumes', async () => {
    saveTo = join(folder, 'paused.img');
    const path = saveTo;
    const images = follow<ImageEntry[]>('blocks.images', undefined);
    const jobs = follow<Job[]>('jobs.state', undefined);
    const blocks = String((64 * MIB) / 512);
    await ask('blocks.save', { ...at('huge', 1), firstLba: '0', blocks });
    await ask('blocks.pause', { path, paused: true });
    await images.until((all) => all.some((one) => one.path === path && one.state === 'paused'));
    const running = await jobs.until((all) =>
      all.some(({ title, state }) => title === 'Save image' && state === 'running'),
    );
    await ask('jobs.cancel', { id: running.find(({ state }) => state === 'running')!.id });
    await images.until((all) => all.some((one) => one.path === path && one.state === 'interrupted'));
    expect(existsSync(`${path}.journal`)).toBe(true);
    await expect(ask('blocks.resume', { ...at('disks', 0), path })).rejects.toThrow(/The image is of/);
    await ask('blocks.resume', { ...at('huge', 1), path });
    const list = await images.until((all) => all.some((one) => one.path === path && one.state === 'done'));
    const sums = await ask('blocks.checksum', { ...at('huge', 1), offset: '0', length: String(64 * MIB) });
    expect(list.find((one) => one.path === path)?.sha256).toBe(sums.sha256);
    images.leave();
    jobs.leave();
  }, 60_000);
});

describe('comparing', () => {
  it('with a file', async () => {
    chosen = join(folder, 'gpt.img');
    const file = await ask('blocks.chooseFile', undefined);
    const stream = follow<CompareItem>('blocks.compare', {
      ...at('disks', 0),
      firstLba: '0',
      blocks: '4096',
      other: { kind: 'file', path: file.path, firstLba: '0' },
    });
    expect(await stream.ended).toBeNull();
    expect(stream.items).toEqual([{ differences: [], ended: 'done' }]);
  });

  it('never with a file that the person did not choose', async () => {
    const stream = follow<CompareItem>('blocks.compare', {
      ...at('disks', 0),
      firstLba: '0',
      blocks: '1',
      other: { kind: 'file', path: '/etc/passwd', firstLba: '0' },
    });
    expect(await stream.ended).toMatch(/Choose the file/);
  });

  it('with another LUN', async () => {
    const stream = follow<CompareItem>('blocks.compare', {
      ...at('disks', 0),
      firstLba: '0',
      blocks: '2',
      other: { kind: 'lun', ...at('disks', 1), firstLba: '0' },
    });
    expect(await stream.ended).toBeNull();
    const differences = stream.items.flatMap((item) => item.differences);
    expect(differences.length).toBeGreaterThan(0);
    expect(differences.every(({ offset }) => BigInt(offset) < 1024n)).toBe(true);
  });

  it('with an earlier snapshot', async () => {
    const snapshot = await ask('blocks.snapshot', { ...at('disks', 0), firstLba: '1', blocks: '40' });
    const stream = follow<CompareItem>('blocks.compare', {
      ...at('disks', 0),
      firstLba: '1',
      blocks: '40',
      other: { kind: 'snapshot', snapshot: snapshot.id },
    });
    expect(await stream.ended).toBeNull();
    expect(stream.items).toEqual([{ differences: [], ended: 'done' }]);
  });
});
