import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { registerFeatures } from '../../renderer/app/features.ts';
import { KeysScreen } from '../../renderer/features/keys/keys-screen.tsx';
import { useShell } from '../../renderer/state/shell-store.ts';

let keys: Record<string, string> = {};
beforeEach(() => {
  Object.assign(window, {
    lunascope: { requests: { 'app.ready': () => Promise.resolve({ ok: true, value: undefined }) } },
  });
  registerFeatures();
  keys = {};
  useShell.setState({
    changeSettings: (change) => {
      keys = { ...change.keys };
      return Promise.resolve();
    },
  });
});
afterEach(cleanup);

const cell = (title: string) => screen.getByRole('button', { name: new RegExp(`^Key of ${title}:`) });

it('lists what a trace and the sectors can do, though neither is open', () => {
  render(<KeysScreen />);
  const keyOf = (title: string) => cell(title).textContent;
  expect(['Filter the trace', 'Next marked PDU', 'Export the trace'].map(keyOf)).toEqual(['Ctrl+F', 'F3', 'Ctrl+S']);
  expect(['Find bytes', 'Find next', 'Bookmark the selection'].map(keyOf)).toEqual(['Ctrl+F', 'F3', 'Ctrl+M']);
  expect(screen.getByRole('row', { name: /^Trace: Ladder in a trace/ })).toBeTruthy();
});

it('changes the key of a command whose screen is not in front', async () => {
  render(<KeysScreen />);
  await userEvent.click(cell('Mark the PDU'));
  await userEvent.keyboard('{F8}');
  expect(keys).toEqual({ 'trace.mark': 'F8' });
});

it('says whose key it was only where both can be meant at once', async () => {
  render(<KeysScreen />);
  await userEvent.click(cell('Mark the PDU'));
  await userEvent.keyboard('{F5}');
  expect(screen.queryByText(/It was the key of/)).toBeNull();
  await userEvent.click(cell('Mark the PDU'));
  await userEvent.keyboard('{F3}');
  expect(screen.getByText('It was the key of “Next marked PDU”.')).toBeTruthy();
});
