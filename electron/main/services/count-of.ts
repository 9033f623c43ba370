/** A number of things in words: `1 target`, `3 targets`. */
export const countOf = (count: number, thing: string): string => `${String(count)} ${thing}${count === 1 ? '' : 's'}`;
