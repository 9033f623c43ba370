import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { createRef } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import type { TraceState } from '../../electron/contract/trace.ts';
import { Toasts } from '../../renderer/components/toasts.tsx';
import { TraceGrid, type GridHandle } from '../../renderer/features/trace/trace-grid.tsx';
import type { ListMode } from '../../renderer/features/trace/columns.tsx';
import { useColumns } from '../../renderer/features/trace/use-columns.ts';

const ignore = (): void => undefined;
const state = { phase: 'done', spanNs: { start: 0, end: 1 }, slowestNs: 1, marks: [] } as unknown as TraceState;
let done: string[];

const leave = (hasFocus: boolean): void => void left.push(hasFocus);
const handle = createRef<GridHandle>();

let left: boolean[];

function Grid({ focused = null, mode = 'pdus' }: { readonly focused?: number | null; readonly mode?: ListMode }) {
  const columns = useColumns(mode);
  return (
    <TraceGrid
      {...{ trace: 't', state, view: '', mode, total: 3, version: '1', columns, focused, follow: false }}
      ref={handle}
      chosen={new Set()}
      onFollow={ignore}
      onFocus={ignore}
      onChoose={() => done.push('choose')}
      onChooseSpan={({ from, to }) => done.push(`choose ${from} to ${to}`)}
      onFilter={() => done.push('filter')}
      onCopy={(as) => done.push(`copy as ${as}`)}
      onMark={ignore}
      onOpen={ignore}
      onLeave={leave}
    />
  );
}

beforeEach(() => {
  done = [];
  left = [];
  const requests: Partial<Bridge['requests']> = {
    'trace.pdus': () => new Promise(ignore),
    'trace.tasks': () => new Promise(ignore),
    'trace.locate': ({ row }) => Promise.resolve({ ok: true, value: { pdu: row === 6 ? -1 : row, task: -1 } }),
  };
  Object.assign(window, { lunascope: { requests } });
});
afterEach(cleanup);

it.each(['ctrlKey', 'metaKey'])('copies and chooses by keys with %s, and leaves the others to the window', (mod) => {
  render(<Grid />);
  const grid = screen.getByRole('grid', { name: 'PDUs' });
  fireEvent.focus(grid);
  for (const key of ['c', 'a', 'f']) fireEvent.keyDown(grid, { key, [mod]: true });
  expect(done).toEqual(['copy as text', 'choose 0 to 2']);
});

it('says so when a link leads to a PDU that the filter holds back, but not at each step through a task', async () => {
  render(
    <>
      <Grid />
      <Toasts />
    </>,
  );
  const words = /^PDU 7 does not pass the filter/;
  await act(async () => {
    handle.current?.reveal(6);
    handle.current?.reveal(2, true);
    await Promise.resolve();
  });
  expect(screen.queryByText(/does not pass/)).toBeNull();
  act(() => handle.current?.reveal(6, true));
  await screen.findByText(words);
});

it('says so when a link leads to a PDU without a task, which the list of tasks cannot have', async () => {
  render(
    <>
      <Grid mode="tasks" />
      <Toasts />
    </>,
  );
  act(() => handle.current?.reveal(4, true));
  await screen.findByText(/^PDU 5 is no part of a task/);
});

it('goes on from the PDU in focus, where it takes the place of another list, and says whether it had the focus', async () => {
  const { unmount } = render(<Grid focused={1} />);
  const grid = screen.getByRole('grid', { name: 'PDUs' });
  await vi.waitFor(() => expect(grid.getAttribute('aria-activedescendant')).toBe('trace-line-1'));
  act(() => grid.focus());
  fireEvent.keyDown(grid, { key: 'ArrowDown' });
  expect(grid.getAttribute('aria-activedescendant')).toBe('trace-line-2');
  unmount();
  expect(left).toEqual([true]);
});
