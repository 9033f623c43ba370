import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { keepPicture } from './support/pictures.ts';
import { goTo, grid, rows, settled } from './support/sector-steps.ts';

const patient = { timeout: 20_000 };
const MIB = 1024 * 1024;
const RUN = 64 * 1024;
const LINE = 'This disk can be made to fail.\n';
const SECTORS = 'Sectors of LUN 0 Troubled';

/** The digits of sixteen bytes of the troubled disk. */
function digitsAt(address: bigint): string {
  const from = Number(address % BigInt(RUN));
  return Buffer.from(Array.from({ length: 16 }, (_, at) => LINE.charCodeAt((from + at) % LINE.length))).toString('hex');
}

/** Whatever shows digits shows those of its address; gives how many rows do. */
async function expectTrueBytes(page: Page): Promise<number> {
  const shown = (await rows(page)).filter(({ hex }) => /^[0-9a-f]+$/.test(hex));
  for (const { address, hex } of shown) expect(hex, `at ${String(address)}`).toBe(digitsAt(address));
  return shown.length;
}

onBothEnds('sectors of a disk in trouble', ({ open, name }) => {
  let running: Walked;
  let page: Page;
  beforeAll(async () => {
    running = await open();
    ({ page } = running);
    await page.getByRole('button', { name: 'Explore the demo SAN' }).click();
    await page.getByRole('button', { name: 'Troubled disk' }).click();
    await page.getByRole('heading', { name: 'LUNASCPE Troubled' }).waitFor();
  });
  afterAll(() => running.close());

  /** Switches trouble on the demo's screen, and comes back. */
  async function trouble(title: string, on: boolean): Promise<void> {
    await page.getByRole('tab', { name: 'Demo SAN' }).click();
    const toggle = page.getByRole('switch', { name: title });
    await toggle.click();
    await expect.poll(() => toggle.getAttribute('aria-checked'), patient).toBe(String(on));
    await page.getByRole('tab', { name: SECTORS }).click();
  }

  it('opens from the menu of the tree, and by a double-click', async () => {
    const row = page.getByRole('treeitem', { name: /^LUN 0.*Troubled/ });
    await row.click({ button: 'right' });
    await keepPicture(page, 'sectors-tree-menu');
    await page.getByRole('menuitem', { name: /^Open sectors/ }).click();
    await grid(page).waitFor();
    await settled(page);
    await page.keyboard.press('Control+W');
    await expect.poll(() => page.getByRole('tab', { name: SECTORS }).count(), patient).toBe(0);
    await row.dblclick();
    await grid(page).waitFor();
    await settled(page);
    expect(await expectTrueBytes(page)).toBeGreaterThan(16);
  });

  it('shows crosses for what the medium refuses, says so, and shows the rest', async () => {
    await trouble('Medium error', true);
    await page.keyboard.press('F5');
    await goTo(page, 'lba:4096');
    await page.getByRole('alert').filter({ visible: true, hasText: '4096' }).waitFor();
    const crossed = (await rows(page)).filter(({ hex }) => /^×+$/.test(hex)).map(({ address }) => address);
    expect(crossed.length).toBeGreaterThan(8);
    expect(crossed.every((address) => address >= 4096n * 512n && address < 4104n * 512n)).toBe(true);
    expect(await expectTrueBytes(page)).toBeGreaterThan(0);
    await keepPicture(page, 'sectors-unreadable');
    const path = join(running.home, 'troubled.img');
    await running.answerDialogs(path);
    await page.getByRole('tab', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Save the whole LUN' }).click();
    const saved = page.locator('.hex-images li').filter({ hasText: path });
    await expect.poll(() => saved.textContent(), patient).toMatch(/whole, 100\.0% of 16 MiB, 8 blocks unreadable/);
    await trouble('Medium error', false);
    await page.keyboard.press('F5');
    await settled(page);
    expect(await expectTrueBytes(page)).toBe((await rows(page)).length);
  });

  it('calls the blocks that its image could not get neither equal nor different', async () => {
    await page.getByRole('tab', { name: 'Compare', exact: true }).click();
    await page.getByRole('checkbox', { name: 'The whole LUN' }).check();
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    const panel = page.getByRole('tabpanel', { name: 'Compare' });
    await expect.poll(() => panel.getByRole('status').textContent(), patient).toMatch(/^No known byte differs/);
    const unknown = panel.getByRole('group', { name: 'Not known' }).getByRole('button');
    expect(await unknown.allTextContents()).toEqual([`0x${(4096 * 512).toString(16)}4\u202f096 bytes`]);
    await unknown.click();
    await settled(page);
    await keepPicture(page, `sectors-not-known-${name}`);
    expect(await panel.getByRole('group', { name: 'Differences' }).count()).toBe(0);
  });

  it('knows the new size of a LUN that grew, and the old one again', async () => {
    await trouble('The LUN grows', true);
    await page.keyboard.press('F5');
    await page.getByText('49 152 blocks of 512 bytes').filter({ visible: true }).waitFor();
    await goTo(page, 'end');
    const last = (await rows(page)).filter(({ hex }) => hex !== '').at(-1);
    expect(last).toEqual({ address: BigInt(24 * MIB - 16), hex: '00'.repeat(16) });
    await trouble('The LUN grows', false);
    // Nothing but a read that the unit refuses, or a key, tells that it shrank.
    await page.keyboard.press('F5');
    await page.getByText('32 768 blocks of 512 bytes').filter({ visible: true }).waitFor();
    await goTo(page, 'end');
    const end = (await rows(page)).filter(({ hex }) => hex !== '').at(-1);
    expect(end).toEqual({ address: BigInt(16 * MIB - 16), hex: digitsAt(BigInt(16 * MIB - 16)) });
  });

  it('shows nothing that was not sent while its connection is lost, and fills when it is back', async () => {
    await trouble('Dropped connection', true);
    const area = (await page.getByRole('scrollbar').filter({ visible: true }).boundingBox())!;
    await page.mouse.move(area.x + 5, area.y + area.height - 5);
    await page.mouse.down();
    for (let step = 1; step <= 30; step += 1) {
      await page.mouse.move(area.x + 5, area.y + area.height - (area.height * step) / 40);
      await expectTrueBytes(page);
    }
    await page.mouse.up();
    await keepPicture(page, `sectors-dropped-${name}`);
    await trouble('Dropped connection', false);
    await expect
      .poll(async () => {
        const again = page.getByRole('button', { name: 'Read again', exact: true }).filter({ visible: true });
        if ((await again.count()) > 0) await again.click();
        return (await expectTrueBytes(page)) === (await rows(page)).length;
      }, patient)
      .toBe(true);
  });

  it('made no complaint', () => expect(running.complaints).toEqual([]));
});
