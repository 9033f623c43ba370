import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { deleteTrace, listSegments, segmentPath } from '../../../core/node/trace-files.ts';
import { TraceFile } from '../../../core/node/trace-open.ts';
import { TraceRecording } from '../../../core/node/trace-recording.ts';
import { TraceSpool, type SpoolOptions } from '../../../core/node/trace-spool.ts';
import { TraceRecorder } from '../../../core/trace/index.ts';
import { Random } from '../../trace/random.ts';
import { ENDS } from '../trace/scene.ts';
import { useFolder, withTrace } from './trace-support.ts';

/** What was written past the cache, and what is to go wrong. */
const uncached = vi.hoisted(() => ({
  files: new Set<number>(),
  writes: 0,
  bytes: 0,
  failOpen: false,
  failWrite: '',
  failSync: '',
  delayMs: 0,
}));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const failure = (code: string): Error => Object.assign(new Error(`${code}, as wanted`), { code });
  const openSync: typeof real.openSync = (path, flags, mode) => {
    const past = flags === (real.constants.O_WRONLY | real.constants.O_DIRECT);
    if (past && uncached.failOpen) throw failure('EINVAL');
    const fd = real.openSync(path, flags, mode);
    if (past) uncached.files.add(fd);
    else uncached.files.delete(fd);
    return fd;
  };
  const write = (...args: [number, Uint8Array, number, number, number, (error: Error | null) => void]): void => {
    const [fd, , , length, , done] = args;
    if (!uncached.files.has(fd)) {
      real.write(...args);
      return;
    }
    uncached.writes += 1;
    if (uncached.failWrite !== '') {
      queueMicrotask(() => done(failure(uncached.failWrite)));
      return;
    }
    uncached.bytes += length;
    if (uncached.delayMs === 0) real.write(...args);
    else setTimeout(() => real.write(...args), uncached.delayMs);
  };
  const fsyncSync: typeof real.fsyncSync = (fd) => {
    if (uncached.failSync !== '') throw failure(uncached.failSync);
    real.fsyncSync(fd);
  };
  return { ...real, openSync, write, fsyncSync };
});

const folder = useFolder();
const { at } = folder;
/** A header that announces 100 bytes of data; what is recorded with it may be more or less. */
const HEADER = Uint8Array.from({ length: 48 }, (_, i) => ({ 0: 0x40, 7: 100 })[i] ?? 0);
const CHUNK = 256 << 10;

/** Whether files of this folder can be written past the cache at all. */
function canPassCache(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    fs.closeSync(fs.openSync(at('probe'), fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_DIRECT));
    return true;
  } catch {
    return false;
  }
}

/** Records PDUs of all sizes, flushes now and then, and lets the writer catch up or not; the same for the same seed. */
async function record(path: string, seed: number, options: SpoolOptions, pauses = 0.03): Promise<Buffer[]> {
  const random = new Random(seed);
  const spool = new TraceSpool(path, options);
  const recorder = new TraceRecorder(spool, { mode: 'full', baseNs: 0n, segmentBytes: 3 << 20, chunkBytes: CHUNK });
  const id = recorder.openConnection(0, ENDS);
  const data = random.bytes(300_000);
  for (let n = 0; n < 1500; n += 1) {
    const length = random.int(0, random.chance(0.03) ? data.length : 5000);
    recorder.recordPdu(id, random.chance(0.5), n, HEADER, 0, 0, data, 0, length);
    if (random.chance(0.02)) recorder.flush();
    if (random.chance(0.01)) spool.settle();
    if (random.chance(pauses)) await spool.drain();
  }
  recorder.flush();
  await spool.close();
  expect(recorder.counts).toEqual({ recorded: 1500, lost: 0 });
  expect(spool.backlogBytes).toBe(0);
  const files = listSegments(path).map((segment) => fs.readFileSync(segmentPath(path, segment)));
  let bytes = 0;
  for (const file of files) bytes += file.length;
  expect(spool.sizes).toEqual({ kept: bytes, deleted: 0 });
  deleteTrace(path);
  return files;
}

describe('recording past the cache', { timeout: 30_000 }, () => {
  beforeEach(() => {
    Object.assign(uncached, { writes: 0, bytes: 0, failOpen: false, failWrite: '', failSync: '', delayMs: 0 });
  });

  it.each([
    [1, 0.03],
    [2, 0.03],
    [3, 0.03],
    [4, 0.003],
    [5, 0.001],
  ])('writes what is written through it, byte by byte: seed %i, pauses %d', async (seed, pauses) => {
    const through = await record(at('through.lstrace'), seed, {}, pauses);
    expect(uncached.bytes).toBe(0);
    const past = await record(at('past.lstrace'), seed, { uncachedBytes: CHUNK }, pauses);
    expect(through.length).toBeGreaterThan(2);
    expect(past.map((file, i) => file.equals(through[i] as Buffer))).toEqual(through.map(() => true));
    if (canPassCache() && pauses === 0.03) expect(uncached.bytes).toBeGreaterThan(1 << 20);
  });

  it.each([
    ['the file cannot be opened for it', { failOpen: true }, 0],
    ['the file takes no such write', { failWrite: 'EINVAL' }, 1],
    ['such a write fails otherwise', { failWrite: 'EIO' }, 1],
    ['the disk is slow', { delayMs: 300 }, 1],
  ])('goes on through the cache where %s', async (_, trouble, writes) => {
    Object.assign(uncached, trouble);
    const files = await record(at('trouble.lstrace'), 1, { uncachedBytes: CHUNK });
    if (canPassCache()) expect(uncached.writes).toBe(writes);
    const through = await record(at('through.lstrace'), 1, {});
    expect(files.map((file, i) => file.equals(through[i] as Buffer))).toEqual(through.map(() => true));
  });

  it('writes to the file it opened, whatever has its name by then', async () => {
    const recording = new TraceRecording(at('name.lstrace'), { mode: 'headers', uncached: true });
    const id = recording.tap.openConnection(1, ENDS);
    fs.renameSync(at('name.lstrace'), at('moved.lstrace'));
    fs.writeFileSync(at('name.lstrace'), 'another');
    for (let n = 0; n < 2000; n += 1) recording.tap.recordPdu(id, true, n, HEADER, 0, 0, new Uint8Array(100), 0, 100);
    await recording.close();
    expect(fs.readFileSync(at('name.lstrace'), 'utf8')).toBe('another');
    if (canPassCache()) expect(uncached.bytes).toBeGreaterThan(200_000);
    await withTrace(at('moved.lstrace'), (trace) => expect(trace.length).toBe(2000));
  });

  it('writes what passes through to someone else in its order', async () => {
    const pipe = at('pipe');
    if (spawnSync('mkfifo', [pipe]).status !== 0) return;
    const reader = spawn('cat', [pipe], { stdio: ['ignore', fs.openSync(at('read'), 'w'), 'inherit'] });
    const spool = new TraceSpool(at('pipe.lstrace'), { uncachedBytes: CHUNK });
    fs.symlinkSync(pipe, at('pipe.lstrace.1'));
    spool.startSegment(1);
    const written: Buffer[] = [];
    for (let n = 1; n <= 3; n += 1) {
      const chunk = spool.acquire(CHUNK) as Uint8Array;
      chunk.fill(n);
      written.push(Buffer.from(chunk.subarray(0, CHUNK)));
      spool.write(chunk, CHUNK);
    }
    await spool.close();
    if (reader.exitCode === null) await once(reader, 'exit');
    expect(spool.stopped).toBeUndefined();
    expect(fs.readFileSync(at('read')).equals(Buffer.concat(written))).toBe(true);
    expect(uncached.writes).toBe(0);
  });

  it('says that the disk is full where that is known when it is closed', async () => {
    const recording = new TraceRecording(at('sync.lstrace'), { mode: 'headers' });
    recording.tap.openConnection(1, ENDS);
    uncached.failSync = 'ENOSPC';
    await recording.close();
    expect(recording.spool.stopped?.code).toBe('DISK_FULL');
    await recording.close();
  });

  it('counts what comes while it is closed', async () => {
    const recording = new TraceRecording(at('closing.lstrace'), { mode: 'headers', uncached: true });
    const id = recording.tap.openConnection(1, ENDS);
    const put = (): void => recording.tap.recordPdu(id, true, 1, HEADER, 0, 0, new Uint8Array(100), 0, 100);
    for (let n = 0; n < 1000; n += 1) put();
    const closing = recording.close();
    for (let n = 0; n < 10; n += 1) put();
    await closing;
    for (let n = 0; n < 10_000; n += 1) put();
    expect(recording.tap.counts).toEqual({ recorded: 1000, lost: 10_010 });
    await withTrace(at('closing.lstrace'), (trace) => expect(trace.length).toBe(1000));
  });

  it('can be followed while it is written', async () => {
    const recording = new TraceRecording(at('live.lstrace'), { mode: 'headers', uncached: true });
    const id = recording.tap.openConnection(1, ENDS);
    const total = 40_000;
    const stop = new AbortController();
    const file = new TraceFile({ follow: true, signal: stop.signal });
    recording.tap.flush();
    await recording.spool.drain();
    const reading = file.read(at('live.lstrace'));
    const data = new Uint8Array(100).fill(7);
    for (let n = 0; n < total; n += 1) {
      recording.tap.recordPdu(id, true, n, HEADER, 0, 0, data, 0, 100);
      if (n % 5000 === 0) {
        recording.tap.flush();
        await recording.spool.drain();
      }
    }
    await recording.close();
    await vi.waitUntil(() => file.trace.length === total, { timeout: 10_000 });
    stop.abort();
    await reading;
    expect(file.trace.notes).toEqual([]);
    file.close();
    if (canPassCache()) expect(uncached.bytes).toBeGreaterThan(1 << 20);
  });

  it('leaves no more than a quarter of a second to be lost when the process is killed', async () => {
    const path = at('killed.lstrace');
    const module = fileURLToPath(new URL('../../../core/node/trace-recording.ts', import.meta.url));
    const script = `
      import { TraceRecording } from ${JSON.stringify(module)};
      const recording = new TraceRecording(${JSON.stringify(path)}, { mode: 'headers', uncached: true });
      const id = recording.tap.openConnection(1, ${JSON.stringify(ENDS)});
      const header = new Uint8Array(48); header[0] = 0x40;
      for (let n = 0; n < 20_003; n += 1) recording.tap.recordPdu(id, true, n, header, 0, 0, new Uint8Array(300), 0, 300);
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await vi.waitUntil(() => fs.existsSync(path) && fs.statSync(path).size > 20_003 * 136, { timeout: 10_000 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await withTrace(path, (trace) => expect(trace.length).toBe(20_003));
  });
});
