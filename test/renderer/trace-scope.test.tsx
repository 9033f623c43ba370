import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { FilterState } from '../../electron/contract/trace.ts';
import { parseFilter } from '../../core/browser.ts';
import { writeBound } from '../../renderer/features/trace/format.ts';
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

it('puts a brushed stretch in place of the bounds before, and leaves every other condition', () => {
  const others = ['lun == 1', '!(time >= 5s)', 'time >= 1s || ok', 'latency >= 7us'];
  const next = ['time >= 0.2s', 'time <= 0.3s'];
  const chips = [...others.slice(0, 2), 'time >= 100ms', 'time <= 0.95s', 'time < 2 s', ...others.slice(2)];
  expect(rebrush(chips, 'time', next)).toEqual([...others, ...next]);
});

it.each([
  [1_818_978_254, 20_000_000, 'down', '1.81s'],
  [1_818_978_254, 20_000_000, 'up', '1.82s'],
  [3_000_000_000, 20_000_000, 'up', '3s'],
  [1_100_000_000, 1_000_000, 'up', '1.1s'],
  [818_978_254, 3_000_000, 'down', '818ms'],
  [500_000_100_000_000, 1000, 'down', '500000.1s'],
  [18_432.7, 370, 'down', '18.4us'],
  [120, 1, 'down', '120ns'],
  [0, 0, 'down', '0ns'],
  [-5, 10, 'down', '0ns'],
] as const)('writes %d ns in steps of %d, rounded %s, as %s', (ns, stepNs, round, text) => {
  expect(writeBound(ns, stepNs, round)).toBe(text);
  const bound = `time >= ${text}`;
  expect(() => parseFilter(bound)).not.toThrow();
  expect(rebrush([bound], 'time', [])).toEqual([]);
});
