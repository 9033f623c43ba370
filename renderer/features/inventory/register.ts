import { ClipboardList } from 'lucide-react';
import { registerCommands } from '../../state/commands.ts';
import { registerTabKind } from '../../state/plugs.ts';
import { openTab } from '../../state/shell-store.ts';
import { InventoryScreen } from './inventory-screen.tsx';

/** The tab that lists everything known, saves it, and says what changed. */
export function registerInventory(): void {
  registerTabKind({ kind: 'inventory', icon: ClipboardList, title: () => 'Inventory', Screen: InventoryScreen });
  registerCommands([
    { id: 'inventory.open', title: 'Inventory', menu: { title: 'File', group: 2 }, run: () => openTab('inventory') },
  ]);
}
