import type { TraceConnection } from '../connection.ts';
import type { Trace } from '../trace.ts';
import { MARKS, type PduPage } from '../columns.ts';
import { addressNumber, compareAddresses, familyOf } from './address.ts';
import type { FilterEnd } from './field-types.ts';
import { holdsAmong } from './numbers.ts';
import type { FilterNode } from './parse.ts';
import { testText } from './stream.ts';

type Leaf = Extract<FilterNode, { field: unknown }>;

const UNKNOWN = 0;
const NO = 1;
const YES = 2;

/** What a side has that an end of the PDU is on: the initiator's first. */
function pick<T>(end: FilterEnd, outgoing: boolean, initiator: T, target: T): readonly T[] {
  if (end === 'either') return [initiator, target];
  return (end === 'source') === outgoing ? [initiator] : [target];
}

function testHosts(leaf: Leaf, hosts: readonly string[]): boolean {
  const { kind, family } = leaf.field;
  if (kind === 'text')
    return leaf.kind === 'equalsText' && leaf.negated
      ? hosts.every((host) => testText(leaf, host))
      : hosts.some((host) => testText(leaf, host));
  const known = hosts.flatMap((text) => {
    const number = addressNumber(text);
    return number === undefined || (family !== undefined && familyOf(number) !== family) ? [] : [{ text, number }];
  });
  switch (leaf.kind) {
    case 'address':
      return compareAddresses(
        known.map(({ number }) => number),
        leaf.op,
        leaf.ranges,
      );
    case 'contains':
    case 'matches':
      return known.some(({ text }) => testText(leaf, text));
    default:
      return kind === 'flag' ? holdsAmong(leaf, [known.length > 0 ? 1 : 0]) : known.length > 0;
  }
}

function testEnds(leaf: Leaf, end: FilterEnd, connection: TraceConnection, outgoing: boolean): boolean {
  const { initiatorHost, initiatorPort, targetHost, targetPort } = connection.endpoints;
  if (leaf.field.kind === 'number') return holdsAmong(leaf, pick(end, outgoing, initiatorPort, targetPort));
  return testHosts(leaf, pick(end, outgoing, initiatorHost, targetHost));
}

function testConnection(leaf: Leaf, connection: TraceConnection, outgoing: boolean): boolean {
  const { name, end } = leaf.field;
  if (end !== undefined) return testEnds(leaf, end, connection, outgoing);
  return testText(leaf, name === 'initiatorName' ? connection.initiatorName : connection.targetName);
}

/** Answers a leaf about connections, worked out once for each direction of each. */
export class ConnectionTest {
  readonly #trace: Trace;
  readonly #leaf: Leaf;
  readonly #negated: boolean;
  readonly #known: Uint8Array;

  constructor(trace: Trace, leaf: Leaf, negated: boolean) {
    this.#trace = trace;
    this.#leaf = leaf;
    this.#negated = negated;
    this.#known = new Uint8Array(trace.connections.length * 2);
  }

  /** Writes 1 for the rows of a page that hold. */
  fill({ connection, marks }: PduPage, count: number, mask: Uint8Array): void {
    const known = this.#known;
    for (let i = 0; i < count; i += 1) {
      const way = (connection[i] as number) * 2 + ((marks[i] as number) & MARKS.fromInitiator);
      const answer = known[way] ?? UNKNOWN;
      mask[i] = answer === UNKNOWN ? (this.#judge(way) ? 1 : 0) : answer - NO;
    }
  }

  /** Whether one row holds. */
  test({ connection, marks }: PduPage, i: number): boolean {
    const way = (connection[i] as number) * 2 + ((marks[i] as number) & MARKS.fromInitiator);
    return (this.#known[way] ?? UNKNOWN) === UNKNOWN ? this.#judge(way) : this.#known[way] === YES;
  }

  #judge(way: number): boolean {
    const connection = this.#trace.connections[way >> 1];
    const holds = connection !== undefined && testConnection(this.#leaf, connection, (way & 1) === 1) !== this.#negated;
    if (way < this.#known.length) this.#known[way] = holds ? YES : NO;
    return holds;
  }
}
