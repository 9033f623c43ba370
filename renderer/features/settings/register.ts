import { Settings } from 'lucide-react';
import { registerArea, registerTabKind } from '../../state/plugs.ts';
import { SettingsScreen } from './settings-screen.tsx';

/** The tab for settings, and its icon. */
export function registerSettings(): void {
  registerTabKind({ kind: 'settings', icon: Settings, title: () => 'Settings', Screen: SettingsScreen });
  registerArea({
    id: 'settings',
    label: 'Settings',
    icon: Settings,
    order: 110,
    tab: { kind: 'settings', params: {} },
  });
}
