import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageEntry } from '../../electron/contract/blocks.ts';
import type { Job } from '../../electron/contract/jobs.ts';
import { BlocksStage } from './blocks-stage.ts';

const MIB = 1024 * 1024;

let stage: BlocksStage;
beforeAll(async () => {
  stage = await BlocksStage.open(['disks', 'huge', 'troubled']);
});
afterAll(() => stage.close());

/** Where the next image goes. */
function into(name: string): string {
  stage.answer = join(stage.folder, name);
  return stage.answer;
}

const ended =
  (path: string) =>
  (all: readonly ImageEntry[]): boolean =>
    all.some((one) => one.path === path && (one.state === 'done' || one.state === 'interrupted'));

describe('images', () => {
  it('saves a whole LUN, tells its sum, and lists it', async () => {
    const saveTo = into('gpt.img');
    const images = stage.follow<ImageEntry[]>('blocks.images', undefined);
    await stage.ask('blocks.save', { ...stage.at('disks', 0), firstLba: '0', blocks: String((64 * MIB) / 512) });
    const list = await images.until(ended(saveTo));
    const bytes = readFileSync(saveTo);
    expect(list.find(({ path }) => path === saveTo)?.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(bytes.subarray(512, 520).toString('latin1')).toBe('EFI PART');
    expect(statSync(saveTo).blocks * 512).toBeLessThan(4 * MIB);
    const report = JSON.parse(readFileSync(`${saveTo}.report.json`, 'utf8')) as { sha256: string };
    expect(report.sha256).toMatch(/^[0-9a-f]{64}$/);
    images.leave();
  });

  it('fills unreadable blocks with zeros, and says which', async () => {
    stage.san.setScenario('medium-error', true);
    try {
      const saveTo = into('troubled.img');
      const images = stage.follow<ImageEntry[]>('blocks.images', undefined);
      await stage.ask('blocks.save', { ...stage.at('troubled', 0), firstLba: '4000', blocks: '200' });
      const list = await images.until(ended(saveTo));
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
      stage.san.setScenario('medium-error', false);
    }
  });

  it('goes on over lost connections until it is whole', async () => {
    const clean = await stage.ask('blocks.checksum', {
      ...stage.at('troubled', 0),
      offset: '0',
      length: String(16 * MIB),
    });
    stage.san.setScenario('drop', true);
    try {
      const saveTo = into('dropped.img');
      const images = stage.follow<ImageEntry[]>('blocks.images', undefined);
      await stage.ask('blocks.save', { ...stage.at('troubled', 0), firstLba: '0', blocks: String((16 * MIB) / 512) });
      await images.until((all) =>
        all.some(({ path, state, progress }) => path === saveTo && (progress > 0 || state === 'waiting')),
      );
      setTimeout(() => stage.san.setScenario('drop', false), 1500);
      const list = await images.until(ended(saveTo));
      const entry = list.find(({ path }) => path === saveTo)!;
      expect([entry.state, entry.error]).toEqual(['done', null]);
      expect(entry.sha256).toBe(clean.sha256);
      images.leave();
    } finally {
      stage.san.setScenario('drop', false);
    }
  }, 60_000);

  it('pauses, goes on, is cancelled, and resumes', async () => {
    const path = into('paused.img');
    const images = stage.follow<ImageEntry[]>('blocks.images', undefined);
    const jobs = stage.follow<Job[]>('jobs.state', undefined);
    const blocks = String((64 * MIB) / 512);
    await stage.ask('blocks.save', { ...stage.at('huge', 1), firstLba: '0', blocks });
    await stage.ask('blocks.pause', { path, paused: true });
    await images.until((all) => all.some((one) => one.path === path && one.state === 'paused'));
    const running = await jobs.until((all) =>
      all.some(({ title, state }) => title === 'Save image' && state === 'running'),
    );
    await stage.ask('jobs.cancel', { id: running.find(({ state }) => state === 'running')!.id });
    await images.until((all) => all.some((one) => one.path === path && one.state === 'interrupted'));
    expect(existsSync(`${path}.journal`)).toBe(true);
    await expect(stage.ask('blocks.resume', { ...stage.at('disks', 0), path })).rejects.toThrow(/The image is of/);
    await stage.ask('blocks.resume', { ...stage.at('huge', 1), path });
    const list = await images.until((all) => all.some((one) => one.path === path && one.state === 'done'));
    const sums = await stage.ask('blocks.checksum', { ...stage.at('huge', 1), offset: '0', length: String(64 * MIB) });
    expect(list.find((one) => one.path === path)?.sha256).toBe(sums.sha256);
    images.leave();
    jobs.leave();
  }, 60_000);

  it('goes on after a pause that met both readers, to the right sum', async () => {
    const path = into('rested.img');
    const images = stage.follow<ImageEntry[]>('blocks.images', undefined);
    await stage.ask('blocks.save', { ...stage.at('huge', 1), firstLba: '0', blocks: String((64 * MIB) / 512) });
    await stage.ask('blocks.pause', { path, paused: true });
    // Every call through the loop lets the readers come to their gates.
    await stage.ask('blocks.checksum', { ...stage.at('disks', 0), offset: '0', length: String(8 * MIB) });
    await stage.ask('blocks.pause', { path, paused: false });
    const list = await images.until(ended(path));
    expect(list.find((one) => one.path === path)).toMatchObject({ state: 'done', error: null });
    images.leave();
  }, 60_000);

  it('lists an image that the end of the program left, and resumes it to the right sum', async () => {
    const path = into('left.img');
    const blocks = (64 * MIB) / 512;
    const images = stage.follow<ImageEntry[]>('blocks.images', undefined);
    await stage.ask('blocks.save', { ...stage.at('huge', 1), firstLba: '0', blocks: String(blocks) });
    await images.until((all) => all.some((one) => one.path === path && one.progress > 0));
    await stage.restart(['disks', 'huge', 'troubled']);
    const again = stage.follow<ImageEntry[]>('blocks.images', undefined);
    await again.until((all) => all.some((one) => one.path === path && one.state === 'interrupted'));
    await stage.ask('blocks.resume', { ...stage.at('huge', 1), path });
    const list = await again.until((all) => all.some((one) => one.path === path && one.state === 'done'));
    const sums = await stage.ask('blocks.checksum', {
      ...stage.at('huge', 1),
      offset: '0',
      length: String(blocks * 512),
    });
    expect(list.find((one) => one.path === path)?.sha256).toBe(sums.sha256);
    again.leave();
  }, 60_000);

  // Only root may mount; test/core/images/full-disk.test.ts fills a disk for everybody.
  it.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
    'pauses when the disk is full, says so, and goes on when there is room',
    async () => {
      const room = join(stage.folder, 'small');
      mkdirSync(room);
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', room]);
      expect(mounted.status, String(mounted.stderr)).toBe(0);
      try {
        const ballast = join(room, 'ballast');
        writeFileSync(ballast, Buffer.alloc(20 * MIB, 1));
        const path = into('small/disk.img');
        const images = stage.follow<ImageEntry[]>('blocks.images', undefined);
        await stage.ask('blocks.save', { ...stage.at('huge', 1), firstLba: '0', blocks: String((32 * MIB) / 512) });
        const full = await images.until((all) => all.some((one) => one.path === path && one.state === 'paused'));
        expect(full.find((one) => one.path === path)?.error).toMatchObject({ code: 'DISK_FULL' });
        const jobs = stage.follow<Job[]>('jobs.state', undefined);
        await jobs.until((all) => all.some(({ detail }) => detail.startsWith('Paused: There is no space left')));
        jobs.leave();
        rmSync(ballast);
        await stage.ask('blocks.pause', { path, paused: false });
        const list = await images.until(ended(path));
        const sums = await stage.ask('blocks.checksum', {
          ...stage.at('huge', 1),
          offset: '0',
          length: String(32 * MIB),
        });
        expect(list.find((one) => one.path === path)).toMatchObject({
          state: 'done',
          error: null,
          sha256: sums.sha256,
        });
        images.leave();
      } finally {
        spawnSync('umount', [room]);
      }
    },
    60_000,
  );
});
