import { keySpec, OPCODES, isReservedValue, parseKeyValue, type KeySpec, type TextPair } from '../../pdu/index.ts';
import { SECRET_KEYS } from '../describe.ts';
import { TextGather } from '../text-pairs.ts';
import type { Trace } from '../trace.ts';

/** Who set the limit of a value. */
export type LimitedBy = 'initiator' | 'target' | 'both' | 'default';

/** One key of a login: what each side said and what came of it. */
export interface NegotiatedKey {
  readonly key: string;
  readonly offeredBy: 'initiator' | 'target' | null;
  readonly offered: string | null;
  readonly answered: string | null;
  readonly result: string | null;
  readonly defaultValue: string | null;
  readonly limitedBy: LimitedBy;
  /** What the result means for the session, where it is not the default. */
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

interface Said {
  initiator?: string;
  target?: string;
  first: 'initiator' | 'target';
}

/** The negotiation of a connection's login, key by key in the order they came up (RFC 7143 6.2, 13); its rows are looked for unless they are known. */
export function negotiationOf(trace: Trace, connection: number, rows?: readonly number[]): NegotiatedKey[] {
  const said = new Map<string, Said>();
  for (const turn of loginTurns(trace, connection, rows))
    for (const { key, value } of turn.pairs) {
      const side = turn.fromInitiator ? 'initiator' : 'target';
      const entry = said.get(key) ?? { first: side };
      entry[side] = value;
      said.set(key, entry);
    }
  return [...said].flatMap(([key, entry]) => rowsFor(key, entry));
}

function rowsFor(key: string, said: Said): NegotiatedKey[] {
  const spec = keySpec(key);
  if (spec?.rule === 'declared' && said.initiator !== undefined && said.target !== undefined)
    return (['initiator', 'target'] as const).map((side) =>
      declared(`${key} (${side})`, key, side, said[side] ?? '', spec),
    );
  if (spec === undefined || spec.rule === 'declared' || spec.rule === 'request') {
    const side = said.first;
    return [declared(key, key, side, said[side] ?? '', spec)];
  }
  return [negotiated(key, said, spec)];
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
    costs: spec !== undefined && spec.defaultValue !== null && value !== spec.defaultValue ? spec.effect : null,
    fault: spec === undefined ? null : faultIn(spec, value),
    clause: spec?.clause ?? null,
  };
}

function faultIn(spec: KeySpec, value: string): string | null {
  if (isReservedValue(value)) return null;
  const read = parseKeyValue(spec, value);
  return read.kind === 'fault' ? read.fault : null;
}

function negotiated(key: string, said: Said, spec: KeySpec): NegotiatedKey {
  const other = said.first === 'initiator' ? 'target' : 'initiator';
  const offered = said[said.first] ?? '';
  const answered = said[other];
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
    costs: result !== null && result !== spec.defaultValue ? spec.effect : null,
    fault: faults.find((fault) => fault !== null) ?? null,
    clause: spec.clause,
  };
}

function settle(
  spec: KeySpec,
  said: Said,
  offered: string,
  answered: string | undefined,
): { result: string | null; limitedBy: LimitedBy } {
  if (answered === undefined || isReservedValue(answered)) return { result: spec.defaultValue, limitedBy: 'default' };
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
  /** Whether PDUs may be asked for again within a command. */
  readonly recovers: boolean;
}

const DEFAULT_SEGMENT = 8192;

/** The limits a login set, or undefined where no whole login was seen; its rows are looked for unless they are known. */
export function dataLimits(trace: Trace, connection: number, rows?: readonly number[]): DataLimits | undefined {
  if (trace.connections[connection]?.loggedIn !== true) return undefined;
  const keys = new Map(negotiationOf(trace, connection, rows).map((row) => [row.key, row]));
  const text = (key: string, otherwise: string): string => keys.get(key)?.result ?? otherwise;
  const number = (key: string, otherwise: number): number => {
    const value = Number(text(key, String(otherwise)));
    return Number.isFinite(value) ? value : otherwise;
  };
  const single = keys.get('MaxRecvDataSegmentLength');
  const segment = (side: 'initiator' | 'target'): number => {
    const row = keys.get(`MaxRecvDataSegmentLength (${side})`) ?? (single?.offeredBy === side ? single : undefined);
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
    recovers: number('ErrorRecoveryLevel', 0) > 0,
  };
}
