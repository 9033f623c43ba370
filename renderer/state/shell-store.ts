import { create } from 'zustand';
import type { Layout, TabPlace } from '../../electron/contract/layout.ts';
import type { AppInfo } from '../../electron/contract/requests.ts';
import type { Settings, SettingsPatch } from '../../electron/contract/settings.ts';
import { request } from '../lib/client.ts';
import { usePlugs, type TabParams } from './plugs.ts';

/** An open tab; the same place is open once. */
export interface Tab extends TabPlace {
  readonly id: string;
}

/** A part of the window that can be put away. */
export type Part = keyof Layout['visible'];

interface ShellState {
  readonly info: AppInfo | null;
  readonly settings: Settings | null;
  readonly tabs: readonly Tab[];
  /** The id of the tab in front. */
  readonly active: string;
  /** Ids, the one last in front first. */
  readonly order: readonly string[];
  /** Closed tabs with where they stood, the last one first. */
  readonly closed: readonly { readonly tab: Tab; readonly at: number }[];
  readonly area: string;
  readonly panel: string;
  readonly visible: Layout['visible'];
  readonly sizes: Layout['sizes'];
  readonly recent: Layout['recent'];
  readonly expanded: ReadonlySet<string>;
  readonly grouping: Layout['grouping'];
  /** How sectors were laid out last. */
  readonly rows: Layout['rows'];
  readonly load: () => Promise<void>;
  readonly changeSettings: (patch: SettingsPatch) => Promise<void>;
}

const START: Tab = { id: 'start', kind: 'start', params: {} };
const MOST_CLOSED = 30;
const MOST_RECENT = 20;
const WRITE_AFTER_MS = 400;

/** The id of a place: the same for the same kind and parameters. */
export function tabId(kind: string, params: TabParams): string {
  const words = Object.keys(params)
    .sort()
    .map((name) => `${name}=${params[name] ?? ''}`);
  return [kind, ...words].join(' ');
}

/** What the frame of the window shows: its tabs, its parts, the settings, the facts about the program. */
export const useShell = create<ShellState>()((set, get) => ({
  info: null,
  settings: null,
  tabs: [START],
  active: START.id,
  order: [START.id],
  closed: [],
  area: 'explorer',
  panel: 'jobs',
  visible: { sidebar: true, inspector: false, panel: false },
  sizes: {},
  recent: [],
  expanded: new Set(),
  grouping: 'portal',
  rows: { columns: 16, group: 1, endian: 'little', encoding: 'ascii', addresses: false },
  load: async () => {
    const [info, settings, layout] = await Promise.all([
      request('app.info', undefined),
      request('settings.read', undefined),
      request('layout.read', undefined),
    ]);
    if (layout.ok) restore(layout.value);
    if (settings.ok) set({ settings: settings.value });
    if (info.ok) {
      if (info.value.opening === 'demo') openTab('demo');
      set({ info: info.value });
    }
  },
  changeSettings: async (patch) => {
    const before = get().settings;
    if (before !== null) set({ settings: { ...before, ...patch } as Settings });
    const answer = await request('settings.write', patch);
    if (answer.ok) set({ settings: answer.value });
  },
}));

function restore(layout: Layout): void {
  const { tabKinds } = usePlugs.getState();
  const known = layout.tabs.filter(({ kind }) => tabKinds.has(kind));
  const tabs = known.map(({ kind, params }) => ({ id: tabId(kind, params), kind, params }));
  const open = tabs.length === 0 ? [START] : tabs;
  const front = layout.tabs[layout.active];
  const wanted = front === undefined ? undefined : open.find(({ id }) => id === tabId(front.kind, front.params));
  const active = (wanted ?? open[0] ?? START).id;
  const { area, panel, visible, sizes, recent, expanded, grouping, rows } = layout;
  useShell.setState({
    tabs: open,
    active,
    order: [active],
    area,
    panel,
    visible,
    sizes,
    recent,
    grouping,
    rows,
    expanded: new Set(expanded),
  });
}

let writing: ReturnType<typeof setTimeout> | null = null;

/** Keeps the layout a moment after its last change. */
export function keepLayout(): () => void {
  return useShell.subscribe((now, before) => {
    const same = (
      ['tabs', 'active', 'area', 'panel', 'visible', 'sizes', 'recent', 'expanded', 'grouping', 'rows'] as const
    ).every((name) => now[name] === before[name]);
    if (same || now.info === null) return;
    if (writing !== null) clearTimeout(writing);
    writing = setTimeout(() => {
      writing = null;
      const { tabs, active, area, panel, visible, sizes, recent, expanded, grouping, rows } = useShell.getState();
      const index = Math.max(
        0,
        tabs.findIndex(({ id }) => id === active),
      );
      const places = tabs.map(({ kind, params }) => ({ kind, params }));
      void request('layout.write', {
        tabs: places,
        active: index,
        area,
        panel,
        visible,
        sizes,
        recent: [...recent],
        expanded: [...expanded],
        grouping,
        rows,
      });
    }, WRITE_AFTER_MS);
  });
}

/** Opens a place in a tab, or brings the tab that shows it to the front. */
export function openTab(kind: string, params: TabParams = {}): void {
  const id = tabId(kind, params);
  const found = usePlugs.getState().tabKinds.get(kind);
  if (found === undefined) return;
  useShell.setState(({ tabs, order, recent }) => ({
    tabs: tabs.some((tab) => tab.id === id) ? tabs : [...tabs, { id, kind, params }],
    active: id,
    order: [id, ...order.filter((other) => other !== id)],
    recent:
      found.recent === true
        ? [
            { kind, params, title: found.title(params) },
            ...recent.filter((one) => tabId(one.kind, one.params) !== id),
          ].slice(0, MOST_RECENT)
        : recent,
  }));
}

/** Brings a tab to the front. */
export function showTab(id: string): void {
  useShell.setState(({ order }) => ({ active: id, order: [id, ...order.filter((other) => other !== id)] }));
}

/** Closes a tab; the one last looked at comes to the front, and the start screen where none is left. */
export function closeTab(id: string): void {
  useShell.setState((state) => {
    const tab = state.tabs.find((one) => one.id === id);
    if (tab === undefined) return {};
    const rest = state.tabs.filter((one) => one !== tab);
    const tabs = rest.length === 0 ? [START] : rest;
    const order = state.order.filter((other) => other !== id && tabs.some((one) => one.id === other));
    const next = order[0] ?? tabs[Math.min(state.tabs.indexOf(tab), tabs.length - 1)]?.id ?? START.id;
    return {
      tabs,
      order,
      active: state.active === id ? next : state.active,
      closed: [{ tab, at: state.tabs.indexOf(tab) }, ...state.closed.filter((one) => one.tab.id !== id)].slice(
        0,
        MOST_CLOSED,
      ),
    };
  });
}

/** Opens the tab that was closed last, where it stood. */
export function reopenTab(): void {
  const [last, ...rest] = useShell.getState().closed;
  if (last === undefined) return;
  const { tab, at } = last;
  useShell.setState(({ tabs }) => ({
    closed: rest,
    tabs: tabs.some(({ id }) => id === tab.id) ? tabs : [...tabs.slice(0, at), tab, ...tabs.slice(at)],
  }));
  openTab(tab.kind, tab.params);
}

/** Shows a part of the window, or puts it away. */
export function togglePart(part: Part, wanted?: boolean): void {
  useShell.setState(({ visible }) => ({ visible: { ...visible, [part]: wanted ?? !visible[part] } }));
}

/** Brings up a tab of the panel below. */
export function showPanel(id: string): void {
  useShell.setState(({ visible }) => ({ panel: id, visible: { ...visible, panel: true } }));
}
