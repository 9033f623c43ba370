import { Share2 } from 'lucide-react';
import { registerCommands } from '../../state/commands.ts';
import { registerTabKind } from '../../state/plugs.ts';
import { openTab } from '../../state/shell-store.ts';
import { ShareScreen } from './share-screen.tsx';

/** The tab that shares an image as a LUN. */
export function registerShare(): void {
  registerTabKind({ kind: 'share', icon: Share2, title: () => 'Share an image', Screen: ShareScreen });
  registerCommands([
    { id: 'share.open', title: 'Share an image', menu: { title: 'File', group: 2 }, run: () => openTab('share') },
  ]);
}
