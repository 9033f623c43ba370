import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../core/bytes/index.ts';
import type { Digests } from '../../../core/pdu/index.ts';
import { describeRow, findProblems, MARKS, rowToJson } from '../../../core/trace/index.ts';
import { FlowTable } from '../../../core/trace/import/flow-table.ts';
import { TraceImporter } from '../../../core/trace/import/importer.ts';
import { Trace as TraceClass } from '../../../core/trace/trace.ts';
import { ACK, FIN, join, PSH, RST, type TimedFrame } from '../../trace/packet-builder.ts';
import {
  A,
  Wire,
  text,
  loginRequest,
  loginResponse,
  command,
  dataIn,
  raw,
  withDigests,
  session,
  opcodes,
  WHOLE,
  simple,
} from './wire.ts';

describe('TCP streams', () => {
  it('cuts PDUs that share and span segments', () => {
    const wire = session(new Wire());
    wire.push(0, PSH | ACK, raw(command(2, 700), command(3, 700), command(4, 700)));
    const stream = raw(dataIn(2, 700), dataIn(3, 700), dataIn(4, 700));
    for (let at = 0; at < stream.length; at += 33) wire.push(1, PSH | ACK, stream.subarray(at, at + 33));
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([0x03, 0x23, 1, 1, 1, 0x25, 0x25, 0x25]);
    for (const row of [5, 6, 7]) expect(trace.readPdu(row).data).toEqual(new Uint8Array(700).fill(0xee));
    const [page, i] = trace.at(6);
    expect(page.marks[i]! & MARKS.pieces).not.toBe(0);
  });

  it('puts segments in order, and drops what comes twice or overlaps', () => {
    const wire = session(new Wire());
    wire.push(0, PSH | ACK, raw(command(2, 2000)));
    const stream = raw(dataIn(2, 2000));
    const from = wire.seq[1];
    const piece = (start: number, end: number): TimedFrame => {
      wire.seq[1] = (from + start) >>> 0;
      return wire.segment(1, PSH | ACK, stream.subarray(start, end));
    };
    wire.frames.push(
      piece(500, 1000),
      piece(500, 1000),
      piece(1500, stream.length),
      piece(0, 600),
      piece(0, 100),
      piece(900, 1600),
    );
    const trace = wire.read();
    expect(opcodes(trace)).toEqual(WHOLE);
    expect(trace.readPdu(3).data).toEqual(new Uint8Array(2000).fill(0xee));
    expect(trace.at(3)[0].marks[3]! & (MARKS.cut | MARKS.gapBefore)).toBe(0);
  });

  it('goes on after a loss inside data without losing its place', () => {
    const wire = session(new Wire());
    wire.push(0, PSH | ACK, raw(command(2, 2000)));
    const stream = raw(dataIn(2, 2000), dataIn(3, 100));
    wire.push(1, PSH | ACK, stream.subarray(0, 700));
    wire.seq[1] += 500;
    wire.push(1, PSH | ACK, stream.subarray(1200));
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([...WHOLE, 0x25]);
    const [page] = trace.at(3);
    expect(page.marks[3]! & MARKS.cut).not.toBe(0);
    expect(trace.readPdu(3).data.length).toBe(652);
    expect(page.marks[4]! & (MARKS.gapBefore | MARKS.cut)).toBe(0);
  });

  it('finds its place again after a loss that swallowed headers', () => {
    const wire = session(new Wire());
    wire.push(0, PSH | ACK, raw(command(2, 2000), command(3, 2000), command(4, 512)));
    const stream = raw(dataIn(2, 2000), dataIn(3, 2000), dataIn(4, 512));
    wire.push(1, PSH | ACK, stream.subarray(0, 700));
    wire.seq[1] += 2000;
    wire.push(1, PSH | ACK, stream.subarray(2700));
    for (let n = 0; n < 20; n += 1) wire.push(0, ACK);
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([0x03, 0x23, 1, 1, 1, 0x25, 0x25]);
    const [page] = trace.at(6);
    expect(page.itt[6]).toBe(4);
    expect(page.marks[6]! & MARKS.gapBefore).not.toBe(0);
    expect(page.marks[5]! & MARKS.cut).not.toBe(0);
  });

  it('treats sliced packets as data that is missing', () => {
    const wire = session(new Wire());
    wire.push(0, PSH | ACK, raw(command(2, 1000)));
    const sliced = wire.segment(1, PSH | ACK, raw(dataIn(2, 1000)));
    wire.frames.push({ timeNs: sliced.timeNs, bytes: sliced.bytes.subarray(0, 128), original: sliced.bytes.length });
    wire.push(1, PSH | ACK, raw(dataIn(3, 16)));
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([...WHOLE, 0x25]);
    expect(trace.readPdu(3).data.length).toBe(128 - 40 - 48);
    expect(trace.at(3)[0].marks[3]! & MARKS.cut).not.toBe(0);
  });

  it('starts in mid-stream, at any port, whichever side speaks first', () => {
    const ends = [A, { ip: '10.0.0.2', port: 9999 }] as const;
    const late = new Wire(101, ends);
    late.push(1, PSH | ACK, join(new Uint8Array(333).fill(7), raw(dataIn(1, 512), dataIn(2, 512))));
    late.push(0, PSH | ACK, raw(command(3, 512)));
    late.push(1, PSH | ACK, raw(dataIn(3, 512)));
    const trace = late.read();
    expect(opcodes(trace)).toEqual([0x25, 0x25, 0x01, 0x25]);
    expect(trace.connections[0]!.endpoints).toMatchObject({ initiatorPort: 50_000, targetPort: 9999 });
    expect(trace.connections[0]!.fromStart).toBe(false);
  });

  it('learns digests of a stream in the middle from the bytes', () => {
    const digests: Digests = { header: crc32c, data: crc32c, order: 'little' };
    const wire = new Wire();
    wire.push(0, PSH | ACK, withDigests(digests, command(3, 512), command(4, 512)));
    const stream = withDigests(digests, dataIn(3, 512), dataIn(4, 512));
    wire.push(1, PSH | ACK, stream.subarray(0, 300)).push(1, PSH | ACK, stream.subarray(300));
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([1, 1, 0x25, 0x25]);
    expect([trace.connections[0]!.headerDigest, trace.connections[0]!.dataDigest]).toEqual(['crc32c', 'crc32c']);
    expect(trace.readPdu(3).data).toEqual(new Uint8Array(512).fill(0xee));
  });

  it('checks digests that a login agreed on, in one segment or many', () => {
    const wire = new Wire().handshake();
    wire.push(0, PSH | ACK, raw(loginRequest('HeaderDigest=CRC32C,None\0DataDigest=CRC32C\0')));
    wire.push(1, PSH | ACK, raw(loginResponse('HeaderDigest=CRC32C\0DataDigest=CRC32C\0')));
    const digests: Digests = { header: crc32c, data: crc32c, order: 'little' };
    const bad = withDigests(digests, dataIn(2, 64));
    bad[60] = 0;
    const worse = withDigests(digests, dataIn(3, 64));
    worse[49] = 0;
    wire
      .push(1, PSH | ACK, bad)
      .push(1, PSH | ACK, worse.subarray(0, 70))
      .push(1, PSH | ACK, worse.subarray(70));
    const later = withDigests(digests, dataIn(4, 64));
    later[100] = 1;
    wire.push(1, PSH | ACK, later.subarray(0, 90)).push(1, PSH | ACK, later.subarray(90));
    const { marks } = wire.read().at(0)[0];
    expect(marks[2]! & MARKS.dataDigestBad).not.toBe(0);
    expect(marks[3]! & MARKS.headerDigestBad).not.toBe(0);
    expect(marks[4]! & MARKS.dataDigestBad).not.toBe(0);
  });

  it('leaves alone what is not iSCSI', () => {
    const wire = new Wire(101, [A, { ip: '10.0.0.2', port: 80 }]).handshake();
    wire.push(0, PSH | ACK, text('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(4)));
    wire.push(1, PSH | ACK, text('HTTP/1.1 200 OK\r\n\r\n'.repeat(20)));
    const silent = new Wire(101, [
      { ip: '10.0.0.1', port: 7 },
      { ip: '10.0.0.2', port: 81 },
    ]);
    for (let n = 0; n < 40; n += 1) silent.push(0, PSH | ACK, new Uint8Array(30_000).fill(n));
    expect(wire.read().connections).toEqual([]);
    expect(silent.read().connections).toEqual([]);
  });

  it('tells who closed a connection, and takes a new one on the same ports', () => {
    const wire = simple(new Wire());
    wire.push(1, FIN | ACK).push(0, FIN | ACK);
    wire.seq[0] = 500_000;
    wire.seq[1] = 900_000;
    simple(wire).push(0, RST | ACK);
    const trace = wire.read();
    expect(trace.connections.map((each) => [each.closedBy, each.reset])).toEqual([
      ['target', false],
      ['initiator', true],
    ]);
    expect(trace.connections[1]!.closeReason).toBe('The initiator reset the connection.');
    expect(trace.length).toBe(8);
  });

  it('takes a SYN that comes again for what it is, and not for a new connection', () => {
    const wire = session(new Wire());
    const [first, second] = wire.frames;
    wire.push(0, PSH | ACK, raw(command(2, 512)));
    wire.frames.push(first!, second!);
    wire.push(1, PSH | ACK, raw(dataIn(2, 512)));
    const trace = wire.read();
    expect(opcodes(trace)).toEqual(WHOLE);
    expect(trace.connections.length).toBe(1);
  });

  it('takes a SYN of the same number behind the end of both sides for a new connection', () => {
    const wire = simple(new Wire());
    wire.push(1, FIN | ACK).push(0, FIN | ACK);
    wire.seq[0] = 1000;
    wire.seq[1] = 9000;
    const trace = simple(wire).read();
    expect(trace.connections.map(({ pdus }) => pdus)).toEqual([4, 4]);
  });

  it('takes answers and data that come again behind the end for nothing new', () => {
    const wire = simple(new Wire());
    const again = [wire.frames[1]!, wire.frames[3]!];
    wire.push(1, FIN | ACK).push(0, FIN | ACK);
    wire.frames.push(...again);
    expect(opcodes(wire.read())).toEqual(WHOLE);
  });

  it('keeps a connection whose SYN comes behind its first data', () => {
    const wire = session(new Wire());
    const [first] = wire.frames.splice(0, 1);
    wire.frames.splice(3, 0, first!);
    wire.push(0, PSH | ACK, raw(command(2, 512))).push(1, PSH | ACK, raw(dataIn(2, 512)));
    const trace = wire.read();
    expect(opcodes(trace)).toEqual(WHOLE);
    expect(trace.connections.length).toBe(1);
  });

  it('follows sequence numbers over their end', () => {
    const wire = new Wire();
    wire.seq[0] = 0xfffffff0;
    wire.seq[1] = 0xffffff80;
    expect(opcodes(simple(wire).read())).toEqual(WHOLE);
  });

  it('takes a leap of sequence numbers for a new beginning', () => {
    const wire = simple(new Wire());
    wire.seq[1] = (wire.seq[1] + 0x50000000) >>> 0;
    wire.push(0, PSH | ACK, raw(command(3, 16))).push(1, PSH | ACK, raw(dataIn(3, 16)));
    expect(opcodes(wire.read())).toEqual([...WHOLE, 1, 0x25]);
  });

  it('drops a stream that stops making sense and finds the next header', () => {
    const wire = session(new Wire());
    wire.push(0, PSH | ACK, join(new Uint8Array(100).fill(0x3e), raw(command(2))));
    wire
      .push(0, PSH | ACK, join(new Uint8Array(20).fill(0x3e)))
      .push(0, PSH | ACK, join(new Uint8Array(40).fill(0x3e), raw(command(3))));
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([0x03, 0x23, 1, 1]);
    expect(trace.at(3)[0].marks[3]! & MARKS.gapBefore).not.toBe(0);
  });

  it('takes the PDUs that vendors have of their own, by their lengths alone', () => {
    const wire = session(new Wire());
    const [request, answer] = [raw(command(7, 0)), raw(dataIn(7, 20))];
    request[0] = 0x1d;
    answer[0] = 0x3c;
    wire.push(0, PSH | ACK, join(request, raw(command(2, 512))));
    wire.push(1, PSH | ACK, join(answer.subarray(0, 50), answer.subarray(50), raw(dataIn(2, 512))));
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([0x03, 0x23, 0x1d, 1, 0x3c, 0x25]);
    expect([2, 4].map((row) => describeRow(trace, row))).toEqual([
      'Vendor opcode 0x1d 0 bytes of data',
      'Vendor opcode 0x3c 20 bytes of data',
    ]);
    expect([2, 4].map((row) => rowToJson(trace, row).malformed)).toEqual([null, null]);
    expect([2, 4].map((row) => trace.at(row)[0].task[row])).toEqual([0xffffffff, 0xffffffff]);
    expect(findProblems(trace).map(({ rule }) => rule)).toEqual([]);
  });

  it('hands on a PDU whose end is missing when the capture ends', () => {
    const wire = session(new Wire());
    wire.push(0, PSH | ACK, raw(command(2, 900))).push(1, PSH | ACK, raw(dataIn(2, 900)).subarray(0, 400));
    const trace = wire.read();
    expect(opcodes(trace)).toEqual(WHOLE);
    expect(trace.at(3)[0].marks[3]! & MARKS.cut).not.toBe(0);
  });
});

describe('memory', () => {
  it('forgets silent connections when very many speak', () => {
    const trace = new TraceClass();
    const flows = new FlowTable(trace, crc32c, 50);
    const importer = new TraceImporter(trace);
    expect(importer.packets).toBe(0);
    for (let n = 0; n < 500; n += 1)
      flows.handle({
        timeNs: n,
        from: Uint32Array.of(0, 0, 0xffff, n),
        to: Uint32Array.of(0, 0, 0xffff, 9),
        fromPort: n,
        toPort: 80,
        seq: 1,
        ack: 1,
        flags: ACK,
        bytes: new Uint8Array(60),
        at: 0,
        length: 60,
        captured: 60,
        offset: 0,
      });
    flows.finish();
    expect(trace.notes[0]!.text).toMatch(/^[34]\d\d silent TCP connections were forgotten/u);
  });
});
