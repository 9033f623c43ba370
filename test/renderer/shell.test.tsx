import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import type { DemoState } from '../../electron/contract/demo.ts';
import type { WireError } from '../../electron/contract/errors.ts';
import { layout } from '../../electron/contract/layout.ts';
import { settings } from '../../electron/contract/settings.ts';
import { App } from '../../renderer/app/app.tsx';
import { registerFeatures } from '../../renderer/app/features.ts';
import { useDemo } from '../../renderer/state/demo-store.ts';
import { useShell } from '../../renderer/state/shell-store.ts';

const stopped: DemoState = {
  phase: 'stopped',
  portals: [],
  targets: [],
  lessons: [],
  scenarios: [],
  initiators: 0,
};
const refused: WireError = {
  name: 'TransportError',
  code: 'CONNECT_REFUSED',
  message: 'Nothing listens on 127.0.0.1 port 3260.',
  hint: 'Start it again.',
  retryable: true,
  details: {},
  raw: null,
};

interface Fake {
  readonly ready: string[];
  command: (command: string) => void;
  tellDemo: (state: DemoState) => void;
  startAnswer: { ok: true; value: DemoState } | { ok: false; error: WireError };
}

function installBridge(opening: 'start' | 'demo'): Fake {
  const fake: Fake = {
    ready: [],
    command: () => undefined,
    tellDemo: () => undefined,
    startAnswer: { ok: true, value: stopped },
  };
  const info = {
    name: 'Lunascope',
    version: '1.2.3',
    devBuild: true,
    platform: 'linux',
    arch: 'x64',
    electron: '22.3.25',
    chrome: '108',
    node: '16.17.1',
    opening,
  };
  const ok = <T,>(value: T) => Promise.resolve({ ok: true as const, value });
  const requests: Partial<Bridge['requests']> = {
    'app.info': () => ok(info),
    'app.ready': ({ screen: name }) => {
      fake.ready.push(name);
      return ok(undefined);
    },
    'settings.read': () => ok(settings.parse({})),
    'settings.write': (patch) => ok(settings.parse(patch)),
    'system.read': () => ok({ names: [], namesError: null, sessions: [], sessionsNote: 'None here.', actsNote: null }),
    'layout.read': () => ok(layout.parse({})),
    'demo.start': () => Promise.resolve(fake.startAnswer),
    'demo.stop': () => ok(stopped),
  };
  const streams: Partial<Bridge['streams']> = {
    'app.commands': (_params, listener) => {
      fake.command = (command) => void listener.onItems([command]);
      return () => undefined;
    },
    'demo.state': (_params, listener) => {
      fake.tellDemo = (state) => void listener.onItems([state]);
      return () => undefined;
    },
  };
  const bridge = {
    requests: new Proxy(requests, { get: (own, name: keyof Bridge['requests']) => own[name] ?? (() => ok(undefined)) }),
    streams: new Proxy(streams, { get: (own, name: keyof Bridge['streams']) => own[name] ?? (() => () => undefined) }),
  };
  Object.assign(window, { lunascope: bridge });
  return fake;
}

describe('the window', () => {
  const initialShell = useShell.getState();
  const initialDemo = useDemo.getState();
  beforeAll(registerFeatures);
  beforeEach(() => {
    useShell.setState(initialShell, true);
    useDemo.setState(initialDemo, true);
  });
  afterEach(cleanup);

  it('opens on the start screen and says so to the main process', async () => {
    const fake = installBridge('start');
    render(<App />);
    expect(await screen.findByRole('heading', { name: 'Lunascope' })).toBeDefined();
    expect(fake.ready).toContain('start');
  });

  it('opens on the demo SAN when asked to, and is ready only when the demo has settled', async () => {
    const fake = installBridge('demo');
    fake.startAnswer = { ok: false, error: refused };
    render(<App />);
    expect(await screen.findByRole('heading', { name: 'Demo SAN' })).toBeDefined();
    expect(await screen.findByRole('alert')).toBeDefined();
    expect(fake.ready).toContain('demo');
  });

  it('shows an error where it happened: sentence, next step, code', async () => {
    const fake = installBridge('demo');
    fake.startAnswer = { ok: false, error: refused };
    render(<App />);
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('Nothing listens on 127.0.0.1 port 3260.');
    expect(alert.textContent).toContain('Start it again.');
    expect(alert.textContent).toContain('CONNECT_REFUSED');
  });

  it('lists what the discovery of the demo SAN found', async () => {
    const fake = installBridge('demo');
    render(<App />);
    await screen.findByRole('heading', { name: 'Demo SAN' });
    const name = 'iqn.2026-01.test:basics';
    fake.tellDemo({
      ...stopped,
      phase: 'running',
      portals: [{ host: '::1', port: 3260, groupTag: 1 }],
      targets: [
        {
          name,
          alias: 'Basics',
          description: 'Where one begins.',
          portals: [{ host: '::1', port: 3260, groupTag: 1 }],
          credentials: null,
          luns: [
            {
              lun: 0,
              title: 'Vast',
              description: 'The largest there can be.',
              blockSize: 512,
              blocks: '18014398509481984',
              writable: false,
              url: `iscsi://[::1]:3260/${name}/0`,
            },
          ],
        },
      ],
    });
    const table = await screen.findByRole('table', { name: 'LUNs of Basics' });
    expect(table.textContent).toContain('8 EiB');
    expect(table.textContent).toContain('read-only');
    expect(screen.getByText('[::1]:3260,1')).toBeDefined();
    expect(screen.getByRole('status').textContent).toBe('Running');
  });

  it('follows a command of the native menu', async () => {
    const fake = installBridge('start');
    render(<App />);
    await screen.findByRole('heading', { name: 'Lunascope' });
    fake.command('help.about');
    expect(await screen.findByRole('heading', { name: 'About Lunascope' })).toBeDefined();
    fake.command('tab.close');
    expect(await screen.findByRole('heading', { name: 'Lunascope' })).toBeDefined();
  });

  it('walks its tabs with the arrow keys', async () => {
    const fake = installBridge('start');
    render(<App />);
    await screen.findByRole('heading', { name: 'Lunascope' });
    fake.command('settings.open');
    const tab = await screen.findByRole('tab', { name: 'Settings' });
    tab.focus();
    await userEvent.keyboard('{ArrowLeft}');
    expect(screen.getByRole('tab', { name: 'Start' }).getAttribute('aria-selected')).toBe('true');
    expect(document.activeElement?.textContent).toBe('Start');
  });

  it('never leaves the window without a screen', async () => {
    installBridge('start');
    render(<App />);
    await screen.findByRole('heading', { name: 'Lunascope' });
    await userEvent.click(screen.getByTitle('Close Start'));
    expect(screen.getAllByRole('tab').map((tab) => tab.textContent)).toEqual(['Start']);
  });
});
