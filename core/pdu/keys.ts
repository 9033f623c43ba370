import { parseBase64, parseDecimal, parseHexBytes, parseHexNumber } from '../bytes/index.ts';
import { IDENTITY_KEYS } from './keys-identity.ts';
import { OBSOLETE_KEYS, OPERATIONAL_KEYS } from './keys-operational.ts';
import { SECURITY_KEYS } from './keys-security.ts';
import type { KeyFault, KeySpec, KeyValue, KeyValueType } from './keys-types.ts';

/** Every key of login and text negotiation (RFC 7143 12 and 13, RFC 7144), in the order of the table. */
export const TEXT_KEYS: readonly KeySpec[] = [
  ...IDENTITY_KEYS,
  ...OPERATIONAL_KEYS,
  ...OBSOLETE_KEYS,
  ...SECURITY_KEYS,
];

/** Name of an operational key. */
export type OperationalKey = (typeof OPERATIONAL_KEYS)[number]['name'];

const BY_NAME: ReadonlyMap<string, KeySpec> = new Map(TEXT_KEYS.map((spec) => [spec.name, spec]));

/** The table's row for a key, or undefined where it has none; names are case-sensitive. */
export function keySpec(name: string): KeySpec | undefined {
  return BY_NAME.get(name);
}

/** Values that answer an offer without accepting it (RFC 7143 6.2). */
export const RESERVED_VALUES = ['Reject', 'Irrelevant', 'NotUnderstood'] as const;

/** One of the values above. */
export type ReservedValue = (typeof RESERVED_VALUES)[number];

/** Whether a value is one of the reserved answers. */
export function isReservedValue(value: string): value is ReservedValue {
  return (RESERVED_VALUES as readonly string[]).includes(value);
}

/** What an unlisted name is: a private or registered extension of keys, digests or authentication methods (RFC 7143 13.22, 14.2). */
export function extensionOf(
  name: string,
): 'private key' | 'registered key' | 'digest' | 'authentication method' | undefined {
  if (name.startsWith('X-')) return 'private key';
  if (name.startsWith('X#')) return 'registered key';
  if (/^Y[-#]/u.test(name)) return 'digest';
  if (/^Z[-#]/u.test(name)) return 'authentication method';
  return undefined;
}

/** Longest simple value unless its key says otherwise (RFC 7143 6.1). */
const SIMPLE_VALUE_BYTES = 255;

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

function fault(text: string): KeyFault {
  return { kind: 'fault', fault: text };
}

function parseNumber(text: string, min: number, max: number): KeyValue | KeyFault {
  const number = parseDecimal(text) ?? parseHexNumber(text);
  if (number === undefined) return fault('is not a number: decimal digits, or 0x and hex digits, are allowed');
  if (number < BigInt(min) || number > BigInt(max)) return fault(`is out of range: ${min} to ${max} are allowed`);
  return { kind: 'number', number: Number(number) };
}

function parseList(text: string, type: Extract<KeyValueType, { kind: 'list' }>): KeyValue | KeyFault {
  if (utf8Length(text) > SIMPLE_VALUE_BYTES * 4) return fault('is too long for a list');
  const list = text.split(',');
  if (list.some((item) => !/^[A-Za-z0-9.\-+@_#]{1,63}$/u.test(item)))
    return fault('is not a list of names with commas between them');
  if (new Set(list).size !== list.length) return fault('names a value twice');
  const known: readonly string[] = type.values;
  if (type.open !== true && list.some((item) => !known.includes(item)))
    return fault(`is not among ${known.join(', ')}`);
  return { kind: 'list', list };
}

/** Bytes of a hex (`0x`) or base64 (`0b`) constant; undefined on anything else. */
export function parseBinaryConstant(text: string): Uint8Array | undefined {
  if (/^0[xX]/u.test(text)) return parseHexBytes(text.slice(2));
  if (/^0[bB]/u.test(text)) return parseBase64(text.slice(2));
  return undefined;
}

/** Reads a value strictly by the type of its key: no signs, blanks or near misses (RFC 7143 6.1). */
export function parseKeyValue(spec: KeySpec, text: string): KeyValue | KeyFault {
  const type = spec.type;
  switch (type.kind) {
    case 'number':
      return parseNumber(text, type.min, type.max);
    case 'boolean':
      return text === 'Yes' || text === 'No'
        ? { kind: 'boolean', yes: text === 'Yes' }
        : fault('is neither Yes nor No');
    case 'list':
      return parseList(text, type);
    case 'text':
      return utf8Length(text) > type.maxBytes ? fault(`is longer than ${type.maxBytes} bytes`) : { kind: 'text', text };
    case 'binary': {
      // A digit pair or a base64 group never stands for less than three quarters of a byte, so this bounds the work.
      const bytes = text.length > 2 + type.maxBytes * 2 ? undefined : parseBinaryConstant(text);
      if (bytes === undefined) return fault(`is not hex (0x) or base64 (0b) of at most ${type.maxBytes} bytes`);
      return bytes.length > type.maxBytes ? fault(`is longer than ${type.maxBytes} bytes`) : { kind: 'binary', bytes };
    }
  }
}

/** The one way this library writes a value that has been read. */
export function formatKeyValue(value: KeyValue): string {
  switch (value.kind) {
    case 'number':
      return String(value.number);
    case 'boolean':
      return value.yes ? 'Yes' : 'No';
    case 'list':
      return value.list.join(',');
    case 'text':
      return value.text;
    case 'binary':
      return `0x${Array.from(value.bytes, (b) => b.toString(16).padStart(2, '0')).join('')}`;
  }
}
