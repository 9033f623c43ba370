import type { Comparison, NumberRange } from './parse.ts';

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
