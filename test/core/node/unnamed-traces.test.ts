import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TraceRecording } from '../../../core/node/trace-recording.ts';
import { purgeUnnamedTraces, unnamedTracePath } from '../../../core/node/unnamed-traces.ts';

const ENDS = { initiatorHost: '10.0.0.1', initiatorPort: 50_000, targetHost: '10.0.0.2', targetPort: 3260 };
const MANY = 2 ** 40;

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'unnamed-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

/** A recording of a process that runs no more, changed `daysAgo`. */
async function recordEarlier(daysAgo: number): Promise<string> {
  // No process has this number: it is past the largest there may be.
  const folder = mkdtempSync(join(temporary, 'lunascope-trace-4194399-'));
  const path = join(folder, 'session');
  const recording = new TraceRecording(path, { mode: 'headers' });
  recording.tap.openConnection(1, ENDS);
  await recording.close();
  const when = Date.now() / 1000 - daysAgo * 86_400;
  utimesSync(path, when, when);
  return path;
}

describe('recordings without a name', () => {
  it('lie in a folder of their own, for their owner alone', async () => {
    const [one, other] = [await unnamedTracePath(), await unnamedTracePath()];
    expect(one).not.toBe(other);
    expect(statSync(dirname(one)).mode & 0o777).toBe(0o700);
  });

  it('go when they are old, and the oldest when they are too much', async () => {
    const [old, older, recent, latest] = [
      await recordEarlier(31),
      await recordEarlier(40),
      await recordEarlier(2),
      await recordEarlier(1),
    ];
    expect(purgeUnnamedTraces({ bytes: MANY, days: 30 })).toBe(2);
    expect([old, older, recent, latest].map((path) => existsSync(dirname(path)))).toEqual([false, false, true, true]);
    expect(purgeUnnamedTraces({ bytes: statSync(latest).size, days: 30 })).toBe(1);
    expect([recent, latest].map((path) => existsSync(path))).toEqual([false, true]);
  });

  it('stay while the process that makes them runs', async () => {
    const path = await unnamedTracePath();
    const recording = new TraceRecording(path, { mode: 'headers' });
    await recording.close();
    utimesSync(path, 1, 1);
    expect(purgeUnnamedTraces({ bytes: 0, days: 0 })).toBe(0);
    expect(existsSync(path)).toBe(true);
  });

  it('take nothing else with them', async () => {
    const path = await recordEarlier(99);
    writeFileSync(join(dirname(path), 'notes.txt'), 'mine');
    const foreign = mkdtempSync(join(temporary, 'lunascope-trace-'));
    writeFileSync(join(foreign, 'session.txt'), 'mine');
    purgeUnnamedTraces({ bytes: 0, days: 0 });
    expect(readdirSync(dirname(path))).toEqual(['notes.txt']);
    expect(readdirSync(foreign)).toEqual(['session.txt']);
  });
});
