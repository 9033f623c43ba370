import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import type { StreamMessage } from '../../../electron/contract/bridge.ts';
import {
  APP_HOST,
  APP_ORIGIN,
  REQUEST_NAMES,
  STREAM_NAMES,
  type RequestName,
} from '../../../electron/contract/names.ts';
import { answerRequest } from '../../../electron/main/ipc/dispatch.ts';
import { createBackend, type Backend } from '../../../electron/main/services/index.ts';
import { contentServer } from '../../../electron/main/shell/content.ts';
import { collectComplaints, stagedEnv } from './electron.ts';
import { createNodeHost, type NodeHost } from './node-host.ts';
import { stageBrowser, type BrowserStage } from './stage.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** The window in Debian's Chromium, the services in this Node. */
export interface RunningBrowser {
  readonly page: Page;
  readonly host: NodeHost;
  readonly backend: Backend;
  readonly stage: BrowserStage;
  readonly complaints: readonly string[];
  /** Ends the browser and the services, and leaves what they kept for another start. */
  readonly quit: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The preload script's object, built on the three functions that Playwright exposes. */
const bridgeScript = (requestNames: readonly string[], streamNames: readonly string[]): string => `
  (() => {
    const listeners = new Map();
    let lastId = 0;
    window.__deliver = async (message) => {
      const listener = listeners.get(message.id);
      if (listener === undefined) return;
      if (message.kind === 'end') { listeners.delete(message.id); listener.onEnd(message.error); return; }
      await listener.onItems(message.items);
      if (listeners.has(message.id)) window.__stream({ kind: 'credit', id: message.id });
    };
    const requests = Object.fromEntries(${JSON.stringify(requestNames)}.map((name) =>
      [name, (input) => window.__request(name, input)]));
    const streams = Object.fromEntries(${JSON.stringify(streamNames)}.map((name) =>
      [name, (params, listener) => {
        const id = ++lastId;
        listeners.set(id, listener);
        window.__stream({ kind: 'open', id, name, params });
        return () => { if (listeners.delete(id)) window.__stream({ kind: 'close', id }); };
      }]));
    window.lunascope = Object.freeze({ requests: Object.freeze(requests), streams: Object.freeze(streams) });
  })();
`;

type StreamCall =
  | { readonly kind: 'open'; readonly id: number; readonly name: string; readonly params?: unknown }
  | { readonly kind: 'credit' | 'close'; readonly id: number };

/** Gives the function that ends every stream of the page. */
async function serveBridge(page: Page, backend: Backend): Promise<() => void> {
  const log = (error: unknown): never => {
    throw error;
  };
  const subscriber = {
    send: (message: StreamMessage) => {
      if (page.isClosed()) return;
      page
        .evaluate((sent) => (window as unknown as { __deliver: (m: unknown) => void }).__deliver(sent), message)
        .catch((error: unknown) => {
          // What is on its way while the page closes arrives nowhere.
          if (!page.isClosed()) throw error;
        });
    },
  };
  await page.exposeFunction('__request', (name: string, input: unknown) =>
    answerRequest(backend.handlers, name as RequestName, input ?? undefined, log),
  );
  await page.exposeFunction('__stream', (call: StreamCall) => {
    if (call.kind === 'open') backend.hub.open(subscriber, call.id, call.name, call.params ?? undefined);
    else if (call.kind === 'credit') backend.hub.credit(subscriber, call.id, 1);
    else backend.hub.close(subscriber, call.id);
  });
  await page.addInitScript({ content: bridgeScript(REQUEST_NAMES, STREAM_NAMES) });
  return () => backend.hub.closeAll(subscriber);
}

/** The window's files over a plain https origin, with the same headers that app:// gives them. */
async function serveContent(page: Page): Promise<string> {
  const origin = `https://${APP_HOST}.test`;
  const answer = contentServer(join(root, 'dist', 'app', 'renderer'));
  await page.route('**/*', async (route) => {
    const url = new URL(route.request().url());
    if (url.origin !== origin) return route.abort();
    const { status, headers, body } = await answer(`${APP_ORIGIN}${url.pathname}`, route.request().method());
    return route.fulfill({ status, headers, body: Buffer.from(body) });
  });
  return origin;
}

/** Opens the window in Chromium, sandboxed and without privileges; the stage of an earlier run is used again. */
export async function launchBrowser(before?: BrowserStage): Promise<RunningBrowser> {
  const place = before ?? stageBrowser(process.env['LUNASCOPE_E2E_CHROMIUM'] ?? '/usr/bin/chromium');
  const context = await chromium.launchPersistentContext(place.profile, {
    executablePath: place.executable,
    // Playwright's default is --no-sandbox.
    chromiumSandbox: true,
    env: stagedEnv(place),
    viewport: { width: 1440, height: 900 },
  });
  const dataDir = join(place.folder, 'data');
  mkdirSync(dataDir, { recursive: true });
  const host = createNodeHost({ dataDir });
  const page = context.pages()[0] ?? (await context.newPage());
  host.onTheme = (theme) => void page.emulateMedia({ colorScheme: theme === 'system' ? null : theme });
  const backend = await createBackend(host, (error) => {
    throw error;
  });
  const complaints = collectComplaints(page);
  const endStreams = await serveBridge(page, backend);
  const origin = await serveContent(page);
  await page.goto(`${origin}/`);
  await page.waitForSelector('.frame');
  const quit = async (): Promise<void> => {
    endStreams();
    await context.close();
    await backend.close();
  };
  return {
    page,
    host,
    backend,
    stage: place,
    complaints,
    quit,
    close: async () => {
      await quit();
      rmSync(place.folder, { recursive: true, force: true });
    },
  };
}
