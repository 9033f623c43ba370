import { app, nativeTheme, protocol, shell, type BrowserWindow } from 'electron';
import log from 'electron-log/main';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APP_SCHEME } from '../contract/names.ts';
import type { Host } from './host.ts';
import { createBackend, type Backend } from './services/index.ts';
import { secretBox, serveScheme, watchPower, writeClipboardText } from './shell/adapter.ts';
import { localAddresses } from './shell/addresses.ts';
import { chooseFile, chooseSave } from './shell/dialogs.ts';
import { parseArguments } from './shell/arguments.ts';
import { contentServer } from './shell/content.ts';
import { serveIpc } from './shell/ipc.ts';
import { PlaceKeeper } from './shell/keep-place.ts';
import { installMenu } from './shell/menu.ts';
import { takeScreenshot } from './shell/screenshot.ts';
import { enforceSecurity } from './shell/security.ts';
import { openWindow } from './shell/window.ts';

const appDir = app.getAppPath();
const manifest = JSON.parse(readFileSync(join(appDir, 'package.json'), 'utf8')) as {
  productName: string;
  version: string;
  devBuild?: boolean;
};
const args = parseArguments(process.argv.slice(1), process.env['INIT_CWD'] ?? process.cwd());

let window: BrowserWindow | null = null;
let backend: Backend | null = null;
let screenIsReady: (screen: string) => void = () => undefined;
const openedEarly: string[] = [];
const firstScreen = new Promise<string>((resolve) => {
  screenIsReady = resolve;
});

const complain = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
const logError = (error: unknown): void => log.error(error);

function createHost(): Host {
  return {
    info: {
      name: manifest.productName,
      version: manifest.version,
      devBuild: manifest.devBuild ?? false,
      platform: process.platform,
      arch: process.arch,
      electron: process.versions.electron,
      chrome: process.versions.chrome,
      node: process.versions.node,
      opening: args.demo ? 'demo' : 'start',
    },
    dataDir: app.getPath('userData'),
    openExternal: (url) => shell.openExternal(url),
    writeClipboard: writeClipboardText,
    secrets: secretBox,
    setTheme: (theme) => {
      nativeTheme.themeSource = args.theme ?? theme;
    },
    setMenu: (model) => installMenu(model, (command) => backend?.commands.send(command)),
    chooseFile: (title, kinds) => chooseFile(window, title, kinds),
    chooseSave: (title, name, kinds) => chooseSave(window, title, name, kinds),
    showInFolder: (path) => shell.showItemInFolder(path),
    onPower: watchPower,
    addresses: localAddresses,
    screenReady: screenIsReady,
  };
}

async function start(): Promise<void> {
  await app.whenReady();
  enforceSecurity();
  serveScheme(APP_SCHEME, contentServer(join(appDir, 'renderer')));
  const running = await createBackend(createHost(), logError);
  backend = running;
  for (const argument of process.argv.slice(1)) await running.openings.take(argument);
  for (const link of openedEarly.splice(0)) await running.openings.take(link);
  serveIpc(() => window, running.handlers, running.hub, logError, openFromOutside);
  const places = await PlaceKeeper.open(app.getPath('userData'), logError);
  window = openWindow(appDir, args.size, places.place);
  if (args.screenshot === null) places.follow(window);
  window.on('closed', () => {
    window = null;
  });
  if (args.screenshot !== null) {
    const code = await takeScreenshot(window, args.screenshot, firstScreen, complain);
    await finish(code);
  }
}

/** Links and files that macOS hands over may come before anything runs. */
function openFromOutside(argument: string, folder?: string): void {
  if (backend === null) openedEarly.push(argument);
  else backend.openings.take(argument, folder).catch(logError);
}

async function finish(code: number): Promise<void> {
  await backend?.close();
  app.exit(code);
}

log.transports.console.level = false;
log.transports.file.level = 'info';
// A renderer is sandboxed even where a switch on the command line says otherwise; Chromium has no sandbox for root.
if (process.getuid?.() !== 0) app.enableSandbox();
protocol.registerSchemesAsPrivileged([
  { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

app.on('open-url', (event, url) => {
  event.preventDefault();
  openFromOutside(url);
});
app.on('open-file', (event, path) => {
  event.preventDefault();
  openFromOutside(path);
});

if (args.problem !== null) {
  complain(args.problem);
  app.exit(2);
} else if (args.screenshot === null && !app.requestSingleInstanceLock()) {
  app.quit();
} else {
  app.on('second-instance', (_event, argv, folder) => {
    if (window?.isMinimized() === true) window.restore();
    window?.focus();
    if (argv.includes('--demo')) backend?.commands.send('demo.open');
    for (const argument of argv.slice(1)) openFromOutside(argument, folder);
  });
  app.on('window-all-closed', () => void finish(0));
  start().catch((error: unknown) => {
    logError(error);
    complain(`Lunascope could not start: ${error instanceof Error ? error.message : String(error)}`);
    app.exit(1);
  });
}
