import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { TraceFile, type OpenTraceOptions } from '../../../core/node/trace-open.ts';
import type { Trace } from '../../../core/trace/index.ts';

/** Where captures of real targets lie. */
export const CAPTURES = fileURLToPath(new URL('../../fixtures/captures', import.meta.url));

/** A folder of a test file's own, there while its tests run. */
export function useFolder(): { readonly path: string; at(name: string): string } {
  let path = '';
  beforeAll(() => {
    path = mkdtempSync(join(tmpdir(), 'lunascope-test-'));
  });
  afterAll(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return {
    get path() {
      return path;
    },
    at: (name) => join(path, name),
  };
}

/** Reads a trace, uses it, and closes it. */
export async function withTrace<T>(
  path: string,
  use: (trace: Trace, file: TraceFile) => T,
  options: OpenTraceOptions = {},
): Promise<T> {
  const file = new TraceFile(options);
  try {
    await file.read(path);
    return use(file.trace, file);
  } finally {
    file.close();
  }
}

/** Bytes as a stream of pieces. */
export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) {
    await new Promise((resolve) => setImmediate(resolve));
    yield bytes.subarray(from, from + size);
  }
}

/** A capture of 34 PDUs. */
export const capture = (): Buffer => readFileSync(join(CAPTURES, 'tgt-rw-4k.pcapng'));
