import type {} from '../../renderer/lib/client.ts';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { launchBrowser, type RunningBrowser } from './support/chromium.ts';
import { electronExecutable, launchApp, stagedEnv, type RunningApp } from './support/electron.ts';
import { keepPicture } from './support/pictures.ts';
import { stage } from './support/stage.ts';
import { walkFirstSlice } from './support/walks.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

onBothEnds('the first slice', ({ open }) => {
  let running: Walked;
  beforeAll(async () => {
    running = await open();
  });
  afterAll(() => running.close());

  it('walks start, about and settings without a complaint', async () => {
    await walkFirstSlice(running.page);
    await keepPicture(running.page, 'first-slice');
    expect(running.complaints).toEqual([]);
  });

  it('answers a malformed request with a sentence, and keeps running', async () => {
    const answer = await running.page.evaluate(() =>
      window.lunascope.requests['settings.write']({ theme: 'pink' } as never),
    );
    expect(answer).toMatchObject({ ok: false, error: { code: 'BAD_REQUEST' } });
    expect(answer).toHaveProperty('error.message', 'The request settings.write was refused: theme is not valid.');
  });

  it('keeps the theme', async () => {
    const theme = { dark: await running.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches) };
    expect(theme).toEqual({ dark: true });
  });
});

describe('the first slice in Electron alone', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await launchApp();
  });
  afterAll(() => running.close());

  it('tells which Electron runs, as the process itself reports it', async () => {
    const versions = await running.app.evaluate(() => process.versions);
    const answer = await running.page.evaluate(() => window.lunascope.requests['app.info'](undefined));
    if (!answer.ok) throw new Error(answer.error.message);
    expect(answer.value.electron).toBe(versions.electron);
    expect(answer.value.node).toBe(versions.node);
  });

  it('takes over what a second start was given, which ends at once', async () => {
    const { page, stage } = running;
    await run(stage.executable, [stage.app, 'iscsi://192.0.2.1/iqn.2026-01.example:second/0'], {
      cwd: stage.home,
      env: stagedEnv(stage),
      timeout: 20_000,
    });
    await page.getByRole('form', { name: 'Sign in' }).waitFor();
    expect(await page.getByText('iqn.2026-01.example:second').filter({ visible: true }).count()).toBeGreaterThan(0);
    expect(running.app.windows()).toHaveLength(1);
  });

  it('gives the theme to the native parts of the window', async () => {
    const answer = await running.page.evaluate(() => window.lunascope.requests['settings.write']({ theme: 'dark' }));
    expect(answer).toMatchObject({ ok: true });
    expect(await running.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('dark');
  });
});

describe('npm start', () => {
  it('writes a picture of the demo SAN into the folder it was called from, and ends', async () => {
    const electron = electronExecutable();
    const place = stage(electron, join(root, 'dist', 'app'));
    try {
      await run('npm', ['--prefix', root, 'start', '--', '--demo', '--screenshot', 'demo.png'], {
        cwd: place.home,
        env: stagedEnv(place, { LUNASCOPE_ELECTRON_DIST: dirname(electron) }),
        timeout: 50_000,
      });
      expect(readFileSync(join(place.home, 'demo.png')).subarray(1, 4).toString()).toBe('PNG');
    } finally {
      rmSync(place.folder, { recursive: true, force: true });
    }
  });

  it('ends with a sentence where a switch has a value it cannot have', async () => {
    const electron = electronExecutable();
    const place = stage(electron, join(root, 'dist', 'app'));
    try {
      const start = run('npm', ['--prefix', root, 'start', '--', '--theme', 'pink'], {
        cwd: place.home,
        env: stagedEnv(place, { LUNASCOPE_ELECTRON_DIST: dirname(electron) }),
        timeout: 30_000,
      });
      await expect(start).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--theme takes dark or light, not "pink".') as unknown,
      });
    } finally {
      rmSync(place.folder, { recursive: true, force: true });
    }
  });
});

/** The renderer processes that descend from the one whose command line names `mark`. */
function renderersUnder(mark: string): string[] {
  const read = (pid: string, name: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'utf8');
    } catch {
      return '';
    }
  };
  const descends = (pid: string): boolean => {
    if (read(pid, 'cmdline').includes(mark)) return true;
    const parent = /^PPid:\t(\d+)$/m.exec(read(pid, 'status'))?.[1] ?? '0';
    return parent !== '0' && descends(parent);
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(name, 'cmdline').includes('--type=renderer') && descends(name))
    .map((pid) => read(pid, 'status'));
}

describe('the first slice in Chromium alone', () => {
  let running: RunningBrowser;
  beforeAll(async () => {
    running = await launchBrowser();
  });
  afterAll(() => running.close());

  it('runs its renderer in the sandbox and without privileges, as the kernel tells', () => {
    const renderers = renderersUnder(running.stage.profile);
    expect(renderers.length).toBeGreaterThan(0);
    for (const status of renderers) {
      expect(status).toMatch(/^Seccomp:\t2$/m);
      expect(status).not.toMatch(/^Uid:\t0\t/m);
    }
  });

  it('has the services in the Node that the pinned Electron carries', async () => {
    const answer = await running.page.evaluate(() => window.lunascope.requests['app.info'](undefined));
    if (!answer.ok) throw new Error(answer.error.message);
    expect(answer.value).toMatchObject({ electron: null, node: process.versions.node });
    expect(answer.value.node).toMatch(/^24\./);
  });
});
