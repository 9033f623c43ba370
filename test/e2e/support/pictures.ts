import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { expect } from 'vitest';
import { findAccessibilityFaults } from './accessibility.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'test-results', 'screens');

/** Keeps a picture of the window under test-results/screens; those of the window in Chromium say so in their names. */
export async function keepPicture(page: Page, name: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${page.url().startsWith('app:') ? '' : 'chromium-'}${name}.png`);
  await page.screenshot({ path });
  return path;
}

const THEMES = ['dark', 'light'] as const;
const SIZES = [
  [1280, 800],
  [1920, 1080],
] as const;
const [[WIDTH, HEIGHT]] = SIZES;
const patient = { timeout: 10_000 };

/** Keeps pictures of a screen in both themes and two sizes; tells what axe faults. `ready` is awaited before each. */
export async function faultsInEveryLook(
  app: ElectronApplication,
  page: Page,
  name: string,
  ready: () => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  const faults: string[] = [];
  for (const theme of THEMES) {
    await app.evaluate(({ nativeTheme }, wanted) => {
      nativeTheme.themeSource = wanted;
    }, theme);
    await page.waitForFunction((wanted) => matchMedia(`(prefers-color-scheme: ${wanted})`).matches, theme);
    for (const size of SIZES) {
      await app.evaluate(({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setContentSize(w, h), size);
      await page.waitForFunction((wanted) => window.innerWidth === wanted, size[0]);
      await ready();
      await keepPicture(page, `${name}-${theme}-${size[0]}`);
    }
    // A tip over the button that has the focus is no part of the screen.
    if ((await page.locator('.tooltip').count()) > 0) await page.keyboard.press('Escape');
    faults.push(...(await findAccessibilityFaults(page)).map((fault) => `${theme}: ${fault}`));
  }
  return faults;
}

/** The window as it was last painted, of which the browser's own pictures show only a part while it is zoomed. */
async function painted(app: ElectronApplication, page: Page): Promise<string> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return app.evaluate(async ({ BrowserWindow }) => {
    const image = await BrowserWindow.getAllWindows()[0]?.webContents.capturePage();
    return image?.toPNG().toString('base64') ?? '';
  });
}

async function zoom(app: ElectronApplication, page: Page, factor: number): Promise<void> {
  await app.evaluate(
    ({ BrowserWindow }, [width, height, wanted]) => {
      const window = BrowserWindow.getAllWindows()[0];
      window?.setContentSize(width, height);
      window?.webContents.setZoomFactor(wanted);
    },
    [WIDTH, HEIGHT, factor] as const,
  );
  await page.waitForFunction((wanted) => window.innerWidth === wanted, WIDTH / factor);
}

/** Shows a screen at 200 per cent in the smaller size, and keeps its picture once the zoom is in it. */
export async function zoomIn(
  app: ElectronApplication,
  page: Page,
  name: string,
  show: () => Promise<void>,
): Promise<void> {
  await zoom(app, page, 1);
  const before = await painted(app, page);
  await zoom(app, page, 2);
  await show();
  let picture = before;
  await expect.poll(async () => (picture = await painted(app, page)) !== before, patient).toBe(true);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}-zoom.png`), Buffer.from(picture, 'base64'));
}

/** Back to the size that screens are made for. */
export const zoomOut = (app: ElectronApplication, page: Page): Promise<void> => zoom(app, page, 1);
