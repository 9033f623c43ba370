import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { WindowCommand } from '../../contract/names.ts';

/** The native menu; every entry of ours is a command of the window. */
export function installMenu(send: (command: WindowCommand) => void): void {
  const item = (label: string, command: WindowCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => send(command),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  const isMac = process.platform === 'darwin';
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(isMac ? [{ role: 'appMenu' } as const] : []),
      {
        label: '&File',
        submenu: [
          item('Start', 'start.show'),
          item('Demo SAN', 'demo.show'),
          { type: 'separator' },
          item('Settings', 'settings.show', 'CmdOrCtrl+,'),
          { type: 'separator' },
          item('Close Tab', 'tab.close', 'CmdOrCtrl+W'),
          isMac ? { role: 'close' } : { role: 'quit' },
        ],
      },
      { role: 'editMenu' },
      {
        label: '&View',
        submenu: [
          item('Toggle Sidebar', 'sidebar.toggle', 'CmdOrCtrl+B'),
          { type: 'separator' },
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { type: 'separator' },
          { role: 'togglefullscreen' },
          { role: 'toggleDevTools' },
        ],
      },
      { role: 'help', submenu: [item('About Lunascope', 'help.about')] },
    ]),
  );
}
