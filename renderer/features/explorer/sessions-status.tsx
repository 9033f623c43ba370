import { Plug } from 'lucide-react';
import { useEffect, useState } from 'react';
import { subscribe } from '../../lib/client.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { useExplorer } from '../../state/explorer-store.ts';

interface Rate {
  readonly iops: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What all sessions move a second, in the status bar; nothing where none is up. */
export function RateStatus() {
  const anyUp = useExplorer((store) => store.sessions.some(({ state }) => state === 'full'));
  const [rate, setRate] = useState<Rate | null>(null);
  useEffect(() => {
    if (!anyUp) return undefined;
    return subscribe('sessions.rate', undefined, {
      onItems: (items) => setRate(items.at(-1) ?? null),
      onEnd: () => undefined,
    });
  }, [anyUp]);
  if (!anyUp || rate === null) return null;
  return (
    <span className="status-item mono" title="Commands, bytes read and bytes written in the last second">
      {`${formatCount(BigInt(rate.iops))} IOPS  ↓ ${formatBytes(BigInt(rate.bytesIn))}/s  ↑ ${formatBytes(BigInt(rate.bytesOut))}/s`}
    </span>
  );
}

/** How many sessions are up, and how many are not what they should be. */
export function SessionsStatus() {
  const sessions = useExplorer((store) => store.sessions);
  const up = sessions.filter(({ state }) => state === 'full').length;
  const lost = sessions.filter(
    ({ state, error }) => state === 'recovering' || (state === 'closed' && error !== null),
  ).length;
  return (
    <span className="status-item">
      <Plug size={11} aria-hidden />
      {`${up === 1 ? '1 session' : `${up} sessions`}${lost === 0 ? '' : `, ${lost} lost`}`}
    </span>
  );
}
