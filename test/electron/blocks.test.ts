import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompareItem, SearchItem, Snapshot } from '../../electron/contract/blocks.ts';
import type { Job } from '../../electron/contract/jobs.ts';
import { BlocksStage } from './blocks-stage.ts';

const MIB = 1024 * 1024;

let stage: BlocksStage;
beforeAll(async () => {
  stage = await BlocksStage.open(['disks', 'huge', 'troubled']);
});
afterAll(() => stage.close());

describe('reading', () => {
  it('opens a LUN and gives the bytes of any range of it', async () => {
    const facts = await stage.ask('blocks.open', stage.at('huge', 1));
    expect([facts.blockSize, facts.blocks, facts.bytes]).toEqual([512, String(2n ** 54n), String(2n ** 63n)]);
    const { bytes, bad } = await stage.ask('blocks.read', {
      ...stage.at('huge', 1),
      offset: String(2n ** 63n - 300n),
      length: 300,
      ticket: 1,
    });
    expect([bytes.length, bad]).toEqual([300, []]);
    const whole = await stage.ask('blocks.read', {
      ...stage.at('huge', 1),
      offset: String(2n ** 63n - 512n),
      length: 512,
      ticket: 2,
    });
    expect(whole.bytes.subarray(212)).toEqual(bytes);
    await expect(
      stage.ask('blocks.read', { ...stage.at('huge', 1), offset: String(2n ** 63n - 1n), length: 2, ticket: 3 }),
    ).rejects.toThrow(/ends at byte/);
  });

  it('names the blocks that the medium refuses, and gives the others', async () => {
    stage.san.setScenario('medium-error', true);
    try {
      const { bytes, bad } = await stage.ask('blocks.read', {
        ...stage.at('troubled', 0),
        offset: String(4090 * 512),
        length: 32 * 512,
        ticket: 4,
      });
      expect(bad.map(({ offset }) => offset / 512)).toEqual([6, 7, 8, 9, 10, 11, 12, 13]);
      expect(bad[0]?.error).toMatch(/medium/i);
      expect(Buffer.from(bytes.subarray(0, 4)).toString('latin1')).not.toBe('\0\0\0\0');
    } finally {
      stage.san.setScenario('medium-error', false);
    }
  });

  it('tells the new size of a LUN that grew', async () => {
    stage.san.setScenario('grow', true);
    try {
      expect((await stage.ask('blocks.open', stage.at('troubled', 0))).bytes).toBe(String(24 * MIB));
      const { bytes } = await stage.ask('blocks.read', {
        ...stage.at('troubled', 0),
        offset: String(24 * MIB - 512),
        length: 512,
        ticket: 31,
      });
      expect(bytes).toEqual(new Uint8Array(512));
    } finally {
      stage.san.setScenario('grow', false);
    }
    expect((await stage.ask('blocks.open', stage.at('troubled', 0))).bytes).toBe(String(16 * MIB));
  });

  it('calls a read off', async () => {
    stage.san.setScenario('slow', true);
    try {
      const read = stage.ask('blocks.read', { ...stage.at('troubled', 0), offset: '0', length: 4096, ticket: 5 });
      setTimeout(() => void stage.ask('blocks.cancel', { tickets: [5] }), 200);
      await expect(read).rejects.toMatchObject({ code: 'CANCELLED' });
    } finally {
      stage.san.setScenario('slow', false);
    }
  });

  it('finds the structures of a 4Kn disk', async () => {
    const { structures, problems } = await stage.ask('blocks.structures', stage.at('disks', 2));
    expect(problems).toEqual([]);
    const partition = structures.find(({ kind }) => kind === 'partition');
    expect(partition?.children.map(({ kind }) => kind)).toEqual(['ext4']);
  });

  it('copies a range in the wanted form', async () => {
    await stage.ask('blocks.copy', { ...stage.at('disks', 0), offset: '512', length: '8', form: 'c' });
    expect(stage.copied.at(-1)).toBe(
      'const unsigned char data[8] = {\n  0x45, 0x46, 0x49, 0x20, 0x50, 0x41, 0x52, 0x54\n};\n',
    );
  });

  it('keeps bookmarks by what the unit calls itself', async () => {
    const { identity } = await stage.ask('blocks.open', stage.at('disks', 0));
    const bookmarks = [{ id: '1', offset: String(2n ** 63n), length: '16', colour: 3, note: 'here' }];
    await stage.ask('bookmarks.write', { identity, bookmarks });
    expect(await stage.ask('bookmarks.read', { identity })).toEqual(bookmarks);
    expect(await stage.ask('bookmarks.read', { identity: 'another' })).toEqual([]);
  });
});

describe('searching', () => {
  it('streams what it finds on a thin disk of 8 TiB, and skips what is not mapped', async () => {
    const stream = stage.follow<SearchItem>('blocks.search', {
      ...stage.at('huge', 0),
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
    const jobs = stage.follow<Job[]>('jobs.state', undefined);
    const stream = stage.follow<SearchItem>('blocks.search', {
      ...stage.at('huge', 1),
      query: { kind: 'hex', words: '00' },
      from: '0',
      to: String(2n ** 63n),
      backward: false,
      limit: 100_000,
    });
    // The limit is met long before the end of the disk; a search without hits is the one to stop.
    expect(await stream.ended).toBeNull();
    expect(stream.items.at(-1)?.ended).toBe('limit');
    const endless = stage.follow<SearchItem>('blocks.search', {
      ...stage.at('huge', 1),
      query: { kind: 'text', words: 'nowhere on this generated disk' },
      from: '0',
      to: String(2n ** 63n),
      backward: false,
      limit: 10,
    });
    const list = await jobs.until((all) =>
      all.some(({ title, state, progress }) => title === 'Search' && state === 'running' && progress !== null),
    );
    await stage.ask('jobs.cancel', { id: list.find(({ state }) => state === 'running')!.id });
    expect(await endless.ended).toBeNull();
    expect(endless.items.at(-1)?.ended).toBe('cancelled');
    jobs.leave();
  });

  it('stops an expression that would run for years, and stays awake meanwhile', async () => {
    const jobs = stage.follow<Job[]>('jobs.state', undefined);
    const stream = stage.follow<SearchItem>('blocks.search', {
      ...stage.at('huge', 0),
      query: { kind: 'regex', words: '(\\x00|\\x00\\x00)+\\x01{77}' },
      from: '0',
      to: String(MIB),
      backward: false,
      limit: 10,
    });
    const list = await jobs.until((all) => all.some(({ title, state }) => title === 'Search' && state === 'running'));
    await stage.ask('blocks.read', { ...stage.at('huge', 0), offset: '0', length: 512, ticket: 77 });
    await stage.ask('jobs.cancel', { id: list.find(({ state }) => state === 'running')!.id });
    expect(await stream.ended).toBeNull();
    expect(stream.items.at(-1)?.ended).toBe('cancelled');
    jobs.leave();
  });

  it('refuses what cannot be searched with a sentence', async () => {
    const stream = stage.follow<SearchItem>('blocks.search', {
      ...stage.at('disks', 0),
      query: { kind: 'hex', words: 'abc' },
      from: '0',
      to: '512',
      backward: false,
      limit: 1,
    });
    expect(await stream.ended).toMatch(/pairs/);
  });
});

describe('comparing', () => {
  it('with a file', async () => {
    stage.answer = join(stage.folder, 'gpt.img');
    const { bytes } = await stage.ask('blocks.read', {
      ...stage.at('disks', 0),
      offset: '0',
      length: MIB,
      ticket: 20,
    });
    writeFileSync(stage.answer, bytes);
    const file = await stage.ask('blocks.chooseFile', undefined);
    const stream = stage.follow<CompareItem>('blocks.compare', {
      ...stage.at('disks', 0),
      firstLba: '0',
      blocks: '2048',
      other: { kind: 'file', path: file.path, firstLba: '0' },
    });
    expect(await stream.ended).toBeNull();
    expect(stream.items).toEqual([{ differences: [], ended: 'done' }]);
  });

  it('never with a file that the person did not choose', async () => {
    const stream = stage.follow<CompareItem>('blocks.compare', {
      ...stage.at('disks', 0),
      firstLba: '0',
      blocks: '1',
      other: { kind: 'file', path: '/etc/passwd', firstLba: '0' },
    });
    expect(await stream.ended).toMatch(/Choose the file/);
  });

  it('with another LUN', async () => {
    const stream = stage.follow<CompareItem>('blocks.compare', {
      ...stage.at('disks', 0),
      firstLba: '0',
      blocks: '2',
      other: { kind: 'lun', ...stage.at('disks', 1), firstLba: '0' },
    });
    expect(await stream.ended).toBeNull();
    const differences = stream.items.flatMap((item) => item.differences);
    expect(differences.length).toBeGreaterThan(0);
    expect(differences.every(({ offset }) => BigInt(offset) < 1024n)).toBe(true);
  });

  it('tells nothing of blocks that could not be read when the snapshot was kept', async () => {
    stage.san.setScenario('medium-error', true);
    const range = { firstLba: '4090', blocks: '32' };
    const kept = await stage
      .ask('blocks.snapshot', { ...stage.at('troubled', 0), ...range })
      .finally(() => stage.san.setScenario('medium-error', false));
    const unread = Array.from({ length: 8 }, (_, at) => 4096 + at);
    expect(kept.bad).toEqual(unread.map(String));
    const stream = stage.follow<CompareItem>('blocks.compare', {
      ...stage.at('troubled', 0),
      ...range,
      other: { kind: 'snapshot', snapshot: kept.id },
    });
    expect(await stream.ended).toBeNull();
    expect(stream.items.flatMap(({ differences }) => differences)).toEqual([
      { offset: String(4096 * 512), length: String(8 * 512), unknown: true },
    ]);
  });

  it('with an earlier snapshot', async () => {
    const snapshot = await stage.ask('blocks.snapshot', { ...stage.at('disks', 0), firstLba: '1', blocks: '40' });
    const stream = stage.follow<CompareItem>('blocks.compare', {
      ...stage.at('disks', 0),
      firstLba: '1',
      blocks: '40',
      other: { kind: 'snapshot', snapshot: snapshot.id },
    });
    expect(await stream.ended).toBeNull();
    expect(stream.items).toEqual([{ differences: [], ended: 'done' }]);
    const files = (): string[] =>
      readdirSync(join(stage.folder, 'snapshots')).filter((name) => name.includes(snapshot.id));
    expect(files()).toEqual([`${snapshot.id}.img`]);
    await stage.ask('blocks.deleteSnapshot', { id: snapshot.id });
    expect(files()).toEqual([]);
    const lists = stage.follow<Snapshot[]>('blocks.snapshots', undefined);
    const list = await lists.until(() => true);
    expect(list.map(({ id }) => id)).not.toContain(snapshot.id);
    lists.leave();
  });

  it('leaves nothing of a snapshot that was called off', async () => {
    const before = readdirSync(join(stage.folder, 'snapshots'));
    const jobs = stage.follow<Job[]>('jobs.state', undefined);
    const kept = stage.ask('blocks.snapshot', {
      ...stage.at('huge', 1),
      firstLba: '0',
      blocks: String((512 * MIB) / 512),
    });
    const list = await jobs.until((all) =>
      all.some(({ title, state, progress }) => title === 'Snapshot' && state === 'running' && progress !== null),
    );
    const running = list.find(({ title, state }) => title === 'Snapshot' && state === 'running');
    const refused = expect(kept).rejects.toMatchObject({ code: 'CANCELLED' });
    await stage.ask('jobs.cancel', { id: running?.id ?? '' });
    await refused;
    expect(readdirSync(join(stage.folder, 'snapshots'))).toEqual(before);
    jobs.leave();
  });
});
