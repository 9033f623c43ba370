import { BrowserWindow, nativeTheme } from 'electron';
import { join } from 'node:path';
import type { WindowPlace } from '../services/window-place.ts';
import { APP_ORIGIN } from '../../contract/names.ts';

/** The colour behind the page until it has drawn itself: --bg-1 of each theme. */
const BACKGROUND = { dark: '#14171c', light: '#f7f8fa' } as const;

/** A place is that of the whole window, its frame included. */
const placed = ({ x, y, width, height }: WindowPlace) => ({ x, y, width, height, useContentSize: false });

/** Opens the one window there is: isolated, sandboxed, without Node. */
export function openWindow(
  appDir: string,
  size: { readonly width: number; readonly height: number } | null,
  place: WindowPlace | null,
): BrowserWindow {
  const window = new BrowserWindow({
    width: size?.width ?? 1440,
    height: size?.height ?? 900,
    useContentSize: true,
    ...(size === null && place !== null ? placed(place) : {}),
    minWidth: 800,
    minHeight: 500,
    show: false,
    title: 'Lunascope',
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: join(appDir, 'preload.js'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: true,
    },
  });
  if (size === null && place?.maximized === true) window.maximize();
  window.once('ready-to-show', () => window.show());
  void window.loadURL(`${APP_ORIGIN}/`);
  return window;
}
