import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../core/bytes/index.ts';
import { buildPdu, framePdu } from '../../../core/pdu/index.ts';
import { findProblems, MARKS, Trace, TraceImporter } from '../../../core/trace/index.ts';
import { ACK, pcapFile, PSH, type TimedFrame } from '../../trace/packet-builder.ts';
import { readTrace } from './scene.ts';
import {
  A,
  B,
  BASE,
  command,
  dataIn,
  loginRequest,
  loginResponse,
  opcodes,
  raw,
  session,
  WHOLE,
  Wire,
} from './wire.ts';

const SNAPLEN = 128;
const LENGTH = 1000;
const cut = (frame: TimedFrame, snaplen = SNAPLEN): TimedFrame => ({
  ...frame,
  bytes: frame.bytes.subarray(0, snaplen),
  original: frame.bytes.length,
});
const isCut = (trace: Trace, row: number): boolean => (trace.at(row)[0].marks[row]! & MARKS.cut) !== 0;
const timesOf = (trace: Trace): number[] => [...trace.at(0)[0].time.subarray(0, trace.length)];

/** A login and a command, and the packets of the answer, each with so many bytes of it. */
function answered(...lengths: readonly number[]): { wire: Wire; packets: TimedFrame[] } {
  const wire = session(new Wire()).push(0, PSH | ACK, raw(command(2, LENGTH)));
  const answer = raw(dataIn(2, LENGTH));
  let from = 0;
  const packets = lengths.map((length) => {
    from += length;
    return wire.segment(1, PSH | ACK, answer.subarray(from - length, from));
  });
  return { wire, packets };
}

/** Packets of the answer in this order; negative ones are cut copies. */
function readOrder(lengths: readonly number[], order: readonly number[]): Trace {
  const { wire, packets } = answered(...lengths);
  for (const which of order) {
    const packet = packets[Math.abs(which) - 1]!;
    wire.frames.push(which < 0 ? cut(packet) : packet);
  }
  return wire.push(0, PSH | ACK, raw(command(3, 512))).read();
}

it('leaves open which digests are in use where the login that says so is cut', () => {
  const both = { header: crc32c, data: crc32c, order: 'little' } as const;
  const asked = `InitiatorAlias=${'x'.repeat(100)}\0HeaderDigest=CRC32C\0DataDigest=CRC32C\0`;
  const wire = new Wire()
    .handshake()
    .push(0, PSH | ACK, raw(loginRequest(asked)))
    .push(1, PSH | ACK, raw(loginResponse(asked.replace('Initiator', 'Target'))));
  for (let itt = 2; itt < 8; itt += 1)
    wire
      .push(0, PSH | ACK, framePdu(command(itt, LENGTH), both))
      .push(1, PSH | ACK, framePdu(dataIn(itt, LENGTH), both));
  const frames = wire.frames.map((each) => cut(each));
  const { trace } = readTrace(pcapFile(frames, { linkType: 101, nanoseconds: true }));
  expect(opcodes(trace)).toEqual([3, 0x23, ...Array.from({ length: 6 }, () => [1, 0x25]).flat()]);
  expect(trace.connections[0]).toMatchObject({ loggedIn: true, headerDigest: 'crc32c', dataDigest: 'unknown' });
});

describe('a packet that the capture cut', () => {
  const whole = [LENGTH + 48];
  const three = [400, 400, LENGTH + 48 - 800];

  it.each<[string, readonly number[], readonly number[]]>([
    ['at once', whole, [-1, 1]],
    ['before, and cut again behind', whole, [-1, 1, -1]],
    ['each behind its own', three, [-1, 1, -2, 2, -3, 3]],
    ['behind those of others', three, [-1, -2, -3, 1, 2, 3]],
    ['out of turn', three, [-2, 2, -3, 3, -1, 1]],
    ['out of turn, some of them cut only', three, [-3, -2, 2, 3, -1, 1]],
  ])('gives way to its whole copy, where that comes %s', (_when, lengths, order) => {
    const trace = readOrder(lengths, order);
    expect(opcodes(trace)).toEqual([...WHOLE, 1]);
    expect([...trace.readPdu(3).data]).toEqual(new Array<number>(LENGTH).fill(0xee));
    expect(isCut(trace, 3)).toBe(false);
    expect(findProblems(trace).filter(({ rule }) => rule === 'trace-gap')).toEqual([]);
  });

  it('gives way to a copy that is cut less', () => {
    const { wire, packets } = answered(...whole);
    const early = wire.segment(1, PSH | ACK, raw(dataIn(3, LENGTH)));
    // The second answer comes first, twice.
    wire.frames.push(cut(early), cut(early, 500), cut(early), packets[0]!);
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([...WHOLE, 0x25]);
    expect(trace.readPdu(4).data.length).toBe(500 - 40 - 48);
  });

  it('stays where it has no copy, at its time and before what the other side says next', () => {
    const wire = session(new Wire());
    for (let itt = 2; itt < 40; itt += 1) {
      wire.push(0, PSH | ACK, raw(command(itt, LENGTH)));
      wire.frames.push(cut(wire.segment(1, PSH | ACK, raw(dataIn(itt, LENGTH)))));
    }
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([0x03, 0x23, ...new Array<number[]>(38).fill([1, 0x25]).flat()]);
    const packets = wire.frames.slice(3).map(({ timeNs }) => Number(timeNs - BASE));
    expect(timesOf(trace).map((time) => time + Number(trace.baseNs - BASE))).toEqual(packets);
    for (let row = 3; row < trace.length; row += 2) expect(isCut(trace, row)).toBe(true);
  });

  it.each([0, 8])('keeps its place among PDUs of other connections, %i packets of which are missing', (missing) => {
    const wires = [50_000, 50_001].map((port) => new Wire(101, [{ ...A, port }, B]));
    for (const wire of wires) session(wire);
    const packets: TimedFrame[] = wires.flatMap(({ frames }) => frames);
    for (let itt = 2; itt < 12; itt += 1)
      for (const wire of wires) {
        packets.push(cut(wire.segment(1, PSH | ACK, raw(dataIn(itt, LENGTH)))));
        packets.push(wire.segment(0, PSH | ACK, raw(command(itt, LENGTH))));
      }
    const frames = packets.map((packet, n) => ({ ...packet, timeNs: BASE + BigInt(n) * 1_000_000n }));
    const { trace } = readTrace(pcapFile(frames.slice(missing), { linkType: 101, nanoseconds: true }));
    expect(trace.length).toBeGreaterThan(39);
    expect(timesOf(trace)).toEqual([...timesOf(trace)].sort((a, b) => a - b));
  });

  it('is waited for no longer than a moment, and not at all once the capture ends', () => {
    const wire = session(new Wire());
    const long = raw(
      buildPdu('nopIn', { final: true, itt: 0xffffffff, ttt: 0xffffffff, statSn: 2 }, new Uint8Array(LENGTH)),
    );
    for (let n = 0; n < 40; n += 1) wire.frames.push(cut(wire.segment(1, PSH | ACK, long)));
    const trace = new Trace();
    const importer = new TraceImporter(trace);
    importer.push(wire.pcap());
    expect(trace.length).toBeGreaterThan(20);
    importer.finish();
    expect(opcodes(trace)).toEqual([0x03, 0x23, ...new Array<number>(40).fill(0x20)]);
    const times = timesOf(trace).slice(2);
    expect(times.map((time) => time - times[0]!)).toEqual(times.map((_, n) => n * 1_000_000));
  });
});
