import type { TraceLibrary, TracePrefs } from '../../electron/contract/trace.ts';

/** The library and whether the main process has told of it. */
export interface TraceLibraryState extends TraceLibrary {
  readonly known: boolean;
}

/** What holds until the main process has told. */
export function tracePrefsOf(): TracePrefs {
  return {
    mode: 'headers',
    keepChap: false,
    sessionCapBytes: 2 ** 30,
    totalCapBytes: 2 ** 33,
    retentionDays: 30,
    filters: [],
    history: [],
    columns: {},
  };
}
