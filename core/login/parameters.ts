import { formatKeyValue, keySpec, parseKeyValue, TEXT_KEYS, type KeySpec, type KeyValue } from '../pdu/index.ts';
import type { Negotiated, Negotiator } from './negotiator.ts';
import { combine } from './rules.ts';
import type {
  DigestName,
  KeyOrigin,
  KeyOutcome,
  LoginSide,
  SessionParameters,
  SessionType,
  TaskReporting,
} from './types.ts';

/** Bytes a side accepts in one PDU while it has not declared otherwise, and during login (RFC 7143 13.12). */
export const DEFAULT_SEGMENT_LENGTH = 8192;

function read(spec: KeySpec, text: string | null): KeyValue | undefined {
  const value = text === null ? undefined : parseKeyValue(spec, text);
  return value?.kind === 'fault' ? undefined : value;
}

/** The value a key has: what was agreed; else its default, held against an own offer the peer did not take up. */
function inForce(negotiator: Negotiator, spec: KeySpec): KeyValue | undefined {
  const entry = negotiator.agreed(spec.name);
  if (entry?.value !== undefined) return entry.value;
  const usual = read(spec, spec.defaultValue);
  const offer = entry?.offeredBy === negotiator.side ? read(spec, entry.offered) : undefined;
  if (offer === undefined || usual === undefined) return usual;
  return combine(spec, offer, usual) ?? usual;
}

function other(side: LoginSide): LoginSide {
  return side === 'initiator' ? 'target' : 'initiator';
}

function limitOf(negotiator: Negotiator, entry: Negotiated): LoginSide | null {
  const { value, spec, offeredBy } = entry;
  if (value === undefined || spec === undefined) return null;
  const result = formatKeyValue(value);
  const offer = read(spec, entry.offered);
  const wanted = offer?.kind === 'list' ? offer.list[0] : offer === undefined ? undefined : formatKeyValue(offer);
  if (wanted !== undefined && wanted !== result) return other(offeredBy);
  const own = offeredBy === negotiator.side ? undefined : negotiator.wanted(entry.key);
  const mine = own?.kind === 'list' ? own.list[0] : own === undefined ? undefined : formatKeyValue(own);
  return mine !== undefined && mine !== result ? offeredBy : null;
}

function outcomeOf(negotiator: Negotiator, entry: Negotiated): KeyOutcome {
  const { key, spec, offeredBy, offered, answered, value, note } = entry;
  const declared = spec?.rule === 'declared';
  const kept =
    declared || spec === undefined
      ? value
      : (value ?? (answered === 'Irrelevant' ? undefined : inForce(negotiator, spec)));
  const origin: KeyOrigin = `${declared ? 'declared' : 'offered'} by ${offeredBy}`;
  return {
    key,
    origin,
    offered,
    answered,
    result: kept === undefined ? null : formatKeyValue(kept),
    defaultValue: spec?.defaultValue ?? null,
    limitedBy: declared ? null : limitOf(negotiator, entry),
    ...(note === undefined ? {} : { note }),
  };
}

function undeclared(spec: KeySpec, side: LoginSide): KeyOutcome {
  const { name, defaultValue } = spec;
  const note = `The ${side} did not declare it.`;
  return {
    key: name,
    origin: 'default',
    offered: null,
    answered: null,
    result: defaultValue,
    defaultValue,
    limitedBy: null,
    note,
  };
}

function untouched(spec: KeySpec, sessionType: SessionType, session: SessionParameters | undefined): KeyOutcome {
  const inherited = spec.use === 'leading only' ? session?.negotiated.find((row) => row.key === spec.name) : undefined;
  if (inherited !== undefined) return { ...inherited, origin: 'session' };
  const relevant = sessionType === 'Normal' || spec.sessions === 'any';
  return {
    key: spec.name,
    origin: 'default',
    offered: null,
    answered: null,
    result: relevant ? spec.defaultValue : null,
    defaultValue: spec.defaultValue,
    limitedBy: null,
  };
}

/** Every key of a negotiation for display, in the order of the table; unknown keys come last. */
function outcomes(
  negotiator: Negotiator,
  sessionType: SessionType,
  session: SessionParameters | undefined,
): KeyOutcome[] {
  const rows: KeyOutcome[] = [];
  for (const spec of TEXT_KEYS) {
    const named = negotiator.entries.filter((entry) => entry.key === spec.name);
    rows.push(...named.map((entry) => outcomeOf(negotiator, entry)));
    if (spec.defaultValue === null || spec.obsolete === true) continue;
    if (spec.rule !== 'declared' || spec.senders !== 'both') {
      if (named.length === 0) rows.push(untouched(spec, sessionType, session));
      continue;
    }
    for (const side of ['initiator', 'target'] as const) {
      if (negotiator.declared(side, spec.name) === undefined) rows.push(undeclared(spec, side));
    }
  }
  for (const entry of negotiator.entries) if (entry.spec === undefined) rows.push(outcomeOf(negotiator, entry));
  return rows;
}

function requireSpec(key: string): KeySpec {
  const spec = keySpec(key);
  if (spec === undefined) throw new RangeError(`${key} is not in the table of keys.`);
  return spec;
}

function numberOf(value: KeyValue | undefined, fallback: number): number {
  return value?.kind === 'number' ? value.number : fallback;
}

function textOf(entry: Negotiated | undefined): string | null {
  return entry?.value?.kind === 'text' ? entry.value.text : null;
}

/**
 * The typed result of a negotiation. With `session` given, what belongs to the session comes from there.
 * A first burst larger than the burst it is part of is held to the burst, with a warning.
 */
export function sessionParameters(
  negotiator: Negotiator,
  sessionType: SessionType,
  session: SessionParameters | undefined,
  warn: (sentence: string) => void,
): SessionParameters {
  const value = (key: string) => inForce(negotiator, requireSpec(key));
  const number = (key: string) => numberOf(value(key), 0);
  const yes = (key: string) => {
    const found = value(key);
    return found?.kind === 'boolean' && found.yes;
  };
  const picked = <T extends string>(key: string, values: readonly T[], fallback: T): T => {
    const found = value(key);
    return values.find((item) => found?.kind === 'list' && found.list[0] === item) ?? fallback;
  };
  const digests = ['CRC32C', 'None'] as const;
  const own = negotiator.declared(negotiator.side, 'MaxRecvDataSegmentLength');
  const peer = negotiator.declared(other(negotiator.side), 'MaxRecvDataSegmentLength');
  const tag = negotiator.declared('target', 'TargetPortalGroupTag')?.value;
  const connection = {
    sessionType,
    headerDigest: picked<DigestName>('HeaderDigest', digests, 'None'),
    dataDigest: picked<DigestName>('DataDigest', digests, 'None'),
    ownMaxRecvDataSegmentLength: numberOf(own?.value, DEFAULT_SEGMENT_LENGTH),
    peerMaxRecvDataSegmentLength: numberOf(peer?.value, DEFAULT_SEGMENT_LENGTH),
    targetAlias: textOf(negotiator.declared('target', 'TargetAlias')) ?? session?.targetAlias ?? null,
    initiatorAlias: textOf(negotiator.declared('initiator', 'InitiatorAlias')) ?? session?.initiatorAlias ?? null,
    targetPortalGroupTag: tag?.kind === 'number' ? tag.number : (session?.targetPortalGroupTag ?? null),
    targetAddress: textOf(negotiator.declared('target', 'TargetAddress')) ?? session?.targetAddress ?? null,
  };
  const negotiated = outcomes(negotiator, sessionType, session);
  if (session !== undefined) return { ...session, ...connection, negotiated };
  const maxBurstLength = number('MaxBurstLength');
  const agreedFirst = number('FirstBurstLength');
  const firstBurstLength = Math.min(agreedFirst, maxBurstLength);
  if (agreedFirst > maxBurstLength && sessionType === 'Normal') {
    warn(
      `FirstBurstLength came out as ${agreedFirst}, more than MaxBurstLength ${maxBurstLength}; at most ${firstBurstLength} bytes are sent unasked.`,
    );
  }
  const level = number('ErrorRecoveryLevel');
  return {
    ...connection,
    maxConnections: number('MaxConnections'),
    initialR2T: yes('InitialR2T'),
    immediateData: yes('ImmediateData'),
    maxBurstLength,
    firstBurstLength,
    defaultTime2Wait: number('DefaultTime2Wait'),
    defaultTime2Retain: number('DefaultTime2Retain'),
    maxOutstandingR2T: number('MaxOutstandingR2T'),
    dataPduInOrder: yes('DataPDUInOrder'),
    dataSequenceInOrder: yes('DataSequenceInOrder'),
    errorRecoveryLevel: level === 2 ? 2 : level === 1 ? 1 : 0,
    taskReporting: picked<TaskReporting>('TaskReporting', ['RFC3720', 'ResponseFence', 'FastAbort'], 'RFC3720'),
    protocolLevel: number('iSCSIProtocolLevel'),
    negotiated,
  };
}

/** Parameters after a negotiation in full feature phase, where only the segment lengths and aliases can change (RFC 7143 7). */
export function renegotiated(parameters: SessionParameters, negotiator: Negotiator): SessionParameters {
  const own = negotiator.declared(negotiator.side, 'MaxRecvDataSegmentLength');
  const peer = negotiator.declared(other(negotiator.side), 'MaxRecvDataSegmentLength');
  const changed = negotiator.entries.map((entry) => outcomeOf(negotiator, entry));
  const replaces = (row: KeyOutcome) =>
    changed.some((next) => next.key === row.key && (next.origin === row.origin || row.origin === 'default'));
  return {
    ...parameters,
    ownMaxRecvDataSegmentLength: numberOf(own?.value, parameters.ownMaxRecvDataSegmentLength),
    peerMaxRecvDataSegmentLength: numberOf(peer?.value, parameters.peerMaxRecvDataSegmentLength),
    targetAlias: textOf(negotiator.declared('target', 'TargetAlias')) ?? parameters.targetAlias,
    initiatorAlias: textOf(negotiator.declared('initiator', 'InitiatorAlias')) ?? parameters.initiatorAlias,
    negotiated: [...parameters.negotiated.filter((row) => !replaces(row)), ...changed],
  };
}
