import { act, cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import type { Answer, WireError } from '../../electron/contract/errors.ts';
import { LunScreen } from '../../renderer/features/lun/lun-screen.tsx';
import { lunParams, useExplorer } from '../../renderer/state/explorer-store.ts';
import { sampleLun, samplePaths, sampleSession } from './explorer-samples.ts';

type Failing = 'luns.measure' | 'luns.facts' | 'blocks.structures';

const session = sampleSession();
const params = lunParams(session, sampleLun().lun);
const lost: WireError = {
  name: 'TransportError',
  code: 'CONNECTION_LOST',
  message: 'The connection was lost.',
  hint: null,
  retryable: true,
  details: {},
  raw: null,
};

/** How each question that was asked can be made to fail. */
let fail: Record<Failing, (answer: Answer<never>) => void>;

beforeEach(() => {
  const never = () => new Promise<never>(() => undefined);
  const nothing = () => undefined;
  fail = { 'luns.measure': nothing, 'luns.facts': nothing, 'blocks.structures': nothing };
  Object.assign(window, {
    lunascope: {
      requests: new Proxy({} as Bridge['requests'], {
        get: (_, name: string) =>
          name in fail ? () => new Promise((resolve) => (fail[name as Failing] = resolve)) : never,
      }),
    },
  });
  useExplorer.setState({ sessions: [session] });
});
afterEach(cleanup);

const tell = (...sessions: ReturnType<typeof sampleSession>[]): void => act(() => useExplorer.setState({ sessions }));
const alerts = (): (string | null)[] => screen.queryAllByRole('alert').map(({ textContent }) => textContent);
const failAll = (): Promise<void> =>
  act(async () => {
    for (const answer of Object.values(fail)) answer({ ok: false, error: lost });
    await Promise.resolve();
  });

it('says why a measurement failed, though the session went down with it, and offers to measure again', async () => {
  render(<LunScreen id="lun" params={params} active />);
  await userEvent.click(screen.getByRole('button', { name: 'Measure' }));
  tell({ ...session, state: 'recovering' });
  act(() => fail['luns.measure']({ ok: false, error: lost }));
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('The connection was lost.');
  const again = screen.getByRole<HTMLButtonElement>('button', { name: 'Measure again' });
  expect(again.disabled).toBe(true);
  tell(session);
  expect(again.disabled).toBe(false);
});

it('tells a lost session once, and why the measurement failed when it is back', async () => {
  render(<LunScreen id="lun" params={params} active />);
  await userEvent.click(screen.getByRole('button', { name: 'Measure' }));
  await failAll();
  expect(alerts()).toHaveLength(3);
  tell({ ...session, state: 'recovering', error: lost });
  expect(alerts()).toEqual([expect.stringContaining('The connection was lost.')]);
  expect(screen.queryByText('The session that reads go through is not up now.')).toBeNull();
  expect(screen.getByText('It can be measured once its session is back.')).toBeDefined();
  tell(session);
  expect(screen.getByRole('button', { name: 'Measure again' })).toBeDefined();
});

it('tells it once as well where another path is offered', async () => {
  const [, second] = samplePaths();
  tell(session, second);
  render(<LunScreen id="lun" params={params} active />);
  await userEvent.click(screen.getByRole('button', { name: 'Measure' }));
  await failAll();
  tell({ ...session, state: 'recovering', error: lost }, second);
  expect(alerts()).toEqual([expect.stringContaining('The session through 10.0.0.1:3260')]);
  expect(screen.getByRole('button', { name: 'Read through 10.0.0.2:3260, session 2' })).toBeDefined();
});
