import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';

const folder = join(import.meta.dirname, '..', '..', '..', 'test-results', 'screens');

/** Keeps a picture of the window under test-results/screens; those of the window in Chromium say so in their names. */
export async function keepPicture(page: Page, name: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${page.url().startsWith('app:') ? '' : 'chromium-'}${name}.png`);
  await page.screenshot({ path });
  return path;
}

/** Keeps a picture of a window that is zoomed, of which the browser's own pictures show only a part. */
export async function keepZoomed(app: ElectronApplication, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const png = await app.evaluate(async ({ BrowserWindow }) => {
    const image = await BrowserWindow.getAllWindows()[0]?.webContents.capturePage();
    return image?.toPNG().toString('base64') ?? '';
  });
  writeFileSync(join(folder, `${name}.png`), Buffer.from(png, 'base64'));
}
