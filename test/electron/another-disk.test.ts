import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ImageEntry } from '../../electron/contract/blocks.ts';
import type { SessionEntry } from '../../electron/contract/sessions.ts';
import { listenRaw, type RawListener } from '../hostile/peers/raw-listener.ts';
import { RawTarget } from '../hostile/peers/raw-target.ts';
import { checkCondition, pattern, rangeOf, UNIT, twinOf } from '../hostile/peers/raw-unit.ts';
import { BlocksStage } from './blocks-stage.ts';

/** As large as the first, under another name, with other bytes. */
const TWIN = twinOf(UNIT);
const LUN = '0000000000000000';

let stage: BlocksStage;
let target: RawTarget;
let listener: RawListener;
let id: string;

beforeEach(async () => {
  target = new RawTarget({ unit: UNIT, segment: 8192 });
  listener = await listenRaw(target);
  stage = await BlocksStage.open([]);
  id = await stage.signInAt({ host: '127.0.0.1', port: listener.port }, 'iqn.2026-01.test:raw');
});

afterEach(async () => {
  await stage.close();
  await listener.close();
});

/** Another disk stands behind the LUN when the session comes back. */
function swap(): void {
  target.options.unit = TWIN;
  for (const connection of target.connections) if (!connection.closed) connection.reset();
}

const read = (of: number | undefined, ticket: number) =>
  stage.ask('blocks.read', { id, lun: LUN, unit: of, offset: '0', length: 4096, ticket });

describe('a session that came back to another disk', () => {
  it('gives nothing of it to the view of the first, and tells who it is once it is opened anew', async () => {
    const facts = await stage.ask('blocks.open', { id, lun: LUN });
    expect(Buffer.from((await read(facts.unit, 1)).bytes)).toEqual(pattern(UNIT, 0, 8));
    swap();
    await expect(read(facts.unit, 2)).rejects.toMatchObject({ code: 'TASK_IDENTITY_CHANGED' });
    await expect(read(facts.unit, 3)).rejects.toMatchObject({ code: 'TASK_IDENTITY_CHANGED' });
    const anew = await stage.ask('blocks.open', { id, lun: LUN });
    expect(anew.unit).not.toBe(facts.unit);
    expect([facts.identity, anew.identity].map((name) => name.slice(-16))).toEqual([UNIT.naa, TWIN.naa]);
    expect(Buffer.from((await read(anew.unit, 4)).bytes)).toEqual(pattern(TWIN, 0, 8));
    await expect(read(facts.unit, 5)).rejects.toMatchObject({ code: 'TASK_IDENTITY_CHANGED' });
  });

  it('lists the new disk without being asked', async () => {
    await stage.ask('blocks.open', { id, lun: LUN });
    const sessions = stage.follow<SessionEntry[]>('sessions.state', undefined);
    swap();
    const list = await sessions.until((all) => all.some(({ luns }) => luns?.[0]?.serial === TWIN.serial));
    expect(list).toHaveLength(1);
    sessions.leave();
  });

  it('continues no image with its blocks', async () => {
    const path = join(stage.folder, 'swapped.img');
    stage.answer = path;
    let reads = 0;
    target.onRead(() => {
      reads += 1;
      if (reads !== 4) return false;
      swap();
      return true;
    });
    const images = stage.follow<ImageEntry[]>('blocks.images', undefined);
    await stage.ask('blocks.save', { id, lun: LUN, firstLba: '0', blocks: String(UNIT.blocks) });
    const list = await images.until((all) => all.some(({ state }) => state === 'done' || state === 'interrupted'));
    expect(list.map(({ state, error }) => [state, error?.code])).toEqual([['interrupted', 'TASK_IDENTITY_CHANGED']]);
    const since = target.received.map(({ opcode }) => opcode).lastIndexOf(0x03);
    const operations = target.received.slice(since).map(({ cdb }) => cdb[0]);
    expect(operations).not.toContain(0x28);
    expect(operations).not.toContain(0x88);
    images.leave();
    // It is kept, to be resumed where the first disk is found again.
    const kept = join(stage.folder, 'images.json');
    await vi.waitFor(() => expect(readFileSync(kept, 'utf8')).toContain('"interrupted"'));
  });
});

it('resumes no image with another disk, though nothing told that it was exchanged', async () => {
  const path = join(stage.folder, 'begun.img');
  stage.answer = path;
  const images = stage.follow<ImageEntry[]>('blocks.images', undefined);
  target.onRead((connection, request) => {
    const isPast = rangeOf(request).lba > 20_000;
    // HARDWARE ERROR would be filled; a reservation ends the job.
    if (isPast) connection.send({ opcode: 0x21, itt: request.itt, byte3: 0x18 });
    return isPast;
  });
  await stage.ask('blocks.save', { id, lun: LUN, firstLba: '0', blocks: String(UNIT.blocks) });
  await images.until((all) => all.some(({ state }) => state === 'interrupted'));
  const before = images.items.length;
  const begun = readFileSync(path);
  target.rules.length = 0;
  target.options.unit = TWIN;
  await stage.ask('blocks.resume', { id, lun: LUN, path });
  await vi.waitFor(() =>
    expect(images.items.slice(before).flat().at(-1)).toMatchObject({
      state: 'interrupted',
      error: { code: 'BAD_ARGUMENT', message: expect.stringMatching(/^The image is of/) as string },
    }),
  );
  expect(readFileSync(path).equals(begun)).toBe(true);
  images.leave();
});

it('tells in which login a session is, so that a reconnect nobody saw is known', async () => {
  const facts = await stage.ask('blocks.open', { id, lun: LUN });
  const sessions = stage.follow<SessionEntry[]>('sessions.state', undefined);
  const [first] = await sessions.until((all) => all.length === 1);
  for (const connection of target.connections) if (!connection.closed) connection.reset();
  expect(Buffer.from((await read(facts.unit, 21)).bytes)).toEqual(pattern(UNIT, 0, 8));
  await sessions.until(([now]) => now?.state === 'full' && now.logins > (first?.logins ?? 0));
  sessions.leave();
});

/** The unit is exchanged while the session goes on; the next command but questions for identity meets a unit attention. */
function exchange(code: readonly [asc: number, ascq: number]): void {
  target.options.unit = TWIN;
  let told = false;
  target.rules.unshift((connection, request) => {
    if (told || request.opcode !== 0x01 || request.cdb[0] === 0x12 || request.cdb[0] === 0xa0) return false;
    told = true;
    checkCondition(connection, request, 6, ...code);
    return true;
  });
}

describe('a unit exchanged in the middle of a session', () => {
  it.each([
    ['REPORTED LUNS DATA HAS CHANGED', [0x3f, 0x0e]],
    ['DEVICE IDENTIFIER CHANGED', [0x3f, 0x05]],
    ['MEDIUM MAY HAVE CHANGED', [0x28, 0x00]],
  ] as const)('gives nothing of it to the view of the first, after %s', async (_name, code) => {
    const facts = await stage.ask('blocks.open', { id, lun: LUN });
    await read(facts.unit, 11);
    exchange(code);
    await expect(read(facts.unit, 12)).rejects.toMatchObject({ code: 'TASK_IDENTITY_CHANGED' });
    const anew = await stage.ask('blocks.open', { id, lun: LUN });
    expect([facts.identity, anew.identity].map((name) => name.slice(-16))).toEqual([UNIT.naa, TWIN.naa]);
    await expect(read(facts.unit, 13)).rejects.toMatchObject({ code: 'TASK_IDENTITY_CHANGED' });
    expect(Buffer.from((await read(anew.unit, 14)).bytes)).toEqual(pattern(TWIN, 0, 8));
    expect(target.logins).toBe(1);
  });

  it('is on the list without being asked for, though nobody has opened it', async () => {
    const sessions = stage.follow<SessionEntry[]>('sessions.state', undefined);
    await sessions.until((all) => all.some(({ luns }) => luns?.[0]?.serial === UNIT.serial));
    exchange([0x3f, 0x0e]);
    // Any command at all brings the news.
    await stage.ask('luns.facts', { id, lun: LUN }).catch(() => undefined);
    await sessions.until((all) => all.some(({ luns }) => luns?.[0]?.serial === TWIN.serial));
    sessions.leave();
  });

  it('is called by its own name, though the list still told of the first', async () => {
    const sessions = stage.follow<SessionEntry[]>('sessions.state', undefined);
    await sessions.until((all) => all.some(({ luns }) => luns?.[0]?.serial === UNIT.serial));
    // Nothing tells of it: nobody had opened the first.
    target.options.unit = TWIN;
    const facts = await stage.ask('blocks.open', { id, lun: LUN });
    expect(facts.identity.slice(-16)).toBe(TWIN.naa);
    await sessions.until((all) => all.some(({ luns }) => luns?.[0]?.serial === TWIN.serial));
    sessions.leave();
  });
});
