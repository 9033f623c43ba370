import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exportTraceFile, exportTraceLines } from '../../../core/node/trace-export.ts';
import { deleteTrace, listSegments, traceSize } from '../../../core/node/trace-files.ts';
import { TraceFile } from '../../../core/node/trace-open.ts';
import { TraceRecording } from '../../../core/node/trace-recording.ts';
import { TraceSpool } from '../../../core/node/trace-spool.ts';
import { TraceRecorder } from '../../../core/trace/index.ts';
import { writeBigCapture } from '../../bench/big-capture.ts';
import { cleanScene, ENDS } from '../trace/scene.ts';
import { useFolder, withTrace } from './trace-support.ts';

const folder = useFolder();
const { at } = folder;
/** A header that announces 60,000 bytes of data; what is recorded with it may be less. */
const HEADER = Uint8Array.from({ length: 48 }, (_, i) => ({ 0: 0x40, 6: 60_000 >> 8, 7: 60_000 & 0xff })[i] ?? 0);

describe('recording to files', { timeout: 30_000 }, () => {
  it('writes a private file that reads back', async () => {
    const recording = new TraceRecording(at('rec.lstrace'), { mode: 'headers' });
    const id = recording.tap.openConnection(1, ENDS);
    for (let n = 0; n < 1000; n += 1) recording.tap.recordPdu(id, true, n, HEADER, 0, 0, new Uint8Array(100), 0, 100);
    await recording.close();
    await recording.close();
    expect(statSync(at('rec.lstrace')).mode & 0o777).toBe(0o600);
    await withTrace(at('rec.lstrace'), (trace) => {
      expect(trace.length).toBe(1000);
      expect(trace.readPdu(999).data.length).toBe(64);
      expect(Math.abs(Number(trace.baseNs / 1_000_000n) - performance.timeOrigin)).toBeLessThan(2);
    });
  });

  it('stays within its cap, drops the oldest, and counts it', async () => {
    const recording = new TraceRecording(at('cap.lstrace'), { mode: 'full', maxBytes: 8 << 20, segmentBytes: 1 << 20 });
    const id = recording.tap.openConnection(1, ENDS);
    for (let n = 0; n < 600; n += 1) {
      recording.tap.recordPdu(id, true, n, HEADER, 0, 0, new Uint8Array(60_000), 0, 60_000);
      if (n % 16 === 0) await recording.spool.drain();
    }
    await recording.close();
    expect(traceSize(at('cap.lstrace'))).toBeLessThan(13 << 20);
    expect(recording.spool.sizes.deleted).toBeGreaterThan(20 << 20);
    expect(listSegments(at('cap.lstrace')).length).toBeGreaterThan(2);
    await withTrace(at('cap.lstrace'), (trace) => {
      expect(trace.length + trace.droppedPdus).toBe(600);
      expect(trace.droppedPdus).toBeGreaterThan(300);
      expect(trace.connections[0]!.endpoints).toEqual(ENDS);
    });
    deleteTrace(at('cap.lstrace'));
    expect(readdirSync(folder.path).filter((name) => name.startsWith('cap.'))).toEqual([]);
  });

  it('keeps less or more from the moment its cap changes', async () => {
    const recording = new TraceRecording(at('change.lstrace'), { mode: 'full', maxBytes: 1 << 30 });
    const id = recording.tap.openConnection(1, ENDS);
    const record = async (): Promise<number> => {
      for (let n = 0; n < 400; n += 1) {
        recording.tap.recordPdu(id, true, n, HEADER, 0, 0, new Uint8Array(60_000), 0, 60_000);
        if (n % 16 === 0) await recording.spool.drain();
      }
      return recording.spool.sizes.kept;
    };
    expect(await record()).toBeGreaterThan(18 << 20);
    recording.keepAtMost(8 << 20);
    expect(await record()).toBeLessThan(13 << 20);
    recording.keepAtMost(1 << 30);
    expect(await record()).toBeGreaterThan(20 << 20);
    await recording.close();
  });

  it('can be followed while it is written, from file to file', async () => {
    const recording = new TraceRecording(at('live.lstrace'), { mode: 'headers', segmentBytes: 4096 });
    const id = recording.tap.openConnection(1, ENDS);
    const stop = new AbortController();
    const file = new TraceFile({
      follow: true,
      signal: stop.signal,
      onProgress: () => (file.trace.length === 400 ? stop.abort() : undefined),
    });
    recording.tap.recordPdu(id, true, 1, HEADER, 0, 0, new Uint8Array(0), 0, 0);
    recording.tap.flush();
    await recording.spool.drain();
    const reading = file.read(at('live.lstrace'));
    for (let n = 1; n < 400; n += 1) {
      recording.tap.recordPdu(id, true, n, HEADER, 0, 0, new Uint8Array(0), 0, 0);
      if (n % 20 === 0) recording.tap.flush();
    }
    await recording.close();
    await reading;
    expect(file.trace.length).toBe(400);
    file.close();
  });

  it('stops with a clear state when the disk is full, and the tap goes on', async () => {
    if (!existsSync('/dev/full')) return;
    let told = '';
    const spool = new TraceSpool(at('full.lstrace'), { onStopped: (reason) => (told = reason.code) });
    symlinkSync('/dev/full', at('full.lstrace.1'));
    const recorder = new TraceRecorder(spool, { mode: 'headers', baseNs: 0n, segmentBytes: 200, chunkBytes: 128 });
    const id = recorder.openConnection(0, ENDS);
    for (let n = 0; n < 50; n += 1) recorder.recordPdu(id, true, n, HEADER, 0, 0, new Uint8Array(0), 0, 0);
    recorder.flush();
    await spool.drain();
    expect(spool.stopped?.code).toBe('DISK_FULL');
    expect(told).toBe(spool.stopped?.code);
    recorder.recordPdu(id, true, 99, HEADER, 0, 0, new Uint8Array(0), 0, 0);
    recorder.flush();
    recorder.recordPdu(id, true, 99, HEADER, 0, 0, new Uint8Array(0), 0, 0);
    expect(recorder.counts.lost).toBeGreaterThan(0);
    await spool.close();
  });

  it('closes no file twice where the next one cannot be opened', async () => {
    const gone = mkdtempSync(join(folder.path, 'gone-'));
    const spool = new TraceSpool(join(gone, 'rec.lstrace'));
    rmSync(gone, { recursive: true });
    spool.startSegment(1);
    spool.write(new Uint8Array(8), 8);
    await spool.drain();
    expect(spool.stopped?.code).toBe('IO_FAILED');
    await spool.close();
  });

  it('lets who has it open read on when its oldest file is emptied', async () => {
    const recording = new TraceRecording(at('open.lstrace'), {
      mode: 'full',
      maxBytes: 4 << 20,
      segmentBytes: 1 << 20,
    });
    const id = recording.tap.openConnection(1, ENDS);
    const record = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1)
        recording.tap.recordPdu(id, true, n, HEADER, 0, 0, new Uint8Array(60_000).fill(7), 0, 60_000);
      recording.tap.flush();
      await recording.spool.drain();
    };
    await record(16);
    const file = new TraceFile();
    await file.read(at('open.lstrace'));
    for (let round = 0; round < 12; round += 1) await record(16);
    expect(statSync(at('open.lstrace')).size).toBe(64);
    expect(statSync(at('open.lstrace')).mode & 0o777).toBe(0o600);
    expect(file.trace.readPdu(0).bhs[0]).toBe(0x40);
    expect(file.trace.readPdu(0).data[59_999]).toBe(7);
    file.close();
    await recording.close();
    expect(readdirSync(folder.path).filter((name) => name.includes('.head'))).toEqual([]);
  });

  it('leaves alone what is named like one of its files and is none', () => {
    writeFileSync(at('log'), 'anything');
    writeFileSync(at('log.1'), 'yesterday');
    const refused = { code: 'BAD_ARGUMENT', message: expect.stringContaining('log.1 is no file of a trace') as string };
    expect(() => new TraceSpool(at('log'))).toThrow(expect.objectContaining(refused));
    expect(readFileSync(at('log'), 'utf8')).toBe('anything');
    deleteTrace(at('log'));
    expect(existsSync(at('log'))).toBe(false);
    expect(readFileSync(at('log.1'), 'utf8')).toBe('yesterday');
  });

  it('says where it cannot record to', () => {
    for (const path of [at('no/such/folder/rec'), folder.path])
      expect(() => new TraceSpool(path)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });

  it('refuses more than its backlog holds rather than wait', () => {
    const spool = new TraceSpool(at('backlog.lstrace'), { maxBacklogBytes: 1000 });
    expect(spool.acquire(500)).toBeInstanceOf(Uint8Array);
    spool.write(new Uint8Array(900), 900);
    expect(spool.backlogBytes).toBe(900);
    expect(spool.acquire(500)).toBeUndefined();
  });

  it('loses nothing that was flushed when the process is killed', async () => {
    const path = at('killed.lstrace');
    const script = `
      import { TraceRecording } from ${JSON.stringify(fileURLToPath(new URL('../../../core/node/trace-recording.ts', import.meta.url)))};
      const recording = new TraceRecording(${JSON.stringify(path)}, { mode: 'full' });
      const id = recording.tap.openConnection(1, ${JSON.stringify(ENDS)});
      const header = new Uint8Array(48); header[0] = 0x40;
      for (let n = 0; n < 500; n += 1) recording.tap.recordPdu(id, true, n, header, 0, 0, new Uint8Array(300), 0, 300);
      recording.tap.flush();
      await recording.spool.drain();
      for (let n = 0; n < 7; n += 1) recording.tap.recordPdu(id, true, n, header, 0, 0, new Uint8Array(300), 0, 300);
      process.stdout.write('flushed');
      setInterval(() => undefined, 1000);
      await new Promise(() => undefined);`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await withTrace(path, (trace) => expect(trace.length).toBeGreaterThanOrEqual(500));
  });
});

describe('exporting to files', { timeout: 30_000 }, () => {
  it('writes a private file, and none when it is called off', async () => {
    writeFileSync(at('scene.lstrace'), cleanScene().bytes());
    await withTrace(at('scene.lstrace'), () => 0);
    const file = new TraceFile();
    await file.read(at('scene.lstrace'));
    const summary = await exportTraceFile(file.trace, at('out.pcapng'), { safeToShare: true, serverPort: 3260 });
    expect(summary.pdus).toBe(12);
    expect(statSync(at('out.pcapng')).size).toBe(summary.bytes);
    expect(statSync(at('out.pcapng')).mode & 0o777).toBe(0o600);
    await expect(exportTraceFile(file.trace, at('no/such/folder'))).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    if (existsSync('/dev/full'))
      await expect(exportTraceFile(file.trace, '/dev/full')).rejects.toMatchObject({ code: 'DISK_FULL' });
    file.close();
    writeBigCapture(at('big.pcapng'), { pdus: 120_000 }, 512);
    const big = new TraceFile();
    await big.read(at('big.pcapng'));
    const stop = new AbortController();
    const seen: string[][] = [];
    await expect(
      exportTraceFile(big.trace, at('off.pcapng'), {
        signal: stop.signal,
        onProgress: () => {
          seen.push(readdirSync(folder.path).filter((name) => name.includes('off.pcapng')));
          stop.abort();
        },
      }),
    ).rejects.toMatchObject({ code: 'CANCELLED', message: 'The export was called off; nothing was written.' });
    expect(seen[0]).toEqual([expect.stringMatching(/^\.off\.pcapng\.\d+-[0-9a-f]{8}\.part$/u)]);
    expect(readdirSync(folder.path).filter((name) => name.includes('off.pcapng'))).toEqual([]);
    big.close();
  });

  it('keeps what had the name before when it is called off, and replaces it whole when it is not', async () => {
    writeFileSync(at('replaced.jsonl'), 'older');
    writeFileSync(at('scene2.lstrace'), cleanScene().bytes());
    const file = new TraceFile();
    await file.read(at('scene2.lstrace'));
    const off = AbortSignal.abort();
    await expect(exportTraceLines(file.trace, at('replaced.jsonl'), 'jsonl', { signal: off })).rejects.toThrow();
    expect(readFileSync(at('replaced.jsonl'), 'utf8')).toBe('older');
    const done = await exportTraceLines(file.trace, at('replaced.jsonl'), 'jsonl', { rows: [0, 3] });
    expect(done).toEqual({ pdus: 2, bytes: statSync(at('replaced.jsonl')).size });
    expect(readFileSync(at('replaced.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2);
    file.close();
  });
});
