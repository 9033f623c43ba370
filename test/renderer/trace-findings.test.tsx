import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';
import type { TraceFinding } from '../../electron/contract/trace.ts';
import { FindingsPane } from '../../renderer/features/trace/findings-pane.tsx';

const BASE: TraceFinding = {
  rule: 'slow-outlier',
  severity: 'warning',
  title: 'Slow',
  text: 'One.',
  hint: 'Look.',
  clause: 'SAM-5 5.1',
  connection: 0,
  count: 564,
  pdus: [7, 8],
  proven: 1,
  worst: true,
  filter: null,
};

afterEach(cleanup);

it.each([
  ['the worst of many', {}, 'Filter the worst 1 of 564', 'n in {7, 8}'],
  ['the first of many', { worst: false }, 'Filter the first 1 of 564', 'n in {7, 8}'],
  ['all there are', { count: 1 }, 'Filter', 'n in {7, 8}'],
  ['all by a condition', { filter: 'status == 8' }, 'Filter', 'status == 8'],
])('says which cases its filter lets through: %s', async (_title, change, words, filter) => {
  const asked: string[] = [];
  const data = { value: [{ ...BASE, ...change }], error: null, progress: null, stopped: false };
  const ignore = (): void => undefined;
  render(
    <FindingsPane
      data={{ ...data, stop: ignore, again: ignore }}
      loading={false}
      onShow={ignore}
      onFilter={(condition) => asked.push(condition)}
    />,
  );
  await userEvent.click(screen.getByRole('button', { name: words }));
  expect(asked).toEqual([filter]);
});
