import { execFileSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const NOBODY = 65534;
const asRoot = process.getuid?.() === 0;

/** A folder of one run: the application, a home, and how to start Electron there without privileges. */
export interface Stage {
  readonly folder: string;
  readonly home: string;
  readonly app: string;
  readonly executable: string;
}

/** A stage with the folder of a browser's profile. */
export interface BrowserStage extends Stage {
  readonly profile: string;
}

function readableByAll(path: string): boolean {
  if (!asRoot) return true;
  try {
    execFileSync('setpriv', [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', 'test', '-x', path]);
    return true;
  } catch {
    return false;
  }
}

/** Electron where an unprivileged user reaches it: a root's cache usually lies in a closed home. */
function reachable(executable: string): string {
  accessSync(executable, constants.X_OK);
  if (readableByAll(executable)) return executable;
  const copy = join('/var/tmp', `lunascope-${basename(dirname(executable))}`);
  if (!existsSync(join(copy, 'version'))) {
    cpSync(dirname(executable), copy, { recursive: true });
    execFileSync('chmod', ['-R', 'go+rX', copy]);
  }
  return join(copy, basename(executable));
}

function layOut(program: (folder: string) => string, app: string | null): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'lunascope-e2e-'));
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const staged = join(folder, 'app');
  if (app !== null) cpSync(app, staged, { recursive: true });
  const path = program(folder);
  if (!asRoot) return { folder, home, app: staged, executable: path };
  chmodSync(folder, 0o755);
  execFileSync('chmod', ['-R', 'go+rX', folder]);
  chownSync(home, NOBODY, NOBODY);
  const wrapper = join(folder, 'as-nobody');
  writeFileSync(
    wrapper,
    `#!/bin/sh\nexec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups -- '${path}' "$@"\n`,
    { mode: 0o755 },
  );
  return { folder, home, app: staged, executable: wrapper };
}

/** Lays out a run of `executable` with the application in `app`, as nobody where the tests themselves are root. */
export function stage(executable: string, app: string): Stage {
  return layOut(() => reachable(executable), app);
}

/** Lays out a run of a browser that every user of the machine can start; its profile lies in the home. */
export function stageBrowser(executable: string): BrowserStage {
  const place = layOut(() => executable, null);
  const profile = join(place.home, 'profile');
  // Made here, or Playwright makes it for its own user alone.
  mkdirSync(profile);
  if (asRoot) chownSync(profile, NOBODY, NOBODY);
  return { ...place, profile };
}

/** Lays out a run of a packaged directory, which carries its application. */
export function stagePackaged(executable: string): Stage {
  return layOut((folder) => {
    accessSync(executable, constants.X_OK);
    if (readableByAll(executable)) return executable;
    const copy = join(folder, 'packaged');
    cpSync(dirname(executable), copy, { recursive: true });
    return join(copy, basename(executable));
  }, null);
}
