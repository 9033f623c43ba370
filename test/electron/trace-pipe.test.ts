import { execFileSync } from 'node:child_process';
import { closeSync, createWriteStream, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TraceThread } from '../../electron/main/services/trace-thread.ts';

const capture = join(import.meta.dirname, '..', 'fixtures', 'captures', 'istgt-rw.pcapng');

it.skipIf(process.platform === 'win32')('a pipe that was let go takes no file of the program with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lunascope-pipe-'));
  const path = join(folder, 'live.pcapng');
  execFileSync('mkfifo', [path]);
  const files: number[] = [];
  try {
    let thread: TraceThread | undefined;
    const done = new Promise<void>((resolve, reject) => {
      const start = { path, follow: true, scratch: folder };
      thread = new TraceThread(start, ({ phase }) => (phase === 'done' ? resolve() : undefined), reject);
    });
    createWriteStream(path).end(readFileSync(capture));
    await done;
    // They take the numbers that are free again, that of the pipe among them.
    for (let count = 0; count < 40; count += 1) files.push(openSync(capture, 'r'));
    await thread?.close();
    for (const file of files) expect(fstatSync(file).size).toBeGreaterThan(0);
  } finally {
    for (const file of files) closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  }
});
