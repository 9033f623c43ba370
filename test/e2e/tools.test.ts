import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../support/real/wait.ts';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { keepPicture } from './support/pictures.ts';

const run = promisify(execFile);

onBothEnds('what is done with LUNs, sessions and images', ({ open }) => {
  let running: Walked;
  beforeAll(async () => {
    running = await open();
    const { page } = running;
    await page.getByRole('button', { name: 'Explore the demo SAN' }).click();
    await page.getByRole('button', { name: 'Troubled disk' }).click();
    await page.getByRole('heading', { name: 'LUNASCPE Troubled' }).waitFor();
  });
  afterAll(() => running.close());

  it('measures by reading, as a job', async () => {
    const { page } = running;
    await page.getByLabel('Seconds').selectOption('1');
    await page.getByRole('button', { name: 'Measure' }).click();
    await page.getByText('Median').waitFor();
    const iops = await page.locator('.figures dd').first().textContent();
    expect(Number(iops?.replaceAll(/\D/g, ''))).toBeGreaterThan(0);
    await page.getByRole('img', { name: /Latency histogram/ }).waitFor();
    await page.keyboard.press('Control+J');
    await page.getByText(/IOPS, .* MB\/s/).waitFor();
    await keepPicture(page, 'electron-measure');
    await page.keyboard.press('Control+J');
  });

  it('names the bad block of a medium error, and goes there', async () => {
    const { page } = running;
    await page.getByRole('tab', { name: 'Demo SAN' }).click();
    await page.getByRole('switch', { name: 'Medium error' }).click();
    await page.getByRole('tab', { name: /LUN 0 Troubled/ }).click();
    await page.getByRole('combobox', { name: 'Reads' }).selectOption('read');
    await page.getByRole('button', { name: 'Measure' }).click();
    const alert = page.getByRole('alert').filter({ visible: true, hasText: 'Unrecovered read error' }).first();
    await alert.waitFor();
    expect(await alert.textContent()).toContain('at LBA 4096');
    await alert.getByRole('button', { name: 'Go to LBA 4096' }).click();
    await page.getByRole('tab', { name: /Sectors of LUN 0/ }).waitFor();
    await page.getByRole('tab', { name: 'Demo SAN' }).click();
    await page.getByRole('switch', { name: 'Medium error' }).click();
  });

  it('resets a target only when its name is typed', async () => {
    const { page } = running;
    await page.getByRole('treeitem', { name: /^Session 1/ }).click();
    await page.getByLabel('Function').selectOption('lunReset');
    await page.getByRole('button', { name: 'Send, after a question' }).click();
    const dialog = page.getByRole('alertdialog');
    const send = dialog.getByRole('button', { name: 'Send LOGICAL UNIT RESET' });
    await dialog.getByRole('textbox', { name: 'Name of the target' }).fill('iqn.2026-01.org.lunascope.demo:troubl');
    expect(await send.isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: 'Name of the target' }).fill('iqn.2026-01.org.lunascope.demo:troubled');
    await send.click();
    await page.getByText('LOGICAL UNIT RESET: Function complete.').waitFor();
  });

  it('saves an inventory, and tells what changed since', async () => {
    const { page } = running;
    const file = join(running.home, 'inventory.json');
    await running.answerDialogs(file);
    await page.keyboard.press('Control+Shift+P');
    await page.keyboard.type('inventory');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Save as JSON' }).click();
    await page.getByText(`Saved ${file}.`).waitFor();
    const saved = JSON.parse(readFileSync(file, 'utf8')) as { rows: { product: string; names: string }[] };
    expect(saved.rows.find(({ product }) => product === 'Troubled')?.names).toContain('naa.');
    await page.getByRole('button', { name: 'Compare with a saved one' }).click();
    await page.getByText(/The same: \d+ rows?; not the same: 0 rows/).waitFor();
  });

  it('shares an image that another initiator finds and lists', async () => {
    const { page } = running;
    const image = join(running.home, 'shared.img');
    writeFileSync(image, 'shared');
    truncateSync(image, 1024 * 1024);
    chmodSync(image, 0o644);
    await running.answerDialogs(image);
    const port = await freePort();
    await page.keyboard.press('Control+Shift+P');
    await page.keyboard.type('share an image');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Choose an image' }).click();
    await page.getByText(image).waitFor();
    await page.getByRole('textbox', { name: 'Port' }).filter({ visible: true }).fill(String(port));
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await page.getByText('No initiator is signed in.').waitFor();
    const { stdout } = await run('iscsi-ls', ['-s', `iscsi://127.0.0.1:${port}/`]);
    expect(stdout).toContain('shared.img');
    expect(stdout).toMatch(/Lun:0/);
    const commands = page.getByRole('table', { name: 'Latest commands' });
    await commands
      .getByRole('row', { name: /REPORT LUNS.*GOOD/ })
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Stop sharing' }).click();
    await expect.poll(() => page.getByText('No initiator is signed in.').count()).toBe(0);
  });

  it('made no complaint', () => {
    expect(running.complaints).toEqual([]);
  });
});
