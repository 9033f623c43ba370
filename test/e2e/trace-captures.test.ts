import { chmodSync, copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TraceFile } from '../../core/node/index.ts';
import { findProblems } from '../../core/trace/index.ts';
import { findAccessibilityFaults } from './support/accessibility.ts';
import { walkedApp, type Walked } from './support/both-ends.ts';
import { launchApp, type RunningApp } from './support/electron.ts';
import { keepPicture } from './support/pictures.ts';
import { CAPTURES, front, openCapture, pane } from './support/trace-steps.ts';

describe('captures', () => {
  let app: RunningApp;
  let running: Walked;
  let page: Page;
  const names = readdirSync(CAPTURES).filter((name) => name.endsWith('.pcapng'));

  beforeAll(async () => {
    app = await launchApp();
    running = walkedApp(app);
    page = running.page;
  });
  afterAll(() => running.close());

  it.each(names)('%s shows its findings', async (name) => {
    const file = new TraceFile();
    await file.read(join(CAPTURES, name));
    const expected = findProblems(file.trace);
    file.close();
    await openCapture(running, name);
    await pane(page, 'Findings');
    if (expected.length === 0) await front(page).getByText('No rule found anything odd').waitFor();
    else
      await expect
        .poll(() => front(page).locator('.found strong').allTextContents())
        .toEqual(expected.map(({ title }) => title));
    const [first] = expected.flatMap(({ pdus }) => pdus);
    if (first !== undefined) {
      await front(page)
        .locator('.found-pdus')
        .getByRole('button', { name: `#${first}`, exact: true })
        .first()
        .click();
      await expect
        .poll(() => front(page).locator('.detail-head strong').textContent())
        .toMatch(new RegExp(`^#${first} `));
    }
    await page.keyboard.press('Control+w');
    expect(running.complaints).toEqual([]);
  });

  it('are opened when they are dragged in', async () => {
    const path = join(running.home, 'dragged.pcapng');
    copyFileSync(join(CAPTURES, 'tgt-discovery.pcapng'), path);
    chmodSync(path, 0o644);
    const devtools = await page.context().newCDPSession(page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await devtools.send('Input.dispatchDragEvent', { type, x: 600, y: 300, data });
    await page.getByRole('tab', { name: 'dragged.pcapng', selected: true }).waitFor();
    await front(page).getByRole('treegrid', { name: 'Tasks' }).waitFor();
    await page.keyboard.press('Control+w');
  });

  it.each(['dark', 'light'] as const)('have nothing that axe would fault in the %s theme', async (theme) => {
    await running.setTheme(theme);
    await openCapture(running, 'tgt-checkcond-readonly.pcapng');
    const grid = front(page).getByRole('treegrid', { name: 'Tasks' });
    await grid.focus();
    await page.keyboard.press('End');
    for (const name of ['Detail', 'Findings', 'Latency', 'Timeline', 'Ladder', 'Logins', 'Marks']) {
      await pane(page, name);
      await expect
        .poll(() =>
          front(page)
            .getByText(/^(Reading|Looking|Adding up|Drawing|Reading the logins) …$/)
            .count(),
        )
        .toBe(0);
      expect(await findAccessibilityFaults(page)).toEqual([]);
      await keepPicture(page, `trace-${theme}-${name.toLowerCase()}`);
    }
    await page.keyboard.press('Control+w');
  });

  it('give a command the room that nothing else takes, and scroll no figure of the latencies sideways', async () => {
    const sized = async (width: number): Promise<void> => {
      await app.app.evaluate(
        ({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]?.setContentSize(wanted, 800),
        width,
      );
      await page.waitForFunction((wanted) => window.innerWidth === wanted, width);
    };
    await sized(1280);
    await openCapture(running, 'tgt-rw-immediate.pcapng');
    await front(page).getByRole('gridcell', { name: 'INQUIRY, page 0x83', exact: true }).first().waitFor();
    const cut = await front(page)
      .getByRole('gridcell', { name: /^(INQUIRY|READ|WRITE|MODE SENSE)/ })
      .evaluateAll((cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length);
    expect(cut).toBe(0);
    await sized(900);
    await pane(page, 'Latency');
    const table = front(page).getByRole('region', { name: 'Latency by command' });
    await table.getByRole('button', { name: 'All commands' }).waitFor();
    const sideways = (): Promise<number> =>
      table.evaluate((own) =>
        [own, own.closest('.trace-pane')!].reduce((sum, box) => sum + box.scrollWidth - box.clientWidth, 0),
      );
    await expect.poll(sideways).toBe(0);
    await keepPicture(page, 'trace-latency-900');
    await sized(1280);
    await page.keyboard.press('Control+w');
  });
});
