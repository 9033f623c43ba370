import { describe, expect, it } from 'vitest';
import { toHex } from '../../../core/bytes/index.ts';
import { exportPcapng, formatRow, MARKS, type Trace } from '../../../core/trace/index.ts';
import { formatRemark, parseRemark } from '../../../core/trace/remark.ts';
import { cleanScene, readTrace, Scene, senseBytes } from './scene.ts';

const write = (trace: Trace): Uint8Array => Uint8Array.from([...exportPcapng(trace)].flatMap((block) => [...block]));
const MARKED = MARKS.cut | MARKS.gapBefore | MARKS.headerDigestBad | MARKS.dataDigestBad;
const marksOf = (trace: Trace): number[] =>
  Array.from({ length: trace.length }, (_, row) => trace.at(row)[0].marks[row]! & MARKED);

describe('remarks on PDUs', () => {
  it.each([
    [0, 200, ''],
    [0, 64, '64 data bytes kept'],
    [MARKS.brokenOff, 64, 'broken off by the end of its connection'],
    [MARKS.gapBefore, 200, 'bytes missing before'],
    [MARKS.cut | MARKS.gapBefore, 104, 'bytes missing before; not wholly captured; 104 data bytes kept'],
    [MARKS.headerDigestBad | MARKS.dataDigestBad, 200, 'header digest wrong; data digest wrong'],
  ])('of marks %d and %d bytes are written %j and read again', (marks, stored, text) => {
    expect(formatRemark(marks, stored, 200)).toBe(text);
    const kept = text.endsWith('kept') ? stored : Infinity;
    if (text !== '') expect(parseRemark(text)).toEqual({ marks, stored: kept });
  });

  it.each(['', 'NOP-Out', 'not wholly captured; x', '1234567890 data bytes kept', '-1 data bytes kept', ';'])(
    'are not seen in %j',
    (text) => {
      expect(parseRemark(text)).toBeUndefined();
    },
  );
});

describe('a capture written from a trace with gaps', () => {
  /** A trace whose read was cut, and whose next command came behind a gap. */
  function damaged(): Trace {
    const scene = new Scene().login().read(4096);
    scene.respond(scene.command([0]), 2, senseBytes(5, 0x24, 0));
    const trace = scene.trace();
    const [page] = trace.at(0);
    page.marks[3]! |= MARKS.cut;
    page.stored[3] = 100;
    page.marks[4]! |= MARKS.gapBefore;
    return trace;
  }

  it('comes back with its marks, with the data there was, and the same when it is written again', () => {
    const bytes = write(damaged());
    const { trace } = readTrace(bytes);
    expect(marksOf(trace)).toEqual([0, 0, 0, MARKS.cut, MARKS.gapBefore, 0]);
    expect(trace.readPdu(3).data.length).toBe(100);
    expect(formatRow(trace, 3)).toBe(formatRow(damaged(), 3));
    expect(toHex(write(trace))).toBe(toHex(bytes));
  });

  it('keeps a cut sense unknown', () => {
    const scene = new Scene().login();
    scene.respond(scene.command([0]), 2, senseBytes(5, 0x24, 0));
    const whole = readTrace(write(scene.trace())).trace;
    const [page] = whole.at(0);
    page.marks[3]! |= MARKS.cut;
    page.stored[3] = 2;
    const { trace } = readTrace(write(whole));
    expect(trace.readPdu(3).data.length).toBe(2);
    expect(formatRow(trace, 3)).not.toContain('Illegal request');
  });

  it('is believed only where this program has written it', () => {
    const bytes = write(damaged());
    const at = Buffer.from(bytes).indexOf('Lunascope\0');
    expect(at).toBeGreaterThan(0);
    bytes[at] = 0x6c;
    // Whoever joins captures signs with a name of its own, and keeps what they say of themselves.
    expect(marksOf(readTrace(bytes).trace)).toEqual([0, 0, 0, MARKS.cut, MARKS.gapBefore, 0]);
    expect(readTrace(bytes).trace.isOwnExport).toBe(false);
    bytes[Buffer.from(bytes).indexOf('iSCSI PDUs in made-up')]! ^= 0x20;
    expect(marksOf(readTrace(bytes).trace)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('takes no text of a PDU for a remark', () => {
    const scene = new Scene().login(
      { InitiatorAlias: 'bytes missing before' },
      { TargetAlias: '[not wholly captured]' },
    );
    expect(marksOf(readTrace(write(scene.trace())).trace)).toEqual([0, 0]);
    expect(marksOf(readTrace(write(cleanScene().trace())).trace)).toEqual(new Array(12).fill(0));
  });
});
