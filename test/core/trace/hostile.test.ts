import { describe, expect, it } from 'vitest';
import { findProblems, formatRow, pduTree, rowToJson, type Trace } from '../../../core/trace/index.ts';
import { MARKS } from '../../../core/trace/columns.ts';
import { TraceImporter } from '../../../core/trace/import/importer.ts';
import { createArrival } from '../../../core/trace/pdu-index.ts';
import { Trace as TraceClass } from '../../../core/trace/trace.ts';
import {
  ACK,
  frame,
  ipPacket,
  join,
  pcapFile,
  pcapngBlock,
  pcapngFile,
  PSH,
  SYN,
  type TimedFrame,
} from '../../trace/packet-builder.ts';
import { generateTrace } from '../../trace/generate.ts';
import { Random } from '../../trace/random.ts';
import { cleanScene, readTrace } from './scene.ts';
import { B, command, dataIn, raw as wireBytes, session, Wire } from './wire.ts';

const word = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
const SECTION = pcapngBlock(0x0a0d0d0a, [...word(0x1a2b3c4d), 1, 0, 0, 0, ...word(0xffffffff), ...word(0xffffffff)]);
const INTERFACE = pcapngBlock(1, [101, 0, 0, 0, ...word(0)]);
const packet = (id: number, captured: number, data: readonly number[] = []): Uint8Array =>
  pcapngBlock(6, [...word(id), ...word(0), ...word(0), ...word(captured), ...word(captured), ...data]);
const raw = (type: number, length: number, body: readonly number[] = []): Uint8Array =>
  Uint8Array.from([...word(type), ...word(length), ...body]);

/** Everything a viewer would ask of a trace; nothing of it may fail. */
function use(trace: Trace): void {
  for (let row = 0; row < trace.length; row += 1) {
    formatRow(trace, row);
    rowToJson(trace, row);
    pduTree(trace, row);
  }
  findProblems(trace);
}

describe('hostile captures', () => {
  it.each<[string, Uint8Array, string]>([
    ['a block of length 0', join(SECTION, INTERFACE, raw(6, 0, word(0))), 'a block claims a length of 0 bytes'],
    [
      'a block of 4 GiB',
      join(SECTION, INTERFACE, raw(6, 0xfffffffc, word(0))),
      'a packet block claims 4294967292 bytes',
    ],
    [
      'a block whose length is no multiple of four',
      join(SECTION, raw(6, 33, new Array<number>(33).fill(0))),
      'a block claims a length of 33 bytes',
    ],
    [
      'two lengths that differ',
      join(SECTION, Uint8Array.from([...word(5), ...word(16), ...word(0), ...word(20)])),
      'the two lengths of a block differ',
    ],
    [
      'a packet longer than its block',
      join(SECTION, INTERFACE, packet(0, 5000)),
      'a packet of 5000 bytes does not fit its block',
    ],
    ['a packet block without room', join(SECTION, INTERFACE, pcapngBlock(6, word(0))), 'a packet block is too short'],
    ['an interface block without room', join(SECTION, pcapngBlock(1, [])), 'an interface block is too short'],
    ['a section without byte order', pcapngBlock(0x0a0d0d0a, word(7)), 'a section has no byte-order mark'],
    ['a section without room', pcapngBlock(0x0a0d0d0a, word(0x1a2b3c4d)), 'a section header is too short'],
    [
      'a simple packet of no interface',
      join(SECTION, pcapngBlock(3, [...word(4), 1, 2, 3, 4])),
      'a simple packet block has no interface',
    ],
    [
      'a clock too fine to be',
      join(SECTION, pcapngBlock(1, [101, 0, 0, 0, ...word(0), 9, 0, 1, 0, 99, 0, 0, 0])),
      'a clock finer than can be',
    ],
    [
      'a packet of 4 GiB in pcap',
      join(pcapFile([], { linkType: 1 }), new Uint8Array(8), word(0xffffffff), word(0)),
      'a packet claims 4294967295 bytes',
    ],
  ])('%s is a typed error', (_name, bytes, message) => {
    const { trace, importer } = readTrace(bytes);
    expect(importer.failure).toMatchObject({ name: 'ProtocolError' });
    expect(importer.failure!.message).toContain(message);
    expect(trace.complete).toBe(true);
    expect(trace.notes.length).toBeGreaterThan(0);
  });

  it('does not take for a capture what is none', () => {
    expect(readTrace(new Uint8Array(0)).importer.failure).toMatchObject({
      message: 'There is nothing in it.',
      hint: expect.stringContaining('tcpdump -w') as string,
    });
    for (const bytes of [
      new Uint8Array(5),
      new Uint8Array(100).fill(7),
      new TextEncoder().encode('<?xml version="1.0"?>'),
    ])
      expect(readTrace(bytes).importer.failure!.message).toContain('neither a capture');
  });

  it('keeps what came before the damage', () => {
    const good = pcapngFile(frames(), 101, 9);
    const { trace, importer } = readTrace(join(good, raw(6, 0, word(0)), good));
    expect(importer.failure!.message).toContain(`at byte ${good.length}`);
    expect(trace.length).toBe(1);
  });

  it('leaves out packets of interfaces nobody described, and says so once', () => {
    const { trace, importer } = readTrace(join(SECTION, INTERFACE, packet(7, 0), packet(8, 0)));
    expect(importer.failure).toBeUndefined();
    expect(trace.notes.map((note) => note.text)).toEqual([
      'Packets of interface 7, which the capture does not describe, were left out.',
    ]);
  });

  it('ignores options without an end', () => {
    const endless = pcapngBlock(1, [101, 0, 0, 0, ...word(0), 9, 0, 0xff, 0xff]);
    const comment = pcapngBlock(0x0a0d0d0a, [
      ...word(0x1a2b3c4d),
      1,
      0,
      0,
      0,
      ...word(0xffffffff),
      ...word(0xffffffff),
      1,
      0,
      0xff,
      0xff,
    ]);
    const { trace, importer } = readTrace(join(comment, endless, packet(0, 0)));
    expect(importer.failure).toBeUndefined();
    expect(trace.notes[0]!.text).toContain('leaves its block');
  });

  it('passes over huge blocks it has no use for without holding them', () => {
    const trace = new TraceClass();
    const importer = new TraceImporter(trace);
    const size = 64 << 20;
    importer.push(join(SECTION, INTERFACE, raw(0x0bad, size)));
    const piece = new Uint8Array(1 << 20);
    for (let at = 8; at < size; at += piece.length) importer.push(piece.subarray(0, Math.min(piece.length, size - at)));
    importer.push(pcapngFile(frames(), 101, 9));
    importer.finish();
    expect(importer.failure).toBeUndefined();
    expect(trace.length).toBe(1);
    expect(trace.notes[0]!.text).toContain('was passed over');
  });

  it('reads simple packets and the old packet block', () => {
    const ip = frames()[0]!.bytes;
    const later = frames()[1]!.bytes;
    const simple = pcapngBlock(3, [...word(ip.length), ...ip]);
    const old = pcapngBlock(2, [
      0,
      0,
      0,
      0,
      ...word(0),
      ...word(9),
      ...word(later.length),
      ...word(later.length),
      ...later,
    ]);
    expect(readTrace(join(SECTION, INTERFACE, simple, old)).trace.length).toBe(1);
  });

  it('limits interfaces, notes and connections', () => {
    const many = readTrace(join(SECTION, ...Array.from({ length: 4100 }, () => INTERFACE)));
    expect(many.importer.failure!.message).toContain('more than 4096 interfaces');
    const trace = new TraceClass();
    trace.note('remark 0');
    for (let n = 0; n < 300; n += 1) trace.note(`remark ${n}`);
    expect([trace.notes.length, trace.notesLeftOut]).toEqual([200, 100]);
    for (let n = 0; n < 70_000; n += 1)
      trace.openConnection({ initiatorHost: '', initiatorPort: 0, targetHost: '', targetPort: 0 }, 0);
    expect(trace.connections.length).toBe(0xffff);
    for (let n = 0; n < 50_000; n += 1) trace.addLag({ timeNs: n, lagUs: 1 });
    expect(trace.lags.length).toBeLessThanOrEqual(20_000);
  });

  it('bears records that lie about what they hold', () => {
    const bytes = cleanScene().bytes();
    const view = new DataView(bytes.buffer);
    const second = 64 + view.getUint32(64, true);
    view.setUint32(second + 16, 0xffff, true);
    const { trace, importer } = readTrace(bytes);
    expect(importer.failure).toBeUndefined();
    expect(trace.notes[0]!.text).toBe('A record is shorter than the PDU it claims to hold.');
    bytes.fill(0x7b, 64 + 24, 64 + 60);
    expect(readTrace(bytes).trace.connections[0]!.endpoints.initiatorHost).toBe('0.0.0.0');
  });

  it('bears PDUs of connections nobody opened', () => {
    const bytes = cleanScene().bytes();
    const first = 64 + new DataView(bytes.buffer).getUint32(64, true);
    const { trace } = readTrace(join(bytes.slice(0, 64), bytes.slice(first)));
    expect(trace.length).toBe(12);
    expect(trace.connections[0]!.fromStart).toBe(false);
  });

  it('bears far more connections and fragments than it remembers, and keeps a conversation among them whole', () => {
    const wire = session(new Wire());
    let itt = 2;
    const turns = (count: number): void => {
      for (const end = itt + count; itt < end; itt += 1)
        wire.push(0, PSH | ACK, wireBytes(command(itt, 512))).push(1, PSH | ACK, wireBytes(dataIn(itt, 512)));
    };
    turns(4);
    const knock = new Uint8Array(48).fill(0xa7);
    for (let n = 0; n < 20_000; n += 1) {
      const from = { ip: `10.1.${n >> 8}.${n & 255}`, port: 4000 };
      const piece = {
        from,
        to: B,
        seq: 1,
        ack: 1,
        flags: PSH | ACK,
        payload: n % 3 === 0 ? wireBytes(command(1)) : knock,
      };
      const packet = ipPacket(piece);
      // Every fifth is a fragment of which the rest never comes.
      if (n % 5 === 0) packet.set([0x20, 0], 6);
      wire.frames.push({ timeNs: wire.timeNs, bytes: packet });
      if (n % 5000 === 4999) turns(1);
    }
    const { trace, importer } = readTrace(wire.pcap(), 100_000);
    expect(importer.failure).toBeUndefined();
    expect(trace.connections[0]).toMatchObject({ pdus: 2 * (itt - 1), loggedIn: true });
    expect(trace.connections.length).toBeGreaterThan(5000);
    expect(trace.notes.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^24\d\d silent TCP connections were forgotten .* 0 of them with iSCSI/u),
      expect.stringMatching(/^4000 fragmented IP datagrams were left out/u),
    ]);
  });

  it('survives any damage to captures and traces', () => {
    const random = new Random(20_260_101);
    const samples = [generateTrace(3).file, generateTrace(8).file, cleanScene().bytes(), pcapngFile(frames(), 101, 9)];
    for (let round = 0; round < 150; round += 1) {
      const bytes = random.pick(samples).slice();
      for (let hits = random.int(1, 30); hits > 0; hits -= 1)
        bytes[random.int(0, bytes.length - 1)] = random.int(0, 255);
      const cut = random.chance(0.3) ? bytes.slice(0, random.int(0, bytes.length)) : bytes;
      use(readTrace(cut, random.int(1, 5000)).trace);
    }
  });

  it.each([
    ['under way', 0x43, 0],
    ['that all came to their end', 0x23, 0x87],
  ])('of many logins %s at once takes no look at the whole for each of them', (_name, opcode, flags) => {
    const trace = new TraceClass();
    const arrival = createArrival();
    arrival.bytes = new Uint8Array(48);
    const connections = 1500;
    for (let turn = 0; turn < 3; turn += 1)
      for (let id = 0; id < connections; id += 1) {
        if (turn === 0)
          trace.openConnection(
            { initiatorHost: '10.0.0.1', initiatorPort: id, targetHost: '10.0.0.2', targetPort: 1 },
            0,
          );
        arrival.bytes.set(turn === 0 ? [0x43, 0] : [opcode, flags]);
        arrival.marks = opcode === 0x43 || turn === 0 ? MARKS.fromInitiator : 0;
        arrival.connection = id;
        trace.append(arrival);
      }
    // They had their time: the trace goes on without them.
    const other = { initiatorHost: '10.0.0.1', initiatorPort: connections, targetHost: '10.0.0.2', targetPort: 1 };
    trace.openConnection(other, 0);
    arrival.connection = connections;
    arrival.bytes.set([0x40, 0]);
    arrival.timeNs = 6e9;
    trace.append(arrival);
    trace.complete = true;
    const { pdus } = trace;
    const pageOf = pdus.pageOf.bind(pdus);
    let looks = 0;
    pdus.pageOf = (row) => {
      looks += 1;
      return pageOf(row);
    };
    const unfinished = findProblems(trace).filter(({ rule }) => rule === 'login-unfinished');
    expect(unfinished).toHaveLength(opcode === 0x43 ? connections : 0);
    expect(looks).toBeLessThan(connections * 50);
  });
});

/** A handshake and one login request. */
function frames(): TimedFrame[] {
  const from = { ip: '10.0.0.1', port: 4000 };
  const to = { ip: '10.0.0.2', port: 3260 };
  const login = new Uint8Array(48);
  login.set([0x43, 0x87]);
  const make = (flags: number, seq: number, payload: Uint8Array): TimedFrame => ({
    timeNs: 5_000_000_000n,
    bytes: frame(101, ipPacket({ from, to, seq, ack: 1, flags, payload })),
  });
  return [make(SYN, 99, new Uint8Array(0)), make(PSH | ACK, 100, login)];
}
