import type { AddressRange } from './address.ts';
import { bareTextError, isQualified } from './bare-text.ts';
import type { FilterField } from './field-types.ts';
import { fieldNames, findField } from './fields.ts';
import { foreignError } from './foreign.ts';
import { beginningWith, nearest } from './nearest.ts';
import { FilterError, quote, tokenize, type Token } from './tokens.ts';
import { readAddress, readBytes, readValue, unquote } from './values.ts';

/** Comparisons a filter knows. */
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** A number, a stretch of numbers, or a command with its service action. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
  readonly serviceAction?: number;
}

/** A filter as a tree. */
export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly left: FilterNode; readonly right: FilterNode }
  | { readonly kind: 'not'; readonly inner: FilterNode }
  /** The field's flag is set, or its value is there at all. */
  | { readonly kind: 'present'; readonly field: FilterField }
  | { readonly kind: 'compare'; readonly field: FilterField; readonly op: Comparison; readonly value: NumberRange }
  | { readonly kind: 'in'; readonly field: FilterField; readonly ranges: readonly NumberRange[] }
  /** One of the addresses compares; with `!=` all of them lie outside the ranges. */
  | {
      readonly kind: 'address';
      readonly field: FilterField;
      readonly op: Comparison;
      readonly ranges: readonly AddressRange[];
    }
  | {
      readonly kind: 'equalsBytes';
      readonly field: FilterField;
      readonly values: readonly Uint8Array[];
      readonly negated: boolean;
    }
  | { readonly kind: 'equalsText'; readonly field: FilterField; readonly text: string; readonly negated: boolean }
  | { readonly kind: 'contains'; readonly field: FilterField; readonly bytes: Uint8Array; readonly text: string }
  | { readonly kind: 'matches'; readonly field: FilterField; readonly pattern: RegExp }
  | { readonly kind: 'freeText'; readonly text: string };

type SearchNode = Extract<FilterNode, { kind: 'contains' | 'matches' }>;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '==': '==',
  eq: '==',
  '!=': '!=',
  ne: '!=',
  '<': '<',
  lt: '<',
  '<=': '<=',
  le: '<=',
  '>': '>',
  gt: '>',
  '>=': '>=',
  ge: '>=',
};

const EXCLUSIVE = new Set(['xor', '^^']);
const ENDS_TERM = new Set(['&&', 'and', '||', 'or', ')', ...EXCLUSIVE]);
const BEGINS_TERM = new Set(['!', 'not', '(']);

const DEPTH_LIMIT = 200;

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): FilterNode {
    const node = this.#or();
    const left = this.#peek();
    if (left.kind !== 'end')
      throw new FilterError(
        `The filter is complete before "${left.text}".`,
        left.from,
        left.to,
        beginsTerm(left) ? `&& ${left.text}` : undefined,
      );
    return node;
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] as Token;
  }

  /** The token behind the next one. */
  #second(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)] as Token;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #accept(...texts: string[]): boolean {
    const token = this.#peek();
    if (token.kind === 'string' || !texts.includes(token.text.toLowerCase())) return false;
    this.#at += 1;
    return true;
  }

  /** Takes `text`; where something else stands, `instead` says what is to stand in its place. */
  #expect(text: string, why: string, instead: (there: string) => string): void {
    const { kind, text: there, from, to } = this.#next();
    if (there === text) return;
    const word = kind === 'word' || kind === 'number';
    throw new FilterError(
      `"${text}" is missing ${why}.`,
      from,
      to,
      kind === 'end' ? text : word ? instead(there) : undefined,
    );
  }

  #or(): FilterNode {
    let left = this.#and();
    while (this.#accept('||', 'or')) left = { kind: 'or', left, right: this.#and() };
    const { kind, text, from, to } = this.#peek();
    if (kind !== 'string' && EXCLUSIVE.has(text.toLowerCase()))
      throw new FilterError('There is no exclusive or here: (a || b) && !(a && b) says the same.', from, to);
    return left;
  }

  #and(): FilterNode {
    let left = this.#not();
    while (this.#accept('&&', 'and')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): FilterNode {
    const { from, to } = this.#peek();
    this.#depth += 1;
    if (this.#depth > DEPTH_LIMIT) throw new FilterError('The filter is nested too deeply.', from, to);
    const node: FilterNode = this.#accept('!', 'not') ? not(this.#not()) : this.#primary();
    this.#depth -= 1;
    return node;
  }

  #primary(): FilterNode {
    if (this.#accept('(')) {
      const inner = this.#or();
      this.#expect(')', 'to close the bracket', (there) => `&& ${there}`);
      return inner;
    }
    const token = this.#next();
    if (token.kind === 'string') return { kind: 'freeText', text: unquote(token.text) };
    if (token.kind !== 'word') {
      const what =
        token.kind === 'end' ? 'The filter ends where a field should stand.' : `"${token.text}" is no field.`;
      throw new FilterError(what, token.from, token.to);
    }
    const field = findField(token.text);
    if (field === undefined) throw this.#unknown(token);
    return this.#term(field, token);
  }

  /** What is wrong with a name that no field has. */
  #unknown(name: Token): FilterError {
    const { text, from, to } = name;
    const next = this.#next();
    const foreign = foreignError(name, next, this.#peek());
    if (foreign !== undefined) return foreign;
    const near = nearest(text, fieldNames()) ?? beginningWith(text, fieldNames());
    const alone = next.kind === 'end' || ENDS_TERM.has(next.text.toLowerCase());
    return near === undefined && alone && !isQualified(text)
      ? new FilterError(`There is no field "${text}"; free text is written in double quotes.`, from, to, quote(text))
      : new FilterError(`There is no field "${text}".`, from, to, near);
  }

  #term(field: FilterField, name: Token): FilterNode {
    const token = this.#peek();
    const op = token.kind === 'string' ? undefined : COMPARISONS[token.text.toLowerCase()];
    if (op !== undefined) {
      this.#at += 1;
      return this.#comparison(field, name, op, token);
    }
    if (this.#accept('in')) return this.#set(field, name);
    if (this.#second().text.toLowerCase() === 'in' && this.#accept('not')) {
      this.#at += 1;
      return not(this.#set(field, name));
    }
    if (this.#accept('contains')) return search(field, (one) => this.#contains(one, token));
    if (this.#accept('matches', '~')) return search(field, (one) => this.#matches(one, token));
    if ((field.kind === 'text' && field.carriedBy === undefined) || isSearched(field))
      throw new FilterError(
        `${field.name} needs a comparison: ==, contains or matches.`,
        name.from,
        name.to,
        `${name.text} contains "…"`,
      );
    return { kind: 'present', field };
  }

  #comparison(field: FilterField, name: Token, op: Comparison, at: Token): FilterNode {
    const token = this.#next();
    if (field.kind === 'address') {
      const range = this.#addresses(field, name, token);
      if (range.low !== range.high && op !== '==' && op !== '!=') throw refuseRange(token);
      return { kind: 'address', field, op, ranges: [range] };
    }
    if (field.kind === 'text' || field.kind === 'bytes') {
      if (field.kind === 'text' && op !== '==' && op !== '!=')
        throw new FilterError(`${field.name} is text: it takes ==, !=, contains and matches.`, token.from, token.to);
      if (isSearched(field))
        throw new FilterError(`${field.name} takes contains and matches.`, at.from, at.to, 'contains');
      if (field.kind === 'bytes' && op !== '==' && op !== '!=')
        throw new FilterError(`${field.name} is bytes: it takes ==, !=, in, contains and matches.`, at.from, at.to);
      if (field.kind === 'bytes')
        return { kind: 'equalsBytes', field, values: [readBytes(name, token)], negated: op === '!=' };
      return { kind: 'equalsText', field, text: this.#textOf(token), negated: op === '!=' };
    }
    const value = this.#range(field, token);
    if (value.low !== value.high && op !== '==' && op !== '!=') throw refuseRange(token);
    return { kind: 'compare', field, op, value };
  }

  #set(field: FilterField, name: Token): FilterNode {
    if (field.kind === 'text' || isSearched(field)) {
      const token = this.#peek();
      throw new FilterError(`${field.name} is text: sets hold numbers and names.`, token.from, token.to);
    }
    if (field.kind === 'address')
      return {
        kind: 'address',
        field,
        op: '==',
        ranges: this.#members((token) => this.#addresses(field, name, token)),
      };
    if (field.kind === 'bytes')
      return { kind: 'equalsBytes', field, values: this.#members((token) => readBytes(name, token)), negated: false };
    return { kind: 'in', field, ranges: this.#members((token) => this.#range(field, token)) };
  }

  #members<T>(read: (token: Token) => T): T[] {
    if (this.#peek().text !== '{') throw this.#unopened();
    this.#at += 1;
    const out: T[] = [];
    do out.push(read(this.#next()));
    while (this.#accept(','));
    this.#expect('}', 'to close the set', (there) => `, ${there}`);
    return out;
  }

  /** The error for a set without its brackets, which are put around all that could be its members. */
  #unopened(): FilterError {
    const { from, to } = this.#peek();
    const members: Token[] = [];
    while (['word', 'number', 'string'].includes(this.#peek().kind) || [',', '..'].includes(this.#peek().text))
      members.push(this.#next());
    const last = members.at(-1);
    const text = members.map((each) => (each.text === ',' ? ', ' : each.text)).join('');
    return new FilterError(
      '"{" is missing to open the set.',
      from,
      last?.to ?? to,
      last === undefined ? (from === to ? '{' : undefined) : `{${text}}`,
    );
  }

  #addresses(field: FilterField, name: Token, token: Token): AddressRange {
    const first = readAddress(field, name, token);
    if (!this.#accept('..')) return first;
    const second = readAddress(field, name, this.#next());
    if (second.high < first.low) throw new FilterError('The range ends before it begins.', token.from, token.to);
    return { low: first.low, high: second.high };
  }

  /** A command's name as it is shown, `READ(10)`, is one word. */
  #withLength(token: Token): Token {
    const [open, length, close] = [0, 1, 2].map((ahead) => this.#tokens[this.#at + ahead]);
    if (token.kind !== 'word' || open?.text !== '(' || length?.kind !== 'number' || close?.text !== ')') return token;
    if (open.from !== token.to || length.from !== open.to || close.from !== length.to) return token;
    this.#at += 3;
    return { ...token, text: `${token.text}(${length.text})`, to: close.to };
  }

  #range(field: FilterField, token: Token): NumberRange {
    const first = readValue(field, this.#withLength(token));
    if (!this.#accept('..')) return first;
    const second = readValue(field, this.#withLength(this.#next()));
    if (second.high < first.low) throw new FilterError('The range ends before it begins.', token.from, token.to);
    return { low: first.low, high: second.high };
  }

  #contains(field: FilterField, at: Token): SearchNode {
    const token = this.#next();
    if (!holdsText(field))
      throw new FilterError(`${field.name} is a number: contains is for text and bytes.`, at.from, at.to, '==');
    if (token.kind === 'bytes' || (token.kind === 'number' && field.kind === 'bytes' && !isSearched(field)))
      return { kind: 'contains', field, bytes: readBytes(at, token), text: '' };
    const text = this.#textOf(token);
    return { kind: 'contains', field, bytes: new TextEncoder().encode(text), text };
  }

  #matches(field: FilterField, at: Token): SearchNode {
    const token = this.#next();
    if (!holdsText(field))
      throw new FilterError(`${field.name} is a number: matches is for text and bytes.`, at.from, at.to, '==');
    try {
      // Upper and lower case are the same unless the pattern says otherwise, as in Wireshark.
      const [, minus = '', pattern = ''] = /^(?:\(\?(-?)i\))?(.*)$/su.exec(this.#textOf(token)) ?? [];
      return { kind: 'matches', field, pattern: new RegExp(pattern, minus === '' ? 'iu' : 'u') };
    } catch (error) {
      if (error instanceof FilterError) throw error;
      throw new FilterError('This is not a regular expression.', token.from, token.to);
    }
  }

  #textOf(token: Token): string {
    if (token.kind === 'string') return unquote(token.text);
    if (token.kind === 'word') return token.text;
    throw new FilterError('A text in quotes is wanted here.', token.from, token.to, `"${token.text}"`);
  }
}

function not(inner: FilterNode): FilterNode {
  return { kind: 'not', inner };
}

/** Whether a condition may begin with a token, so that an "and" before it is what is missing. */
function beginsTerm({ kind, text }: Token): boolean {
  return kind === 'string' || BEGINS_TERM.has(text.toLowerCase()) || (kind === 'word' && findField(text) !== undefined);
}

/** Bytes that are looked into and never compared as a whole. */
function isSearched(field: FilterField): boolean {
  return field.kind === 'bytes' && field.header === undefined && field.carriedBy === undefined;
}

/** Looks for something in a field; `frame` and the like are the header and the data of a PDU. */
function search(field: FilterField, look: (field: FilterField) => SearchNode): FilterNode {
  const [header, data] = [findField('header'), findField('data')];
  if (field.name !== 'iscsi' || header === undefined || data === undefined) return look(field);
  const inData = look(data);
  return { kind: 'or', left: { ...inData, field: header }, right: inData };
}

function holdsText({ kind }: FilterField): boolean {
  return kind === 'text' || kind === 'bytes' || kind === 'address';
}

function refuseRange(token: Token): FilterError {
  return new FilterError(`A range goes with == and != only.`, token.from, token.to);
}

/** Reads a filter; what is wrong with it is a FilterError with a span and, where one is near, a suggestion. */
export function parseFilter(text: string): FilterNode {
  try {
    return new Parser(tokenize(text)).parse();
  } catch (error) {
    throw (error instanceof FilterError ? bareTextError(text) : undefined) ?? error;
  }
}

/** Whether evaluating needs the file and not just the index. */
export function needsFile(node: FilterNode): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
      return needsFile(node.left) || needsFile(node.right);
    case 'not':
      return needsFile(node.inner);
    case 'freeText':
      return true;
    default:
      return node.field.level === 'stream';
  }
}
