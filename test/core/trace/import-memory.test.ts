import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../core/bytes/index.ts';
import { buildPdu, framePdu } from '../../../core/pdu/index.ts';
import { MARKS, Trace, TraceImporter } from '../../../core/trace/index.ts';
import { TraceConnection } from '../../../core/trace/connection.ts';
import { createArrival } from '../../../core/trace/pdu-index.ts';
import { FlowTable, hashOf } from '../../../core/trace/import/flow-table.ts';
import { FragmentTable } from '../../../core/trace/import/fragments.ts';
import { HeldPool } from '../../../core/trace/import/held.ts';
import type { Segment } from '../../../core/trace/import/packets.ts';
import { UnfinishedPdu } from '../../../core/trace/import/unfinished.ts';
import { UnitTypes } from '../../../core/trace/unit-types.ts';
import { ACK, FIN, PSH, RST, SYN } from '../../trace/packet-builder.ts';
import { command, dataIn, loginRequest, loginResponse, raw, session, simple, WHOLE, opcodes, Wire } from './wire.ts';
import { ENDS } from './scene.ts';

const NONE = new Uint8Array(0);
const NOISE = new Uint8Array(600).fill(0xa7);

/** A segment of flow `n` to port 3260, or back. */
function segment(n: number, side: 0 | 1, flags: number, seq: number, bytes: Uint8Array = NONE): Segment {
  const ends = [Uint32Array.of(0, 0, 0xffff, n), Uint32Array.of(0, 0, 0xffff, 9)] as const;
  const ports = [10_000, 3260] as const;
  const other = side === 0 ? 1 : 0;
  const [from, to, fromPort, toPort] = [ends[side], ends[other], ports[side], ports[other]];
  const [length, captured] = [bytes.length, bytes.length];
  return { timeNs: 0, from, to, fromPort, toPort, seq, ack: 1, flags, bytes, at: 0, length, captured, offset: 0 };
}

const read = (itt: number): Uint8Array => raw(command(itt, 512));
const answer = (itt: number): Uint8Array => raw(dataIn(itt, 512));

/** Flow 0: a conversation that goes on turn by turn. */
class Conversation {
  readonly #flows: FlowTable;
  readonly #seq = [100, 500] as [number, number];
  turns = 0;

  constructor(flows: FlowTable) {
    this.#flows = flows;
    flows.handle(segment(0, 0, SYN, 99));
    flows.handle(segment(0, 1, SYN | ACK, 499));
    for (let turn = 0; turn < 4; turn += 1) this.turn();
  }

  turn(): void {
    this.turns += 1;
    this.send(0, read(this.turns));
    this.send(1, answer(this.turns));
  }

  send(side: 0 | 1, ...parts: readonly Uint8Array[]): void {
    const places = parts.map((part) => {
      this.#seq[side] += part.length;
      return this.#seq[side] - part.length;
    });
    for (let i = parts.length - 1; i >= 0; i -= 1)
      this.#flows.handle(segment(0, side, PSH | ACK, places[i]!, parts[i]));
  }
}

describe('memory of very many connections', () => {
  it.each<[string, (flows: FlowTable, n: number) => void, RegExp | undefined]>([
    ['that only knock', (flows, n) => flows.handle(segment(n, 0, SYN, 99)), /^4936 silent .* 0 of them with iSCSI/u],
    [
      'in mid-stream',
      (flows, n) => {
        flows.handle(segment(n, 0, PSH | ACK, 1, NOISE));
        flows.handle(segment(n, 1, PSH | ACK, 1, NOISE));
      },
      /^4936 silent/u,
    ],
    [
      'that look like iSCSI at first',
      (flows, n) => flows.handle(segment(n, 0, PSH | ACK, 1, read(1))),
      /^4936 silent .* 4936 of them with iSCSI/u,
    ],
    [
      'that open, talk of other things, and close',
      (flows, n) => {
        flows.handle(segment(n, 0, SYN, 99));
        flows.handle(segment(n, 0, PSH | ACK, 100, NOISE));
        flows.handle(segment(n, 1, FIN | ACK, 1));
        flows.handle(segment(n, 0, FIN | ACK, 700));
        flows.handle(segment(n, 1, ACK, 2));
      },
      undefined,
    ],
  ])('remembers few of those %s, and a whole conversation among them', (_name, flood, note) => {
    const trace = new Trace();
    const flows = new FlowTable(trace, crc32c, 64);
    const conversation = new Conversation(flows);
    for (let n = 1; n <= 5000; n += 1) {
      flood(flows, n);
      if (n % 1000 === 0) conversation.turn();
    }
    expect(flows.size).toBeLessThanOrEqual(65);
    flows.finish();
    expect(trace.connections[0]).toMatchObject({ pdus: conversation.turns * 2, fromStart: true });
    for (let row = 0; row < 8; row += 1) expect(trace.at(row)[0].marks[row]! & MARKS.gapBefore).toBe(0);
    if (note === undefined) expect(trace.notes).toEqual([]);
    else expect(trace.notes.map(({ text }) => text)).toEqual([expect.stringMatching(note)]);
  });

  it('keeps nothing of what is closed, reset, or says nothing', () => {
    const flows = new FlowTable(new Trace());
    flows.handle(segment(1, 0, ACK, 1));
    flows.handle(segment(2, 0, FIN | ACK, 1));
    expect(flows.size).toBe(0);
    flows.handle(segment(3, 0, SYN, 1));
    flows.handle(segment(4, 0, SYN, 1));
    flows.handle(segment(4, 0, PSH | ACK, 2, NOISE));
    expect(flows.size).toBe(2);
    flows.handle(segment(3, 1, RST | ACK, 0));
    flows.handle(segment(4, 0, FIN | ACK, 602));
    expect(flows.size).toBe(1);
    flows.handle(segment(4, 1, FIN | ACK, 7));
    expect(flows.size).toBe(0);
  });

  it('takes addresses that were chosen to fall on one place', () => {
    const flows = new FlowTable(new Trace());
    const probe = segment(1, 0, SYN, 1);
    const place = hashOf(probe) & 0x3fff;
    let found = 0;
    for (let n = 1; found < 80; n += 1) {
      probe.from[3] = n;
      if ((hashOf(probe) & 0x3fff) !== place) continue;
      found += 1;
      flows.handle(probe);
    }
    expect(flows.size).toBe(64);
  });

  it('holds so many early bytes over all flows and gives up those of conversations last', () => {
    const trace = new Trace();
    const flows = new FlowTable(trace, crc32c, 8192, 100_000);
    const conversation = new Conversation(flows);
    // The conversation's next answer lacks its beginning while all the others come.
    const late = answer(5);
    const early = segment(0, 1, PSH | ACK, 500 + 4 * late.length + 100, late.subarray(100));
    flows.handle(early);
    let most = 0;
    for (let n = 1; n <= 1000; n += 1) {
      flows.handle(segment(n, 0, SYN, 99));
      flows.handle(segment(n, 0, PSH | ACK, 1000, NOISE));
      most = Math.max(most, flows.heldBytes);
    }
    expect(most).toBeLessThanOrEqual(100_000);
    conversation.send(0, read(5));
    conversation.send(1, late.subarray(0, 100));
    flows.finish();
    expect(flows.heldBytes).toBe(0);
    expect(opcodes(trace)).toEqual([...new Array<number[]>(4).fill([1, 0x25]).flat(), 1, 0x25]);
    expect(trace.at(9)[0].marks[9]! & (MARKS.cut | MARKS.gapBefore)).toBe(0);
    expect(trace.notes[0]!.text).toMatch(/^What came early or was not whole was given up [89]\d\d times/u);
  });

  it('weighs small segments with what they cost beside their bytes', () => {
    const flows = new FlowTable(new Trace());
    flows.handle(segment(1, 0, SYN, 99));
    for (let n = 0; n < 100; n += 1) flows.handle(segment(1, 0, PSH | ACK, 200 + n * 2, Uint8Array.of(1)));
    expect(flows.heldBytes).toBeGreaterThan(100 * 256);
  });

  it('cuts short PDUs in very many pieces, and finds what follows them', () => {
    const trace = new Trace();
    const flows = new FlowTable(trace, crc32c, 64, 20_000);
    const conversation = new Conversation(flows);
    const whole = raw(dataIn(5, 20_000));
    conversation.send(0, read(5));
    for (let at = 0; at < whole.length; at += 8) conversation.send(1, whole.subarray(at, at + 8));
    conversation.turn();
    flows.finish();
    expect(opcodes(trace).slice(8)).toEqual([1, 0x25, 1, 0x25]);
    const [page] = trace.at(9);
    expect(page.marks[9]! & MARKS.cut).not.toBe(0);
    // 255 pieces of 8 bytes are left, less the header.
    expect(page.stored[9]).toBe(255 * 8 - 48);
    expect(page.marks[11]! & (MARKS.cut | MARKS.gapBefore)).toBe(0);
    expect(flows.heldBytes).toBe(0);
  });
});

describe('memory of one PDU and one segment', () => {
  it('is taken as data comes, not as it is announced', () => {
    let held = 0;
    const unfinished = new UnfinishedPdu({ hold: (bytes) => (held += bytes) });
    unfinished.keep(NOISE, 0, 10, 65_536);
    expect(unfinished.kept.length).toBe(512);
    expect(held).toBe(0);
    for (let n = 0; n < 200; n += 1) unfinished.keep(NOISE, 0, 600, 1 << 20);
    expect([unfinished.keptLength, held]).toEqual([65_536, 65_536]);
    expect(unfinished.kept.subarray(0, 10)).toEqual(NOISE.subarray(0, 10));
    unfinished.clear();
    expect([unfinished.kept.length, held]).toEqual([0, 0]);
  });

  it('is used again for the next segment that comes early', () => {
    const pool = new HeldPool();
    const first = pool.take(segment(1, 0, PSH, 5, NOISE.subarray(0, 30)), 5, 0, 0);
    pool.give(first);
    const second = pool.take(segment(1, 0, PSH, 9, Uint8Array.of(1, 2, 3)), 9, 0, 0);
    expect(second).toBe(first);
    expect(second).toMatchObject({ seq: 9, length: 3, captured: 3 });
    expect(second.bytes.subarray(0, 3)).toEqual(Uint8Array.of(1, 2, 3));
    expect(pool.take(segment(1, 0, PSH, 9, NOISE), 9, 0, 0)).not.toBe(first);
    const large = pool.take(segment(1, 0, PSH, 9, new Uint8Array(5000)), 9, 0, 0);
    pool.give(large);
    expect(pool.take(segment(1, 0, PSH, 9, new Uint8Array(5000)), 9, 0, 0)).not.toBe(large);
  });

  it('does not lie in an array of the host that is filled again', () => {
    const wire = session(new Wire()).push(0, PSH | ACK, raw(command(2, 512)));
    const stream = raw(dataIn(2, 512));
    wire.seq[1] += 60;
    const late = wire.segment(1, PSH | ACK, stream.subarray(60));
    wire.seq[1] -= stream.length;
    wire.frames.push(late, wire.segment(1, PSH | ACK, stream.subarray(0, 60)));
    wire.seq[1] += stream.length - 60;
    const trace = new Trace();
    const importer = new TraceImporter(trace);
    const file = wire.push(1, PSH | ACK, raw(dataIn(3, 16))).pcap();
    const chunk = Buffer.alloc(200);
    for (let at = 0; at < file.length; at += chunk.length) {
      const piece = chunk.subarray(0, Math.min(chunk.length, file.length - at));
      piece.set(file.subarray(at, at + piece.length));
      importer.push(piece);
    }
    importer.finish();
    expect(opcodes(trace)).toEqual([...WHOLE, 0x25]);
  });
});

describe('memory of logins', () => {
  it('bounds text that goes on without end', () => {
    const trace = new Trace();
    const arrival = createArrival();
    // A login request that says more text will come.
    arrival.bytes = Uint8Array.from({ length: 48 }, (_, i) => [0x43, 0x44][i] ?? 0);
    arrival.data = new Uint8Array(65_536).fill(0x61);
    arrival.dataLength = 65_536;
    arrival.marks = MARKS.fromInitiator;
    for (let id = 0; id < 40; id += 1) {
      const connection = trace.openConnection(ENDS, 0)!;
      arrival.connection = id;
      for (let n = 0; n < 10; n += 1) trace.append(arrival);
      expect(connection.textWeight).toBeGreaterThan(650_000);
    }
    const weight = trace.connections.reduce((sum, each) => sum + each.textWeight, 0);
    expect(weight).toBeLessThanOrEqual(4 << 20);
    expect(trace.notes.map(({ text }) => text)).toEqual([expect.stringContaining('Logins whose text went on')]);
  });
});

describe('memory of fragments', () => {
  const key = (n: number): string => `k${n}`;

  it('bounds fragments that never become whole, tiny or large', () => {
    const table = new FragmentTable();
    for (let n = 0; n < 300; n += 1)
      for (let part = 0; part < 200; part += 1) table.add(key(n), part * 16, true, NOISE.subarray(0, 8), 0);
    expect(table.parts).toBeLessThanOrEqual(16_384);
    expect(table.dropped).toBeGreaterThan(200);
    const large = new FragmentTable();
    for (let n = 0; n < 200; n += 1) large.add(key(n), 0, true, new Uint8Array(40_000), 0);
    expect(large.waiting).toBeLessThanOrEqual(104);
    expect(large.waiting + large.dropped).toBe(200);
  });

  it('puts datagrams together wherever their bytes have come to lie', () => {
    const table = new FragmentTable();
    for (let n = 0; n < 250; n += 1) {
      const [first, second] = [new Uint8Array(20_000).fill(n), new Uint8Array(7001).fill(n + 1)];
      expect(table.add(key(n), 20_000, false, second, 5)).toBeUndefined();
      const datagram = table.add(key(n), 0, true, first, 9)!;
      const { bytes } = datagram;
      expect([bytes.length, bytes.indexOf(n + 1), bytes.lastIndexOf(n)]).toEqual([27_001, 20_000, 19_999]);
      expect(datagram.parts.map(({ at, length, offset }) => [at, length, offset])).toEqual([
        [0, 20_000, 9],
        [20_000, 7001, 5],
      ]);
    }
    expect([table.dropped, table.waiting, table.parts]).toEqual([0, 0, 0]);
  });

  it('does not believe a datagram that ends in two places or goes on past its end', () => {
    const table = new FragmentTable();
    const eight = NOISE.subarray(0, 8);
    table.add('a', 48, false, NOISE.subarray(0, 2), 0);
    expect(table.add('a', 200, true, NOISE.subarray(0, 48), 0)).toBeUndefined();
    table.add('b', 200, true, NOISE.subarray(0, 48), 0);
    expect(table.add('b', 48, false, NOISE.subarray(0, 2), 0)).toBeUndefined();
    table.add('c', 16, false, eight, 0);
    expect(table.add('c', 24, false, eight, 0)).toBeUndefined();
    expect(table.add('d', 8, true, NONE, 0)).toBeUndefined();
    expect([table.dropped, table.waiting]).toEqual([3, 0]);
  });

  it('tells how many datagrams stayed in pieces', () => {
    const wire = simple(new Wire());
    // The flags word of an IPv4 header: more fragments will come.
    for (let n = 0; n < 3; n += 1) {
      const { bytes, timeNs } = wire.segment(0, PSH | ACK, read(9 + n));
      bytes.set([0x20, 0], 6);
      wire.frames.push({ bytes, timeNs });
    }
    expect(wire.read().notes.map(({ text }) => text)).toEqual([
      '3 fragmented IP datagrams were left out: fragments are missing, overlap, or came with too many others.',
    ]);
  });
});

it('believes a login that came to its end', () => {
  const trace = new Trace();
  const flows = new FlowTable(trace, crc32c, 4);
  const request = raw(loginRequest('InitiatorName=iqn.a:h\0'));
  flows.handle(segment(0, 0, PSH | ACK, 1, request));
  flows.handle(segment(0, 1, PSH | ACK, 1, raw(loginResponse('TargetPortalGroupTag=1\0'))));
  flows.handle(segment(0, 0, PSH | ACK, 1 + request.length, read(2)));
  for (let n = 1; n < 50; n += 1) flows.handle(segment(n, 0, PSH | ACK, 1, read(1)));
  flows.handle(segment(0, 0, PSH | ACK, 1 + request.length + read(2).length, read(3)));
  expect(flows.size).toBe(5);
  expect(trace.connections[0]!.pdus).toBe(4);
});

it('believes a conversation by its PDUs, not by their size', () => {
  const flows = new FlowTable(new Trace(), crc32c, 4);
  const pdu = framePdu(buildPdu('nopOut', { final: true, itt: 1 }));
  for (let n = 0; n < 8; n += 1) flows.handle(segment(1, 0, PSH | ACK, 1 + n * 48, pdu));
  for (let n = 2; n < 50; n += 1) flows.handle(segment(n, 0, PSH | ACK, 1, pdu));
  expect(flows.size).toBe(5);
});

it('remembers no end of units that are no disks', () => {
  const units = new UnitTypes();
  const connection = new TraceConnection(0, ENDS, 0);
  for (let lun = 0; lun < 70_000; lun += 1) units.learn(connection, lun, 0, 1);
  expect([units.typeOf(connection, 65_535, 0), units.typeOf(connection, 65_536, 0)]).toEqual([1, 0]);
  // One that is known may still turn out to be another.
  units.learn(connection, 5, 0, 8);
  expect(units.typeOf(connection, 5, 0)).toBe(8);
});
