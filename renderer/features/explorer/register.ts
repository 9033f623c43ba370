import { FolderTree } from 'lucide-react';
import { registerArea } from '../../state/plugs.ts';
import { ExplorerSidebar } from './explorer-sidebar.tsx';

/** The tree of what is known, in the sidebar. */
export function registerExplorer(): void {
  registerArea({ id: 'explorer', label: 'Explorer', icon: FolderTree, order: 10, Sidebar: ExplorerSidebar });
}
