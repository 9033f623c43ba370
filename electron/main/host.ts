import type { MenuModel } from '../contract/menu.ts';

/**
 * What services may ask of the program around them. Electron stands behind it in the app, plain Node in tests,
 * so that no service imports Electron.
 */
export interface Host {
  readonly info: HostInfo;
  /** The folder settings are kept in. */
  readonly dataDir: string;
  /** Opens an https page in the person's browser. */
  readonly openExternal: (url: string) => Promise<void>;
  readonly writeClipboard: (text: string) => Promise<void>;
  readonly secrets: SecretBox;
  /** Sets the colours of the native parts of the window. */
  readonly setTheme: (theme: 'dark' | 'light' | 'system') => void;
  /** Puts up the native menu. */
  readonly setMenu: (menu: MenuModel) => void;
  /** Lets the person choose a file to read, or null. */
  readonly chooseFile: (title: string, kinds: readonly FileKind[]) => Promise<string | null>;
  /** Lets the person choose where to save, or null. */
  readonly chooseSave: (title: string, name: string, kinds: readonly FileKind[]) => Promise<string | null>;
  /** Shows a file in the system's file manager. */
  readonly showInFolder: (path: string) => void;
  /** Tells when the computer goes to sleep, and when it wakes. */
  readonly onPower: (listener: (event: 'sleep' | 'wake') => void) => () => void;
  /** The addresses this computer has now, in words that change when one does. */
  readonly addresses: () => readonly string[];
  /** Called when a screen has drawn itself completely. */
  readonly screenReady: (screen: string) => void;
}

/** What a file dialog offers. */
export interface FileKind {
  readonly name: string;
  readonly extensions: readonly string[];
}

/** Versions and place of the running program. */
export interface HostInfo {
  readonly name: string;
  readonly version: string;
  readonly devBuild: boolean;
  readonly platform: string;
  readonly arch: string;
  readonly electron: string | null;
  readonly chrome: string | null;
  readonly node: string;
  readonly opening: 'start' | 'demo';
}

/** The operating system's store for secrets; where there is none, `available` says no and nothing is kept. */
export interface SecretBox {
  readonly available: () => Promise<boolean>;
  readonly seal: (plain: string) => Promise<Uint8Array>;
  readonly open: (sealed: Uint8Array) => Promise<string>;
}
