import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { TraceState } from '../../electron/contract/trace.ts';
import { Facts } from '../../renderer/features/trace/trace-parts.tsx';

afterEach(cleanup);

const BASE = { phase: 'done', notes: [], spanNs: { start: 0, end: 1 }, connections: 1, dropped: 0, lost: 0 };

it.each([
  [{}, null, null],
  [{ lost: 2316, dropped: 126 }, /^2\s316 PDUs not recorded: /, /^126 older PDUs deleted/],
  [{ lost: 1 }, /^1 PDU not recorded: /, null],
  [{ dropped: 1 }, null, /^1 older PDU deleted/],
])('tells PDUs that were never recorded from those that were deleted for room: %o', (change, lost, dropped) => {
  const state = { ...BASE, ...change } as unknown as TraceState;
  render(<Facts trace="t" state={state} onStopped={() => undefined} />);
  const shown = (words: RegExp): boolean => screen.queryByText(words) !== null;
  expect([shown(/not recorded/), shown(/deleted/)]).toEqual([lost !== null, dropped !== null]);
  for (const words of [lost, dropped]) if (words !== null) screen.getByText(words);
});
