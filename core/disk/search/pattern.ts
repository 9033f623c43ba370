import { writeLittle } from './number-bytes.ts';

/** How the words of a search are read. */
export type SearchKind = 'hex' | 'text' | 'regex' | 'number';
/** How text lies on the disk. */
export type SearchEncoding = 'ascii' | 'latin1' | 'utf-8' | 'utf-16le' | 'utf-16be';

/** What a person asks to find. */
export interface SearchQuery {
  readonly kind: SearchKind;
  readonly words: string;
  readonly encoding?: SearchEncoding;
  readonly ignoreCase?: boolean;
  /** Size in bytes and order of a number, or `float32`, `float64`. */
  readonly number?: {
    readonly type: 'integer' | 'float';
    readonly size: 1 | 2 | 4 | 8;
    readonly endian: 'little' | 'big';
  };
}

/** Bytes to compare with, and which of their bits count. */
export interface BytePattern {
  readonly type: 'bytes';
  readonly values: Uint8Array;
  readonly masks: Uint8Array;
  /** Positions whose ASCII letters match in either case. */
  readonly foldCase: boolean;
}

/** A regular expression over bytes taken as Latin-1 letters. */
export interface RegexPattern {
  readonly type: 'regex';
  readonly source: string;
  readonly flags: string;
}

/** A search that can be run. */
export type Pattern = BytePattern | RegexPattern;
/** A search that can be run, or why not. */
export type ParsedPattern =
  { readonly ok: true; readonly pattern: Pattern } | { readonly ok: false; readonly problem: string };

/** The longest pattern, and the longest match of a regular expression. */
export const LONGEST_PATTERN = 4096;

const no = (problem: string): ParsedPattern => ({ ok: false, problem });

function bytesPattern(values: Uint8Array, foldCase = false): ParsedPattern {
  if (values.length === 0) return no('Write something to find.');
  if (values.length > LONGEST_PATTERN) return no(`A search takes at most ${String(LONGEST_PATTERN)} bytes.`);
  return { ok: true, pattern: { type: 'bytes', values, masks: new Uint8Array(values.length).fill(0xff), foldCase } };
}

/** Hex digits, with `?` for any half byte: `de ad ?? ef`, `4?`. */
function hexPattern(words: string): ParsedPattern {
  const digits = words.replace(/0x|[\s,:_-]/giu, '');
  if (digits === '') return no('Write hex digits, such as de ad be ef; ? stands for any digit.');
  if (!/^[0-9a-f?]+$/iu.test(digits)) return no('Hex takes the digits 0-9 and a-f, and ? for any of them.');
  if (digits.length % 2 !== 0) return no('Hex digits come in pairs; one is missing.');
  const length = digits.length / 2;
  if (length > LONGEST_PATTERN) return no(`A search takes at most ${String(LONGEST_PATTERN)} bytes.`);
  const values = new Uint8Array(length);
  const masks = new Uint8Array(length);
  for (let i = 0; i < digits.length; i += 1) {
    const shift = i % 2 === 0 ? 4 : 0;
    const digit = digits.charAt(i);
    if (digit === '?') continue;
    values[i >> 1] = (values[i >> 1] ?? 0) | (parseInt(digit, 16) << shift);
    masks[i >> 1] = (masks[i >> 1] ?? 0) | (0xf << shift);
  }
  if (masks.every((mask) => mask === 0)) return no('At least one digit must be given.');
  return { ok: true, pattern: { type: 'bytes', values, masks, foldCase: false } };
}

function textPattern(words: string, encoding: SearchEncoding, ignoreCase: boolean): ParsedPattern {
  if (words === '') return no('Write something to find.');
  const codes = Array.from({ length: words.length }, (_, at) => words.charCodeAt(at));
  switch (encoding) {
    case 'ascii':
    case 'latin1': {
      const limit = encoding === 'ascii' ? 0x7f : 0xff;
      if (codes.some((code) => code > limit))
        return no(`Not every letter of this exists in ${encoding === 'ascii' ? 'ASCII' : 'Latin-1'}.`);
      return bytesPattern(Uint8Array.from(codes), ignoreCase);
    }
    case 'utf-8':
      return bytesPattern(new TextEncoder().encode(words), ignoreCase);
    case 'utf-16le':
      return bytesPattern(Uint8Array.from(codes.flatMap((code) => [code & 0xff, code >>> 8])), ignoreCase);
    case 'utf-16be':
      return bytesPattern(Uint8Array.from(codes.flatMap((code) => [code >>> 8, code & 0xff])), ignoreCase);
  }
}

function regexPattern(words: string, ignoreCase: boolean): ParsedPattern {
  if (words === '') return no('Write a regular expression.');
  if (words.length > LONGEST_PATTERN) return no('This regular expression is too long.');
  const flags = ignoreCase ? 'gis' : 'gs';
  let compiled: RegExp;
  try {
    compiled = new RegExp(words, flags);
  } catch (error) {
    return no(error instanceof Error ? error.message : String(error));
  }
  if (compiled.test(''))
    return no('This expression matches nothing at all everywhere; it must match at least one byte.');
  return { ok: true, pattern: { type: 'regex', source: words, flags } };
}

function numberPattern(words: string, how: SearchQuery['number']): ParsedPattern {
  const { type, size, endian } = how ?? { type: 'integer', size: 4, endian: 'little' };
  const clean = words.replace(/[\s_\u202f]/gu, '');
  if (type === 'float') {
    const value = Number(clean);
    if (clean === '' || Number.isNaN(value)) return no('Write a number such as 3.14.');
    if (size !== 4 && size !== 8) return no('Floats are searched with 4 or 8 bytes.');
    const view = new DataView(new ArrayBuffer(size));
    if (size === 4) view.setFloat32(0, value, endian === 'little');
    else view.setFloat64(0, value, endian === 'little');
    return bytesPattern(new Uint8Array(view.buffer));
  }
  if (!/^-?(?:\d+|0x[0-9a-f]+)$/iu.test(clean)) return no('Write a whole number, such as 2048 or 0x800.');
  const negative = clean.startsWith('-');
  const magnitude = BigInt(negative ? clean.slice(1) : clean);
  const value = negative ? -magnitude : magnitude;
  const bits = BigInt(size * 8);
  if (value >= 1n << bits || value < -(1n << (bits - 1n)))
    return no(`That number does not fit into ${String(size)} bytes.`);
  const bytes = writeLittle(value, size);
  return bytesPattern(endian === 'little' ? bytes : bytes.reverse());
}

/** Reads what a person asks to find. */
export function parseSearch(query: SearchQuery): ParsedPattern {
  switch (query.kind) {
    case 'hex':
      return hexPattern(query.words);
    case 'text':
      return textPattern(query.words, query.encoding ?? 'utf-8', query.ignoreCase ?? false);
    case 'regex':
      return regexPattern(query.words, query.ignoreCase ?? false);
    case 'number':
      return numberPattern(query.words, query.number);
  }
}
