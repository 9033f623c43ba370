import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layOutBare } from './bare-machine.ts';

const run = promisify(execFile);

/** Scripts that stand for the real ones; e2e and package would fail if they were run. */
const SCRIPTS = {
  'check:format': 'exit 0',
  'test:unit': 'echo "3 passed, 0 failed"',
  e2e: 'exit 9',
  package: 'exit 9',
  'smoke:packaged': 'exit 9',
};

describe('npm test where there is no Electron to be had', () => {
  let folder: string;
  beforeAll(() => {
    folder = layOutBare(SCRIPTS);
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

  it('lints every file anew', async () => {
    const cache = join(folder, 'node_modules', '.cache', 'eslint', 'product');
    mkdirSync(cache, { recursive: true });
    await test({});
    expect(existsSync(cache)).toBe(false);
  });

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
