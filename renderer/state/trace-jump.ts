import { usePlugs } from './plugs.ts';
import { openTab } from './shell-store.ts';
import { useTraceLibrary } from './trace-store.ts';

const KIND = 'trace';

/** The recording of a session's conversation, where there is one that can be shown. */
export function useRecordingOf(session: string): string | null {
  const found = useTraceLibrary((library) => library.recordings.find((one) => one.session === session));
  const shown = usePlugs((plugs) => plugs.tabKinds.has(KIND));
  return found === undefined || !shown ? null : found.id;
}

/** The filter for the tasks that touched some blocks of a LUN. */
export function touching(lun: number, firstLba: bigint, blocks: bigint): string {
  return `lun == ${lun} && lba <= ${String(firstLba + blocks - 1n)} && lastLba >= ${String(firstLba)}`;
}

/** Opens a recording at the PDUs that a filter lets through. */
export function showPdus(recording: string, filter: string): void {
  openTab(KIND, { recording, filter });
}
