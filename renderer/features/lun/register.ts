import { HardDrive } from 'lucide-react';
import { registerTabKind } from '../../state/plugs.ts';
import { useExplorer, placeOf, sessionFor } from '../../state/explorer-store.ts';
import { LunScreen } from './lun-screen.tsx';

const FLAT_DIGITS = 4;

function title(params: Readonly<Record<string, string>>): string {
  const session = sessionFor(useExplorer.getState().sessions, placeOf(params));
  const lun = session?.luns?.find((one) => one.lun === params['lun']);
  const number = lun?.text ?? String(Number.parseInt((params['lun'] ?? '').slice(2, FLAT_DIGITS), 16));
  return lun === undefined || lun.product === '' ? `LUN ${number}` : `LUN ${number} ${lun.product}`;
}

/** The tab of one LUN. */
export function registerLun(): void {
  registerTabKind({ kind: 'lun', icon: HardDrive, title, Screen: LunScreen, recent: true });
}
