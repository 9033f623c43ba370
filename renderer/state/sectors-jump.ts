import { create } from 'zustand';
import { tabId, openTab } from './shell-store.ts';
import type { TabParams } from './plugs.ts';

/** Blocks that a sector view is to show. */
export interface Jump {
  readonly lba: bigint;
  readonly blocks: bigint;
}

interface Jumps {
  readonly jumps: ReadonlyMap<string, Jump>;
}

/** Jumps that no sector view has taken yet, by its tab. */
export const useJumps = create<Jumps>()(() => ({ jumps: new Map() }));

const KIND = 'sectors';

/** Opens the sectors of a LUN at some blocks; the parameters are those of its LUN tab. */
export function showSectors(params: TabParams, jump: Jump): void {
  useJumps.setState(({ jumps }) => ({ jumps: new Map(jumps).set(tabId(KIND, params), jump) }));
  openTab(KIND, params);
}

/** Takes the jump meant for a tab, if there is one. */
export function takeJump(params: TabParams): Jump | null {
  const id = tabId(KIND, params);
  const { jumps } = useJumps.getState();
  const jump = jumps.get(id);
  if (jump === undefined) return null;
  const rest = new Map(jumps);
  rest.delete(id);
  useJumps.setState({ jumps: rest });
  return jump;
}
