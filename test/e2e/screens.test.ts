import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { launchApp, type RunningApp } from './support/electron.ts';
import { faultsInEveryLook, zoomIn, zoomOut } from './support/pictures.ts';
import { outOfReach } from './support/reach.ts';
import { openSectors } from './support/sector-steps.ts';
import { opened } from './support/trace-steps.ts';

/** Runs a command by its words in the palette, as a person without a pointer would. */
async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+Shift+P');
  await page.getByRole('combobox', { name: 'Run a command' }).fill(words);
  await page.keyboard.press('Enter');
}

async function openLun(page: Page, button: string, heading: string): Promise<void> {
  await page.getByRole('tab', { name: 'Demo SAN' }).click();
  await page.getByRole('button', { name: button }).click();
  await page.getByRole('heading', { name: heading }).waitFor();
  await page.getByRole('tab', { name: 'Standard INQUIRY' }).filter({ visible: true }).waitFor();
}

type Screen = readonly [name: string, show: (page: Page) => Promise<void>];

/** Each screen, and how it is reached from the one before. */
const SCREENS: readonly Screen[] = [
  [
    'start',
    async (page) => {
      await page.getByRole('tab', { name: 'Start' }).click();
      await page.getByRole('heading', { name: 'Lunascope', exact: true }).waitFor();
    },
  ],
  [
    'add-portal',
    async (page) => {
      await command(page, 'add portal');
      await page.getByRole('heading', { name: 'Add portal' }).waitFor();
      await page.getByRole('checkbox', { name: 'Discovery wants CHAP' }).check();
    },
  ],
  [
    'demo',
    async (page) => {
      await command(page, 'explore the demo');
      await page.getByRole('button', { name: 'GPT disk' }).waitFor();
    },
  ],
  ['lun', (page) => openLun(page, 'GPT disk', 'LUNASCPE GPT disk')],
  [
    'sectors',
    async (page) => {
      await openLun(page, 'GPT disk', 'LUNASCPE GPT disk');
      await openSectors(page);
    },
  ],
  ['lun-huge', (page) => openLun(page, '8 EiB of generated content', 'LUNASCPE Generated 8 EiB')],
  [
    'target',
    async (page) => {
      await page
        .getByRole('treeitem', { name: /^iqn.*demo:huge/ })
        .first()
        .click();
      await page
        .getByRole('table', { name: /LUNs of session/ })
        .filter({ visible: true })
        .waitFor();
    },
  ],
  [
    'sign-in',
    async (page) => {
      await page
        .getByRole('treeitem', { name: /^iqn.*demo:vault/ })
        .first()
        .click();
      await page.getByText('Advanced: digests').filter({ visible: true }).click();
      await page.getByRole('button', { name: 'Sign in' }).filter({ visible: true }).click();
      await page.getByRole('alert').filter({ visible: true }).waitFor();
      await page
        .getByRole('button', { name: /Detail/ })
        .filter({ visible: true })
        .click();
    },
  ],
  [
    'session',
    async (page) => {
      await page.getByRole('treeitem', { name: /^Session 1/ }).click();
      await page.getByRole('table', { name: 'Negotiation' }).waitFor();
    },
  ],
  [
    'portal',
    async (page) => {
      await page
        .getByRole('treeitem', { name: /^Portal/ })
        .first()
        .click();
      await page.getByRole('list', { name: 'Targets' }).waitFor();
    },
  ],
  [
    'trace',
    async (page) => {
      await page.keyboard.press('Control+E');
      await page.getByRole('button', { name: 'Show', exact: true }).first().click();
      await opened(page);
      await page.getByRole('treegrid', { name: 'Tasks' }).filter({ visible: true }).focus();
      await page.keyboard.press('Home');
      await page.getByRole('grid', { name: 'Fields' }).filter({ visible: true }).waitFor();
    },
  ],
  [
    'traces',
    async (page) => {
      await page.getByRole('navigation', { name: 'Areas' }).getByRole('button', { name: 'Traces' }).click();
      await page.getByRole('tab', { name: 'Traces', selected: true }).waitFor();
    },
  ],
  [
    'inventory',
    async (page) => {
      await command(page, 'inventory');
      await page.getByRole('table', { name: 'Disks' }).waitFor();
    },
  ],
  [
    'system',
    async (page) => {
      await command(page, 'this computer');
      await page.getByRole('heading', { name: 'This computer' }).waitFor();
    },
  ],
  [
    'share',
    async (page) => {
      await command(page, 'share an image');
      await page.getByRole('heading', { name: 'Share an image' }).waitFor();
    },
  ],
  [
    'settings',
    async (page) => {
      await command(page, 'settings');
      await page.getByRole('heading', { name: 'Settings' }).waitFor();
    },
  ],
  [
    'keys',
    async (page) => {
      await command(page, 'keys');
      await page.getByRole('heading', { name: 'Keys', exact: true }).first().waitFor();
    },
  ],
  [
    'about',
    async (page) => {
      await command(page, 'about');
      await page.getByRole('heading', { name: 'About Lunascope' }).waitFor();
    },
  ],
  [
    'log',
    async (page) => {
      await command(page, 'show log');
      await page.getByRole('log').locator('.log-line').last().click();
      await page.getByRole('button', { name: 'Copy this line' }).waitFor();
    },
  ],
  [
    'palette',
    async (page) => {
      await page.keyboard.press('Control+Shift+P');
      await page.getByRole('combobox', { name: 'Run a command' }).waitFor();
    },
  ],
];

describe('every screen, in both themes and two sizes', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await launchApp();
  });
  afterAll(() => running.close());

  it.each(SCREENS)('%s has nothing that axe would fault', async (name, show) => {
    const { app, page } = running;
    await show(page);
    expect(await faultsInEveryLook(app, page, name)).toEqual([]);
  });

  it.each(SCREENS)('%s is whole and within reach at 200 per cent', async (name, show) => {
    const { app, page } = running;
    await page.keyboard.press('Escape');
    await zoomIn(app, page, name, () => show(page));
    expect(await outOfReach(page)).toEqual([]);
    await zoomOut(app, page);
  });

  it('made no complaint', () => {
    expect(running.complaints).toEqual([]);
  });
});
