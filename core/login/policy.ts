import { UsageError } from '../errors/index.ts';
import {
  extensionOf,
  formatKeyValue,
  isTextKey,
  keySpec,
  parseKeyValue,
  quote,
  type KeySpec,
  type KeyValue,
  type OperationalKey,
} from '../pdu/index.ts';
import type { LoginSide, OperationalOffers, SessionType } from './types.ts';

/** What one side brings to a negotiation. */
export interface Policy {
  /** Own value of every operational key: what is offered, or held against the peer's offer. */
  readonly own: ReadonlyMap<string, KeyValue>;
  /** Keys to name without being asked, in the order they are sent, with their text. */
  readonly named: ReadonlyMap<string, string>;
}

const KEY_OF: { readonly [P in keyof OperationalOffers]-?: OperationalKey } = {
  headerDigest: 'HeaderDigest',
  dataDigest: 'DataDigest',
  maxConnections: 'MaxConnections',
  initialR2T: 'InitialR2T',
  immediateData: 'ImmediateData',
  maxRecvDataSegmentLength: 'MaxRecvDataSegmentLength',
  maxBurstLength: 'MaxBurstLength',
  firstBurstLength: 'FirstBurstLength',
  defaultTime2Wait: 'DefaultTime2Wait',
  defaultTime2Retain: 'DefaultTime2Retain',
  maxOutstandingR2T: 'MaxOutstandingR2T',
  dataPduInOrder: 'DataPDUInOrder',
  dataSequenceInOrder: 'DataSequenceInOrder',
  errorRecoveryLevel: 'ErrorRecoveryLevel',
  taskReporting: 'TaskReporting',
  protocolLevel: 'iSCSIProtocolLevel',
};

const USUAL: ReadonlyMap<string, string> = new Map<OperationalKey, string>([
  ['HeaderDigest', 'None,CRC32C'],
  ['DataDigest', 'None,CRC32C'],
  ['MaxConnections', '1'],
  ['InitialR2T', 'No'],
  ['ImmediateData', 'Yes'],
  ['MaxRecvDataSegmentLength', '262144'],
  ['MaxBurstLength', '262144'],
  ['FirstBurstLength', '65536'],
  ['DefaultTime2Wait', '2'],
  ['DefaultTime2Retain', '20'],
  ['MaxOutstandingR2T', '8'],
  ['DataPDUInOrder', 'Yes'],
  ['DataSequenceInOrder', 'Yes'],
  ['ErrorRecoveryLevel', '0'],
  ['TaskReporting', 'RFC3720'],
  ['iSCSIProtocolLevel', '1'],
]);

/** Keys an initiator names only where it was told to: older targets do not know them. */
const ON_DEMAND: readonly string[] = ['TaskReporting', 'iSCSIProtocolLevel'];

function textOf(value: number | boolean | readonly string[]): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return typeof value === 'number' ? String(value) : value.join(',');
}

function readOwn(spec: KeySpec, text: string): KeyValue {
  const value = parseKeyValue(spec, text);
  if (value.kind === 'fault')
    throw new UsageError('OUT_OF_RANGE', `${spec.name}=${quote(text)} cannot be offered: the value ${value.fault}.`);
  if (value.kind === 'list' && spec.type.kind === 'list') {
    const known = spec.type.values;
    const strange = value.list.find((item) => !known.includes(item));
    if (strange !== undefined)
      throw new UsageError(
        'UNSUPPORTED',
        `${spec.name}=${quote(strange)} is not supported; ${known.join(' and ')} are.`,
      );
  }
  return value;
}

function overridable(name: string): KeySpec | undefined {
  const spec = keySpec(name);
  return spec !== undefined && (USUAL.has(name) || name === 'X#NodeArchitecture') ? spec : undefined;
}

interface PolicyInput {
  readonly side: LoginSide;
  readonly sessionType: SessionType;
  /** Whether the connection starts its session; later ones negotiate connection keys only. */
  readonly leading: boolean;
  readonly offers?: OperationalOffers;
  readonly overrides?: ReadonlyMap<string, string>;
}

function explicitTexts(input: PolicyInput): Map<string, string> {
  const texts = new Map<string, string>();
  for (const property of Object.keys(KEY_OF) as (keyof OperationalOffers)[]) {
    const value = input.offers?.[property];
    if (value !== undefined) texts.set(KEY_OF[property], textOf(value));
  }
  for (const [name, text] of input.overrides ?? []) {
    const extension = extensionOf(name);
    if (overridable(name) === undefined && extension !== 'private key' && extension !== 'registered key')
      throw new UsageError('BAD_ARGUMENT', `${quote(name)} cannot be overridden.`, {
        hint: 'Write an operational key of RFC 7143 section 13 exactly as it is there, or an X- key.',
      });
    if (!isTextKey(name) || text.includes('\0'))
      throw new UsageError('BAD_ARGUMENT', `${quote(name)} = ${quote(text)} cannot be sent as a text key.`);
    texts.set(name, text);
  }
  return texts;
}

function numberOf(value: KeyValue | undefined): number {
  return value?.kind === 'number' ? value.number : 0;
}

/** A burst sent unasked is part of the larger burst; a value of one's own that breaks this is a UsageError. */
function settleBursts(own: Map<string, KeyValue>, explicit: ReadonlyMap<string, string>): void {
  const first = numberOf(own.get('FirstBurstLength'));
  const most = numberOf(own.get('MaxBurstLength'));
  if (first <= most) return;
  if (explicit.has('FirstBurstLength'))
    throw new UsageError('OUT_OF_RANGE', `FirstBurstLength ${first} cannot be more than MaxBurstLength ${most}.`);
  own.set('FirstBurstLength', { kind: 'number', number: most });
}

/** Makes the values of one side from its options; a value outside its key's range is a UsageError that names it. */
export function buildPolicy(input: PolicyInput): Policy {
  const explicit = explicitTexts(input);
  const own = new Map<string, KeyValue>();
  const named = new Map<string, string>();
  for (const [name, usual] of USUAL) {
    const spec = overridable(name);
    // Some targets agree on a digest in discovery and then drop the connection, so none is offered there unasked.
    const text =
      input.sessionType === 'Discovery' && usual.includes('CRC32C') && input.side === 'initiator' ? 'None' : usual;
    if (spec !== undefined) own.set(name, readOwn(spec, explicit.get(name) ?? text));
  }
  settleBursts(own, explicit);
  for (const [name, value] of own) {
    const spec = overridable(name);
    const asked = explicit.has(name);
    const relevant = input.sessionType === 'Normal' || spec?.use !== 'leading only';
    const wanted = asked || (relevant && !ON_DEMAND.includes(name));
    if (wanted && (input.leading || spec?.scope === 'connection'))
      named.set(name, explicit.get(name) ?? formatKeyValue(value));
  }
  for (const [name, text] of explicit) if (!USUAL.has(name)) named.set(name, text);
  return { own, named };
}

/** Offers of which the later ones go before the earlier ones. */
export function offersOf(...layers: readonly (OperationalOffers | undefined)[]): OperationalOffers {
  return layers.reduce<OperationalOffers>((all, layer) => ({ ...all, ...layer }), {});
}
