import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { Tgt } from '../support/real/tgt.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { launchApp, type RunningApp } from './support/electron.ts';
import { addPortal, openTarget, signIn } from './support/explorer-steps.ts';
import { keepPicture } from './support/pictures.ts';

const name = 'iqn.2026-01.org.lunascope.demo:multipath';

/** The rows of the table of paths: where each goes, and what it says of reads. */
const pathRows = async (page: Page): Promise<string[]> => {
  const rows = page.getByRole('table', { name: 'Paths to this disk' }).filter({ visible: true }).locator('tbody tr');
  return rows.evaluateAll((all) =>
    all.map(
      (row) =>
        `${row.children[0]?.textContent ?? ''} ${row.children[4]?.textContent ?? ''} ${row.children[7]?.textContent ?? ''}`,
    ),
  );
};

onBothEnds('the paths to a disk, on the demo SAN', ({ open }) => {
  let running: Walked;
  let portals: string[] = [];
  beforeAll(async () => {
    running = await open();
  });
  afterAll(() => running.close());

  it('shows a disk that two portals lead to as one, with the state of each path', async () => {
    const { page } = running;
    await page.getByRole('button', { name: 'Explore the demo SAN' }).click();
    const targets = page.getByRole('treeitem', { name });
    await expect.poll(() => targets.count()).toBe(2);
    for (const at of [0, 1]) {
      await targets.nth(at).click();
      await page.getByRole('button', { name: 'Copy as iscsi://' }).filter({ visible: true }).waitFor();
      await signIn(page, null);
      await page
        .getByRole('table', { name: /LUNs of session/ })
        .filter({ visible: true })
        .waitFor();
    }
    await page
      .getByRole('treeitem', { name: /^LUN 0 Two paths/ })
      .first()
      .click();
    await page.getByRole('heading', { name: 'Paths (2)' }).waitFor();
    const rows = await pathRows(page);
    portals = rows.map((row) => row.split(' ')[0] ?? '');
    expect(rows).toEqual([
      `${portals[0] ?? ''} Active/optimized, preferred this way`,
      `${portals[1] ?? ''} Active/non-optimized Read this way`,
    ]);
    expect(new Set(portals).size).toBe(2);
  });

  it('times each path', async () => {
    const { page } = running;
    await page.getByRole('button', { name: 'Time the paths' }).click();
    const cells = page.getByRole('table', { name: 'Paths to this disk' }).locator('tbody tr td:nth-child(7)');
    await expect
      .poll(() => cells.allTextContents())
      .toEqual([
        expect.stringMatching(/^[\d.]+ (µs|ms) to [\d.]+ (µs|ms)$/),
        expect.stringMatching(/^[\d.]+ (µs|ms) to [\d.]+ (µs|ms)$/),
      ]);
  });

  it('reads the sectors through the path that was chosen', async () => {
    const { page } = running;
    await page.getByRole('button', { name: 'Read this way' }).click();
    await expect
      .poll(() => pathRows(page))
      .toEqual([
        `${portals[0] ?? ''} Active/optimized, preferred Read this way`,
        `${portals[1] ?? ''} Active/non-optimized this way, as chosen`,
      ]);
    await keepPicture(page, 'paths-chosen');
    await page.getByRole('button', { name: 'Sectors', exact: true }).filter({ visible: true }).click();
    await page.getByRole('grid', { name: /^Bytes of/ }).waitFor();
    const picker = page.getByRole('combobox', { name: 'Read through' });
    expect(await picker.locator('option:checked').textContent()).toContain(portals[1]);
    await keepPicture(page, 'paths-sectors');
  });

  it('puts a disk once under its target when the tree is grouped by target', async () => {
    const { page } = running;
    await page.getByRole('button', { name: 'Group by target' }).click();
    await page
      .getByRole('treeitem', { name: /^Path / })
      .first()
      .waitFor();
    expect(await page.getByRole('treeitem', { name: /^LUN 0 Two paths/ }).count()).toBe(1);
    await keepPicture(page, 'paths-by-target');
    await page.getByRole('button', { name: 'Group by portal' }).click();
  });

  it('offers the other path where the unit refuses to be read by the chosen one, and changes nothing before', async () => {
    const { page } = running;
    const failover = async (): Promise<void> => {
      await page.getByRole('tab', { name: 'Demo SAN' }).click();
      await page.getByRole('switch', { name: 'Path failover' }).click();
      await page.getByRole('tab', { name: /^Sectors of LUN 0/ }).click();
    };
    await failover();
    await page.getByRole('combobox', { name: 'Read through' }).selectOption({ index: 0 });
    const alert = page.getByRole('alert').filter({ visible: true, hasText: 'This path is on standby' });
    await alert.waitFor();
    await keepPicture(page, 'paths-standby');
    await alert.getByRole('button', { name: `Read through ${portals[1] ?? ''}` }).click();
    await page.getByRole('grid', { name: /^Bytes of/ }).waitFor();
    expect(await alert.count()).toBe(0);
    await failover();
  });

  it('says that the chosen path has ended, reads nothing, and offers the other', async () => {
    const { page } = running;
    await page.getByRole('treeitem', { name: /^Session 2/ }).click();
    await page.getByRole('button', { name: 'Sign out' }).filter({ visible: true }).click();
    await page.getByRole('treeitem', { name: /^Session 2.*signed out/ }).waitFor();
    await page.getByRole('tab', { name: /^Sectors of LUN 0/ }).click();
    const ended = `${portals[1] ?? ''}, the path chosen for this disk, has ended`;
    const alert = page.getByRole('alert').filter({ visible: true, hasText: ended });
    await alert.waitFor();
    expect(await page.getByRole('alert').filter({ visible: true }).count()).toBe(1);
    await keepPicture(page, 'paths-ended');
    await alert.getByRole('button', { name: new RegExp(`^Read through ${portals[0] ?? ''}`) }).click();
    await expect.poll(() => page.getByRole('alert').filter({ visible: true }).count()).toBe(0);
    await page.getByRole('grid', { name: /^Bytes of/ }).waitFor();
  });

  it('made no complaint', () => {
    expect(running.complaints).toEqual([]);
  });
});

describe('a computer that sleeps, in Electron', () => {
  const open = 'iqn.2026-01.test.e2e:sleeper';
  let running: RunningApp;
  let tgt: Tgt;
  let proxy: FaultProxy;
  beforeAll(async () => {
    tgt = await Tgt.start([{ name: open, luns: [{ lun: 1, file: 'open.img', sizeBytes: 1024 * 1024 }] }]);
    proxy = await FaultProxy.start({ host: '127.0.0.1', port: tgt.port });
    running = await launchApp();
  });
  afterAll(async () => {
    await running.close();
    await proxy.stop();
    await tgt.stop();
  });

  it('finds out on waking that the session is gone, brings it back, and says all that in its history', async () => {
    const { app, page } = running;
    await addPortal(page, '127.0.0.1', proxy.port);
    await openTarget(page, open);
    await signIn(page, null);
    await page.getByRole('button', { name: 'Session details' }).filter({ visible: true }).click();
    await page.getByRole('table', { name: 'Negotiation' }).waitFor();
    await app.evaluate(({ powerMonitor }) => powerMonitor.emit('suspend'));
    proxy.faults.silent = true;
    await app.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'));
    await page
      .getByText(/Full feature phase → Reconnecting/)
      .filter({ visible: true })
      .first()
      .waitFor({ timeout: 20_000 });
    proxy.faults.silent = false;
    await page
      .getByText(/The computer woke after \d+ s\./)
      .filter({ visible: true })
      .first()
      .waitFor();
    await page
      .getByText(/The session did not survive: /)
      .filter({ visible: true })
      .first()
      .waitFor();
    await expect
      .poll(() => page.getByRole('treeitem', { name: /^Session 1 signed in/ }).count(), { timeout: 20_000 })
      .toBe(1);
    await keepPicture(page, 'session-woken');
    expect(running.complaints).toEqual([]);
  });
});
