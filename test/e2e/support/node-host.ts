import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../../electron/main/host.ts';

/** What plain Node offers the services in place of Electron. */
export interface NodeHost extends Host {
  readonly opened: string[];
  readonly copied: string[];
}

/** A host without Electron, in a folder of its own. */
export function createNodeHost(opening: 'start' | 'demo' = 'start'): NodeHost {
  const opened: string[] = [];
  const copied: string[] = [];
  const refuse = (): Promise<never> => Promise.reject(new Error('This host has no store for secrets.'));
  return {
    opened,
    copied,
    info: {
      name: 'Lunascope',
      version: '0.0.0-test',
      devBuild: false,
      platform: process.platform,
      arch: process.arch,
      electron: null,
      chrome: null,
      node: process.versions.node,
      opening,
    },
    dataDir: mkdtempSync(join(tmpdir(), 'lunascope-host-')),
    openExternal: (url) => {
      opened.push(url);
      return Promise.resolve();
    },
    writeClipboard: (text) => {
      copied.push(text);
      return Promise.resolve();
    },
    secrets: { available: () => Promise.resolve(false), seal: refuse, open: refuse },
    setTheme: () => undefined,
    setMenu: () => undefined,
    chooseFile: () => Promise.resolve(null),
    chooseSave: () => Promise.resolve(null),
    showInFolder: () => undefined,
    onWake: () => () => undefined,
    screenReady: () => undefined,
  };
}
