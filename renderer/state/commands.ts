import { useEffect, useMemo } from 'react';
import { create } from 'zustand';
import type { MenuModel } from '../../electron/contract/menu.ts';
import { normalKey } from '../lib/keys.ts';
import { useShell } from './shell-store.ts';

/** Something a person can do, by palette, key, menu or button. */
export interface Command {
  /** `area.verb`; the same everywhere. */
  readonly id: string;
  /** What the palette and the menu say. */
  readonly title: string;
  /** As `Mod+Shift+P`; Mod is Ctrl, or Command on a Mac. */
  readonly key?: string;
  /** Further keys, not shown. */
  readonly alsoKeys?: readonly string[];
  /** Where the native menu has it; a new `group` begins with a line. */
  readonly menu?: { readonly title: MenuModel[number]['title']; readonly group: number };
  /** Whether it can be done now; always, where it is left out. */
  readonly enabled?: () => boolean;
  /** Left out of the palette. */
  readonly hidden?: boolean;
  readonly run: () => void;
}

/** A command as it is listed, also while the screen it belongs to is not in front. */
export type ListedCommand = Omit<Command, 'run' | 'enabled'> & {
  /** The screen it acts on; none where it works everywhere. */
  readonly where?: string;
};

interface CommandStore {
  readonly commands: ReadonlyMap<string, Command>;
  /** What screens can do while they are in front. */
  readonly ofScreens: ReadonlyMap<string, ListedCommand>;
}

/** Every command there is now, and those that screens bring along. */
export const useCommandStore = create<CommandStore>()(() => ({ commands: new Map(), ofScreens: new Map() }));

/** Lists what a screen can do before there is one, so that keys can be changed. */
export function listScreenCommands(where: string, commands: readonly ListedCommand[]): void {
  useCommandStore.setState(({ ofScreens }) => ({
    ofScreens: new Map([...ofScreens, ...commands.map((command) => [command.id, { ...command, where }] as const)]),
  }));
}

/** Adds commands until the function it gives is called; one of the same id is replaced. */
export function registerCommands(commands: readonly Command[]): () => void {
  const next = new Map(useCommandStore.getState().commands);
  for (const command of commands) {
    next.delete(command.id);
    next.set(command.id, command);
  }
  useCommandStore.setState({ commands: next });
  return () => {
    const rest = new Map(useCommandStore.getState().commands);
    for (const command of commands) if (rest.get(command.id) === command) rest.delete(command.id);
    useCommandStore.setState({ commands: rest });
  };
}

/** Adds commands while a component is mounted and `active`; keep the list stable with useMemo. */
export function useCommands(commands: readonly Command[], active = true): void {
  useEffect(() => (active ? registerCommands(commands) : undefined), [commands, active]);
}

/** Adds the listed commands of a screen, each with what it does; keep `runs` stable with useMemo. */
export function useScreenCommands<Id extends string>(
  listed: readonly (ListedCommand & { readonly id: Id })[],
  runs: Readonly<Record<Id, () => void>>,
  active: boolean,
): void {
  const commands = useMemo(() => listed.map((command) => ({ ...command, run: runs[command.id] })), [listed, runs]);
  useCommands(commands, active);
}

/** Runs a command; one that is unknown or cannot run now is passed over. */
export function runCommand(id: string): void {
  const command = useCommandStore.getState().commands.get(id);
  if (command !== undefined && command.enabled?.() !== false) command.run();
}

/** The key a command listens to: the person's, else its own. */
export function keyOfCommand(command: ListedCommand): string | null {
  const own = useShell.getState().settings?.keys[command.id];
  const key = own ?? command.key ?? '';
  return key === '' ? null : normalKey(key);
}

/** Whether a command listens to a key. */
export const listensTo = (command: ListedCommand, key: string): boolean =>
  keyOfCommand(command) === key || (command.alsoKeys ?? []).some((other) => normalKey(other) === key);

/** The command a key stands for now; the last one registered wins. */
export function commandForKey(key: string): Command | undefined {
  let found: Command | undefined;
  for (const command of useCommandStore.getState().commands.values())
    if (listensTo(command, key) && command.enabled?.() !== false) found = command;
  return found;
}

/** The native menu, as the commands ask for it. */
export function menuModel(): MenuModel {
  const titles = ['File', 'View', 'Go', 'Session', 'Help'] as const;
  const all = [...useCommandStore.getState().commands.values()];
  return titles.map((title) => {
    const own = all.filter(({ menu }) => menu?.title === title);
    const sorted = [...own].sort((a, b) => (a.menu?.group ?? 0) - (b.menu?.group ?? 0));
    const items = sorted.map((command, index) => ({
      command: command.id,
      title: command.title,
      key: keyOfCommand(command),
      divided: index > 0 && sorted[index - 1]?.menu?.group !== command.menu?.group,
    }));
    return { title, items };
  });
}
