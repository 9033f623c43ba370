import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {} from '../../renderer/lib/client.ts';
import { stagedEnv } from '../e2e/support/electron.ts';
import { keepPicture } from '../e2e/support/pictures.ts';
import { stagePackaged, type Stage } from '../e2e/support/stage.ts';
import { walkFirstSlice } from '../e2e/support/walks.ts';

function packagedExecutable(): string {
  const path = process.env['LUNASCOPE_PACKAGED'];
  if (path === undefined) throw new Error('LUNASCOPE_PACKAGED is not set; run it through npm run smoke:packaged.');
  return path;
}

/** The address of the debugging port, which the program prints once it listens. */
async function debuggingAddress(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('The program has no error output to read.');
  for await (const line of createInterface({ input: child.stderr })) {
    const found = /DevTools listening on (ws:\/\/\S+)/.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error('The packaged program ended before it listened for a debugger.');
}

describe('the packaged directory', () => {
  let place: Stage;
  let child: ChildProcess;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    place = stagePackaged(packagedExecutable());
    child = spawn(place.executable, ['--remote-debugging-port=0'], {
      cwd: place.home,
      env: stagedEnv(place),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    browser = await chromium.connectOverCDP(await debuggingAddress(child), { noDefaults: true });
    child.stderr?.resume();
    const context = browser.contexts()[0];
    if (context === undefined) throw new Error('The packaged program opened no window.');
    page = context.pages()[0] ?? (await context.waitForEvent('page'));
    await page.waitForSelector('.frame');
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    await browser.close().catch(() => undefined);
    rmSync(place.folder, { recursive: true, force: true });
  });

  it('starts and passes the first walk', async () => {
    await walkFirstSlice(page);
    await keepPicture(page, 'packaged-start');
  });

  it('opens a capture of its archive in a thread of its archive', async () => {
    await page.keyboard.press('Control+Shift+P');
    await page.keyboard.type('sample capture: a login with mutual');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'mutual-chap.pcapng', selected: true }).waitFor();
    await page
      .getByRole('status')
      .filter({ hasText: /^6 tasks$/ })
      .waitFor();
    await page.getByRole('group', { name: 'Panes' }).getByRole('button', { name: 'Findings' }).click();
    await page.getByText('Notes (1)').waitFor();
    await keepPicture(page, 'packaged-trace');
  });

  it('says that it is a devbuild when it carries another Electron than the pinned one', async () => {
    const pinned = (
      JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
        devDependencies: Record<string, string>;
      }
    ).devDependencies['electron'];
    const answer = await page.evaluate(() => window.lunascope.requests['app.info'](undefined));
    if (!answer.ok) throw new Error(answer.error.message);
    const isPinned = answer.value.electron === pinned;
    expect(answer.value.devBuild).toBe(!isPinned);
    const status = await page.getByRole('contentinfo', { name: 'Status' }).textContent();
    expect(status?.includes('devbuild')).toBe(!isPinned);
    const archive = readdirSync(dirname(dirname(packagedExecutable()))).filter((name) => name.endsWith('.tar.gz'));
    for (const name of archive) expect(name.includes('devbuild')).toBe(!isPinned);
  });

  it("19. has the fuses of a release, Electron's checklist asks", async () => {
    const wire = await getCurrentFuseWire(packagedExecutable());
    const off = [
      FuseV1Options.RunAsNode,
      FuseV1Options.EnableNodeOptionsEnvironmentVariable,
      FuseV1Options.EnableNodeCliInspectArguments,
    ];
    const on = [
      FuseV1Options.EnableCookieEncryption,
      FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
      FuseV1Options.OnlyLoadAppFromAsar,
    ];
    for (const fuse of off) expect(wire[fuse], FuseV1Options[fuse]).toBe(FuseState.DISABLE);
    for (const fuse of on) expect(wire[fuse], FuseV1Options[fuse]).toBe(FuseState.ENABLE);
    // Electron 22 has no such fuse; where it exists it is off.
    expect(wire[FuseV1Options.GrantFileProtocolExtraPrivileges]).not.toBe(FuseState.ENABLE);
  });

  it('does not run as a bare Node', async () => {
    const answer = await new Promise<string>((resolve) => {
      const probe = spawn(place.executable, ['-e', 'process.stdout.write("node")'], {
        cwd: place.home,
        env: { ...stagedEnv(place), ELECTRON_RUN_AS_NODE: '1' },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let output = '';
      probe.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      probe.on('exit', () => resolve(output));
    });
    expect(answer).toBe('');
  });

  it('sandboxes its renderer, as the kernel tells', () => {
    const renderers = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
          return command.includes('--type=renderer') && command.includes(place.home);
        } catch {
          return false;
        }
      });
    expect(renderers.length).toBeGreaterThan(0);
    for (const pid of renderers) expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Seccomp:\t2$/m);
  });
});
