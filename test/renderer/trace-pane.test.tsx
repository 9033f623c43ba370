import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../electron/contract/errors.ts';
import { usePane } from '../../renderer/features/trace/use-pane.ts';

describe('what a pane shows', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const pass = (ms: number): Promise<void> =>
    act(async () => {
      await vi.advanceTimersByTimeAsync(ms);
    });

  it('comes although the trace changes all the while, and is asked for the more seldom the longer it takes', async () => {
    let asked = 0;
    const load = (): Promise<Answer<number>> => {
      asked += 1;
      const own = asked;
      return new Promise((resolve) => setTimeout(() => resolve({ ok: true, value: own }), 1000));
    };
    const { result, rerender } = renderHook(({ version }) => usePane(load, version), {
      initialProps: { version: '0 following' },
    });
    for (let turn = 1; turn <= 30; turn += 1) {
      await pass(100);
      rerender({ version: `${turn} following` });
    }
    expect(result.current.value).toBe(1);
    expect(asked).toBe(1);
    for (let turn = 31; turn <= 90; turn += 1) {
      await pass(100);
      rerender({ version: `${turn} following` });
    }
    expect(asked).toBe(2);
    rerender({ version: '90 done' });
    await pass(2500);
    expect(result.current.value).toBe(asked);
    expect(asked).toBeGreaterThanOrEqual(3);
  });
});
