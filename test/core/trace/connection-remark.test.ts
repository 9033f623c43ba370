import { describe, expect, it } from 'vitest';
import { crc32c, toHex } from '../../../core/bytes/index.ts';
import { exportPcapng, rowToJson, type Trace } from '../../../core/trace/index.ts';
import { formatConnectionRemark, parseConnectionRemark } from '../../../core/trace/connection-remark.ts';
import { findingsOf } from './finding-scenes.ts';
import { cleanScene, readTrace, Scene } from './scene.ts';
import { ACK, PSH } from '../../trace/packet-builder.ts';
import { command, dataIn, loginRequest, loginResponse, raw, Wire, withDigests } from './wire.ts';

const write = (trace: Trace, rows?: readonly number[]): Uint8Array =>
  Uint8Array.from([...exportPcapng(trace, rows === undefined ? {} : { rows })].flatMap((block) => [...block]));
const rules = (trace: Trace): string[] => findingsOf(trace).map(({ rule }) => rule);

/** A trace that was written and read again, which is written the same once more. */
function again(trace: Trace, rows?: readonly number[]): Trace {
  const bytes = write(trace, rows);
  const read = readTrace(bytes).trace;
  expect(toHex(write(read))).toBe(toHex(bytes));
  return read;
}

describe('remarks on connections', () => {
  const none = {
    beginUnseen: false,
    endUnseen: false,
    isPartial: false,
    lostInitiator: false,
    lostTarget: false,
    headerDigest: false,
    dataDigest: false,
  };

  it('are written and read again', () => {
    expect(formatConnectionRemark(none)).toBe('');
    for (const [facts, text] of [
      [{ beginUnseen: true, endUnseen: true }, 'beginning not seen; end not seen'],
      [{ isPartial: true }, 'PDUs left out'],
      [{ lostInitiator: true }, 'bytes missing after the last of the initiator'],
      [
        { isPartial: true, headerDigest: true, dataDigest: true },
        'PDUs left out; header digests in use; data digests in use',
      ],
      [{ endUnseen: true, lostTarget: true }, 'end not seen; bytes missing after the last of the target'],
    ] as const) {
      expect(formatConnectionRemark({ ...none, ...facts })).toBe(text);
      expect(parseConnectionRemark(text)).toEqual({ ...none, ...facts });
    }
  });

  it.each(['', 'bytes missing before', 'end not seen; x', 'end not seen;'])('are not seen in %j', (text) => {
    expect(parseConnectionRemark(text)).toBeUndefined();
  });
});

describe('a capture written from a trace', () => {
  it('has no beginning where none was seen', () => {
    const late = new Scene().read().respond(77).read().trace();
    expect(rules(late)).toEqual([]);
    const read = again(late);
    expect(read.connections[0]!.fromStart).toBe(false);
    expect(rules(read)).toEqual([]);
    expect(again(cleanScene().trace()).connections[0]!.fromStart).toBe(true);
  });

  it('has no end where none was seen', () => {
    const open = new Scene().login().read().trace();
    expect(rules(open)).toEqual([]);
    const read = again(open);
    expect(read.connections[0]!.closedNs).toBeNaN();
    expect(read.connections[0]!.closedBy).toBe('');
    expect(rules(read)).toEqual([]);
    const reset = again(new Scene().login().read().close('target-reset').trace());
    expect(rules(reset)).toEqual(['connection-reset']);
  });

  it('keeps what is missing behind the last PDU of a side', () => {
    const lost = new Scene().login().read().trace();
    lost.connections[0]!.lostAtEnd.target = true;
    const read = again(lost);
    expect(read.connections[0]!.lostAtEnd).toEqual({ initiator: false, target: true });
    expect(rules(read)).toEqual(rules(lost));
  });

  it('accuses nobody of what a filter has left out', () => {
    const busy = cleanScene().trace();
    expect(rules(busy)).toEqual([]);
    for (let mask = 1; mask < 1 << busy.length; mask += 7) {
      const rows = Array.from({ length: busy.length }, (_, row) => row).filter((row) => ((mask >> row) & 1) === 1);
      const bytes = write(busy, rows);
      const read = readTrace(bytes).trace;
      expect(rules(read), String(rows)).toEqual([]);
      expect(read.connections[0]!.isPartial).toBe(rows.length < busy.length);
    }
    const reset = cleanScene('target-reset').trace();
    expect(rules(reset)).toEqual([]);
    expect(rules(readTrace(write(reset, [0, 1, 2, 3])).trace)).toEqual([]);
  });

  it('keeps wrong digests, whatever a filter has left out', () => {
    const keys = 'HeaderDigest=CRC32C\0DataDigest=CRC32C\0';
    const digests = { header: crc32c, data: crc32c, order: 'little' } as const;
    const wrong = withDigests(digests, dataIn(2, 512));
    wrong[wrong.length - 1]! ^= 1;
    const badHeader = withDigests(digests, command(3));
    badHeader[50]! ^= 1;
    const trace = new Wire()
      .handshake()
      .push(0, PSH | ACK, raw(loginRequest(keys)))
      .push(1, PSH | ACK, raw(loginResponse(keys)))
      .push(0, PSH | ACK, withDigests(digests, command(2, 512)))
      .push(1, PSH | ACK, wrong)
      .push(0, PSH | ACK, badHeader)
      .read();
    const wrongOnes = (of: Trace): string[] =>
      Array.from({ length: of.length }, (_, row) => rowToJson(of, row).malformed ?? '').filter((fault) => fault !== '');
    expect(wrongOnes(trace)).toEqual(['data digest wrong', 'header digest wrong']);
    for (let mask = 1; mask < 1 << trace.length; mask += 1) {
      const rows = Array.from({ length: trace.length }, (_, row) => row).filter((row) => ((mask >> row) & 1) === 1);
      const read = again(trace, rows);
      expect(wrongOnes(read)).toEqual(wrongOnes(trace).filter((_, k) => rows.includes(3 + k)));
    }
  });
});
