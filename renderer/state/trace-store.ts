import { create } from 'zustand';
import { tracePrefsOf, type TraceLibraryState } from '../lib/trace-prefs.ts';
import { request, subscribe } from '../lib/client.ts';
import type { Recording, TracePrefsPatch } from '../../electron/contract/trace.ts';
import { openTab } from './shell-store.ts';

/** Recordings, captures and what is set up for them, as the main process tells. */
export const useTraceLibrary = create<TraceLibraryState>()(() => ({
  folder: '',
  recordings: [],
  captures: [],
  prefs: tracePrefsOf(),
  known: false,
}));

/** Dragging a column changes it many times a second; it is kept once it has come to rest. */
const KEEP_MS = 200;

let unkept: TracePrefsPatch = {};
let keeping: ReturnType<typeof setTimeout> | undefined;

function keep(): void {
  const change = unkept;
  unkept = {};
  keeping = undefined;
  void request('trace.setPrefs', change);
}

/** Follows the library; gives the function that ends it. */
export function watchTraceLibrary(): () => void {
  return subscribe('trace.library', undefined, {
    onItems: (items) => {
      const last = items.at(-1);
      if (last === undefined) return;
      const prefs = { ...last.prefs, ...unkept } as typeof last.prefs;
      useTraceLibrary.setState({ ...last, prefs, known: true });
    },
    onEnd: () => undefined,
  });
}

/** Changes what is set up; it holds at once here and is kept there soon. */
export function setTracePrefs(change: TracePrefsPatch): void {
  useTraceLibrary.setState(({ prefs }) => ({ prefs: { ...prefs, ...change } as typeof prefs }));
  unkept = { ...unkept, ...change };
  keeping ??= setTimeout(keep, KEEP_MS);
}

/** The session a recording is of, and which part of it where there are several. */
export const sessionPart = ({ number, part }: Recording): string =>
  part === 1 ? String(number) : `${number}, part ${part}`;

/** What a recording is called. */
export function recordingTitle(recording: Recording): string {
  const { kind, target, portal, id } = recording;
  if (kind === 'discovery') return `Discovery of ${portal}`;
  return target === '' ? id : `Session ${sessionPart(recording)}, ${target}`;
}

/** Lets the person choose a capture and shows it. */
export async function openCapture(): Promise<void> {
  const answer = await request('trace.choose', undefined);
  if (answer.ok && answer.value.path !== null) openTab('trace', { file: answer.value.path });
}
