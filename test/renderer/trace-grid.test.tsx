import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import type { TraceState } from '../../electron/contract/trace.ts';
import { TraceGrid } from '../../renderer/features/trace/trace-grid.tsx';
import { useColumns } from '../../renderer/features/trace/use-columns.ts';

const ignore = (): void => undefined;
const state = { phase: 'done', spanNs: { start: 0, end: 1 }, slowestNs: 1, marks: [] } as unknown as TraceState;
let done: string[];

function Grid() {
  const columns = useColumns('pdus');
  return (
    <TraceGrid
      {...{ trace: 't', state, view: '', mode: 'pdus', total: 3, version: '1', columns, focused: null, follow: false }}
      chosen={new Set()}
      onFollow={ignore}
      onFocus={ignore}
      onChoose={() => done.push('choose')}
      onChooseSpan={({ from, to }) => done.push(`choose ${from} to ${to}`)}
      onFilter={() => done.push('filter')}
      onCopy={(as) => done.push(`copy as ${as}`)}
      onMark={ignore}
      onOpen={ignore}
    />
  );
}

beforeEach(() => {
  done = [];
  const requests: Partial<Bridge['requests']> = {
    'trace.pdus': () => new Promise(ignore),
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
