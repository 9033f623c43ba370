import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LONG } from '../../vitest.config.ts';

interface Step {
  readonly name: string;
  readonly script: string;
  readonly counts?: boolean;
  readonly linux?: boolean;
  readonly window?: boolean;
  readonly electron?: boolean;
  readonly programs?: readonly string[];
  readonly abilities?: readonly string[];
}
interface Machine {
  readonly platform: string;
  readonly has: (name: string) => boolean;
  readonly howToGet: (name: string) => string;
  readonly lacks: (name: string) => string | undefined;
  readonly canShowWindows: boolean;
  readonly noElectron: string | null;
}

const root = join(import.meta.dirname, '..', '..');
const { obstacle, steps } = (await import(join(root, 'scripts/lib/steps.mjs'))) as {
  obstacle: (step: Step, machine: Machine) => string | null;
  steps: readonly Step[];
};
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

const machine: Machine = {
  platform: 'linux',
  has: () => true,
  howToGet: (name) => `install ${name}`,
  lacks: () => undefined,
  canShowWindows: true,
  noElectron: null,
};
const suite: Step = { name: 'suite', script: 'suite', programs: ['tgtd', 'tshark'], window: true, linux: true };

describe('what can run on a machine', () => {
  it('lets a step run where all it needs is there', () => {
    expect(obstacle(suite, machine)).toBeNull();
  });

  it('names every program that is missing and how to get it', () => {
    expect(obstacle(suite, { ...machine, has: () => false })).toBe(
      'missing tgtd (install tgtd), tshark (install tshark)',
    );
  });

  it('takes any of several programs, and names the first where there is none', () => {
    const browser: Step = { name: 'suite', script: 'suite', programs: ['chromium|google-chrome'] };
    expect(obstacle(browser, { ...machine, has: (name) => name === 'google-chrome' })).toBeNull();
    expect(obstacle(browser, { ...machine, has: () => false })).toBe('missing chromium (install chromium)');
  });

  it('says what programs that are there cannot do, once all of them are there', () => {
    const able: Step = { ...suite, abilities: ['recording', 'fitting', 'qemu-iscsi'] };
    const unable = { ...machine, lacks: (name: string) => (name === 'fitting' ? undefined : `no ${name}`) };
    expect(obstacle(able, machine)).toBeNull();
    expect(obstacle(able, unable)).toBe('no recording; no qemu-iscsi');
    expect(obstacle(able, { ...unable, has: () => false })).toContain('missing tgtd');
  });

  it('says that there is no display', () => {
    expect(obstacle(suite, { ...machine, canShowWindows: false })).toContain('no display');
  });

  it('says why there is no Electron, of what needs it alone', () => {
    const without = { ...machine, noElectron: 'It cannot be downloaded.' };
    expect(obstacle({ ...suite, electron: true }, without)).toBe('there is no Electron. It cannot be downloaded.');
    expect(obstacle(suite, without)).toBeNull();
  });

  it('keeps Linux suites to Linux', () => {
    expect(obstacle(suite, { ...machine, platform: 'darwin' })).toBe('it is for Linux');
  });
});

/** Long runs, measurements and pictures, which a person asks for; and the quick part of the unit tests. */
const BY_HAND = ['soak:restart', 'sweep', 'coverage', 'screens', 'test:quick'];

describe('every script a person runs', () => {
  const own = Object.entries(scripts).filter(([name]) => !/^(check|test):/.test(name) && name !== 'cli');

  it.each(own)('%s needs nothing installed: it installs what is missing', (_name, command) => {
    const [, first = ''] = /^node (scripts\/[\w-]+[.]mjs)/.exec(command) ?? [];
    expect(readFileSync(join(root, first), 'utf8')).toContain('await ensureInstalled();');
  });
});

describe('the list of steps', () => {
  it('skips interop by name where qemu or dumpcap cannot do their part', () => {
    expect(steps.find(({ name }) => name === 'interop')?.abilities).toEqual(['qemu-iscsi', 'recording']);
  });

  it('names scripts that exist', () => {
    expect(steps.map(({ script }) => script).filter((script) => !(script in scripts))).toEqual([]);
  });

  it('holds every suite that package.json has', () => {
    const suites = Object.entries(scripts)
      .filter(([, command]) => /vitest|test\/(interop|trace|sweep)|scripts\/(e2e|smoke-packaged)/.test(command))
      .map(([name]) => name)
      .filter((name) => !BY_HAND.includes(name));
    expect(suites.filter((name) => !steps.some(({ script }) => script === name))).toEqual([]);
  });

  it.each(LONG)('leaves %s, which is there, to the long unit tests', (pattern) => {
    expect(globSync(pattern, { cwd: root })).not.toEqual([]);
  });

  it('leaves the proof of the import rules to the inner loop, so that a rule taken away is noticed there', () => {
    expect(scripts['test:quick']).toContain('--project scripts');
    expect(LONG.flatMap((pattern) => globSync(pattern, { cwd: root }))).not.toContain(
      'test/scripts/import-rules.test.ts',
    );
  });
});
