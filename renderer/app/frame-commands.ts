import { focusRegion } from '../lib/regions.ts';
import type { Command } from '../state/commands.ts';
import { closeTab, openTab, reopenTab, showPanel, showTab, togglePart, useShell } from '../state/shell-store.ts';
import { toggleNumbers } from '../state/number-base.ts';
import { openPicker } from './picker.tsx';

const LAST_NUMBERED = 8;

function step(by: 1 | -1): void {
  const { tabs, active } = useShell.getState();
  const at = tabs.findIndex(({ id }) => id === active);
  const next = tabs[(at + by + tabs.length) % tabs.length];
  if (next !== undefined) showTab(next.id);
}

function showNumber(index: number): void {
  const { tabs } = useShell.getState();
  const tab = index === -1 ? tabs.at(-1) : tabs[index];
  if (tab !== undefined) showTab(tab.id);
}

const numbered: readonly Command[] = Array.from({ length: LAST_NUMBERED }, (_, index) => ({
  id: `tab.show${index + 1}`,
  title: `Show tab ${index + 1}`,
  key: `Mod+${index + 1}`,
  enabled: () => useShell.getState().tabs.length > index,
  run: () => showNumber(index),
}));

/** What the frame itself can do. */
export const FRAME_COMMANDS: readonly Command[] = [
  {
    id: 'palette.commands',
    title: 'Command palette',
    key: 'Mod+Shift+P',
    menu: { title: 'View', group: 0 },
    run: () => openPicker('commands'),
  },
  {
    id: 'palette.places',
    title: 'Quick open',
    key: 'Mod+P',
    menu: { title: 'Go', group: 0 },
    run: () => openPicker('places'),
  },
  {
    id: 'tab.close',
    title: 'Close tab',
    key: 'Mod+W',
    menu: { title: 'File', group: 9 },
    run: () => closeTab(useShell.getState().active),
  },
  {
    id: 'tab.reopen',
    title: 'Reopen closed tab',
    key: 'Mod+Shift+T',
    menu: { title: 'File', group: 9 },
    enabled: () => useShell.getState().closed.length > 0,
    run: reopenTab,
  },
  {
    id: 'tab.recent',
    title: 'Go to the tab used before',
    key: 'Ctrl+Tab',
    alsoKeys: ['Mod+Tab'],
    menu: { title: 'Go', group: 1 },
    enabled: () => useShell.getState().order.length > 1,
    run: () => showTab(useShell.getState().order[1] ?? 'start'),
  },
  { id: 'tab.next', title: 'Next tab', key: 'Mod+PageDown', menu: { title: 'Go', group: 1 }, run: () => step(1) },
  {
    id: 'tab.previous',
    title: 'Previous tab',
    key: 'Mod+PageUp',
    menu: { title: 'Go', group: 1 },
    run: () => step(-1),
  },
  ...numbered,
  { id: 'tab.showLast', title: 'Show the last tab', key: 'Mod+9', run: () => showNumber(-1) },
  {
    id: 'sidebar.toggle',
    title: 'Toggle sidebar',
    key: 'Mod+B',
    menu: { title: 'View', group: 1 },
    run: () => togglePart('sidebar'),
  },
  {
    id: 'panel.toggle',
    title: 'Toggle panel',
    key: 'Mod+J',
    menu: { title: 'View', group: 1 },
    run: () => togglePart('panel'),
  },
  {
    id: 'inspector.toggle',
    title: 'Toggle inspector',
    key: 'Mod+I',
    menu: { title: 'View', group: 1 },
    run: () => togglePart('inspector'),
  },
  {
    id: 'numbers.toggle',
    title: 'Change between decimal and hex numbers',
    key: 'Mod+Shift+H',
    menu: { title: 'View', group: 3 },
    run: toggleNumbers,
  },
  { id: 'panel.jobs', title: 'Show jobs', menu: { title: 'View', group: 2 }, run: () => showPanel('jobs') },
  { id: 'panel.log', title: 'Show log', menu: { title: 'View', group: 2 }, run: () => showPanel('log') },
  { id: 'panel.findings', title: 'Show findings', menu: { title: 'View', group: 2 }, run: () => showPanel('findings') },
  {
    id: 'region.next',
    title: 'Focus the next region',
    key: 'F6',
    menu: { title: 'Go', group: 2 },
    run: () => focusRegion(1),
  },
  {
    id: 'region.previous',
    title: 'Focus the region before',
    key: 'Shift+F6',
    menu: { title: 'Go', group: 2 },
    run: () => focusRegion(-1),
  },
  { id: 'start.open', title: 'Start screen', menu: { title: 'File', group: 0 }, run: () => openTab('start') },
  {
    id: 'settings.open',
    title: 'Settings',
    key: 'Mod+,',
    menu: { title: 'File', group: 8 },
    run: () => openTab('settings'),
  },
  { id: 'help.keys', title: 'Keys', key: '?', menu: { title: 'Help', group: 0 }, run: () => openTab('keys') },
  { id: 'help.about', title: 'About Lunascope', menu: { title: 'Help', group: 1 }, run: () => openTab('about') },
];
