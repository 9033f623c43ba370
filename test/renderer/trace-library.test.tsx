import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LibraryScreen } from '../../renderer/features/trace/library-screen.tsx';

let asked: unknown[];

beforeEach(() => {
  asked = [];
  const requests = {
    'trace.setPrefs': (change: unknown) => {
      asked.push(change);
      return Promise.resolve({ ok: true, value: undefined });
    },
  };
  vi.stubGlobal('lunascope', { requests });
});
afterEach(() => {
  cleanup();
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
