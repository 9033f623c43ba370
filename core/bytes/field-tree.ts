import type { Field, Layout } from './layout.ts';
import { readField } from './layout-codec.ts';

/** A node of the tree a viewer shows: a name, its value in words, and the bytes it stands for. */
export interface FieldNode {
  readonly name: string;
  readonly label: string;
  readonly offset: number;
  readonly length: number;
  readonly bits?: readonly [number, number];
  readonly value?: number | bigint | boolean | string | Uint8Array;
  readonly text: string;
  readonly meaning?: string;
  readonly clause?: string;
  readonly malformed?: string;
  readonly children?: readonly FieldNode[];
}

function hex(value: number | bigint, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function textOf(field: Field, value: number | bigint | boolean | string | Uint8Array): string {
  if (value instanceof Uint8Array)
    return Array.from(value.subarray(0, 64), (b) => b.toString(16).padStart(2, '0')).join(' ');
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return field.values?.[Number(value)] ?? (value ? 'set' : 'not set');
  const named = typeof value === 'number' ? field.values?.[value] : undefined;
  const shown =
    value < 10 ? String(value) : `${String(value)} (${hex(value, field.kind === 'uint' ? field.size * 2 : 1)})`;
  return named === undefined ? shown : `${named} (${field.size === 1 ? hex(value, 2) : shown})`;
}

/** The field tree of a layout over `bytes`; a field the bytes end before is marked malformed. */
export function buildFieldTree(layout: Layout, bytes: Uint8Array, base = 0): FieldNode {
  const children = layout.fields.map((field): FieldNode => {
    const value = readField(bytes, field, base);
    return {
      name: field.name,
      label: field.label,
      offset: base + field.offset,
      length: field.size,
      ...(field.bits === undefined ? {} : { bits: field.bits }),
      ...(value === undefined ? { malformed: 'The data ends before this field.' } : { value }),
      text: value === undefined ? 'missing' : textOf(field, value),
      ...(field.meaning === undefined ? {} : { meaning: field.meaning }),
      clause: field.clause ?? layout.clause,
    };
  });
  return {
    name: layout.name,
    label: layout.label,
    offset: base,
    length: layout.size,
    text: layout.label,
    clause: layout.clause,
    children,
  };
}
