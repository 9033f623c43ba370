import { chmodSync, copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Locator, Page } from 'playwright';
import type { Walked } from './both-ends.ts';

/** Captures of real targets, kept with the tests. */
export const CAPTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'captures');

type Opener = Pick<Walked, 'page' | 'home' | 'answerDialogs'>;

/** Opens a file the way a person does: by key and dialog. */
export async function openFile(running: Opener, path: string): Promise<void> {
  await running.answerDialogs(path);
  await running.page.keyboard.press('Control+o');
  await running.page.getByRole('tab', { name: basename(path), selected: true }).waitFor();
}

/** Opens one of the captures of real targets, from a place the program can read. */
export async function openCapture(running: Opener, name: string): Promise<void> {
  const path = join(running.home, name);
  copyFileSync(join(CAPTURES, name), path);
  chmodSync(path, 0o644);
  await openFile(running, path);
}

/** The tab panel in front. */
export const front = (page: Page): Locator => page.locator('.tab-panel:not([hidden])');

/** Brings one of a trace's panes to the front. */
export async function pane(page: Page, name: string): Promise<void> {
  await front(page).getByRole('group', { name: 'Panes' }).getByRole('button', { name }).click();
}

/** What the filter bar says of how many there are, its digits not grouped. */
export const count = async (page: Page): Promise<string> =>
  ((await front(page).locator('.filter-count').textContent()) ?? '').replaceAll('\u202f', '');

/** Waits until the trace in front has lines: a thread starts first, and on a busy machine that takes a while. */
export async function opened(page: Page): Promise<void> {
  await front(page).locator('.filter-count').filter({ hasText: /[1-9]/ }).waitFor({ timeout: 30_000 });
}

/** Types a condition and applies it. */
export async function filter(page: Page, text: string): Promise<void> {
  const box = front(page).getByRole('combobox', { name: 'Filter' });
  await box.fill(text);
  await page.keyboard.press('Escape');
  await box.press('Enter');
}

/** Takes every condition away. */
export async function clearFilter(page: Page): Promise<void> {
  const chips = front(page).locator('.filter-chip-close');
  while ((await chips.count()) > 0) await chips.first().click();
}
