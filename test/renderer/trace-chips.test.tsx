import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import { FilterBar } from '../../renderer/features/trace/filter-bar.tsx';

let now: readonly string[];

function Bar() {
  const [chips, setChips] = useState<readonly string[]>(['lun == 0', 'ok', 'read']);
  now = chips;
  return <FilterBar chips={chips} onChips={setChips} filter={null} total={9} unit="tasks" />;
}

const box = (): HTMLInputElement => screen.getByRole('combobox', { name: 'Filter' });

beforeEach(() => {
  const requests: Partial<Bridge['requests']> = {
    'trace.setPrefs': () => Promise.resolve({ ok: true, value: undefined }),
  };
  Object.assign(window, { lunascope: { requests } });
  render(<Bar />);
});
afterEach(cleanup);

it('keeps a condition in force while it is changed, and puts it and what was half typed back', async () => {
  await userEvent.type(box(), 'late');
  await userEvent.click(screen.getByRole('button', { name: 'ok' }));
  expect([box().value, now]).toEqual(['ok', ['lun == 0', 'ok', 'read']]);
  await userEvent.keyboard('{Escape}');
  expect([box().value, now]).toEqual(['late', ['lun == 0', 'ok', 'read']]);
  await userEvent.click(screen.getByRole('button', { name: 'ok' }));
  await userEvent.clear(box());
  await userEvent.type(box(), '!ok{Escape}{Enter}');
  expect([box().value, now]).toEqual(['late', ['lun == 0', '!ok', 'read']]);
});

it('lets a condition go by keys, and has the focus once one was removed', async () => {
  await userEvent.click(box());
  await userEvent.keyboard('{Backspace}');
  expect([box().value, now.length]).toEqual(['read', 3]);
  await userEvent.keyboard('{Escape}{Backspace}{Backspace}{Backspace}{Backspace}{Backspace}{Backspace}');
  expect([box().value, now]).toEqual(['', ['lun == 0', 'ok']]);
  await userEvent.click(screen.getByRole('button', { name: 'Remove lun == 0' }));
  expect(now).toEqual(['ok']);
  expect(document.activeElement).toBe(box());
});

it('saves a filter by Enter, a key that presses nothing of what has the focus after it', async () => {
  await userEvent.click(screen.getByRole('button', { name: 'Saved filters' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Save this filter …' }));
  const name = await screen.findByRole('textbox', { name: 'Name' });
  await userEvent.type(name, 'Mine');
  expect(fireEvent.keyDown(name, { key: 'Enter' })).toBe(false);
  expect(screen.queryByRole('dialog')).toBeNull();
});
