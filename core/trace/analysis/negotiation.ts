import { keySpec, OPCODES, isReservedValue, type KeySpec, type ReservedValue, type TextPair } from '../../pdu/index.ts';
import { isCut, MARKS } from '../columns.ts';
import { SECRET_KEYS } from '../describe.ts';
import { TextGather } from '../text-pairs.ts';
import type { Trace } from '../trace.ts';
import { answerFault, faultIn } from './negotiation-faults.ts';
import { costOf } from './negotiation-costs.ts';

/** Who set the limit of a value; `none` where no value is in force. */
export type LimitedBy = 'initiator' | 'target' | 'both' | 'default' | 'none';

/** One key of a login: what each side said and what came of it. */
export interface NegotiatedKey {
  readonly key: string;
  readonly offeredBy: 'initiator' | 'target' | null;
  readonly offered: string | null;
  readonly answered: string | null;
  readonly result: string | null;
  readonly defaultValue: string | null;
  readonly limitedBy: LimitedBy;
  /** What the result costs, or means where it is not the default, and what was refused. */
  readonly costs: string | null;
  /** What is wrong with a value, where something is. */
  readonly fault: string | null;
  readonly clause: string | null;
}

/** The text of one side's turn in a login. */
export interface LoginTurn {
  readonly row: number;
  readonly fromInitiator: boolean;
  readonly pairs: readonly TextPair[];
}

/** Most PDUs of a login that are looked at. */
export const LOGIN_ROWS = 4000;

/** Rows of login PDUs of a connection, in order. */
export function loginRows(trace: Trace, connection: number): number[] {
  const info = trace.connections[connection];
  const rows: number[] = [];
  if (info === undefined || info.firstPdu < 0 || !info.loginSeen) return rows;
  for (let row = info.firstPdu; row <= info.lastPdu && rows.length < LOGIN_ROWS; row += 1) {
    const page = trace.pdus.pageOf(row);
    const i = row & trace.pdus.table.mask;
    if (page.connection[i] !== connection) continue;
    const opcode = (page.opcode[i] as number) & 0x3f;
    if (opcode === OPCODES.loginRequest || opcode === OPCODES.loginResponse) rows.push(row);
    else if (info.loggedIn && rows.length > 0) break;
  }
  return rows;
}

/** The same for every connection of a trace in one look at its index, by the connections' numbers. */
export function allLoginRows(trace: Trace): number[][] {
  const { table } = trace.pdus;
  const found = trace.connections.map((): number[] => []);
  const over = new Uint8Array(found.length);
  for (let number = 0; number < table.pageCount; number += 1) {
    const { opcode, connection } = table.page(number);
    const count = table.rowsIn(number);
    for (let i = 0; i < count; i += 1) {
      const id = connection[i] as number;
      const rows = found[id];
      if (rows === undefined || over[id] === 1) continue;
      const kind = (opcode[i] as number) & 0x3f;
      if (kind !== OPCODES.loginRequest && kind !== OPCODES.loginResponse) {
        if (rows.length > 0 && trace.connections[id]?.loggedIn === true) over[id] = 1;
      } else if (rows.length < LOGIN_ROWS) rows.push((number << table.shift) + i);
    }
  }
  return found;
}

/** The turns of a connection's login, texts put together; its rows are looked for unless they are known. */
export function loginTurns(
  trace: Trace,
  connection: number,
  rows: readonly number[] = loginRows(trace, connection),
): LoginTurn[] {
  const gather = [new TextGather(), new TextGather()] as const;
  const turns: LoginTurn[] = [];
  for (const row of rows) {
    const [page, i] = trace.at(row);
    const fromInitiator = ((page.opcode[i] as number) & 0x3f) === OPCODES.loginRequest;
    const goesOn = ((page.flags[i] as number) & 0x40) !== 0;
    const pairs = gather[fromInitiator ? 0 : 1].add(trace.readPdu(row).data, !goesOn);
    if (!goesOn) turns.push({ row, fromInitiator, pairs });
  }
  return turns;
}

/** What the two sides said of a key, each the last time, and who began. */
export interface Said {
  initiator?: string;
  target?: string;
  first: 'initiator' | 'target';
}

/** The negotiation of a connection's login, key by key in the order they came up (RFC 7143 6.2, 13); its rows are looked for unless they are known. */
export function negotiationOf(trace: Trace, connection: number, rows?: readonly number[]): NegotiatedKey[] {
  return negotiatedIn(loginTurns(trace, connection, rows));
}

/** What was said in a login, by key. */
export function saidIn(turns: readonly LoginTurn[]): Map<string, Said> {
  const said = new Map<string, Said>();
  for (const turn of turns)
    for (const { key, value } of turn.pairs) {
      const side = turn.fromInitiator ? 'initiator' : 'target';
      const entry = said.get(key) ?? { first: side };
      entry[side] = value;
      said.set(key, entry);
    }
  return said;
}

function negotiatedIn(turns: readonly LoginTurn[]): NegotiatedKey[] {
  const keys = [...saidIn(turns)].flatMap(([key, entry]) => rowsFor(key, entry));
  const results = new Map(keys.map((row) => [row.key, row.result]));
  const single = keys.find((row) => row.key === SEGMENT_KEY);
  if (single !== undefined && single.offeredBy !== null)
    results.set(`${SEGMENT_KEY} (${single.offeredBy})`, single.result);
  const resultOf = (key: string): string => results.get(key) ?? keySpec(key.split(' ')[0] ?? key)?.defaultValue ?? '';
  return keys.map((row) => ({ ...row, costs: costsOf(row, resultOf) }));
}

const REFUSALS: Readonly<Record<ReservedValue, string>> = {
  NotUnderstood: 'Not understood',
  Reject: 'Refused',
  Irrelevant: 'Called irrelevant',
};

/** What a key without a part in the session falls back to: nothing at all where it is irrelevant, else its default. */
function fallback(
  reply: string | undefined,
  spec: KeySpec | undefined,
): { result: string | null; limitedBy: LimitedBy } {
  const result = reply === 'Irrelevant' ? null : (spec?.defaultValue ?? null);
  return { result, limitedBy: result === null ? 'none' : 'default' };
}

function costsOf(row: NegotiatedKey, resultOf: (key: string) => string): string | null {
  const { offered, answered, result } = row;
  const spec = keySpec(row.key.split(' ')[0] ?? row.key);
  const named = [offered, answered].filter((value): value is string => value !== null && !isReservedValue(value));
  const isValid = result !== null && spec !== undefined && faultIn(spec, result) === null;
  const cost = isValid ? costOf({ key: row.key, spec, result, named, resultOf }) : null;
  if (answered === null || !isReservedValue(answered)) return cost;
  const by = row.offeredBy === null ? '' : ` by the ${row.offeredBy === 'initiator' ? 'target' : 'initiator'}`;
  const holds = result === null ? 'no value is in force' : `the default ${result} holds`;
  const refused = `${REFUSALS[answered]}${by}: ${holds}.`;
  return cost === null ? refused : `${refused} ${cost}`;
}

function rowsFor(key: string, said: Said): NegotiatedKey[] {
  const spec = keySpec(key);
  if (spec === undefined || spec.rule === 'declared' || spec.rule === 'request') return declarations(key, said, spec);
  return [negotiated(key, said, spec)];
}

/** A key one side just says, or both do; a reserved word beside it is an answer, and so is any word beside a private key (RFC 7143 6.2). */
function declarations(key: string, said: Said, spec: KeySpec | undefined): NegotiatedKey[] {
  const { first } = said;
  const other = first === 'initiator' ? 'target' : 'initiator';
  const [value, reply] = [said[first] ?? '', said[other]];
  if (isReservedValue(value)) return [replied(key, null, reply ?? null, value, spec)];
  if (reply === undefined) return [declared(key, key, first, value, spec)];
  if (isReservedValue(reply)) return [replied(key, first, value, reply, spec)];
  if (spec?.rule === 'declared')
    return (['initiator', 'target'] as const).map((side) =>
      declared(`${key} (${side})`, key, side, said[side] ?? '', spec),
    );
  return [
    {
      ...declared(key, key, first, value, spec),
      answered: shown(key, reply),
      result: shown(key, reply),
      limitedBy: value === reply ? 'both' : other,
    },
  ];
}

/** A key that was answered with a word that is no value: the default holds, or nothing. */
function replied(
  key: string,
  side: 'initiator' | 'target' | null,
  value: string | null,
  reply: string,
  spec: KeySpec | undefined,
): NegotiatedKey {
  return {
    key,
    offeredBy: side,
    offered: value === null ? null : shown(key, value),
    answered: reply,
    ...fallback(reply, spec),
    defaultValue: spec?.defaultValue ?? null,
    costs: null,
    fault: null,
    clause: spec?.clause ?? null,
  };
}

function shown(key: string, value: string): string {
  return SECRET_KEYS.has(key) ? `(${value.length} characters, not shown)` : value;
}

function declared(
  name: string,
  key: string,
  side: 'initiator' | 'target',
  value: string,
  spec: KeySpec | undefined,
): NegotiatedKey {
  return {
    key: name,
    offeredBy: side,
    offered: shown(key, value),
    answered: null,
    result: shown(key, value),
    defaultValue: spec?.defaultValue ?? null,
    limitedBy: side,
    costs: null,
    fault: spec === undefined ? null : faultIn(spec, value),
    clause: spec?.clause ?? null,
  };
}

function negotiated(key: string, said: Said, spec: KeySpec): NegotiatedKey {
  const other = said.first === 'initiator' ? 'target' : 'initiator';
  const offered = said[said.first] ?? '';
  const answered = said[other];
  if (isReservedValue(offered)) return replied(key, null, answered ?? null, offered, spec);
  const { result, limitedBy } = settle(spec, said, offered, answered);
  const faults = [offered, ...(answered === undefined ? [] : [answered])].map((value) => faultIn(spec, value));
  return {
    key,
    offeredBy: said.first,
    offered,
    answered: answered ?? null,
    result,
    defaultValue: spec.defaultValue,
    limitedBy,
    costs: null,
    fault:
      faults.find((fault) => fault !== null) ?? (answered === undefined ? null : answerFault(spec, offered, answered)),
    clause: spec.clause,
  };
}

function settle(
  spec: KeySpec,
  said: Said,
  offered: string,
  answered: string | undefined,
): { result: string | null; limitedBy: LimitedBy } {
  if (answered === undefined || isReservedValue(answered)) return fallback(answered, spec);
  const other = said.first === 'initiator' ? 'target' : 'initiator';
  if (spec.rule === 'choice') return { result: answered, limitedBy: offered === answered ? 'both' : other };
  if (offered === answered) return { result: answered, limitedBy: 'both' };
  if (spec.rule === 'minimum' || spec.rule === 'maximum') {
    const [a, b] = [Number(offered), Number(answered)];
    const offeredWins = spec.rule === 'minimum' ? a < b : a > b;
    return { result: offeredWins ? offered : answered, limitedBy: offeredWins ? said.first : other };
  }
  const wanted = spec.rule === 'or' ? 'Yes' : 'No';
  const offeredWins = offered === wanted;
  return {
    result: offeredWins || answered === wanted ? wanted : answered,
    limitedBy: offeredWins ? said.first : other,
  };
}

/** Numbers a connection's data has to keep to. */
export interface DataLimits {
  readonly initialR2T: boolean;
  readonly immediateData: boolean;
  readonly firstBurstLength: number;
  readonly maxBurstLength: number;
  /** Longest segments each side takes. */
  readonly initiatorSegment: number;
  readonly targetSegment: number;
  readonly inOrder: boolean;
  /** Whether offsets rise within a sequence. */
  readonly pdusInOrder: boolean;
  /** Whether sequences of a command come in the order of their offsets. */
  readonly sequencesInOrder: boolean;
  /** Whether PDUs may be asked for again within a command. */
  readonly recovers: boolean;
  /** Ready To Transfers that a command may have open at once. */
  readonly maxOutstandingR2T: number;
  /** Connections the session may have. */
  readonly maxConnections: number;
}

const DEFAULT_SEGMENT = 8192;
/** The one key that each side may say again after its login. */
export const SEGMENT_KEY = 'MaxRecvDataSegmentLength';

/**
 * Whether all that a login agreed on can be known: its first request, which names the initiator (RFC 7143 13.5), was seen, and
 * nothing behind it is missing. What a side said unseen would otherwise be taken for a default.
 */
export function isWhole(trace: Trace, rows: readonly number[], turns: readonly LoginTurn[]): boolean {
  const first = turns[0];
  if (first?.fromInitiator !== true || !first.pairs.some(({ key }) => key === 'InitiatorName')) return false;
  return rows.every((row, k) => {
    const [page, i] = trace.at(row);
    return !isCut(page, i) && (k === 0 || ((page.marks[i] as number) & MARKS.gapBefore) === 0);
  });
}

/** The limits a login set, or undefined where no whole login was seen; its rows are looked for unless they are known. */
export function dataLimits(
  trace: Trace,
  connection: number,
  rows: readonly number[] = loginRows(trace, connection),
): DataLimits | undefined {
  const info = trace.connections[connection];
  if (info?.loggedIn !== true || info.isPartial) return undefined;
  const turns = loginTurns(trace, connection, rows);
  if (!isWhole(trace, rows, turns)) return undefined;
  const keys = new Map(negotiatedIn(turns).map((row) => [row.key, row]));
  const text = (key: string, otherwise: string): string => keys.get(key)?.result ?? otherwise;
  const number = (key: string, otherwise: number): number => {
    const value = Number(text(key, String(otherwise)));
    return Number.isFinite(value) ? value : otherwise;
  };
  const single = keys.get(SEGMENT_KEY);
  const segment = (side: 'initiator' | 'target'): number => {
    const row = keys.get(`${SEGMENT_KEY} (${side})`) ?? (single?.offeredBy === side ? single : undefined);
    return row === undefined ? DEFAULT_SEGMENT : Number(row.result);
  };
  return {
    initialR2T: text('InitialR2T', 'Yes') === 'Yes',
    immediateData: text('ImmediateData', 'Yes') === 'Yes',
    firstBurstLength: number('FirstBurstLength', 65_536),
    maxBurstLength: number('MaxBurstLength', 262_144),
    initiatorSegment: segment('initiator'),
    targetSegment: segment('target'),
    inOrder: text('DataPDUInOrder', 'Yes') === 'Yes' && text('DataSequenceInOrder', 'Yes') === 'Yes',
    pdusInOrder: text('DataPDUInOrder', 'Yes') === 'Yes',
    sequencesInOrder: text('DataSequenceInOrder', 'Yes') === 'Yes',
    recovers: number('ErrorRecoveryLevel', 0) > 0,
    maxOutstandingR2T: number('MaxOutstandingR2T', 1),
    maxConnections: number('MaxConnections', 1),
  };
}
