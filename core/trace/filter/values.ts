import { parseHexBytes } from '../../bytes/index.ts';
import { familyOf, parseNetwork, type AddressRange } from './address.ts';
import type { FilterField, NamedValue } from './field-types.ts';
import { beginningWith, nearest } from './nearest.ts';
import type { NumberRange } from './parse.ts';
import { FilterError, type Token } from './tokens.ts';

const DURATIONS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, min: 60e9 };
const SIZES: Readonly<Record<string, number>> = {
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1e6,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1e9,
};
/** What no field reaches. */
const NUMBER_LIMIT = 1n << 64n;
const FAMILIES = { ip: 'IPv4', ipv6: 'IPv6' } as const;
const SAMPLES = { ip: '10.0.0.1', ipv6: 'fd00::1' } as const;
const NETWORKS = { ip: '10.0.0.0/24', ipv6: 'fd00::/8' } as const;

/** Reads bytes in hex. */
export function readBytes(name: Token, token: Token): Uint8Array {
  const text = token.kind === 'string' ? unquote(token.text) : token.text;
  const bytes = /^[0-9a-fA-F]{2}(?:[:-]?[0-9a-fA-F]{2})*$/u.test(text)
    ? parseHexBytes(text.replace(/[:-]/gu, ''))
    : undefined;
  if (bytes === undefined)
    throw new FilterError(
      `${name.text} takes bytes in hex, such as 80:12:34.`,
      token.from,
      token.to,
      token.kind === 'end' ? '80:12:34' : undefined,
    );
  return bytes;
}

/** Reads an address or a network; one of the other family belongs in the field of that family. */
export function readAddress(field: FilterField, name: Token, token: Token): AddressRange {
  const text = token.kind === 'string' ? unquote(token.text) : token.text;
  const own = field.family ?? 'ip';
  const range = token.kind === 'end' || token.kind === 'operator' ? undefined : parseNetwork(text);
  if (range === undefined)
    throw new FilterError(
      `${field.name} takes addresses such as ${SAMPLES[own]}, and networks such as ${NETWORKS[own]}.`,
      token.from,
      token.to,
    );
  const family = familyOf(range.low);
  if (family === own) return range;
  throw new FilterError(
    `"${text}" is an ${FAMILIES[family]} address, and ${field.name} holds ${FAMILIES[own]} addresses.`,
    name.from,
    name.to,
    field.name.replace(own, family),
  );
}

/** What a text in quotes says. */
export function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gu, '$1');
}

/** Reads a number with its unit, or the name of a code. */
export function readValue(field: FilterField, token: Token): NumberRange {
  if (token.kind === 'number') return point(readNumber(field, token));
  if (token.kind === 'word' || token.kind === 'string') {
    const text = token.kind === 'string' ? unquote(token.text) : token.text;
    if (field.kind === 'flag' && /^(?:true|false)$/iu.test(text)) return point(text.toLowerCase() === 'true' ? 1 : 0);
    const found = findName(field, text);
    if (found !== undefined)
      return found.serviceAction === undefined
        ? point(found.value)
        : { ...point(found.value), serviceAction: found.serviceAction };
    const names = field.names.map((one) => one.name);
    const near = nearest(text, names) ?? beginningWith(text, names);
    throw new FilterError(`${field.name} has no value named "${text}".`, token.from, token.to, near);
  }
  throw new FilterError(`A value for ${field.name} is missing here.`, token.from, token.to);
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/gu, '');
}

/** The value of a field that has this name. */
export function findName(field: FilterField, text: string): NamedValue | undefined {
  const wanted = plain(text);
  return field.names.find((one) => plain(one.name) === wanted);
}

function point(value: number): NumberRange {
  return { low: value, high: value };
}

function readNumber(field: FilterField, token: Token): number {
  const parts = /^(0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?)\s*([a-zA-Zµ]*)$/u.exec(token.text);
  if (parts === null) throw new FilterError(`"${token.text}" is no number.`, token.from, token.to);
  const digits = parts[1] ?? '';
  if (/^0\d/u.test(token.text))
    throw new FilterError(
      `Wireshark reads "${token.text}" as octal; here numbers are decimal, or hex with 0x.`,
      token.from,
      token.to,
      /^0[0-7]+$/u.test(token.text) ? `0x${parseInt(token.text, 8).toString(16)}` : token.text.replace(/^0+/u, ''),
    );
  const unit = (parts[2] ?? '').toLowerCase();
  if (field.kind === 'duration') {
    const factor = unit === '' ? field.bareNs : DURATIONS[unit];
    if (factor === undefined)
      throw new FilterError(
        unit === '' ? `${field.name} needs a unit: ns, us, ms or s.` : `"${unit}" is no unit of time.`,
        token.from,
        token.to,
        `${digits}ms`,
      );
    const [whole, rest] = multiply(digits, factor);
    return rest ? Number(digits) * factor : Number(whole);
  }
  const factor = unit === '' ? 1 : SIZES[unit];
  if (factor === undefined || (unit !== '' && /^0x/iu.test(digits)))
    throw new FilterError(`"${unit}" is no unit for ${field.name}.`, token.from, token.to, digits);
  const [whole, rest] = multiply(digits, factor);
  if (rest)
    throw new FilterError(
      `${field.name} holds whole numbers, and ${token.text} is none.`,
      token.from,
      token.to,
      String(Math.round(Number(digits) * factor)),
    );
  if (whole >= NUMBER_LIMIT)
    throw new FilterError(
      `${token.text} is more than ${field.name} can hold: no field has over 64 bits.`,
      token.from,
      token.to,
    );
  return Number(whole);
}

/** The product without what doubles would add or lose: its whole part, and whether there is more. */
function multiply(digits: string, factor: number): readonly [whole: bigint, rest: boolean] {
  const [before = '', behind = ''] = digits.split('.');
  const scale = 10n ** BigInt(behind.length);
  const product = BigInt(before + behind) * BigInt(factor);
  return [product / scale, product % scale !== 0n];
}
