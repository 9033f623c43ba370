import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  describeRow,
  exportPcapng,
  LineExport,
  notesIn,
  packetComments,
  type ExportOptions,
  type Trace,
} from '../../../core/trace/index.ts';
import { cleanScene, readTrace, Scene } from './scene.ts';

const shareHash = (value: string): Uint8Array => createHash('sha256').update(value).digest();
const write = (trace: Trace, options: ExportOptions = {}): Buffer => Buffer.concat([...exportPcapng(trace, options)]);
const read = (bytes: Uint8Array): Trace => readTrace(Uint8Array.from(bytes)).trace;
const rowsOf = (trace: Trace): number[] => Array.from({ length: trace.length }, (_, row) => row);

/** A login whose text goes on, and a tape that says what it is: what is told of later PDUs depends on both. */
function tape(): Trace {
  const scene = new Scene().login();
  const text = scene.text({ SendTargets: 'All', 'X-com.vendor.long': 'a value that two PDUs share' });
  scene.pdu('textRequest', { itt: 70, ttt: 0xffffffff, continue: true, final: false }, text.slice(0, 40));
  scene.pdu('textRequest', { itt: 70, ttt: 0xffffffff }, text.slice(40));
  const asked = scene.command([0x12, 0, 0, 0, 36, 0], { read: true, expectedDataTransferLength: 36 });
  const answer = { final: true, hasStatus: true, itt: asked, ttt: 0xffffffff };
  scene.pdu('dataIn', answer, Uint8Array.of(1, 0x80, ...new Array<number>(34).fill(0x20)));
  const written = scene.command([0x0a, 0, 0, 2, 0, 0], { write: true, expectedDataTransferLength: 512 });
  return scene.respond(written).trace();
}

describe('what an export says of each PDU', () => {
  it('stays when it is read and written again, whatever was left out or hidden', () => {
    for (const trace of [tape(), cleanScene().trace()])
      for (const safe of [{}, { shareHash }])
        for (const rows of [rowsOf(trace), rowsOf(trace).slice(-2), rowsOf(trace).filter((row) => row % 2 === 1)]) {
          const first = write(trace, { rows, ...safe });
          expect(write(read(first)).equals(first), rows.join()).toBe(true);
        }
  });

  it('tells of a tape as one where the answer that says so is left out', () => {
    const trace = tape();
    const [command] = rowsOf(trace).slice(-2);
    const again = read(write(trace, { rows: [command!] }));
    expect(packetComments(again, 0)?.says).toBe(packetComments(read(write(trace)), command!)?.says);
  });

  it('is found over all the packets of a large PDU, over IPv6 too', () => {
    const ends = { initiatorHost: 'fd00::1', initiatorPort: 50_000, targetHost: 'fd00::2', targetPort: 3260 };
    for (const scene of [new Scene(), new Scene({}, ends)]) {
      const trace = scene
        .login()
        .read(2 << 20)
        .trace();
      const first = write(trace, { notes: new Map([[3, 'a large one']]) });
      const again = read(first);
      expect(notesIn(packetComments(again, 3))).toEqual(['a large one']);
      expect(write(again).equals(first)).toBe(true);
    }
  });

  it('is found where nothing but a part of the digest has a packet of its own', () => {
    const digests = { HeaderDigest: 'CRC32C', DataDigest: 'CRC32C' };
    // Header, its digest, data and its digest: from one byte to four over a packet.
    for (const length of [65_440, 65_443]) {
      const scene = new Scene().login(digests, digests);
      const itt = scene.command([0x28], { read: true, expectedDataTransferLength: length });
      scene.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 0xffffffff }, new Uint8Array(length));
      const again = read(write(scene.trace(), { notes: new Map([[3, 'cut in its digest']]) }));
      expect(notesIn(packetComments(again, 3))).toEqual(['cut in its digest']);
    }
  });

  it('is not taken from elsewhere: not from a recording, and not where a packet has lost its comment', () => {
    const trace = cleanScene().trace();
    expect(packetComments(trace, 2)).toBeUndefined();
    const bytes = write(trace);
    // The comment of the third PDU becomes an option of another kind.
    const at = bytes.indexOf('SCSI Command');
    bytes.writeUInt16LE(0x0bad, at - 4);
    const again = read(bytes);
    expect(packetComments(again, 2)).toBeUndefined();
    expect(packetComments(again, 3)?.says).toContain('Data-In');
    const mended = write(again).indexOf('SCSI Command');
    expect(mended).toBe(at);
  });
});

describe('what people noted', () => {
  const trace = cleanScene().trace();
  const notes = new Map([
    [2, 'look here'],
    // What the program says itself would read so.
    [3, 'header digest wrong'],
    [4, '\ufeffmarked by order'],
    [5, '€'.repeat(30_000)],
  ]);

  it('stays, is told apart from what the program says, and is not written twice', () => {
    const first = write(trace, { notes });
    const again = read(first);
    expect(notesIn(packetComments(again, 2))).toEqual(['look here']);
    expect(notesIn(packetComments(again, 3))).toEqual(['header digest wrong']);
    const [page, i] = again.at(3);
    const [own, k] = trace.at(3);
    expect(page.marks[i]).toBe(own.marks[k]);
    expect(write(again).equals(first)).toBe(true);
    expect(write(again, { notes: new Map([[2, 'look here']]) }).equals(first)).toBe(true);
    const more = read(write(again, { notes: new Map([[2, 'and there']]) }));
    expect(notesIn(packetComments(more, 2))).toEqual(['look here', 'and there']);
  });

  it('is left out of what is safe to share, also where it came with the file', () => {
    expect(write(read(write(trace, { notes })), { shareHash }).includes('look here')).toBe(false);
  });

  it('takes from a capture that it is safe to share', () => {
    const safe = read(write(trace, { shareHash }));
    const noted = write(safe, { notes: new Map([[2, 'look here']]) });
    expect(noted.includes('Safe to share')).toBe(false);
    expect(noted.includes('was made safe to share; comments were added')).toBe(true);
    expect(write(read(noted)).equals(noted)).toBe(true);
    // The same where a note came with the file, as other programs add them.
    const section = write(safe).readUInt32LE(4);
    const added = Buffer.concat([write(safe).subarray(0, section), noted.subarray(noted.readUInt32LE(4))]);
    expect(added.includes('Safe to share')).toBe(true);
    expect(write(read(added)).equals(noted)).toBe(true);
    // Notes of PDUs that are left out change nothing.
    expect(write(safe, { notes: new Map([[2, 'look here']]), rows: [0, 1] }).includes('Safe to share')).toBe(true);
  });
});

it('stands in lines of text with what its reader notes anew, and not in those that are safe to share', () => {
  const notes = new Map([[2, 'look here']]);
  const trace = read(write(cleanScene().trace(), { notes }));
  const more = new Map([
    [2, 'and "there"'],
    [3, 'new'],
  ]);
  const csv = new LineExport(trace, 'csv', undefined, more);
  expect(csv.head[0]?.endsWith(',info,note')).toBe(true);
  expect(csv.line(2).endsWith(',"look here\nand ""there"""')).toBe(true);
  expect(csv.line(4).endsWith(',')).toBe(true);
  const noteOf = (lines: LineExport, row: number): unknown => (JSON.parse(lines.line(row)) as { note?: string }).note;
  expect([1, 2, 3].map((row) => noteOf(new LineExport(trace, 'jsonl', undefined, more), row))).toEqual([
    undefined,
    'look here\nand "there"',
    'new',
  ]);
  expect(noteOf(new LineExport(trace, 'jsonl'), 2)).toBe('look here');
  expect(noteOf(new LineExport(trace, 'jsonl', shareHash), 2)).toBeUndefined();
  expect(new LineExport(trace, 'csv', shareHash).head[0]?.endsWith(',info')).toBe(true);
});

it('is of a tape in a safe export too: the type of device stays, and nothing else of what it says of itself', () => {
  const trace = tape();
  const safe = read(write(trace, { shareHash }));
  const row = rowsOf(safe).find((each) => describeRow(safe, each).includes('36 bytes'))!;
  expect([...safe.readPdu(row).data]).toEqual([1, ...new Array<number>(35).fill(0)]);
  expect(
    rowsOf(safe)
      .slice(-2)
      .map((each) => describeRow(safe, each)),
  ).toEqual(
    rowsOf(trace)
      .slice(-2)
      .map((each) => describeRow(trace, each)),
  );
});
