import { create } from 'zustand';
import type { ExplorerState, PortalEntry, SignInProfile } from '../../electron/contract/explorer.ts';
import type { SessionEntry } from '../../electron/contract/sessions.ts';
import { request, subscribe } from '../lib/client.ts';
import { formatPortal } from '../lib/format.ts';
import type { TabParams } from './plugs.ts';

interface ExplorerStore {
  readonly explorer: ExplorerState;
  readonly sessions: readonly SessionEntry[];
  /** Whether the main process has told of both. */
  readonly known: boolean;
}

/** Portals and sessions as the main process tells of them. */
export const useExplorer = create<ExplorerStore>()(() => ({
  explorer: { portals: [], profiles: [], paths: [], initiatorName: '', secretStore: false },
  sessions: [],
  known: false,
}));

/** Follows both; gives the function that ends it. */
export function watchExplorer(): () => void {
  const explorer = subscribe('explorer.state', undefined, {
    onItems: (items) => {
      const last = items.at(-1);
      if (last !== undefined) useExplorer.setState({ explorer: last, known: true });
    },
    onEnd: () => undefined,
  });
  const sessions = subscribe('sessions.state', undefined, {
    onItems: (items) => {
      const last = items.at(-1);
      if (last !== undefined) useExplorer.setState({ sessions: last });
    },
    onEnd: () => undefined,
  });
  return () => {
    explorer();
    sessions();
  };
}

/** A target over one portal, as tabs name it. */
export interface TargetPlace {
  readonly host: string;
  readonly port: number;
  readonly target: string;
}

/** The parameters of a target's tab. */
export const targetParams = ({ host, port, target }: TargetPlace): TabParams => ({ host, port: String(port), target });

/** The parameters of a LUN's tab. */
export const lunParams = (place: TargetPlace, lun: string): TabParams => ({ ...targetParams(place), lun });

/** What the parameters of a tab stand for. */
export function placeOf(params: TabParams): TargetPlace {
  return { host: params['host'] ?? '', port: Number(params['port']), target: params['target'] ?? '' };
}

/** Whether a session leads to a place. */
export const leadsTo = (session: SessionEntry, { host, port, target }: TargetPlace): boolean =>
  session.target === target && session.host === host && session.port === port;

/** Whether a session went down without anybody having ended it. */
export const isLost = ({ state, error }: SessionEntry): boolean =>
  state === 'recovering' || (state === 'closed' && error !== null);

/** Ends a session that is not up, at once and without a word to the target, and takes it off the list. */
export const dropSession = ({ id }: SessionEntry): void => void request('sessions.drop', { id });

/** The session that serves a place now: one that is up, else one that is coming back, else the last. */
export function sessionFor(sessions: readonly SessionEntry[], place: TargetPlace): SessionEntry | null {
  const own = sessions.filter((session) => leadsTo(session, place));
  return own.find(({ state }) => state === 'full') ?? own.find(({ state }) => state !== 'closed') ?? own.at(-1) ?? null;
}

/** What is kept of the sign-ins to a place. */
export function useProfile({ host, port, target }: TargetPlace): SignInProfile | null {
  const profiles = useExplorer((store) => store.explorer.profiles);
  return profiles.find((one) => one.host === host && one.port === port && one.target === target) ?? null;
}

/** What is known of a portal. */
export function usePortal(host: string, port: number): PortalEntry | null {
  const portals = useExplorer((store) => store.explorer.portals);
  return portals.find(({ id }) => id === formatPortal({ host, port })) ?? null;
}
