import { create } from 'zustand';
import type { WindowCommand } from '../../electron/contract/names.ts';
import type { AppInfo } from '../../electron/contract/requests.ts';
import type { Settings } from '../../electron/contract/settings.ts';
import { request } from '../lib/client.ts';

/** The screens a tab can show. */
export type Screen = 'start' | 'demo' | 'settings' | 'about';

interface ShellState {
  readonly info: AppInfo | null;
  readonly settings: Settings | null;
  readonly tabs: readonly Screen[];
  readonly active: Screen;
  readonly load: () => Promise<void>;
  readonly show: (screen: Screen) => void;
  readonly close: (screen: Screen) => void;
  readonly changeSettings: (patch: Partial<Settings>) => Promise<void>;
  readonly run: (command: WindowCommand) => void;
}

const COMMAND_SCREENS: Partial<Record<WindowCommand, Screen>> = {
  'start.show': 'start',
  'settings.show': 'settings',
  'demo.show': 'demo',
  'help.about': 'about',
};

/** What the frame of the window shows: its tabs, the settings, the facts about the program. */
export const useShell = create<ShellState>()((set, get) => ({
  info: null,
  settings: null,
  tabs: ['start'],
  active: 'start',
  load: async () => {
    const [info, settings] = await Promise.all([request('app.info', undefined), request('settings.read', undefined)]);
    if (settings.ok) set({ settings: settings.value });
    if (info.ok) {
      set({ info: info.value });
      if (info.value.opening === 'demo') get().show('demo');
    }
  },
  show: (screen) => {
    const { tabs } = get();
    set({ active: screen, tabs: tabs.includes(screen) ? tabs : [...tabs, screen] });
  },
  close: (screen) => {
    const { tabs, active } = get();
    const index = tabs.indexOf(screen);
    const rest = tabs.filter((tab) => tab !== screen);
    const left = rest.length === 0 ? (['start'] as const) : rest;
    set({ tabs: left, active: active === screen ? (left[Math.min(index, left.length - 1)] ?? 'start') : active });
  },
  changeSettings: async (patch) => {
    const answer = await request('settings.write', patch);
    if (answer.ok) set({ settings: answer.value });
  },
  run: (command) => {
    const screen = COMMAND_SCREENS[command];
    if (screen !== undefined) get().show(screen);
    else if (command === 'tab.close') get().close(get().active);
    else if (command === 'sidebar.toggle') {
      void get().changeSettings({ sidebarVisible: !(get().settings?.sidebarVisible ?? true) });
    }
  },
}));
