import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';

const folder = join(import.meta.dirname, '..', '..', '..', 'test-results', 'screens');

/** Keeps a picture of the window under test-results/screens; those of the window in Chromium say so in their names. */
export async function keepPicture(page: Page, name: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${page.url().startsWith('app:') ? '' : 'chromium-'}${name}.png`);
  await page.screenshot({ path });
  return path;
}
