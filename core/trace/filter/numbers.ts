import type { Comparison, FilterNode, NumberRange } from './parse.ts';

type Leaf = Extract<FilterNode, { field: unknown }>;

/** Sets `mask` to 1 where the comparison holds; a value that is not there never compares. */
export function compareAll(
  values: Float64Array,
  count: number,
  op: Comparison,
  { low, high }: NumberRange,
  mask: Uint8Array,
): void {
  switch (op) {
    case '==':
      for (let i = 0; i < count; i += 1)
        mask[i] = (values[i] as number) >= low && (values[i] as number) <= high ? 1 : 0;
      return;
    case '!=':
      for (let i = 0; i < count; i += 1) mask[i] = (values[i] as number) < low || (values[i] as number) > high ? 1 : 0;
      return;
    case '<':
      for (let i = 0; i < count; i += 1) mask[i] = (values[i] as number) < low ? 1 : 0;
      return;
    case '<=':
      for (let i = 0; i < count; i += 1) mask[i] = (values[i] as number) <= high ? 1 : 0;
      return;
    case '>':
      for (let i = 0; i < count; i += 1) mask[i] = (values[i] as number) > high ? 1 : 0;
      return;
    case '>=':
      for (let i = 0; i < count; i += 1) mask[i] = (values[i] as number) >= low ? 1 : 0;
  }
}

/** Sets `mask` to 1 where a value lies in one of the ranges. */
export function anyOf(values: Float64Array, count: number, ranges: readonly NumberRange[], mask: Uint8Array): void {
  mask.fill(0, 0, count);
  for (const { low, high } of ranges)
    for (let i = 0; i < count; i += 1) if ((values[i] as number) >= low && (values[i] as number) <= high) mask[i] = 1;
}

/** Sets `mask` to 1 where a flag is set, or a number is there at all. */
export function presentAll(values: Float64Array, count: number, isFlag: boolean, mask: Uint8Array): void {
  for (let i = 0; i < count; i += 1) {
    const value = values[i] as number;
    mask[i] = (isFlag ? value > 0 : value === value) ? 1 : 0;
  }
}

/** Whether a leaf about numbers holds for the values a PDU has: for any of them, with `!=` for all there are. */
export function holdsAmong(leaf: Leaf, values: readonly number[]): boolean {
  switch (leaf.kind) {
    case 'compare': {
      const mask = new Uint8Array(values.length);
      compareAll(Float64Array.from(values), values.length, leaf.op, leaf.value, mask);
      return leaf.op === '!=' ? values.length > 0 && !mask.includes(0) : mask.includes(1);
    }
    case 'in':
      return values.some((value) => leaf.ranges.some(({ low, high }) => value >= low && value <= high));
    default:
      return leaf.field.kind === 'flag' ? values.some((value) => value > 0) : values.length > 0;
  }
}
