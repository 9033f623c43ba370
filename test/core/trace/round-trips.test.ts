import { describe, expect, it } from 'vitest';
import { NO_DIGESTS, buildPdu, framePdu, type OutgoingPdu } from '../../../core/pdu/index.ts';
import { exportPcapng, notesIn, packetComments, type ExportOptions, type Trace } from '../../../core/trace/index.ts';
import { ACK, FIN, PSH, RST } from '../../trace/packet-builder.ts';
import { cleanScene, ENDS, readTrace, Scene } from './scene.ts';
import { command, dataIn, loginRequest, loginResponse, Wire } from './wire.ts';

const write = (trace: Trace, options: ExportOptions = {}): Buffer => Buffer.concat([...exportPcapng(trace, options)]);
const read = (bytes: Uint8Array): Trace => readTrace(Uint8Array.from(bytes)).trace;
const framed = (pdu: OutgoingPdu): Uint8Array => framePdu(pdu, NO_DIGESTS);
const ping = framed(
  buildPdu('nopOut', { final: true, itt: 7, ttt: 0xffffffff, cmdSn: 3, expStatSn: 3 }, new Uint8Array(1000)),
);
const answer = framed(dataIn(2, 4096));

function signedIn(): Wire {
  const names = 'InitiatorName=iqn.2026-01.test:a\0TargetName=iqn.2026-01.test:b\0SessionType=Normal\0';
  return new Wire()
    .handshake()
    .push(0, PSH | ACK, framed(loginRequest(names)))
    .push(1, PSH | ACK, framed(loginResponse('TargetPortalGroupTag=1\0')))
    .push(0, PSH | ACK, framed(command(2, 4096)));
}

/** The initiator breaks a PDU off and says that it will send no more; the target goes on. */
function halfClosed(wire: Wire): Wire {
  return wire
    .push(0, PSH | ACK, ping.subarray(0, 500))
    .push(0, FIN | ACK)
    .push(1, PSH | ACK, answer);
}

/** The target sends no more either. */
const closed = (wire: Wire): Wire => wire.push(1, FIN | ACK).push(0, ACK);

/** Cuts the packets of a capture of the program's own, as `editcap -s` does, and leaves their comments. */
function snapped(capture: Buffer, most: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < capture.length;) {
    const length = capture.readUInt32LE(at + 4);
    const block = capture.subarray(at, at + length);
    at += length;
    const captured = block.readUInt32LE(20);
    if (block.readUInt32LE(0) !== 6 || captured <= most) {
      parts.push(block);
      continue;
    }
    const options = block.subarray(28 + ((captured + 3) & ~3), -4);
    const packet = Buffer.alloc((most + 3) & ~3);
    block.copy(packet, 0, 28, 28 + most);
    const cut = Buffer.concat([block.subarray(0, 28), packet, options, Buffer.alloc(4)]);
    for (const place of [4, cut.length - 4]) cut.writeUInt32LE(cut.length, place);
    cut.writeUInt32LE(most, 20);
    parts.push(cut);
  }
  return Buffer.concat(parts);
}

describe('an export that is read and written again is the same', () => {
  it.each<[string, (wire: Wire) => Wire]>([
    [
      'behind a gap, broken off by a reset',
      (wire) => {
        wire.seq[1] += 500;
        return wire.push(1, PSH | ACK, answer.subarray(0, 600)).push(1, RST | ACK);
      },
    ],
    ['broken off while the other side goes on', (wire) => closed(halfClosed(wire))],
    ['broken off on both sides', (wire) => closed(halfClosed(wire).push(1, PSH | ACK, answer.subarray(0, 100)))],
  ])('%s', (_what, end) => {
    const trace = end(signedIn()).read();
    expect(write(trace).includes('broken off')).toBe(true);
    const last = trace.length - 1;
    for (const options of [{}, { rows: [last] }, { notes: new Map([[last, 'the end of it']]) }]) {
      const first = write(trace, options);
      expect(write(read(first)).equals(first)).toBe(true);
    }
  });

  it.each<[string, boolean, (header: Uint8Array) => void]>([
    ['a reserved bit of the opcode', false, (header) => header.set([0x80 | 0x21])],
    ['an opcode of the other side', false, (header) => header.set([0x01])],
    ['an unknown opcode and much behind it', false, (header) => header.set([0x2a, 0x80, 0, 0, 100])],
    ['a reserved bit of what comes first', true, (header) => header.set([0x80 | 0x03])],
  ])('with %s', (_what, isFirst, change) => {
    const scene = new Scene({}, ENDS);
    if (!isFirst) scene.login();
    const header = new Uint8Array(48 + 400);
    change(header);
    scene.recorder.recordPdu(scene.connection, isFirst, scene.timeMs + 1, header, 0, header[4]! * 4, header, 0, 0);
    scene.wait(5).read();
    const trace = scene.trace();
    const first = write(trace);
    const again = read(first);
    expect(again.length).toBe(trace.length);
    expect(write(again).equals(first)).toBe(true);
  });
});

describe('comments of packets that were changed', () => {
  it('are not taken from other packets where their own were cut', () => {
    const trace = cleanScene().trace();
    const notes = new Map(Array.from({ length: trace.length }, (_, row) => [row, `row ${row}`]));
    const whole = write(trace, { notes });
    const right = new Map(
      Array.from({ length: trace.length }, (_, row) => [`row ${row}`, packetComments(read(whole), row)?.says]),
    );
    for (let most = 88; most <= 160; most += 2) {
      const cut = read(snapped(whole, most));
      for (let row = 0; row < cut.length; row += 1) {
        const found = packetComments(cut, row);
        if (found === undefined) continue;
        const [note] = notesIn(found);
        expect(found.says, `${most} bytes, row ${row}`).toBe(right.get(note!));
        const [page, i] = cut.at(row);
        const opcodes = Array.from({ length: trace.length }, (_, k) => trace.at(k)[0].opcode[k]! & 0x3f);
        expect(page.opcode[i]! & 0x3f).toBe(opcodes[Number(note!.slice(4))]);
      }
    }
  });
});

it('reads on where a gap ends in what may be a digest', () => {
  // A Data-In of 60 bytes, of which all but the first two and the last one are missing, or perhaps its digest's.
  const capture = Buffer.from(
    'TTyyoQIABAAAAAAAAAAAAAAABABlAAAAgDuxasDYpwBaAAAAWgAAAEUAAFoAE0AAQAYmiQoAAAIKAAABDLzDUG0lptostvoEUBj//wAAAAAlgQAA' +
      'AAAAPAAAAAAAAAAAAAAAAv////8AAAACAAAAAwAAACIAAAAAAAAAAAAAAAAESIA7sWoAG7cALQAAAC0AAABFAAAtABRAAEAGJrUKAAACCgAA' +
      'AQy8w1BtJadJLLb6BFAY//8AAAAA7j9zIFM=',
    'base64',
  );
  const trace = read(capture);
  expect(trace.length).toBe(1);
  expect(write(read(write(trace))).equals(write(trace))).toBe(true);
});

it('counts anew in its section comment where only a part of an export is written', () => {
  const digests = { DataDigest: 'CRC32C' };
  const scene = new Scene({ mode: 'headers' }).login(digests, digests).read(4096).read(512).read(300_000);
  const trace = scene.trace();
  const whole = read(write(trace));
  const last = trace.length - 1;
  for (const rows of [[0, 1], [2, 3, 4, 5], [last]]) {
    const part = write(whole, { rows });
    expect(sectionComment(part)).toBe(sectionComment(write(trace, { rows })));
    expect(write(read(part)).equals(part)).toBe(true);
  }
  expect(sectionComment(write(whole))).toMatch(/^3 PDUs were not recorded whole/mu);
  expect(sectionComment(write(whole, { rows: [last] }))).toMatch(/^1 PDUs were not recorded whole/mu);
  expect(sectionComment(write(whole, { rows: [0, 1] }))).not.toContain('recorded whole');
});

/** What an export says of itself: the first option of its first block. */
function sectionComment(capture: Buffer): string {
  return capture.subarray(28, 28 + capture.readUInt16LE(26)).toString();
}
