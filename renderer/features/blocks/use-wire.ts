import { useExplorer } from '../../state/explorer-store.ts';
import { showPdus, touching, useRecordingOf } from '../../state/trace-jump.ts';
import type { PlaceProps } from './copy-selection.ts';

/** Shows the PDUs that touched the selection; null where nothing of the session is on record. */
export function useWire({ view, place }: PlaceProps): (() => void) | null {
  const recording = useRecordingOf(place.id);
  const sessions = useExplorer((store) => store.sessions);
  const number = sessions.find(({ id }) => id === place.id)?.luns?.find(({ lun }) => lun === place.lun)?.number ?? null;
  if (recording === null || number === null) return null;
  return () => {
    const { offset, length } = view.range;
    const block = BigInt(view.blockSize);
    const first = offset / block;
    showPdus(recording, touching(number, first, (offset + length - 1n) / block - first + 1n));
  };
}
