import { Monitor } from 'lucide-react';
import { registerCommands } from '../../state/commands.ts';
import { registerTabKind } from '../../state/plugs.ts';
import { openTab } from '../../state/shell-store.ts';
import { SystemScreen } from './system-screen.tsx';

/** The tab of this computer's own initiator. */
export function registerSystem(): void {
  registerTabKind({ kind: 'system', icon: Monitor, title: () => 'This computer', Screen: SystemScreen });
  registerCommands([
    { id: 'system.open', title: 'This computer', menu: { title: 'File', group: 2 }, run: () => openTab('system') },
  ]);
}
