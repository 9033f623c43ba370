import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../core/bytes/index.ts';
import { buildPdu, framePdu, OPCODES, pduKind, type Digests, type PduKind } from '../../../core/pdu/index.ts';
import { MARKS, Trace } from '../../../core/trace/index.ts';
import { FlowTable } from '../../../core/trace/import/flow-table.ts';
import { FragmentTable } from '../../../core/trace/import/fragments.ts';
import { findIp, UNREAD_LLC } from '../../../core/trace/import/link.ts';
import type { Segment } from '../../../core/trace/import/packets.ts';
import { looksLikeHeader, looksLikeLogin } from '../../../core/trace/import/plausible.ts';
import { ENDS } from './scene.ts';

const block = (length: number): Uint8Array => new Uint8Array(length).fill(1);

describe('headers that make sense', () => {
  const window = { expCmdSn: 5, maxCmdSn: 36 };
  const good: Partial<Record<PduKind, object>> = {
    nopOut: { final: true, itt: 1 },
    scsiCommand: { final: true, read: true },
    taskManagementRequest: { final: true, function: 5 },
    loginRequest: { immediate: true, transit: true, csg: 1, nsg: 3 },
    textRequest: { final: true },
    dataOut: { final: true, itt: 5 },
    logoutRequest: { final: true, reason: 1 },
    snackRequest: { final: true, type: 1 },
    nopIn: { final: true, ...window },
    scsiResponse: { final: true, status: 2, ...window },
    taskManagementResponse: { final: true, ...window },
    loginResponse: { csg: 1 },
    textResponse: { final: true, ...window },
    dataIn: { final: true, hasStatus: true, itt: 9, ...window },
    logoutResponse: { final: true, ...window },
    readyToTransfer: { final: true, desiredDataTransferLength: 512, ...window },
    asyncMessage: { final: true, itt: 0xffffffff, ...window },
    reject: { final: true, ...window },
  };

  it.each(Object.entries(good) as [PduKind, object][])(
    'believes a %s, and not one with a reserved field set',
    (kind, fields) => {
      const { bhs } = buildPdu(kind, fields);
      expect(looksLikeHeader(bhs, 0)).toBe(true);
      const top = bhs.slice();
      top[0] = top[0]! | 0x80;
      expect(looksLikeHeader(top, 0)).toBe(false);
      const doubts = [1, 2, 3, 4, 5].map((at) => {
        const bad = bhs.slice();
        bad[at] = bad[at]! ^ 0x1e;
        return looksLikeHeader(bad, 0);
      });
      expect(doubts).toContain(false);
    },
  );

  it('believes answers whose last words say how long to wait', () => {
    const dropping = { event: 2, parameter2: 2, parameter3: 20 };
    const drop = buildPdu('asyncMessage', { final: true, itt: 0xffffffff, ...window, ...dropping });
    expect([...drop.bhs.subarray(40, 44)]).toEqual([0, 2, 0, 20]);
    expect(looksLikeHeader(drop.bhs, 0)).toBe(true);
    const logout = buildPdu('logoutResponse', { final: true, ...window, time2Wait: 2, time2Retain: 20 });
    expect([...logout.bhs.subarray(40, 44)]).toEqual([0, 2, 0, 20]);
    expect(looksLikeHeader(logout.bhs, 0)).toBe(true);
    for (const { bhs } of [drop, logout]) {
      bhs[47] = 1;
      expect(looksLikeHeader(bhs, 0)).toBe(false);
    }
  });

  it('does not believe tags, windows and opcodes that cannot be', () => {
    expect(looksLikeHeader(buildPdu('dataIn', { itt: 0xffffffff, ...window }).bhs, 0)).toBe(false);
    expect(looksLikeHeader(buildPdu('dataOut', { itt: 0xffffffff }).bhs, 0)).toBe(false);
    expect(looksLikeHeader(buildPdu('dataIn', { itt: 1, expCmdSn: 5, maxCmdSn: 900_000 }).bhs, 0)).toBe(false);
    expect(looksLikeHeader(buildPdu('readyToTransfer', { final: true, ...window }).bhs, 0)).toBe(false);
    expect(looksLikeHeader(buildPdu('scsiResponse', { final: true, status: 0x77, ...window }).bhs, 0)).toBe(false);
    expect(looksLikeHeader(buildPdu('scsiResponse', { final: true, response: 0x90, ...window }).bhs, 0)).toBe(true);
    for (const opcode of [0x07, 0x2a, 0x3c]) {
      const bhs = new Uint8Array(48);
      bhs[0] = opcode;
      expect(pduKind(opcode)).toBeUndefined();
      expect(looksLikeHeader(bhs, 0)).toBe(false);
    }
    expect(looksLikeLogin(buildPdu('loginRequest', { csg: 2 }).bhs, 0)).toBe(false);
    expect(looksLikeLogin(buildPdu('loginRequest', { csg: 1, versionMax: 9 }).bhs, 0)).toBe(false);
    expect(OPCODES.reject).toBe(0x3f);
  });
});

describe('frames and fragments', () => {
  it('finds no IP where there is none', () => {
    const bytes = new Uint8Array(64);
    expect([
      findIp(1, bytes, 0, 64),
      findIp(1, bytes, 0, 13),
      findIp(0, bytes, 0, 4),
      findIp(101, bytes, 5, 5),
      findIp(276, bytes, 0, 64),
      findIp(9999, bytes, 0, 64),
    ]).toEqual([-1, -1, -1, -1, -1, -1]);
    const tags = new Uint8Array(64);
    for (let at = 12; at < 60; at += 4) tags.set([0x81, 0], at);
    expect(findIp(1, tags, 0, 64)).toBe(-1);
  });

  it('finds IP behind a length and a SNAP header, tagged or cooked or not, and not behind those of others', () => {
    const snap = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
    const addresses = new Array<number>(12).fill(2);
    const at = (linkType: number, ...head: readonly number[]): number =>
      findIp(linkType, Uint8Array.from([...head, 0x45, ...new Array<number>(40).fill(0)]), 0, head.length + 41);
    expect(at(1, ...addresses, 0, 60, ...snap)).toBe(22);
    expect(at(1, ...addresses, 0x81, 0, 0, 7, 0, 60, ...snap)).toBe(26);
    expect(at(113, ...new Array<number>(14).fill(0), 0, 4, ...snap)).toBe(24);
    expect(at(1, ...addresses, 0, 60, 0xaa, 0xaa, 3, 0, 0, 0x0c, 8, 0)).toBe(-1);
    expect(at(1, ...addresses, 0, 60, 0x42, 0x42, 3, 0, 0, 0, 8, 0)).toBe(-1);
    expect(at(1, ...addresses, 0, 60, 6, 6, 3)).toBe(UNREAD_LLC);
  });

  it('takes fragments that overlap where they agree, once each byte is there', () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
    const table = new FragmentTable();
    const add = (at: number, end: number, key = 'a'): Uint8Array | undefined =>
      table.add(key, at, end < 100, bytes.subarray(at, end), 1000 + at)?.bytes;
    expect([add(16, 40), add(64, 80), add(8, 72), add(24, 32), add(72, 100)]).toEqual(new Array(5).fill(undefined));
    expect(add(0, 16)).toEqual(bytes);
    expect([table.dropped, table.parts]).toEqual([0, 0]);
    expect([add(0, 80, 'b'), add(0, 80, 'b')]).toEqual([undefined, undefined]);
    const whole = table.add('b', 40, false, bytes.subarray(40), 7040);
    expect(whole?.bytes).toEqual(bytes);
    expect(whole?.parts.map(({ at, length, offset }) => [at, length, offset])).toEqual([
      [0, 80, 1000],
      [80, 20, 7080],
    ]);
  });

  it('gives up datagrams whose fragments differ, too many and too long ones', () => {
    const table = new FragmentTable();
    expect(table.add('a', 0, true, block(100), 0)).toBeUndefined();
    expect(table.add('a', 48, true, new Uint8Array(100), 0)).toBeUndefined();
    expect(table.dropped).toBe(1);
    expect(table.add('b', 65_528, false, block(100), 0)).toBeUndefined();
    for (let n = 0; n < 300; n += 1) table.add(`k${n}`, 0, true, block(8), n);
    expect(table.dropped).toBe(1 + 44);
    expect(table.add('k299', 8, false, block(4), 7)?.bytes.length).toBe(12);
  });
});

function segment(over: Partial<Segment>): Segment {
  return {
    timeNs: 0,
    from: Uint32Array.of(0, 0, 0xffff, 1),
    to: Uint32Array.of(0, 0, 0xffff, 2),
    fromPort: 10,
    toPort: 3260,
    seq: 1,
    ack: 1,
    flags: 0x10,
    bytes: new Uint8Array(0),
    at: 0,
    length: 0,
    captured: 0,
    offset: 0,
    ...over,
  };
}

const FROM_TARGET = { fromPort: 3260, toPort: 10 };
const carrying = (bytes: Uint8Array, over: Partial<Segment> = {}): Segment =>
  segment({ bytes, length: bytes.length, captured: bytes.length, ...over });
const command = (itt: number): Uint8Array =>
  framePdu(buildPdu('scsiCommand', { final: true, attribute: 1, itt, cdb: new Uint8Array(16) }));

describe('flows', () => {
  it('keeps apart flows that share a place, and begins anew where a port is used again', () => {
    const trace = new Trace();
    // Of twice as many places, so that some of the flows share one.
    const flows = new FlowTable(trace, crc32c, 32);
    for (const turn of [0, 1])
      for (let n = 0; n < 32; n += 1)
        flows.handle(carrying(command(turn + 1), { from: Uint32Array.of(n, 7, 0xffff, 1), seq: 1 + turn * 48 }));
    flows.handle(carrying(command(3), { from: Uint32Array.of(5, 7, 0xffff, 1), seq: 5000, flags: 2 }));
    flows.finish();
    expect(trace.connections.map(({ pdus }) => pdus)).toEqual([...new Array<number>(32).fill(2), 1]);
    expect(trace.notes).toEqual([]);
  });

  it('gives holes up when too much is held, and lets held bytes go with a flow that is ignored', () => {
    const trace = new Trace();
    const flows = new FlowTable(trace);
    flows.handle(carrying(command(1)));
    for (let n = 0; n < 1100; n += 1) flows.handle(carrying(command(n + 2), { seq: 1000 + n * 48 }));
    expect(trace.length).toBe(1101);
    expect(flows.heldBytes).toBe(0);
    const http = new TextEncoder().encode('GET / HTTP/1.0 and a line that is long enough to be a header\r\n');
    flows.handle(segment({ flags: 2, fromPort: 11, seq: 0 }));
    flows.handle(carrying(http, { fromPort: 11, seq: 500 }));
    expect(flows.heldBytes).toBeGreaterThan(0);
    flows.handle(carrying(http, { fromPort: 11, seq: 1 }));
    expect(flows.heldBytes).toBe(0);
    flows.handle(carrying(http, { fromPort: 11, seq: 100 }));
    expect(trace.connections.length).toBe(1);
  });

  it('gives up holes the receiver acknowledged', () => {
    const trace = new Trace();
    const flows = new FlowTable(trace);
    flows.handle(carrying(command(1)));
    flows.handle(carrying(command(3), { seq: 97 }));
    const back = {
      from: Uint32Array.of(0, 0, 0xffff, 2),
      to: Uint32Array.of(0, 0, 0xffff, 1),
      fromPort: 3260,
      toPort: 10,
    };
    for (let n = 0; n < 20; n += 1) flows.handle(segment({ ...back, ack: 145 }));
    expect(trace.length).toBe(2);
    expect(trace.at(1)[0].marks[1]! & MARKS.gapBefore).not.toBe(0);
  });

  it('leaves out connections past what a trace can name', () => {
    const trace = new Trace();
    while (trace.openConnection(ENDS, 0) !== undefined);
    const flows = new FlowTable(trace);
    flows.handle(carrying(command(1)));
    flows.handle(carrying(command(2), { seq: 49 }));
    expect(trace.length).toBe(0);
    expect(trace.notes[0]!.text).toContain('more iSCSI connections than a trace can name');
  });

  it('finds digests where the header lies in two segments', () => {
    const digests: Digests = { header: crc32c, data: crc32c, order: 'little' };
    const pdu = (itt: number, data: number): Uint8Array =>
      framePdu(
        buildPdu('dataIn', { final: true, hasStatus: true, itt, ttt: 1, expCmdSn: 1, maxCmdSn: 9 }, block(data)),
        digests,
      );
    const cut = (stream: Uint8Array, ...places: readonly number[]): Trace => {
      const trace = new Trace();
      const flows = new FlowTable(trace);
      [0, ...places].forEach((from, k) =>
        flows.handle(carrying(stream.slice(from, places[k] ?? stream.length), { ...FROM_TARGET, seq: 1 + from })),
      );
      flows.finish();
      return trace;
    };
    const two = Uint8Array.from([...pdu(1, 0), ...pdu(2, 64), ...pdu(3, 64)]);
    expect(cut(two, 60).length).toBe(3);
    // Header digest learnt from a PDU without data; the data digest from the four bytes behind the data.
    const learned = cut(Uint8Array.from([...pdu(1, 64), ...pdu(2, 64)]), 110);
    expect(learned.length).toBe(2);
    expect(learned.connections[0]).toMatchObject({ headerDigest: 'crc32c', dataDigest: 'crc32c' });
    const plain = framePdu(buildPdu('dataIn', { final: true, itt: 4, ttt: 1, expCmdSn: 1, maxCmdSn: 9 }, block(64)));
    const none = cut(Uint8Array.from([...plain, ...plain]), 80);
    expect(none.length).toBe(2);
    expect(none.connections[0]).toMatchObject({ headerDigest: 'none', dataDigest: 'none' });
    const late = cut(Uint8Array.from([...plain, ...plain, ...plain]), 112, 130);
    expect(late.length).toBe(3);
  });

  it('drops PDUs in pieces without end to a note of what is there', () => {
    const trace = new Trace();
    const flows = new FlowTable(trace);
    const header = buildPdu('dataIn', { final: true, itt: 4, ttt: 1, expCmdSn: 1, maxCmdSn: 9 }, block(70_000));
    const stream = framePdu(header);
    flows.handle(carrying(stream.slice(0, 48), FROM_TARGET));
    for (let at = 48; at < stream.length; at += 1)
      flows.handle(segment({ ...FROM_TARGET, bytes: stream, at, length: 1, captured: 1, seq: 1 + at, offset: at }));
    expect(trace.length).toBe(1);
    expect(trace.at(0)[0].stored[0]).toBeLessThan(70_000);
  });
});
