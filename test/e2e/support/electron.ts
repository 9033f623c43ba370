import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, errors, type ElectronApplication, type Page } from 'playwright';
import { stage, type Stage } from './stage.ts';

/** The real application, running. */
export interface RunningApp {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly stage: Stage;
  /** Everything the window's console reported as an error, and every uncaught exception. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

const root = join(import.meta.dirname, '..', '..', '..');

/** The Electron the scripts found; `npm run e2e` names it. */
export function electronExecutable(): string {
  const path = process.env['LUNASCOPE_E2E_ELECTRON'];
  if (path === undefined) throw new Error('LUNASCOPE_E2E_ELECTRON is not set; run the tests through npm run e2e.');
  return path;
}

/** Environment of the program under test: its own home, so that nothing of the person's is read or written. */
export function stagedEnv(place: Stage, extra: Record<string, string> = {}): Record<string, string> {
  const env: Record<string, string> = { ...extra, HOME: place.home, XDG_CONFIG_HOME: join(place.home, '.config') };
  for (const name of ['DISPLAY', 'PATH', 'LANG']) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** Watches a page for errors nobody caught. */
export function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}

/** Many times what a start takes. */
const LAUNCH_MS = 20_000;

/**
 * Starts the program with Playwright attached. About one attachment of 300 hears nothing of the program while that goes on, its
 * window open: it is tried once more then, and the log says so.
 */
async function attach(place: Stage, args: readonly string[]): Promise<ElectronApplication> {
  const launch = (): Promise<ElectronApplication> =>
    _electron.launch({
      executablePath: place.executable,
      args: [place.app, ...args],
      cwd: place.home,
      env: stagedEnv(place),
      // Playwright would else hold the page to a light theme, whatever the program says.
      colorScheme: null,
      timeout: LAUNCH_MS,
    });
  try {
    return await launch();
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error;
    process.stdout.write(`At the second try: attaching to the program: ${error.message}\n`);
    return launch();
  }
}

/** Starts the application as built in dist/app; a stage of an earlier run is used again, home and all. */
export async function launchApp(args: readonly string[] = [], before?: Stage): Promise<RunningApp> {
  const place = before ?? stage(electronExecutable(), join(root, 'dist', 'app'));
  const app = await attach(place, args);
  const page = await app.firstWindow();
  const complaints = collectComplaints(page);
  await page.waitForSelector('.frame');
  return {
    app,
    page,
    stage: place,
    complaints,
    close: async () => {
      await app.close();
      rmSync(place.folder, { recursive: true, force: true });
    },
  };
}
