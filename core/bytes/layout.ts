/**
 * How a field's bytes are read. `uint` covers one to four bytes big-endian, `bits` a bit range within one byte
 * or a big-endian group of bytes, `flag` one bit, `u64` eight bytes as a bigint, `bytes` a raw view, `ascii` padded text.
 */
export type FieldKind = 'uint' | 'bits' | 'flag' | 'u64' | 'bytes' | 'ascii';

/** One field of a structure: where it lies, how it is read, what it means and which clause says so. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly offset: number;
  /** Bytes covered; for `bits` and `flag` the size of the big-endian group holding them. */
  readonly size: number;
  /** Highest and lowest bit within the group, bit 0 being the least significant; `bits` and `flag` only. */
  readonly bits?: readonly [number, number];
  readonly values?: Readonly<Record<number, string>>;
  readonly meaning?: string;
  readonly clause?: string;
}

/** A fixed-size structure described as data. */
export interface Layout<F extends readonly Field[] = readonly Field[]> {
  readonly name: string;
  readonly label: string;
  readonly size: number;
  readonly clause: string;
  readonly fields: F;
}

type KindValue<K extends FieldKind> = K extends 'uint' | 'bits'
  ? number
  : K extends 'flag'
    ? boolean
    : K extends 'u64'
      ? bigint
      : K extends 'ascii'
        ? string
        : Uint8Array;

/** The object a layout decodes to. */
export type LayoutValue<L extends Layout> = {
  -readonly [F in L['fields'][number] as F['name']]: KindValue<F['kind']>;
};

/** What an encoder takes: fields left out are zero. */
export type LayoutInput<L extends Layout> = Partial<LayoutValue<L>>;

interface Options {
  readonly values?: Readonly<Record<number, string>>;
  readonly meaning?: string;
  readonly clause?: string;
}

/** A big-endian unsigned number of one to four bytes. */
export function uint<const N extends string>(
  name: N,
  label: string,
  offset: number,
  size: 1 | 2 | 3 | 4,
  options: Options = {},
) {
  return { name, label, kind: 'uint', offset, size, ...options } as const satisfies Field;
}

/** A bit range of one byte, or of a big-endian group of up to four bytes. */
export function bits<const N extends string>(
  name: N,
  label: string,
  offset: number,
  range: readonly [high: number, low: number],
  options: Options & { readonly size?: 1 | 2 | 3 | 4 } = {},
) {
  const { size = 1, ...rest } = options;
  return { name, label, kind: 'bits', offset, size, bits: range, ...rest } as const satisfies Field;
}

/** A single bit. */
export function flag<const N extends string>(
  name: N,
  label: string,
  offset: number,
  bit: number,
  options: Options = {},
) {
  return { name, label, kind: 'flag', offset, size: 1, bits: [bit, bit] as const, ...options } as const satisfies Field;
}

/** Eight bytes as a bigint. */
export function u64<const N extends string>(name: N, label: string, offset: number, options: Options = {}) {
  return { name, label, kind: 'u64', offset, size: 8, ...options } as const satisfies Field;
}

/** Raw bytes. */
export function raw<const N extends string>(
  name: N,
  label: string,
  offset: number,
  size: number,
  options: Options = {},
) {
  return { name, label, kind: 'bytes', offset, size, ...options } as const satisfies Field;
}

/** Left-aligned ASCII padded with spaces, as SPC writes names. */
export function ascii<const N extends string>(
  name: N,
  label: string,
  offset: number,
  size: number,
  options: Options = {},
) {
  return { name, label, kind: 'ascii', offset, size, ...options } as const satisfies Field;
}

/** Declares a layout; the field names and kinds are kept in its type. */
export function layout<const F extends readonly Field[]>(
  name: string,
  label: string,
  size: number,
  clause: string,
  fields: F,
): Layout<F> {
  return { name, label, size, clause, fields };
}
