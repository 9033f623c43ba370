import { createHmac } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError, UsageError } from '../errors/index.ts';
import {
  exportPcapng,
  LineExport,
  type ExportSummary,
  type LineFormat,
  type RowNotes,
  type ShareHash,
  type Trace,
} from '../trace/index.ts';
import { fastCrc32c } from './native-crc32c.ts';
import { secureRandom } from './random.ts';
import { FileSource } from './trace-files.ts';
import { WholeFile } from './whole-file.ts';

/** How a capture is written to a file. */
export interface ExportFileOptions {
  readonly rows?: readonly number[];
  readonly serverPort?: number;
  readonly safeToShare?: boolean;
  /** What has been noted of rows; an export that is safe to share leaves it out. */
  readonly notes?: RowNotes;
  readonly signal?: AbortSignal;
  /** Called now and then with the PDUs' share of bytes written so far. */
  readonly onProgress?: (bytes: number) => void;
}

const BATCH_BYTES = 1 << 20;
const SLICE_MS = 15;
const LINES = 200;

/** A hash whose key is drawn anew for every export and kept nowhere. */
export function createShareHash(): ShareHash {
  const key = secureRandom(32);
  return (text) => createHmac('sha256', key).update(text).digest();
}

/** Refuses, as exports do, a path that a trace is read from: the file would be replaced by what may be less. */
export function refuseOwnSource(trace: Trace, path: string): void {
  if (!(trace.source instanceof FileSource) || !trace.source.cameFrom(path)) return;
  throw new UsageError('BAD_ARGUMENT', `${path} is the file this trace was read from, and it would be replaced.`, {
    hint: 'Choose another name for the export.',
  });
}

/** Writes a trace, or some rows of it, as pcapng; the file appears whole or not at all. */
export async function exportTraceFile(
  trace: Trace,
  path: string,
  options: ExportFileOptions = {},
): Promise<ExportSummary> {
  refuseOwnSource(trace, path);
  const blocks = exportPcapng(trace, {
    crc: fastCrc32c,
    ...(options.rows === undefined ? {} : { rows: options.rows }),
    ...(options.serverPort === undefined ? {} : { serverPort: options.serverPort }),
    ...(options.safeToShare === true ? { shareHash: createShareHash() } : {}),
    ...(options.notes === undefined ? {} : { notes: options.notes }),
  });
  const file = new WholeFile(path);
  try {
    const summary = await writeAll(file, blocks, options);
    file.finish();
    return summary;
  } finally {
    file.discard();
  }
}

/** Writes rows as lines of text; the file appears whole or not at all. */
export async function exportTraceLines(
  trace: Trace,
  path: string,
  format: LineFormat,
  options: Omit<ExportFileOptions, 'serverPort'> = {},
): Promise<{ readonly pdus: number; readonly bytes: number }> {
  refuseOwnSource(trace, path);
  const shareHash = options.safeToShare === true ? createShareHash() : undefined;
  const lines = new LineExport(trace, format, shareHash, options.notes);
  const encoder = new TextEncoder();
  const count = options.rows?.length ?? trace.length;
  const blocks = function* (): Generator<Uint8Array, { pdus: number; bytes: number }> {
    let bytes = 0;
    let batch = [...lines.head];
    for (let k = 0; k < count; k += 1) {
      batch.push(lines.line(options.rows?.[k] ?? k));
      if (batch.length < LINES && k < count - 1) continue;
      const piece = encoder.encode(`${batch.join('\n')}\n`);
      bytes += piece.length;
      batch = [];
      yield piece;
    }
    return { pdus: count, bytes };
  };
  const file = new WholeFile(path);
  try {
    const done = await writeAll(file, blocks(), options);
    file.finish();
    return done;
  } finally {
    file.discard();
  }
}

async function writeAll<T>(file: WholeFile, blocks: Generator<Uint8Array, T>, options: ExportFileOptions): Promise<T> {
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
      file.write(batch);
      written += size;
      batch = [];
      size = 0;
    }
    if (next.done === true) {
      if (options.signal?.aborted === true) throw calledOff();
      return next.value;
    }
    if (performance.now() - yieldedAt < SLICE_MS) continue;
    if (options.signal?.aborted === true) throw calledOff();
    options.onProgress?.(written);
    await nextTurn();
    yieldedAt = performance.now();
  }
}

function calledOff(): CancelledError {
  return new CancelledError('CANCELLED', 'The export was called off; nothing was written.');
}
