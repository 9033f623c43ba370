import { toHex, type FieldNode } from '../bytes/index.ts';
import { guidText, readLittle, textOf, uuidText } from './values.ts';

type Kind = 'le' | 'be' | 'text' | 'utf16' | 'guid' | 'uuid' | 'bytes';

/** One field of an on-disk structure: numbers in either byte order, padded text, GUIDs. */
export interface DiskField {
  readonly name: string;
  readonly label: string;
  readonly offset: number;
  readonly size: number;
  readonly kind: Kind;
  /** Words for values. */
  readonly values?: Readonly<Record<string, string>>;
  /** Words for bits, by bit number. */
  readonly flags?: Readonly<Record<number, string>>;
  readonly as?: 'time' | 'hex' | 'signed' | 'bytes' | 'sectors';
  readonly meaning?: string;
}

type More = Pick<DiskField, 'values' | 'flags' | 'as' | 'meaning'>;
type Make = (name: string, label: string, offset: number, size: number, more?: More) => DiskField;

const make =
  (kind: Kind): Make =>
  (name, label, offset, size, more = {}) => ({ name, label, offset, size, kind, ...more });

/** A little-endian number of one to eight bytes. */
export const le = make('le');
/** A big-endian number of one to eight bytes. */
export const be = make('be');
/** Text padded with zeros or blanks. */
export const text = make('text');
/** UTF-16LE text padded with zeros. */
export const utf16 = make('utf16');
/** Bytes of no further shape. */
export const raw = make('bytes');
/** A GUID whose first three groups are little-endian (UEFI appendix A). */
export const guid = (name: string, label: string, offset: number, more: More = {}): DiskField =>
  make('guid')(name, label, offset, 16, more);
/** A UUID in the order it is written (RFC 9562). */
export const uuid = (name: string, label: string, offset: number, more: More = {}): DiskField =>
  make('uuid')(name, label, offset, 16, more);

const SHOWN_BYTES = 32;

function numberText(field: DiskField, value: bigint): string {
  const digits = `0x${value.toString(16).padStart(field.size * 2, '0')}`;
  const named = field.values?.[String(value)];
  if (named !== undefined) return `${named} (${field.size <= 2 ? digits : String(value)})`;
  if (field.flags !== undefined) {
    const names: string[] = [];
    let rest = value;
    for (const [bit, name] of Object.entries(field.flags)) {
      if (((value >> BigInt(bit)) & 1n) === 0n) continue;
      names.push(name);
      rest &= ~(1n << BigInt(bit));
    }
    if (rest !== 0n) names.push(`0x${rest.toString(16)}`);
    return names.length === 0 ? `none (${digits})` : `${names.join(', ')} (${digits})`;
  }
  switch (field.as) {
    case 'time':
      return value === 0n ? 'never' : timeText(value);
    case 'hex':
      return digits;
    case 'signed':
      return String(BigInt.asIntN(field.size * 8, value));
    case 'bytes':
      return `${String(value)} bytes`;
    case 'sectors':
      return `${String(value)} sectors`;
    default:
      return value < 10n ? String(value) : `${String(value)} (0x${value.toString(16)})`;
  }
}

const LATEST_SECONDS = 8_640_000_000_000n;

/** Seconds since 1970 in words, in UTC. */
export function timeText(seconds: bigint): string {
  if (seconds < -LATEST_SECONDS || seconds > LATEST_SECONDS) return `${String(seconds)} s since 1970`;
  return `${new Date(Number(seconds) * 1000).toISOString().replace('T', ' ').replace('.000Z', '')} UTC`;
}

/** The number a `le` or `be` field holds; a byte past the end reads as zero. */
export function numberAt(bytes: Uint8Array, field: DiskField): bigint {
  const part = bytes.subarray(field.offset, field.offset + field.size);
  return readLittle(field.kind === 'be' ? part.slice().reverse() : part);
}

function valueOf(bytes: Uint8Array, field: DiskField): { value: FieldNode['value']; text: string } {
  const part = bytes.subarray(field.offset, field.offset + field.size);
  switch (field.kind) {
    case 'le':
    case 'be': {
      const value = numberAt(bytes, field);
      return { value: field.size > 6 ? value : Number(value), text: numberText(field, value) };
    }
    case 'text': {
      const value = textOf(part);
      return { value, text: value === '' ? '(empty)' : value };
    }
    case 'utf16': {
      const value = textOf(part, 'utf-16le');
      return { value, text: value === '' ? '(empty)' : value };
    }
    case 'guid':
      return { value: guidText(part), text: field.values?.[guidText(part)] ?? guidText(part) };
    case 'uuid':
      return { value: uuidText(part), text: uuidText(part) };
    case 'bytes':
      return {
        value: part,
        text: `${toHex(part.subarray(0, SHOWN_BYTES), ' ')}${part.length > SHOWN_BYTES ? ' …' : ''}`,
      };
  }
}

/** The field tree of a structure; fields that the bytes end before are left out, since a shorter version has none. */
export function fieldNodes(bytes: Uint8Array, fields: readonly DiskField[]): FieldNode[] {
  const nodes: FieldNode[] = [];
  for (const field of fields) {
    if (field.offset + field.size > bytes.length) continue;
    const { value, text: shown } = valueOf(bytes, field);
    nodes.push({
      name: field.name,
      label: field.label,
      offset: field.offset,
      length: field.size,
      ...(value === undefined ? {} : { value }),
      text: shown,
      ...(field.meaning === undefined ? {} : { meaning: field.meaning }),
    });
  }
  return nodes;
}

/** Marks one field as wrong, with the reason. */
export function markField(nodes: readonly FieldNode[], name: string, malformed: string | undefined): FieldNode[] {
  return nodes.map((node) => (node.name === name && malformed !== undefined ? { ...node, malformed } : node));
}
