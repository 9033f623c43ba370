import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** Says that it has begun, and loads the rest of itself once its input ends. */
const MAIN = `import { text } from 'node:stream/consumers';
export async function main() {
  process.stdout.write('begun ');
  await text(process.stdin);
  const { VERSION } = await import('./late.ts');
  process.stdout.write(VERSION);
}
`;

let folder: string;
let changes = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lunascope-cli-'));
  for (const name of ['scripts', 'core/cli', 'node_modules']) mkdirSync(join(folder, name), { recursive: true });
  cpSync(join(root, 'scripts', 'cli.mjs'), join(folder, 'scripts', 'cli.mjs'));
  symlinkSync(join(root, 'node_modules', 'esbuild'), join(folder, 'node_modules', 'esbuild'), 'junction');
  writeFileSync(join(folder, 'core', 'cli', 'main.ts'), MAIN);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Makes another state of the sources, later than all before. */
function change(version: string): void {
  changes += 1;
  const path = join(folder, 'core', 'cli', 'late.ts');
  writeFileSync(path, `export const VERSION = '${version}';\n`);
  const at = Date.now() / 1000 + changes;
  utimesSync(path, at, at);
}

type Child = ChildProcessByStdio<Writable, Readable, null>;
const start = (): Child =>
  spawn(process.execPath, [join(folder, 'scripts', 'cli.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });

/** Lets a run go on to its end; gives what it prints from here on, and its code. */
async function finish(child: Child): Promise<readonly [string, number]> {
  child.stdin.end();
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number]>]);
  return [printed, code];
}

const cached = (): string[] => readdirSync(join(folder, 'node_modules', '.cache', 'lunascope'));

describe('the command line from its sources', { timeout: 60_000 }, () => {
  it('goes on with the bundle it began with when another run builds a newer one', async () => {
    change('old');
    const before = start();
    await once(before.stdout, 'data');
    change('new');
    expect(await finish(start())).toEqual(['begun new', 0]);
    expect(await finish(before)).toEqual(['old', 0]);
  });

  it('runs at once with others, whichever of them builds', async () => {
    for (const version of ['one', 'two', 'three']) {
      change(version);
      const runs = await Promise.all([start(), start(), start()].map(finish));
      expect(runs).toEqual(Array.from({ length: 3 }, () => [`begun ${version}`, 0]));
    }
  });

  it('builds once for a state of the sources, and keeps its bundle and the one before', async () => {
    change('first');
    await finish(start());
    const [first] = cached();
    await finish(start());
    expect(cached()).toEqual([first]);
    change('second');
    await finish(start());
    expect(cached()).toContain(first);
    change('third');
    await finish(start());
    expect(cached()).toHaveLength(2);
    expect(cached()).not.toContain(first);
  });
});
