const DECADES = 12;
const POWERS = 61;

/** Steps between ticks of what is counted: 1, 2, 5, 10 and so on. */
export const WHOLE_STEPS: readonly number[] = Array.from({ length: DECADES }, (_, decade) =>
  [1, 2, 5].map((step) => step * 10 ** decade),
).flat();

/** Steps between ticks of bytes, so that each is a round number of its unit. */
export const BYTE_STEPS: readonly number[] = Array.from({ length: POWERS }, (_, power) => 2 ** power);
