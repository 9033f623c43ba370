import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import { Paths } from '../../renderer/features/lun/paths.tsx';
import { ReadPathPicker } from '../../renderer/components/read-path.tsx';
import { lunParams, useExplorer } from '../../renderer/state/explorer-store.ts';
import { readPathOf } from '../../renderer/state/read-path.ts';
import { samplePaths } from './explorer-samples.ts';

const [first, second] = samplePaths();
const sessions = [first, { ...second, state: 'recovering' as const }];
const params = lunParams(first, '0000000000000000');
afterEach(cleanup);

it('offers no way to read that is lost, and says that it is', () => {
  useExplorer.setState({ sessions });
  render(<ReadPathPicker params={params} />);
  const options = screen.getAllByRole<HTMLOptionElement>('option');
  expect(options.map(({ textContent, disabled, selected }) => [textContent, disabled, selected])).toEqual([
    ['10.0.0.1:3260, session 1', false, true],
    ['10.0.0.2:3260, session 2, lost', true, false],
  ]);
});

it('times the paths that are up, and waits for no other', async () => {
  const timed: string[] = [];
  const requests: Partial<Bridge['requests']> = {
    'luns.time': ({ id }) => {
      timed.push(id);
      return Promise.resolve({ ok: true, value: { reads: 16, leastMs: 1, medianMs: 1, mostMs: 1 } });
    },
  };
  Object.assign(window, { lunascope: { requests } });
  render(<Paths reads={readPathOf(sessions, [], params)} />);
  expect(screen.queryByRole('button', { name: 'Read this way' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Time the paths' }));
  expect(timed).toEqual(['session-1']);
});
