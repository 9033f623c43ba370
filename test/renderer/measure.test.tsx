import { act, cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import type { Answer, WireError } from '../../electron/contract/errors.ts';
import { LunScreen } from '../../renderer/features/lun/lun-screen.tsx';
import { lunParams, useExplorer } from '../../renderer/state/explorer-store.ts';
import { sampleLun, sampleSession } from './explorer-samples.ts';

afterEach(cleanup);

it('says why a measurement failed, though the session went down with it, and offers to measure again', async () => {
  let fail: (answer: Answer<never>) => void = () => undefined;
  const never = () => new Promise<never>(() => undefined);
  const requests: Partial<Bridge['requests']> = { 'luns.measure': () => new Promise((resolve) => (fail = resolve)) };
  Object.assign(window, {
    lunascope: { requests: new Proxy(requests, { get: (own, name: keyof Bridge['requests']) => own[name] ?? never }) },
  });
  const session = sampleSession();
  useExplorer.setState({ sessions: [session] });
  render(<LunScreen id="lun" params={lunParams(session, sampleLun().lun)} active />);
  await userEvent.click(screen.getByRole('button', { name: 'Measure' }));
  const error: WireError = {
    name: 'TransportError',
    code: 'CONNECTION_LOST',
    message: 'The connection was lost.',
    hint: 'Measure again once the session is back.',
    retryable: true,
    details: {},
    raw: null,
  };
  act(() => useExplorer.setState({ sessions: [{ ...session, state: 'recovering' }] }));
  act(() => fail({ ok: false, error }));
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('The connection was lost.');
  const again = screen.getByRole<HTMLButtonElement>('button', { name: 'Measure again' });
  expect(again.disabled).toBe(true);
  act(() => useExplorer.setState({ sessions: [session] }));
  expect(again.disabled).toBe(false);
});
