import { ContextMenu } from '@base-ui/react/context-menu';
import type { ReactNode } from 'react';
import { request } from '../../lib/client.ts';
import { dropSession, placeOf, useExplorer } from '../../state/explorer-store.ts';
import { openTab } from '../../state/shell-store.ts';
import { usePlugs } from '../../state/plugs.ts';
import { choosePath, isThisWay, readPathOf } from '../../state/read-path.ts';
import type { TreeRow } from './tree-model.ts';
import '../../components/menu.css';

/** Opens the bytes of a LUN; false where the row is none. */
export function openSectors(row: TreeRow): boolean {
  if (row.kind !== 'lun' || row.tab === null || !usePlugs.getState().tabKinds.has('sectors')) return false;
  openTab('sectors', row.tab.params);
  return true;
}

/** Lets the reads of a disk go the way that a row stands for. */
function readThrough({ tab }: TreeRow): void {
  if (tab === null) return;
  const { sessions, explorer } = useExplorer.getState();
  const { unit, paths } = readPathOf(sessions, explorer.paths, tab.params);
  const way = { place: placeOf(tab.params), lun: tab.params['lun'] ?? '' };
  const path = paths.find((one) => isThisWay(way, one));
  if (unit !== null && path !== undefined) choosePath(unit, path);
}

/** Ends the session that a row stands for: a word to the target where it is up, else at once. */
function SessionItem({ row }: { readonly row: TreeRow }) {
  const session = useExplorer(({ sessions }) => sessions.find(({ id }) => id === row.tab?.params['session']));
  if (session === undefined) return null;
  const isUp = session.state === 'full';
  return (
    <ContextMenu.Item
      className="menu-item"
      onClick={() => (isUp ? void request('sessions.logout', { id: session.id }) : dropSession(session))}
    >
      {isUp ? 'Sign out' : session.state === 'closed' ? 'Take off the list' : 'End session'}
    </ContextMenu.Item>
  );
}

interface TreeMenuProps {
  /** What keys act on; a click with the other button chooses it first. */
  readonly row: TreeRow | undefined;
  readonly onOpen: (row: TreeRow) => void;
  readonly children: ReactNode;
}

/** What can be done with a row of the tree. */
export function TreeMenu({ row, onOpen, children }: TreeMenuProps) {
  const hasSectors = usePlugs((plugs) => plugs.tabKinds.has('sectors'));
  if (row === undefined) return children;
  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger className="tree-trigger">{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Positioner className="menu-layer">
          <ContextMenu.Popup className="menu">
            <ContextMenu.Item className="menu-item" onClick={() => onOpen(row)}>
              {row.tab === null ? 'Fold or unfold' : 'Open'} <span className="menu-spring" /> <kbd>Enter</kbd>
            </ContextMenu.Item>
            {row.kind === 'lun' && hasSectors ? (
              <ContextMenu.Item className="menu-item" onClick={() => openSectors(row)}>
                Open sectors <span className="menu-spring" /> <kbd>Shift+Enter</kbd>
              </ContextMenu.Item>
            ) : null}
            {row.kind === 'path' ? (
              <ContextMenu.Item
                className="menu-item"
                disabled={row.badges.includes('reads') || row.state !== 'ok'}
                onClick={() => readThrough(row)}
              >
                {`Read through ${row.label}`}
              </ContextMenu.Item>
            ) : null}
            {row.kind === 'session' ? <SessionItem row={row} /> : null}
            {row.kind === 'target' ? (
              <ContextMenu.Item
                className="menu-item"
                onClick={() => void request('clipboard.writeText', { text: row.title.split(',')[0] ?? '' })}
              >
                Copy name
              </ContextMenu.Item>
            ) : null}
          </ContextMenu.Popup>
        </ContextMenu.Positioner>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}
