import type { Page } from 'playwright';
import { expect } from 'vitest';

/** The first walk: start screen, about, settings, and back, by what a person sees. */
export async function walkFirstSlice(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Lunascope', exact: true }).waitFor();
  await page.getByRole('navigation', { name: 'Areas' }).getByRole('button', { name: 'About' }).click();
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
  await page.getByRole('button', { name: 'Close Settings' }).click();
  await page.getByRole('button', { name: 'Close About' }).click();
  expect(await tabs.allTextContents()).toEqual(['Start']);
  expect(await page.title()).toBe('Lunascope');
}
