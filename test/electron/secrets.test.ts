import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecretBox } from '../../electron/main/host.ts';
import { SecretKeeper } from '../../electron/main/services/secret-keeper.ts';

const box: SecretBox = {
  available: () => Promise.resolve(true),
  seal: (plain) => Promise.resolve(new Uint8Array(Buffer.from(plain).reverse())),
  open: (sealed) => Promise.resolve(Buffer.from(sealed).reverse().toString()),
};
const none: SecretBox = { ...box, available: () => Promise.resolve(false) };
const place = { host: 'array', port: 3260, target: 'iqn.2026-01.test:a', user: 'me', side: 'initiator' } as const;

describe('secrets', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lunascope-secrets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('come back in the next run, sealed on disk', async () => {
    const first = await SecretKeeper.open(folder, box);
    expect(await first.put(place, 'open-sesame', true)).toBe('store');
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).not.toContain('open-sesame');
    const second = await SecretKeeper.open(folder, box);
    expect(await second.get(place)).toBe('open-sesame');
  });

  it.each([
    ['host', { host: 'other' }],
    ['port', { port: 3261 }],
    ['target', { target: 'iqn.2026-01.test:b' }],
    ['name', { user: 'you' }],
    ['side', { side: 'target' as const }],
  ])('are not inherited by another %s', async (_what, change) => {
    const keeper = await SecretKeeper.open(folder, box);
    await keeper.put(place, 'open-sesame', true);
    expect(await keeper.get({ ...place, ...change })).toBeNull();
    expect(keeper.where({ ...place, ...change })).toBe('none');
  });

  it('are kept for this run only where the system has no store, and it says so', async () => {
    const keeper = await SecretKeeper.open(folder, none);
    expect(keeper.available).toBe(false);
    expect(await keeper.put(place, 'open-sesame', true)).toBe('run');
    expect(keeper.where(place)).toBe('run');
    expect(await (await SecretKeeper.open(folder, none)).get(place)).toBeNull();
  });

  it('are gone when forgotten, from disk too', async () => {
    const keeper = await SecretKeeper.open(folder, box);
    await keeper.put(place, 'open-sesame', true);
    await keeper.forget(place.host, place.port, place.target);
    expect(await keeper.get(place)).toBeNull();
    expect(await (await SecretKeeper.open(folder, box)).get(place)).toBeNull();
  });
});
