import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchApp, type RunningApp } from './support/electron.ts';
import { faultsInEveryLook, zoomIn, zoomOut } from './support/pictures.ts';
import { outOfReach } from './support/reach.ts';
import { goTo, grid, openSectors, rows, settled } from './support/sector-steps.ts';

const EIGHT_EIB = 2n ** 63n;
async function openLun(page: Page, button: string, heading: string): Promise<void> {
  await page.getByRole('tab', { name: 'Demo SAN' }).click();
  await page.getByRole('button', { name: button }).click();
  await page.getByRole('heading', { name: heading }).waitFor();
  await openSectors(page);
}

const VIEWS = [
  [
    'gpt',
    async (page: Page) => {
      await openLun(page, 'GPT disk', 'LUNASCPE GPT disk');
      const tree = page.getByRole('tree', { name: 'Structures on the disk' });
      await tree.getByRole('treeitem', { name: /GPT header \(primary\)/ }).click();
      await tree.press('ArrowRight');
      await tree.getByRole('treeitem', { name: /^Disk GUID/ }).click();
      await settled(page);
    },
  ],
  [
    'last-8eib',
    async (page: Page) => {
      await openLun(page, '8 EiB of generated content', 'LUNASCPE Generated 8 EiB');
      await goTo(page, 'end');
    },
  ],
] as const;

describe('the sectors in both themes and two sizes', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await launchApp();
    await running.page.getByRole('button', { name: 'Explore the demo SAN' }).click();
  });
  afterAll(() => running.close());

  it.each(VIEWS)(
    '%s has nothing that axe would fault, and everything within reach at 200 per cent',
    async (name, show) => {
      const { app, page } = running;
      await show(page);
      const ready = () => settled(page);
      expect(await faultsInEveryLook(app, page, `sectors-${name}`, ready)).toEqual([]);
      await zoomIn(app, page, `sectors-${name}`, ready);
      expect(await outOfReach(page)).toEqual([]);
      // Whole bytes are in sight, and the cursor is brought there whatever column it goes to.
      await grid(page).focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('End');
      const cursor = (await page.locator('.hex-cursor[data-front="true"]').filter({ visible: true }).boundingBox())!;
      const area = (await grid(page).boundingBox())!;
      expect(cursor.x).toBeGreaterThanOrEqual(area.x);
      expect(cursor.x + cursor.width).toBeLessThanOrEqual(area.x + area.width);
      await zoomOut(app, page);
    },
  );

  it('stand at the last sector of 8 EiB', async () => {
    const last = async () => (await rows(running.page)).filter(({ hex }) => hex !== '').at(-1)?.address;
    await expect.poll(last).toBe(EIGHT_EIB - 16n);
  });

  it('made no complaint', () => expect(running.complaints).toEqual([]));
});
