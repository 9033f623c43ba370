import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../../electron/main/host.ts';

/** What plain Node offers the services in place of Electron. */
export interface NodeHost extends Host {
  readonly opened: string[];
  readonly copied: string[];
  /** What the person chooses in every file dialog from now on. */
  choose: (path: string | null) => void;
  /** Told of the theme the person chose. */
  onTheme: (theme: 'dark' | 'light' | 'system') => void;
}

/** What a host may be given. */
export interface NodeHostOptions {
  readonly opening?: 'start' | 'demo';
  /** The folder of an earlier run; else one of its own is made. */
  readonly dataDir?: string;
}

/** A host without Electron. */
export function createNodeHost(options: NodeHostOptions = {}): NodeHost {
  const { opening = 'start', dataDir = mkdtempSync(join(tmpdir(), 'lunascope-host-')) } = options;
  const opened: string[] = [];
  const copied: string[] = [];
  let chosen: string | null = null;
  const refuse = (): Promise<never> => Promise.reject(new Error('This host has no store for secrets.'));
  const host: NodeHost = {
    opened,
    copied,
    choose: (path) => (chosen = path),
    onTheme: () => undefined,
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
    dataDir,
    openExternal: (url) => {
      opened.push(url);
      return Promise.resolve();
    },
    writeClipboard: (text) => {
      copied.push(text);
      return Promise.resolve();
    },
    secrets: { available: () => Promise.resolve(false), seal: refuse, open: refuse },
    setTheme: (theme) => host.onTheme(theme),
    setMenu: () => undefined,
    chooseFile: () => Promise.resolve(chosen),
    chooseSave: () => Promise.resolve(chosen),
    showInFolder: () => undefined,
    onPower: () => () => undefined,
    addresses: () => [],
    screenReady: () => undefined,
  };
  return host;
}
