import { Binary } from 'lucide-react';
import { lunParams, placeOf, sessionFor, useExplorer } from '../../state/explorer-store.ts';
import { listScreenCommands, registerCommands } from '../../state/commands.ts';
import { registerQuickSource, registerTabKind, type QuickItem, type TabParams } from '../../state/plugs.ts';
import { openTab, useShell } from '../../state/shell-store.ts';
import { SECTOR_COMMANDS } from './sector-commands.ts';
import { SectorsScreen } from './sectors-screen.tsx';

const NUMBER_END = 4;

function title(params: TabParams): string {
  const session = sessionFor(useExplorer.getState().sessions, placeOf(params));
  const lun = session?.luns?.find((one) => one.lun === params['lun']);
  const number = lun?.text ?? String(Number.parseInt((params['lun'] ?? '').slice(2, NUMBER_END), 16));
  return `Sectors of LUN ${number}${lun === undefined || lun.product === '' ? '' : ` ${lun.product}`}`;
}

/** The sectors of every LUN that is in reach, for quick open. */
function places(): QuickItem[] {
  return useExplorer.getState().sessions.flatMap((session) =>
    (session.luns ?? [])
      .filter(({ readable }) => readable)
      .map((lun) => ({
        id: `sectors ${session.id} ${lun.lun}`,
        title: `Sectors of LUN ${lun.text} ${lun.product}`,
        detail: session.target,
        run: () => openTab('sectors', lunParams(session, lun.lun)),
      })),
  );
}

const frontLun = (): TabParams | null => {
  const { tabs, active } = useShell.getState();
  const tab = tabs.find(({ id }) => id === active);
  return tab?.kind === 'lun' ? tab.params : null;
};

/** The tab that shows the sectors of a LUN. */
export function registerBlocks(): void {
  registerTabKind({ kind: 'sectors', icon: Binary, title, Screen: SectorsScreen, recent: true });
  registerQuickSource(places);
  listScreenCommands('in sectors', SECTOR_COMMANDS);
  registerCommands([
    {
      id: 'sectors.open',
      title: 'Open the sectors of this LUN',
      key: 'Mod+Shift+S',
      menu: { title: 'Go', group: 3 },
      enabled: () => frontLun() !== null,
      run: () => {
        const params = frontLun();
        if (params !== null) openTab('sectors', params);
      },
    },
  ]);
}
