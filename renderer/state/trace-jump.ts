import { create } from 'zustand';
import type { WireError } from '../../electron/contract/errors.ts';
import { proofOf } from '../lib/trace-proof.ts';
import { usePlugs } from './plugs.ts';
import { openTab } from './shell-store.ts';
import { useTraceLibrary } from './trace-store.ts';

const KIND = 'trace';

/** What a trace is asked to show: what a filter lets through, or the last PDU that one of some filters finds. */
export type Wanted =
  | { readonly kind: 'filter'; readonly expression: string }
  | { readonly kind: 'proof'; readonly expressions: readonly string[] };

interface WantedStore {
  /** What no trace has taken up yet, by recording. */
  readonly wanted: ReadonlyMap<string, Wanted>;
}

const useWanted = create<WantedStore>()(() => ({ wanted: new Map() }));

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

function show(recording: string, wanted: Wanted): void {
  useWanted.setState((now) => ({ wanted: new Map(now.wanted).set(recording, wanted) }));
  openTab(KIND, { recording });
}

/** Opens a recording, and has it show what a filter lets through. */
export function showPdus(recording: string, expression: string): void {
  show(recording, { kind: 'filter', expression });
}

/** Opens the recording of the session or discovery an error ended or happened in, at the PDU the error came from. */
export function showProof(about: string, error: WireError): void {
  const found = useTraceLibrary.getState().recordings.find((one) => one.about === about);
  if (found !== undefined && usePlugs.getState().tabKinds.has(KIND))
    show(found.id, { kind: 'proof', expressions: proofOf(error) });
}

/** Gives a recording's trace what it is asked to show, now and later; call what it returns to end that. */
export function followWanted(recording: string, take: (wanted: Wanted) => void): () => void {
  const look = (now: WantedStore): void => {
    const wanted = now.wanted.get(recording);
    if (wanted === undefined) return;
    const rest = new Map(now.wanted);
    rest.delete(recording);
    useWanted.setState({ wanted: rest });
    take(wanted);
  };
  look(useWanted.getState());
  return useWanted.subscribe(look);
}
