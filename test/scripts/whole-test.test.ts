import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

/** Scripts that stand for the real ones; e2e and package would fail if they were run. */
const SCRIPTS = {
  'check:format': 'exit 0',
  'test:unit': 'echo "3 passed, 0 failed"',
  e2e: 'exit 9',
  package: 'exit 9',
  'smoke:packaged': 'exit 9',
};

/** A project of nothing but its scripts, on a machine with neither Electron nor Python nor apt. */
function layOutBare(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lunascope-bare-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  cpSync(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true });
  write('scripts/build.mjs', '');
  write('package.json', JSON.stringify({ type: 'module', scripts: SCRIPTS }));
  write('package-lock.json', '{}');
  write('node_modules/.cache/lunascope/installed', createHash('sha256').update('{}').digest('hex'));
  write('node_modules/.bin/esbuild', '');
  write('node_modules/electron/package.json', JSON.stringify({ version: '45.0.0' }));
  write('cache/lunascope/electron-45.0.0-unreachable', 'no network');
  symlinkSync(process.execPath, join(folder, 'node_modules', '.bin', 'node'));
  // npm is the one program it needs.
  write('bin/npm', '#!/bin/sh\nexec /bin/sh -c "$(node scripts/print-script.mjs "$3")"\n');
  write(
    'scripts/print-script.mjs',
    "import { readFileSync } from 'node:fs';\nprocess.stdout.write(JSON.parse(readFileSync('package.json', 'utf8')).scripts[process.argv[2]]);\n",
  );
  chmodSync(join(folder, 'bin', 'npm'), 0o755);
  return folder;
}

describe('npm test where there is no Electron to be had', () => {
  let folder: string;
  beforeAll(() => {
    folder = layOutBare();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const test = async (env: Record<string, string>) => {
    try {
      const { stdout } = await run(process.execPath, [join(folder, 'scripts', 'test.mjs')], {
        cwd: folder,
        env: { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache'), ...env },
      });
      return { code: 0, stdout };
    } catch (error) {
      return error as { code: number; stdout: string };
    }
  };

  it('runs the rest, and skips what needs it by name and with the reason', async () => {
    const { code, stdout } = await test({});
    expect(stdout).toMatch(/^ok {4}formatting/m);
    expect(stdout).toMatch(/^ok {4}unit: 3 passed/m);
    for (const name of ['e2e', 'package', 'packaged directory'])
      expect(stdout).toMatch(new RegExp(`^skip {2}${name}: there is no Electron\\. .*(Python|no fallback)`, 'm'));
    expect(stdout).toMatch(/^4 passed, 0 failed, 3 skipped$/m);
    expect(code).toBe(0);
  });

  it('says the same of an Electron that was named by hand and is not there', async () => {
    const { code, stdout } = await test({ LUNASCOPE_ELECTRON_DIST: '/nowhere' });
    expect(stdout).toContain('LUNASCOPE_ELECTRON_DIST names /nowhere, which holds no Electron.');
    expect(code).toBe(0);
  });

  it('fails with CI=true, and names what is missing', async () => {
    const { code, stdout } = await test({ CI: 'true' });
    for (const name of ['e2e', 'package', 'packaged directory'])
      expect(stdout).toMatch(new RegExp(`^FAIL {2}${name}`, 'm'));
    expect(stdout).toContain('Nothing may be skipped here: there is no Electron.');
    expect(stdout).toContain('npm run e2e');
    expect(stdout).toMatch(/^4 passed, 3 failed, 0 skipped$/m);
    expect(code).toBe(1);
  });
});
