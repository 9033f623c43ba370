import type { Page } from 'playwright';
import { expect } from 'vitest';

/** The first walk: start screen, about, settings, and back, by what a person sees. */
export async function walkFirstSlice(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Lunascope', exact: true }).waitFor();
  await page.keyboard.press('Control+Shift+P');
  await page.getByRole('combobox', { name: 'Run a command' }).fill('about');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'About Lunascope' }).waitFor();
  expect(await page.getByText('Node', { exact: true }).count()).toBe(1);

  await page.getByRole('navigation', { name: 'Areas' }).getByRole('button', { name: 'Settings' }).click();
  const dark = page.getByRole('button', { name: 'Dark' });
  await dark.click();
  await page.waitForFunction(
    () => document.querySelector('[aria-pressed="true"][data-pressed]')?.textContent === 'Dark',
  );
  const tabs = page.getByRole('tab');
  expect(await tabs.allTextContents()).toEqual(['Start', 'About', 'Settings']);
  await page.getByTitle('Close Settings').click();
  await page.getByTitle('Close About').click();
  expect(await tabs.allTextContents()).toEqual(['Start']);
  expect(await page.title()).toBe('Lunascope');
}

/** From the start screen to the running demo SAN, its trouble switched on and off, and stopped. */
export async function walkDemo(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Explore the demo SAN' }).click();
  await page.getByRole('heading', { name: 'Demo SAN' }).waitFor();
  const status = page.getByRole('status');
  await expect.poll(() => status.textContent()).toBe('Running');
  await expect.poll(() => page.getByRole('article').count()).toBe(5);
  const disks = page.getByRole('table', { name: 'LUNs of Disks of every kind' });
  expect(await disks.getByRole('row').count()).toBe(6);

  const slow = page.getByRole('switch', { name: 'Slow LUN' });
  await slow.click();
  await expect.poll(() => slow.getAttribute('aria-checked')).toBe('true');
  await slow.click();
  await expect.poll(() => slow.getAttribute('aria-checked')).toBe('false');
}

/** Stops the demo SAN from its screen. */
export async function stopDemo(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => page.getByRole('status').textContent()).toBe('Stopped');
  expect(await page.getByRole('article').count()).toBe(0);
}
