import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../core/bytes/index.ts';
import { buildPdu, framePdu, type Digests, type OutgoingPdu } from '../../../core/pdu/index.ts';
import { MARKS, type Trace } from '../../../core/trace/index.ts';
import { formatAddress, parseAddress } from '../../../core/trace/import/addresses.ts';
import { FlowTable } from '../../../core/trace/import/flow-table.ts';
import { TraceImporter } from '../../../core/trace/import/importer.ts';
import { Trace as TraceClass } from '../../../core/trace/trace.ts';
import {
  ACK,
  FIN,
  frame,
  ipPacket,
  ipv4Packet,
  ipv6Packet,
  join,
  pcapFile,
  pcapngFile,
  PSH,
  RST,
  SYN,
  tcpHeader,
  type Endpoint,
  type TimedFrame,
} from '../../trace/packet-builder.ts';
import { readTrace } from './scene.ts';

const A: Endpoint = { ip: '10.0.0.1', port: 50_000 };
const B: Endpoint = { ip: '10.0.0.2', port: 3260 };
const NONE = new Uint8Array(0);
const BASE = 1_790_000_000_000_000_000n;

/** Segments of one conversation, to be put in order, lost or doubled by a test. */
class Wire {
  readonly frames: TimedFrame[] = [];
  readonly seq: [number, number] = [1000, 9000];
  readonly ends: readonly [Endpoint, Endpoint];
  readonly linkType: number;
  timeNs = BASE;

  constructor(linkType = 101, ends: readonly [Endpoint, Endpoint] = [A, B]) {
    this.linkType = linkType;
    this.ends = ends;
  }

  segment(side: 0 | 1, flags: number, payload: Uint8Array = NONE, vlans: readonly number[] = []): TimedFrame {
    const other = side === 0 ? 1 : 0;
    this.timeNs += 1_000_000n;
    const piece = {
      from: this.ends[side],
      to: this.ends[other],
      seq: this.seq[side],
      ack: this.seq[other],
      flags,
      payload,
    };
    this.seq[side] = (this.seq[side] + payload.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1)) >>> 0;
    return { timeNs: this.timeNs, bytes: frame(this.linkType, ipPacket(piece), vlans) };
  }

  push(side: 0 | 1, flags: number, payload: Uint8Array = NONE, vlans: readonly number[] = []): this {
    this.frames.push(this.segment(side, flags, payload, vlans));
    return this;
  }

  handshake(): this {
    return this.push(0, SYN)
      .push(1, SYN | ACK)
      .push(0, ACK);
  }

  pcap(): Uint8Array {
    return pcapFile(this.frames, { linkType: this.linkType, nanoseconds: true });
  }

  read(): Trace {
    return readTrace(this.pcap()).trace;
  }
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const stage = { transit: true, csg: 1, nsg: 3, itt: 1 };
const loginRequest = (keys: string): OutgoingPdu =>
  buildPdu('loginRequest', { ...stage, immediate: true, cmdSn: 1 }, text(keys));
const loginResponse = (keys: string): OutgoingPdu =>
  buildPdu('loginResponse', { ...stage, tsih: 3, statSn: 1, expCmdSn: 1, maxCmdSn: 32 }, text(keys));
const command = (itt: number, bytes = 0): OutgoingPdu =>
  buildPdu('scsiCommand', {
    final: true,
    read: true,
    attribute: 1,
    itt,
    cmdSn: itt,
    expStatSn: itt,
    expectedDataTransferLength: bytes,
    cdb: Uint8Array.of(0x28, 0, 0, 0, 0, 8, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0),
  });
const dataIn = (itt: number, bytes: number): OutgoingPdu =>
  buildPdu(
    'dataIn',
    { final: true, hasStatus: true, itt, ttt: 0xffffffff, statSn: itt, expCmdSn: itt + 1, maxCmdSn: itt + 32 },
    new Uint8Array(bytes).fill(0xee),
  );
const raw = (...pdus: readonly OutgoingPdu[]): Uint8Array => join(...pdus.map((pdu) => framePdu(pdu)));
const withDigests = (digests: Digests, ...pdus: readonly OutgoingPdu[]): Uint8Array =>
  join(...pdus.map((pdu) => framePdu(pdu, digests)));

function session(wire: Wire): Wire {
  return wire
    .handshake()
    .push(0, PSH | ACK, raw(loginRequest('InitiatorName=iqn.a:h\0TargetName=iqn.a:d\0SessionType=Normal\0')))
    .push(1, PSH | ACK, raw(loginResponse('TargetPortalGroupTag=1\0')));
}

function opcodes(trace: Trace): number[] {
  return Array.from({ length: trace.length }, (_, row) => {
    const [page, i] = trace.at(row);
    return page.opcode[i]! & 0x3f;
  });
}

const WHOLE = [0x03, 0x23, 0x01, 0x25];

function simple(wire: Wire): Wire {
  return session(wire)
    .push(0, PSH | ACK, raw(command(2, 512)))
    .push(1, PSH | ACK, raw(dataIn(2, 512)));
}

describe('containers', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('reads pcap with nanoseconds %s and big-endian %s', (nanoseconds, bigEndian) => {
    const { trace } = readTrace(pcapFile(simple(new Wire()).frames, { linkType: 101, nanoseconds, bigEndian }));
    expect(opcodes(trace)).toEqual(WHOLE);
    expect(trace.baseNs).toBe(BASE);
    const [page, i] = trace.at(0);
    expect(page.time[i]).toBe(4_000_000);
  });

  it.each([
    [6, false],
    [9, true],
    [0x80 | 20, false],
    [3, true],
  ])('reads pcapng with clock %i and big-endian %s', (resolution, bigEndian) => {
    const { trace } = readTrace(pcapngFile(simple(new Wire()).frames, 101, resolution, bigEndian));
    expect(opcodes(trace)).toEqual(WHOLE);
    const [page, i] = trace.at(3);
    const at = Number(trace.baseNs - BASE) + page.time[i]!;
    expect(Math.abs(at - 7_000_000)).toBeLessThan(2000);
  });

  it('reads several sections with interfaces of their own', () => {
    const first = pcapngFile(simple(new Wire(1)).frames, 1, 9);
    const second = pcapngFile(simple(new Wire(113, [{ ip: '10.0.0.1', port: 50_001 }, B])).frames, 113, 6, true);
    const { trace } = readTrace(join(first, second));
    expect(trace.connections.length).toBe(2);
    expect(trace.length).toBe(8);
  });

  it.each([0, 1, 101, 108, 113, 228, 276])('reads link type %i', (linkType) => {
    expect(opcodes(simple(new Wire(linkType)).read())).toEqual(WHOLE);
  });

  it.each([0, 1, 108, 113, 229, 276])('reads IPv6 over link type %i', (linkType) => {
    const wire = new Wire(linkType, [
      { ip: 'fd00::1', port: 1 },
      { ip: 'fd00::2', port: 3260 },
    ]);
    const trace = simple(wire).read();
    expect(opcodes(trace)).toEqual(WHOLE);
    expect(trace.connections[0]!.endpoints.targetHost).toBe('fd00::2');
  });

  it('looks through VLAN tags, one or two', () => {
    const wire = new Wire(1).handshake();
    wire.push(0, PSH | ACK, raw(loginRequest('InitiatorName=iqn.a:h\0')), [5]);
    wire.push(1, PSH | ACK, raw(loginResponse('TargetPortalGroupTag=1\0')), [5, 6]);
    expect(opcodes(wire.read())).toEqual([0x03, 0x23]);
  });

  it('says which link types it does not read, once', () => {
    const { frames } = simple(new Wire());
    const { trace } = readTrace(pcapFile(frames, { linkType: 147 }));
    expect(trace.length).toBe(0);
    expect(trace.notes).toEqual([{ text: 'Packets of link type 147 are not read.', offset: 40 }]);
  });

  it('puts fragments together, in any order, and keeps their bytes readable', () => {
    const wire = session(new Wire());
    wire.push(0, PSH | ACK, raw(command(2, 3000)));
    const payload = raw(dataIn(2, 3000));
    const body = join(
      tcpHeader({ from: B, to: A, seq: wire.seq[1], ack: wire.seq[0], flags: PSH | ACK, payload }),
      payload,
    );
    const pieces = [
      ipv4Packet(B.ip, A.ip, 6, body.subarray(0, 1480), 0x2000, 77),
      ipv4Packet(B.ip, A.ip, 6, body.subarray(1480, 2960), 0x2000 | 185, 77),
      ipv4Packet(B.ip, A.ip, 6, body.subarray(2960), 370, 77),
    ];
    for (const k of [2, 0, 0, 1]) wire.frames.push({ timeNs: (wire.timeNs += 1000n), bytes: pieces[k]! });
    const trace = wire.read();
    expect(opcodes(trace)).toEqual(WHOLE);
    expect(trace.readPdu(3).data).toEqual(new Uint8Array(3000).fill(0xee));
  });

  it('reads IPv6 with extension headers and fragments', () => {
    const ends = [
      { ip: 'fd00::1', port: 1 },
      { ip: 'fd00::2', port: 3260 },
    ] as const;
    const wire = session(new Wire(101, ends));
    wire.push(0, PSH | ACK, raw(command(2, 600)));
    const payload = raw(dataIn(2, 600));
    const body = join(
      tcpHeader({ from: ends[1], to: ends[0], seq: wire.seq[1], ack: wire.seq[0], flags: PSH | ACK, payload }),
      payload,
    );
    const part = (from: number, to: number, more: boolean): Uint8Array =>
      ipv6Packet(
        ends[1].ip,
        ends[0].ip,
        0,
        join(
          [44, 0, 1, 4, 0, 0, 0, 0],
          [6, 0, from >> 8, (from & 255) | (more ? 1 : 0), 0, 0, 0, 9],
          body.subarray(from, to),
        ),
      );
    wire.frames.push(
      { timeNs: wire.timeNs + 1n, bytes: part(0, 400, true) },
      { timeNs: wire.timeNs + 2n, bytes: part(400, body.length, false) },
    );
    const whole = ipv6Packet(
      ends[0].ip,
      ends[1].ip,
      51,
      join(
        [6, 4, 0, 0],
        new Uint8Array(20),
        tcpHeader({
          from: ends[0],
          to: ends[1],
          seq: wire.seq[0],
          ack: wire.seq[1] + payload.length,
          flags: PSH | ACK,
          payload: NONE,
        }),
        raw(command(3)),
      ),
    );
    wire.frames.push({ timeNs: wire.timeNs + 3n, bytes: whole });
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([...WHOLE, 0x01]);
    expect(trace.readPdu(3).data.length).toBe(600);
  });

  it('takes a length of zero for a segment that was put together by the card', () => {
    const wire = simple(new Wire());
    for (const { bytes } of wire.frames) bytes.set([0, 0], 2);
    expect(opcodes(wire.read())).toEqual(WHOLE);
  });

  it('bears IP headers that lie', () => {
    const wire = simple(new Wire());
    const good = ipPacket({ from: A, to: B, seq: 1, ack: 1, flags: ACK, payload: NONE });
    const edit = (packet: Uint8Array, change: (bytes: Uint8Array) => void): Uint8Array => {
      const copy = packet.slice();
      change(copy);
      return copy;
    };
    const six = ipv6Packet('fd00::1', 'fd00::2', 6, tcp());
    const fragment = (next: number, first: number, more: number): Uint8Array =>
      ipv6Packet('fd00::1', 'fd00::2', 44, join([next, 0, first >> 8, (first & 255) | more, 0, 0, 0, 1], tcp()));
    function tcp(): Uint8Array {
      return Uint8Array.from(tcpHeader({ from: A, to: B, seq: 1, ack: 1, flags: ACK, payload: NONE }));
    }
    const lies = [
      edit(good, (bytes) => bytes.set([0, 5], 2)),
      edit(good, (bytes) => (bytes[0] = 0x42)),
      edit(good, (bytes) => (bytes[32] = 0x10)),
      ipv4Packet(A.ip, B.ip, 6, tcp(), 0x2000, 9).subarray(0, 30),
      six.subarray(0, 30),
      edit(six, (bytes) => bytes.set([0, 0], 4)),
      edit(six, (bytes) => (bytes[6] = 59)),
      fragment(17, 0, 1),
      fragment(6, 0, 0),
      // Datagrams put together to a TCP header that cannot be, and to one with nothing behind it.
      ipv4Packet(A.ip, B.ip, 6, new Uint8Array(16), 0x2000, 10),
      ipv4Packet(A.ip, B.ip, 6, new Uint8Array(16), 2, 10),
      ipv4Packet(A.ip, B.ip, 6, tcp().subarray(0, 16), 0x2000, 11),
      ipv4Packet(A.ip, B.ip, 6, tcp().subarray(16), 2, 11),
    ];
    for (const bytes of lies) wire.frames.push({ timeNs: wire.timeNs, bytes });
    expect(wire.read().length).toBe(4);
  });

  it('sees the end of a connection in a fragmented segment', () => {
    const wire = session(new Wire());
    const payload = raw(command(2));
    const body = join(
      tcpHeader({ from: A, to: B, seq: wire.seq[0], ack: wire.seq[1], flags: PSH | ACK | FIN, payload }),
      payload,
    );
    for (const [from, to, word] of [
      [0, 24, 0x2000],
      [24, 48, 0x2003],
      [48, body.length, 6],
    ] as const)
      wire.frames.push({
        timeNs: (wire.timeNs += 5n),
        bytes: ipv4Packet(A.ip, B.ip, 6, body.subarray(from, to), word, 12),
      });
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([0x03, 0x23, 0x01]);
    expect(trace.connections[0]!.closedBy).toBe('initiator');
  });

  it('ignores what is no TCP and what is cut before its ports', () => {
    const wire = simple(new Wire());
    const udp = ipv4Packet(A.ip, B.ip, 17, new Uint8Array(40));
    wire.frames.push(
      { timeNs: wire.timeNs, bytes: udp },
      { timeNs: wire.timeNs, bytes: udp.subarray(0, 12) },
      { timeNs: wire.timeNs, bytes: Uint8Array.of(0x90) },
    );
    wire.frames.push({
      timeNs: wire.timeNs,
      bytes: ipPacket({ from: A, to: B, seq: 1, ack: 1, flags: ACK, payload: NONE }).subarray(0, 30),
    });
    expect(wire.read().length).toBe(4);
  });
});

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
    expect(trace.connections.map((each) => each.closedBy)).toEqual(['target', 'reset']);
    expect(trace.connections[1]!.closeReason).toBe('The initiator reset the connection.');
    expect(trace.length).toBe(8);
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

describe('addresses', () => {
  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
  ])('reads and writes %s', (written, shown) => {
    expect(formatAddress(parseAddress(written)!)).toBe(shown);
  });

  it.each(['host', '1.2.3', '1.2.3.256', '1::2::3', ':::', '1:2:3', '12345::1', '1:2:3:4:5:6:7:8::'])(
    'refuses %s',
    (bad) => {
      expect(parseAddress(bad)).toBeUndefined();
    },
  );
});
