import { renderHook } from '@testing-library/react';
import { expect, it } from 'vitest';
import { parseFilter } from '../../core/browser.ts';
import type { PduRow, TaskRow } from '../../electron/contract/trace.ts';
import { columnsOf, type Line, type ListMode } from '../../renderer/features/trace/columns.tsx';
import { useColumns } from '../../renderer/features/trace/use-columns.ts';

const line = {
  connection: 0,
  timeNs: 9_000_001_500_000,
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
const context = { beforeNs: undefined, startNs, slowestNs: 1e6, hex: false };

const cell = (mode: ListMode, one: Line, id: string): readonly [string, string | null] => {
  const column = columnsOf(mode).find((each) => each.id === id);
  if (column === undefined) throw new Error(`There is no column ${id}.`);
  return [column.text(one, context), column.filter(one, startNs)];
};

it('has a filter for the value of every cell but the step from the line before, and each can be read', () => {
  for (const [mode, one] of [
    ['tasks', task],
    ['pdus', pdu],
  ] as const) {
    const filters = columnsOf(mode).map(({ id, filter }) => [id, filter(one, startNs)] as const);
    expect(filters.filter(([, filter]) => filter === null).map(([id]) => id)).toEqual(['delta']);
    for (const [, filter] of filters) expect(() => parseFilter(filter ?? 'ok')).not.toThrow();
  }
});

it('filters by the time, the direction, the numbers and the PDUs that a cell shows', () => {
  expect(cell('tasks', task, 'time')).toEqual(['0.001500', 'time >= 1500us']);
  expect(cell('tasks', task, 'direction')).toEqual(['read', 'read && !write']);
  expect(cell('pdus', pdu, 'direction')).toEqual(['out', 'dir == out']);
  expect(cell('tasks', task, 'sn')).toEqual(['7 / 9', 'cmdSn == 7']);
  expect(cell('tasks', task, 'pdus')).toEqual(['2', 'pdus == 2']);
});

it('offers the direction of tasks, and shows it when it is chosen', () => {
  const shown = (mode: ListMode): readonly string[] =>
    renderHook(() => useColumns(mode)).result.current.shown.map(({ column }) => column.id);
  expect(shown('pdus')).toContain('direction');
  expect(shown('tasks')).not.toContain('direction');
  const { all } = renderHook(() => useColumns('tasks')).result.current;
  expect(all.find(({ column }) => column.id === 'direction')?.visible).toBe(false);
});
