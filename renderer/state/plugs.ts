import type { ComponentType } from 'react';
import { create } from 'zustand';
import type { TabPlace } from '../../electron/contract/layout.ts';

/** What a tab needs to show what it shows; values are text, so that they can be kept. */
export type TabParams = TabPlace['params'];

/** What a screen, an icon or a title is given. */
export interface TabProps {
  readonly id: string;
  readonly params: TabParams;
  /** Whether the tab is in front; one behind it should rest. */
  readonly active: boolean;
}

type Icon = ComponentType<{ readonly size?: number }>;

/** A kind of tab: what it is called, and what it shows. */
export interface TabKind {
  readonly kind: string;
  readonly icon: Icon;
  readonly title: (params: TabParams) => string;
  readonly Screen: ComponentType<TabProps>;
  /** Kept in the list of recent places. */
  readonly recent?: boolean;
}

/** An icon of the activity bar: it brings up a sidebar, or a tab, or both. */
export interface Area {
  readonly id: string;
  readonly label: string;
  readonly icon: Icon;
  /** Areas stand in this order; from 100 on they stand at the bottom. */
  readonly order: number;
  readonly Sidebar?: ComponentType;
  readonly tab?: TabPlace;
}

/** A tab of the panel below. */
export interface BottomPanel {
  readonly id: string;
  readonly title: string;
  readonly order: number;
  readonly Content: ComponentType;
  /** A number beside the title, such as how many run. */
  readonly useCount?: () => number;
}

/** A piece of the status bar that is there always. */
export interface StatusItem {
  readonly id: string;
  readonly side: 'left' | 'right';
  readonly order: number;
  readonly Item: ComponentType;
}

/** Something quick open can jump to. */
export interface QuickItem {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly run: () => void;
}

interface Plugs {
  readonly tabKinds: ReadonlyMap<string, TabKind>;
  readonly areas: readonly Area[];
  readonly panels: readonly BottomPanel[];
  readonly statusItems: readonly StatusItem[];
  readonly quickSources: readonly (() => readonly QuickItem[])[];
}

/** What the features have put into the frame. */
export const usePlugs = create<Plugs>()(() => ({
  tabKinds: new Map(),
  areas: [],
  panels: [],
  statusItems: [],
  quickSources: [],
}));

const byOrder = <T extends { readonly id: string; readonly order: number }>(list: readonly T[], item: T): T[] =>
  [...list.filter(({ id }) => id !== item.id), item].sort((a, b) => a.order - b.order);

/** Makes a kind of tab known; `openTab` can then open it. */
export function registerTabKind(kind: TabKind): void {
  usePlugs.setState(({ tabKinds }) => ({ tabKinds: new Map(tabKinds).set(kind.kind, kind) }));
}

export function registerArea(area: Area): void {
  usePlugs.setState(({ areas }) => ({ areas: byOrder(areas, area) }));
}

export function registerPanel(panel: BottomPanel): void {
  usePlugs.setState(({ panels }) => ({ panels: byOrder(panels, panel) }));
}

export function registerStatusItem(item: StatusItem): void {
  usePlugs.setState(({ statusItems }) => ({ statusItems: byOrder(statusItems, item) }));
}

/** Adds places to quick open; asked each time it opens. */
export function registerQuickSource(source: () => readonly QuickItem[]): void {
  usePlugs.setState(({ quickSources }) => ({ quickSources: [...quickSources, source] }));
}
