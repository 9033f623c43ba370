import { act, cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Recording } from '../../electron/contract/trace.ts';
import { RecordStatus } from '../../renderer/features/trace/record-status.tsx';
import { LibraryScreen } from '../../renderer/features/trace/library-screen.tsx';
import { useTraceLibrary } from '../../renderer/state/trace-store.ts';

let asked: unknown[];

beforeEach(() => {
  asked = [];
  const requests = {
    'trace.setPrefs': (change: unknown) => {
      asked.push(change);
      return Promise.resolve({ ok: true, value: undefined });
    },
    'trace.purge': (what: unknown) => {
      asked.push(what);
      return Promise.resolve({ ok: true, value: undefined });
    },
  };
  vi.stubGlobal('lunascope', { requests });
});
afterEach(() => {
  cleanup();
  useTraceLibrary.setState({ recordings: [] });
  vi.unstubAllGlobals();
});

it('keeps CHAP responses only once that is ticked, and says what it means beside it', async () => {
  render(<LibraryScreen />);
  const box = screen.getByRole<HTMLInputElement>('checkbox', { name: 'Keep CHAP responses' });
  expect(box.checked).toBe(false);
  const words = document.getElementById(box.getAttribute('aria-describedby') ?? '');
  expect(words?.textContent).toContain('a weak secret can be guessed');
  await userEvent.click(box);
  expect(box.checked).toBe(true);
  await vi.waitFor(() => expect(asked).toEqual([{ keepChap: true }]));
});

it('deletes a recording only once that is asked and answered, and the focus stays in the list', async () => {
  const one = (number: number) =>
    ({
      id: `r${number}`,
      kind: 'session',
      number,
      part: 1,
      target: 't',
      portal: 'p',
      bytes: 1,
      state: 'ended',
    }) as Recording;
  useTraceLibrary.setState({ recordings: [one(1), one(2)] });
  render(<LibraryScreen />);
  await userEvent.click(screen.getByRole('button', { name: 'Delete Session 1, t' }));
  expect(document.activeElement?.textContent).toBe('Keep');
  await userEvent.keyboard('{Escape}');
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Delete Session 1, t');
  expect(asked).toEqual([]);
  await userEvent.keyboard('{Enter}');
  await userEvent.click(screen.getByRole('button', { name: 'Delete' }));
  expect(asked).toEqual([{ ids: ['r1'] }]);
  expect(document.activeElement?.textContent).toBe('Session 2, t');
});

it('does not say that sessions are recorded where that is turned off', async () => {
  const { prefs } = useTraceLibrary.getState();
  vi.stubGlobal('lunascope', { requests: {}, streams: { 'trace.library': () => () => undefined } });
  render(
    <>
      <LibraryScreen />
      <RecordStatus />
    </>,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Not recording' }));
  expect(await screen.findAllByText(/ recorded from its first byte/)).toHaveLength(2);
  act(() => useTraceLibrary.setState({ prefs: { ...prefs, mode: 'off' } }));
  expect(screen.queryByText(/ recorded from its first byte/)).toBeNull();
  expect(screen.getAllByText(/not recorded, as is set/)).toHaveLength(2);
  act(() => useTraceLibrary.setState({ prefs }));
});
