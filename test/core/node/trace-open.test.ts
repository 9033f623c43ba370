import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { TraceFile } from '../../../core/node/trace-open.ts';
import type { Trace } from '../../../core/trace/index.ts';
import { writeBigCapture } from '../../bench/big-capture.ts';
import { capture, CAPTURES, pieces, useFolder, withTrace } from './trace-support.ts';

const folder = useFolder();
const { at } = folder;

describe('opening', { timeout: 30_000 }, () => {
  it('reads a capture, a compressed one and one from a stream alike', async () => {
    writeFileSync(at('a.pcapng.gz'), gzipSync(capture()));
    const rows = (trace: Trace): string[] =>
      Array.from({ length: trace.length }, (_, row) => Buffer.from(trace.readPdu(row).data).toString('hex'));
    const plain = await withTrace(join(CAPTURES, 'tgt-rw-4k.pcapng'), rows);
    expect(plain.length).toBe(34);
    expect(await withTrace(at('a.pcapng.gz'), rows)).toEqual(plain);
    for (const [bytes, size] of [
      [capture(), 7777],
      [gzipSync(capture()), 501],
    ] as const) {
      const file = new TraceFile();
      await file.read('-', pieces(bytes, size));
      expect(rows(file.trace)).toEqual(plain);
      file.close();
    }
  });

  it('says what cannot be opened', async () => {
    writeFileSync(at('none.bin'), 'not a capture at all');
    await expect(withTrace(at('missing'), () => 0)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    writeFileSync(at('whole.lstrace.recording'), new Uint8Array(0));
    await expect(withTrace(at('whole.lstrace'), () => 0)).rejects.toMatchObject({
      hint: expect.stringContaining(at('whole.lstrace.recording')) as unknown,
    });
    await expect(withTrace(folder.path, () => 0)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    if (existsSync('/proc/self/mem'))
      await expect(withTrace('/proc/self/mem', () => 0)).rejects.toMatchObject({ code: 'IO_FAILED' });
    expect(await withTrace(at('none.bin'), (_trace, file) => file.failure?.message)).toContain('neither a capture');
    await expect(new TraceFile().read('-')).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    const packed = gzipSync(capture());
    writeFileSync(at('cut.gz'), packed.subarray(0, packed.length / 2));
    await withTrace(at('cut.gz'), (trace) => {
      expect(trace.length).toBeGreaterThan(0);
      expect(trace.notes.some((note) => note.text.startsWith('The compressed input is damaged'))).toBe(true);
    });
  });

  it('gives up on a stream that unpacks without end', async () => {
    const bomb = gzipSync(Buffer.concat(Array.from({ length: 100 }, capture)));
    writeFileSync(at('bomb.gz'), bomb);
    await withTrace(
      at('bomb.gz'),
      (trace, file) => {
        expect(file.failure).toMatchObject({ code: 'PROTOCOL_TOO_LARGE' });
        expect(trace.length).toBeGreaterThan(34);
      },
      { maxInflatedBytes: 1 << 20 },
    );
  });

  it('keeps its memory bounded on large inputs and reports progress', async () => {
    const pdus = writeBigCapture(at('big.pcapng'), { pdus: 120_000 }, 512);
    let calls = 0;
    await withTrace(
      at('big.pcapng'),
      (trace) => {
        expect(trace.length).toBe(pdus);
        expect(trace.pdus.table.residentBytes + trace.tasks.table.residentBytes).toBeLessThan(9 << 20);
        expect(trace.readPdu(50_001).data.length).toBe(512);
        expect(trace.rowsOfTask(100)).toHaveLength(2);
      },
      { memoryBytes: 1 << 20, onProgress: () => void (calls += 1) },
    );
    expect(calls).toBeGreaterThan(1);
  });

  it('stops within a second of being told to, and keeps what it read', async () => {
    const stop = new AbortController();
    const file = new TraceFile({
      signal: stop.signal,
      onProgress: ({ pdus }) => (pdus > 0 ? stop.abort() : undefined),
    });
    await expect(file.read(at('big.pcapng'))).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(file.trace.length).toBeGreaterThan(0);
    expect(file.trace.length).toBeLessThan(120_000);
    file.close();
  });
});

describe('following', { timeout: 30_000 }, () => {
  it('reads on as a file grows, until it is told to stop', async () => {
    const bytes = capture();
    writeFileSync(at('grow.pcapng'), bytes.subarray(0, 5000));
    const stop = new AbortController();
    let grown = false;
    const file = new TraceFile({
      follow: true,
      signal: stop.signal,
      onProgress: () => {
        if (!grown) appendFileSync(at('grow.pcapng'), bytes.subarray(5000));
        grown = true;
        if (file.trace.length === 34) stop.abort();
      },
    });
    await file.read(at('grow.pcapng'));
    expect(file.trace.length).toBe(34);
    file.close();
  });

  it('ends when the followed file is cut short', async () => {
    writeFileSync(at('short.pcapng'), capture());
    const file = new TraceFile({ follow: true, onProgress: () => truncateSync(at('short.pcapng'), 100) });
    await file.read(at('short.pcapng'));
    expect(file.trace.notes.map((note) => note.text)).toContain(
      'The followed file was cut short; following ends here.',
    );
    file.close();
  });

  it('says that it does not follow a compressed file', async () => {
    writeFileSync(at('whole.gz'), gzipSync(capture()));
    const told = await withTrace(at('whole.gz'), (trace) => trace.notes.map(({ text }) => text), { follow: true });
    expect(told).toEqual([expect.stringContaining('compressed file is read to its end')]);
    expect(await withTrace(at('whole.gz'), (trace) => trace.notes)).toEqual([]);
  });

  it('reads a FIFO', async () => {
    const fifo = at('fifo');
    await once(spawn('sh', ['-c', `mkfifo "${fifo}"`]), 'exit');
    const writer = spawn('sh', ['-c', `cat "${join(CAPTURES, 'tgt-rw-4k.pcapng')}" > "${fifo}"`]);
    const file = new TraceFile();
    await file.read(fifo);
    expect(file.trace.length).toBe(34);
    file.close();
    if (writer.exitCode === null) await once(writer, 'exit');
  });

  it.each(['before a writer has come', 'while its writer is silent'])(
    'lets a FIFO go the moment it is told to, %s',
    async (when) => {
      const path = at(`fifo-${when.length}`);
      execFileSync('mkfifo', [path]);
      const waiting = (): number =>
        process.getActiveResourcesInfo().filter((name) => /^(Pipe|FSReq)/u.test(name)).length;
      const before = waiting();
      const stop = new AbortController();
      const file = new TraceFile({ follow: true, signal: stop.signal });
      const reading = file.read(path);
      const writer = when.startsWith('while') ? await open(path, 'w') : undefined;
      if (writer !== undefined) {
        await writer.write(readFileSync(join(CAPTURES, 'tgt-raw-sense.pcapng')));
        await expect.poll(() => file.trace.length).toBe(20);
      }
      stop.abort();
      await reading;
      await expect.poll(waiting).toBeLessThanOrEqual(before);
      await writer?.close();
      file.close();
    },
  );

  it('stops waiting for a stream that stays silent', async () => {
    const stop = new AbortController();
    const silent = (async function* (): AsyncGenerator<Uint8Array> {
      yield capture();
      setImmediate(() => stop.abort());
      await new Promise(() => undefined);
    })();
    const file = new TraceFile({ follow: true, signal: stop.signal });
    await file.read('-', silent);
    expect(file.trace.length).toBe(34);
    file.close();
  });
});
