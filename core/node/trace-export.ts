import { createHmac } from 'node:crypto';
import { closeSync, openSync, rmSync, writevSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError, TransportError, UsageError } from '../errors/index.ts';
import { exportPcapng, type ExportSummary, type ShareHash, type Trace } from '../trace/index.ts';
import { fastCrc32c } from './native-crc32c.ts';
import { secureRandom } from './random.ts';

/** How a capture is written to a file. */
export interface ExportFileOptions {
  readonly rows?: readonly number[];
  readonly serverPort?: number;
  readonly safeToShare?: boolean;
  readonly signal?: AbortSignal;
  /** Called now and then with the PDUs' share of bytes written so far. */
  readonly onProgress?: (bytes: number) => void;
}

const BATCH_BYTES = 1 << 20;
const SLICE_MS = 15;

/** A hash whose key is drawn anew for every export and kept nowhere. */
export function createShareHash(): ShareHash {
  const key = secureRandom(32);
  return (text) => createHmac('sha256', key).update(text).digest();
}

/** Writes a trace, or some rows of it, as pcapng; the file appears whole or not at all. */
export async function exportTraceFile(
  trace: Trace,
  path: string,
  options: ExportFileOptions = {},
): Promise<ExportSummary> {
  const blocks = exportPcapng(trace, {
    crc: fastCrc32c,
    ...(options.rows === undefined ? {} : { rows: options.rows }),
    ...(options.serverPort === undefined ? {} : { serverPort: options.serverPort }),
    ...(options.safeToShare === true ? { shareHash: createShareHash() } : {}),
  });
  const fd = create(path);
  let done = false;
  try {
    const summary = await writeAll(fd, blocks, options);
    done = true;
    return summary;
  } finally {
    closeSync(fd);
    if (!done) rmSync(path, { force: true });
  }
}

function create(path: string): number {
  try {
    return openSync(path, 'w', 0o600);
  } catch (cause) {
    throw new UsageError('BAD_ARGUMENT', `${path} cannot be written.`, {
      hint: 'Check the folder and its rights.',
      cause,
    });
  }
}

async function writeAll(
  fd: number,
  blocks: Generator<Uint8Array, ExportSummary>,
  options: ExportFileOptions,
): Promise<ExportSummary> {
  let batch: Uint8Array[] = [];
  let size = 0;
  let written = 0;
  let yieldedAt = performance.now();
  for (;;) {
    const next = blocks.next();
    if (next.done !== true) {
      batch.push(next.value);
      size += next.value.length;
    }
    if (size >= BATCH_BYTES || batch.length >= 1000 || next.done === true) {
      write(fd, batch, size);
      written += size;
      batch = [];
      size = 0;
    }
    if (next.done === true) return next.value;
    if (performance.now() - yieldedAt < SLICE_MS) continue;
    if (options.signal?.aborted === true)
      throw new CancelledError('CANCELLED', 'The export was called off; the unfinished file was deleted.');
    options.onProgress?.(written);
    await nextTurn();
    yieldedAt = performance.now();
  }
}

function write(fd: number, batch: readonly Uint8Array[], size: number): void {
  if (batch.length === 0) return;
  try {
    const count = writevSync(fd, batch);
    if (count === size) return;
    const rest = Buffer.concat(batch).subarray(count);
    for (let done = 0; done < rest.length;) done += writevSync(fd, [rest.subarray(done)]);
  } catch (cause) {
    const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new TransportError(
      full ? 'DISK_FULL' : 'IO_FAILED',
      full ? 'The disk is full: the export was not finished.' : 'The export could not be written.',
      { cause },
    );
  }
}
