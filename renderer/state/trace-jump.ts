import { create } from 'zustand';
import { usePlugs } from './plugs.ts';
import { openTab } from './shell-store.ts';
import { useTraceLibrary } from './trace-store.ts';

const KIND = 'trace';

interface Wanted {
  /** Filters that no trace has taken yet, by recording. */
  readonly filters: ReadonlyMap<string, string>;
}

const useWanted = create<Wanted>()(() => ({ filters: new Map() }));

/** The recording of a session's conversation, where there is one that can be shown. */
export function useRecordingOf(session: string): string | null {
  const found = useTraceLibrary((library) => library.recordings.find((one) => one.about === session));
  const shown = usePlugs((plugs) => plugs.tabKinds.has(KIND));
  return found === undefined || !shown ? null : found.id;
}

/** The filter for the tasks that touched some blocks of a LUN. */
export function touching(lun: number, firstLba: bigint, blocks: bigint): string {
  return `lun == ${lun} && lba <= ${String(firstLba + blocks - 1n)} && lastLba >= ${String(firstLba)}`;
}

/** Opens a recording, and has it show what a filter lets through. */
export function showPdus(recording: string, filter: string): void {
  useWanted.setState(({ filters }) => ({ filters: new Map(filters).set(recording, filter) }));
  openTab(KIND, { recording });
}

/** Gives a recording's trace the filters it is asked to show, now and later; call what it returns to end that. */
export function followWantedFilter(recording: string, take: (filter: string) => void): () => void {
  const look = ({ filters }: Wanted): void => {
    const filter = filters.get(recording);
    if (filter === undefined) return;
    const rest = new Map(filters);
    rest.delete(recording);
    useWanted.setState({ filters: rest });
    take(filter);
  };
  look(useWanted.getState());
  return useWanted.subscribe(look);
}
