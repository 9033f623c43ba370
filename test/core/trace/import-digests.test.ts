import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../core/bytes/index.ts';
import { buildPdu, framePdu, type OutgoingPdu } from '../../../core/pdu/index.ts';
import type { Trace } from '../../../core/trace/index.ts';
import { ACK, PSH } from '../../trace/packet-builder.ts';
import { findingsOf } from './finding-scenes.ts';
import { command, dataIn, loginRequest, loginResponse, opcodes, Wire } from './wire.ts';

const ROUNDS = 6;

/** A PDU in the parts that its sender hands to TCP one by one: header, its digest, data, its digest. */
function parts(pdu: OutgoingPdu, header: boolean, data: boolean): Uint8Array[] {
  const whole = framePdu(pdu, {
    ...(header ? { header: crc32c } : {}),
    ...(data ? { data: crc32c } : {}),
    order: 'little',
  });
  const length = pdu.data?.length ?? 0;
  const places = [48, ...(header ? [52] : []), ...(length > 0 ? [48 + (header ? 4 : 0) + length] : [])];
  return [0, ...places].map((from, k) => whole.subarray(from, places[k])).filter(({ length: bytes }) => bytes > 0);
}

/** A conversation that is joined in its middle, each part of a PDU in a segment of its own. */
function joined(header: boolean, data: boolean): Trace {
  const wire = new Wire();
  for (let itt = 1; itt <= ROUNDS; itt += 1) {
    const ping = { immediate: true, itt: 900 + itt, ttt: 0xffffffff, cmdSn: itt + 1, expStatSn: itt + 1 } as const;
    for (const [side, pdu] of [
      [0, command(itt, 512)],
      [1, dataIn(itt, 512)],
      [0, buildPdu('nopOut', ping, new Uint8Array(8).fill(itt))],
    ] as const)
      for (const part of parts(pdu, header, data)) wire.push(side, PSH | ACK, part);
  }
  return wire.read();
}

describe('a conversation joined in its middle, with digests in segments of their own', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('is read with header digests %s and data digests %s', (header, data) => {
    const trace = joined(header, data);
    expect(opcodes(trace)).toEqual(Array.from({ length: ROUNDS }, () => [0x01, 0x25, 0x00]).flat());
    expect(trace.connections[0]).toMatchObject({
      headerDigest: header ? 'crc32c' : 'none',
      dataDigest: data ? 'crc32c' : 'none',
    });
    const rules = findingsOf(trace).map(({ rule }) => rule);
    expect(rules.filter((rule) => rule === 'trace-gap' || rule.includes('digest'))).toEqual([]);
    expect(trace.readPdu(1).data).toEqual(new Uint8Array(512).fill(0xee));
  });
});

it.each([true, false])('is read where the target refuses to agree and sends data digests: %s', (sends) => {
  const asked = 'HeaderDigest=CRC32C\0DataDigest=CRC32C\0';
  const wire = new Wire()
    .handshake()
    .push(0, PSH | ACK, framePdu(loginRequest(asked)))
    .push(1, PSH | ACK, framePdu(loginResponse('HeaderDigest=CRC32C\0DataDigest=Reject\0')));
  const digests = { header: crc32c, ...(sends ? { data: crc32c } : {}), order: 'little' } as const;
  for (let itt = 2; itt < 5; itt += 1)
    wire
      .push(0, PSH | ACK, framePdu(command(itt, 512), digests))
      .push(1, PSH | ACK, framePdu(dataIn(itt, 512), digests));
  const trace = wire.read();
  expect(opcodes(trace)).toEqual([3, 0x23, ...Array.from({ length: 3 }, () => [1, 0x25]).flat()]);
  expect(findingsOf(trace).map(({ rule }) => rule)).not.toContain('trace-gap');
});
