import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAccessibilityFaults } from './support/accessibility.ts';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { electronExecutable, stagedEnv } from './support/electron.ts';
import { keepPicture } from './support/pictures.ts';
import { stage } from './support/stage.ts';
import { stopDemo, walkDemo } from './support/walks.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

onBothEnds('the demo SAN', ({ open }) => {
  let running: Walked;
  beforeAll(async () => {
    running = await open();
  });
  afterAll(() => running.close());

  it('starts from the start screen, is found by discovery, takes trouble', async () => {
    await walkDemo(running.page);
    await keepPicture(running.page, 'demo-walk');
    expect(running.complaints).toEqual([]);
  });

  it.each(['dark', 'light'] as const)('has nothing that axe would fault in the %s theme', async (theme) => {
    await running.setTheme(theme);
    expect(await findAccessibilityFaults(running.page)).toEqual([]);
  });

  it('stops, and nothing listens any more', async () => {
    const portals = await running.page.locator('.facts dd.mono').first().textContent();
    const port = Number(/:(\d+)/.exec(portals ?? '')?.[1]);
    expect(port).toBeGreaterThan(0);
    await stopDemo(running.page);
    const listening = readFileSync('/proc/net/tcp', 'utf8');
    expect(listening).not.toMatch(new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`));
  });
});

describe('the command line of the program', () => {
  it('writes a picture of the demo SAN, says where, and ends with 0', async () => {
    const place = stage(electronExecutable(), join(root, 'dist', 'app'));
    const picture = join(place.home, 'pictures', 'demo.png');
    const { stdout } = await run(
      place.executable,
      [place.app, '--demo', '--screenshot', picture, '--size', '1280x800'],
      { cwd: place.home, env: stagedEnv(place) },
    );
    expect(stdout).toContain(`The picture is in ${picture}.\n`);
    const bytes = readFileSync(picture);
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([1280, 800]);
    expect(statSync(picture).size).toBeGreaterThan(20_000);
  });

  it('says so and ends with 1 when the picture cannot be written', async () => {
    const place = stage(electronExecutable(), join(root, 'dist', 'app'));
    const outcome = await run(place.executable, [place.app, '--screenshot', '/dev/null/x.png'], {
      cwd: place.home,
      env: stagedEnv(place),
    }).then(
      () => ({ code: 0, stderr: '' }),
      (error: unknown) => error as { code: number; stderr: string },
    );
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('The picture could not be written. ');
  });
});
