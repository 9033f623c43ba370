import { execFile } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { layOutBare } from './bare-machine.ts';

const run = promisify(execFile);

/** Scripts that stand for the real ones. */
const SCRIPTS = {
  'check:lint': 'exit 0',
  'test:quick': 'exit 0',
  'check:types': 'exit 0',
  'check:types:old': 'exit 0',
  'check:imports': 'exit 0',
};

describe('npm run check', () => {
  let folder: string;
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const check = async () => {
    try {
      const { stdout } = await run(process.execPath, [join(folder, 'scripts', 'check.mjs')], {
        cwd: folder,
        env: { PATH: join(folder, 'bin') },
      });
      return { code: 0, stdout };
    } catch (error) {
      return error as { code: number; stdout: string };
    }
  };

  it('installs the locked packages where they are not, and then runs everything', async () => {
    folder = layOutBare(SCRIPTS);
    rmSync(join(folder, 'node_modules', '.cache'), { recursive: true });
    const npm = join(folder, 'bin', 'npm');
    const usual = readFileSync(npm, 'utf8').replace('#!/bin/sh\n', '');
    writeFileSync(npm, `#!/bin/sh\nif [ "$1" = ci ]; then echo ci >> installs; exit 0; fi\n${usual}`);
    chmodSync(npm, 0o755);
    const first = await check();
    expect(first.code).toBe(0);
    for (const script of Object.keys(SCRIPTS)) expect(first.stdout).toMatch(new RegExp(`^ok {3}${script} `, 'm'));
    await check();
    expect(readFileSync(join(folder, 'installs'), 'utf8')).toBe('ci\n');
  });

  it('goes on after a failure, shows what was said, and prints what repeats and repairs it', async () => {
    folder = layOutBare({ ...SCRIPTS, 'check:lint': 'echo "1 problem"; exit 1' });
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL check:lint .*\n1 problem$/m);
    expect(stdout).toMatch(/^ok {3}check:imports /m);
    expect(stdout).toContain('Repeat it with: npm run check:lint\nRepair it with: npx eslint --fix .\n');
    expect(existsSync(join(folder, 'installs'))).toBe(false);
  });
});
