import { Tooltip } from '@base-ui/react/tooltip';
import { useEffect, useState, type ReactNode } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { Empty } from '../components/empty.tsx';
import { Slot } from '../components/slots.tsx';
import { Toasts } from '../components/toasts.tsx';
import { request, subscribe } from '../lib/client.ts';
import { keepFocus } from '../lib/kept-focus.ts';
import { menuModel, runCommand, useCommandStore } from '../state/commands.ts';
import { useDemo } from '../state/demo-store.ts';
import { watchExplorer } from '../state/explorer-store.ts';
import { watchJobs } from '../state/jobs-store.ts';
import { usePlugs } from '../state/plugs.ts';
import { watchShares } from '../state/shares-store.ts';
import { keepLayout, useShell } from '../state/shell-store.ts';
import { readSystem } from '../state/system-store.ts';
import { ActivityBar } from './activity-bar.tsx';
import { BottomPanel } from './bottom-panel.tsx';
import { listenToKeys } from './keymap.ts';
import { watchOpenings } from './openings.ts';
import { watchPaths } from './path-findings.ts';
import { PickerDialog } from './picker.tsx';
import { StatusBar } from './status-bar.tsx';
import { TabPanels } from './tab-panels.tsx';
import { TabStrip } from './tabs.tsx';

/** Follows the main process and the keyboard while the window is there. */
function useWindow(): void {
  const { load } = useShell();
  const watchDemo = useDemo((demo) => demo.watch);
  useEffect(() => {
    void load();
    void readSystem();
    const commands = subscribe('app.commands', undefined, {
      onItems: (items) => items.forEach(runCommand),
      onEnd: () => undefined,
    });
    const ends = [
      commands,
      watchDemo(),
      watchJobs(),
      watchExplorer(),
      watchShares(),
      watchPaths(),
      watchOpenings(),
      keepLayout(),
      listenToKeys(),
      keepFocus(),
    ];
    return () => ends.forEach((end) => end());
  }, [load, watchDemo]);
}

/** Keeps the native menu as the commands and the person's keys have it. */
function useMenu(): void {
  const commands = useCommandStore((store) => store.commands);
  const keys = useShell((shell) => shell.settings?.keys);
  useEffect(() => {
    if (keys === undefined) return undefined;
    const timer = setTimeout(() => void request('app.setMenu', menuModel()), 50);
    return () => clearTimeout(timer);
  }, [commands, keys]);
}

function useTitle(): void {
  const { tabs, active } = useShell();
  const kinds = usePlugs((plugs) => plugs.tabKinds);
  const tab = tabs.find(({ id }) => id === active);
  const title = tab === undefined || tab.kind === 'start' ? null : (kinds.get(tab.kind)?.title(tab.params) ?? null);
  useEffect(() => {
    document.title = title === null ? 'Lunascope' : `${title} - Lunascope`;
  }, [title]);
}

interface Piece {
  readonly id: string;
  readonly label: string;
  readonly size: string;
  readonly least: string;
  readonly content: ReactNode;
}

/** Panels beside or below each other; where the lines between them stand is kept. */
function Pieces({
  name,
  orientation,
  pieces,
}: {
  readonly name: string;
  readonly orientation: 'horizontal' | 'vertical';
  readonly pieces: readonly Piece[];
}) {
  const key = [name, ...pieces.map(({ id }) => id)].join(' ');
  const [atFirst] = useState(() => useShell.getState().sizes[key]);
  // A part that comes back is as large as it was; the group itself stays, and with it what the screens hold.
  const sizeOf = ({ id, size }: Piece): string => {
    const before = useShell.getState().sizes[key]?.[id];
    return before === undefined ? size : `${before}%`;
  };
  return (
    <Group
      className="workspace"
      orientation={orientation}
      {...(atFirst === undefined ? {} : { defaultLayout: atFirst })}
      onLayoutChanged={(next) => useShell.setState((shell) => ({ sizes: { ...shell.sizes, [key]: next } }))}
    >
      {pieces.flatMap((piece, index) => [
        ...(index === 0 ? [] : [<Separator key={`${piece.id} line`} className="splitter" aria-label={piece.label} />]),
        <Panel
          key={piece.id}
          id={piece.id}
          minSize={piece.least}
          {...(piece.size === '' ? {} : { defaultSize: sizeOf(piece) })}
        >
          {piece.content}
        </Panel>,
      ])}
    </Group>
  );
}

function Workspace() {
  const visible = useShell((shell) => shell.visible);
  const wanted = useShell((shell) => shell.area);
  const areas = usePlugs((plugs) => plugs.areas);
  const Sidebar = (areas.find(({ id }) => id === wanted) ?? areas[0])?.Sidebar;
  const screens = (
    <main className="main" data-region="main">
      <TabStrip />
      <div className="tab-panels">
        <TabPanels />
      </div>
    </main>
  );
  const middle: Piece[] = [{ id: 'screens', label: '', size: '', least: '120px', content: screens }];
  if (visible.panel) {
    middle.push({ id: 'panel', label: 'Height of the panel', size: '220px', least: '90px', content: <BottomPanel /> });
  }
  const columns: Piece[] = [];
  if (visible.sidebar && Sidebar !== undefined) {
    const content = (
      <aside className="sidebar" aria-label="Sidebar" data-region="sidebar">
        <Sidebar />
      </aside>
    );
    columns.push({ id: 'sidebar', label: 'Width of the sidebar', size: '300px', least: '180px', content });
  }
  columns.push({
    id: 'main',
    label: 'Width of the sidebar',
    size: '',
    least: '320px',
    content: <Pieces name="rows" orientation="vertical" pieces={middle} />,
  });
  if (visible.inspector) {
    const content = (
      <aside className="inspector" aria-label="Inspector" data-region="inspector">
        <div className="sidebar-title">
          <h2>Inspector</h2>
        </div>
        <Slot name="inspector" className="inspector-content" />
        <div className="inspector-empty">
          <Empty action={{ label: 'Go to a LUN', run: () => runCommand('palette.places') }}>
            The screen in front has no details to show here. Pages of a LUN and PDUs of a trace do.
          </Empty>
        </div>
      </aside>
    );
    columns.push({ id: 'inspector', label: 'Width of the inspector', size: '300px', least: '200px', content });
  }
  return <Pieces name="columns" orientation="horizontal" pieces={columns} />;
}

/** The window: areas on the left, the tree, the open screens, the inspector, the panel below, the status line. */
export function App() {
  useWindow();
  useMenu();
  useTitle();
  const loaded = useShell(({ info, settings }) => info !== null && settings !== null);
  if (!loaded) return null;
  return (
    <Tooltip.Provider delay={500}>
      <div className="frame">
        <ActivityBar />
        <Workspace />
        <StatusBar />
      </div>
      <PickerDialog />
      <Toasts />
    </Tooltip.Provider>
  );
}
