import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findAccessibilityFaults } from './support/accessibility.ts';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { clearFilter, filter, front, opened, pane } from './support/trace-steps.ts';

onBothEnds('sample captures', ({ open }) => {
  let running: Walked;
  let page: Page;

  beforeAll(async () => {
    running = await open();
    page = running.page;
  });
  afterAll(() => running.close());

  it('begin with a sample that comes with the program', async () => {
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('button', { name: 'Traces' }).click();
    await page.getByRole('button', { name: 'Open a sample capture' }).click();
    await page.getByRole('menuitem', { name: /mutual CHAP/ }).click();
    await opened(page);
    await pane(page, 'Logins');
    const steps = front(page).getByRole('region', { name: 'Negotiation' });
    await expect.poll(() => steps.textContent()).toContain('CHAP_R=');
    expect(await steps.textContent()).toMatch(/CHAP_R=\d+ characters, not shown/);
  });

  it('are filtered by filters that have names of their own', async () => {
    await filter(page, 'scsi.opcode == inquiry');
    const saved = front(page).getByRole('button', { name: 'Saved filters' });
    await saved.click();
    await page.getByRole('menuitem', { name: 'Save this filter …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Saved filters' });
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Who are you');
    expect(await findAccessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save this filter' }).click();
    await clearFilter(page);
    await saved.click();
    await page.getByRole('menuitem', { name: /Who are you/ }).click();
    await expect
      .poll(() => front(page).locator('.filter-chip-text').allTextContents())
      .toEqual(['scsi.opcode == inquiry']);
    await saved.click();
    await page.getByRole('menuitem', { name: 'Rename or forget …' }).click();
    await dialog.getByRole('textbox', { name: 'Name of filter 1' }).fill('Inquiries');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await saved.click();
    await page.getByRole('menuitem', { name: /Inquiries/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+w');
  });
});
