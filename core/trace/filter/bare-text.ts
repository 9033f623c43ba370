import { familyOf, parseNetwork } from './address.ts';
import type { FilterField } from './field-types.ts';
import { fieldNames, FILTER_FIELDS, findField } from './fields.ts';
import { isForeign } from './foreign.ts';
import { nearest } from './nearest.ts';
import { FILTER_LIMIT, FilterError, quote } from './tokens.ts';
import { findName } from './values.ts';

/** Signs that only a filter has. */
const SIGNS = /["=<>!&|(){}~]/u;
const OPERATOR_WORD = /^(?:and|or|xor|not|in|contains|matches|eq|ne|lt|le|gt|ge)$/iu;
const AROUND = /^[^\p{L}\p{N}_]+|[^\p{L}\p{N}_]+$/gu;
const IN_APOSTROPHES = /^'(?<inner>[^']*)'$/u;

/** The field a word was probably meant to be: one slip in five letters, two from eight on. */
function slipOf(word: string): string | undefined {
  return word.length < 5 ? undefined : nearest(word, fieldNames(), word.length < 8 ? 1 : 2);
}

/** Whether a word begins as names of fields do: `iscsi.`, `tcp.`, … */
export function isQualified(word: string): boolean {
  const dot = word.indexOf('.') + 1;
  const space = word.slice(0, dot).toLowerCase();
  return dot > 0 && fieldNames().some((name) => name.toLowerCase().startsWith(space));
}

/** The field that a word alone names a value of, as `read10` does. */
function fieldOfValue(word: string): FilterField | undefined {
  return FILTER_FIELDS.find((field) => findName(field, word) !== undefined);
}

function isName(word: string): boolean {
  return findField(word) !== undefined || isForeign(word) || isQualified(word);
}

/**
 * The error for a filter that is nothing but words, where one of them is no name of a field: a text to look for that
 * lacks its quotes. Undefined for any other filter.
 */
export function bareTextError(filter: string): FilterError | undefined {
  if (filter.length > FILTER_LIMIT || SIGNS.test(filter)) return undefined;
  const whole = filter.trim();
  const from = filter.indexOf(whole);
  const text = IN_APOSTROPHES.exec(whole)?.groups?.['inner']?.trim() ?? whole;
  const network = parseNetwork(text);
  if (network !== undefined)
    return new FilterError(
      'An address needs a field beside it.',
      from,
      from + whole.length,
      `${familyOf(network.low)}.addr == ${text}`,
    );
  const words = text.split(/\s+/u).map((word) => word.replace(AROUND, ''));
  if (words.some((word) => OPERATOR_WORD.test(word))) return undefined;
  const plain = words.filter((word) => /^[\p{L}_]/u.test(word) && !isName(word));
  const [first = ''] = plain;
  const slips = plain.map(slipOf);
  if (plain.length === 0 || (words.length > 1 && !slips.includes(undefined))) return undefined;
  const field = words.length === 1 ? fieldOfValue(first) : undefined;
  if (field !== undefined)
    return new FilterError(
      `"${first}" is a value of ${field.name}; free text is written in double quotes.`,
      from,
      from + whole.length,
      `${field.name} == ${first}`,
    );
  const told = words.length === 1 ? `There is no field "${first}"` : 'Words alone are no filter';
  const suggestion = words.length === 1 ? slips[0] : undefined;
  return new FilterError(
    `${told}; free text is written in double quotes.`,
    from,
    from + whole.length,
    suggestion ?? quote(text),
  );
}
