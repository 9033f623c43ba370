import { FolderTree, Plus, Server } from 'lucide-react';
import { toast } from '../../components/toasts.tsx';
import { request } from '../../lib/client.ts';
import { formatPortal } from '../../lib/format.ts';
import { registerCommands } from '../../state/commands.ts';
import { dropSession, isLost, lunParams, targetParams, useExplorer } from '../../state/explorer-store.ts';
import {
  registerArea,
  registerQuickSource,
  registerStatusItem,
  registerTabKind,
  type QuickItem,
} from '../../state/plugs.ts';
import { openTab, showPanel } from '../../state/shell-store.ts';
import { ExplorerSidebar } from './explorer-sidebar.tsx';
import { RateStatus, SessionsStatus } from './sessions-status.tsx';
import { PortalForm } from './portal-form.tsx';
import { PortalScreen } from './portal-screen.tsx';
import './explorer.css';

function places(): QuickItem[] {
  const { explorer, sessions } = useExplorer.getState();
  const portals = explorer.portals.map(({ id, host, port }) => ({
    id: `portal ${id}`,
    title: id,
    detail: 'portal',
    run: () => openTab('portal', { host, port: String(port) }),
  }));
  const targets = explorer.portals.flatMap(({ host, port, targets: known }) =>
    known.map(({ name }) => ({
      id: `target ${host} ${port} ${name}`,
      title: name,
      detail: `target through ${formatPortal({ host, port })}`,
      run: () => openTab('target', targetParams({ host, port, target: name })),
    })),
  );
  const luns = sessions.flatMap((session) =>
    (session.luns ?? []).map((lun) => ({
      id: `lun ${session.id} ${lun.lun}`,
      title: `LUN ${lun.text} ${lun.vendor} ${lun.product}`,
      detail: `${session.target} ${lun.serial ?? ''} ${lun.names.map(({ text }) => text).join(' ')}`,
      run: () => openTab('lun', lunParams(session, lun.lun)),
    })),
  );
  return [...luns, ...targets, ...portals];
}

async function copyName(): Promise<void> {
  const { initiatorName } = useExplorer.getState().explorer;
  const answer = await request('clipboard.writeText', { text: initiatorName });
  if (answer.ok) toast(`Copied ${initiatorName}.`);
}

async function discoverAll(): Promise<void> {
  if (useExplorer.getState().explorer.portals.length === 0) {
    openTab('add-portal');
    return;
  }
  showPanel('jobs');
  await request('portals.discoverAll', undefined);
}

/** The tree of what is known, in the sidebar, and the ways to know more. */
export function registerExplorer(): void {
  registerArea({ id: 'explorer', label: 'Explorer', icon: FolderTree, order: 10, Sidebar: ExplorerSidebar });
  registerTabKind({ kind: 'add-portal', icon: Plus, title: () => 'Add portal', Screen: PortalForm });
  registerTabKind({
    kind: 'portal',
    icon: Server,
    title: (params) => formatPortal({ host: params['host'] ?? '', port: Number(params['port']) }),
    Screen: PortalScreen,
    recent: true,
  });
  registerStatusItem({ id: 'sessions', side: 'left', order: 10, Item: SessionsStatus });
  registerStatusItem({ id: 'rate', side: 'left', order: 20, Item: RateStatus });
  registerQuickSource(places);
  registerCommands([
    {
      id: 'portal.add',
      title: 'Add portal',
      key: 'Mod+N',
      menu: { title: 'File', group: 0 },
      run: () => openTab('add-portal'),
    },
    {
      id: 'portal.discoverAll',
      title: 'Discover all portals again',
      menu: { title: 'Session', group: 0 },
      run: () => void discoverAll(),
    },
    {
      id: 'session.endLost',
      title: 'End the lost sessions',
      menu: { title: 'Session', group: 1 },
      enabled: () => useExplorer.getState().sessions.some(isLost),
      run: () => {
        for (const session of useExplorer.getState().sessions.filter(isLost)) dropSession(session);
      },
    },
    {
      id: 'initiator.copyName',
      title: 'Copy this computer’s initiator name',
      menu: { title: 'Session', group: 0 },
      run: () => void copyName(),
    },
  ]);
}
