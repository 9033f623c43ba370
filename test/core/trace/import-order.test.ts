import { describe, expect, it } from 'vitest';
import { buildPdu } from '../../../core/pdu/index.ts';
import { toHex } from '../../../core/bytes/index.ts';
import {
  describeRow,
  exportPcapng,
  findProblems,
  MARKS,
  rowToJson,
  viewTask,
  type Trace,
} from '../../../core/trace/index.ts';
import { ACK, FIN, pcapFile, PSH, RST } from '../../trace/packet-builder.ts';
import { readTrace } from './scene.ts';
import { B, command, dataIn, loginResponse, opcodes, raw, stage, text, WHOLE, Wire } from './wire.ts';

const TURNS = 30;

/** A login whose first command has the number 2, as its tag. */
function session(wire: Wire): Wire {
  const keys = text('InitiatorName=iqn.a:h\0TargetName=iqn.a:d\0SessionType=Normal\0');
  return wire
    .handshake()
    .push(0, PSH | ACK, raw(buildPdu('loginRequest', { ...stage, immediate: true, cmdSn: 2 }, keys)))
    .push(1, PSH | ACK, raw(loginResponse('TargetPortalGroupTag=1\0')));
}

const simple = (wire: Wire): Wire =>
  session(wire)
    .push(0, PSH | ACK, raw(command(2, 512)))
    .push(1, PSH | ACK, raw(dataIn(2, 512)));

/** Reads, each a segment and answered by one; segments for which `isLost` says so are not in the capture. */
function reads(isLost: (itt: number, side: 0 | 1) => boolean, count = TURNS): Wire {
  const wire = session(new Wire());
  for (let itt = 2; itt < count + 2; itt += 1) {
    const request = wire.segment(0, PSH | ACK, raw(command(itt, 512)));
    const answer = wire.segment(1, PSH | ACK, raw(dataIn(itt, 512)));
    if (!isLost(itt, 0)) wire.frames.push(request);
    if (!isLost(itt, 1)) wire.frames.push(answer);
  }
  return wire;
}

const rules = (trace: Trace): string[] => findProblems(trace).map(({ rule, count }) => `${rule} ${count}`);
const write = (trace: Trace): Uint8Array => Uint8Array.from([...exportPcapng(trace)].flatMap((part) => [...part]));
const timesOf = (trace: Trace): number[] => [...trace.at(0)[0].time.subarray(0, trace.length)];
const marksOf = (trace: Trace): number[] => [...trace.at(0)[0].marks.subarray(0, trace.length)];
const inOrder = (times: readonly number[]): boolean => times.every((time, i) => i === 0 || time >= times[i - 1]!);
const answered = (trace: Trace): number =>
  Array.from({ length: trace.tasks.table.length }, (_, task) => {
    const [page, i] = trace.taskAt(task);
    return page.opcode[i] === 1 && !Number.isNaN(page.end[i]!) ? 1 : 0;
  }).reduce<number>((sum, each) => sum + each, 0);

describe('segments the capture lost', () => {
  it.each<[string, (itt: number, side: 0 | 1) => boolean, number, number]>([
    ['a command', (itt, side) => itt === 12 && side === 0, 1, 1],
    ['an answer', (itt, side) => itt === 12 && side === 1, 1, 1],
    ['both of them', (itt) => itt === 12, 2, 1],
    ['several commands', (itt, side) => itt % 6 === 0 && side === 0, 5, 5],
    ['the last answer', (itt, side) => itt === TURNS + 1 && side === 1, 1, 1],
  ])('are told as gaps and blamed on nobody: %s', (_name, isLost, gaps, unpaired) => {
    const wire = reads(isLost).push(0, ACK);
    const trace = wire.read();
    expect(inOrder(timesOf(trace))).toBe(true);
    expect(rules(trace)).toEqual([`trace-gap ${gaps}`]);
    expect(answered(trace)).toBe(TURNS - unpaired);
  });

  it('mark what follows them, in its place', () => {
    const trace = reads((itt, side) => itt === 3 && side === 0).read();
    expect(opcodes(trace).slice(2, 8)).toEqual([1, 0x25, 0x25, 1, 0x25, 1]);
    expect(marksOf(trace).filter((mark) => (mark & MARKS.gapBefore) !== 0).length).toBe(1);
    expect(marksOf(trace)[5]! & MARKS.gapBefore).not.toBe(0);
  });

  it('end a PDU where only its data is missing, before what answers it', () => {
    const wire = session(new Wire());
    const write = raw(
      buildPdu(
        'scsiCommand',
        { final: true, write: true, itt: 2, cmdSn: 2, expStatSn: 2, expectedDataTransferLength: 2000 },
        new Uint8Array(2000),
      ),
    );
    wire.push(0, PSH | ACK, write.subarray(0, 800));
    wire.segment(0, PSH | ACK, write.subarray(800));
    wire.push(1, PSH | ACK, raw(buildPdu('scsiResponse', { final: true, itt: 2, statSn: 2 })));
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([0x03, 0x23, 1, 0x21]);
    expect(marksOf(trace)[2]! & MARKS.cut).not.toBe(0);
  });
});

describe('several connections', () => {
  it('wait for each other no longer than a moment', () => {
    const second = session(new Wire(101, [{ ip: '10.0.0.1', port: 50_001 }, B]));
    second.segment(0, PSH | ACK, raw(command(2, 512)));
    second.push(1, PSH | ACK, raw(dataIn(2, 512)));
    const others = reads(() => false, 200).frames.map((each) => ({ ...each, timeNs: each.timeNs + 10_000_000n }));
    const frames = [...second.frames, ...others];
    const { trace } = readTrace(pcapFile(frames, { linkType: 101, nanoseconds: true }));
    const { connection, time } = trace.at(0)[0];
    const late = connection.lastIndexOf(0, trace.length - 1);
    expect([late > 2, late < 150, opcodes(trace)[late]]).toEqual([true, true, 0x25]);
    expect(time[late + 1]! - time[late]!).toBeLessThan(110e6);
  });
});

describe('segments that come out of turn', () => {
  it('are put in order where an answer was captured before what it answers', () => {
    const wire = reads(() => false);
    for (let at = 6; at + 1 < wire.frames.length; at += 8)
      wire.frames.splice(at, 2, ...[wire.frames[at + 1]!, wire.frames[at]!]);
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([0x03, 0x23, ...new Array<number[]>(TURNS).fill([1, 0x25]).flat()]);
    expect(inOrder(timesOf(trace))).toBe(true);
    expect(rules(trace)).toEqual([]);
  });

  it('are put in order where the receiver had acknowledged them before they were captured', () => {
    const wire = reads(() => false);
    const [late] = wire.frames.splice(15, 1);
    wire.frames.splice(25, 0, late!);
    const trace = wire.read();
    expect(trace.length).toBe(2 + TURNS * 2);
    expect(marksOf(trace).filter((mark) => (mark & MARKS.gapBefore) !== 0)).toEqual([]);
    expect(rules(trace)).toEqual([]);
  });

  it('change nothing when they come once more after they were given up', () => {
    const wire = reads((itt, side) => itt === 12 && side === 0);
    const whole = reads(() => false);
    wire.frames.splice(60, 0, whole.frames[5 + 2 * 10]!);
    expect(rules(wire.read())).toEqual(['trace-gap 1']);
  });

  it('wait for nothing where each of two answers the other', () => {
    const wire = session(new Wire());
    const request = wire.segment(0, PSH | ACK, raw(command(2, 512)));
    const answer = wire.segment(1, PSH | ACK, raw(dataIn(2, 512)));
    // The request once more, as if sent again by a host that has the answer.
    wire.seq[0] -= 48;
    const again = wire.segment(0, PSH | ACK, raw(command(2, 512)));
    wire.frames.push(answer, again);
    expect(request).not.toEqual(again);
    expect(opcodes(wire.read())).toEqual(WHOLE);
  });
});

describe('the end of a connection', () => {
  it('is not taken for data that is missing', () => {
    const wire = simple(new Wire())
      .push(0, FIN | ACK)
      .push(1, FIN | ACK)
      .push(0, ACK);
    expect(rules(wire.read())).toEqual(['no-logout 1']);
  });

  it.each([
    ['FIN', FIN | ACK],
    ['RST', RST | ACK],
  ])('breaks off the PDU it comes in, which completes nothing: %s', (_name, flags) => {
    const wire = session(new Wire()).push(0, PSH | ACK, raw(command(2, 512)));
    wire
      .push(1, PSH | ACK, raw(dataIn(2, 512)).subarray(0, 148))
      .push(0, PSH | ACK, raw(command(3, 512)))
      .push(1, flags);
    const trace = wire.read();
    expect(opcodes(trace)).toEqual([0x03, 0x23, 1, 1, 0x25]);
    expect(inOrder(timesOf(trace))).toBe(true);
    expect(marksOf(trace)[4]! & (MARKS.brokenOff | MARKS.cut)).toBe(MARKS.brokenOff);
    expect(describeRow(trace, 4)).toBe(
      'SCSI Data-In 100 of 512 bytes at 0, DataSN 0 [broken off by the end of its connection]',
    );
    expect(rowToJson(trace, 4)).toMatchObject({ status: null, latencyUs: null });
    const task = viewTask(trace, trace.at(4)[0].task[4]!);
    expect([task.endNs, task.bytesIn]).toEqual([undefined, 100]);
    expect(rules(trace)).toContain('unanswered 2');
    const written = write(trace);
    const again = readTrace(written).trace;
    expect(describeRow(again, 4)).toBe(describeRow(trace, 4));
    expect(toHex(write(again))).toBe(toHex(written));
  });

  it('leaves a PDU cut short where the capture lacks the rest', () => {
    const wire = session(new Wire()).push(0, PSH | ACK, raw(command(2, 512)));
    const answer = raw(dataIn(2, 512));
    wire.push(1, PSH | ACK, answer.subarray(0, 148));
    wire.segment(1, PSH | ACK, answer.subarray(148));
    const trace = wire
      .push(1, FIN | ACK)
      .push(0, FIN | ACK)
      .read();
    expect(marksOf(trace)[3]! & (MARKS.brokenOff | MARKS.cut)).toBe(MARKS.cut);
    expect(rowToJson(trace, 3).status).toBe(0);
  });

  it('is told although the first of it shows only later that it is a conversation', () => {
    const late = new Wire().handshake();
    const first = late.segment(0, PSH | ACK, raw(command(2, 512)));
    late.push(1, PSH | ACK, raw(dataIn(2, 512))).push(1, FIN | ACK);
    late.frames.push(first);
    expect(late.read().connections[0]).toMatchObject({ closedBy: 'target', reset: false });
  });

  it('is one, where a reset follows a FIN that is acknowledged', () => {
    const wire = simple(new Wire())
      .push(1, FIN | ACK)
      .push(0, ACK)
      .push(1, RST);
    expect(rules(wire.read())).toEqual(['no-logout 1']);
  });

  it('is no reset from elsewhere', () => {
    const wire = session(new Wire());
    const [seq] = wire.seq;
    wire.seq[0] = 3;
    wire.push(0, RST);
    wire.seq[0] = seq;
    const trace = wire
      .push(0, PSH | ACK, raw(command(2, 512)))
      .push(1, PSH | ACK, raw(dataIn(2, 512)))
      .read();
    expect(trace.connections[0]).toMatchObject({ reset: false, closedBy: '' });
    expect(opcodes(trace)).toEqual(WHOLE);
  });

  it.each([
    [500, 600],
    [900_000, 800_000],
  ])(
    'is followed by another between the same ports, of numbers %i and %i, although its beginning is missing',
    (a, b) => {
      const wire = simple(new Wire());
      wire.push(1, FIN | ACK).push(0, FIN | ACK);
      wire.seq[0] = a;
      wire.seq[1] = b;
      const trace = wire
        .push(0, PSH | ACK, raw(command(2, 512)))
        .push(1, PSH | ACK, raw(dataIn(2, 512)))
        .read();
      expect(trace.connections.map(({ pdus }) => pdus)).toEqual([4, 2]);
      expect(marksOf(trace).filter((mark) => (mark & MARKS.gapBefore) !== 0)).toEqual([]);
    },
  );
});
