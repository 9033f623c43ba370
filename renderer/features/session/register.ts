import { Plug } from 'lucide-react';
import { shortName } from '../../lib/format.ts';
import { registerTabKind } from '../../state/plugs.ts';
import { useExplorer } from '../../state/explorer-store.ts';
import { SessionScreen } from './session-screen.tsx';

function title(params: Readonly<Record<string, string>>): string {
  const session = useExplorer.getState().sessions.find(({ id }) => id === params['session']);
  const target = shortName(params['target'] ?? '');
  return session === undefined ? `Session with ${target}` : `Session ${session.number} ${target}`;
}

/** The tab of one session. */
export function registerSession(): void {
  registerTabKind({ kind: 'session', icon: Plug, title, Screen: SessionScreen });
}
