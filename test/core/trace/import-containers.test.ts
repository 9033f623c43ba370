import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../../core/trace/import/addresses.ts';
import {
  ACK,
  FIN,
  ipPacket,
  ipv4Packet,
  ipv6Packet,
  join,
  pcapFile,
  pcapngFile,
  PSH,
  tcpHeader,
} from '../../trace/packet-builder.ts';
import { readTrace } from './scene.ts';
import {
  A,
  B,
  NONE,
  BASE,
  Wire,
  loginRequest,
  loginResponse,
  command,
  dataIn,
  raw,
  session,
  opcodes,
  WHOLE,
  simple,
} from './wire.ts';

describe('containers', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('reads pcap with nanoseconds %s and big-endian %s', (nanoseconds, bigEndian) => {
    const { trace } = readTrace(pcapFile(simple(new Wire()).frames, { linkType: 101, nanoseconds, bigEndian }));
    expect(opcodes(trace)).toEqual(WHOLE);
    expect(trace.baseNs).toBe(BASE + 1_000_000n);
    const [page, i] = trace.at(0);
    expect(page.time[i]).toBe(3_000_000);
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

  it('counts the times of pcap as those of pcapng, from the first packet, where a second begins or not', () => {
    const { frames } = simple(new Wire());
    const late = frames.map((frame) => ({ ...frame, timeNs: frame.timeNs + 999_998_000n }));
    const times = [pcapFile(late, { linkType: 101 }), pcapngFile(late, 101, 9)].map((bytes) => {
      const { trace } = readTrace(bytes);
      return [trace.baseNs, ...trace.at(0)[0].time.subarray(0, trace.length)];
    });
    expect(times[0]).toEqual([BASE + 1_000_998_000n, 3e6, 4e6, 5e6, 6e6]);
    expect(times[1]).toEqual(times[0]);
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

  it.each([1, 276])('looks through VLAN tags of link type %i, one or two', (linkType) => {
    const wire = new Wire(linkType).handshake();
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

  it("counts packets with an LLC header that is not SNAP's, also in tunnels, but not those of spanning trees", () => {
    const addresses = new Array<number>(12).fill(2);
    const llc = Uint8Array.from([...addresses, 0, 60, 6, 6, 3, 0x45, ...new Array<number>(56).fill(0)]);
    const tree = Uint8Array.from([...addresses, 0, 60, 0x42, 0x42, 3, ...new Array<number>(57).fill(0)]);
    const gre = Uint8Array.from([0, 0, 0x65, 0x58, ...llc]);
    const ip = [0x45, 0, 0, 20 + gre.length, 0, 0, 0, 0, 64, 47, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    const tunnel = Uint8Array.from([...addresses, 8, 0, ...ip, ...gre]);
    const { frames } = simple(new Wire(1));
    const others = [llc, tree, tunnel].map((bytes) => ({ timeNs: frames[0]!.timeNs, bytes }));
    const { trace } = readTrace(pcapFile([...others, ...frames], { linkType: 1 }));
    expect(opcodes(trace)).toEqual(WHOLE);
    expect(trace.notes).toEqual([
      { text: "2 packets with an LLC header that is not SNAP's were passed over: what they carry is not read." },
    ]);
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

  it('reads IPv6 datagrams whose destination options lie behind the fragment header', () => {
    const ends = [
      { ip: 'fd00::1', port: 1 },
      { ip: 'fd00::2', port: 3260 },
    ] as const;
    const wire = session(new Wire(101, ends));
    wire.push(0, PSH | ACK, raw(command(2, 600)));
    const payload = raw(dataIn(2, 600));
    const options = [6, 0, 1, 4, 0, 0, 0, 0];
    const head = tcpHeader({ from: ends[1], to: ends[0], seq: wire.seq[1], ack: wire.seq[0], flags: ACK, payload });
    const body = join(options, head, payload);
    // The header behind is named by the first fragment; what the others say does not count.
    for (const [from, to, next] of [
      [16, 400, 43],
      [400, body.length, 0],
      [0, 16, 60],
    ] as const) {
      const word = from | (to < body.length ? 1 : 0);
      const bytes = join([next, 0, word >> 8, word & 255, 0, 0, 0, 9], body.subarray(from, to));
      wire.frames.push({ timeNs: (wire.timeNs += 1n), bytes: ipv6Packet(ends[1].ip, ends[0].ip, 44, bytes) });
    }
    // A fragment that is the whole datagram, options behind it.
    wire.seq[1] += payload.length;
    const last = raw(dataIn(3, 16));
    const single = join(
      [60, 0, 0, 0, 0, 0, 0, 10],
      options,
      tcpHeader({ from: ends[1], to: ends[0], seq: wire.seq[1], ack: wire.seq[0], flags: ACK, payload: last }),
      last,
    );
    wire.frames.push({ timeNs: (wire.timeNs += 1n), bytes: ipv6Packet(ends[1].ip, ends[0].ip, 44, single) });
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([...WHOLE, 0x25]);
    expect(trace.readPdu(3).data).toEqual(new Uint8Array(600).fill(0xee));
    expect(trace.notes).toEqual([]);
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
