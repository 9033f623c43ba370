import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageEntry, SearchItem } from '../../electron/contract/blocks.ts';
import { listenRaw, type RawListener } from '../hostile/peers/raw-listener.ts';
import { RawTarget } from '../hostile/peers/raw-target.ts';
import { pattern, UNIT, type Unit } from '../hostile/peers/raw-unit.ts';
import { BlocksStage } from './blocks-stage.ts';

const TARGET = 'iqn.2026-01.test.blocks:odd';
const BLOCK = 520;
const BLOCKS = 1000;

/** A unit as arrays with protection of their own make them; the product's own target has no such blocks. */
const unit: Unit = { ...UNIT, blockSize: BLOCK, blocks: BLOCKS };
const content = Uint8Array.from(pattern(unit, 0, BLOCKS));

let stage: BlocksStage;
let listener: RawListener;
let at: { readonly id: string; readonly lun: string };
beforeAll(async () => {
  listener = await listenRaw(new RawTarget({ unit, segment: 8192 }));
  stage = await BlocksStage.open([]);
  const id = await stage.signInAt({ host: '127.0.0.1', port: listener.port }, TARGET);
  at = { id, lun: '0000000000000000' };
});
afterAll(async () => {
  await stage.close();
  await listener.close();
});

describe('blocks of 520 bytes', () => {
  const whole = createHash('sha256').update(content).digest('hex');

  it('are opened and read at any byte', async () => {
    const facts = await stage.ask('blocks.open', at);
    expect([facts.blockSize, facts.blocks, facts.bytes]).toEqual([BLOCK, '1000', '520000']);
    const { bytes, bad } = await stage.ask('blocks.read', {
      ...at,
      offset: '519',
      length: 1043,
      ticket: 9001,
    });
    expect([bytes, bad]).toEqual([content.slice(519, 1562), []]);
    const end = await stage.ask('blocks.read', { ...at, offset: '519999', length: 1, ticket: 9002 });
    expect(end.bytes).toEqual(content.slice(-1));
  });

  it('are summed, saved and searched', async () => {
    const sums = await stage.ask('blocks.checksum', { ...at, offset: '0', length: '520000' });
    expect(sums.sha256).toBe(whole);
    const path = join(stage.folder, 'odd.img');
    stage.answer = path;
    const images = stage.follow<ImageEntry[]>('blocks.images', undefined);
    await stage.ask('blocks.save', { ...at, firstLba: '0', blocks: '1000' });
    await images.until((all) => all.some((one) => one.path === path && one.state === 'done' && one.sha256 === whole));
    images.leave();
    expect(Buffer.compare(readFileSync(path), content)).toBe(0);
    // Twelve bytes over the edge of a block.
    const words = Buffer.from(content.subarray(77 * BLOCK - 6, 77 * BLOCK + 6)).toString('hex');
    const stream = stage.follow<SearchItem>('blocks.search', {
      ...at,
      query: { kind: 'hex', words },
      from: '0',
      to: '520000',
      backward: false,
      limit: 1000,
    });
    expect(await stream.ended).toBeNull();
    const hits = stream.items.flatMap((item) => item.hits.map(({ offset }) => Number(offset)));
    expect(hits).toContain(77 * BLOCK - 6);
  });
});
