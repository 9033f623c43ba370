import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuModel } from '../../contract/menu.ts';

/** A key as the window writes it, in the words of Electron. */
const accelerator = (key: string): string =>
  key
    .replace('Mod+', 'CommandOrControl+')
    .replace('ArrowLeft', 'Left')
    .replace('ArrowRight', 'Right')
    .replace(/\+\+$/, '+Plus');

/** Puts up the native menu: the window's own commands, and what every program has. */
export function installMenu(model: MenuModel, send: (command: string) => void): void {
  const isMac = process.platform === 'darwin';
  const itemsOf = (title: MenuModel[number]['title']): MenuItemConstructorOptions[] =>
    (model.find((menu) => menu.title === title)?.items ?? []).flatMap((item) => [
      ...(item.divided ? [{ type: 'separator' } as const] : []),
      {
        label: item.title,
        click: () => send(item.command),
        // The window listens to its keys itself; the menu only shows them.
        ...(item.key === null ? {} : { accelerator: accelerator(item.key), registerAccelerator: false }),
      },
    ]);
  const fileEnd: MenuItemConstructorOptions[] = [{ type: 'separator' }, isMac ? { role: 'close' } : { role: 'quit' }];
  const viewEnd: MenuItemConstructorOptions[] = [
    { type: 'separator' },
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
    { role: 'toggleDevTools' },
  ];
  const session = itemsOf('Session');
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(isMac ? [{ role: 'appMenu' } as const] : []),
      { label: '&File', submenu: [...itemsOf('File'), ...fileEnd] },
      { role: 'editMenu' },
      { label: '&View', submenu: [...itemsOf('View'), ...viewEnd] },
      { label: '&Go', submenu: itemsOf('Go') },
      ...(session.length === 0 ? [] : [{ label: '&Session', submenu: session }]),
      { role: 'help', submenu: itemsOf('Help') },
    ]),
  );
}
