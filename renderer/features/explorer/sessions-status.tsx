import { Plug } from 'lucide-react';
import { useEffect, useState } from 'react';
import { subscribe } from '../../lib/client.ts';
import { formatBytes, formatCount, formatCountOf } from '../../lib/format.ts';
import { isLost, targetParams, useExplorer } from '../../state/explorer-store.ts';
import { openTab, tabId, useShell } from '../../state/shell-store.ts';

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

/** Opens the details of a lost session: the one after the one in front, round the end. */
function showLost(): void {
  const { sessions } = useExplorer.getState();
  const places = sessions.filter(isLost).map((session) => ({ ...targetParams(session), session: session.id }));
  const { active } = useShell.getState();
  const next = places[(places.findIndex((params) => tabId('session', params) === active) + 1) % places.length];
  if (next !== undefined) openTab('session', next);
}

/** How many sessions are up, and how many are not what they should be; those are a click away. */
export function SessionsStatus() {
  const sessions = useExplorer((store) => store.sessions);
  const up = sessions.filter(({ state }) => state === 'full').length;
  const lost = sessions.filter(isLost).length;
  const upWords = formatCountOf(BigInt(up), 'session');
  if (lost === 0)
    return (
      <span className="status-item">
        <Plug size={11} aria-hidden />
        {upWords}
      </span>
    );
  return (
    <button type="button" className="status-button" title="Show the session that was lost" onClick={showLost}>
      <Plug size={11} aria-hidden />
      {`${upWords}, ${lost} lost`}
    </button>
  );
}
