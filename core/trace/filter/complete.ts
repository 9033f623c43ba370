import type { FilterField } from './field-types.ts';
import { FILTER_FIELDS, findField } from './fields.ts';
import { FilterError, tokenize, type Token } from './tokens.ts';

/** One thing that could stand at the caret. */
export interface Proposal {
  readonly text: string;
  readonly kind: 'field' | 'operator' | 'value';
  readonly help: string;
}

/** Proposals and the stretch of the filter they would replace. */
export interface Completion {
  readonly from: number;
  readonly to: number;
  readonly proposals: readonly Proposal[];
}

const COMPARING = new Set(['==', '!=', '<', '<=', '>', '>=', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', '{', ',', '..']);
const NUMBER_OPERATORS = ['==', '!=', '<', '<=', '>', '>=', 'in {'];
const TEXT_OPERATORS = ['==', '!=', 'contains', 'matches'];
const BYTES_OPERATORS = ['==', '!=', 'in {', 'contains', 'matches'];

function tokensBefore(text: string): readonly Token[] {
  try {
    return tokenize(text);
  } catch (error) {
    if (error instanceof FilterError) return [];
    throw error;
  }
}

function fieldBefore(tokens: readonly Token[]): FilterField | undefined {
  for (let i = tokens.length - 1; i >= 0; i -= 1) {
    const token = tokens[i] as Token;
    if (token.kind === 'word') {
      const field = findField(token.text);
      if (field !== undefined) return field;
    }
    if (['&&', '||', '(', ')', '!'].includes(token.text)) return undefined;
  }
  return undefined;
}

function fields(prefix: string): Proposal[] {
  const wanted = prefix.toLowerCase();
  const out: Proposal[] = [];
  for (const field of FILTER_FIELDS) {
    const name = [field.name, ...field.aliases].find((one) => one.toLowerCase().startsWith(wanted));
    if (name !== undefined) out.push({ text: name, kind: 'field', help: field.help });
  }
  return out;
}

function values(field: FilterField, prefix: string): Proposal[] {
  const wanted = prefix.toLowerCase();
  if (field.kind === 'flag')
    return ['true', 'false'].filter((one) => one.startsWith(wanted)).map((text) => ({ text, kind: 'value', help: '' }));
  return field.names
    .filter((one) => one.name.toLowerCase().startsWith(wanted))
    .map((one) => ({ text: one.name, kind: 'value', help: `0x${one.value.toString(16).padStart(2, '0')}` }));
}

function operatorsOf({ kind, header, carriedBy }: FilterField): readonly string[] {
  switch (kind) {
    case 'flag':
      return ['&&', '||'];
    case 'text':
      return TEXT_OPERATORS;
    case 'bytes':
      return header === undefined && carriedBy === undefined ? ['contains', 'matches'] : BYTES_OPERATORS;
    default:
      return NUMBER_OPERATORS;
  }
}

function operators(field: FilterField, prefix: string): Proposal[] {
  const wanted = prefix.toLowerCase();
  const help = field.level === 'stream' ? 'reads the file' : '';
  return operatorsOf(field)
    .filter((text) => text.startsWith(wanted))
    .map((text) => ({ text, kind: 'operator', help }));
}

/** What could stand at the caret of a filter, from the same table that filters are read with. */
export function completeFilter(text: string, caret: number): Completion {
  const before = tokensBefore(text.slice(0, caret)).slice(0, -1);
  const last = before[before.length - 1];
  const typing = last?.kind === 'word' && last.to === caret;
  const prefix = typing ? last.text : '';
  const context = typing ? before.slice(0, -1) : before;
  const previous = context[context.length - 1];
  const from = typing ? last.from : caret;
  const make = (proposals: Proposal[]): Completion => ({ from, to: caret, proposals });
  const field = fieldBefore(context);
  if (previous !== undefined && field !== undefined) {
    if (COMPARING.has(previous.text.toLowerCase())) return make(values(field, prefix));
    if (previous.kind === 'word' && findField(previous.text) === field) return make(operators(field, prefix));
    if (previous.kind !== 'operator' || previous.text === '}')
      return make(['&&', '||'].map((one) => ({ text: one, kind: 'operator', help: '' })));
  }
  if (previous?.text === ')' || previous?.kind === 'string')
    return make(['&&', '||'].map((one) => ({ text: one, kind: 'operator', help: '' })));
  return make(fields(prefix));
}
