import type {} from '../../renderer/lib/client.ts';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onBothEnds } from './support/both-ends.ts';
import { launchApp, stagedEnv, type RunningApp } from './support/electron.ts';

const run = promisify(execFile);
const captures = join(import.meta.dirname, '..', '..', 'assets', 'captures');
const target = 'iqn.2026-01.test.e2e:linked';

describe('what a link does', () => {
  let server: Server;
  let connections = 0;
  let running: RunningApp;
  let port = 0;
  beforeAll(async () => {
    server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = address !== null && typeof address === 'object' ? address.port : 0;
    running = await launchApp([`iscsi://linked-user%linked-secret-1@127.0.0.1:${port}/${target}/3`]);
  });
  afterAll(async () => {
    await running.close();
    server.close();
  });

  it('fills the sign-in form in and contacts nobody', async () => {
    const { page } = running;
    const form = page.getByRole('form', { name: 'Sign in' });
    await form.waitFor();
    expect(await form.getByRole('textbox', { name: 'CHAP name' }).inputValue()).toBe('linked-user');
    expect(await form.getByLabel('CHAP secret').inputValue()).toBe('');
    expect(await form.getByLabel('CHAP secret').getAttribute('placeholder')).toBe('Kept; leave empty to use it');
    expect(await page.evaluate(() => document.documentElement.innerHTML)).not.toContain('linked-secret-1');
    expect(connections).toBe(0);
  });

  it('fills the form in anew when another link comes to the running program, and contacts nobody', async () => {
    const { app, page } = running;
    const link = `iscsi://second-user%linked-secret-2@127.0.0.1:${port}/${target}/3`;
    await app.evaluate(
      ({ app: program }, argument) => program.emit('second-instance', {}, ['lunascope', argument]),
      link,
    );
    const form = page.getByRole('form', { name: 'Sign in' });
    await expect.poll(() => form.getByRole('textbox', { name: 'CHAP name' }).inputValue()).toBe('second-user');
    expect(await page.evaluate(() => document.documentElement.innerHTML)).not.toContain('linked-secret-2');
    expect(connections).toBe(0);
  });

  it('fills the discovery form in from a link without a target', async () => {
    const { app, page } = running;
    const link = `iscsi://found-user%linked-secret-3@127.0.0.1:${port}/`;
    await app.evaluate(
      ({ app: program }, argument) => program.emit('second-instance', {}, ['lunascope', argument]),
      link,
    );
    await page.getByRole('heading', { name: 'Add portal' }).waitFor();
    expect(await page.getByRole('textbox', { name: 'CHAP name' }).filter({ visible: true }).inputValue()).toBe(
      'found-user',
    );
    expect(connections).toBe(0);
    await page.keyboard.press('Control+W');
  });

  it('takes over the capture that a second start was given beside it, and that start ends', async () => {
    const { app, page, stage } = running;
    const folder = join(stage.home, 'elsewhere');
    mkdirSync(folder);
    copyFileSync(join(captures, 'task-management.pcapng'), join(folder, 'second.pcapng'));
    await run(stage.executable, [stage.app, 'second.pcapng'], { cwd: folder, env: stagedEnv(stage), timeout: 30_000 });
    await page.getByRole('tab', { name: /second\.pcapng/ }).waitFor();
    await page.getByRole('treegrid').first().waitFor();
    expect(app.windows()).toHaveLength(1);
    await page.keyboard.press('Control+W');
  });

  it('keeps on show why a link was refused', async () => {
    const { app, page } = running;
    await app.evaluate(({ app: program }) => program.emit('second-instance', {}, ['lunascope', 'iser://192.0.2.1/x']));
    await page.getByRole('button', { name: 'Show why' }).click();
    await page.getByText('A link was refused:').waitFor();
    await page.keyboard.press('Control+J');
  });

  it('goes out only when the person signs in', async () => {
    const { page } = running;
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    expect(connections).toBeGreaterThan(0);
  });
});

onBothEnds('what a restart keeps', ({ open }) => {
  it('brings back the tabs, the panel and the portals, and asks nobody', async () => {
    const first = await open();
    const { page } = first;
    await page.keyboard.press('Control+N');
    await page.getByRole('textbox', { name: 'Host, address, or iscsi:// link' }).fill('127.0.0.1');
    await page.getByRole('textbox', { name: 'Port' }).fill('1');
    await page.getByRole('button', { name: 'Discover targets' }).click();
    await page.getByRole('alert').waitFor();
    // A portal that never answered is kept only by who asks for that.
    await page.getByRole('treeitem', { name: /127\.0\.0\.1:1/ }).click();
    await page.getByRole('button', { name: 'Keep under Saved' }).click();
    await page.keyboard.press('Control+W');
    await page.keyboard.press('Control+,');
    await page.keyboard.press('Control+J');
    await page.getByRole('tablist', { name: 'Panels' }).waitFor();
    await expect
      .poll(async () => {
        const answer = await page.evaluate(() => window.lunascope.requests['layout.read'](undefined));
        return answer.ok && answer.value.visible.panel && answer.value.tabs.length;
      })
      .toBe(3);
    const second = await first.restart();
    const tabs = second.page.getByRole('tablist', { name: 'Open screens' }).getByRole('tab');
    await expect.poll(() => tabs.allTextContents()).toEqual(['Start', 'Add portal', 'Settings']);
    expect(await tabs.last().getAttribute('aria-selected')).toBe('true');
    expect(await second.page.getByRole('tablist', { name: 'Panels' }).count()).toBe(1);
    expect(await second.page.getByRole('treeitem', { name: /127\.0\.0\.1:1/ }).textContent()).toContain('not checked');
    await second.close();
  });
});

onBothEnds('putting parts of the window away', ({ open }) => {
  it('leaves what was typed where it was', async () => {
    const running = await open();
    const { page } = running;
    await page.keyboard.press('Control+N');
    const field = page.getByRole('textbox', { name: 'Host, address, or iscsi:// link' });
    await field.fill('half-typed');
    for (const key of ['Control+B', 'Control+J', 'Control+I', 'Control+B', 'Control+J', 'Control+I']) {
      await page.keyboard.press(key);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
      expect(await field.inputValue()).toBe('half-typed');
    }
    expect(await page.getByRole('tree').isVisible()).toBe(true);
    expect(running.complaints).toEqual([]);
    await running.close();
  });
});
