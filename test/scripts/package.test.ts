import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layOutBare } from './bare-machine.ts';

const run = promisify(execFile);

describe.runIf(process.platform === 'linux')('npm run package', () => {
  let folder: string;
  beforeEach(() => {
    folder = layOutBare({});
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ type: 'module', name: 'lunascope', version: '1.2.3' }),
    );
    mkdirSync(join(folder, 'dist', 'app'), { recursive: true });
    writeFileSync(join(folder, 'dist', 'app', 'package.json'), '{}');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Packages with an Electron named by hand and a builder that leaves its directory; gives what was asked and made. */
  async function packageWith(version: string, arch: string, directory: string) {
    const dist = join(folder, 'electron-dist');
    mkdirSync(dist);
    writeFileSync(join(dist, 'electron'), '');
    writeFileSync(join(dist, 'version'), version);
    const builder = join(folder, 'node_modules', '.bin', 'electron-builder');
    writeFileSync(builder, `#!/bin/sh\necho "$@" > asked\nmkdir -p release/${directory}\n`);
    chmodSync(builder, 0o755);
    const as = `data:text/javascript,Object.defineProperty(process, 'arch', { value: '${arch}' })`;
    await run(process.execPath, ['--import', as, join(folder, 'scripts', 'package.mjs')], {
      cwd: folder,
      env: {
        PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
        XDG_CACHE_HOME: join(folder, 'cache'),
        LUNASCOPE_ELECTRON_DIST: dist,
      },
    });
    const archives = readdirSync(join(folder, 'release')).filter((name) => name.endsWith('.tar.gz'));
    return { asked: readFileSync(join(folder, 'asked'), 'utf8'), archives };
  }

  it('makes a release of the pinned Electron', async () => {
    const { asked, archives } = await packageWith('45.0.0', 'x64', 'linux-unpacked');
    expect(archives).toEqual(['lunascope-1.2.3-linux-x64.tar.gz']);
    expect(asked).not.toContain('devBuild');
  });

  it('names a package of any other Electron devbuild, named by hand too', async () => {
    const { asked, archives } = await packageWith('22.3.25', 'x64', 'linux-unpacked');
    expect(archives).toEqual(['lunascope-1.2.3-devbuild-linux-x64.tar.gz']);
    expect(asked).toContain('--config.extraMetadata.devBuild=true');
  });

  it('finds the directory that electron-builder names after another processor', async () => {
    const { archives } = await packageWith('45.0.0', 'arm64', 'linux-arm64-unpacked');
    expect(archives).toEqual(['lunascope-1.2.3-linux-arm64.tar.gz']);
  });
});
