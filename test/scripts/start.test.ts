import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layOutBare } from './bare-machine.ts';

const run = promisify(execFile);

/** In place of the build: leaves a mark of each run. */
const BUILD = `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync('builds', 'built\\n');
mkdirSync('dist/app', { recursive: true });
writeFileSync('dist/app/package.json', '{}');
`;

describe('npm start', () => {
  let folder: string;
  beforeAll(() => {
    folder = layOutBare({});
    writeFileSync(join(folder, 'scripts', 'build.mjs'), BUILD);
    mkdirSync(join(folder, 'electron-dist'));
    const program = join(folder, 'electron-dist', 'electron');
    writeFileSync(program, '#!/bin/sh\necho "$@" > started\n');
    chmodSync(program, 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = async (args: readonly string[], env: Record<string, string> = {}) => {
    const outcome = run(process.execPath, [join(folder, 'scripts', 'start.mjs'), ...args], {
      cwd: folder,
      env: {
        PATH: join(folder, 'bin'),
        XDG_CACHE_HOME: join(folder, 'cache'),
        LUNASCOPE_ELECTRON_DIST: join(folder, 'electron-dist'),
        ...env,
      },
    });
    return outcome.then(
      ({ stderr }) => ({ code: 0, stderr }),
      (error: unknown) => error as { code: number; stderr: string },
    );
  };
  const started = () => readFileSync(join(folder, 'started'), 'utf8');

  it('builds once, and hands on what it was given', async () => {
    const first = await start(['--demo', '--screenshot', 'x.png'], { DISPLAY: ':0' });
    expect(first.code).toBe(0);
    expect(started()).toContain(`${join(folder, 'dist', 'app')} --demo --screenshot x.png`);
    await start([], { DISPLAY: ':0' });
    expect(started()).not.toContain('--demo');
    expect(readFileSync(join(folder, 'builds'), 'utf8')).toBe('built\n');
  });

  it('turns the sandbox off for root alone, and says so', async () => {
    const { stderr } = await start([], { DISPLAY: ':0' });
    const isRoot = process.getuid?.() === 0;
    expect(started().includes('--no-sandbox')).toBe(isRoot);
    expect(/You are root: .*--no-sandbox/.test(stderr)).toBe(isRoot);
  });

  it('builds again when a source has changed', async () => {
    mkdirSync(join(folder, 'core'));
    writeFileSync(join(folder, 'core', 'new.ts'), '');
    await start([], { DISPLAY: ':0' });
    expect(readFileSync(join(folder, 'builds'), 'utf8')).toBe('built\nbuilt\n');
  });

  it('builds again when what was built is gone', async () => {
    const before = readFileSync(join(folder, 'builds'), 'utf8');
    rmSync(join(folder, 'dist', 'app'), { recursive: true });
    await start([], { DISPLAY: ':0' });
    expect(readFileSync(join(folder, 'builds'), 'utf8')).toBe(`${before}built\n`);
  });

  it.runIf(process.platform === 'linux')('names the libraries that Electron lacks, and does not start it', async () => {
    const ldd = join(folder, 'bin', 'ldd');
    writeFileSync(ldd, '#!/bin/sh\necho "\tlibm.so.6 => /lib/libm.so.6 (0x0)"\necho "\tlibgtk-3.so.0 => not found"\n');
    chmodSync(ldd, 0o755);
    rmSync(join(folder, 'started'));
    try {
      const { code, stderr } = await start([], { DISPLAY: ':0' });
      expect(code).toBe(1);
      expect(stderr).toMatch(/cannot start here: this machine lacks libgtk-3\.so\.0\.$/m);
      expect(existsSync(join(folder, 'started'))).toBe(false);
    } finally {
      rmSync(ldd);
    }
  });

  it.runIf(process.platform === 'linux')('says in one line what to install where there is no display', async () => {
    const { code, stderr } = await start([]);
    expect(code).toBe(1);
    const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('You are root'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/no display.*apt-get install xvfb/);
  });

  it('says where Electron comes from when there is none', async () => {
    const { code, stderr } = await start([], { LUNASCOPE_ELECTRON_DIST: '', DISPLAY: ':0' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/Python wheel|no fallback/);
    expect(stderr).toMatch(/apt-get install python3-pip|LUNASCOPE_ELECTRON_RETRY/);
  });
});
