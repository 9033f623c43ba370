import { render, renderHook } from '@testing-library/react';
import { expect, it } from 'vitest';
import { parseFilter } from '../../core/browser.ts';
import type { PduRow, TaskRow } from '../../electron/contract/trace.ts';
import { columnsOf, type Line, type ListMode } from '../../renderer/features/trace/columns.tsx';
import { useColumns } from '../../renderer/features/trace/use-columns.ts';
import { useTraceLibrary } from '../../renderer/state/trace-store.ts';

const line = {
  connection: 0,
  timeNs: 9_000_001_500_000,
  deltaNs: 31_900,
  kind: 'cmd',
  name: 'READ(10)',
  text: 'SCSI Command READ(10)',
  itt: 0x10,
  lun: '1',
  lba: '64',
  blocks: 8,
  cmdSn: 7,
  statSn: 9,
  bytes: 4096,
  status: 'GOOD',
  latencyNs: 250_000,
  opcode: 1,
  cdb: '28000000004000000800',
} as const;
const task: TaskRow = { ...line, task: 3, firstPdu: 10, lastPdu: 11, pdus: 2, ok: true, dir: 'read' };
const pdu: PduRow = { ...line, row: 10, task: 3, out: true, fault: null };
const startNs = 9_000_000_000_000;
const context = { startNs, slowestNs: 1e6, hex: false, shown: new Set<string>() };

const cell = (mode: ListMode, one: Line, id: string): readonly [string, string | null] => {
  const column = columnsOf(mode).find((each) => each.id === id);
  if (column === undefined) throw new Error(`There is no column ${id}.`);
  return [column.text(one, context), column.filter(one, startNs)];
};

it('has a filter for the value of every cell, and each can be read', () => {
  for (const [mode, one] of [
    ['tasks', task],
    ['pdus', pdu],
  ] as const) {
    const filters = columnsOf(mode).map(({ id, filter }) => [id, filter(one, startNs)] as const);
    expect(filters.filter(([, filter]) => filter === null)).toEqual([]);
    for (const [, filter] of filters) expect(() => parseFilter(filter ?? '')).not.toThrow();
  }
});

it('filters by the time, the direction, the numbers and the PDUs that a cell shows', () => {
  expect(cell('tasks', task, 'time')).toEqual(['0.001500', 'time >= 1500us']);
  expect(cell('tasks', task, 'delta')).toEqual(['31.9 µs', 'task.delta >= 31900ns']);
  expect(cell('pdus', pdu, 'delta')).toEqual(['31.9 µs', 'delta >= 31900ns']);
  expect(cell('tasks', { ...task, deltaNs: null }, 'delta')).toEqual(['', '!task.delta']);
  expect(cell('pdus', { ...pdu, deltaNs: -5 }, 'delta')[1]).toBe('delta < 0ns');
  expect(cell('tasks', { ...task, lba: null, blocks: null }, 'lba')).toEqual(['', '!lba']);
  expect(cell('tasks', { ...task, latencyNs: null }, 'latency')).toEqual(['', '!latency']);
  expect(cell('pdus', { ...pdu, latencyNs: null }, 'latency')[1]).toBeNull();
  expect(cell('tasks', task, 'direction')).toEqual(['read', 'read && !write']);
  expect(cell('pdus', pdu, 'direction')).toEqual(['out', 'dir == out']);
  expect(cell('tasks', task, 'sn')).toEqual(['7 / 9', 'cmdSn == 7']);
  expect(cell('tasks', task, 'pdus')).toEqual(['2', 'pdus == 2']);
});

it('tells a task whose answer is missing from the trace from one that was not answered', () => {
  const open = { ...task, ok: null, latencyNs: null };
  expect(cell('tasks', { ...open, status: null }, 'status')).toEqual(['Not answered', '!answered']);
  expect(cell('tasks', { ...open, status: 'Answer not recorded' }, 'status')).toEqual([
    'Answer not recorded',
    'unrecorded',
  ]);
});

it('offers the direction of tasks, and shows it when it is chosen', () => {
  const shown = (mode: ListMode): readonly string[] =>
    renderHook(() => useColumns(mode)).result.current.shown.map(({ column }) => column.id);
  expect(shown('pdus')).toContain('direction');
  expect(shown('tasks')).not.toContain('direction');
  const { all } = renderHook(() => useColumns('tasks')).result.current;
  expect(all.find(({ column }) => column.id === 'direction')?.visible).toBe(false);
});

/** What a list has at 1440 pixels beside the icons, the tree and its own scroll bar. */
const ROOM = 1440 - 310 - 16;

it.each(['tasks', 'pdus'] as const)('shows the %s without scrolling sideways at 1440 pixels', (mode) => {
  const { shown, width } = renderHook(() => useColumns(mode)).result.current;
  expect(width).toBeLessThanOrEqual(ROOM);
  if (mode === 'tasks') expect(shown.reduce((sum, one) => sum + one.width, 0)).toBeLessThanOrEqual(ROOM);
  expect(shown.map(({ column }) => column.id)).toContain('status');
  const cut = columnsOf(mode).filter(({ id }) => ['what', 'status', 'sn'].includes(id));
  expect(cut.map(({ long }) => long)).toEqual([true, true, true]);
});

it('leaves to columns of their own what they tell, where the list has them', () => {
  const what = columnsOf('tasks').find(({ id }) => id === 'what');
  const told = (text: string, ...shown: string[]): string | null =>
    render(what?.cell?.({ ...task, text }, { ...context, shown: new Set(shown) })).container.textContent;
  const text = 'READ(10), LBA 64, 8 blocks, LUN 1';
  expect(told(text)).toBe(text);
  expect(told(text, 'lun')).toBe('READ(10), LBA 64, 8 blocks');
  expect(told(text, 'lun', 'lba')).toBe('READ(10)');
  expect(told('READ(10), page 0x83, LUN 12', 'lun', 'lba')).toBe('READ(10), page 0x83, LUN 12');
});

/** What a character of the list takes at most, and what is beside the text of a cell. */
const CHARACTER = 7.25;
const BESIDE = 16;

it.each([
  ['time', '192.457400'],
  ['delta', '103.96 ms'],
  ['lba', '4294967280 + 8'],
  ['latency', '418.80 ms'],
])('has room for a whole %s also where there is little', (id, text) => {
  const least = renderHook(() => useColumns('tasks')).result.current.shown.find(
    ({ column }) => column.id === id,
  )?.least;
  expect(least).toBeGreaterThanOrEqual(text.length * CHARACTER + BESIDE);
});

it('keeps what was set up before: what is shown, and how wide', () => {
  const before = useTraceLibrary.getState();
  const order = columnsOf('tasks').map(({ id }) => id);
  const kept = { order, hidden: ['lun'], widths: { what: 90, status: 400 } };
  useTraceLibrary.setState({ prefs: { ...before.prefs, columns: { tasks: kept } } });
  const { shown } = renderHook(() => useColumns('tasks')).result.current;
  expect(shown.map(({ column }) => column.id)).toEqual(order.filter((id) => id !== 'lun'));
  const widths = shown.filter(({ column }) => ['what', 'status', 'n'].includes(column.id));
  expect(widths.map(({ width, least }) => [width, least])).toEqual([
    [80, 80],
    [90, 90],
    [400, 400],
  ]);
  useTraceLibrary.setState(before);
});
