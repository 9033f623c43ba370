import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { FilterState, TraceState } from '../../electron/contract/trace.ts';
import { TracePanes } from '../../renderer/features/trace/trace-panes.tsx';

afterEach(cleanup);

const state = {
  pdus: 90,
  tasks: 40,
  phase: 'done',
  spanNs: { start: 5, end: 9 },
  connections: 1,
  marks: [] as TraceState['marks'],
} as TraceState;
const filter: FilterState = {
  expression: 'lun == 9',
  pdus: 0,
  tasks: 0,
  scanned: 90,
  total: 90,
  done: true,
  streams: false,
  error: null,
};
const ignore = (): void => undefined;
const findings = { value: [], error: null, progress: null, stopped: false, stop: ignore, again: ignore };

it.each(['timeline', 'latency'] as const)('says so instead of an empty %s where nothing passes the filter', (pane) => {
  const asked: string[] = [];
  const ask = (name: string) => () => {
    asked.push(name);
    return new Promise(ignore);
  };
  const requests = { 'trace.timeline': ask('timeline'), 'trace.latencies': ask('latency') };
  Object.assign(window, { lunascope: { requests } });
  const shared = {
    trace: 't',
    state,
    mode: 'tasks',
    active: true,
    focused: null,
    findings,
    version: '',
    pane,
  } as const;
  const told = { onPane: ignore, onShow: ignore, onStep: ignore, onMark: ignore, onFilter: ignore, onBrush: ignore };
  render(<TracePanes {...shared} {...told} view="view-1" filter={filter} />);
  screen.getByText('Nothing passes the filter.');
  screen.getByRole('button', { name: 'All' });
  expect(asked).toEqual([]);
});
