import { Activity } from 'lucide-react';
import { listScreenCommands, registerCommands } from '../../state/commands.ts';
import { registerArea, registerQuickSource, registerStatusItem, registerTabKind } from '../../state/plugs.ts';
import { openTab } from '../../state/shell-store.ts';
import { openCapture, recordingTitle, sessionPart, useTraceLibrary } from '../../state/trace-store.ts';
import { askToFollow, FollowDialog } from './follow-dialog.tsx';
import { LibraryScreen } from './library-screen.tsx';
import { openSample, SAMPLES } from './open-more.ts';
import { RecordStatus } from './record-status.tsx';
import { paneCommand, TRACE_COMMANDS } from './trace-commands.ts';
import { PANES } from './trace-panes.tsx';
import { TraceScreen } from './trace-screen.tsx';

const nameOf = (path: string): string => path.replace(/^.*[/\\]/, '');

function titleOf({ file, recording }: { readonly file?: string; readonly recording?: string }): string {
  if (file !== undefined) return nameOf(file);
  const known = useTraceLibrary.getState().recordings.find(({ id }) => id === recording);
  if (known === undefined) return `Trace ${recording ?? ''}`;
  return known.kind === 'session' && known.target !== ''
    ? `Trace of session ${sessionPart(known)}`
    : recordingTitle(known);
}

/** Traces: the viewer, the list of recordings, what is recorded now. */
export function registerTrace(): void {
  registerTabKind({ kind: 'trace', icon: Activity, title: titleOf, Screen: TraceScreen, recent: true });
  registerTabKind({ kind: 'traces', icon: Activity, title: () => 'Traces', Screen: LibraryScreen });
  registerArea({ id: 'traces', label: 'Traces', icon: Activity, order: 20, tab: { kind: 'traces', params: {} } });
  registerStatusItem({ id: 'record', side: 'left', order: 20, Item: RecordStatus });
  registerStatusItem({ id: 'follow', side: 'left', order: 21, Item: FollowDialog });
  registerQuickSource(() => {
    const { recordings, captures } = useTraceLibrary.getState();
    return [
      ...recordings.map((recording) => ({
        id: `recording ${recording.id}`,
        title: `Trace: ${recordingTitle(recording)}`,
        detail: 'recording',
        run: () => openTab('trace', { recording: recording.id }),
      })),
      ...captures.map((path) => ({
        id: `capture ${path}`,
        title: nameOf(path),
        detail: path,
        run: () => openTab('trace', { file: path }),
      })),
    ];
  });
  listScreenCommands('in a trace', [...TRACE_COMMANDS, ...PANES.map(paneCommand)]);
  registerCommands([
    {
      id: 'capture.open',
      title: 'Open capture',
      key: 'Mod+O',
      menu: { title: 'File', group: 1 },
      run: () => void openCapture(),
    },
    {
      id: 'capture.follow',
      title: 'Follow a live capture',
      menu: { title: 'File', group: 1 },
      run: askToFollow,
    },
    ...SAMPLES.map(({ name, title }) => ({
      id: `sample.${name}`,
      title: `Open a sample capture: ${title}`,
      run: () => void openSample(name),
    })),
    { id: 'traces.open', title: 'Traces', menu: { title: 'View', group: 3 }, run: () => openTab('traces') },
    {
      id: 'trace.recordControls',
      title: 'Recording controls',
      key: 'Mod+E',
      menu: { title: 'Session', group: 5 },
      run: () => document.getElementById('record-status')?.click(),
    },
  ]);
}
