import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TraceLibrary } from '../../electron/contract/trace.ts';
import { createBackend, type Backend } from '../../electron/main/services/index.ts';
import { createNodeHost } from '../e2e/support/node-host.ts';

const sample = join(import.meta.dirname, '..', 'fixtures', 'captures', 'istgt-rw.pcapng');
let folder: string;
let host: ReturnType<typeof createNodeHost>;
let backend: Backend;

const start = () =>
  createBackend(host, (error) => {
    throw error;
  });

/** The captures opened before, as the window is told. */
function listed(): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const send = (message: { readonly kind: string; readonly items?: readonly unknown[] }) => {
      const library = message.items?.at(-1) as TraceLibrary | undefined;
      if (library !== undefined) resolve(library.captures);
    };
    backend.hub.open({ send }, 1, 'trace.library', undefined);
  });
}

async function openCopies(...names: readonly string[]): Promise<string[]> {
  const paths = names.map((name) => join(folder, name));
  for (const path of paths) {
    copyFileSync(sample, path);
    await backend.openings.take(path);
  }
  return paths;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lunascope-captures-'));
  host = createNodeHost();
  backend = await start();
});
afterEach(async () => {
  await backend.close();
  rmSync(folder, { recursive: true, force: true });
  rmSync(host.dataDir, { recursive: true, force: true });
});

it('leaves out captures that are not where they were, and says so to who asks for one', async () => {
  const [gone = '', kept = ''] = await openCopies('gone.pcapng', 'kept.pcapng');
  await backend.close();
  rmSync(gone);
  backend = await start();
  expect(await listed()).toEqual([kept]);
  const open = backend.handlers['trace.open'];
  expect(() => open({ path: gone, follow: false })).toThrow('This file is not there any more.');
  await openCopies('gone.pcapng');
  expect(open({ path: gone, follow: false })).toMatchObject({ trace: expect.any(String) as string });
});

it('can be told to forget them all, without touching the files', async () => {
  const [path = ''] = await openCopies('one.pcapng');
  await backend.handlers['trace.forgetCaptures'](undefined);
  expect(await listed()).toEqual([]);
  expect(existsSync(path)).toBe(true);
});
