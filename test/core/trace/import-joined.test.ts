import { describe, expect, it } from 'vitest';
import { buildPdu } from '../../../core/pdu/index.ts';
import { MARKS, Trace, TraceImporter } from '../../../core/trace/index.ts';
import { ACK, pcapFile, PSH } from '../../trace/packet-builder.ts';
import { readTrace } from './scene.ts';
import { A, B, BASE, command, dataIn, opcodes, raw, Wire } from './wire.ts';

const LATE = /^(\d+) segments came after what follows them, at the place where the capture joins their connection/u;
const tags = (trace: Trace): number[] => [...trace.at(0)[0].itt.subarray(0, trace.length)];
const marks = (trace: Trace): number =>
  trace
    .at(0)[0]
    .marks.subarray(0, trace.length)
    .reduce((all, one) => all | one, 0);
const late = (trace: Trace): string[] => trace.notes.map(({ text }) => LATE.exec(text)?.[1] ?? text);
const written = (itt: number): Uint8Array =>
  raw(
    buildPdu(
      'scsiCommand',
      { final: true, write: true, itt, cmdSn: itt, expStatSn: itt, expectedDataTransferLength: 512 },
      new Uint8Array(512).fill(itt),
    ),
  );

/** What both sides say in turns, joined before the first of them, in the order that is given. */
function joined(parts: readonly (readonly [side: 0 | 1, payload: Uint8Array])[], order: readonly number[]): Wire {
  const wire = new Wire();
  const segments = parts.map(([side, payload]) => wire.segment(side, PSH | ACK, payload));
  order.forEach((which, place) => {
    wire.frames.push({ ...segments[which]!, timeNs: BASE + BigInt(place) * 1_000_000n });
  });
  return wire;
}

const COMMANDS = [
  [0, raw(command(2, 512))],
  [0, raw(command(3, 512))],
  [1, raw(dataIn(2, 512))],
  [1, raw(dataIn(3, 512))],
] as const;

describe('a stream that is joined in its middle', () => {
  it.each<[string, readonly number[]]>([
    ['of the initiator', [1, 0, 2, 3]],
    ['of the target', [0, 1, 3, 2]],
    ['of both', [1, 0, 3, 2]],
  ])('has its first two segments put in order: %s', (_who, order) => {
    const trace = joined(COMMANDS, order).read();
    expect(opcodes(trace)).toEqual([1, 1, 0x25, 0x25]);
    expect(tags(trace)).toEqual([2, 3, 2, 3]);
    expect(marks(trace) & (MARKS.gapBefore | MARKS.cut)).toBe(0);
    expect(late(trace)).toEqual([]);
    const { time } = trace.at(0)[0];
    expect([time[0]! <= time[1]!, time[2]! <= time[3]!]).toEqual([true, true]);
  });

  it('has a PDU whole whose two halves come the wrong way round', () => {
    const [first, second] = [written(2).subarray(0, 300), written(2).subarray(300)];
    const parts = [[0, first] as const, [0, second] as const, [0, written(3)] as const, COMMANDS[2]];
    const trace = joined(parts, [1, 0, 2, 3]).read();
    expect(opcodes(trace)).toEqual([1, 1, 0x25]);
    expect([...trace.readPdu(0).data]).toEqual(new Array<number>(512).fill(2));
    expect(late(trace)).toEqual([]);
  });

  it.each<[string, readonly number[], readonly number[]]>([
    ['behind an answer', [1, 2, 0, 3], [3, 2, 3]],
    ['last', [1, 2, 3, 0], [3, 2, 3]],
  ])('leaves out what comes later still, and counts it in a note: %s', (_where, order, left) => {
    const trace = joined(COMMANDS, order).read();
    expect(tags(trace)).toEqual(left);
    expect(late(trace)).toEqual(['1']);
  });

  it('counts nothing for a first segment that comes twice', () => {
    const trace = joined(COMMANDS, [0, 0, 1, 2, 3]).read();
    expect(tags(trace)).toEqual([2, 3, 2, 3]);
    expect(late(trace)).toEqual([]);
  });

  it('counts nothing of connections that carry no iSCSI', () => {
    const other = new Uint8Array(100).fill(0xa7);
    const trace = joined([...new Array<readonly [0, Uint8Array]>(4).fill([0, other])], [2, 3, 0, 1]).read();
    expect([trace.length, late(trace)]).toEqual([0, ['No iSCSI was found in the 4 packets of the capture.']]);
  });

  it('is not kept waiting by silence, nor by other connections that are joined as well', () => {
    const alone = joined([COMMANDS[0]], [0]);
    expect(tags(alone.read())).toEqual([2]);
    const live = new Trace();
    for (let n = 0; n < 20; n += 1) alone.push(1, ACK);
    new TraceImporter(live).push(alone.pcap());
    expect(tags(live)).toEqual([2]);
    const many = Array.from({ length: 100 }, (_, n) => {
      const wire = new Wire(101, [{ ...A, port: 50_001 + n }, B]);
      return wire.push(0, PSH | ACK, raw(command(n, 512))).frames[0]!;
    });
    const { trace, importer } = readTrace(pcapFile(many, { linkType: 101, nanoseconds: true }));
    expect(tags(trace).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(importer.failure).toBeUndefined();
  });
});

describe('payload that looks like PDUs', () => {
  const PING = raw(buildPdu('nopOut', { final: true, itt: 0, ttt: 0xffffffff }));
  /** A part of what the target sends, with a header in its midst. */
  const payload = new Uint8Array(1400).fill(0xa7);
  payload.set(raw(command(9, 5000)), 100);
  payload.set([0, 5000 >> 8, 5000 & 0xff], 105);

  it.each([0, 1] as const)('is not taken for them where a stream is joined: sent by %d', (side) => {
    const parts = [[side, payload] as const, [side, payload] as const, ...COMMANDS];
    const trace = joined(parts, [...parts.keys()]).read();
    expect(opcodes(trace)).toEqual([1, 1, 0x25, 0x25]);
    expect(trace.connections).toHaveLength(1);
    expect(trace.connections[0]!.endpoints).toMatchObject({ initiatorPort: A.port, targetPort: B.port });
  });

  it('is given up where it was, and the conversation is found with its sides as they are', () => {
    const begun = new Uint8Array(96 + 600).fill(0xa7);
    begun.set(PING);
    begun.set(PING, 48);
    const parts = [[1, begun] as const, [1, begun.subarray(200)] as const, ...COMMANDS];
    const wire = new Wire(101, [A, { ...B, port: 4000 }]);
    for (const [side, bytes] of parts) wire.push(side, PSH | ACK, bytes);
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([0, 0, 1, 1, 0x25, 0x25]);
    expect(trace.connections.at(-1)!.endpoints).toMatchObject({ initiatorPort: A.port, targetPort: 4000 });
  });

  it('is none of another protocol either, however much there is of it', () => {
    const parts = new Array<readonly [1, Uint8Array]>(50).fill([1, payload]);
    const trace = joined(parts, [...parts.keys()]).read();
    expect([trace.length, trace.notes[0]?.text]).toEqual([0, 'No iSCSI was found in the 50 packets of the capture.']);
  });
});
