import type {} from '../../renderer/lib/client.ts';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Tgt } from '../support/real/tgt.ts';
import { requireTool } from '../support/real/tools.ts';
import { findAccessibilityFaults } from './support/accessibility.ts';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { keepPicture } from './support/pictures.ts';
import { clearFilter, count, filter, front, opened, pane } from './support/trace-steps.ts';

const run = promisify(execFile);
const target = 'iqn.2026-11.org.example:traced';

async function tsharkPdus(path: string): Promise<number> {
  const { stdout } = await run(
    requireTool('tshark'),
    ['-r', path, '-Y', 'iscsi', '-T', 'fields', '-e', 'iscsi.opcode'],
    {
      maxBuffer: 1 << 26,
    },
  );
  return stdout.split(/[\n,]/).filter((text) => text.trim() !== '').length;
}

onBothEnds('a session with tgt, recorded and looked at', ({ open }) => {
  let running: Walked;
  let tgt: Tgt;
  let page: Page;

  beforeAll(async () => {
    tgt = await Tgt.start([{ name: target, luns: [{ lun: 1, file: 'disk', sizeBytes: 64 << 20 }] }]);
    running = await open();
    page = running.page;
  });
  afterAll(async () => {
    await running.close();
    await tgt.stop();
  });

  it('is on record from the first login without asking', async () => {
    const outcome = await page.evaluate(
      async ({ port, name }) => {
        const ask = window.lunascope.requests;
        const login = await ask['sessions.login']({
          host: '127.0.0.1',
          port,
          target: name,
          attempt: 'e2e',
          chap: null,
          options: {},
          save: false,
          keepSecrets: false,
        });
        if (!login.ok) return login.error.message;
        const lun = login.value.luns?.find(({ readable }) => readable)?.lun ?? '';
        const read = await ask['luns.measure']({
          id: login.value.id,
          lun,
          access: 'randread',
          blockBytes: 4096,
          queueDepth: 8,
          seconds: 1,
        });
        return read.ok ? 'read' : read.error.message;
      },
      { port: tgt.port, name: target },
    );
    expect(outcome).toBe('read');
    await page.getByRole('button', { name: 'Recording 1' }).waitFor();
    await page.keyboard.press('Control+e');
    await page.getByText(`Session 1, ${target}`).waitFor();
    expect(await findAccessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await front(page).getByRole('treegrid', { name: 'Tasks' }).waitFor();
    await opened(page);
    await expect.poll(() => count(page)).toMatch(/^\d{3,} tasks$/);
  });

  it('shows tasks that unfold to PDUs, by keyboard', async () => {
    const grid = front(page).getByRole('treegrid', { name: 'Tasks' });
    await grid.focus();
    await page.keyboard.press('Home');
    const first = grid.getByRole('row').nth(1);
    await expect.poll(() => first.textContent()).toContain('Login Request');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => first.getAttribute('aria-expanded')).toBe('true');
    await expect.poll(() => grid.getByRole('row').nth(3).textContent()).toContain('Login Response');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => first.getAttribute('aria-expanded')).toBe('false');
    await page.getByRole('button', { name: 'Follow what comes' }).waitFor();
  });

  it('filters with completion, tells what is wrong and how it may be meant', async () => {
    const box = front(page).getByRole('combobox', { name: 'Filter' });
    await page.keyboard.press('Control+f');
    await page.keyboard.type('scsi.op');
    await page.getByRole('option', { name: /scsi\.opcode/ }).click();
    await page.keyboard.type('== read1');
    await page.getByRole('option', { name: /^read10/ }).click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await expect.poll(() => count(page)).toMatch(/^\d+ of \d+ tasks$/);
    expect(await front(page).locator('.filter-chip-text').allTextContents()).toEqual(['scsi.opcode == read10']);
    await filter(page, 'latencey > 1us');
    const fault = front(page).getByRole('alert');
    expect(await fault.locator('mark').textContent()).toBe('latencey');
    await fault.getByRole('button', { name: 'Use latency' }).click();
    await box.press('Escape');
    await box.press('Enter');
    await expect.poll(() => front(page).locator('.filter-chip').count()).toBe(2);
  });

  it('steps through a task with full stop and comma, and marks', async () => {
    const grid = front(page).getByRole('treegrid', { name: 'Tasks' });
    await grid.focus();
    await page.keyboard.press('Home');
    const title = front(page).locator('.detail-head strong');
    await expect.poll(() => title.textContent()).toMatch(/SCSI Command READ\(10\)/);
    await page.keyboard.press('.');
    await expect.poll(() => title.textContent()).toMatch(/Data-In/);
    await page.keyboard.press(',');
    await expect.poll(() => title.textContent()).toMatch(/READ\(10\)/);
    await page.keyboard.press('Control+m');
    await grid.getByLabel('Marked').first().waitFor();
    const fields = front(page).getByRole('grid', { name: 'Fields' });
    await fields.focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => front(page).locator('.byte[data-lit="true"]').count()).toBeGreaterThan(0);
    await front(page).locator('.byte').nth(17).click();
    await expect.poll(() => fields.getByRole('row', { selected: true }).textContent()).toContain('Initiator');
    await keepPicture(page, 'trace-detail');
  });

  it('filters by the value of a cell', async () => {
    await clearFilter(page);
    const grid = front(page).getByRole('treegrid', { name: 'Tasks' });
    await expect.poll(() => count(page)).toMatch(/^\d+ tasks$/);
    await filter(page, 'scsi.opcode == read10');
    await expect.poll(() => count(page)).toMatch(/^\d+ of/);
    await expect.poll(() => grid.getByRole('row').nth(2).getByRole('gridcell').nth(5).textContent()).not.toBe('');
    await grid.getByRole('row').nth(2).getByRole('gridcell').nth(5).click({ button: 'right' });
    await keepPicture(page, 'trace-menu');
    await page.getByRole('menuitem', { name: /Filter by this LBA/ }).click();
    await expect.poll(() => front(page).locator('.filter-chip-text').last().textContent()).toMatch(/^lba == \d+$/);
  });

  it.each([
    ['Latency', /^latency >= [\d.]+(ns|us|ms|s)$/],
    ['Timeline', /^time >= [\d.]+(ns|us|ms|s)$/],
  ])('brushes over %s', async (name, condition) => {
    await clearFilter(page);
    await pane(page, name);
    const over = front(page).locator('.brush .u-over');
    await over.waitFor();
    await keepPicture(page, `trace-${name.toLowerCase()}`);
    const box = await over.boundingBox();
    if (box === null) throw new Error('There is no chart.');
    await page.mouse.move(box.x + box.width * 0.05, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 5 });
    await page.mouse.up();
    const chips = front(page).locator('.filter-chip-text');
    await expect.poll(() => chips.count()).toBe(2);
    expect(await chips.first().textContent()).toMatch(condition);
    await expect.poll(() => count(page)).toMatch(/^\d+ of \d+ tasks$/);
    const scope = front(page).getByRole('group', { name: 'What is shown' });
    const note = front(page).locator('.pane-scope [role="status"]');
    await expect.poll(() => note.textContent()).toMatch(/^\d.* of .+: those that pass the filter$/);
    await keepPicture(page, `trace-${name.toLowerCase()}-filtered`);
    expect(await findAccessibilityFaults(page)).toEqual([]);
    const brushed = await chips.allTextContents();
    await page.mouse.move(box.x + box.width * 0.4, box.y + 40 + 34);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60 + 34, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => chips.allTextContents()).not.toEqual(brushed);
    expect(await chips.count()).toBe(2);
    await scope.getByRole('button', { name: 'All' }).click();
    await expect.poll(() => note.textContent()).toMatch(/^All \d/);
    await scope.getByRole('button', { name: 'Filtered' }).click();
  });

  it('draws the ladder and the negotiation', async () => {
    await clearFilter(page);
    await pane(page, 'Ladder');
    await front(page).getByRole('list', { name: 'Ladder' }).getByRole('button').first().waitFor();
    await keepPicture(page, 'trace-ladder');
    await pane(page, 'Logins');
    await front(page).getByRole('cell', { name: 'MaxRecvDataSegmentLength' }).first().waitFor();
    await keepPicture(page, 'trace-logins');
  });

  it('stops when told to, and tshark reads every exported PDU', async () => {
    const sessions = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const end = window.lunascope.streams['sessions.state'](undefined, {
            onItems: (items) => {
              end();
              resolve(items.at(-1)?.[0]?.id ?? '');
            },
            onEnd: () => undefined,
          });
        }),
    );
    await page.evaluate((id) => window.lunascope.requests['sessions.logout']({ id }), sessions);
    await page.getByRole('button', { name: 'Not recording' }).waitFor();
    await front(page).getByRole('button', { name: 'PDUs', exact: true }).click();
    await expect.poll(() => front(page).locator('.trace-live').count()).toBe(0);
    const pdus = Number(/^(\d+) PDUs$/.exec(await count(page))?.[1]);
    for (const [scope, safe] of [
      ['all', false],
      ['filtered', true],
    ] as const) {
      if (scope === 'filtered') await filter(page, 'failed || opcode in {0x03, 0x23}');
      await expect.poll(() => count(page)).toMatch(scope === 'all' ? /^\d+ PDUs$/ : /^\d+ of \d+ PDUs$/);
      const wanted = scope === 'all' ? pdus : Number(/^\d+/.exec(await count(page))?.[0]);
      const path = join(running.home, `${scope}.pcapng`);
      await running.answerDialogs(path);
      await front(page).getByRole('button', { name: 'Export', exact: true }).click();
      const dialog = page.getByRole('dialog', { name: 'Export the trace' });
      await dialog.getByRole('combobox', { name: 'What' }).selectOption(scope);
      if (safe) await dialog.getByRole('checkbox', { name: 'Safe to share' }).check();
      await expect.poll(() => dialog.locator('.export-size').textContent()).toContain('PDUs, about');
      if (!safe) {
        expect(await findAccessibilityFaults(page)).toEqual([]);
        await keepPicture(page, 'trace-export');
      }
      await dialog.getByRole('button', { name: 'Export …' }).click();
      await dialog.getByRole('button', { name: 'Show in folder' }).waitFor();
      await dialog.getByRole('button', { name: 'Close' }).click();
      expect(wanted).toBeGreaterThan(0);
      expect(await tsharkPdus(path)).toBe(wanted);
      if (safe) expect(readFileSync(path).includes(target)).toBe(false);
    }
    expect(pdus).toBeGreaterThan(100);
  });

  it('exports what is selected, whole tasks of it, however many', async () => {
    await clearFilter(page);
    await front(page).getByRole('button', { name: 'Tasks', exact: true }).click();
    const grid = front(page).getByRole('treegrid', { name: 'Tasks' });
    await grid.focus();
    await page.keyboard.press('Control+a');
    await page.getByText(/^\d+ selected$/).waitFor();
    const path = join(running.home, 'selected.jsonl');
    await running.answerDialogs(path);
    await front(page).getByRole('button', { name: 'Export', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Export the trace' });
    await dialog.getByRole('combobox', { name: 'What' }).selectOption('selected');
    await dialog.getByRole('combobox', { name: 'As' }).selectOption('jsonl');
    await dialog.getByRole('checkbox', { name: 'Safe to share' }).check();
    await dialog.getByText('What is kept, hashed and zeroed').click();
    await dialog.getByRole('row', { name: /CHAP_R and CHAP_C zeroed/ }).waitFor();
    await expect.poll(() => dialog.locator('.export-size').textContent()).toContain('PDUs, about');
    await dialog.getByRole('button', { name: 'Export …' }).click();
    await dialog.getByRole('button', { name: 'Show in folder' }).waitFor();
    expect(await dialog.locator('.export-done').textContent()).toContain(path);
    await keepPicture(page, 'trace-export-done');
    await dialog.getByRole('button', { name: 'Close' }).click();
    const lines = readFileSync(path, 'utf8').trim().split('\n').length;
    await front(page).getByRole('button', { name: 'PDUs', exact: true }).click();
    await expect.poll(() => count(page)).toMatch(/^\d+ PDUs$/);
    const loose = Number(/^\d+/.exec(await count(page))?.[0]) - lines;
    expect(loose).toBeGreaterThanOrEqual(0);
    expect(loose).toBeLessThan(lines / 20);
  });

  it('is listed, and can be deleted', async () => {
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('button', { name: 'Traces' }).click();
    await front(page)
      .getByRole('button', { name: `Session 1, ${target}`, exact: true })
      .waitFor();
    await keepPicture(page, 'trace-library');
    expect(await findAccessibilityFaults(page)).toEqual([]);
    await front(page).getByRole('button', { name: 'Delete all that have ended' }).click();
    await front(page).getByRole('button', { name: 'Delete 1 recording for good' }).click();
    await front(page).getByText('Nothing is recorded yet').waitFor();
    expect(running.complaints).toEqual([]);
  });
});
