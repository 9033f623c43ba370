import { Plug } from 'lucide-react';
import { useExplorer } from '../../state/explorer-store.ts';

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
