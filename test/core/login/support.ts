import { chapDigest } from '../../../core/node/chap-digests.ts';
import {
  InitiatorLogin,
  TargetLogin,
  type InitiatorLoginConfig,
  type LoginStep,
  type RandomBytes,
  type TargetLoginConfig,
  type TargetLoginOutcome,
} from '../../../core/login/index.ts';
import type { OutgoingPdu } from '../../../core/pdu/index.ts';

/** Bytes of a run of hex digits; blanks are skipped. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s/gu, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16));
}

/** Pairs as they go on the wire. */
export function text(pairs: Readonly<Record<string, string>> | readonly string[]): Uint8Array {
  const lines = Array.isArray(pairs)
    ? (pairs as readonly string[])
    : Object.entries(pairs as Readonly<Record<string, string>>).map(([k, v]) => `${k}=${v}`);
  return new TextEncoder().encode(lines.map((line) => `${line}\0`).join(''));
}

/** Keys and values of a PDU's data. */
export function keysOf(pdu: OutgoingPdu): Map<string, string> {
  const lines = new TextDecoder().decode(pdu.data ?? new Uint8Array(0)).split('\0');
  return new Map(
    lines
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** Repeatable random bytes. */
export function seeded(seed: number): RandomBytes {
  let state = (seed | 0) === 0 ? 0x9e3779b9 : seed | 0;
  return (length) =>
    Uint8Array.from({ length }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state & 0xff;
    });
}

export const ISID = hex('80 12 34 56 78 9a');
export const INITIATOR = 'iqn.2026-01.org.lunascope:0a0b0c0d0e0f';
export const TARGET = 'iqn.2026-01.test.demo:disk';

/** An initiator's configuration with the given changes. */
export function initiatorConfig(changes: Partial<InitiatorLoginConfig> = {}): InitiatorLoginConfig {
  return {
    initiatorName: INITIATOR,
    targetName: TARGET,
    sessionType: 'Normal',
    isid: ISID,
    tsih: 0,
    cid: 1,
    cmdSn: 0x01020304,
    random: seeded(7),
    chapDigest,
    ...changes,
  };
}

/** A target's configuration with the given changes. */
export function targetConfig(changes: Partial<TargetLoginConfig> = {}): TargetLoginConfig {
  return {
    resolveTarget: (name) => (name === TARGET ? { kind: 'found', auth: { kind: 'none' } } : { kind: 'notFound' }),
    admit: (request) => ({ kind: 'admitted', tsih: 0x4a01, expCmdSn: request.cmdSn, maxCmdSn: request.cmdSn + 31 }),
    sessionOf: () => undefined,
    discoveryAuth: { kind: 'none' },
    portalGroupTag: 1,
    statSn: 0x100,
    window: 32,
    random: seeded(11),
    chapDigest,
    ...changes,
  };
}

export interface PairRun {
  readonly step: LoginStep;
  readonly outcome: TargetLoginOutcome | undefined;
  readonly requests: OutgoingPdu[];
  readonly responses: OutgoingPdu[];
}

const NONE = new Uint8Array(0);

/** Runs an initiator against a target until one of them ends. */
export function runPair(initiator: InitiatorLogin, target: TargetLogin): PairRun {
  const requests: OutgoingPdu[] = [];
  const responses: OutgoingPdu[] = [];
  let outcome: TargetLoginOutcome | undefined;
  let step = initiator.start();
  for (let i = 0; step.kind === 'send' && i < 300; i += 1) {
    requests.push(step.pdu);
    const answer = target.receive(step.pdu.bhs, step.pdu.data ?? NONE);
    outcome = answer.outcome ?? outcome;
    for (const pdu of answer.send) {
      responses.push(pdu);
      step = initiator.receive(pdu.bhs, pdu.data ?? NONE);
    }
  }
  return { step, outcome, requests, responses };
}

export interface ResponseFields {
  /** Byte 1: T, C, CSG and NSG. */
  readonly flags?: number;
  readonly versionActive?: number;
  readonly isid?: Uint8Array;
  readonly tsih?: number;
  readonly itt?: number;
  readonly statSn?: number;
  readonly status?: number;
  readonly opcode?: number;
}

/** A login response written byte by byte. */
export function responseBhs(fields: ResponseFields = {}): Uint8Array {
  const bhs = new Uint8Array(48);
  const view = new DataView(bhs.buffer);
  bhs[0] = fields.opcode ?? 0x23;
  bhs[1] = fields.flags ?? 0;
  bhs[3] = fields.versionActive ?? 0;
  bhs.set(fields.isid ?? ISID, 8);
  view.setUint16(14, fields.tsih ?? 0);
  view.setUint32(16, fields.itt ?? 0);
  view.setUint32(24, fields.statSn ?? 0);
  view.setUint32(28, 0x01020304);
  view.setUint32(32, 0x01020304 + 7);
  view.setUint16(36, fields.status ?? 0);
  return bhs;
}

export interface RequestFields {
  readonly first?: number;
  readonly flags?: number;
  readonly versionMin?: number;
  readonly isid?: Uint8Array;
  readonly tsih?: number;
  readonly itt?: number;
  readonly cid?: number;
  readonly cmdSn?: number;
}

/** A login request written byte by byte. */
export function requestBhs(fields: RequestFields = {}): Uint8Array {
  const bhs = new Uint8Array(48);
  const view = new DataView(bhs.buffer);
  bhs[0] = fields.first ?? 0x43;
  bhs[1] = fields.flags ?? 0;
  bhs[3] = fields.versionMin ?? 0;
  bhs.set(fields.isid ?? ISID, 8);
  view.setUint16(14, fields.tsih ?? 0);
  view.setUint32(16, fields.itt ?? 5);
  view.setUint16(20, fields.cid ?? 1);
  view.setUint32(24, fields.cmdSn ?? 9);
  return bhs;
}

/** The error of a step that must have failed. */
export function errorOf(step: LoginStep) {
  if (step.kind !== 'failed') throw new Error(`The step is ${step.kind}.`);
  return step.error;
}

/** The PDU of a step that must send one. */
export function sentBy(step: LoginStep): OutgoingPdu {
  if (step.kind === 'failed') throw step.error;
  if (step.kind !== 'send') throw new Error(`The step is ${step.kind}.`);
  return step.pdu;
}

/** The result of a step that must be the last. */
export function resultOf(step: LoginStep) {
  if (step.kind === 'failed') throw step.error;
  if (step.kind !== 'done') throw new Error(`The step is ${step.kind}.`);
  return step.result;
}

/** The row of a key. */
export function rowsOf<T extends { readonly key: string }>(rows: readonly T[], key: string): T[] {
  return rows.filter((row) => row.key === key);
}

export { chapDigest, InitiatorLogin, TargetLogin };
