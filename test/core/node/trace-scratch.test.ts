import { existsSync, fstatSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TraceScratch } from '../../../core/node/trace-files.ts';
import { TraceFile } from '../../../core/node/trace-open.ts';
import { Trace, TraceImporter } from '../../../core/trace/index.ts';
import { writeBigCapture } from '../../bench/big-capture.ts';

const CAPTURE = fileURLToPath(new URL('../../fixtures/captures/tgt-rw-4k.pcapng', import.meta.url));
let folder = '';
let big = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lunascope-test-'));
  big = join(folder, 'big.pcapng');
  writeBigCapture(big, { pdus: 120_000 }, 512);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const inside = (name: string): string => mkdtempSync(join(folder, `${name}-`));

/** Files in a folder that this process has open, their names gone or not. */
const openIn = (where: string): string[] =>
  readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    })
    .filter((path) => path.startsWith(`${where}/`));

async function* inPieces(): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  const bytes = readFileSync(CAPTURE);
  for (let from = 0; from < bytes.length; from += 1000) yield bytes.subarray(from, from + 1000);
}

describe('what a trace keeps on disk', () => {
  it('has no name there while it is open, and is gone when it is closed', async () => {
    const where = inside('input');
    const file = new TraceFile({ scratchParent: where });
    await file.read('-', inPieces());
    expect(readdirSync(where)).toEqual([]);
    if (existsSync('/proc/self/fd')) expect(openIn(where)).toHaveLength(1);
    expect(file.trace.readPdu(0).bhs.length).toBe(48);
    file.close();
    file.close();
    if (existsSync('/proc/self/fd')) expect(openIn(where)).toEqual([]);
    expect(readdirSync(where)).toEqual([]);
  });

  it('is for its owner alone', () => {
    const scratch = new TraceScratch(inside('mode'));
    expect(fstatSync(scratch.openFile()).mode & 0o777).toBe(0o600);
    scratch.close();
  });

  it('lies beside the data once memory is full, and not before', async () => {
    const where = inside('beside');
    const small = new TraceFile({ scratchParent: where });
    await small.read(CAPTURE);
    if (existsSync('/proc/self/fd')) expect(openIn(where)).toEqual([]);
    small.close();
    const large = new TraceFile({ scratchParent: where, memoryBytes: 1 });
    await large.read(big);
    if (existsSync('/proc/self/fd')) expect(openIn(where)).toHaveLength(2);
    expect(large.trace.readPdu(0).bhs.length).toBe(48);
    large.close();
  });

  it("lies in the system's own folder where the one given takes no files", async () => {
    const scratch = new TraceScratch(join(folder, 'no/such/folder'));
    scratch.openFile();
    expect(scratch.folder).toBe(tmpdir());
    scratch.close();
    const elsewhere = new TraceFile({ scratchParent: join(folder, 'no/such/folder') });
    await elsewhere.read('-', inPieces());
    expect(elsewhere.trace.readPdu(33).bhs.length).toBe(48);
    elsewhere.close();
  });

  it.skipIf(!existsSync('/dev/full'))('says that its index has no room on disk, and keeps what it read', () => {
    class FullScratch extends TraceScratch {
      override openFile(): number {
        return openSync('/dev/full', 'r+');
      }
    }
    const trace = new Trace(new FullScratch().stores(1));
    const importer = new TraceImporter(trace);
    const bytes = readFileSync(big);
    for (let from = 0; from < bytes.length; from += 1 << 20) importer.push(bytes.subarray(from, from + (1 << 20)));
    importer.finish();
    expect(importer.failure?.code).toBe('DISK_FULL');
    expect(trace.complete).toBe(true);
    expect(trace.length).toBeGreaterThan(10_000);
  });
});
