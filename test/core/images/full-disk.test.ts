import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FullDiskReport } from './full-disk.ts';
import { computedSource, expectedSum } from './support.ts';

const BLOCKS = 12_288n;
const script = join(import.meta.dirname, 'full-disk.ts');
const folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command where `folder` is a disk of 7 MiB, in a mount namespace of its own. */
function onSmallDisk(command: readonly string[]) {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const mount = 'mount -t tmpfs -o size=7m tmpfs "$1" && shift && exec "$@"';
  return spawnSync('unshare', [...asRoot, '--mount', 'sh', '-c', mount, 'sh', folder, ...command], {
    encoding: 'utf8',
  });
}

const possible = process.platform === 'linux' && onSmallDisk(['true']).status === 0;

describe.runIf(possible)('a disk that is really full', () => {
  it.each([
    ['wait', 0, 'held up until there is room'],
    ['again', 1, 'begun again when there is room'],
  ])('(%s) gives the right image', (how, least) => {
    const child = onSmallDisk([process.execPath, script, folder, String(BLOCKS), '4', how]);
    expect(child.stderr).toBe('');
    const report = JSON.parse(child.stdout) as FullDiskReport;
    expect(report.heldUp).toContain('DISK_FULL');
    expect(new Set(report.heldUp).size).toBe(1);
    expect(Number(report.resumedBlocks)).toBeGreaterThanOrEqual(least);
    expect(report.sha256).toBe(expectedSum(computedSource(BLOCKS), 0n, BLOCKS));
  });
});
