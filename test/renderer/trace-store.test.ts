import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { StreamListener } from '../../electron/contract/bridge.ts';
import type { Recording, TraceLibrary } from '../../electron/contract/trace.ts';
import { tracePrefsOf } from '../../renderer/lib/trace-prefs.ts';
import { recordingTitle, setTracePrefs, useTraceLibrary, watchTraceLibrary } from '../../renderer/state/trace-store.ts';

let asked: unknown[];
let tell: (library: TraceLibrary) => void;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  const bridge = {
    requests: {
      'trace.setPrefs': (change: unknown) => {
        asked.push(change);
        return Promise.resolve({ ok: true, value: undefined });
      },
    },
    streams: {
      'trace.library': (_params: undefined, listener: StreamListener<TraceLibrary>) => {
        tell = (library) => void listener.onItems([library]);
        return () => undefined;
      },
    },
  };
  vi.stubGlobal('lunascope', bridge);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('keeps what is changed many times a second once, and lets no older state in between', async () => {
  watchTraceLibrary();
  for (let width = 100; width < 160; width += 1)
    setTracePrefs({ columns: { tasks: { order: [], hidden: [], widths: { what: width } } } });
  tell({ folder: '/f', recordings: [], captures: [], prefs: tracePrefsOf() });
  expect(useTraceLibrary.getState()).toMatchObject({
    folder: '/f',
    prefs: { columns: { tasks: { widths: { what: 159 } } } },
  });
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(300);
  expect(asked).toEqual([{ columns: { tasks: { order: [], hidden: [], widths: { what: 159 } } } }]);
});

it('calls a recording by what it holds', () => {
  const one = { id: 'x', kind: 'session', number: 3, part: 1, target: 'iqn.a', portal: '127.0.0.1:3260' } as Recording;
  expect(recordingTitle(one)).toBe('Session 3, iqn.a');
  expect(recordingTitle({ ...one, part: 2 })).toBe('Session 3, part 2, iqn.a');
  expect(recordingTitle({ ...one, kind: 'discovery', target: '' })).toBe('Discovery of 127.0.0.1:3260');
  expect(recordingTitle({ ...one, target: '' })).toBe('x');
});
