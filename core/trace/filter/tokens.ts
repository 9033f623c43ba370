import { UsageError } from '../../errors/index.ts';

/** Kinds of token of a filter. */
export type TokenKind = 'word' | 'number' | 'string' | 'bytes' | 'operator' | 'end';

/** One token and where it stands in the text. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** What is wrong with a filter: a sentence, the characters it is about, and what might have been meant. */
export class FilterError extends UsageError {
  readonly from: number;
  readonly to: number;
  readonly suggestion: string | undefined;

  constructor(message: string, from: number, to: number, suggestion?: string) {
    super('BAD_ARGUMENT', message, {
      ...(suggestion === undefined ? {} : { hint: `Did you mean ${suggestion}?` }),
      details: { from, to, ...(suggestion === undefined ? {} : { suggestion }) },
    });
    this.from = from;
    this.to = to;
    this.suggestion = suggestion;
  }
}

const SPACE = /\s+/uy;
const STRING = /"(?:[^"\\]|\\.)*"/uy;
const BYTES = /[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2})+(?![\w:])/uy;
/** Bytes in hex with nothing between them that begin with a digit and are no number with a unit. */
const HEX = /(?=\d+[a-fA-F]+\d)(?:[0-9a-fA-F]{2}){2,}(?!\w)/uy;
/** IP addresses and networks, which need no quotes, and what lacks the end of one. */
const ADDRESS =
  /(?:\d{1,3}(?:\.\d{1,3}){2,3}|(?=[0-9a-fA-F:]*::)[0-9a-fA-F:]+|(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4})(?:\/\d{1,3})?(?![\w:]|\.(?!\.))/uy;
const NUMBER =
  /(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?!\d))(?:[a-zA-Zµ]+|\s+(?:ns|us|µs|ms|s|min|[kMG]i?B?|B|bytes?)(?![\w.µ]))?/uy;
const WORD = /[A-Za-z_][\w.-]*/uy;
const OPERATOR = /==|!=|<=|>=|&&|\|\||\^\^|\.\.|[<>!(){},~]/uy;
const IN_APOSTROPHES = /'(?<inner>[^']*)'/uy;

const READERS: readonly (readonly [TokenKind, RegExp])[] = [
  ['string', STRING],
  ['bytes', BYTES],
  ['word', ADDRESS],
  ['word', HEX],
  ['number', NUMBER],
  ['word', WORD],
  ['operator', OPERATOR],
];

/** Longest filter that is read. */
export const FILTER_LIMIT = 10_000;

/** Cuts a filter into tokens, an `end` token last. */
export function tokenize(text: string): Token[] {
  if (text.length > FILTER_LIMIT)
    throw new FilterError(`A filter has at most ${FILTER_LIMIT} characters.`, FILTER_LIMIT, text.length);
  const out: Token[] = [];
  let at = 0;
  while (at < text.length) {
    SPACE.lastIndex = at;
    const space = SPACE.exec(text);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const token = readToken(text, at);
    if (token === undefined) throw strange(text, at);
    out.push(token);
    at = token.to;
  }
  out.push({ kind: 'end', text: '', from: text.length, to: text.length });
  return out;
}

/** A text as it stands in a filter: in quotes. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/gu, '\\$&')}"`;
}

/** What is near to an operator, and the one that was meant. */
const OPERATOR_SLIPS: readonly (readonly [string, string])[] = [
  ['=>', '>='],
  ['=<', '<='],
  ['=', '=='],
  ['&', '&&'],
  ['|', '||'],
  ['^', '^^'],
];

/** A dash between two numbers. */
const IN_NUMBERS = /[0-9]-[0-9]/uy;

/** The error for what no token begins with. */
function strange(text: string, at: number): FilterError {
  if (text.charAt(at) === '"') return new FilterError('A text in quotes has no end.', at, text.length);
  IN_APOSTROPHES.lastIndex = at;
  const found = IN_APOSTROPHES.exec(text);
  if (found !== null)
    return new FilterError(
      'A text stands in double quotes.',
      at,
      at + found[0].length,
      quote(found.groups?.['inner'] ?? ''),
    );
  IN_NUMBERS.lastIndex = Math.max(0, at - 1);
  if (IN_NUMBERS.test(text)) return new FilterError('A range is written with two dots.', at, at + 1, '..');
  const [slip, meant] = OPERATOR_SLIPS.find(([each]) => text.startsWith(each, at)) ?? [];
  const sign = slip ?? String.fromCodePoint(text.codePointAt(at) ?? 0);
  return new FilterError(`"${sign}" means nothing in a filter.`, at, at + sign.length, meant);
}

function readToken(text: string, at: number): Token | undefined {
  for (const [kind, pattern] of READERS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) continue;
    return { kind, text: found[0], from: at, to: at + found[0].length };
  }
  return undefined;
}
