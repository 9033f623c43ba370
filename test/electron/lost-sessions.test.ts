import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DemoState } from '../../electron/contract/demo.ts';
import type { SessionEntry } from '../../electron/contract/sessions.ts';
import type { TraceLibrary } from '../../electron/contract/trace.ts';
import type { Subscriber } from '../../electron/main/ipc/stream-hub.ts';
import { createBackend, type Backend } from '../../electron/main/services/index.ts';
import { createNodeHost } from '../e2e/support/node-host.ts';

const host = '127.0.0.1';
const node = createNodeHost();
let backend: Backend;
let sessions: SessionEntry[] = [];
let library: TraceLibrary | null = null;
let onChange: () => void = () => undefined;

const until = (met: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    onChange = () => {
      if (met()) resolve();
    };
    onChange();
  });
const states = () => sessions.map(({ number, state }) => `${number} ${state}`);

async function signIn({ portals }: DemoState): Promise<SessionEntry> {
  return backend.handlers['sessions.login']({
    attempt: 'login',
    host,
    port: portals[0]!.port,
    target: 'iqn.2026-01.org.lunascope.demo:disks',
    chap: null,
    options: {},
    tlsKey: null,
    save: false,
    keepSecrets: false,
  });
}

beforeAll(async () => {
  backend = await createBackend(node, (error) => {
    throw error;
  });
  const follow = (stream: number, name: string, take: (item: unknown) => void): void => {
    const sink: Subscriber = {
      send: (message) => {
        if (message.kind !== 'items') return;
        take(message.items.at(-1));
        backend.hub.credit(sink, stream, 1);
        onChange();
      },
    };
    backend.hub.open(sink, stream, name, undefined);
  };
  follow(1, 'sessions.state', (item) => (sessions = item as SessionEntry[]));
  follow(2, 'trace.library', (item) => (library = item as TraceLibrary));
});
afterAll(async () => {
  await backend.close();
  rmSync(node.dataDir, { recursive: true, force: true });
});

it('comes back to a demo SAN that was stopped and started again, since it listens where it did', async () => {
  const before = await backend.handlers['demo.start'](undefined);
  await signIn(before);
  await backend.handlers['demo.stop'](undefined);
  await until(() => states().includes('1 recovering'));
  const after = await backend.handlers['demo.start'](undefined);
  expect(after.portals).toEqual(before.portals);
  await until(() => states().includes('1 full'));
});

it('listens elsewhere where somebody has taken a port, and ends a lost session at once when told to', async () => {
  const before = backend.handlers['demo.start'](undefined);
  const { port } = (await before).portals[0]!;
  await backend.handlers['demo.stop'](undefined);
  await until(() => states().includes('1 recovering'));
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket));
  silent.listen(port, host);
  await once(silent, 'connection');
  const ended = once(sockets[0]!.resume(), 'close');
  const after = await backend.handlers['demo.start'](undefined);
  expect(after.portals.map((portal) => portal.port)).not.toContain(port);
  await backend.handlers['sessions.drop']({ id: sessions[0]!.id });
  await ended;
  await until(() => sessions.length === 0);
  await until(() => library?.recordings.every(({ state }) => state === 'ended') === true);
  expect(library?.recordings).toHaveLength(1);
  expect(sockets).toHaveLength(1);
  silent.close();
});
