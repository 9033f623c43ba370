import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CompareItem, ImageEntry } from '../../electron/contract/blocks.ts';
import type { Job } from '../../electron/contract/jobs.ts';
import { BlocksStage } from './blocks-stage.ts';

const BAD = Array.from({ length: 8 }, (_, at) => 4096 + at);

let stage: BlocksStage;
let path: string;
beforeEach(async () => {
  stage = await BlocksStage.open(['troubled', 'huge']);
  path = join(stage.folder, 'own.img');
  stage.answer = path;
});
afterEach(() => stage.close());

/** Saves an image until it is whole, or left. */
async function save(range: { readonly firstLba: string; readonly blocks: string }): Promise<ImageEntry> {
  const images = stage.follow<ImageEntry[]>('blocks.images', undefined);
  await stage.ask('blocks.save', { ...stage.at('troubled', 0), ...range });
  const list = await images.until((all) => all.some(({ state }) => state === 'done' || state === 'interrupted'));
  images.leave();
  return list[0]!;
}

async function compare(
  target: string,
  range: { readonly firstLba: string; readonly blocks: string },
  otherFirst: string | null,
): Promise<{ readonly error: string | null; readonly found: CompareItem['differences']; readonly ended: unknown }> {
  const file = await stage.ask('blocks.chooseFile', undefined);
  const stream = stage.follow<CompareItem>('blocks.compare', {
    ...stage.at(target, target === 'huge' ? 1 : 0),
    ...range,
    other: { kind: 'file', path: file.path, firstLba: otherFirst },
  });
  const error = await stream.ended;
  return { error, found: stream.items.flatMap(({ differences }) => differences), ended: stream.items.at(-1)?.ended };
}

it('calls the filling of an image of ours neither equal nor different', async () => {
  stage.san.setScenario('medium-error', true);
  const range = { firstLba: '4000', blocks: '200' };
  const entry = await save(range);
  expect(entry.bad).toEqual(BAD.map(String));
  stage.san.setScenario('medium-error', false);
  const unknown = [{ offset: String(4096 * 512), length: String(8 * 512), unknown: true }];
  expect(await compare('troubled', range, '0')).toEqual({ error: null, found: unknown, ended: 'done' });
  // In the middle of the image, with its first block elsewhere.
  const part = await compare('troubled', { firstLba: '4100', blocks: '50' }, '100');
  const partly = [{ offset: String(4100 * 512), length: String(4 * 512), unknown: true }];
  expect(part.found).toEqual(partly);
  // The image says itself where it stands.
  expect((await compare('troubled', { firstLba: '4100', blocks: '50' }, null)).found).toEqual(partly);
  const before = await compare('troubled', { firstLba: '3999', blocks: '50' }, null);
  expect(before.error).toMatch(/The image begins at block 4000/);
});

it('refuses an image whose list of filling cannot be read, rather than take it for bytes', async () => {
  const range = { firstLba: '0', blocks: '64' };
  await save(range);
  expect(await compare('troubled', range, '0')).toMatchObject({ error: null, found: [] });
  writeFileSync(`${path}.report.json`, '{"image":');
  expect((await compare('troubled', range, '0')).error).toMatch(/does not say which blocks/);
  // A new image at the same place has nothing to do with it.
  await stage.ask('blocks.forget', { path });
  await save(range);
  expect(await compare('troubled', range, '0')).toMatchObject({ error: null, found: [] });
  writeFileSync(`${path}.journal`, 'not ours');
  expect((await compare('troubled', range, '0')).error).toMatch(/does not say what is in the image/);
});

it('knows of an unfinished image only what was saved', async () => {
  const range = { firstLba: '0', blocks: String(512 * 1024) };
  const images = stage.follow<ImageEntry[]>('blocks.images', undefined);
  const jobs = stage.follow<Job[]>('jobs.state', undefined);
  await stage.ask('blocks.save', { ...stage.at('huge', 1), ...range });
  await images.until((all) => all.some(({ progress }) => progress > 0.05));
  await stage.ask('blocks.pause', { path, paused: true });
  const job = jobs.items.flat().find(({ title }) => title === 'Save image');
  await stage.ask('jobs.cancel', { id: job?.id ?? '' });
  await images.until((all) => all.some(({ state }) => state === 'interrupted'));
  images.leave();
  jobs.leave();
  const { error, found, ended } = await compare('huge', range, '0');
  expect([error, ended]).toEqual([null, 'done']);
  expect(found.filter(({ unknown }) => !unknown)).toEqual([]);
  const unread = found.reduce((sum, { length }) => sum + Number(length), 0);
  expect(unread).toBeGreaterThan(0);
  expect(unread).toBeLessThan(256 * 1024 * 1024);
}, 60_000);
