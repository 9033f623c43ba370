import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { FilterState } from '../../electron/contract/trace.ts';
import { rebrush } from '../../renderer/features/trace/filter-text.ts';
import { scopeOf, ScopeSwitch, type Scope } from '../../renderer/features/trace/pane-scope.tsx';

const filter: FilterState = {
  expression: 'lun == 1',
  pdus: 1234,
  tasks: 56,
  scanned: 9000,
  total: 9000,
  done: true,
  streams: false,
  error: null,
};
const state = { pdus: 9000, phase: 'done' };
const fault = { code: 'BAD_FILTER', message: 'No', hint: '', details: {} } as unknown as FilterState['error'];

afterEach(cleanup);

it('follows the filter in force, once it has been through', () => {
  const at = { view: 'view-1', filter, scope: 'filtered' as const };
  expect(scopeOf(state, at)).toEqual({ view: 'view-1', version: '1234 9000 done', rests: false });
  expect(scopeOf(state, { ...at, filter: { ...filter, done: false } }).rests).toBe(true);
});

it.each([
  { view: '', filter: null, scope: 'filtered' },
  { view: 'view-1', filter, scope: 'all' },
  { view: 'view-1', filter: { ...filter, error: fault }, scope: 'filtered' },
] as const)('shows the whole trace without a filter, or when it is wanted', (at) => {
  expect(scopeOf(state, at)).toEqual({ view: '', version: '9000 done', rests: false });
});

it('says what is shown, and lets one change it', () => {
  const chosen: Scope[] = [];
  const Switch = ({ scope }: { readonly scope: Scope }) => (
    <ScopeSwitch filter={filter} scope={scope} onScope={(to) => chosen.push(to)} unit="tasks" all={4500} />
  );
  const { rerender } = render(<Switch scope="filtered" />);
  const words = (): string => screen.getByRole('status').textContent.replaceAll('\u202f', '');
  expect(words()).toBe('56 of 4500 tasks: those that pass the filter');
  expect(screen.getByRole('button', { name: 'Filtered' }).getAttribute('aria-pressed')).toBe('true');
  fireEvent.click(screen.getByRole('button', { name: 'All' }));
  expect(chosen).toEqual(['all']);
  rerender(<Switch scope="all" />);
  expect(words()).toBe('All 4500 tasks, with those that the filter leaves out');
});

it('puts a brushed stretch in place of the one before, and leaves typed conditions', () => {
  const chips = ['lun == 1', 'time >= 5ns', 'time <= 90ns', 'time < 2s', 'latency >= 7ns'];
  const next = ['time >= 20ns', 'time <= 30ns'];
  expect(rebrush(chips, 'time', next)).toEqual(['lun == 1', 'time < 2s', 'latency >= 7ns', ...next]);
});
