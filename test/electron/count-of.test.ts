import { expect, it } from 'vitest';
import { countOf } from '../../electron/main/services/count-of.ts';

it('tells one from several', () => {
  expect([0, 1, 2].map((count) => countOf(count, 'target'))).toEqual(['0 targets', '1 target', '2 targets']);
});
