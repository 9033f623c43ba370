import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { keepPicture } from './support/pictures.ts';

/** What has the focus, by its role and words. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element === null
      ? ''
      : `${element.getAttribute('role') ?? element.tagName.toLowerCase()} ${(element.getAttribute('aria-label') ?? element.textContent).trim()}`;
  });

/** Presses Tab until what has the focus begins with `words`, its role first. */
async function tabTo(page: Page, words: string): Promise<void> {
  for (let i = 0; i < 80; i += 1) {
    if ((await focused(page)).startsWith(words)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach “${words}”; the focus is on ${await focused(page)}.`);
}

onBothEnds('the whole way without a pointer', ({ open }) => {
  let running: Walked;
  beforeAll(async () => {
    running = await open();
  });
  afterAll(() => running.close());

  it('goes by F6 from region to region, and back', async () => {
    const { page } = running;
    const seen: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      await page.keyboard.press('F6');
      seen.push(
        await page.evaluate(() => document.activeElement?.closest('[data-region]')?.getAttribute('data-region') ?? ''),
      );
    }
    expect(seen).toEqual(['activity', 'sidebar', 'main']);
    await page.keyboard.press('Shift+F6');
    expect(
      await page.evaluate(() => document.activeElement?.closest('[data-region]')?.getAttribute('data-region')),
    ).toBe('sidebar');
  });

  it('starts the demo SAN, walks the tree, signs in and reads what a LUN says', async () => {
    const { page } = running;
    await page.keyboard.press('Control+Shift+P');
    await page.keyboard.type('explore the demo');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'GPT disk' }).waitFor();
    await page.keyboard.press('Control+P');
    await page.keyboard.type('demo:disks');
    await page.keyboard.press('Enter');
    await page.getByRole('form', { name: 'Sign in' }).waitFor();
    await tabTo(page, 'button Sign in');
    await page.keyboard.press('Enter');
    await page.getByRole('table', { name: /LUNs of session/ }).waitFor();
    await tabTo(page, 'tree Storage');
    await page.keyboard.type('LUN 0');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'LUNASCPE GPT disk' }).waitFor();
    await page.getByRole('tab', { name: 'Standard INQUIRY' }).waitFor();
    await tabTo(page, 'tab Standard INQUIRY');
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toContain('Read capacity');
    await tabTo(page, 'grid Read capacity');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.locator('.byte[data-lit="true"]').count()).toBeGreaterThan(0);
    await keepPicture(page, 'keyboard-lun');
  });

  it('goes on to the sectors, and saves what the LUN says', async () => {
    const { page, home } = running;
    const file = join(home, 'lun.json');
    await running.answerDialogs(file);
    await tabTo(page, 'button Sectors');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Sectors of LUN 0 GPT disk' }).waitFor();
    await page.getByRole('grid').filter({ visible: true }).first().waitFor();
    await page.keyboard.press('Control+Tab');
    await tabTo(page, 'button Save');
    await page.keyboard.press('Enter');
    await page.getByText(`Saved ${file}.`).waitFor();
    const saved = JSON.parse(readFileSync(file, 'utf8')) as { lun: { product: string }; facts: { pages: unknown[] } };
    expect(saved.lun.product).toBe('GPT disk');
    expect(saved.facts.pages.length).toBeGreaterThan(10);
  });

  it('closes, reopens and reaches tabs by their numbers', async () => {
    const { page } = running;
    const tabs = page.getByRole('tablist', { name: 'Open screens' }).getByRole('tab');
    const before = await tabs.allTextContents();
    await page.keyboard.press('Control+W');
    expect(await tabs.count()).toBe(before.length - 1);
    await page.keyboard.press('Control+Shift+T');
    expect(await tabs.allTextContents()).toEqual(before);
    await page.keyboard.press('Control+1');
    expect(await tabs.first().getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Control+9');
    expect(await tabs.last().getAttribute('aria-selected')).toBe('true');
  });

  it('shows its keys on a question mark', async () => {
    const { page } = running;
    await page.keyboard.press('F6');
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keys', exact: true }).waitFor();
    expect(await page.getByRole('row', { name: /Command palette/ }).textContent()).toContain('Ctrl+Shift+P');
  });

  it('made no complaint', () => {
    expect(running.complaints).toEqual([]);
  });
});
