import { Binary } from 'lucide-react';
import { placeOf, sessionFor, useExplorer } from '../../state/explorer-store.ts';
import { registerTabKind, type TabParams } from '../../state/plugs.ts';
import { SectorsScreen } from './sectors-screen.tsx';

const NUMBER_END = 4;

function title(params: TabParams): string {
  const session = sessionFor(useExplorer.getState().sessions, placeOf(params));
  const lun = session?.luns?.find((one) => one.lun === params['lun']);
  const number = lun?.text ?? String(Number.parseInt((params['lun'] ?? '').slice(2, NUMBER_END), 16));
  return `Sectors of LUN ${number}${lun === undefined || lun.product === '' ? '' : ` ${lun.product}`}`;
}

/** The tab that shows the sectors of a LUN. */
export function registerBlocks(): void {
  registerTabKind({ kind: 'sectors', icon: Binary, title, Screen: SectorsScreen, recent: true });
}
