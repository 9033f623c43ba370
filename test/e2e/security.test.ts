import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {} from '../../renderer/lib/client.ts';
import { REQUEST_NAMES, STREAM_NAMES } from '../../electron/contract/names.ts';
import { launchApp, type RunningApp } from './support/electron.ts';

/**
 * Electron's security checklist, item by item, asked of the real program.
 * Item 19, the fuses, is asked of the packaged directory in test/packaged.
 */
describe("Electron's security checklist", () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await launchApp();
  });
  afterAll(() => running.close());

  const preferences = () =>
    running.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences: () => Record<string, unknown>;
      };
      return contents.getLastWebPreferences();
    });

  /** Runs a script in a window of its own, made the same way as ours but showing another page. */
  const inOtherWindow = (url: string, script: string) =>
    running.app.evaluate(
      async ({ app, BrowserWindow }, given) => {
        const other = new BrowserWindow({
          show: false,
          webPreferences: { preload: `${app.getAppPath()}/preload.js`, sandbox: true, contextIsolation: true },
        });
        try {
          await other.loadURL(given.url);
          return (await other.webContents.executeJavaScript(given.script)) as unknown;
        } finally {
          other.destroy();
        }
      },
      { url, script },
    );

  it('1. loads nothing but its own secure origin', async () => {
    const { origin, secure } = await running.page.evaluate(() => ({
      origin: location.origin,
      secure: isSecureContext,
    }));
    expect(origin).toBe('app://lunascope');
    expect(secure).toBe(true);
    const outside = await running.page.evaluate(() =>
      fetch('http://127.0.0.1:9/').then(
        () => 'loaded',
        () => 'refused',
      ),
    );
    expect(outside).toBe('refused');
    const urls = await running.page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name));
    expect(urls.filter((url) => !url.startsWith('app://lunascope/'))).toEqual([]);
  });

  it('2. gives the page no Node', async () => {
    expect(await preferences()).toMatchObject({ nodeIntegration: false });
    const found = await running.page.evaluate(() =>
      ['require', 'process', 'module', 'global', 'Buffer', '__dirname'].filter((name) => name in window),
    );
    expect(found).toEqual([]);
  });

  it('3. isolates the preload script from the page', async () => {
    expect(await preferences()).toMatchObject({ contextIsolation: true });
    // A function that crossed the bridge must be the page's own: its constructor must not lead to the preload's world.
    const reached = await running.page.evaluate(() => {
      const constructor = window.lunascope.requests['app.info'].constructor as new (code: string) => () => unknown;
      return new constructor('return [typeof require, typeof process, typeof ipcRenderer].join()')();
    });
    expect(reached).toBe('undefined,undefined,undefined');
    const frozen = await running.page.evaluate(() => {
      try {
        (window as unknown as Record<string, unknown>)['lunascope'] = null;
      } catch {
        // A strict page is told; either way the object stays.
      }
      return typeof window.lunascope.requests['app.info'];
    });
    expect(frozen).toBe('function');
  });

  it('4. sandboxes the renderer, as the kernel tells', async () => {
    expect(await preferences()).toMatchObject({ sandbox: true });
    const pid = await running.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
    );
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    expect(status).toMatch(/^Seccomp:\t2$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).not.toMatch(/^Uid:\t0\t/m);
  });

  it('5. refuses every permission', async () => {
    const granted = await running.page.evaluate(async () => {
      const names = ['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read'];
      const states = await Promise.all(
        names.map((name) =>
          navigator.permissions.query({ name: name as PermissionName }).then((status) => status.state),
        ),
      );
      return names.filter((_name, index) => states[index] === 'granted');
    });
    expect(granted).toEqual([]);
    const asked = await running.page.evaluate(() => Notification.requestPermission());
    expect(asked).toBe('denied');
  });

  it('6. keeps web security on', async () => {
    expect(await preferences()).toMatchObject({ webSecurity: true });
  });

  it('7. serves a strict content security policy that holds', async () => {
    const policy = await running.page.evaluate(() =>
      fetch('/index.html').then((response) => response.headers.get('content-security-policy')),
    );
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('*');
    // In a timer, since what a debugger evaluates is exempt from the policy.
    const ran = await running.page.evaluate(
      () =>
        new Promise((resolve) => {
          const script = document.createElement('script');
          const violations: string[] = [];
          document.addEventListener('securitypolicyviolation', (event) => {
            violations.push(event.effectiveDirective);
            if (violations.length === 2) resolve({ violations: violations.sort(), injected: 'injected' in window });
          });
          setTimeout(() => {
            const style = document.createElement('style');
            style.textContent = 'body { display: none }';
            document.head.append(style);
            try {
              (0, eval)('window.injected = 1');
            } catch {
              script.remove();
            }
          });
        }),
    );
    expect(ran).toMatchObject({ injected: false });
    expect(ran).toHaveProperty('violations.1', 'style-src-elem');
  });

  it('8. runs no insecure content', async () => {
    expect(await preferences()).toMatchObject({ allowRunningInsecureContent: false });
  });

  it('9. turns no experimental feature on', async () => {
    expect(await preferences()).toMatchObject({ experimentalFeatures: false });
  });

  it('10. turns no Blink feature on', async () => {
    const { enableBlinkFeatures } = (await preferences()) as { enableBlinkFeatures?: string };
    expect(enableBlinkFeatures ?? '').toBe('');
    const switched = await running.app.evaluate(({ app }) => app.commandLine.getSwitchValue('enable-blink-features'));
    expect(switched).toBe('');
  });

  it('11. has no webview, so none that pops up', async () => {
    expect(await preferences()).toMatchObject({ webviewTag: false });
    expect(await running.page.evaluate(() => 'WebViewElement' in window)).toBe(false);
  });

  it('12. refuses a webview before it is attached', async () => {
    const prevented = await running.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      let refused = false;
      const event = { preventDefault: () => (refused = true), defaultPrevented: false };
      contents?.emit('will-attach-webview', event, {}, {});
      return refused;
    });
    expect(prevented).toBe(true);
  });

  it('13. navigates nowhere', async () => {
    await running.app.evaluate(({ BrowserWindow }) => {
      const counts = { asked: 0, went: 0 };
      (globalThis as unknown as { counts: typeof counts }).counts = counts;
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      contents?.on('will-navigate', () => (counts.asked += 1));
      contents?.on('did-navigate', () => (counts.went += 1));
    });
    await running.page.evaluate(() => {
      const link = document.createElement('a');
      link.href = 'https://example.invalid/';
      document.body.append(link);
      link.click();
      link.remove();
      setTimeout(() => (location.href = 'app://lunascope.evil/index.html'));
    });
    const counts = () => running.app.evaluate(() => (globalThis as unknown as { counts: object }).counts);
    await expect.poll(counts).toEqual({ asked: 2, went: 0 });
    expect(await running.page.evaluate(() => location.href)).toBe('app://lunascope/');
  });

  it('14. opens no window', async () => {
    const opened = await running.page.evaluate(() => window.open('about:blank') !== null);
    expect(opened).toBe(false);
    expect(running.app.windows()).toHaveLength(1);
  });

  it('15. hands only https links to the browser', async () => {
    await running.app.evaluate(({ shell }) => {
      const seen: string[] = [];
      (globalThis as unknown as { seen: string[] }).seen = seen;
      shell.openExternal = (url: string) => {
        seen.push(url);
        return Promise.resolve();
      };
    });
    const answers = await running.page.evaluate(async () => {
      const urls = [
        'file:///etc/passwd',
        'javascript:alert(1)',
        'smb://server/share',
        'http://plain.invalid/',
        'https://user:secret@host.invalid/',
        'ms-msdt:/id',
        'https://www.rfc-editor.org/rfc/rfc7143',
      ];
      const results = await Promise.all(urls.map((url) => window.lunascope.requests['app.openExternal']({ url })));
      for (const url of urls) window.open(url);
      return results.map((result) => result.ok);
    });
    expect(answers).toEqual([false, false, false, false, false, false, true]);
    const seen = await running.app.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
    expect(new Set(seen)).toEqual(new Set(['https://www.rfc-editor.org/rfc/rfc7143']));
  });

  it('16. pins a current Electron, and tells which one runs', async () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    expect(manifest.devDependencies['electron']).toMatch(/^45\.\d+\.\d+$/);
    const version = await running.app.evaluate(() => process.versions.electron);
    const answer = await running.page.evaluate(() => window.lunascope.requests['app.info'](undefined));
    expect(answer).toMatchObject({ ok: true, value: { electron: version } });
  });

  it('17. answers its own main frame only', async () => {
    const script = "window.lunascope.requests['app.info'](undefined)";
    for (const url of ['about:blank', 'app://lunascope/index.html']) {
      expect(await inOtherWindow(url, script)).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } });
    }
    expect(await running.page.evaluate(() => window.lunascope.requests['app.info'](undefined))).toMatchObject({
      ok: true,
    });
  });

  it('18. uses its own protocol, which serves its own folder and nothing else', async () => {
    const statuses = await running.page.evaluate(async () => {
      const paths = [
        '/index.html',
        '/../main.js',
        '/%2e%2e/main.js',
        '/..%2fmain.js',
        '/%2e%2e%2fpackage.json',
        '/nothing',
      ];
      return Promise.all(paths.map((path) => fetch(path).then((response) => response.status)));
    });
    expect(statuses).toEqual([200, 404, 404, 403, 403, 404]);
    const file = await running.page.evaluate(() =>
      fetch('file:///etc/hostname').then(
        () => 'read',
        () => 'refused',
      ),
    );
    expect(file).toBe('refused');
  });

  it('20. exposes named requests and streams, and nothing of Electron', async () => {
    const surface = await running.page.evaluate(() => ({
      top: Object.keys(window.lunascope),
      requests: Object.keys(window.lunascope.requests),
      streams: Object.keys(window.lunascope.streams),
      electron: Object.keys(window).filter((name) => /electron|ipc|webFrame|shell/i.test(name)),
    }));
    expect(surface.top.sort()).toEqual(['requests', 'streams']);
    expect(surface.requests).toEqual([...REQUEST_NAMES]);
    expect(surface.streams).toEqual([...STREAM_NAMES]);
    expect(surface.electron).toEqual([]);
  });
});
