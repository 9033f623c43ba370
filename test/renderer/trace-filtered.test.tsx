import { act, renderHook } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import type { FilterState } from '../../electron/contract/trace.ts';
import { useFiltered } from '../../renderer/features/trace/use-trace.ts';

interface Asked {
  readonly view: string;
  readonly expression: string;
  readonly tell: (pdus: number) => void;
}
let asked: Asked[];

beforeEach(() => {
  asked = [];
  const filter = (
    { view, expression }: { view: string; expression: string },
    { onItems }: { onItems: (items: FilterState[]) => void },
  ): (() => void) => {
    const tell = (pdus: number): void => {
      const rest = { tasks: 1, scanned: 9, total: 9, done: true, streams: false, error: null };
      act(() => onItems([{ expression, pdus, ...rest }]));
    };
    asked.push({ view, expression, tell });
    return () => undefined;
  };
  Object.assign(window, { lunascope: { requests: {}, streams: { 'trace.filter': filter } } });
});

it('shows what the filter before let through until the next one answers, but nothing of one that was taken away', () => {
  const { result, rerender } = renderHook(({ expression }) => useFiltered('t', expression), {
    initialProps: { expression: 'lun == 0' },
  });
  expect(result.current).toEqual({ view: '', state: null });
  asked[0]?.tell(700);
  expect(result.current).toMatchObject({ view: asked[0]?.view, state: { pdus: 700 } });
  rerender({ expression: 'lun == 1' });
  expect(result.current.state?.pdus).toBe(700);
  asked[1]?.tell(40);
  expect(result.current).toMatchObject({ view: asked[1]?.view, state: { pdus: 40 } });
  rerender({ expression: '' });
  expect(result.current).toEqual({ view: '', state: null });
  rerender({ expression: 'failed' });
  expect(result.current).toEqual({ view: '', state: null });
  asked[2]?.tell(8);
  expect(result.current).toMatchObject({ view: asked[2]?.view, state: { expression: 'failed', pdus: 8 } });
});
