import { describe, expect, it } from 'vitest';
import { crc32c, toHex } from '../../../core/bytes/index.ts';
import { exportPcapng, findProblems, MARKS, rowToJson, type Trace } from '../../../core/trace/index.ts';
import { ACK, join, PSH } from '../../trace/packet-builder.ts';
import { readTrace } from './scene.ts';
import {
  A,
  B,
  command,
  dataIn,
  loginRequest,
  loginResponse,
  opcodes,
  raw,
  session,
  WHOLE,
  Wire,
  withDigests,
} from './wire.ts';

const VENDOR = 0x1d;
const UNASSIGNED = 0x17;

/** A PDU of an opcode that nothing builds, with so many bytes of data, a multiple of four. */
function odd(opcode: number, dataLength = 8): Uint8Array {
  const bytes = new Uint8Array(48 + dataLength).fill(0xa5, 48);
  bytes[0] = opcode;
  bytes[1] = 0x80;
  new DataView(bytes.buffer).setUint32(4, dataLength);
  return bytes;
}

const write = (trace: Trace, rows?: readonly number[]): Uint8Array =>
  Uint8Array.from([...exportPcapng(trace, rows === undefined ? {} : { rows })].flatMap((block) => [...block]));
const gaps = (trace: Trace): number =>
  opcodes(trace).filter((_, row) => {
    const [page, i] = trace.at(row);
    return (page.marks[i]! & MARKS.gapBefore) !== 0;
  }).length;

/** What rows of a trace become where they are written and read again; what that is written as must be the same. */
function again(trace: Trace, rows: readonly number[]): Trace {
  const bytes = write(trace, rows);
  const read = readTrace(bytes).trace;
  expect(toHex(write(read))).toBe(toHex(bytes));
  return read;
}

describe('opcodes of vendors', () => {
  it('are read again from an export that has nothing else', () => {
    const trace = session(new Wire())
      .push(0, PSH | ACK, odd(VENDOR))
      .push(1, PSH | ACK, odd(0x3d))
      .read();
    expect(opcodes(again(trace, [2, 3]))).toEqual([VENDOR, 0x3d]);
  });

  it('begin a connection to the port of targets, and no other', () => {
    const begun = (port: number): number[] =>
      opcodes(
        new Wire(101, [A, { ...B, port }])
          .handshake()
          .push(0, PSH | ACK, odd(VENDOR))
          .push(1, PSH | ACK, odd(0x3d))
          .read(),
      );
    expect(begun(3260)).toEqual([VENDOR, 0x3d]);
    expect(begun(9999)).toEqual([]);
  });
});

describe('opcodes that nobody has named', () => {
  it('are PDUs like others where they end with their segment', () => {
    const trace = session(new Wire())
      .push(0, PSH | ACK, odd(UNASSIGNED))
      .push(0, PSH | ACK, raw(command(2, 512)))
      .push(1, PSH | ACK, odd(0x33))
      .push(1, PSH | ACK, raw(dataIn(2, 512)))
      .read();
    expect(opcodes(trace)).toEqual([3, 0x23, UNASSIGNED, 1, 0x33, 0x25]);
    expect(gaps(trace)).toBe(0);
    expect(rowToJson(trace, 2)).toMatchObject({ dataLength: 8, malformed: 'unknown opcode' });
    expect(opcodes(again(trace, [2, 4]))).toEqual([UNASSIGNED, 0x33]);
  });

  it('are PDUs where another stands behind them', () => {
    const trace = session(new Wire())
      .push(0, PSH | ACK, join(odd(UNASSIGNED, 0), raw(command(2, 512))))
      .push(1, PSH | ACK, raw(dataIn(2, 512)))
      .read();
    expect(opcodes(trace)).toEqual([3, 0x23, UNASSIGNED, 1, 0x25]);
    expect(findProblems(trace).map(({ rule }) => rule)).not.toContain('trace-gap');
  });

  it.each([
    ['something else stands behind them', join(odd(UNASSIGNED), new Uint8Array(48).fill(0xee))],
    ['nothing shows where they end', odd(UNASSIGNED).subarray(0, 50)],
    ['they claim too much', odd(UNASSIGNED, 4).map((byte, at) => (at === 4 ? 0xff : byte))],
    ['the other side sends them', odd(0x33)],
  ])('are lost bytes where %s', (_where, bytes) => {
    const trace = session(new Wire())
      .push(0, PSH | ACK, bytes)
      .push(0, PSH | ACK, raw(command(2, 512)))
      .push(1, PSH | ACK, raw(dataIn(2, 512)))
      .read();
    expect(opcodes(trace)).toEqual(WHOLE);
    expect(gaps(trace)).toBe(1);
  });

  it('are measured with the digests there are', () => {
    const keys = 'HeaderDigest=CRC32C\0DataDigest=CRC32C\0';
    const begun = (...bytes: readonly Uint8Array[]): Trace =>
      new Wire()
        .handshake()
        .push(0, PSH | ACK, raw(loginRequest(keys)))
        .push(1, PSH | ACK, raw(loginResponse(keys)))
        .push(0, PSH | ACK, join(...bytes))
        .read();
    const next = withDigests({ header: crc32c, data: crc32c, order: 'little' }, command(2, 512));
    expect(opcodes(begun(odd(UNASSIGNED), new Uint8Array(8), next))).toEqual([3, 0x23, UNASSIGNED, 1]);
    expect(opcodes(begun(odd(UNASSIGNED), next))).toEqual([3, 0x23, 1]);
  });
});
