import { FlaskConical } from 'lucide-react';
import { registerCommands } from '../../state/commands.ts';
import { registerArea, registerStatusItem, registerTabKind } from '../../state/plugs.ts';
import { openTab } from '../../state/shell-store.ts';
import { DemoScreen } from './demo-screen.tsx';
import { DemoStatus } from './demo-status.tsx';

/** The demo SAN: its tab, its icon, its command, its place in the status bar. */
export function registerDemo(): void {
  registerTabKind({ kind: 'demo', icon: FlaskConical, title: () => 'Demo SAN', Screen: DemoScreen });
  registerArea({ id: 'demo', label: 'Demo SAN', icon: FlaskConical, order: 30, tab: { kind: 'demo', params: {} } });
  registerStatusItem({ id: 'demo', side: 'left', order: 30, Item: DemoStatus });
  registerCommands([
    { id: 'demo.open', title: 'Explore the demo SAN', menu: { title: 'File', group: 0 }, run: () => openTab('demo') },
  ]);
}
