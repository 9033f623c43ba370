import { buildPdu, framePdu, type Digests, type OutgoingPdu } from '../../../core/pdu/index.ts';
import type { Trace } from '../../../core/trace/index.ts';
import {
  ACK,
  frame,
  join,
  nextPacket,
  pcapFile,
  PSH,
  SYN,
  type Conversation,
  type Endpoint,
  type TimedFrame,
} from '../../trace/packet-builder.ts';
import { readTrace } from './scene.ts';

/** The initiator and the target of a conversation. */
export const A: Endpoint = { ip: '10.0.0.1', port: 50_000 };
export const B: Endpoint = { ip: '10.0.0.2', port: 3260 };
export const NONE = new Uint8Array(0);
export const BASE = 1_790_000_000_000_000_000n;

/** Segments of one conversation, to be put in order, lost or doubled by a test. */
export class Wire implements Conversation {
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
    this.timeNs += 1_000_000n;
    return { timeNs: this.timeNs, bytes: frame(this.linkType, nextPacket(this, side, flags, payload), vlans) };
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

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const stage = { transit: true, csg: 1, nsg: 3, itt: 1 };
export const loginRequest = (keys: string): OutgoingPdu =>
  buildPdu('loginRequest', { ...stage, immediate: true, cmdSn: 1 }, text(keys));
export const loginResponse = (keys: string): OutgoingPdu =>
  buildPdu('loginResponse', { ...stage, tsih: 3, statSn: 1, expCmdSn: 1, maxCmdSn: 32 }, text(keys));
export const command = (itt: number, bytes = 0): OutgoingPdu =>
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
export const dataIn = (itt: number, bytes: number): OutgoingPdu =>
  buildPdu(
    'dataIn',
    { final: true, hasStatus: true, itt, ttt: 0xffffffff, statSn: itt, expCmdSn: itt + 1, maxCmdSn: itt + 32 },
    new Uint8Array(bytes).fill(0xee),
  );
export const raw = (...pdus: readonly OutgoingPdu[]): Uint8Array => join(...pdus.map((pdu) => framePdu(pdu)));
export const withDigests = (digests: Digests, ...pdus: readonly OutgoingPdu[]): Uint8Array =>
  join(...pdus.map((pdu) => framePdu(pdu, digests)));

export function session(wire: Wire): Wire {
  return wire
    .handshake()
    .push(0, PSH | ACK, raw(loginRequest('InitiatorName=iqn.a:h\0TargetName=iqn.a:d\0SessionType=Normal\0')))
    .push(1, PSH | ACK, raw(loginResponse('TargetPortalGroupTag=1\0')));
}

export function opcodes(trace: Trace): number[] {
  return Array.from({ length: trace.length }, (_, row) => {
    const [page, i] = trace.at(row);
    return page.opcode[i]! & 0x3f;
  });
}

export const WHOLE = [0x03, 0x23, 0x01, 0x25];

export function simple(wire: Wire): Wire {
  return session(wire)
    .push(0, PSH | ACK, raw(command(2, 512)))
    .push(1, PSH | ACK, raw(dataIn(2, 512)));
}
