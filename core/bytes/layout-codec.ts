import type { Field, Layout, LayoutInput, LayoutValue } from './layout.ts';

type Value = number | bigint | boolean | string | Uint8Array;

function readGroup(bytes: Uint8Array, offset: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i += 1) value = value * 256 + (bytes[offset + i] ?? 0);
  return value;
}

function writeGroup(bytes: Uint8Array, offset: number, size: number, value: number): void {
  let rest = value;
  for (let i = size - 1; i >= 0; i -= 1) {
    bytes[offset + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function rangeOf(field: Field): readonly [shift: number, span: number] {
  const [high, low] = field.bits ?? [field.size * 8 - 1, 0];
  return [2 ** low, 2 ** (high - low + 1)];
}

/** Reads one field; bytes that are missing at the end read as absent and give undefined. */
export function readField(bytes: Uint8Array, field: Field, base = 0): Value | undefined {
  const at = base + field.offset;
  if (at + field.size > bytes.length) return undefined;
  switch (field.kind) {
    case 'uint':
      return readGroup(bytes, at, field.size);
    case 'bits':
    case 'flag': {
      const [shift, span] = rangeOf(field);
      const value = Math.floor(readGroup(bytes, at, field.size) / shift) % span;
      return field.kind === 'flag' ? value === 1 : value;
    }
    case 'u64':
      return (BigInt(readGroup(bytes, at, 4)) << 32n) | BigInt(readGroup(bytes, at + 4, 4));
    case 'ascii':
      return readAscii(bytes.subarray(at, at + field.size));
    case 'bytes':
      return bytes.subarray(at, at + field.size);
  }
}

/** Printable ASCII with trailing spaces and NULs taken off; other bytes become U+FFFD. */
export function readAscii(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0)) end -= 1;
  let text = '';
  for (let i = 0; i < end; i += 1) {
    const code = bytes[i] ?? 0;
    text += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '\ufffd';
  }
  return text;
}

function refuse(layout: Layout, field: Field, value: Value, wanted: string): never {
  const shown = value instanceof Uint8Array ? `${String(value.length)} bytes` : String(value);
  throw new RangeError(`${layout.label}: ${field.label} cannot be ${shown}; it takes ${wanted}.`);
}

function checkUint(layout: Layout, field: Field, value: Value, limit: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= limit)
    refuse(layout, field, value, `a whole number below ${String(limit)}`);
  return value;
}

function writeField(layout: Layout, bytes: Uint8Array, field: Field, value: Value, base: number): void {
  const at = base + field.offset;
  switch (field.kind) {
    case 'uint':
      writeGroup(bytes, at, field.size, checkUint(layout, field, value, 2 ** (field.size * 8)));
      return;
    case 'bits':
    case 'flag': {
      const [shift, span] = rangeOf(field);
      const number = typeof value === 'boolean' ? Number(value) : value;
      const next = checkUint(layout, field, number, span);
      const group = readGroup(bytes, at, field.size);
      const old = Math.floor(group / shift) % span;
      writeGroup(bytes, at, field.size, group + (next - old) * shift);
      return;
    }
    case 'u64': {
      if (typeof value !== 'bigint' || value < 0n || value >= 1n << 64n)
        refuse(layout, field, value, 'a bigint below 2^64');
      writeGroup(bytes, at, 4, Number(value >> 32n));
      writeGroup(bytes, at + 4, 4, Number(value & 0xffffffffn));
      return;
    }
    case 'ascii': {
      if (typeof value !== 'string' || value.length > field.size || !/^[\x20-\x7e]*$/u.test(value))
        refuse(layout, field, value, `up to ${String(field.size)} printable ASCII characters`);
      for (let i = 0; i < field.size; i += 1) bytes[at + i] = i < value.length ? value.charCodeAt(i) : 0x20;
      return;
    }
    case 'bytes':
      if (!(value instanceof Uint8Array) || value.length !== field.size)
        refuse(layout, field, value, `exactly ${String(field.size)} bytes`);
      bytes.set(value, at);
  }
}

/** Writes the named fields of a layout into `bytes` at `base`; fields left out keep what is there. */
export function encodeInto<L extends Layout>(
  layout: L,
  input: LayoutInput<L>,
  bytes: Uint8Array,
  base = 0,
): Uint8Array {
  if (base + layout.size > bytes.length)
    throw new RangeError(
      `${layout.label} needs ${String(layout.size)} bytes; ${String(bytes.length - base)} are left.`,
    );
  const values = input as Partial<Record<string, Value>>;
  for (const field of layout.fields) {
    const value = values[field.name];
    if (value !== undefined) writeField(layout, bytes, field, value, base);
  }
  return bytes;
}

/** Builds a layout's bytes from zero. */
export function encodeLayout<L extends Layout>(layout: L, input: LayoutInput<L>): Uint8Array {
  return encodeInto(layout, input, new Uint8Array(layout.size));
}

/** Decodes a whole layout, or undefined where the bytes end before it does; `bytes` fields are views. */
export function decodeLayout<L extends Layout>(layout: L, bytes: Uint8Array, base = 0): LayoutValue<L> | undefined {
  if (base + layout.size > bytes.length) return undefined;
  const out: Record<string, Value> = {};
  for (const field of layout.fields) {
    const value = readField(bytes, field, base);
    if (value === undefined) return undefined;
    out[field.name] = value;
  }
  return out as LayoutValue<L>;
}

/** Decodes the fields that are wholly there; what lies past the end is absent. */
export function decodePartial<L extends Layout>(layout: L, bytes: Uint8Array, base = 0): Partial<LayoutValue<L>> {
  const out: Record<string, Value> = {};
  for (const field of layout.fields) {
    const value = readField(bytes, field, base);
    if (value !== undefined) out[field.name] = value;
  }
  return out as Partial<LayoutValue<L>>;
}
