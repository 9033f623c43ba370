import { afterAll, beforeAll, expect, it } from 'vitest';
import { Tgt } from '../support/real/tgt.ts';
import { freePort } from '../support/real/wait.ts';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { addPortal, openTarget, signIn } from './support/explorer-steps.ts';
import { keepPicture } from './support/pictures.ts';

const name = 'iqn.2026-01.test.e2e:vault';
const open = 'iqn.2026-01.test.e2e:open';
const account = { user: 'e2e-initiator', password: 'e2e-secret-0001' };

onBothEnds('the explorer, against tgt', ({ open: openWindow }) => {
  let running: Walked;
  let tgt: Tgt;
  beforeAll(async () => {
    tgt = await Tgt.start([
      { name, luns: [{ lun: 1, file: 'vault.img', sizeBytes: 16 * 1024 * 1024 }], account },
      { name: open, luns: [{ lun: 1, file: 'open.img', sizeBytes: 8 * 1024 * 1024 }] },
    ]);
    running = await openWindow();
  });
  afterAll(async () => {
    await running.close();
    await tgt.stop();
  });

  it('goes from the start to a LUN of the demo SAN in two clicks', async () => {
    const { page } = running;
    await page.getByRole('button', { name: 'Explore the demo SAN' }).click();
    await page.getByRole('button', { name: 'GPT disk' }).click();
    await page.getByRole('heading', { name: 'LUNASCPE GPT disk' }).waitFor();
    expect(await page.getByText('64 MiB (67\u202f108\u202f864 bytes)').count()).toBe(1);
    await page.getByRole('tab', { name: 'Standard INQUIRY' }).waitFor();
    await page.getByRole('tab', { name: '80h Unit serial number' }).click();
    await page.getByRole('grid', { name: '80h Unit serial number' }).waitFor();
    await keepPicture(page, 'explorer-lun');
  });

  it('says in words why a dead portal gave nothing', async () => {
    const { page } = running;
    const port = await freePort();
    await addPortal(page, '127.0.0.1', port);
    const alert = page.getByRole('alert').filter({ visible: true });
    await expect.poll(() => alert.textContent()).toContain(`Nothing accepts connections at 127.0.0.1:${port}`);
    await alert.getByRole('button', { name: /Detail/ }).click();
    expect(await alert.textContent()).toContain('CONNECT_REFUSED');
    await keepPicture(page, 'explorer-dead-portal');
    await page.keyboard.press('Control+W');
  });

  it('says that nobody knows a host name, and what to do', async () => {
    const { page } = running;
    await addPortal(page, 'array.invalid', 3260);
    const alert = page.getByRole('alert').filter({ visible: true });
    await expect.poll(() => alert.textContent()).toContain('No address is known for the host name array.invalid');
    expect(await alert.textContent()).toContain('Check the spelling');
    await page.keyboard.press('Control+W');
  });

  it('discovers the targets of a typed portal, and lists them in the tree', async () => {
    const { page } = running;
    await addPortal(page, '127.0.0.1', tgt.port);
    await page.getByRole('heading', { name: tgt.portal }).waitFor();
    await page.getByRole('treeitem', { name }).waitFor();
    expect(await page.getByRole('treeitem', { name: open }).count()).toBe(1);
  });

  it('says that a wrong secret was not believed, and keeps saying it in the tab', async () => {
    const { page } = running;
    await openTarget(page, name);
    await signIn(page, { user: account.user, secret: 'not-the-secret' });
    const alert = page.getByRole('alert').filter({ visible: true });
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/The target does not believe this initiator|wrong|refused/i);
    expect(await alert.textContent()).toContain('0x0201');
    await keepPicture(page, 'explorer-wrong-secret');
    await alert.getByRole('button', { name: 'Show PDUs' }).click();
    await page.getByRole('tab', { name: /^Trace of / }).waitFor();
    // The trace opens in a thread of its own; a busy machine takes longer than a poll waits.
    await page.locator('.detail-head strong', { hasText: 'Login Response' }).filter({ visible: true }).waitFor();
    await keepPicture(page, 'explorer-wrong-secret-pdus');
    await page.keyboard.press('Control+W');
    await alert.waitFor();
  });

  it('signs in with CHAP over the typed form and shows the LUN', async () => {
    const { page } = running;
    await signIn(page, { user: account.user, secret: account.password });
    await page
      .getByRole('table', { name: /LUNs of session/ })
      .filter({ visible: true })
      .waitFor();
    await page.getByRole('button', { name: 'LUN 1' }).filter({ visible: true }).click();
    await page.getByRole('heading', { name: 'IET VIRTUAL-DISK' }).waitFor();
    expect(await page.getByText('16 MiB (16\u202f777\u202f216 bytes)').filter({ visible: true }).count()).toBe(1);
    const text = await page.evaluate(() => document.body.innerHTML);
    expect(text).not.toContain(account.password);
  });

  it('says that the target is gone when it is killed, and comes back with it', async () => {
    const { page } = running;
    await tgt.kill();
    await page
      .getByText(/Reconnecting/)
      .filter({ visible: true })
      .first()
      .waitFor({ timeout: 20_000 });
    await keepPicture(page, 'explorer-target-killed');
    await tgt.revive();
    await expect
      .poll(
        () =>
          page
            .getByText(/Reconnecting\. What/)
            .filter({ visible: true })
            .count(),
        { timeout: 30_000 },
      )
      .toBe(0);
  });

  it('asks the target to prove itself, and agrees on digests, when told to', async () => {
    const { page } = running;
    await page
      .getByRole('treeitem', { name: /^iqn.*demo:vault/ })
      .first()
      .click();
    const form = page.getByRole('form', { name: 'Sign in' }).filter({ visible: true });
    await form.getByRole('checkbox', { name: 'Authenticate with CHAP' }).check();
    await form.getByRole('checkbox', { name: /The target must prove itself too/ }).check();
    await form.getByRole('textbox', { name: 'CHAP name', exact: true }).fill('demo-initiator');
    await form.getByLabel('CHAP secret').fill('open-sesame-2026');
    await form.getByRole('textbox', { name: 'The target’s CHAP name' }).fill('demo-target');
    await form.getByLabel('The target’s secret').fill('sesame-answers-2026');
    await form.getByText('Advanced: digests').click();
    await form.getByRole('combobox', { name: 'HeaderDigest' }).selectOption('CRC32C');
    await form.getByRole('combobox', { name: 'DataDigest' }).selectOption('CRC32C');
    await form.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(/as demo-initiator, the target proved itself/).waitFor();
    await page.getByRole('button', { name: 'Session details' }).filter({ visible: true }).click();
    await page.getByText(/header digest CRC32C, data digest CRC32C/).waitFor();
    const states = page.getByRole('list', { name: 'States of the session' });
    expect(await states.locator('[aria-current="step"]').textContent()).toBe('Full feature phase');
    const keys = page.getByRole('table', { name: 'Negotiation' });
    expect(await keys.getByRole('row', { name: /^HeaderDigest/ }).textContent()).toContain('CRC32C');
  });

  it('made no complaint', () => {
    expect(running.complaints).toEqual([]);
  });
});
