import type { Page } from 'playwright';
import { describe } from 'vitest';
import { launchBrowser, type RunningBrowser } from './chromium.ts';
import { launchApp, type RunningApp } from './electron.ts';
import type { Stage } from './stage.ts';

/** The window at one end of the range, and what a walk needs of the program around it. */
export interface Walked {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** A folder that the program and the test both reach. */
  readonly home: string;
  readonly setTheme: (theme: 'dark' | 'light') => Promise<void>;
  /** Answers every file dialog from now on with this path, as the person would. */
  readonly answerDialogs: (path: string) => Promise<void>;
  /** What was copied last. */
  readonly readClipboard: () => Promise<string>;
  /** Ends the program and starts it again with what it kept; this one is gone afterwards. */
  readonly restart: () => Promise<Walked>;
  readonly close: () => Promise<void>;
}

/** One end of the range: its name, and how the window is opened there. */
export interface End {
  readonly name: 'electron' | 'chromium';
  readonly open: () => Promise<Walked>;
}

/** What a walk needs of the application that runs. */
export function walkedApp(running: RunningApp): Walked {
  const { app, page, complaints, stage, close } = running;
  return {
    page,
    complaints,
    home: stage.home,
    setTheme: async (theme) => {
      await app.evaluate(({ nativeTheme }, wanted) => {
        nativeTheme.themeSource = wanted;
      }, theme);
      await themed(page, theme);
    },
    answerDialogs: (path) =>
      app.evaluate(({ dialog }, chosen) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
        dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: chosen });
      }, path),
    readClipboard: () => app.evaluate(({ clipboard }) => Promise.resolve(clipboard.readText())),
    restart: async () => {
      await app.close();
      return walkedApp(await launchApp([], stage));
    },
    close,
  };
}

function walkedBrowser(running: RunningBrowser): Walked {
  const { page, host, complaints, stage, quit, close } = running;
  return {
    page,
    complaints,
    home: stage.home,
    setTheme: async (theme) => {
      await page.emulateMedia({ colorScheme: theme });
      await themed(page, theme);
    },
    answerDialogs: (path) => {
      host.choose(path);
      return Promise.resolve();
    },
    readClipboard: () => Promise.resolve(host.copied.at(-1) ?? ''),
    restart: async () => {
      await quit();
      return walkedBrowser(await launchBrowser(stage));
    },
    close,
  };
}

/** Waits until the page itself sees the theme. */
async function themed(page: Page, theme: 'dark' | 'light'): Promise<void> {
  await page.waitForFunction((wanted) => matchMedia(`(prefers-color-scheme: ${wanted})`).matches, theme);
}

/** Opens the window in Electron. */
export const openInElectron = async (before?: Stage): Promise<Walked> => walkedApp(await launchApp([], before));

/**
 * Takes a walk twice: in Electron, the oldest end of the range where its fallback runs, and in Chromium with the services
 * under this Node, the newest. What needs Electron itself (a second instance, links and arguments of the command line,
 * files dropped on the window, native menus) stays outside.
 */
export function onBothEnds(title: string, walk: (end: End) => void): void {
  describe(`${title}, in Electron`, () => walk({ name: 'electron', open: () => openInElectron() }));
  describe(`${title}, in Chromium with the services in Node`, () =>
    walk({ name: 'chromium', open: async () => walkedBrowser(await launchBrowser()) }));
}
