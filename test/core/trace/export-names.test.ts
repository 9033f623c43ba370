import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exportPcapng, type ExportOptions, type Trace } from '../../../core/trace/index.ts';
import { parseAddress } from '../../../core/trace/import/addresses.ts';
import { interfaceBlock, namesBlock, sectionBlock } from '../../../core/trace/export/pcapng-writer.ts';
import { readTrace, Scene, cleanScene, ENDS } from './scene.ts';

const NAMES_BLOCK = 4;
const HOST = 'iqn.2026-01.test:host';
const DISK = 'iqn.2026-01.test:disk';
const address = (host: string): Uint32Array => parseAddress(host)!;
const write = (trace: Trace, options: ExportOptions = {}): Buffer => Buffer.concat([...exportPcapng(trace, options)]);
const read = (bytes: Uint8Array): Trace => readTrace(Uint8Array.from(bytes)).trace;

/** The names blocks of a capture. */
function namesIn(capture: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < capture.length; at += capture.readUInt32LE(at + 4))
    if (capture.readUInt32LE(at) === NAMES_BLOCK) found.push(capture.subarray(at, at + capture.readUInt32LE(at + 4)));
  return found;
}

/** Sessions of two targets, one of them at an address that another has too. */
function threeTargets(): Trace {
  const scene = new Scene().login().read();
  new Scene({}, { ...ENDS, initiatorPort: 50_001, targetHost: '10.0.0.3' }, scene)
    .login({ TargetName: 'iqn.2026-01.test:tape' })
    .read();
  new Scene({}, { ...ENDS, initiatorPort: 50_002 }, scene).login({ TargetName: 'iqn.2026-01.test:other' }).read();
  return scene.trace();
}

/** What a reader keeps of a capture of this program, or of another, that holds this behind its first two blocks. */
function readBlock(block: Uint8Array, application = 'Lunascope'): Trace {
  return read(Buffer.concat([sectionBlock(application, ''), interfaceBlock('iscsi'), block]));
}

describe('names of addresses in an export', () => {
  it('come back the same where the logins were left out', () => {
    const host = new Scene({}, { ...ENDS, targetHost: 'disk.example' }).login().read().trace();
    for (const trace of [cleanScene().trace(), threeTargets(), host])
      for (let row = 0; row < trace.length; row += 1)
        for (const rows of [[row], Array.from({ length: trace.length - row }, (_, k) => row + k)]) {
          const first = write(trace, { rows });
          const second = write(read(first));
          expect(namesIn(first).length, `rows ${rows.join()}`).toBe(1);
          expect(second.equals(first), `rows ${rows.join()}`).toBe(true);
        }
  });

  it('are those of the addresses that are written alone', () => {
    const again = read(write(threeTargets()));
    const last = Array.from({ length: again.length }, (_, row) => row).filter((row) => {
      const [page, i] = again.at(row);
      return again.connections[page.connection[i]!]!.endpoints.initiatorPort === 50_000;
    });
    const [names] = namesIn(write(again, { rows: last.slice(2) }));
    expect(names!.includes(HOST)).toBe(true);
    expect(names!.includes('tape')).toBe(false);
    // Its address is that of another target as well.
    expect(names!.includes(DISK)).toBe(false);
  });

  it('stay out of an export that is safe to share, and so does what it hashes', () => {
    const shareHash = (text: string): Uint8Array => createHash('sha256').update(`key${text}`).digest();
    const whole = cleanScene().trace();
    const again = read(write(whole, { rows: [2, 3] }));
    expect(again.exportNames?.nameOf(address(ENDS.targetHost))).toBe(DISK);
    const shared = write(again, { shareHash });
    expect(namesIn(shared)).toEqual([]);
    expect(shared.includes(DISK) || shared.includes(HOST)).toBe(false);
    // Nor does what stands for a name become one.
    const safe = write(whole, { shareHash });
    const name = read(safe).connections[0]!.targetName;
    expect(name.length).toBe(DISK.length);
    expect(namesIn(write(read(safe)))).toEqual([]);
  });

  it('are read of this program alone', () => {
    const block = namesBlock([[Uint8Array.of(10, 0, 0, 2), DISK]]);
    expect(readBlock(block).exportNames?.nameOf(address('10.0.0.2'))).toBe(DISK);
    expect(readBlock(block, 'Wireshark').exportNames).toBeUndefined();
  });

  it('are none where blocks give an address several', () => {
    const names = readBlock(
      namesBlock([
        [Uint8Array.of(10, 0, 0, 2), 'one'],
        [Uint8Array.of(10, 0, 0, 2), 'two'],
        [Uint8Array.of(10, 0, 0, 2), 'one'],
        [Uint8Array.of(10, 0, 0, 3), 'three\0four'],
        [Uint8Array.of(0xfd, ...new Array<number>(14).fill(0), 7), 'five'],
      ]),
    ).exportNames!;
    expect(['10.0.0.2', '10.0.0.3', 'fd00::7'].map((host) => names.nameOf(address(host)))).toEqual(['', '', 'five']);
  });
});

describe('a names block that lies', () => {
  const block = namesBlock([
    [Uint8Array.of(10, 0, 0, 2), 'disk'],
    [Uint8Array.of(10, 0, 0, 3), 'tape'],
  ]);
  const edit = (change: (view: DataView) => void): Trace => {
    const bytes = block.slice();
    change(new DataView(bytes.buffer));
    return readBlock(bytes);
  };

  it.each([
    ['has a record that leaves it', 2, 200, 'leaves its block'],
    ['has a record too short for its address', 2, 3, 'too short'],
    ['has a record too short for the longer address it claims', 0, 2, 'too short'],
  ])('%s: what came before is kept, and a note says so', (_what, place, value, said) => {
    const trace = edit((view) => view.setUint16(24 + place, value, true));
    expect(trace.notes.map(({ text }) => text)).toEqual([expect.stringContaining(said)]);
    expect(trace.notes[0]!.offset).toBeGreaterThan(0);
    expect(trace.exportNames!.nameOf(address('10.0.0.2'))).toBe('disk');
    expect(trace.exportNames!.nameOf(address('10.0.0.3'))).toBe('');
  });

  it('has records of a kind that is not known: they are passed over', () => {
    const trace = edit((view) => view.setUint16(8, 77, true));
    expect(trace.notes).toEqual([{ text: 'The capture has no packets.' }]);
    expect(trace.exportNames!.nameOf(address('10.0.0.3'))).toBe('tape');
  });

  it('has more names than memory is given to: the rest is counted in a note', () => {
    const many = Array.from(
      { length: 600 },
      (_, n) => [Uint8Array.of(10, 1, n >> 8, n & 255), 'x'.repeat(59_000)] as const,
    );
    const trace = readBlock(Buffer.concat([namesBlock(many.slice(0, 500)), namesBlock(many.slice(500))]));
    expect(trace.notes.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^\d+ names of addresses were left out to bound memory\.$/u),
    ]);
    expect(trace.exportNames!.nameOf(address('10.1.0.0'))).not.toBe('');
    expect(trace.exportNames!.nameOf(address('10.1.2.87'))).toBe('');
  });
});
