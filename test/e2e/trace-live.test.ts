import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportTraceFile } from '../../core/node/trace-export.ts';
import { TraceFile } from '../../core/node/trace-open.ts';
import { Tgt } from '../support/real/tgt.ts';
import { findAccessibilityFaults } from './support/accessibility.ts';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { addPortal, openTarget, signIn } from './support/explorer-steps.ts';
import { keepPicture } from './support/pictures.ts';
import { CAPTURES, count, filter, front, opened, openFile } from './support/trace-steps.ts';

const target = 'iqn.2026-11.org.example:guarded';

async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+Shift+P');
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
}

onBothEnds('traces that come from elsewhere, or are still written', ({ open }) => {
  let running: Walked;
  let tgt: Tgt;
  let page: Page;

  beforeAll(async () => {
    tgt = await Tgt.start([
      {
        name: target,
        luns: [{ lun: 1, file: 'disk', sizeBytes: 8 << 20 }],
        account: { user: 'someone', password: 'a-long-secret-1' },
      },
    ]);
    running = await open();
    page = running.page;
  });
  afterAll(async () => {
    await running.close();
    await tgt.stop();
  });

  it.each(['file', 'pipe'])('are followed live from a %s until they are stopped', async (kind) => {
    const path = join(running.home, `live-${kind}.pcapng`);
    const bytes = readFileSync(join(CAPTURES, 'tgt-rw-4k.pcapng'));
    const half = bytes.length >> 1;
    if (kind === 'pipe') execFileSync('mkfifo', ['-m', '666', path]);
    else writeFileSync(path, bytes.subarray(0, half));
    chmodSync(path, 0o666);
    await running.answerDialogs(path);
    await command(page, 'follow a live');
    const dialog = page.getByRole('dialog', { name: 'Follow a live capture' });
    await dialog.waitFor();
    expect(await findAccessibilityFaults(page)).toEqual([]);
    await keepPicture(page, 'trace-follow');
    await dialog.getByRole('button', { name: /Choose the file or pipe/ }).click();
    await page.getByRole('tab', { name: `live-${kind}.pcapng`, selected: true }).waitFor();
    const pipe = kind === 'pipe' ? createWriteStream(path) : null;
    pipe?.write(bytes.subarray(0, half));
    await front(page).locator('.trace-live').waitFor();
    const number = async (): Promise<number> => Number(/^\d+/.exec(await count(page))?.[0] ?? 0);
    await expect.poll(number).toBeGreaterThan(2);
    const before = await number();
    const follow = front(page).getByRole('button', { name: 'Follow what comes' });
    expect(await follow.count()).toBe(0);
    if (pipe === null) appendFileSync(path, bytes.subarray(half));
    else pipe.write(bytes.subarray(half));
    await expect.poll(number).toBeGreaterThan(before);
    expect(await follow.count()).toBe(0);
    await keepPicture(page, `trace-live-${kind}`);
    await front(page).getByRole('treegrid', { name: 'Tasks' }).focus();
    await page.keyboard.press('Home');
    await follow.click();
    await expect.poll(() => follow.count()).toBe(0);
    await front(page).locator('.trace-live').getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => front(page).locator('.trace-live').count()).toBe(0);
    expect(await number()).toBeGreaterThan(before);
    pipe?.destroy();
    await page.keyboard.press('Control+w');
  });

  it('show with each PDU what people noted before they exported it', async () => {
    const path = join(running.home, 'noted.pcapng');
    const original = new TraceFile();
    await original.read(join(CAPTURES, 'tgt-rw-4k.pcapng'));
    const notes = new Map([
      [1, 'Ask the vendor why they refuse this.'],
      [2, 'A long one. '.repeat(60)],
    ]);
    await exportTraceFile(original.trace, path, { notes });
    original.close();
    chmodSync(path, 0o644);
    await openFile(running, path);
    await opened(page);
    await front(page).getByRole('button', { name: 'PDUs', exact: true }).click();
    await front(page).locator('.trace-grid [role$="grid"]').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    const noted = front(page).locator('.detail-noted');
    await expect.poll(() => noted.textContent()).toContain('Ask the vendor why they refuse this.');
    await keepPicture(page, 'trace-noted');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => noted.textContent()).toContain('A long one.');
    await keepPicture(page, 'trace-noted-long');
    expect(await findAccessibilityFaults(page)).toEqual([]);
  });

  it('hold discoveries, and the sign-in that failed leads to the PDU that refused it', async () => {
    await addPortal(page, '127.0.0.1', tgt.port);
    await openTarget(page, target);
    await signIn(page, { user: 'someone', secret: 'a-wrong-secret-1' });
    const notice = page.locator('.notice[data-kind="error"]').filter({ visible: true });
    await notice.getByRole('button', { name: 'Show PDUs' }).click();
    const title = front(page).locator('.detail-head strong');
    await expect.poll(() => title.textContent()).toMatch(/Login Response/);
    await keepPicture(page, 'trace-proof');
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('button', { name: 'Traces' }).click();
    const found = front(page).getByRole('button', { name: `Discovery of 127.0.0.1:${tgt.port}` });
    await found.first().click();
    await opened(page);
    await filter(page, 'keys contains "SendTargets"');
    await expect.poll(() => count(page)).toMatch(/^1 of \d+ tasks$/);
  });
});
