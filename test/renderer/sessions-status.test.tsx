import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import { registerExplorer } from '../../renderer/features/explorer/register.ts';
import { SessionsStatus } from '../../renderer/features/explorer/sessions-status.tsx';
import { runCommand } from '../../renderer/state/commands.ts';
import { useExplorer } from '../../renderer/state/explorer-store.ts';
import { registerTabKind } from '../../renderer/state/plugs.ts';
import { useShell } from '../../renderer/state/shell-store.ts';
import { samplePaths } from './explorer-samples.ts';

const [first, second] = samplePaths();
afterEach(cleanup);

const inFront = () => {
  const { tabs, active } = useShell.getState();
  return tabs.find(({ id }) => id === active)?.params['session'];
};

registerTabKind({ kind: 'session', icon: () => null, title: () => '', Screen: () => null });

it('leads from the count to the lost sessions, one after the other', async () => {
  useExplorer.setState({
    sessions: [
      { ...first, state: 'recovering' },
      { ...second, state: 'recovering' },
    ],
  });
  render(<SessionsStatus />);
  const count = screen.getByRole('button', { name: '0 sessions, 2 lost' });
  await userEvent.click(count);
  expect(inFront()).toBe(first.id);
  await userEvent.click(count);
  expect(inFront()).toBe(second.id);
  await userEvent.click(count);
  expect(inFront()).toBe(first.id);
});

it('has nothing to lead to while none is lost', () => {
  useExplorer.setState({ sessions: [first] });
  render(<SessionsStatus />);
  expect(screen.getByText('1 session')).toBeTruthy();
  expect(screen.queryByRole('button')).toBeNull();
});

it('ends what is lost by command, and nothing else', () => {
  const dropped: string[] = [];
  const requests: Partial<Bridge['requests']> = {
    'sessions.drop': ({ id }) => {
      dropped.push(id);
      return Promise.resolve({ ok: true, value: undefined });
    },
  };
  Object.assign(window, { lunascope: { requests } });
  registerExplorer();
  useExplorer.setState({ sessions: [first] });
  runCommand('session.endLost');
  expect(dropped).toEqual([]);
  useExplorer.setState({ sessions: [first, { ...second, state: 'recovering' }] });
  runCommand('session.endLost');
  expect(dropped).toEqual([second.id]);
});
