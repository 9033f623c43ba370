import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchApp, type RunningApp } from '../e2e/support/electron.ts';

const folder = process.env['LUNASCOPE_SCREENS'] ?? join(import.meta.dirname, '..', '..', 'test-results', 'screens');

const SIZES = [
  [1280, 800],
  [1920, 1080],
] as const;
const THEMES = ['dark', 'light'] as const;

/** Every screen, and how a person gets there. */
const SCREENS: Readonly<Record<string, (running: RunningApp) => Promise<void>>> = {
  start: async ({ page }) => {
    await page.getByRole('tab', { name: 'Start' }).click();
    await page.getByRole('heading', { name: 'Lunascope', exact: true }).waitFor();
  },
  demo: async ({ page }) => {
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('button', { name: 'Demo SAN' }).click();
    await expect.poll(() => page.getByRole('article').count()).toBeGreaterThan(0);
  },
  settings: ({ page }) => page.getByRole('navigation').getByRole('button', { name: 'Settings' }).click(),
  about: async ({ page }) => {
    await page.keyboard.press('Control+Shift+P');
    await page.getByRole('combobox', { name: 'Run a command' }).fill('about');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'About Lunascope' }).waitFor();
  },
};

describe('pictures of every screen', () => {
  let running: RunningApp;
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    running = await launchApp();
  });
  afterAll(() => running.close());

  for (const theme of THEMES) {
    for (const [width, height] of SIZES) {
      it.each(Object.entries(SCREENS))(`%s, ${theme}, ${width}x${height}`, async (name, open) => {
        await running.app.evaluate(
          ({ BrowserWindow, nativeTheme }, wanted) => {
            nativeTheme.themeSource = wanted.theme;
            BrowserWindow.getAllWindows()[0]?.setContentSize(wanted.width, wanted.height);
          },
          { theme, width, height },
        );
        await running.page.waitForFunction((wanted) => innerWidth === wanted, width);
        await open(running);
        await running.page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
      });
    }
  }
});
