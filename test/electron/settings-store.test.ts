import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settings } from '../../electron/contract/settings.ts';
import { SettingsStore } from '../../electron/main/services/settings-store.ts';

const ignore = (): void => undefined;

describe('the settings file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lunascope-settings-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const file = () => join(folder, 'settings.json');

  it('starts with the defaults and writes nothing unasked', async () => {
    const store = await SettingsStore.open(folder, ignore);
    expect(store.current).toEqual(settings.parse({}));
    expect(existsSync(file())).toBe(false);
  });

  it('keeps a change for the next start, readable by its owner only', async () => {
    const first = await SettingsStore.open(folder, ignore);
    await first.change({ theme: 'dark' });
    await first.change({ tourSeen: true });
    const second = await SettingsStore.open(folder, ignore);
    expect(second.current).toMatchObject({ theme: 'dark', tourSeen: true });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('leaves alone what a change names as undefined', async () => {
    const store = await SettingsStore.open(folder, ignore);
    await store.change({ theme: 'light' });
    expect(await store.change({ theme: undefined, tourSeen: true })).toMatchObject({
      theme: 'light',
      tourSeen: true,
    });
  });

  it('sets a damaged file aside instead of overwriting it', async () => {
    writeFileSync(file(), '{ "theme": "dark"');
    const store = await SettingsStore.open(folder, ignore);
    expect(store.current.theme).toBe('system');
    expect(readFileSync(`${file()}.damaged`, 'utf8')).toBe('{ "theme": "dark"');
  });

  it('reads an older file that lacks a field', async () => {
    writeFileSync(file(), '{ "theme": "light" }');
    expect((await SettingsStore.open(folder, ignore)).current).toEqual(settings.parse({ theme: 'light' }));
  });

  it('writes changes that come at once in order', async () => {
    const store = await SettingsStore.open(folder, ignore);
    await Promise.all((['dark', 'light', 'system', 'dark'] as const).map((theme) => store.change({ theme })));
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ theme: 'dark' });
  });

  it('tells of the settings when it opens and at each change', async () => {
    const seen: string[] = [];
    const store = await SettingsStore.open(folder, ({ theme }) => seen.push(theme));
    await store.change({ theme: 'dark' });
    expect(seen).toEqual(['system', 'dark']);
  });
});
