import type {} from '../../renderer/lib/client.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type RunningBrowser } from './support/chromium.ts';
import { launchApp, type RunningApp } from './support/electron.ts';
import { keepPicture } from './support/pictures.ts';
import { walkFirstSlice } from './support/walks.ts';

describe('the first slice in Electron', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await launchApp();
  });
  afterAll(() => running.close());

  it('walks start, about and settings without a complaint', async () => {
    await walkFirstSlice(running.page);
    await keepPicture(running.page, 'electron-start');
    expect(running.complaints).toEqual([]);
  });

  it('tells which Electron runs, as the process itself reports it', async () => {
    const versions = await running.app.evaluate(() => process.versions);
    const answer = await running.page.evaluate(() => window.lunascope.requests['app.info'](undefined));
    if (!answer.ok) throw new Error(answer.error.message);
    expect(answer.value.electron).toBe(versions.electron);
    expect(answer.value.node).toBe(versions.node);
  });

  it('answers a malformed request with a sentence, and keeps running', async () => {
    const answer = await running.page.evaluate(() =>
      window.lunascope.requests['settings.write']({ theme: 'pink' } as never),
    );
    expect(answer).toMatchObject({ ok: false, error: { code: 'BAD_REQUEST' } });
    expect(answer).toHaveProperty('error.message', 'The request settings.write was refused: theme is not valid.');
  });

  it('keeps the theme for the next start', async () => {
    const themeSource = await running.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource);
    expect(themeSource).toBe('dark');
    const dark = await running.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
    expect(dark).toBe(true);
  });
});

describe('the first slice in Chromium, services in Node', () => {
  let running: RunningBrowser;
  beforeAll(async () => {
    running = await launchBrowser();
  });
  afterAll(() => running.close());

  it('takes the same walk', async () => {
    await walkFirstSlice(running.page);
    await keepPicture(running.page, 'chromium-start');
    expect(running.complaints).toEqual([]);
  });
});
